#include "ui/bn-lessons.h"

#include "ui/accessible.h"
#include "ui/group-training.h"
#include "ui/run-queue.h"

#include <glib/gi18n.h>
#include <math.h>

/* Batches of 2 take a hundred times the steps. */
#define FEW_IMAGES 12000
#define FEW_EPOCHS 2

enum { WITHOUT, RATE, BATCH, N_LESSONS };

static const struct {
  const char *words, *hint;
} lessons[N_LESSONS] = {
  { N_ ("Train Without BN"),
    N_ ("The same network and settings without batch normalization, compared") },
  { N_ ("Lr 0.1 and 1.0"),
    N_ ("The same network at learning rates 0.1 and 1.0, compared: with batch normalization it "
        "bears the higher one") },
  { N_ ("Batch 2 Against 256"),
    N_ ("With 2 images a batch each mean and variance is a guess: two short trainings at the "
        "same rate, compared") },
};

struct _LwBnLessons {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  LwGroupTraining *training;
  GtkWidget *column, *buttons[N_LESSONS], *status;
};

G_DEFINE_FINAL_TYPE (LwBnLessons, lw_bn_lessons, GTK_TYPE_WIDGET)

/* --- one after the other ---------------------------------------------------------------------- */

static void
complain (LwBnLessons *self, const char *sentence)
{
  g_signal_emit_by_name (self->workbench, "complained", sentence);
}

static void
finished (LwBnLessons *self, gboolean all)
{
  if (all)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.compare-runs", NULL);
}

/* Takes the settings; NULL: that side is trained already. */
static void
begin (LwBnLessons *self, int lesson, LwSettings *first, LwSettings *second)
{
  LwSettings *const both[] = { first, second };
  g_autoptr (GPtrArray) runs = g_ptr_array_new_with_free_func ((GDestroyNotify)lw_sweep_run_free);
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 2; i++)
    if (both[i] != NULL) {
      LwSweepRun *run = g_new (LwSweepRun, 1);

      *run = (LwSweepRun){ both[i], g_strdup ("") };
      g_ptr_array_add (runs, run);
    }
  if (runs->len == 0)
    finished (self, true);
  else if (!lw_group_training_start (self->training, runs, _ (lessons[lesson].words), &error))
    complain (self, error->message);
}

/* --- the lessons ------------------------------------------------------------------------------ */

static bool
has_knob (const LwSettings *settings)
{
  const LwKnob *const *knobs = lw_options_model (settings->options)->knobs;

  for (int i = 0; knobs[i] != NULL; i++)
    if (g_str_equal (knobs[i]->name, "normalization"))
      return true;
  return false;
}

static bool
has_norm (const LwSettings *settings)
{
  return has_knob (settings) &&
         g_str_equal (lw_options_choice (settings->options, "normalization"), "batch");
}

static LwSettings *
with_norm (const LwSettings *settings, bool norm)
{
  LwSettings *copy = lw_settings_copy (settings);

  if (lw_options_set (copy->options, "normalization", norm ? "batch" : "none", NULL))
    return copy;
  lw_settings_free (copy);
  return NULL;
}

/* A run that has ended is one side of a lesson already. */
static bool
is_trained (LwBnLessons *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);

  return run != NULL && lw_run_item_state (run) == LW_RUN_FINISHED;
}

static void
teach_without (LwBnLessons *self)
{
  const LwSettings *settings = lw_workbench_settings (self->workbench);
  const bool norm = has_norm (settings);

  begin (self, WITHOUT, is_trained (self) ? NULL : lw_settings_copy (settings),
         with_norm (settings, !norm));
}

static bool
is_rate (const LwSettings *settings, double rate)
{
  return fabs (settings->learning_rate - rate) < 1e-9;
}

static LwSettings *
with_rate (const LwSettings *settings, double rate)
{
  LwSettings *copy = lw_settings_copy (settings);

  copy->learning_rate = rate;
  return copy;
}

static void
teach_rate (LwBnLessons *self)
{
  const LwSettings *settings = lw_workbench_settings (self->workbench);
  const bool trained = is_trained (self);

  begin (self, RATE, trained && is_rate (settings, 1.0) ? NULL : with_rate (settings, 1.0),
         trained && is_rate (settings, 0.1) ? NULL : with_rate (settings, 0.1));
}

static LwSettings *
with_batch (const LwSettings *settings, int32_t batch)
{
  LwSettings *copy = lw_settings_copy (settings);

  copy->batch = batch;
  copy->limit_train =
      settings->limit_train > 0 ? MIN (settings->limit_train, FEW_IMAGES) : FEW_IMAGES;
  copy->epochs = MIN (settings->epochs, FEW_EPOCHS);
  copy->steps = 0;
  copy->learning_rate =
      MIN (settings->learning_rate, 0.1); /* for batches of 2 the book's is too high */
  return copy;
}

static void
teach_batch (LwBnLessons *self)
{
  const LwSettings *settings = lw_workbench_settings (self->workbench);

  begin (self, BATCH, with_batch (settings, 256), with_batch (settings, 2));
}

static void
clicked (GtkWidget *button, LwBnLessons *self)
{
  static void (*const teach[N_LESSONS]) (LwBnLessons *) = { teach_without, teach_rate,
                                                            teach_batch };

  for (int i = 0; i < N_LESSONS; i++)
    if (button == self->buttons[i])
      teach[i](self);
}

/* --- with batch normalization ----------------------------------------------------------------- */

bool
lw_bn_lessons_can_train_with (LwBnLessons *self)
{
  return has_knob (lw_workbench_settings (self->workbench));
}

void
lw_bn_lessons_train_with (LwBnLessons *self)
{
  const LwSettings *settings = lw_workbench_settings (self->workbench);
  const LwModel *lenet_bn = lw_model_find ("lenet-bn", NULL);
  g_autoptr (LwSettings) copy = with_norm (settings, true);
  g_autoptr (GError) error = NULL;

  if (lw_workbench_run (self->workbench) == NULL && lenet_bn != NULL &&
      g_str_equal (lw_options_model (settings->options)->name, "lenet")) {
    g_clear_pointer (&copy, lw_settings_free);
    copy = lw_settings_new (lw_options_new (lenet_bn));
    g_free (copy->data);
    copy->data = g_strdup (settings->data);
    copy->epochs = settings->epochs;
    copy->limit_train = settings->limit_train;
    copy->limit_test = settings->limit_test;
  }
  if (copy == NULL)
    return;
  lw_workbench_use_settings (self->workbench, copy);
  if (lw_workbench_train (self->workbench, &error) == NULL)
    complain (self, error->message);
}

/* --- set-up ----------------------------------------------------------------------------------- */

static void
update (LwBnLessons *self)
{
  const LwSettings *settings = lw_workbench_settings (self->workbench);
  int n = 0;
  const int place = lw_group_training_place (self->training, &n);
  const bool free_now = lw_workbench_live_run (self->workbench) == NULL && place == 0;
  const bool slow = is_trained (self) && is_rate (settings, 0.1);
  const bool fast = is_trained (self) && is_rate (settings, 1.0);

  gtk_button_set_label (GTK_BUTTON (self->buttons[RATE]), slow   ? _ ("Try lr 1.0")
                                                          : fast ? _ ("Try lr 0.1")
                                                                 : _ ("Lr 0.1 and 1.0"));
  for (int i = 0; i < N_LESSONS; i++)
    gtk_widget_set_sensitive (self->buttons[i], free_now && (i != WITHOUT || has_knob (settings)));
  gtk_widget_set_visible (self->status, place > 0);
  if (place > 0) {
    g_autofree char *words =
        g_strdup_printf (_ ("Training %d of %d; then they are compared."), place, n);

    gtk_label_set_text (GTK_LABEL (self->status), words);
  }
}

static void
make_buttons (LwBnLessons *self)
{
  GtkWidget *grid = gtk_grid_new ();

  gtk_grid_set_column_spacing (GTK_GRID (grid), 8);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 6);
  gtk_grid_set_column_homogeneous (GTK_GRID (grid), TRUE);
  for (int i = 0; i < N_LESSONS; i++) {
    self->buttons[i] = gtk_button_new_with_label (_ (lessons[i].words));
    gtk_widget_set_tooltip_text (self->buttons[i], _ (lessons[i].hint));
    gtk_widget_set_hexpand (self->buttons[i], TRUE);
    gtk_widget_add_css_class (self->buttons[i], "lw-bn-lesson");
    g_signal_connect (self->buttons[i], "clicked", G_CALLBACK (clicked), self);
  }
  gtk_grid_attach (GTK_GRID (grid), self->buttons[WITHOUT], 0, 0, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), self->buttons[RATE], 1, 0, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), self->buttons[BATCH], 0, 1, 2, 1);
  gtk_box_append (GTK_BOX (self->column), grid);
}

GtkWidget *
lw_bn_lessons_new (LwWorkbench *workbench)
{
  static const char *const signals[] = { "selection-changed", "draft-changed", "run-started",
                                         "run-ended" };
  LwBnLessons *self = g_object_new (LW_TYPE_BN_LESSONS, NULL);

  self->workbench = workbench;
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
  make_buttons (self);
  self->status = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->status), 0);
  gtk_widget_add_css_class (self->status, "lw-caption");
  gtk_box_append (GTK_BOX (self->column), self->status);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_signal_connect_object (workbench, signals[i], G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  self->training = lw_group_training_new (workbench);
  g_signal_connect_object (self->training, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->training, "finished", G_CALLBACK (finished), self,
                           G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}

static void
lw_bn_lessons_dispose (GObject *object)
{
  LwBnLessons *self = LW_BN_LESSONS (object);

  g_clear_object (&self->training);
  g_clear_pointer (&self->column, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_bn_lessons_parent_class)->dispose (object);
}

static void
lw_bn_lessons_class_init (LwBnLessonsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_bn_lessons_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_bn_lessons_init (LwBnLessons *self)
{
  (void)self;
}
