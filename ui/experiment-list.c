#include "ui/experiment-list.h"

#include "ui/accessible.h"
#include "ui/run-words.h"
#include "ui/tab-stop.h"

#include <glib/gi18n.h>
#include <math.h>

typedef struct {
  const LwExperiment *experiment;
  LwExperimentSize size;
  GtkWidget *row, *detail, *stack, *play, *tick, *place, *bar;
} Row;

struct _LwExperimentList {
  GtkWidget parent;
  LwExperimentSet *set;
  GtkWidget *scroller, *list;
  Row *rows; /* [experiments] */
};

G_DEFINE_FINAL_TYPE (LwExperimentList, lw_experiment_list, GTK_TYPE_WIDGET)

static guint chosen_signal;

/* --- words --------------------------------------------------------------------------------------
 */

char *
lw_about_duration (double seconds)
{
  const double minutes = seconds / 60, hours = minutes / 60;
  const int shown = (int)(ceil (seconds / 5) * 5);

  if (seconds < 55)
    return g_strdup_printf (ngettext ("about %d s", "about %d s", (gulong)shown), shown);
  if (minutes < 90)
    return g_strdup_printf (_ ("about %.0f min"), fmax (round (minutes), 1));
  if (hours < 48)
    return g_strdup_printf (_ ("about %.0f h"), round (hours));
  return g_strdup_printf (_ ("about %.0f days"), round (hours / 24));
}

static char *
detail_of (const Row *row, const LwExperimentProgress *progress)
{
  const int n = row->experiment->n_runs;
  g_autofree char *runs = g_strdup_printf (ngettext ("%d run", "%d runs", (gulong)n), n);
  g_autofree char *time = NULL;

  switch (progress->state) {
  case LW_EXPERIMENT_DONE:
  case LW_EXPERIMENT_STUDYING:
    time = lw_clock_text (progress->train_s);
    break;
  case LW_EXPERIMENT_PARTLY:
    time = g_strdup (_ ("not finished"));
    break;
  case LW_EXPERIMENT_WAITING:
    time = g_strdup (_ ("waits in the queue"));
    break;
  case LW_EXPERIMENT_RUNNING:
    if (progress->remaining_s >= 0) {
      g_autofree char *clock = lw_clock_text (progress->remaining_s);

      time = g_strdup_printf (_ ("%s left"), clock);
      break;
    }
    G_GNUC_FALLTHROUGH;
  case LW_EXPERIMENT_NEW:
    time = lw_about_duration (lw_experiment_seconds (row->experiment, row->size));
    break;
  }
  return row->size == LW_SIZE_BOOK ? g_strdup_printf (_ ("%s · book's size · %s"), runs, time)
                                   : g_strdup_printf ("%s · %s", runs, time);
}

static void
update_row (LwExperimentList *self, Row *row)
{
  const LwExperimentProgress progress =
      lw_experiment_set_progress (self->set, row->experiment, row->size);
  const bool runs =
      progress.state == LW_EXPERIMENT_RUNNING || progress.state == LW_EXPERIMENT_WAITING;
  const bool ended =
      progress.state == LW_EXPERIMENT_DONE || progress.state == LW_EXPERIMENT_STUDYING;
  g_autofree char *detail = detail_of (row, &progress);
  g_autofree char *place =
      g_strdup_printf (_ ("%d of %d"), progress.current, row->experiment->n_runs);

  gtk_label_set_text (GTK_LABEL (row->detail), detail);
  gtk_label_set_text (GTK_LABEL (row->place), place);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (row->bar), CLAMP (progress.fraction, 0, 1));
  gtk_widget_set_visible (row->bar, runs);
  gtk_stack_set_visible_child (GTK_STACK (row->stack), ended  ? row->tick
                                                       : runs ? row->place
                                                              : row->play);
}

static void
update (LwExperimentList *self)
{
  for (int i = 0; i < lw_n_experiments (); i++)
    update_row (self, &self->rows[i]);
}

/* --- input --------------------------------------------------------------------------------------
 */

static void
row_selected (LwExperimentList *self, GtkListBoxRow *selected)
{
  if (selected != NULL)
    g_signal_emit (self, chosen_signal, 0, gtk_list_box_row_get_index (selected));
}

static void
play_clicked (GtkWidget *button, LwExperimentList *self)
{
  Row *row = &self->rows[GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "row"))];
  g_autoptr (GError) error = NULL;

  gtk_list_box_select_row (GTK_LIST_BOX (self->list), GTK_LIST_BOX_ROW (row->row));
  if (!lw_experiment_set_start (self->set, row->experiment, row->size, &error))
    g_signal_emit_by_name (lw_experiment_set_workbench (self->set), "complained", error->message);
}

void
lw_experiment_list_choose (LwExperimentList *self, const LwExperiment *experiment)
{
  const Row *row = &self->rows[experiment - lw_experiment (0)];

  gtk_list_box_select_row (GTK_LIST_BOX (self->list), GTK_LIST_BOX_ROW (row->row));
}

void
lw_experiment_list_set_size (LwExperimentList *self, const LwExperiment *experiment,
                             LwExperimentSize size)
{
  Row *row = &self->rows[experiment - lw_experiment (0)];

  row->size = size;
  update_row (self, row);
}

/* --- set-up -------------------------------------------------------------------------------------
 */

static GtkWidget *
left_label (const char *text, const char *class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  if (class != NULL)
    gtk_widget_add_css_class (label, class);
  return label;
}

static GtkWidget *
make_side (LwExperimentList *self, Row *row, int index)
{
  g_autofree char *run = g_strdup_printf (_ ("Run: %s"), _ (row->experiment->question));

  row->stack = gtk_stack_new ();
  row->play = gtk_button_new_from_icon_name ("media-playback-start-symbolic");
  row->tick = gtk_image_new_from_icon_name ("object-select-symbolic");
  row->place = gtk_label_new (NULL);
  lw_name_widget (row->play, run);
  gtk_widget_set_tooltip_text (row->play, run);
  gtk_widget_add_css_class (row->play, "lw-experiment-play");
  gtk_widget_add_css_class (row->tick, "lw-good-text");
  gtk_widget_add_css_class (row->place, "lw-small");
  gtk_widget_add_css_class (row->place, "lw-accent-text");
  lw_name_widget (row->tick, _ ("finished"));
  g_object_set_data (G_OBJECT (row->play), "row", GINT_TO_POINTER (index));
  g_signal_connect (row->play, "clicked", G_CALLBACK (play_clicked), self);
  gtk_stack_set_hhomogeneous (GTK_STACK (row->stack), FALSE);
  gtk_stack_add_child (GTK_STACK (row->stack), row->play);
  gtk_stack_add_child (GTK_STACK (row->stack), row->tick);
  gtk_stack_add_child (GTK_STACK (row->stack), row->place);
  gtk_widget_set_valign (row->stack, GTK_ALIGN_CENTER);
  gtk_widget_set_halign (row->stack, GTK_ALIGN_END);
  return row->stack;
}

static GtkWidget *
make_row (LwExperimentList *self, int index)
{
  Row *row = &self->rows[index];
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *title;

  row->experiment = lw_experiment (index);
  title = left_label (_ (row->experiment->question), "lw-experiment-question");
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_NONE);
  gtk_label_set_wrap (GTK_LABEL (title), TRUE);
  gtk_label_set_width_chars (GTK_LABEL (title), 18); /* or its lines would be counted too wide */
  row->detail = left_label (NULL, "lw-small");
  row->bar = gtk_progress_bar_new ();
  gtk_widget_add_css_class (row->bar, "lw-experiment-bar");
  lw_name_widget (row->bar, _ ("Progress"));
  gtk_widget_set_hexpand (words, TRUE);
  gtk_box_append (GTK_BOX (words), title);
  gtk_box_append (GTK_BOX (words), row->detail);
  gtk_box_append (GTK_BOX (words), row->bar);
  gtk_box_append (GTK_BOX (box), words);
  gtk_box_append (GTK_BOX (box), make_side (self, row, index));
  row->row = gtk_list_box_row_new ();
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row->row), box);
  gtk_widget_add_css_class (row->row, "lw-experiment-row");
  lw_name_widget (row->row, _ (row->experiment->question));
  return row->row;
}

/* The chapter above its first question. */
static void
add_header (GtkListBoxRow *row, GtkListBoxRow *before, gpointer data)
{
  LwExperimentList *self = data;
  const char *chapter = self->rows[gtk_list_box_row_get_index (row)].experiment->chapter;
  GtkWidget *label;

  if (before != NULL &&
      g_str_equal (self->rows[gtk_list_box_row_get_index (before)].experiment->chapter, chapter))
    return;
  label = left_label (_ (chapter), "lw-experiment-chapter");
  gtk_list_box_row_set_header (row, label);
}

GtkWidget *
lw_experiment_list_new (LwExperimentSet *set)
{
  LwExperimentList *self = g_object_new (LW_TYPE_EXPERIMENT_LIST, NULL);

  self->set = set;
  self->rows = g_new0 (Row, lw_n_experiments ());
  for (int i = 0; i < lw_n_experiments (); i++)
    gtk_list_box_append (GTK_LIST_BOX (self->list), make_row (self, i));
  gtk_list_box_set_header_func (GTK_LIST_BOX (self->list), add_header, self, NULL);
  g_signal_connect_object (self->list, "row-selected", G_CALLBACK (row_selected), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (set, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (set, "advanced", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}

static void
lw_experiment_list_dispose (GObject *object)
{
  g_clear_pointer (&LW_EXPERIMENT_LIST (object)->scroller, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_experiment_list_parent_class)->dispose (object);
}

static void
lw_experiment_list_finalize (GObject *object)
{
  g_free (LW_EXPERIMENT_LIST (object)->rows);
  G_OBJECT_CLASS (lw_experiment_list_parent_class)->finalize (object);
}

static void
lw_experiment_list_class_init (LwExperimentListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_experiment_list_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_experiment_list_finalize;
  chosen_signal = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_experiment_list_init (LwExperimentList *self)
{
  self->list = gtk_list_box_new ();
  gtk_widget_add_css_class (self->list, "lw-experiments");
  lw_name_widget (self->list, _ ("Experiments"));
  self->scroller = gtk_scrolled_window_new ();
  lw_name_widget (self->scroller, _ ("Experiments"));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), self->list);
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
}
