#include "ui/experiment-picture.h"

#include "ui/draw/depth-chart.h"
#include "ui/draw/tiles.h"

#include <glib/gi18n.h>
#include <math.h>

#define DEPTH_HEIGHT 210
#define TILE         44
#define GAP          6
#define TITLE        26

struct _LwExperimentPictureView {
  GtkWidget parent;
  LwText *text;
  LwExperimentPicture kind;

  LwFilters filters; /* a copy; kinds are not kept */

  const char *names[LW_EXPERIMENT_RUNS]; /* untranslated */
  double *norms[LW_EXPERIMENT_RUNS];     /* [n_layers] */
  int n_runs, n_layers, hovered;
  GPtrArray *numbers, *layers; /* under the axis; at the values that are read out */
};

G_DEFINE_FINAL_TYPE (LwExperimentPictureView, lw_experiment_picture, GTK_TYPE_WIDGET)

static const LwTheme *
theme_now (void)
{
  return lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
}

/* --- filters ------------------------------------------------------------------------------------
 */

static LwTileGrid
grid_of (LwExperimentPictureView *self)
{
  const int cells = self->filters.side * self->filters.side;
  float most = 0;

  for (int i = 0; i < self->filters.n * cells; i++)
    most = fmaxf (most, fabsf (self->filters.values[i]));
  return (LwTileGrid){ .values = self->filters.values,
                       .n = self->filters.n,
                       .rows = self->filters.side,
                       .columns = self->filters.side,
                       .scale = { LW_MAP_SIGNED, -most, most },
                       .scale_each = true,
                       .side = TILE,
                       .gap = GAP,
                       .caption = LW_CAPTION_NONE,
                       .selected = -1 };
}

static void
paint_filters (LwExperimentPictureView *self, cairo_t *cr, double width)
{
  const LwTileGrid grid = grid_of (self);

  lw_text_paint (cr, self->text, LW_TEXT_NAME,
                 _ ("The filters: blue below zero, brown above, each by its own largest value"), 0,
                 15, 0, theme_now ()->text, 1);
  lw_tile_grid_paint (cr, theme_now (), self->text, &grid, 0, TITLE, width);
}

/* --- gradients ----------------------------------------------------------------------------------
 */

typedef struct {
  LwDepthLine lines[LW_EXPERIMENT_RUNS];
  LwDepthChart chart;
  cairo_rectangle_t place;
} Depth;

static void
depth_of (LwExperimentPictureView *self, Depth *ret)
{
  const LwTheme *theme = theme_now ();

  for (int i = 0; i < self->n_runs; i++)
    ret->lines[i] = (LwDepthLine){ .name = _ (self->names[i]),
                                   .values = self->norms[i],
                                   .colour = theme->series[i],
                                   .dash = i,
                                   .marker = LW_MARKER_CIRCLE };
  ret->chart = (LwDepthChart){ .title = _ ("Gradient norm by depth, median over the run"),
                               .layers = (const char *const *)self->numbers->pdata,
                               .full = (const char *const *)self->layers->pdata,
                               .n_layers = self->n_layers,
                               .lines = ret->lines,
                               .n_lines = self->n_runs,
                               .marked = -1,
                               .hovered = self->hovered,
                               .ground = theme->canvas };
  ret->place = (cairo_rectangle_t){ 0, 0, gtk_widget_get_width (GTK_WIDGET (self)),
                                    gtk_widget_get_height (GTK_WIDGET (self)) };
}

static void
forget_gradients (LwExperimentPictureView *self)
{
  for (int i = 0; i < LW_EXPERIMENT_RUNS; i++)
    g_clear_pointer (&self->norms[i], g_free);
  g_ptr_array_set_size (self->numbers, 0);
  g_ptr_array_set_size (self->layers, 0);
  self->n_runs = self->n_layers = 0;
}

static void
take_names (LwExperimentPictureView *self, LwGraph *graph, const LwNodeId *layers, int n)
{
  g_ptr_array_set_size (self->numbers, 0);
  g_ptr_array_set_size (self->layers, 0);
  for (int k = 0; k < n; k++) {
    const LwNode *node = lw_graph_node (graph, layers[k]);
    const char *block = lw_graph_block (graph, node->block)->title;

    g_ptr_array_add (self->numbers, g_strdup_printf ("%d", k + 1));
    g_ptr_array_add (self->layers, block[0] != '\0'
                                       ? g_strdup_printf ("%d: %s · %s", k + 1, block, node->title)
                                       : g_strdup_printf ("%d: %s", k + 1, node->title));
  }
}

/* Runs whose layers are as many as the first's; twins have the same. */
static bool
take_gradients (LwExperimentPictureView *self, LwExperimentSet *set, const LwExperiment *experiment,
                LwExperimentSize size)
{
  forget_gradients (self);
  for (int i = 0; i < experiment->n_runs; i++) {
    LwRunItem *run = lw_experiment_set_run (set, experiment, size, i);
    g_autofree LwNodeId *layers = NULL;
    g_autofree double *norms = NULL;
    int n = 0;

    if (run == NULL || !lw_run_gradients (run, &layers, &norms, &n) || n < 2)
      continue;
    if (self->n_runs == 0 || n < self->n_layers) {
      take_names (self, lw_run_item_graph (run), layers, n);
      self->n_layers = n;
    }
    self->names[self->n_runs] = experiment->runs[i].label;
    self->norms[self->n_runs++] = g_steal_pointer (&norms);
  }
  return self->n_runs > 0;
}

/* --- both ---------------------------------------------------------------------------------------
 */

static void
lw_experiment_picture_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwExperimentPictureView *self = LW_EXPERIMENT_PICTURE (widget);
  const int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  cairo_t *cr;

  if (width < 1 || height < 1)
    return;
  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (widget));
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  if (self->kind == LW_PICTURE_FILTERS && self->filters.n > 0) {
    paint_filters (self, cr, width);
  } else if (self->n_runs > 0) {
    Depth depth;

    depth_of (self, &depth);
    lw_depth_chart_paint (cr, theme_now (), self->text, &depth.chart, depth.place);
  }
  cairo_destroy (cr);
}

static GtkSizeRequestMode
lw_experiment_picture_get_request_mode (GtkWidget *widget)
{
  (void)widget;
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
lw_experiment_picture_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                               int *minimum, int *natural, int *minimum_baseline,
                               int *natural_baseline)
{
  LwExperimentPictureView *self = LW_EXPERIMENT_PICTURE (widget);

  *minimum_baseline = *natural_baseline = -1;
  if (orientation == GTK_ORIENTATION_HORIZONTAL) {
    *minimum = *natural = 240;
  } else if (self->kind == LW_PICTURE_FILTERS && self->filters.n > 0) {
    const LwTileGrid grid = grid_of (self);

    *minimum = *natural = TITLE + (int)ceil (lw_tile_grid_height (&grid, MAX (for_size, 240)));
  } else {
    *minimum = *natural = DEPTH_HEIGHT;
  }
}

static void
describe (LwExperimentPictureView *self)
{
  g_autofree char *words = NULL;

  if (self->kind == LW_PICTURE_FILTERS) {
    const LwTileGrid grid = grid_of (self);

    words = lw_tile_grid_describe (&grid);
  } else {
    Depth depth;

    depth_of (self, &depth);
    words = lw_depth_chart_describe (&depth.chart);
  }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  self->kind == LW_PICTURE_FILTERS
                                      ? _ ("Filters of the first layer")
                                      : _ ("Gradient norm by depth"),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words, -1);
}

void
lw_experiment_picture_show (LwExperimentPictureView *self, LwExperimentSet *set,
                            const LwExperiment *experiment, LwExperimentSize size)
{
  bool shown = false;

  self->kind = experiment->picture;
  if (self->kind == LW_PICTURE_FILTERS) {
    const LwFilters *filters = lw_experiment_set_filters (set, experiment, size);

    g_clear_pointer (&self->filters.values, g_free);
    self->filters.n = 0;
    shown = filters != NULL && filters->n > 0;
    if (shown) {
      self->filters.n = filters->n;
      self->filters.side = filters->side;
      self->filters.values =
          g_memdup2 (filters->values, sizeof (float) * (gsize)filters->n * (gsize)filters->side *
                                          (gsize)filters->side);
    }
  } else if (self->kind == LW_PICTURE_GRADIENTS) {
    shown = take_gradients (self, set, experiment, size);
  }
  gtk_widget_set_visible (GTK_WIDGET (self), shown);
  if (!shown)
    return;
  describe (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
motion (GtkEventControllerMotion *controller, double x, double y, LwExperimentPictureView *self)
{
  Depth depth;

  (void)controller;
  if (self->kind != LW_PICTURE_GRADIENTS || self->n_runs == 0)
    return;
  depth_of (self, &depth);
  self->hovered = lw_depth_chart_at (&depth.chart, depth.place, x, y);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
leave (LwExperimentPictureView *self)
{
  self->hovered = -1;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

GtkWidget *
lw_experiment_picture_new (void)
{
  return g_object_new (LW_TYPE_EXPERIMENT_PICTURE, NULL);
}

static void
lw_experiment_picture_finalize (GObject *object)
{
  LwExperimentPictureView *self = LW_EXPERIMENT_PICTURE (object);

  forget_gradients (self);
  g_ptr_array_unref (self->numbers);
  g_ptr_array_unref (self->layers);
  g_free (self->filters.values);
  lw_text_free (self->text);
  G_OBJECT_CLASS (lw_experiment_picture_parent_class)->finalize (object);
}

static void
lw_experiment_picture_class_init (LwExperimentPictureViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = lw_experiment_picture_finalize;
  widget_class->snapshot = lw_experiment_picture_snapshot;
  widget_class->measure = lw_experiment_picture_measure;
  widget_class->get_request_mode = lw_experiment_picture_get_request_mode;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
lw_experiment_picture_init (LwExperimentPictureView *self)
{
  GtkEventController *pointer = gtk_event_controller_motion_new ();

  self->text = lw_text_new (NULL, NULL);
  self->numbers = g_ptr_array_new_with_free_func (g_free);
  self->layers = g_ptr_array_new_with_free_func (g_free);
  self->hovered = -1;
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  g_signal_connect (pointer, "motion", G_CALLBACK (motion), self);
  g_signal_connect_swapped (pointer, "leave", G_CALLBACK (leave), self);
  gtk_widget_add_controller (GTK_WIDGET (self), pointer);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}
