#include "ui/settings-panel.h"

#include "engine/analysis.h"
#include "ui/accessible.h"
#include "ui/device-choices.h"
#include "ui/first-weights.h"
#include "ui/schedule-view.h"

#include <glib/gi18n.h>

#define LIVE_DELAY_MS 250 /* what is typed or stepped through within it is one change */

struct _LwSettingsPanel {
  GtkWidget parent;
  LwWorkbench *workbench;
  GtkWidget *scroller, *title, *book, *quick, *copy, *more;
  LwSettingRow *rows[LW_N_SETTINGS];
  LwFirstWeights *first_weights;
  LwDeviceChoices devices;
  bool refreshing;
  LwRunItem *changing; /* whose settings are about to change */
  guint change_id;
  uint64_t changed; /* bit i: row i */
};

G_DEFINE_FINAL_TYPE (LwSettingsPanel, lw_settings_panel, GTK_TYPE_WIDGET)

static LwSettingRow *
find_row (LwSettingsPanel *self, const char *field)
{
  for (int i = 0; i < LW_N_SETTINGS; i++)
    if (g_str_equal (lw_setting_specs[i].field, field))
      return self->rows[i];
  return NULL;
}

/* The set that a new run is trained on, by its name and size. */
static void
name_data (LwSettingsPanel *self)
{
  LwDataset *dataset = lw_workbench_dataset (self->workbench);
  g_autofree char *sentence = NULL;

  if (dataset != NULL && lw_workbench_run (self->workbench) == NULL) {
    g_autofree char *size = lw_format_exact (lw_dataset_size (dataset, LW_SPLIT_TRAIN));

    sentence = g_strdup_printf (_ ("How many of %s's %s; 0 takes all. Too slow: fewer."),
                                lw_dataset_name (dataset), size);
  }
  lw_setting_row_set_help (find_row (self, "limit-train"), sentence);
}

/* Of a run: what it began with and what it has now. */
static void
show_live (LwSettingsPanel *self, int i, LwRunItem *run, const char *begun)
{
  const LwTrainer *trainer = lw_run_item_is_live (run) ? lw_run_item_trainer (run) : NULL;
  LwLiveSetting setting = LW_LIVE_LEARNING_RATE;
  g_autofree char *value = NULL, *sentence = NULL;
  double number;

  lw_live_find (lw_setting_specs[i].field, &setting);
  number = trainer != NULL ? lw_trainer_live (trainer, setting) : lw_run_item_live (run, setting);
  value = lw_live_text (setting, number, 15);
  lw_setting_row_show (self->rows[i], value, begun);
  if (lw_setting_row_is_edited (self->rows[i]))
    sentence = g_strdup_printf (_ ("Changed while it trained; it began with %s."), begun);
  lw_setting_row_set_help (self->rows[i], sentence);
}

/* What cannot be together is said at the field that is to be put right. */
static void
show_problem (LwSettingsPanel *self)
{
  const char *field = NULL, *sentence;

  for (int i = 0; i < LW_N_SETTINGS; i++)
    lw_setting_row_set_error (self->rows[i], NULL);
  if (lw_workbench_run (self->workbench) != NULL) {
    lw_first_weights_check (self->first_weights);
    return;
  }
  sentence = lw_settings_problem (lw_workbench_settings (self->workbench), &field);
  if (sentence != NULL && find_row (self, field) != NULL)
    lw_setting_row_set_error (find_row (self, field), sentence);
  lw_first_weights_check (self->first_weights);
}

/* Which device is meant, or why it does not work here; and whether it has a choice of precisions.
 */
static void
show_device (LwSettingsPanel *self)
{
  const LwSettings *settings = lw_workbench_settings (self->workbench);
  LwSettingRow *row = find_row (self, "device"), *precision = find_row (self, "precision");
  g_autofree char *problem = NULL;
  g_autofree char *help = lw_device_choices_help (&self->devices, settings->device, &problem);

  lw_setting_row_set_help (row, help);
  if (lw_workbench_run (self->workbench) == NULL)
    lw_setting_row_set_error (row, problem);
  gtk_widget_set_visible (GTK_WIDGET (precision),
                          settings->precision != LW_PRECISION_FP32 ||
                              lw_device_choices_has_precisions (&self->devices, settings->device));
}

/* A square input is said by the image's size alone. */
static bool
is_square (const LwSettings *settings)
{
  const LwShape input = lw_options_input (settings->options);

  return input.h == input.w;
}

static void
count_more (LwSettingsPanel *self)
{
  g_autofree char *label = NULL;
  int n = 0;

  for (int i = 0; i < LW_N_SETTINGS; i++)
    n += lw_setting_specs[i].group == LW_SETTING_MORE && lw_setting_row_is_edited (self->rows[i]);
  label = n == 0 ? g_strdup (_ ("More settings"))
                 : g_strdup_printf (ngettext ("More settings (%d edited)",
                                              "More settings (%d edited)", (gulong)n),
                                    n);
  gtk_expander_set_label (GTK_EXPANDER (self->more), label);
  lw_name_widget (self->more, label);
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
  for (int i = 0; i < LW_N_SETTINGS; i++) {
    const LwSettingSpec *spec = &lw_setting_specs[i];
    const bool changeable = spec->group == LW_SETTING_LIVE;
    const char *list = run == NULL ? lw_workbench_list (self->workbench, spec->field) : NULL;
    g_autofree char *value =
        list != NULL ? g_strdup (list) : lw_settings_get (settings, spec->field);
    g_autofree char *usual = lw_settings_get (standard, spec->field);

    if (g_str_equal (spec->field, "input") && list == NULL && is_square (settings)) {
      g_free (usual);
      usual = g_strdup (value);
    }
    lw_setting_row_set_editable (self->rows[i], run == NULL || (live && changeable));
    if (run != NULL && changeable) {
      show_live (self, i, run, value);
    } else {
      lw_setting_row_show (self->rows[i], value, usual);
      lw_setting_row_set_help (self->rows[i], NULL);
    }
  }
  show_problem (self);
  show_device (self);
  name_data (self);
  count_more (self);
  self->refreshing = false;
}

/* --- changes while it trains -------------------------------------------------------------------
 */

static gboolean
change_live (gpointer data)
{
  LwSettingsPanel *self = data;
  g_autoptr (LwRunItem) run = g_steal_pointer (&self->changing);

  self->change_id = 0;
  for (int i = 0; i < LW_N_SETTINGS && lw_run_item_is_live (run); i++) {
    g_autofree char *value = lw_setting_row_value (self->rows[i]);
    g_autoptr (GError) error = NULL;
    LwLiveSetting setting;
    double number;

    if ((self->changed & UINT64_C (1) << i) != 0 &&
        lw_live_find (lw_setting_specs[i].field, &setting) &&
        lw_live_parse (setting, value, &number) &&
        !lw_trainer_change (lw_run_item_trainer (run), setting, number, &error))
      lw_setting_row_set_error (self->rows[i], error->message);
  }
  self->changed = 0;
  return G_SOURCE_REMOVE;
}

/* The run that is shown is another now: what was typed belongs to the last. */
static void
finish_change (LwSettingsPanel *self)
{
  if (self->change_id == 0)
    return;
  g_clear_handle_id (&self->change_id, g_source_remove);
  change_live (self);
}

static void
want_change (LwSettingsPanel *self, LwSettingRow *row, LwRunItem *run)
{
  if (self->changing != run)
    finish_change (self);
  g_set_object (&self->changing, run);
  for (int i = 0; i < LW_N_SETTINGS; i++)
    if (self->rows[i] == row)
      self->changed |= UINT64_C (1) << i;
  lw_setting_row_set_error (row, NULL);
  g_clear_handle_id (&self->change_id, g_source_remove);
  self->change_id = g_timeout_add (LIVE_DELAY_MS, change_live, self);
}

/* A list of augmentations is a name for several settings: each shows what the others are. */
static void
show_augmentation (LwSettingsPanel *self, LwSettingRow *edited)
{
  static const char *const fields[] = { "augment",    "flip",       "crop-padding",
                                        "crop-area",  "brightness", "contrast",
                                        "saturation", "hue",        NULL };
  const LwSettings *settings = lw_workbench_settings (self->workbench);
  g_autoptr (LwSettings) standard =
      lw_settings_new (lw_options_new (lw_workbench_model (self->workbench)));

  if (!g_strv_contains (fields, lw_setting_row_spec (edited)->field))
    return;
  self->refreshing = true;
  for (guint i = 0; i + 1 < G_N_ELEMENTS (fields); i++) {
    LwSettingRow *row = find_row (self, fields[i]);
    const char *list = lw_workbench_list (self->workbench, fields[i]);
    g_autofree char *value = list != NULL ? g_strdup (list) : lw_settings_get (settings, fields[i]);
    g_autofree char *usual = lw_settings_get (standard, fields[i]);

    if (row != edited)
      lw_setting_row_show (row, value, usual);
  }
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
    if (spec->group == LW_SETTING_LIVE && lw_run_item_is_live (run))
      want_change (self, row, run);
    return;
  }
  self->refreshing = true; /* the row that is being edited keeps its text */
  lw_workbench_set (self->workbench, spec->field, value, &error);
  self->refreshing = false;
  if (spec->is_text && error == NULL)
    refresh (self); /* as it was understood: channels follow the data */
  show_augmentation (self, row);
  show_problem (self);
  show_device (self);
  if (error != NULL)
    lw_setting_row_set_error (row, error->message);
  count_more (self);
}

static void
draft_changed (LwSettingsPanel *self)
{
  if (self->refreshing)
    return;
  finish_change (self);
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
make_card (LwSettingsPanel *self, LwSettingGroup group)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_widget_add_css_class (card, "lw-card");
  for (int i = 0; i < LW_N_SETTINGS; i++) {
    const LwSettingSpec *spec = &lw_setting_specs[i];

    if (spec->group != group)
      continue;
    if (g_str_equal (spec->field, "device"))
      spec = &self->devices.device;
    else if (g_str_equal (spec->field, "precision"))
      spec = &self->devices.precision;
    self->rows[i] = LW_SETTING_ROW (lw_setting_row_new (spec));
    if (g_str_equal (spec->field, "init"))
      self->first_weights = lw_first_weights_new (self->workbench, self->rows[i]);
    if (g_str_equal (spec->field, "schedule"))
      lw_setting_row_add (self->rows[i], lw_schedule_button_new (self->workbench));
    g_signal_connect (self->rows[i], "edited", G_CALLBACK (row_edited), self);
    gtk_box_append (GTK_BOX (card), GTK_WIDGET (self->rows[i]));
  }
  return card;
}

static void
make_group (LwSettingsPanel *self, GtkWidget *column, const char *heading, LwSettingGroup group)
{
  GtkWidget *label = gtk_label_new (heading);

  gtk_widget_add_css_class (label, "lw-heading");
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_box_append (GTK_BOX (column), label);
  gtk_box_append (GTK_BOX (column), make_card (self, group));
}

/* Folded: what few people need. */
static GtkWidget *
make_more (LwSettingsPanel *self)
{
  GtkWidget *card = make_card (self, LW_SETTING_MORE);

  self->more = gtk_expander_new (_ ("More settings"));
  gtk_widget_set_margin_top (card, 8);
  gtk_expander_set_child (GTK_EXPANDER (self->more), card);
  return self->more;
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
  gtk_widget_set_tooltip_text (self->copy,
                               _ ("Start a new run from the settings that this one began with"));
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
  lw_device_choices_init (&self->devices, lw_workbench_backends (workbench));
  self->scroller = gtk_scrolled_window_new ();
  gtk_widget_set_focusable (self->scroller, FALSE); /* it follows what has the focus */
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_widget_set_margin_start (column, 14);
  gtk_widget_set_margin_end (column, 14);
  gtk_widget_set_margin_top (column, 12);
  gtk_widget_set_margin_bottom (column, 14);
  gtk_box_append (GTK_BOX (column), make_head (self));
  make_group (self, column, _ ("Can be changed while training"), LW_SETTING_LIVE);
  make_group (self, column, _ ("Fixed while training"), LW_SETTING_FIXED);
  gtk_box_append (GTK_BOX (column), make_more (self));
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
  LwSettingsPanel *self = LW_SETTINGS_PANEL (object);

  g_clear_handle_id (&self->change_id, g_source_remove);
  g_clear_object (&self->changing);
  g_clear_object (&self->first_weights);
  g_clear_pointer (&self->scroller, gtk_widget_unparent);
  lw_device_choices_clear (&self->devices);
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
