#include "ui/experiment-steps.h"

#include "ui/accessible.h"
#include "ui/experiment-list.h"

#include <glib/gi18n.h>

struct _LwExperimentSteps {
  GtkWidget parent;
  LwExperimentSet *set;
  const LwExperiment *experiment;
  LwExperimentSize size;
  GtkWidget *box, *cards[LW_EXPERIMENT_NEXT];
  GtkWidget *icons[LW_EXPERIMENT_NEXT], *titles[LW_EXPERIMENT_NEXT], *details[LW_EXPERIMENT_NEXT];
};

G_DEFINE_FINAL_TYPE (LwExperimentSteps, lw_experiment_steps, GTK_TYPE_WIDGET)

static guint open_signal;

/* --- doing --------------------------------------------------------------------------------------
 */

static LwRunItem *
run_of (LwExperimentSteps *self, const LwExperimentNext *next)
{
  return lw_experiment_set_run (self->set, self->experiment, self->size, next->run);
}

static void
train (LwExperimentSteps *self, const LwExperimentNext *next)
{
  LwWorkbench *workbench = lw_experiment_set_workbench (self->set);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwSettings) settings =
      lw_experiment_set_settings (self->set, self->experiment, self->size, next->run, &error);

  if (settings == NULL || !lw_experiment_change (settings, next->what, &error)) {
    g_signal_emit_by_name (workbench, "complained", error->message);
    return;
  }
  lw_workbench_use_settings (workbench, settings);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.page", "s", "train");
}

static void
show_run (LwExperimentSteps *self, const LwExperimentNext *next)
{
  static const char *const views[] = { [LW_NEXT_FEATURES] = "maps",
                                       [LW_NEXT_BATCH_NORM] = "bn",
                                       [LW_NEXT_DISTRIBUTIONS] = "distributions" };
  LwRunItem *run = run_of (self, next);

  if (run == NULL)
    return;
  lw_workbench_select_run (lw_experiment_set_workbench (self->set), run);
  if (next->kind == LW_NEXT_EXPLORE)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.page", "s", "explore");
  else
    gtk_widget_activate_action (GTK_WIDGET (self), "win.inspect", "s", views[next->kind]);
}

static void
clicked (GtkWidget *card, LwExperimentSteps *self)
{
  for (int i = 0; i < LW_EXPERIMENT_NEXT; i++) {
    const LwExperimentNext *next = &self->experiment->next[i];

    if (card != self->cards[i])
      continue;
    if (next->kind == LW_NEXT_EXPERIMENT)
      g_signal_emit (self, open_signal, 0,
                     (int)(lw_experiment_by_name (next->what) - lw_experiment (0)));
    else if (next->kind == LW_NEXT_TRAIN)
      train (self, next);
    else
      show_run (self, next);
    return;
  }
}

/* --- showing ------------------------------------------------------------------------------------
 */

static char *
detail_of (LwExperimentSteps *self, const LwExperimentNext *next)
{
  const LwExperiment *other;
  g_autofree char *time = NULL;

  if (next->kind != LW_NEXT_EXPERIMENT)
    return g_strdup (_ (next->detail));
  other = lw_experiment_by_name (next->what);
  if (lw_experiment_set_progress (self->set, other, self->size).state == LW_EXPERIMENT_DONE)
    return g_strdup (_ ("next experiment, finished"));
  time = lw_about_duration (lw_experiment_seconds (other, self->size));
  return g_strdup_printf (_ ("next experiment, %s"), time);
}

void
lw_experiment_steps_show (LwExperimentSteps *self, const LwExperiment *experiment,
                          LwExperimentSize size)
{
  static const char *const icons[] = {
    [LW_NEXT_EXPERIMENT] = "lw-compare-symbolic",    [LW_NEXT_FEATURES] = "lw-inspect-symbolic",
    [LW_NEXT_BATCH_NORM] = "lw-inspect-symbolic",    [LW_NEXT_TRAIN] = "lw-train-symbolic",
    [LW_NEXT_DISTRIBUTIONS] = "lw-inspect-symbolic", [LW_NEXT_EXPLORE] = "lw-explore-symbolic",
  };

  self->experiment = experiment;
  self->size = size;
  for (int i = 0; i < LW_EXPERIMENT_NEXT; i++) {
    const LwExperimentNext *next = &experiment->next[i];
    const char *title = next->kind == LW_NEXT_EXPERIMENT
                            ? lw_experiment_by_name (next->what)->question
                            : next->title;
    g_autofree char *detail = detail_of (self, next);

    gtk_image_set_from_icon_name (GTK_IMAGE (self->icons[i]), icons[next->kind]);
    gtk_label_set_text (GTK_LABEL (self->titles[i]), _ (title));
    gtk_label_set_text (GTK_LABEL (self->details[i]), detail);
    lw_name_widget (self->cards[i], _ (title));
    gtk_widget_set_tooltip_text (self->cards[i], _ (title));
    gtk_widget_set_sensitive (self->cards[i], next->kind == LW_NEXT_EXPERIMENT ||
                                                  next->kind == LW_NEXT_TRAIN ||
                                                  run_of (self, next) != NULL);
  }
}

void
lw_experiment_steps_set_narrow (LwExperimentSteps *self, bool narrow)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->box),
                                  narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
}

/* --- set-up -------------------------------------------------------------------------------------
 */

static GtkWidget *
make_card (LwExperimentSteps *self, int i)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->cards[i] = gtk_button_new ();
  self->icons[i] = gtk_image_new ();
  self->titles[i] = gtk_label_new (NULL);
  self->details[i] = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->icons[i], "lw-accent-text");
  gtk_widget_add_css_class (self->titles[i], "lw-experiment-step-title");
  gtk_widget_add_css_class (self->details[i], "lw-small");
  for (int k = 0; k < 2; k++) {
    GtkWidget *label = k == 0 ? self->titles[i] : self->details[i];

    gtk_label_set_xalign (GTK_LABEL (label), 0);
    gtk_label_set_wrap (GTK_LABEL (label), TRUE);
    gtk_label_set_width_chars (GTK_LABEL (label), 12); /* or its lines would be counted too wide */
    gtk_label_set_max_width_chars (GTK_LABEL (label), 24);
    gtk_box_append (GTK_BOX (words), label);
  }
  gtk_widget_set_hexpand (words, TRUE);
  gtk_widget_set_valign (words, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), self->icons[i]);
  gtk_box_append (GTK_BOX (box), words);
  gtk_button_set_child (GTK_BUTTON (self->cards[i]), box);
  gtk_widget_add_css_class (self->cards[i], "lw-experiment-step");
  g_signal_connect (self->cards[i], "clicked", G_CALLBACK (clicked), self);
  return self->cards[i];
}

GtkWidget *
lw_experiment_steps_new (LwExperimentSet *set)
{
  LwExperimentSteps *self = g_object_new (LW_TYPE_EXPERIMENT_STEPS, NULL);

  self->set = set;
  return GTK_WIDGET (self);
}

static void
lw_experiment_steps_dispose (GObject *object)
{
  g_clear_pointer (&LW_EXPERIMENT_STEPS (object)->box, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_experiment_steps_parent_class)->dispose (object);
}

static void
lw_experiment_steps_class_init (LwExperimentStepsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_experiment_steps_dispose;
  open_signal = g_signal_new ("open", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                              NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_experiment_steps_init (LwExperimentSteps *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  gtk_box_set_homogeneous (GTK_BOX (self->box), TRUE);
  for (int i = 0; i < LW_EXPERIMENT_NEXT; i++)
    gtk_box_append (GTK_BOX (self->box), make_card (self, i));
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}
