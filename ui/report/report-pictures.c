/* The architecture's diagram, and what two layers answer to two test images. */
#include "ui/report/report-private.h"

#include "engine/analysis.h"
#include "engine/device_choice.h"
#include "engine/divergence.h"
#include "engine/observe.h"
#include "ui/draw/figure.h"
#include "ui/draw/tiles.h"

#include <glib/gi18n.h>
#include <math.h>

/* --- the diagram -------------------------------------------------------------------------------
 */

typedef struct {
  LwText *text;
  LwFigure *figure;
} Diagram;

static void
free_diagram (gpointer data)
{
  Diagram *diagram = data;

  lw_figure_free (diagram->figure);
  lw_text_free (diagram->text);
  g_free (diagram);
}

static void
paint_diagram (cairo_t *cr, gpointer data)
{
  lw_figure_paint (cr, ((Diagram *)data)->figure);
}

/* "LeNet: 12 layers in 2 blocks: conv 1, ReLU 1, …": the top of the tree. */
static char *
describe_network (const LwGraph *graph)
{
  GString *words = g_string_new (lw_graph_title (graph));
  const char *between = ": ";
  LwNodeId id = 0;

  while (id < lw_graph_n_nodes (graph)) {
    LwBlockId block = lw_graph_node (graph, id)->block;

    while (block != LW_ROOT_BLOCK && lw_graph_block (graph, block)->parent != LW_ROOT_BLOCK)
      block = lw_graph_block (graph, block)->parent;
    g_string_append_printf (words, "%s%s", between,
                            block != LW_ROOT_BLOCK ? lw_graph_block (graph, block)->title
                                                   : lw_graph_node (graph, id)->title);
    id = block != LW_ROOT_BLOCK ? lw_graph_block (graph, block)->last + 1 : id + 1;
    between = ", ";
  }
  return g_string_free (words, FALSE);
}

void
lw_report_add_diagram (LwReportDocument *document, const LwReportRun *run)
{
  g_autoptr (LwDiagramState) state = lw_diagram_state_new (run->run->graph);
  const LwFigureLook look = { .paint.selected = LW_NO_SPOT };
  Diagram *diagram = g_new0 (Diagram, 1);
  LwDiagramOptions options = { .count = LW_COUNT_MACS };
  double width, height;

  options.text = diagram->text = lw_report_text ();
  lw_diagram_state_set_depth (state, 0);
  diagram->figure = lw_figure_new (LW_FIGURE_BLOCKS, state, &options, &look);
  lw_figure_size (diagram->figure, &width, &height);
  lw_report_add_picture (document, width, height, paint_diagram, diagram, free_diagram,
                         _ ("The network, its blocks folded."), describe_network (run->run->graph));
}

/* --- feature maps ------------------------------------------------------------------------------
 */

#define MARGIN 12.0
#define IMAGE  104.0
#define SIDE   56.0
#define GAP    8.0
#define ROOM   (8 * (SIDE + GAP) - GAP)
#define MOST   32 /* maps of an image that are shown */
#define IMAGES 2

typedef struct {
  LwText *text;
  LwShape input, shape;
  float *images[IMAGES], *maps[IMAGES];
  int n;      /* images */
  int n_maps; /* shown */
  LwScale scale;
} Maps;

static void
free_maps (gpointer data)
{
  Maps *maps = data;

  for (int i = 0; i < IMAGES; i++) {
    g_free (maps->images[i]);
    g_free (maps->maps[i]);
  }
  lw_text_free (maps->text);
  g_free (maps);
}

static LwTileGrid
grid_of (const Maps *maps, int image)
{
  return (LwTileGrid){
    .values = maps->maps[image],
    .n = maps->n_maps,
    .rows = maps->shape.h,
    .columns = maps->shape.w,
    .scale = maps->scale,
    .side = SIDE,
    .gap = GAP,
    .caption = LW_CAPTION_NUMBER,
    .selected = -1,
  };
}

static double
image_height (const Maps *maps)
{
  const LwTileGrid grid = grid_of (maps, 0);

  return fmax (IMAGE, lw_tile_grid_height (&grid, ROOM)) + 2 * GAP;
}

static void
paint_maps (cairo_t *cr, gpointer data)
{
  const Maps *maps = data;
  const LwTheme *theme = lw_theme (false);

  lw_set_colour (cr, theme->canvas, 1);
  cairo_paint (cr);
  for (int i = 0; i < maps->n; i++) {
    const LwTile image = {
      .kind = maps->input.c == 3 ? LW_TILE_RGB : LW_TILE_GREY,
      .values = maps->images[i],
      .rows = maps->input.h,
      .columns = maps->input.w,
      .scale = { LW_MAP_SEQUENTIAL, 0, 1 },
    };
    const LwTileGrid grid = grid_of (maps, i);
    const double y = MARGIN + i * image_height (maps);
    const cairo_rectangle_t place = { MARGIN, y, IMAGE, IMAGE };

    lw_tile_paint (cr, theme, &image, lw_tile_fit (&image, place), 6);
    lw_tile_grid_paint (cr, theme, maps->text, &grid, MARGIN + IMAGE + 20, y, ROOM);
  }
  lw_colour_bar_paint (cr, theme, maps->text, &maps->scale, MARGIN + IMAGE + 20 + ROOM,
                       MARGIN + maps->n * image_height (maps) + 6, 120, 1);
}

/* The first convolution and the middle one; −1 where there is none. */
static void
choose_layers (const LwGraph *graph, LwNodeId layers[2])
{
  g_autoptr (GArray) convolutions = g_array_new (FALSE, FALSE, sizeof (LwNodeId));

  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++)
    if (lw_graph_node (graph, id)->op == LW_OP_CONV2D)
      g_array_append_val (convolutions, id);
  layers[0] = layers[1] = LW_NO_NODE;
  if (convolutions->len > 0)
    layers[0] = g_array_index (convolutions, LwNodeId, 0);
  if (convolutions->len > 1)
    layers[1] = g_array_index (convolutions, LwNodeId, convolutions->len / 2);
}

static void
add_layer (LwReportDocument *document, const LwReportRun *run, LwNodeId layer,
           LwObservation *const *observations, float *const *images, int n)
{
  const LwNode *node = lw_graph_node (run->run->graph, layer);
  const int64_t plane = (int64_t)node->shape.h * node->shape.w;
  g_autofree char *shape = lw_shape_to_string (node->shape), *caption = NULL;
  g_autofree char *name = lw_layer_path (run->run->graph, layer);
  Maps *maps = g_new0 (Maps, 1);
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (float));

  maps->text = lw_report_text ();
  maps->input = lw_graph_input_shape (run->run->graph);
  maps->shape = node->shape;
  maps->n = n;
  maps->n_maps = MIN (node->shape.c, MOST);
  for (int i = 0; i < n; i++) {
    const float *values = lw_observation_values (observations[i], layer);
    const gsize count = (gsize)(plane * maps->n_maps);

    maps->images[i] = g_memdup2 (images[i], (gsize)lw_shape_size (maps->input) * sizeof (float));
    maps->maps[i] = g_memdup2 (values, count * sizeof (float));
    g_array_append_vals (all, values, (guint)count);
  }
  maps->scale = lw_scale_for ((const float *)(const void *)all->data, all->len);
  if (maps->n_maps < node->shape.c)
    caption = g_strdup_printf (_ ("%s, %s: the first %d of %d maps, on one scale, for the first "
                                  "two test images."),
                               name, shape, maps->n_maps, node->shape.c);
  else
    caption = g_strdup_printf (_ ("%s, %s: its maps, on one scale, for the first two test images."),
                               name, shape);
  lw_report_add_picture (
      document, MARGIN * 2 + IMAGE + 20 + ROOM, MARGIN * 2 + n * image_height (maps) + 12,
      paint_maps, maps, free_maps, caption,
      g_strdup_printf (_ ("Feature maps of layer %s (%s), from %.3g to %.3g"), name, shape,
                       lw_scale_low (&maps->scale), maps->scale.max))
      ->pixels = true;
}

static bool
observe (const LwReportWork *work, const LwReportRun *run, float *images[IMAGES],
         LwObservation *observations[IMAGES], int *ret_n, GError **error)
{
  const LwShape input = lw_graph_input_shape (run->run->graph);
  int index;
  const LwBackend *backend =
      lw_device_choose (work->options->backends, work->options->device, &index, error);

  if (backend == NULL)
    return false;
  if (lw_dataset_channels (run->dataset) != input.c ||
      lw_dataset_size (run->dataset, LW_SPLIT_TEST) == 0) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("the images of %s no longer fit the network; put back those that it was "
                    "trained with"),
                 lw_dataset_name (run->dataset));
    return false;
  }
  *ret_n = MIN (IMAGES, lw_dataset_size (run->dataset, LW_SPLIT_TEST));
  for (int i = 0; i < *ret_n; i++) {
    if (!lw_report_told (work, (double)i / *ret_n, error))
      return false;
    images[i] = g_new (float, (gsize)lw_shape_size (input));
    lw_resize (lw_dataset_image (run->dataset, LW_SPLIT_TEST, i), input.c,
               lw_dataset_height (run->dataset), lw_dataset_width (run->dataset), images[i],
               input.h, input.w);
    observations[i] = lw_observe (run->run->graph, backend, run->checkpoint, 0, images[i], error);
    if (observations[i] == NULL)
      return false;
  }
  return true;
}

bool
lw_report_add_maps (const LwReportWork *work, const LwReportRun *run, GError **error)
{
  float *images[IMAGES] = { NULL };
  LwObservation *observations[IMAGES] = { NULL };
  g_autoptr (GError) problem = NULL;
  LwNodeId layers[2];
  bool cancelled;
  int n = 0;

  choose_layers (run->run->graph, layers);
  if (layers[0] == LW_NO_NODE || run->dataset_problem != NULL || run->checkpoint_problem != NULL) {
    lw_report_add_note (work->document,
                        g_strdup_printf (_ ("They are left out: %s"),
                                         run->dataset_problem != NULL ? run->dataset_problem
                                         : run->checkpoint_problem != NULL
                                             ? run->checkpoint_problem
                                             : _ ("the network has no convolution.")));
    return true;
  }
  if (observe (work, run, images, observations, &n, &problem))
    for (int i = 0; i < 2 && layers[i] != LW_NO_NODE; i++)
      add_layer (work->document, run, layers[i], observations, images, n);
  cancelled = g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  if (problem != NULL && !cancelled)
    lw_report_add_note (work->document,
                        g_strdup_printf (_ ("They are left out: %s"), problem->message));
  for (int i = 0; i < IMAGES; i++) {
    g_free (images[i]);
    lw_observation_free (observations[i]);
  }
  if (cancelled)
    g_propagate_error (error, g_steal_pointer (&problem));
  return !cancelled;
}
