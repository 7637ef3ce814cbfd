#include "ui/settings-panel.h"

#include "engine/analysis.h"
#include "ui/devices.h"
#include "ui/setting-row.h"

#include <glib/gi18n.h>

#define N_ROWS 12

struct _LwSettingsPanel {
  GtkWidget parent;
  LwWorkbench *workbench;
  GtkWidget *scroller, *title, *book, *quick, *copy, *live_group;
  LwSettingRow *rows[N_ROWS];
  bool refreshing;
};

G_DEFINE_FINAL_TYPE (LwSettingsPanel, lw_settings_panel, GTK_TYPE_WIDGET)

static const LwSettingSpec specs[N_ROWS] = {
  { .field = "learning-rate",
    .title = N_ ("Learning rate"),
    .help = N_ ("Loss jumps or turns NaN: divide by 10. It hardly falls: multiply by 3."),
    .minimum = 1e-6,
    .maximum = 100,
    .step = 0,
    .live = true },
  { .field = "epochs",
    .title = N_ ("Epochs"),
    .help = N_ ("Passes over the training images."),
    .minimum = 1,
    .maximum = 10000,
    .step = 1 },
  { .field = "batch",
    .title = N_ ("Batch size"),
    .help = N_ ("Smaller batches make each step noisier, and batch norm statistics too."),
    .minimum = 1,
    .maximum = 65536,
    .step = 1 },
  { .field = "resize",
    .title = N_ ("Image size"),
    .help = N_ ("Images are scaled to this side; half the side is about a quarter of the work."),
    .minimum = 1,
    .maximum = 1024,
    .step = 1 },
  { .field = "limit-train",
    .title = N_ ("Training images"),
    .help = N_ ("The first so many of the set; 0 takes all."),
    .minimum = 0,
    .maximum = 10000000,
    .step = 1000 },
  { .field = "optimizer",
    .title = N_ ("Optimizer"),
    .help = N_ ("Plain stochastic gradient descent, as in the book, or Adam."),
    .choices = { "sgd", "adam" },
    .choice_titles = { "SGD", "Adam" } },
  { .field = "momentum",
    .title = N_ ("Momentum"),
    .help = N_ ("How much of the last step carries on; the book uses none, 0.9 is common."),
    .minimum = 0,
    .maximum = 0.999,
    .step = 0.1 },
  { .field = "weight-decay",
    .title = N_ ("Weight decay"),
    .help = N_ ("Pulls weights towards zero; raise it when test accuracy falls behind."),
    .minimum = 0,
    .maximum = 1,
    .step = 0.0001 },
  { .field = "schedule",
    .title = N_ ("Schedule"),
    .help = N_ ("How the learning rate changes over the epochs."),
    .choices = { "constant", "cosine", "step" },
    .choice_titles = { N_ ("Constant"), N_ ("Cosine"), N_ ("Step") } },
  { .field = "warmup-epochs",
    .title = N_ ("Warm-up epochs"),
    .help = N_ ("The rate rises from zero over these; helps where the first steps explode."),
    .minimum = 0,
    .maximum = 100,
    .step = 0.5 },
  { .field = "precision",
    .title = N_ ("Precision"),
    .help = N_ ("bfloat16 trains large networks faster, with 8 bits of precision instead of 24."),
    .choices = { "fp32", "bf16" },
    .choice_titles = { "float32", "bfloat16" } },
  { .field = "seed",
    .title = N_ ("Seed"),
    .help = N_ ("The same seed and device give the same run, bit for bit."),
    .minimum = 0,
    .maximum = 4294967295.0,
    .step = 1 },
};

static char *
field_value (const LwSettings *settings, const char *field)
{
  static const char *const schedules[] = { "constant", "cosine", "step" };
  double number = 0;

  if (g_str_equal (field, "optimizer"))
    return g_strdup (settings->optimizer == LW_OPTIMIZER_ADAM ? "adam" : "sgd");
  if (g_str_equal (field, "precision"))
    return g_strdup (settings->precision == LW_PRECISION_BF16 ? "bf16" : "fp32");
  if (g_str_equal (field, "schedule"))
    return g_strdup (schedules[settings->schedule]);
  if (g_str_equal (field, "learning-rate"))
    number = settings->learning_rate;
  else if (g_str_equal (field, "epochs"))
    number = settings->epochs;
  else if (g_str_equal (field, "batch"))
    number = settings->batch;
  else if (g_str_equal (field, "resize"))
    number = lw_options_input (settings->options).h;
  else if (g_str_equal (field, "limit-train"))
    number = settings->limit_train;
  else if (g_str_equal (field, "momentum"))
    number = settings->momentum;
  else if (g_str_equal (field, "weight-decay"))
    number = settings->weight_decay;
  else if (g_str_equal (field, "warmup-epochs"))
    number = settings->warmup_epochs;
  else if (g_str_equal (field, "seed"))
    number = (double)settings->seed;
  return g_strdup_printf ("%.6g", number);
}

/* Whether the device that trains has more than one precision. */
static bool
has_precisions (LwWorkbench *workbench)
{
  const LwBackend *backend = lw_first_backend (lw_workbench_backends (workbench));
  const LwDeviceOptions options = { .precision = LW_PRECISION_BF16 };

  return backend->variant != NULL && backend->variant (&options) != backend;
}

/* The set that a new run is trained on, by its name and size. */
static void
name_data (LwSettingsPanel *self)
{
  LwDataset *dataset = lw_workbench_dataset (self->workbench);
  g_autofree char *sentence = NULL;

  if (dataset != NULL && lw_workbench_run (self->workbench) == NULL) {
    g_autofree char *size = lw_format_exact (lw_dataset_size (dataset, LW_SPLIT_TRAIN));

    sentence =
        g_strdup_printf (_ ("How many of %s's %s; 0 takes all."), lw_dataset_name (dataset), size);
  }
  for (int i = 0; i < N_ROWS; i++)
    if (g_str_equal (specs[i].field, "limit-train"))
      lw_setting_row_set_help (self->rows[i], sentence);
}

static void
refresh (LwSettingsPanel *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);
  const LwSettings *settings = lw_workbench_settings (self->workbench);
  const bool live = run != NULL && lw_run_item_is_live (run);
  const bool quick = lw_workbench_is_quick (self->workbench);
  g_autoptr (LwSettings) standard =
      lw_settings_new (lw_options_new (lw_workbench_model (self->workbench)));

  if (quick && run == NULL)
    lw_settings_make_quick (standard);
  self->refreshing = true;
  gtk_label_set_text (GTK_LABEL (self->title),
                      run == NULL ? _ ("Settings") : _ ("Settings of this run"));
  gtk_widget_set_visible (self->copy, run != NULL && !live);
  gtk_widget_set_visible (gtk_widget_get_parent (self->book), run == NULL);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (quick ? self->quick : self->book), TRUE);
  for (int i = 0; i < N_ROWS; i++) {
    const char *list = run == NULL ? lw_workbench_list (self->workbench, specs[i].field) : NULL;
    g_autofree char *value =
        list != NULL ? g_strdup (list) : field_value (settings, specs[i].field);
    g_autofree char *usual = field_value (standard, specs[i].field);

    if (live && specs[i].live) {
      const double rate = lw_run_item_progress (run).learning_rate;

      if (rate > 0 && settings->schedule == LW_SCHEDULE_CONSTANT && settings->warmup_epochs == 0) {
        g_free (value);
        value = g_strdup_printf ("%.6g", rate);
      }
    }
    lw_setting_row_set_editable (self->rows[i], run == NULL || (live && specs[i].live));
    lw_setting_row_show (self->rows[i], value, usual);
    lw_setting_row_set_error (self->rows[i], NULL);
  }
  name_data (self);
  self->refreshing = false;
}

static void
row_edited (LwSettingRow *row, LwSettingsPanel *self)
{
  const LwSettingSpec *spec = lw_setting_row_spec (row);
  LwRunItem *run = lw_workbench_run (self->workbench);
  g_autofree char *value = lw_setting_row_value (row);
  g_autoptr (GError) error = NULL;

  if (self->refreshing)
    return;
  if (run != NULL) {
    if (spec->live && lw_run_item_is_live (run))
      lw_trainer_set_learning_rate (lw_run_item_trainer (run), g_ascii_strtod (value, NULL));
    return;
  }
  self->refreshing = true; /* the row that is being edited keeps its text */
  lw_workbench_set (self->workbench, spec->field, value, &error);
  self->refreshing = false;
  lw_setting_row_set_error (row, error != NULL ? error->message : NULL);
}

static void
draft_changed (LwSettingsPanel *self)
{
  if (!self->refreshing)
    refresh (self);
}

static void
preset_chosen (GtkToggleButton *button, LwSettingsPanel *self)
{
  if (self->refreshing || !gtk_toggle_button_get_active (button))
    return;
  if (GTK_WIDGET (button) == self->quick)
    lw_workbench_use_quick (self->workbench);
  else
    lw_workbench_use_book (self->workbench);
  refresh (self);
}

static void
copy_settings (LwSettingsPanel *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);

  if (run != NULL)
    lw_workbench_use_settings (self->workbench, lw_run_item_settings (run));
}

static GtkWidget *
make_group (LwSettingsPanel *self, GtkWidget *column, const char *heading, bool live)
{
  GtkWidget *label = gtk_label_new (heading), *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_widget_add_css_class (label, "lw-heading");
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (card, "lw-card");
  for (int i = 0; i < N_ROWS; i++) {
    if (specs[i].live != live)
      continue;
    self->rows[i] = LW_SETTING_ROW (lw_setting_row_new (&specs[i]));
    if (g_str_equal (specs[i].field, "precision"))
      gtk_widget_set_visible (GTK_WIDGET (self->rows[i]), has_precisions (self->workbench));
    g_signal_connect (self->rows[i], "edited", G_CALLBACK (row_edited), self);
    gtk_box_append (GTK_BOX (card), GTK_WIDGET (self->rows[i]));
  }
  gtk_box_append (GTK_BOX (column), label);
  gtk_box_append (GTK_BOX (column), card);
  return label;
}

static GtkWidget *
make_head (LwSettingsPanel *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *presets = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  self->title = gtk_label_new (_ ("Settings"));
  gtk_widget_add_css_class (self->title, "lw-strong");
  gtk_label_set_xalign (GTK_LABEL (self->title), 0);
  gtk_widget_set_hexpand (self->title, TRUE);
  self->book = gtk_toggle_button_new_with_label (_ ("Book"));
  self->quick = gtk_toggle_button_new_with_label (_ ("Quick"));
  gtk_widget_set_tooltip_text (self->book, _ ("The book's own settings"));
  gtk_widget_set_tooltip_text (self->quick,
                               _ ("A smaller task that ends in about a minute on this computer"));
  gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (self->quick), GTK_TOGGLE_BUTTON (self->book));
  gtk_widget_add_css_class (presets, "linked");
  gtk_box_append (GTK_BOX (presets), self->book);
  gtk_box_append (GTK_BOX (presets), self->quick);
  g_signal_connect (self->book, "toggled", G_CALLBACK (preset_chosen), self);
  g_signal_connect (self->quick, "toggled", G_CALLBACK (preset_chosen), self);
  self->copy = gtk_button_new_with_label (_ ("Copy"));
  gtk_widget_set_tooltip_text (self->copy, _ ("Start a new run from these settings"));
  g_signal_connect_swapped (self->copy, "clicked", G_CALLBACK (copy_settings), self);
  gtk_box_append (GTK_BOX (head), self->title);
  gtk_box_append (GTK_BOX (head), presets);
  gtk_box_append (GTK_BOX (head), self->copy);
  return head;
}

GtkWidget *
lw_settings_panel_new (LwWorkbench *workbench)
{
  LwSettingsPanel *self = g_object_new (LW_TYPE_SETTINGS_PANEL, NULL);
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);

  self->workbench = workbench;
  self->scroller = gtk_scrolled_window_new ();
  gtk_widget_set_focusable (self->scroller, FALSE); /* it follows what has the focus */
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_widget_set_margin_start (column, 14);
  gtk_widget_set_margin_end (column, 14);
  gtk_widget_set_margin_top (column, 12);
  gtk_widget_set_margin_bottom (column, 14);
  gtk_box_append (GTK_BOX (column), make_head (self));
  self->live_group = make_group (self, column, _ ("Can be changed while training"), true);
  make_group (self, column, _ ("Fixed while training"), false);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), column);
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
  g_signal_connect_object (workbench, "selection-changed", G_CALLBACK (draft_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "draft-changed", G_CALLBACK (draft_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "run-ended", G_CALLBACK (draft_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "dataset-changed", G_CALLBACK (name_data), self,
                           G_CONNECT_SWAPPED);
  refresh (self);
  return GTK_WIDGET (self);
}

static void
lw_settings_panel_dispose (GObject *object)
{
  g_clear_pointer (&LW_SETTINGS_PANEL (object)->scroller, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_settings_panel_parent_class)->dispose (object);
}

static void
lw_settings_panel_class_init (LwSettingsPanelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_settings_panel_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_settings_panel_init (LwSettingsPanel *self)
{
  (void)self;
}
