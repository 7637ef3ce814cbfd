#include "ui/answers-pane.h"

#include "ui/accessible.h"
#include "ui/answer-grid.h"
#include "ui/draw/answers.h"
#include "ui/draw/shapes.h"
#include "ui/probability-chart.h"

#include <glib/gi18n.h>

#define MOST_MISTAKES 12 /* those that fit are shown */

struct _LwAnswersPane {
  GtkWidget parent;
  LwPredictionsSource *source;
  LwText *text;
  GtkWidget *scroller, *title, *count, *before, *after, *legend, *grid, *empty, *note, *note_row,
      *mistakes, *chart, *chart_title;
};

G_DEFINE_FINAL_TYPE (LwAnswersPane, lw_answers_pane, GTK_TYPE_WIDGET)

static int32_t
count_at (LwAnswersPane *self, int32_t label, int32_t predicted)
{
  const int32_t n = lw_predictions_source_set (self->source)->classes;

  return lw_predictions_source_counts (self->source)[(gsize)label * (gsize)n + (gsize)predicted];
}

/* The class that a class is taken for most often, or −1. */
static int32_t
likeliest_mistake (LwAnswersPane *self, int32_t label)
{
  const int32_t n = lw_predictions_source_set (self->source)->classes;
  int32_t found = -1;

  for (int32_t c = 0; c < n; c++)
    if (c != label && count_at (self, label, c) > 0 &&
        (found < 0 || count_at (self, label, c) > count_at (self, label, found)))
      found = c;
  return found;
}

/* A sentence that the numbers choose. */
static char *
note_on (LwAnswersPane *self, int32_t label, int32_t predicted)
{
  const char *const *names = lw_predictions_source_names (self->source);
  const int32_t there = count_at (self, label, predicted);
  const int32_t back = count_at (self, predicted, label);

  if (label == predicted) {
    const int32_t other = likeliest_mistake (self, label);

    if (other < 0)
      return NULL;
    return g_strdup_printf (
        ngettext ("Of the images of this class that were not found, most are taken for %s: %d "
                  "image.",
                  "Of the images of this class that were not found, most are taken for %s: %d "
                  "images.",
                  (gulong)count_at (self, label, other)),
        names[other], count_at (self, label, other));
  }
  if (there + back < 5)
    return NULL;
  if (there > 2 * back)
    return g_strdup_printf (
        ngettext ("The other way round, %d %s image is taken for %s. The matrix is not symmetric: "
                  "at this epoch the network prefers the answer “%s”.",
                  "The other way round, %d %s images are taken for %s. The matrix is not "
                  "symmetric: at this epoch the network prefers the answer “%s”.",
                  (gulong)back),
        back, names[predicted], names[label], names[predicted]);
  if (back > 2 * there)
    return g_strdup_printf (
        ngettext ("The other way round, %d %s image is taken for %s, more than twice as many.",
                  "The other way round, %d %s images are taken for %s, more than twice as many.",
                  (gulong)back),
        back, names[predicted], names[label]);
  return g_strdup_printf (
      ngettext ("The other way round, %d %s image is taken for %s: the network cannot tell these "
                "two apart well.",
                "The other way round, %d %s images are taken for %s: the network cannot tell these "
                "two apart well.",
                (gulong)back),
      back, names[predicted], names[label]);
}

/* In place of images where a cell has none. */
static char *
empty_words (LwAnswersPane *self, int32_t label, int32_t predicted)
{
  const char *const *names = lw_predictions_source_names (self->source);

  if (label == predicted)
    return g_strdup_printf (_ ("No %s is recognized at this epoch."), names[label]);
  return g_strdup_printf (_ ("No %s is taken for %s at this epoch."), names[label],
                          names[predicted]);
}

static void
show_place (LwAnswersPane *self)
{
  const int n = lw_answer_grid_n (LW_ANSWER_GRID (self->grid)),
            marked = lw_answer_grid_marked (LW_ANSWER_GRID (self->grid));
  g_autofree char *words =
      marked >= 0 ? g_strdup_printf (ngettext ("%d of %d image", "%d of %d images", (gulong)n),
                                     marked + 1, n)
                  : g_strdup_printf (ngettext ("%d image", "%d images", (gulong)n), n);

  gtk_label_set_text (GTK_LABEL (self->count), words);
  gtk_widget_set_sensitive (self->before, n > 0 && marked > 0);
  gtk_widget_set_sensitive (self->after, n > 0 && marked < n - 1);
}

static void
show_cell (LwAnswersPane *self)
{
  const LwPredictionSet *set = lw_predictions_source_set (self->source);
  const char *const *names = lw_predictions_source_names (self->source);
  g_autofree int32_t *cell = NULL;
  g_autofree char *title = NULL, *note = NULL, *empty = NULL;
  int32_t label, predicted, n;

  if (!lw_predictions_source_cell (self->source, &label, &predicted))
    return;
  cell = lw_prediction_set_cell (set, label, predicted, &n);
  title = label == predicted
              ? g_strdup_printf (_ ("Rightly recognized: %s"), names[label])
              : g_strdup_printf (_ ("True %s, taken for %s"), names[label], names[predicted]);
  gtk_label_set_text (GTK_LABEL (self->title), title);
  note = note_on (self, label, predicted);
  gtk_label_set_text (GTK_LABEL (self->note), note != NULL ? note : "");
  gtk_widget_set_visible (self->note_row, note != NULL);
  empty = empty_words (self, label, predicted);
  gtk_label_set_text (GTK_LABEL (self->empty), empty);
  gtk_widget_set_visible (self->empty, n == 0);
  gtk_widget_set_opacity (self->legend, n > 0 ? 1 : 0); /* its room stays: nothing jumps */
  lw_answer_grid_show (LW_ANSWER_GRID (self->grid), cell, n);
  show_place (self);
}

static void
cell_changed (LwAnswersPane *self)
{
  show_cell (self);
  gtk_adjustment_set_value (
      gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scroller)), 0);
}

static void
image_changed (LwAnswersPane *self)
{
  g_autofree char *title =
      g_strdup_printf (_ ("Image %d by epoch"), lw_predictions_source_image (self->source));

  gtk_label_set_text (GTK_LABEL (self->chart_title), title);
  show_place (self);
}

static void
changed (LwAnswersPane *self)
{
  const LwPredictionSet *set = lw_predictions_source_set (self->source);
  g_autofree int32_t *mistakes = NULL;
  int32_t n;

  if (set == NULL)
    return;
  mistakes = lw_prediction_set_mistakes (set, MOST_MISTAKES, &n);
  lw_answer_grid_show (LW_ANSWER_GRID (self->mistakes), mistakes, n);
  show_cell (self);
  image_changed (self);
}

static void
step_back (LwAnswersPane *self)
{
  lw_answer_grid_step (LW_ANSWER_GRID (self->grid), -1);
}

static void
step_on (LwAnswersPane *self)
{
  lw_answer_grid_step (LW_ANSWER_GRID (self->grid), 1);
}

/* --- set-up -------------------------------------------------------------------------------------
 */

static GtkWidget *
make_label (const char *words, const char *css_class, float xalign)
{
  GtkWidget *label = gtk_label_new (words);

  gtk_label_set_xalign (GTK_LABEL (label), xalign);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

static GtkWidget *
make_head (GtkWidget *left, GtkWidget *right)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  gtk_widget_set_hexpand (left, TRUE);
  gtk_box_append (GTK_BOX (head), left);
  gtk_box_append (GTK_BOX (head), right);
  return head;
}

static void
draw_legend (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwAnswersPane *self = data;
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  const struct {
    const char *words;
    LwColour colour;
  } parts[] = { { _ ("probability of the prediction"), lw_answer_predicted_colour (theme) },
                { _ ("of the true class"), lw_answer_label_colour (theme) } };
  double x = 1;

  (void)width;
  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (GTK_WIDGET (area)));
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    lw_path_rounded (cr, x, height / 2.0 - 5, 10, 10, 2);
    lw_set_colour (cr, parts[i].colour, 1);
    cairo_fill (cr);
    lw_text_paint (cr, self->text, LW_TEXT_CAPTION, parts[i].words, x + 16,
                   height / 2.0 + lw_text_middle (LW_TEXT_CAPTION), 0, theme->dim, 1);
    x += 16 + lw_text_width (self->text, LW_TEXT_CAPTION, parts[i].words) + 18;
  }
}

static GtkWidget *
make_step (const char *icon, const char *name)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, name);
  lw_name_widget (button, name);
  return button;
}

static GtkWidget *
make_cell_head (LwAnswersPane *self)
{
  GtkWidget *right = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8),
            *steps = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  self->title = make_label (NULL, "lw-strong", 0);
  self->count = make_label (NULL, "lw-caption", 1);
  gtk_label_set_ellipsize (GTK_LABEL (self->count), PANGO_ELLIPSIZE_NONE);
  gtk_widget_add_css_class (self->count, "lw-number");
  self->before = make_step ("go-previous-symbolic", _ ("Previous image"));
  self->after = make_step ("go-next-symbolic", _ ("Next image"));
  g_signal_connect_swapped (self->before, "clicked", G_CALLBACK (step_back), self);
  g_signal_connect_swapped (self->after, "clicked", G_CALLBACK (step_on), self);
  gtk_widget_add_css_class (steps, "linked");
  gtk_box_append (GTK_BOX (steps), self->before);
  gtk_box_append (GTK_BOX (steps), self->after);
  gtk_box_append (GTK_BOX (right), self->count);
  gtk_box_append (GTK_BOX (right), steps);
  return make_head (self->title, right);
}

static GtkWidget *
make_note (LwAnswersPane *self)
{
  GtkWidget *icon = gtk_image_new_from_icon_name ("lw-lesson-symbolic");

  self->note_row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  gtk_widget_add_css_class (icon, "lw-accent-text");
  self->note = make_label (NULL, "lw-small", 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->note), PANGO_ELLIPSIZE_NONE);
  gtk_label_set_wrap (GTK_LABEL (self->note), TRUE);
  gtk_widget_set_hexpand (self->note, TRUE);
  gtk_box_append (GTK_BOX (self->note_row), icon);
  gtk_box_append (GTK_BOX (self->note_row), self->note);
  return self->note_row;
}

static GtkWidget *
make_grid (LwAnswersPane *self)
{
  GtkWidget *overlay = gtk_overlay_new ();

  self->scroller = gtk_scrolled_window_new ();
  self->grid = lw_answer_grid_new (self->source, false, _ ("Images of the cell"));
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), self->grid);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (self->scroller), 214);
  gtk_widget_set_focusable (self->scroller, FALSE); /* the grid takes the keys */
  gtk_widget_set_vexpand (self->scroller, TRUE);
  self->empty = make_label (NULL, "dim-label", 0.5);
  gtk_label_set_ellipsize (GTK_LABEL (self->empty), PANGO_ELLIPSIZE_NONE);
  gtk_label_set_wrap (GTK_LABEL (self->empty), TRUE);
  gtk_label_set_justify (GTK_LABEL (self->empty), GTK_JUSTIFY_CENTER);
  gtk_widget_set_halign (self->empty, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (self->empty, GTK_ALIGN_CENTER);
  gtk_widget_set_can_target (self->empty, FALSE);
  gtk_widget_set_visible (self->empty, FALSE);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), self->scroller);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), self->empty);
  return overlay;
}

static void
lw_answers_pane_dispose (GObject *object)
{
  LwAnswersPane *self = LW_ANSWERS_PANE (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->source);
  G_OBJECT_CLASS (lw_answers_pane_parent_class)->dispose (object);
}

static void
lw_answers_pane_finalize (GObject *object)
{
  lw_text_free (LW_ANSWERS_PANE (object)->text);
  G_OBJECT_CLASS (lw_answers_pane_parent_class)->finalize (object);
}

static void
lw_answers_pane_class_init (LwAnswersPaneClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_answers_pane_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_answers_pane_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_answers_pane_init (LwAnswersPane *self)
{
  self->text = lw_text_new (NULL, NULL);
}

GtkWidget *
lw_answers_pane_new (LwPredictionsSource *source)
{
  LwAnswersPane *self = g_object_new (LW_TYPE_ANSWERS_PANE, NULL);
  GtkWidget *outer = gtk_scrolled_window_new (),
            *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 5);
  GtkWidget *mistakes_note = make_label (_ ("predicted, true class, probability"), "lw-caption", 1),
            *chart_note = make_label (_ ("probability of each class"), "lw-caption", 1);

  self->source = g_object_ref (source);
  self->legend = gtk_drawing_area_new ();
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (self->legend), 18);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->legend), draw_legend, self, NULL);
  lw_name_widget (self->legend,
                  _ ("Orange: probability of the prediction; blue: of the true class"));
  self->mistakes = lw_answer_grid_new (source, true, _ ("Most confident mistakes"));
  self->chart = lw_probability_chart_new (source);
  self->chart_title = make_label (NULL, "lw-strong", 0);

  gtk_widget_add_css_class (column, "lw-answers");
  gtk_box_append (GTK_BOX (column), make_cell_head (self));
  gtk_box_append (GTK_BOX (column), self->legend);
  gtk_box_append (GTK_BOX (column), make_grid (self));
  gtk_box_append (GTK_BOX (column), make_note (self));
  gtk_box_append (GTK_BOX (column), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (
      GTK_BOX (column),
      make_head (make_label (_ ("Most confident mistakes"), "lw-strong", 0), mistakes_note));
  gtk_box_append (GTK_BOX (column), self->mistakes);
  gtk_box_append (GTK_BOX (column), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (column), make_head (self->chart_title, chart_note));
  gtk_box_append (GTK_BOX (column), self->chart);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (outer), column);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (outer), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_widget_set_focusable (outer, FALSE);
  gtk_widget_set_parent (outer, GTK_WIDGET (self));

  g_signal_connect_object (source, "changed", G_CALLBACK (changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (source, "cell-changed", G_CALLBACK (cell_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (source, "image-changed", G_CALLBACK (image_changed), self,
                           G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
