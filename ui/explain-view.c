#include "ui/explain-view.h"

#include "ui/accessible.h"
#include "ui/draw/overlay.h"
#include "ui/explain-controls.h"
#include "ui/explanation.h"
#include "ui/image-tile.h"

#include <glib/gi18n.h>
#include <math.h>

#define PICTURE   180
#define BAR_WIDTH 150
#define COARSE    64 /* maps up to this side are enlarged smoothly */

struct _LwExplainView {
  GtkWidget parent;
  LwPredictionsSource *source;
  LwExplanation *explanation;
  LwText *text;
  GtkWidget *scroller, *controls, *pictures[LW_EXPLAINED_CLASSES], *lines[LW_EXPLAINED_CLASSES];
  GtkWidget *heading, *weights, *spinner, *cancel, *problem, *legend, *words;
  LwExplainMethod answered; /* the method of what is shown */
};

G_DEFINE_FINAL_TYPE (LwExplainView, lw_explain_view, GTK_TYPE_WIDGET)

static const LwTheme *
theme_now (void)
{
  return lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
}

/* --- what is shown ------------------------------------------------------------------------------
 */

/* Both maps share one scale, so that the classes can be compared. */
static bool
scale_now (LwExplainView *self, LwScale *ret_scale)
{
  bool any = false;

  for (int i = 0; i < LW_EXPLAINED_CLASSES; i++) {
    int rows, columns;
    const float *map = lw_explanation_map (self->explanation, i, &rows, &columns);
    LwScale scale;

    if (map == NULL)
      continue;
    scale = lw_scale_for (map, (size_t)rows * (size_t)columns);
    if (self->answered == LW_EXPLAIN_GRADIENT_SIGNED && scale.map != LW_MAP_SIGNED)
      scale = (LwScale){ LW_MAP_SIGNED, -scale.max, scale.max };
    if (!any || scale.max > ret_scale->max)
      *ret_scale = scale;
    any = true;
  }
  return any;
}

static bool
overlay_now (LwExplainView *self, int i, LwOverlay *ret_overlay)
{
  LwDataset *dataset = lw_predictions_source_dataset (self->source);
  const int32_t image = lw_predictions_source_image (self->source);

  if (dataset == NULL || image >= lw_dataset_size (dataset, LW_SPLIT_TEST))
    return false;
  *ret_overlay = (LwOverlay){
    .image = lw_image_tile (dataset, image),
    .opacity = lw_explain_controls_opacity (LW_EXPLAIN_CONTROLS (self->controls)),
  };
  ret_overlay->map =
      lw_explanation_map (self->explanation, i, &ret_overlay->rows, &ret_overlay->columns);
  ret_overlay->smooth = self->answered == LW_EXPLAIN_GRAD_CAM &&
                        MAX (ret_overlay->rows, ret_overlay->columns) <= COARSE;
  if (ret_overlay->map != NULL)
    scale_now (self, &ret_overlay->scale);
  return true;
}

static void
draw_picture (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwExplainView *self = data;
  const int i = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (area), "place"));
  LwOverlay overlay;

  if (overlay_now (self, i, &overlay))
    lw_overlay_paint (cr, theme_now (), &overlay,
                      lw_tile_fit (&overlay.image, (cairo_rectangle_t){ 0, 0, width, height }), 6);
}

static void
draw_legend (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwExplainView *self = data;
  LwScale scale;

  (void)width;
  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (GTK_WIDGET (area)));
  if (scale_now (self, &scale))
    lw_colour_bar_paint (cr, theme_now (), self->text, &scale, 0, height / 2.0, BAR_WIDTH, 0);
}

static const char *
method_words (LwExplainMethod method)
{
  switch (method) {
  case LW_EXPLAIN_GRADIENT:
    return _ (
        "How much the class's score changes when a pixel does: the gradient of the score with "
        "respect to the image, its largest size over the channels (Simonyan et al. 2014).");
  case LW_EXPLAIN_GRADIENT_SIGNED:
    return _ (
        "More light in orange pixels raises the class's score, more light in blue ones lowers "
        "it: the gradient of the score with respect to the image (Simonyan et al. 2014).");
  default:
    return _ ("Each map of the layer is weighted by the mean gradient of the class's score with "
              "respect to it; their sum, where it is positive, speaks for the class (Selvaraju et "
              "al. 2017).");
  }
}

static bool
is_zero (const float *map, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (map[i] != 0)
      return false;
  return true;
}

static void
show_line (LwExplainView *self, int i)
{
  int rows, columns;
  const float *map = lw_explanation_map (self->explanation, i, &rows, &columns);
  g_autofree char *words = NULL;

  if (map != NULL && is_zero (map, (gsize)rows * (gsize)columns))
    words = g_strdup_printf (_ ("score %.2f; zero everywhere: nothing here speaks for this class"),
                             lw_explanation_score (self->explanation, i));
  else if (map != NULL)
    words = g_strdup_printf (_ ("score %.2f, map of %d × %d"),
                             lw_explanation_score (self->explanation, i), rows, columns);
  gtk_label_set_text (GTK_LABEL (self->lines[i]), words != NULL ? words : "");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->pictures[i]),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  words != NULL ? words : _ ("No map"), -1);
  gtk_widget_queue_draw (self->pictures[i]);
}

/* Whose weights they are: only some epochs' are kept. */
static char *
weights_words (LwExplainView *self)
{
  const int64_t step = lw_explanation_step (self->explanation);
  const LwPredictionSet *set = lw_predictions_source_set (self->source);
  LwRunItem *run = lw_predictions_source_run (self->source);
  int64_t steps;

  if (step < 0 || set == NULL || run == NULL)
    return g_strdup ("");
  steps = set->epoch > 0 ? (int64_t)llround ((double)set->step / set->epoch) : 0;
  if (steps <= 0)
    return g_strdup ("");
  if (step == set->step)
    return g_strdup_printf (_ ("weights after epoch %.4g"), (double)step / (double)steps);
  return g_strdup_printf (_ ("weights after epoch %.4g, the nearest that were saved"),
                          (double)step / (double)steps);
}

/* Why there is no image to explain, or no map of it; NULL: there is. g_free. */
static char *
problem_now (LwExplainView *self)
{
  LwWorkbench *workbench = lw_predictions_source_workbench (self->source);
  LwRunItem *run = lw_predictions_source_run (self->source);

  if (run == NULL || lw_predictions_source_dataset (self->source) != NULL)
    return g_strdup (lw_explanation_problem (self->explanation));
  if (lw_workbench_dataset (workbench) == NULL)
    return g_strdup (lw_workbench_dataset_error (workbench));
  return g_strdup_printf (
      _ ("This run was trained with %s: choose that data set in the settings to see its images."),
      lw_run_item_settings (run)->data);
}

static void
show_answer (LwExplainView *self)
{
  g_autofree char *problem = problem_now (self);
  const bool busy = lw_explanation_is_busy (self->explanation);
  g_autofree char *weights = weights_words (self);

  gtk_widget_set_visible (self->spinner, busy);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), busy);
  gtk_widget_set_visible (self->cancel, busy);
  gtk_widget_set_visible (self->problem, problem != NULL && !busy);
  if (problem != NULL)
    gtk_label_set_text (GTK_LABEL (self->problem), problem);
  gtk_label_set_text (GTK_LABEL (self->weights), weights);
  for (int i = 0; i < LW_EXPLAINED_CLASSES; i++)
    show_line (self, i);
  gtk_widget_queue_draw (self->legend);
}

bool
lw_explain_view_has_map (LwExplainView *self, int i)
{
  int rows, columns;

  return lw_explanation_map (self->explanation, i, &rows, &columns) != NULL;
}

/* --- what is asked ------------------------------------------------------------------------------
 */

static void
show_heading (LwExplainView *self)
{
  const LwPredictionSet *set = lw_predictions_source_set (self->source);
  const char *const *names = lw_predictions_source_names (self->source);
  const int32_t image = lw_predictions_source_image (self->source);
  g_autofree char *words =
      g_strdup_printf (_ ("Image %d: true %s, predicted %s"), image, names[set->labels[image]],
                       names[set->predicted[image]]);

  gtk_label_set_text (GTK_LABEL (self->heading), words);
}

static void
ask (LwExplainView *self)
{
  LwExplainControls *controls = LW_EXPLAIN_CONTROLS (self->controls);
  LwRunItem *run = lw_predictions_source_run (self->source);
  const LwPredictionSet *set = lw_predictions_source_set (self->source);
  LwDataset *dataset = lw_predictions_source_dataset (self->source);
  LwWorkbench *workbench = lw_predictions_source_workbench (self->source);
  LwQuestion question = { .method = lw_explain_controls_method (controls),
                          .layer = lw_explain_controls_layer (controls) };
  const LwBackend *backend = lw_explaining_backend (lw_workbench_backends (workbench));
  const int32_t image = lw_predictions_source_image (self->source);
  LwShape shape;
  float *input;

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)) || run == NULL || set == NULL)
    return;
  if (dataset == NULL) {
    lw_explanation_cancel (self->explanation);
    show_answer (self);
    return;
  }
  shape = lw_graph_input_shape (lw_run_item_graph (run));
  if (backend == NULL || shape.c != lw_dataset_channels (dataset) ||
      (question.method == LW_EXPLAIN_GRAD_CAM && question.layer == LW_NO_NODE))
    return;
  question.weights = lw_run_weights_new (workbench, run, set->step);
  question.weights->backend = backend;
  for (int i = 0; i < LW_EXPLAINED_CLASSES; i++)
    question.classes[i] = lw_explain_controls_class (controls, i);
  self->answered = question.method;
  gtk_label_set_text (GTK_LABEL (self->words), method_words (question.method));
  input = g_new (float, lw_shape_size (shape));
  lw_resize (lw_dataset_image (dataset, LW_SPLIT_TEST, image), shape.c, lw_dataset_height (dataset),
             lw_dataset_width (dataset), input, shape.h, shape.w);
  lw_explanation_ask (self->explanation, &question, input);
}

static void
refresh (LwExplainView *self)
{
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)) ||
      lw_predictions_source_set (self->source) == NULL)
    return;
  lw_explain_controls_refresh (LW_EXPLAIN_CONTROLS (self->controls));
  show_heading (self);
  ask (self);
}

static void
faded (LwExplainView *self)
{
  for (int i = 0; i < LW_EXPLAINED_CLASSES; i++)
    gtk_widget_queue_draw (self->pictures[i]);
}

static void
cancel (LwExplainView *self)
{
  lw_explanation_cancel (self->explanation);
}

/* --- set-up -------------------------------------------------------------------------------------
 */

static GtkWidget *
make_label (const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

static GtkWidget *
make_picture (LwExplainView *self, int i)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  const char *const names[] = { _ ("Map for the class"), _ ("Map for the second class") };

  self->pictures[i] = gtk_drawing_area_new ();
  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (self->pictures[i]), PICTURE);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (self->pictures[i]), PICTURE);
  g_object_set_data (G_OBJECT (self->pictures[i]), "place", GINT_TO_POINTER (i));
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->pictures[i]), draw_picture, self, NULL);
  gtk_widget_set_halign (self->pictures[i], GTK_ALIGN_CENTER);
  lw_name_widget (self->pictures[i], names[i]);
  self->lines[i] = make_label ("lw-caption");
  gtk_widget_add_css_class (self->lines[i], "lw-number");
  gtk_widget_set_hexpand (column, TRUE);
  gtk_box_append (GTK_BOX (column),
                  lw_explain_controls_class_chooser (LW_EXPLAIN_CONTROLS (self->controls), i));
  gtk_box_append (GTK_BOX (column), self->pictures[i]);
  gtk_box_append (GTK_BOX (column), self->lines[i]);
  return column;
}

static GtkWidget *
make_work_row (LwExplainView *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  self->weights = make_label ("lw-caption");
  gtk_widget_set_hexpand (self->weights, TRUE);
  self->spinner = gtk_spinner_new ();
  lw_name_widget (self->spinner, _ ("Computing"));
  self->cancel = gtk_button_new_with_label (_ ("Cancel"));
  g_signal_connect_swapped (self->cancel, "clicked", G_CALLBACK (cancel), self);
  gtk_widget_set_size_request (row, -1, 34); /* with and without the button */
  gtk_box_append (GTK_BOX (row), self->weights);
  gtk_box_append (GTK_BOX (row), self->spinner);
  gtk_box_append (GTK_BOX (row), self->cancel);
  return row;
}

static void
lw_explain_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (lw_explain_view_parent_class)->map (widget);
  refresh (LW_EXPLAIN_VIEW (widget));
}

/* The network that it loaded may be large. */
static void
lw_explain_view_unmap (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (lw_explain_view_parent_class)->unmap (widget);
  lw_explanation_forget (LW_EXPLAIN_VIEW (widget)->explanation);
}

static void
lw_explain_view_dispose (GObject *object)
{
  LwExplainView *self = LW_EXPLAIN_VIEW (object);

  g_clear_pointer (&self->scroller, gtk_widget_unparent);
  if (self->explanation != NULL)
    lw_explanation_forget (self->explanation);
  g_clear_object (&self->explanation);
  g_clear_object (&self->source);
  G_OBJECT_CLASS (lw_explain_view_parent_class)->dispose (object);
}

static void
lw_explain_view_finalize (GObject *object)
{
  lw_text_free (LW_EXPLAIN_VIEW (object)->text);
  G_OBJECT_CLASS (lw_explain_view_parent_class)->finalize (object);
}

static void
lw_explain_view_class_init (LwExplainViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_explain_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_explain_view_finalize;
  GTK_WIDGET_CLASS (klass)->map = lw_explain_view_map;
  GTK_WIDGET_CLASS (klass)->unmap = lw_explain_view_unmap;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_explain_view_init (LwExplainView *self)
{
  self->text = lw_text_new (NULL, NULL);
  self->explanation = lw_explanation_new ();
  g_signal_connect_object (self->explanation, "changed", G_CALLBACK (show_answer), self,
                           G_CONNECT_SWAPPED);
}

GtkWidget *
lw_explain_view_new (LwPredictionsSource *source)
{
  LwExplainView *self = g_object_new (LW_TYPE_EXPLAIN_VIEW, NULL);
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10),
            *pair = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  self->source = g_object_ref (source);
  self->controls = lw_explain_controls_new (source);
  self->heading = make_label ("lw-strong");
  self->problem = make_label ("lw-error-text");
  self->words = make_label ("lw-small");
  self->legend = gtk_drawing_area_new ();
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (self->legend), 18);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->legend), draw_legend, self, NULL);
  lw_name_widget (self->legend, _ ("Colours of the maps"));
  gtk_box_set_homogeneous (GTK_BOX (pair), TRUE);
  for (int i = 0; i < LW_EXPLAINED_CLASSES; i++)
    gtk_box_append (GTK_BOX (pair), make_picture (self, i));

  gtk_widget_add_css_class (column, "lw-answers");
  gtk_box_append (GTK_BOX (column), self->heading);
  gtk_box_append (GTK_BOX (column), pair);
  gtk_box_append (GTK_BOX (column), self->legend);
  gtk_box_append (GTK_BOX (column), make_work_row (self));
  gtk_box_append (GTK_BOX (column), self->problem);
  gtk_box_append (GTK_BOX (column), self->controls);
  gtk_box_append (GTK_BOX (column), self->words);
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), column);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_widget_set_focusable (self->scroller, FALSE);
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
  show_answer (self);

  g_signal_connect_swapped (self->controls, "asked", G_CALLBACK (ask), self);
  g_signal_connect_swapped (self->controls, "faded", G_CALLBACK (faded), self);
  g_signal_connect_object (source, "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (source, "image-changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
