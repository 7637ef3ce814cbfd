/* A picture of one layer's feature maps for one image. */
#include "app/picture.h"

#include "app/backends.h"
#include "app/image-file.h"
#include "engine/data/dataset.h"
#include "engine/device_choice.h"
#include "engine/observe.h"
#include "ui/draw/tiles.h"

#include <glib/gi18n.h>

#define LEAST_WIDTH 420.0
#define MOST_WIDTH  860.0
#define MARGIN      24.0
#define HEAD        64.0  /* title and sub-title */
#define IMAGE       112.0 /* the side of the image's tile */
#define SIDE        72.0  /* of a map's tile */
#define GAP         10.0
#define BAR         120.0
#define VECTOR      360.0 /* the longest side of a flat layer's tile */

typedef struct {
  LwText *text;
  LwObservation *observation;
  float *image;
  LwShape input;
  LwTileGrid grid; /* of a layer with maps */
  LwTile vector;   /* of a flat one; rows 0: none */
  double width;
  char *heading, *subheading;
} Maps;

static void
free_maps (gpointer data)
{
  Maps *maps = data;

  lw_text_free (maps->text);
  lw_observation_free (maps->observation);
  g_free (maps->image);
  g_free (maps->heading);
  g_free (maps->subheading);
  g_free (maps);
}

static double
grid_top (void)
{
  return MARGIN + HEAD + IMAGE + 2 * GAP;
}

static void
paint_maps (cairo_t *cr, gpointer data)
{
  const Maps *maps = data;
  const LwTheme *theme = lw_theme (false);
  const LwTile image = {
    .kind = maps->input.c == 3 ? LW_TILE_RGB : LW_TILE_GREY,
    .values = maps->image,
    .rows = maps->input.h,
    .columns = maps->input.w,
    .scale = { LW_MAP_SEQUENTIAL, 0, 1 },
  };
  const cairo_rectangle_t place = { MARGIN, MARGIN + HEAD, IMAGE, IMAGE };

  lw_set_colour (cr, theme->canvas, 1);
  cairo_paint (cr);
  lw_text_paint (cr, maps->text, LW_TEXT_HEADING, maps->heading, MARGIN, MARGIN + 18, 0,
                 theme->text, 1);
  lw_text_paint (cr, maps->text, LW_TEXT_CAPTION, maps->subheading, MARGIN, MARGIN + 40, 0,
                 theme->dim, 1);
  lw_tile_paint (cr, theme, &image, lw_tile_fit (&image, place), 6);
  lw_colour_bar_paint (cr, theme, maps->text, &maps->grid.scale, maps->width - MARGIN,
                       MARGIN + HEAD + IMAGE - 8, BAR, 1);
  if (maps->vector.rows == 0) {
    lw_tile_grid_paint (cr, theme, maps->text, &maps->grid, MARGIN, grid_top (),
                        maps->width - 2 * MARGIN);
  } else {
    const cairo_rectangle_t room = { MARGIN, grid_top (), VECTOR, VECTOR };
    cairo_rectangle_t fit = lw_tile_fit (&maps->vector, room);

    fit.x = MARGIN, fit.y = grid_top ();
    lw_tile_paint (cr, theme, &maps->vector, fit, 6);
  }
}

/* A layer by name; NULL: the first convolution. */
static LwNodeId
find_layer (LwGraph *graph, const char *name, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) names = NULL;

  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
    const LwNode *node = lw_graph_node (graph, id);

    if (name == NULL ? node->op == LW_OP_CONV2D
                     : node->op != LW_OP_INPUT && g_str_equal (node->name, name))
      return id;
    if (node->op != LW_OP_INPUT)
      g_strv_builder_add (builder, node->name);
  }
  names = g_strv_builder_end (builder);
  lw_args_unknown (error, _ ("layer"), name != NULL ? name : "conv", (const char *const *)names);
  return LW_NO_NODE;
}

/* `image`: a picture's file, or the number of a test image of the data (NULL: the first). */
static float *
read_image (const LwWeights *weights, const char *image, GError **error)
{
  const LwShape input = lw_graph_input_shape (weights->graph);
  g_autoptr (LwDataset) dataset = NULL;
  int64_t index = 0;
  const bool file =
      image != NULL && !g_ascii_string_to_signed (image, 10, 0, G_MAXINT32, &index, NULL);
  float *values;

  dataset = lw_dataset_open (weights->settings->data, file ? NULL : error);
  if (file)
    return lw_image_file_read (image, input, lw_weights_picture_fit (weights, dataset), error);
  if (dataset == NULL)
    return NULL;
  if (lw_dataset_channels (dataset) != input.c ||
      index >= lw_dataset_size (dataset, LW_SPLIT_TEST)) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("%s has %d test images with %d channels, counted from 0"),
                 lw_dataset_name (dataset), lw_dataset_size (dataset, LW_SPLIT_TEST),
                 lw_dataset_channels (dataset));
    return NULL;
  }
  values = g_new (float, (gsize)lw_shape_size (input));
  lw_resize (lw_dataset_image (dataset, LW_SPLIT_TEST, (int32_t)index), input.c,
             lw_dataset_height (dataset), lw_dataset_width (dataset), values, input.h, input.w);
  return values;
}

bool
lw_picture_maps (LwPicture *picture, const LwWeights *weights, const char *layer, const char *image,
                 const char *device, GError **error)
{
  int index;
  const LwBackend *backend = lw_device_choose (lw_app_backends (), device, &index, error);
  const LwNodeId node = backend != NULL ? find_layer (weights->graph, layer, error) : LW_NO_NODE;
  g_autofree float *values = node != LW_NO_NODE ? read_image (weights, image, error) : NULL;
  g_autofree char *shape = NULL;
  LwObservation *observation;
  LwShape output;
  double grid_height;
  Maps *maps;

  if (values == NULL)
    return false;
  observation = lw_observe (weights->graph, backend, weights->path, 0, values, error);
  if (observation == NULL)
    return false;
  output = lw_graph_node (weights->graph, node)->shape;
  maps = g_new0 (Maps, 1);
  maps->text = lw_picture_text ();
  maps->observation = observation;
  maps->image = g_steal_pointer (&values);
  maps->input = lw_graph_input_shape (weights->graph);
  maps->grid = (LwTileGrid){
    .values = lw_observation_values (observation, node),
    .n = output.c,
    .rows = output.h,
    .columns = output.w,
    .scale =
        lw_scale_for (lw_observation_values (observation, node), (size_t)lw_shape_size (output)),
    .side = SIDE,
    .gap = GAP,
    .caption = LW_CAPTION_NUMBER,
    .selected = -1,
  };
  if (output.flat) {
    maps->vector = (LwTile){
      .kind = LW_TILE_MAP, .values = maps->grid.values, .count = output.c, .scale = maps->grid.scale
    };
    lw_tile_fold (output.c, &maps->vector.rows, &maps->vector.columns);
    maps->width = LEAST_WIDTH;
    grid_height = VECTOR * maps->vector.rows / maps->vector.columns;
  } else {
    maps->width = CLAMP (output.c * (SIDE + GAP) - GAP + 2 * MARGIN, LEAST_WIDTH, MOST_WIDTH);
    grid_height = lw_tile_grid_height (&maps->grid, maps->width - 2 * MARGIN);
  }
  shape = lw_shape_to_string (output);
  maps->subheading = output.flat ? g_strdup_printf (_ ("%s units, row by row"), shape)
                                 : g_strdup_printf (_ ("%s, all maps on one scale"), shape);
  maps->heading = g_strdup_printf (_ ("%s: feature maps of layer %s"),
                                   lw_options_model (weights->settings->options)->title,
                                   lw_graph_node (weights->graph, node)->name);
  *picture = (LwPicture){
    .width = maps->width,
    .height = grid_top () + grid_height + MARGIN,
    .paint = paint_maps,
    .data = maps,
    .free = free_maps,
  };
  return true;
}
