#include "ui/experiment-page.h"

#include "ui/accessible.h"
#include "ui/experiment-charts.h"
#include "ui/experiment-export.h"
#include "ui/experiment-list.h"
#include "ui/experiment-picture.h"
#include "ui/experiment-steps.h"
#include "ui/experiment-table.h"
#include "ui/paragraph.h"
#include "ui/run-words.h"

#include <glib/gi18n.h>
#include <inttypes.h>

/* Below this width charts and next steps stand below each other. */
#define NARROW 560
#define LEAST  380

struct _LwExperimentPage {
  GtkWidget parent;
  LwExperimentSet *set;
  const LwExperiment *experiment;
  LwExperimentSize size;
  GtkWidget *scroller, *column;
  GtkWidget *status, *sizes[LW_N_SIZES], *run, *run_content, *question, *settings;
  GtkWidget *answer, *charts, *table, *picture_card, *picture, *limits, *steps;
  bool narrow, setting;
  guint arrange_id;
};

G_DEFINE_FINAL_TYPE (LwExperimentPage, lw_experiment_page, GTK_TYPE_WIDGET)

enum { OPEN, SIZE_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* --- words --------------------------------------------------------------------------------------
 */

static bool
goes_on (LwExperimentState state)
{
  return state == LW_EXPERIMENT_WAITING || state == LW_EXPERIMENT_RUNNING;
}

static char *
status_of (LwExperimentPage *self, const LwExperimentProgress *progress)
{
  const int n = self->experiment->n_runs;
  g_autofree char *runs = g_strdup_printf (ngettext ("%d run", "%d runs", (gulong)n), n);
  g_autofree char *clock = lw_clock_text (progress->train_s);
  g_autofree char *about = lw_about_duration (lw_experiment_seconds (self->experiment, self->size));
  const char *chapter = _ (self->experiment->chapter);

  switch (progress->state) {
  case LW_EXPERIMENT_NEW:
    return g_strdup_printf (_ ("%s · not run yet, %s, %s"), chapter, runs, about);
  case LW_EXPERIMENT_WAITING:
    return g_strdup_printf (_ ("%s · waits in the queue, %s"), chapter, runs);
  case LW_EXPERIMENT_RUNNING:
    return g_strdup_printf (_ ("%s · training %d of %d, %s so far"), chapter, progress->current, n,
                            clock);
  case LW_EXPERIMENT_STUDYING:
    return g_strdup_printf (_ ("%s · looking at the trained network…"), chapter);
  case LW_EXPERIMENT_PARTLY:
    return g_strdup_printf (_ ("%s · not finished, %s"), chapter, runs);
  case LW_EXPERIMENT_DONE:
    break;
  }
  return g_strdup_printf (_ ("%s · finished, %s, %s of training"), chapter, runs, clock);
}

/* As a run was trained, or would be. */
static LwSettings *
run_settings (LwExperimentPage *self, int run)
{
  LwRunItem *item = lw_experiment_set_run (self->set, self->experiment, self->size, run);

  return item != NULL
             ? lw_settings_copy (lw_run_item_settings (item))
             : lw_experiment_set_settings (self->set, self->experiment, self->size, run, NULL);
}

/* What all of its runs share. */
static char *
settings_of (LwExperimentPage *self)
{
  g_autoptr (LwSettings) first = run_settings (self, 0);
  bool rate = true, batch = true;
  GString *words = g_string_new (_ (self->experiment->about));

  for (int i = 1; first != NULL && i < self->experiment->n_runs; i++) {
    g_autoptr (LwSettings) other = run_settings (self, i);

    rate = rate && other != NULL && other->learning_rate == first->learning_rate;
    batch = batch && other != NULL && other->batch == first->batch;
  }
  if (first == NULL)
    return g_string_free (words, FALSE);
  if (rate)
    g_string_append_printf (words, _ (", learning rate %g"), first->learning_rate);
  if (batch)
    g_string_append_printf (words, _ (", batch size %d"), first->batch);
  g_string_append_printf (words, ngettext (", %d epoch", ", %d epochs", (gulong)first->epochs),
                          first->epochs);
  if (first->limit_train > 0)
    g_string_append_printf (words, _ (" of %d images"), first->limit_train);
  g_string_append_printf (words, _ (" at %d × %d, seed %" PRIu64),
                          lw_options_input (first->options).h, lw_options_input (first->options).w,
                          first->seed);
  return g_string_free (words, FALSE);
}

static char *
answer_of (LwExperimentPage *self, const LwExperimentProgress *progress, const LwNumbers *numbers)
{
  switch (progress->state) {
  case LW_EXPERIMENT_NEW:
    return g_strdup (self->size == LW_SIZE_BOOK
                         ? _ ("Run trains what the question needs with the book's settings, which "
                              "takes long; Quick gives a first answer within minutes.")
                         : _ ("Run trains what the question needs, one run after the other; the "
                              "answer stands here when all have ended."));
  case LW_EXPERIMENT_WAITING:
    return g_strdup (_ ("Its runs wait until those before them in the queue have ended."));
  case LW_EXPERIMENT_RUNNING: {
    g_autofree char *left =
        progress->remaining_s >= 0 ? lw_clock_text (progress->remaining_s) : NULL;
    const char *label = _ (self->experiment->runs[progress->current - 1].label);

    return left != NULL
               ? g_strdup_printf (_ ("“%s” trains; the answer stands here in about %s."), label,
                                  left)
               : g_strdup_printf (_ ("“%s” trains; the answer stands here when all have ended."),
                                  label);
  }
  case LW_EXPERIMENT_STUDYING:
    return g_strdup (_ ("All have been trained; now the network itself is looked at."));
  case LW_EXPERIMENT_PARTLY:
    return g_strdup (
        _ ("Not all of its runs ended, so there is no answer. Again trains them anew."));
  case LW_EXPERIMENT_DONE:
    break;
  }
  if (progress->message != NULL)
    return g_strdup (progress->message);
  return lw_experiment_answer (self->experiment, numbers, self->experiment->n_runs,
                               lw_translate_phrase);
}

/* --- showing ------------------------------------------------------------------------------------
 */

static void
update_run_button (LwExperimentPage *self, LwExperimentState state)
{
  AdwButtonContent *content = ADW_BUTTON_CONTENT (self->run_content);

  if (goes_on (state)) {
    adw_button_content_set_icon_name (content, "media-playback-stop-symbolic");
    adw_button_content_set_label (content, _ ("Stop"));
  } else if (state == LW_EXPERIMENT_NEW) {
    adw_button_content_set_icon_name (content, "media-playback-start-symbolic");
    adw_button_content_set_label (content, _ ("Run"));
  } else {
    adw_button_content_set_icon_name (content, "view-refresh-symbolic");
    adw_button_content_set_label (content, _ ("Again"));
  }
  if (state == LW_EXPERIMENT_NEW)
    gtk_widget_add_css_class (self->run, "suggested-action");
  else
    gtk_widget_remove_css_class (self->run, "suggested-action");
  lw_name_by_words (self->run);
}

static void
fill (LwExperimentPage *self)
{
  LwNumbers numbers[LW_EXPERIMENT_RUNS];
  LwExperimentProgress progress;
  g_autofree char *status = NULL, *answer = NULL, *settings = NULL;

  if (self->experiment == NULL)
    return;
  progress = lw_experiment_set_progress (self->set, self->experiment, self->size);
  lw_experiment_set_numbers (self->set, self->experiment, self->size, numbers);
  status = status_of (self, &progress);
  answer = answer_of (self, &progress, numbers);
  settings = settings_of (self);
  gtk_label_set_text (GTK_LABEL (self->settings), settings);
  gtk_label_set_text (GTK_LABEL (self->status), status);
  gtk_label_set_text (GTK_LABEL (self->answer), answer);
  update_run_button (self, progress.state);
  lw_experiment_charts_show (LW_EXPERIMENT_CHARTS (self->charts), self->set, self->experiment,
                             self->size);
  lw_experiment_table_show (LW_EXPERIMENT_TABLE (self->table), self->experiment, numbers);
  lw_experiment_picture_show (LW_EXPERIMENT_PICTURE (self->picture), self->set, self->experiment,
                              self->size);
  gtk_widget_set_visible (self->picture_card, gtk_widget_get_visible (self->picture));
  lw_experiment_steps_show (LW_EXPERIMENT_STEPS (self->steps), self->experiment, self->size);
}

static void
fill_if_seen (LwExperimentPage *self)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    fill (self);
}

/* The run's records may have been read. */
static void
see_runs (LwExperimentPage *self)
{
  for (int i = 0; self->experiment != NULL && i < self->experiment->n_runs; i++) {
    LwRunItem *run = lw_experiment_set_run (self->set, self->experiment, self->size, i);

    if (run == NULL)
      continue;
    g_signal_handlers_disconnect_by_func (run, G_CALLBACK (fill_if_seen), self);
    g_signal_connect_object (run, "synced", G_CALLBACK (fill_if_seen), self, G_CONNECT_SWAPPED);
  }
}

static void
set_changed (LwExperimentPage *self)
{
  see_runs (self);
  fill_if_seen (self);
}

void
lw_experiment_page_show (LwExperimentPage *self, const LwExperiment *experiment,
                         LwExperimentSize size)
{
  self->experiment = experiment;
  self->size = size;
  self->setting = true;
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->sizes[size]), TRUE);
  self->setting = false;
  gtk_label_set_text (GTK_LABEL (self->question), _ (experiment->question));
  gtk_label_set_text (GTK_LABEL (self->limits), _ (experiment->limits));
  gtk_adjustment_set_value (
      gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scroller)), 0);
  see_runs (self);
  fill (self);
}

const LwExperiment *
lw_experiment_page_experiment (LwExperimentPage *self)
{
  return self->experiment;
}

LwExperimentSize
lw_experiment_page_size (LwExperimentPage *self)
{
  return self->size;
}

GtkWidget *
lw_experiment_page_export_dialog (LwExperimentPage *self)
{
  const LwExperimentPaper paper = { self->set, self->experiment, self->size,
                                    gtk_label_get_text (GTK_LABEL (self->settings)),
                                    gtk_label_get_text (GTK_LABEL (self->answer)) };

  return lw_experiment_export_dialog_new (&paper, LW_EXPERIMENT_CHARTS (self->charts));
}

/* --- input --------------------------------------------------------------------------------------
 */

static void
size_toggled (GtkToggleButton *button, LwExperimentPage *self)
{
  if (self->setting || !gtk_toggle_button_get_active (button) || self->experiment == NULL)
    return;
  lw_experiment_page_show (self, self->experiment,
                           GTK_WIDGET (button) == self->sizes[LW_SIZE_BOOK] ? LW_SIZE_BOOK
                                                                            : LW_SIZE_QUICK);
  g_signal_emit (self, signals[SIZE_CHANGED], 0);
}

static void
run_clicked (LwExperimentPage *self)
{
  g_autoptr (GError) error = NULL;

  if (goes_on (lw_experiment_set_progress (self->set, self->experiment, self->size).state))
    lw_experiment_set_stop (self->set, self->experiment, self->size);
  else if (!lw_experiment_set_start (self->set, self->experiment, self->size, &error))
    g_signal_emit_by_name (lw_experiment_set_workbench (self->set), "complained", error->message);
}

static void
open_other (LwExperimentPage *self, int index)
{
  g_signal_emit (self, signals[OPEN], 0, index);
}

/* --- set-up -------------------------------------------------------------------------------------
 */

static GtkWidget *
text (const char *class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  if (class != NULL)
    gtk_widget_add_css_class (label, class);
  return label;
}

static GtkWidget *
make_head (LwExperimentPage *self)
{
  static const char *const words[LW_N_SIZES] = { N_ ("Quick"), N_ ("Book") };
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *caption = gtk_label_new (_ ("Size")), *sizes;

  self->status = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->status), 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->status), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (self->status, "lw-small");
  gtk_widget_set_hexpand (self->status, TRUE);
  gtk_widget_add_css_class (caption, "lw-caption");
  sizes = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_add_css_class (sizes, "linked");
  for (int i = 0; i < LW_N_SIZES; i++) {
    self->sizes[i] = gtk_toggle_button_new_with_label (_ (words[i]));
    if (i > 0)
      gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (self->sizes[i]),
                                   GTK_TOGGLE_BUTTON (self->sizes[0]));
    g_signal_connect (self->sizes[i], "toggled", G_CALLBACK (size_toggled), self);
    gtk_box_append (GTK_BOX (sizes), self->sizes[i]);
  }
  self->run = gtk_button_new ();
  self->run_content = adw_button_content_new ();
  gtk_button_set_child (GTK_BUTTON (self->run), self->run_content);
  g_signal_connect_object (self->run, "clicked", G_CALLBACK (run_clicked), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (head), self->status);
  gtk_box_append (GTK_BOX (head), caption);
  gtk_box_append (GTK_BOX (head), sizes);
  gtk_box_append (GTK_BOX (head), self->run);
  gtk_widget_add_css_class (head, "lw-experiment-head");
  return head;
}

static GtkWidget *
make_answer (LwExperimentPage *self)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *icon = gtk_image_new_from_icon_name ("lw-lesson-symbolic");

  self->answer = text ("lw-experiment-answer");
  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  gtk_widget_add_css_class (icon, "lw-accent-text");
  gtk_widget_add_css_class (card, "lw-experiment-card");
  gtk_box_append (GTK_BOX (card), icon);
  {
    GtkWidget *paragraph = lw_paragraph_new (self->answer, LEAST - 60);

    gtk_widget_set_hexpand (paragraph, TRUE);
    gtk_box_append (GTK_BOX (card), paragraph);
  }
  return card;
}

static GtkWidget *
in_card (GtkWidget *child, const char *class)
{
  GtkWidget *card = adw_bin_new ();

  adw_bin_set_child (ADW_BIN (card), child);
  gtk_widget_add_css_class (card, "lw-experiment-box");
  gtk_widget_add_css_class (card, class);
  return card;
}

GtkWidget *
lw_experiment_page_new (LwExperimentSet *set)
{
  LwExperimentPage *self = g_object_new (LW_TYPE_EXPERIMENT_PAGE, NULL);
  GtkWidget *heading = text ("lw-strong"), *title = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  self->set = set;
  self->question = text ("lw-experiment-title");
  self->settings = text ("lw-small");
  self->limits = text ("lw-caption");
  self->charts = lw_experiment_charts_new ();
  self->table = lw_experiment_table_new ();
  self->picture = lw_experiment_picture_new ();
  self->picture_card = in_card (self->picture, "lw-canvas");
  self->steps = lw_experiment_steps_new (set);
  gtk_label_set_text (GTK_LABEL (heading), _ ("What to try next"));
  gtk_box_append (GTK_BOX (title), make_head (self));
  gtk_box_append (GTK_BOX (title), self->question);
  gtk_box_append (GTK_BOX (title), lw_paragraph_new (self->settings, LEAST));
  gtk_box_append (GTK_BOX (self->column), title);
  gtk_box_append (GTK_BOX (self->column), make_answer (self));
  gtk_box_append (GTK_BOX (self->column), in_card (self->charts, "lw-canvas"));
  gtk_box_append (GTK_BOX (self->column), in_card (self->table, "lw-experiment-numbers"));
  gtk_box_append (GTK_BOX (self->column), self->picture_card);
  gtk_box_append (GTK_BOX (self->column), lw_paragraph_new (self->limits, LEAST));
  gtk_box_append (GTK_BOX (self->column), heading);
  gtk_box_append (GTK_BOX (self->column), self->steps);
  g_signal_connect_object (self->steps, "open", G_CALLBACK (open_other), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (set, "changed", G_CALLBACK (set_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (set, "advanced", G_CALLBACK (fill_if_seen), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

static gboolean
arrange (gpointer data)
{
  LwExperimentPage *self = data;

  self->arrange_id = 0;
  lw_experiment_charts_set_narrow (LW_EXPERIMENT_CHARTS (self->charts), self->narrow);
  lw_experiment_steps_set_narrow (LW_EXPERIMENT_STEPS (self->steps), self->narrow);
  return G_SOURCE_REMOVE;
}

/* No least width may change in the midst of an allocation. */
static void
lw_experiment_page_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  LwExperimentPage *self = LW_EXPERIMENT_PAGE (widget);

  gtk_widget_allocate (self->scroller, width, height, baseline, NULL);
  if ((width < NARROW) == self->narrow)
    return;
  self->narrow = width < NARROW;
  if (self->arrange_id == 0)
    self->arrange_id = g_idle_add_full (GDK_PRIORITY_REDRAW - 1, arrange, self, NULL);
}

static void
lw_experiment_page_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                            int *minimum, int *natural, int *minimum_baseline,
                            int *natural_baseline)
{
  gtk_widget_measure (LW_EXPERIMENT_PAGE (widget)->scroller, orientation, for_size, minimum,
                      natural, minimum_baseline, natural_baseline);
}

static void
lw_experiment_page_map (GtkWidget *widget)
{
  fill (LW_EXPERIMENT_PAGE (widget));
  GTK_WIDGET_CLASS (lw_experiment_page_parent_class)->map (widget);
}

static void
lw_experiment_page_dispose (GObject *object)
{
  LwExperimentPage *self = LW_EXPERIMENT_PAGE (object);

  g_clear_handle_id (&self->arrange_id, g_source_remove);
  g_clear_pointer (&self->scroller, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_experiment_page_parent_class)->dispose (object);
}

static void
lw_experiment_page_class_init (LwExperimentPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_experiment_page_dispose;
  widget_class->size_allocate = lw_experiment_page_size_allocate;
  widget_class->measure = lw_experiment_page_measure;
  widget_class->map = lw_experiment_page_map;
  signals[OPEN] = g_signal_new ("open", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  signals[SIZE_CHANGED] = g_signal_new ("size-changed", G_TYPE_FROM_CLASS (klass),
                                        G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_experiment_page_init (LwExperimentPage *self)
{
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  gtk_widget_add_css_class (self->column, "lw-experiment-page");
  self->scroller = gtk_scrolled_window_new ();
  lw_name_widget (self->scroller, _ ("Experiments"));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), self->column);
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
}
