#include "ui/explain-view.h"

#include "ui/accessible.h"
#include "ui/draw/overlay.h"
#include "ui/explain-controls.h"
#include "ui/explain-own.h"
#include "ui/explain-words.h"
#include "ui/explanation.h"
#include "ui/image-tile.h"
#include "ui/picture-drop.h"

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
  GtkWidget *own;
  float *own_input; /* a picture of one's own, as the network reads it; NULL: the test image */
  LwShape own_shape;
  char *own_problem;        /* why it cannot be read */
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
is_own (LwExplainView *self)
{
  return lw_explain_own_name (LW_EXPLAIN_OWN (self->own)) != NULL;
}

/* A test image as it is in the set; a picture of one's own as the network reads it. */
static bool
tile_now (LwExplainView *self, LwTile *ret_tile)
{
  LwDataset *dataset = lw_predictions_source_dataset (self->source);
  const int32_t image = lw_predictions_source_image (self->source);
  const bool own = is_own (self);

  if (own ? self->own_input == NULL
          : dataset == NULL || image >= lw_dataset_size (dataset, LW_SPLIT_TEST))
    return false;
  *ret_tile =
      own ? lw_input_tile (self->own_input, self->own_shape) : lw_image_tile (dataset, image);
  return true;
}

static bool
overlay_now (LwExplainView *self, int i, LwOverlay *ret_overlay)
{
  LwTile tile;

  if (!tile_now (self, &tile))
    return false;
  *ret_overlay = (LwOverlay){
    .image = tile,
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

static void
show_line (LwExplainView *self, int i)
{
  int rows, columns;
  const float *map = lw_explanation_map (self->explanation, i, &rows, &columns);
  g_autofree char *words = NULL;

  if (map != NULL)
    words = lw_explain_map_words (map, rows, columns, lw_explanation_score (self->explanation, i));
  gtk_label_set_text (GTK_LABEL (self->lines[i]), words != NULL ? words : "");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->pictures[i]),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  words != NULL ? words : _ ("No map"), -1);
  gtk_widget_queue_draw (self->pictures[i]);
}

/* Why there is no image to explain, or no map of it; NULL: there is. g_free. */
static char *
problem_now (LwExplainView *self)
{
  LwWorkbench *workbench = lw_predictions_source_workbench (self->source);
  LwRunItem *run = lw_predictions_source_run (self->source);

  if (is_own (self) && self->own_input == NULL)
    return g_strdup (self->own_problem);
  if (run == NULL || is_own (self) || lw_predictions_source_dataset (self->source) != NULL)
    return g_strdup (lw_explanation_problem (self->explanation));
  if (lw_workbench_dataset (workbench) == NULL)
    return g_strdup (lw_workbench_dataset_error (workbench));
  return g_strdup_printf (
      _ ("This run was trained with %s: choose that data set in the settings to see its images."),
      lw_run_item_settings (run)->data);
}

/* Of a picture of one's own: what it is taken for, once that is known. */
static void
show_own_classes (LwExplainView *self)
{
  const char *const *names = lw_predictions_source_names (self->source);
  const char *name = lw_explain_own_name (LW_EXPLAIN_OWN (self->own));
  const LwPredictionSet *set = lw_predictions_source_set (self->source);
  const float *probabilities = lw_explanation_probabilities (self->explanation);
  const int32_t explained[LW_EXPLAINED_CLASSES] = { lw_explanation_class (self->explanation, 0),
                                                    lw_explanation_class (self->explanation, 1) };
  g_autofree char *words = NULL;

  if (set != NULL && probabilities != NULL) {
    int32_t best = 0;

    for (int32_t c = 1; c < set->classes; c++)
      if (probabilities[c] > probabilities[best])
        best = c;
    words = g_strdup_printf (_ ("%s: predicted %s"), name, names[best]);
    if (!lw_explanation_is_busy (self->explanation))
      lw_explain_controls_list_own (LW_EXPLAIN_CONTROLS (self->controls), probabilities,
                                    set->classes, explained);
  }
  if (set != NULL)
    lw_explain_own_show (LW_EXPLAIN_OWN (self->own), probabilities, set->classes);
  gtk_label_set_text (GTK_LABEL (self->heading), words != NULL ? words : name);
}

static void
show_answer (LwExplainView *self)
{
  g_autofree char *problem = problem_now (self);
  const bool busy = lw_explanation_is_busy (self->explanation);
  g_autofree char *weights =
      lw_explain_weights_words (self->source, lw_explanation_step (self->explanation));

  if (is_own (self))
    show_own_classes (self);
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

/* What the network is to look at; NULL: there is nothing that fits it. */
static float *
make_input (LwExplainView *self, LwShape shape)
{
  LwDataset *dataset = lw_predictions_source_dataset (self->source);
  float *input;

  g_clear_pointer (&self->own_input, g_free);
  g_clear_pointer (&self->own_problem, g_free);
  if (is_own (self)) {
    self->own_shape = shape;
    self->own_input = lw_explain_own_input (LW_EXPLAIN_OWN (self->own), shape);
    if (self->own_input == NULL)
      self->own_problem = lw_own_picture_problem (shape.c);
    return self->own_input != NULL
               ? g_memdup2 (self->own_input, sizeof (float) * (gsize)lw_shape_size (shape))
               : NULL;
  }
  if (dataset == NULL || shape.c != lw_dataset_channels (dataset))
    return NULL;
  input = g_new (float, lw_shape_size (shape));
  lw_resize (lw_dataset_image (dataset, LW_SPLIT_TEST, lw_predictions_source_image (self->source)),
             shape.c, lw_dataset_height (dataset), lw_dataset_width (dataset), input, shape.h,
             shape.w);
  return input;
}

static void
ask (LwExplainView *self)
{
  LwExplainControls *controls = LW_EXPLAIN_CONTROLS (self->controls);
  LwRunItem *run = lw_predictions_source_run (self->source);
  const LwPredictionSet *set = lw_predictions_source_set (self->source);
  LwWorkbench *workbench = lw_predictions_source_workbench (self->source);
  const LwBackend *backend = lw_explaining_backend (lw_workbench_backends (workbench));
  LwQuestion question = { .method = lw_explain_controls_method (controls),
                          .layer = lw_explain_controls_layer (controls) };
  float *input;

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)) || run == NULL || set == NULL)
    return;
  input = make_input (self, lw_graph_input_shape (lw_run_item_graph (run)));
  if (input == NULL || backend == NULL ||
      (question.method == LW_EXPLAIN_GRAD_CAM && question.layer == LW_NO_NODE)) {
    g_free (input);
    lw_explanation_cancel (self->explanation);
    show_answer (self);
    return;
  }
  question.weights = lw_run_weights_new (workbench, run, set->step);
  question.weights->backend = backend;
  for (int i = 0; i < LW_EXPLAINED_CLASSES; i++)
    question.classes[i] = lw_explain_controls_class (controls, i);
  self->answered = question.method;
  gtk_label_set_text (GTK_LABEL (self->words), lw_explain_method_words (question.method));
  lw_explanation_ask (self->explanation, &question, input);
}

static void
refresh (LwExplainView *self)
{
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)) ||
      lw_predictions_source_set (self->source) == NULL)
    return;
  lw_explain_controls_refresh (LW_EXPLAIN_CONTROLS (self->controls), is_own (self));
  if (!is_own (self))
    show_heading (self);
  ask (self);
}

/* Another test image is marked: it is looked at. */
static void
image_changed (LwExplainView *self)
{
  lw_explain_own_drop (LW_EXPLAIN_OWN (self->own));
  refresh (self);
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

static gboolean
paste (GtkWidget *widget, GVariant *none, gpointer data)
{
  (void)none;
  (void)data;
  lw_picture_chooser_paste (
      lw_explain_own_chooser (LW_EXPLAIN_OWN (LW_EXPLAIN_VIEW (widget)->own)));
  return TRUE;
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
  g_free (LW_EXPLAIN_VIEW (object)->own_input);
  g_free (LW_EXPLAIN_VIEW (object)->own_problem);
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
  gtk_widget_class_add_binding (GTK_WIDGET_CLASS (klass), GDK_KEY_v, GDK_CONTROL_MASK, paste, NULL);
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
  self->own = lw_explain_own_new (source);
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
  gtk_box_append (GTK_BOX (column), self->own);
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
  g_signal_connect_object (source, "image-changed", G_CALLBACK (image_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_swapped (self->own, "changed", G_CALLBACK (refresh), self);
  lw_picture_drop_accept (GTK_WIDGET (self), lw_explain_own_chooser (LW_EXPLAIN_OWN (self->own)));
  return GTK_WIDGET (self);
}
