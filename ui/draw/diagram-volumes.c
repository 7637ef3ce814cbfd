/* Which volumes stand in the row, and what their words say. */
#include "ui/draw/diagram-volumes-private.h"

#include <glib/gi18n.h>
#include <math.h>

const char *
lw_volumes_keep (LwVolumes *volumes, char *string)
{
  const char *kept = g_string_chunk_insert_const (volumes->strings, string);
  g_free (string);
  return kept;
}

static void
add_words (LwVolumes *volumes, LwVolume *volume, const char *detail, int64_t parameters)
{
  int n = 0;
  volume->words[n++] = lw_volumes_keep (volumes, lw_diagram_shape_words (volume->shape));
  if (detail && *detail)
    volume->words[n++] = g_string_chunk_insert_const (volumes->strings, detail);
  if (parameters > 0) {
    g_autofree char *number = lw_format_short ((double)parameters);
    volume->words[n++] = lw_volumes_keep (volumes, g_strdup_printf (_ ("%s params"), number));
  }
}

/* "64 + 32" */
static char *
channels_words (const LwGraph *graph, const LwNode *node)
{
  GString *out = g_string_new (NULL);
  for (int32_t i = 0; i < node->n_inputs; i++)
    g_string_append_printf (out, "%s%d", i ? " + " : "",
                            lw_graph_node (graph, node->inputs[i])->shape.c);
  return g_string_free (out, FALSE);
}

static void
add_layer (LwVolumes *volumes, const LwDiagramItem *item)
{
  const LwNode *node = lw_graph_node (volumes->graph, item->host);
  LwVolume volume = { .spot = { item->host, -1 },
                      .kind = lw_op_info (node->op)->kind,
                      .shape = node->shape,
                      .name = item->words.name };
  if (node->op == LW_OP_CONV2D)
    volume.kernel = node->window.kernel;
  for (int i = 0; i < item->n_top + item->n_bottom && volume.n_bands < LW_VOLUME_BANDS; i++) {
    const LwKind kind = lw_op_info (lw_graph_node (volumes->graph, item->strips[i])->op)->kind;
    if (kind != LW_KIND_NORMALIZATION && kind != LW_KIND_ACTIVATION)
      continue;
    volume.n_lead += i < item->n_top;
    volume.band_nodes[volume.n_bands] = item->strips[i];
    volume.bands[volume.n_bands++] = kind;
  }
  lw_volumes_size_item (&volume);
  g_autofree char *detail = lw_diagram_window_words (volumes->graph, item->host, true);
  if (item->type == LW_BOX_INPUT)
    volume.name = _ ("Input");
  if (item->type == LW_BOX_SUM)
    volume.name = lw_op_info (node->op)->label;
  if (node->op == LW_OP_CONCAT) {
    volume.name = lw_op_info (node->op)->label;
    g_free (detail);
    detail = channels_words (volumes->graph, node);
  }
  add_words (volumes, &volume, detail, lw_node_cost (volumes->graph, item->host).parameters);
  g_array_append_val (volumes->items, volume);
}

static void
add_block (LwVolumes *volumes, const LwDiagramItem *item)
{
  LwVolume volume = { .spot = { LW_NO_NODE, item->block },
                      .kind = LW_KIND_JOIN,
                      .shape = lw_graph_node (volumes->graph, item->output)->shape,
                      .name = item->words.name };
  lw_volumes_size_item (&volume);
  int64_t parameters = 0;
  for (LwNodeId i = item->first; i <= item->last; i++)
    parameters += lw_node_cost (volumes->graph, i).parameters;
  add_words (volumes, &volume, NULL, parameters);
  g_array_append_val (volumes->items, volume);
}

/* All that a part holds is shown by one volume. */
static void
assign (LwVolumes *volumes, const LwDiagramPart *part, int32_t volume)
{
  const LwDiagramItem *item = part->item;
  if (item && item->block >= 0) {
    for (LwNodeId i = item->first; i <= item->last; i++)
      volumes->node_volume[i] = volume;
  } else if (item) {
    volumes->node_volume[item->host] = volume;
    for (int i = 0; i < item->n_top + item->n_bottom; i++)
      volumes->node_volume[item->strips[i]] = volume;
  }
  for (guint i = 0; part->children && i < part->children->len; i++)
    assign (volumes, part->children->pdata[i], volume);
}

static int32_t
n_items (const LwVolumes *volumes)
{
  return (int32_t)volumes->items->len;
}

static void add_part (LwVolumes *volumes, const LwDiagramPart *part);

/* An open block that shows nothing of its own has no line. */
static void
add_frame (LwVolumes *volumes, const LwDiagramPart *part)
{
  LwVolumeFrame frame = { .block = part->item->block,
                          .first = n_items (volumes),
                          .depth = volumes->open_depth++,
                          .title = part->item->words.name };
  const guint at = volumes->frames->len;
  g_array_append_val (volumes->frames, frame);
  for (guint i = 0; i < part->children->len; i++)
    add_part (volumes, part->children->pdata[i]);
  volumes->open_depth--;
  g_array_index (volumes->frames, LwVolumeFrame, at).last = n_items (volumes) - 1;
  if (n_items (volumes) == frame.first)
    g_array_set_size (volumes->frames, at);
}

/* What stands on the way of a shortcut: a convolution, or nothing. */
static const char *
shortcut_words (LwVolumes *volumes, const LwDiagramPart *branch)
{
  for (guint i = 0; branch->children && i < branch->children->len; i++) {
    const LwDiagramPart *part = branch->children->pdata[i];
    if (part->type != LW_PART_BOX || part->item->host == LW_NO_NODE)
      continue;
    g_autofree char *window = lw_diagram_window_words (volumes->graph, part->item->host, false);
    const LwOp op = lw_graph_node (volumes->graph, part->item->host)->op;
    return lw_volumes_keep (volumes, g_strdup_printf ("%s %s", window, lw_op_info (op)->label));
  }
  return _ ("identity");
}

/* The main path, or none of several columns; then what they all end in. */
static void
add_parallel (LwVolumes *volumes, const LwDiagramPart *part)
{
  const bool columns = part->style == LW_PARALLEL_COLUMNS;
  const int32_t from = n_items (volumes) - 1;
  if (!columns && part->main >= 0)
    add_part (volumes, part->children->pdata[part->main]);
  const int32_t join = n_items (volumes);
  for (guint i = 0; i < part->children->len; i++) {
    const LwDiagramPart *branch = part->children->pdata[i];
    if (!columns && (int)i == part->main)
      continue;
    assign (volumes, branch, join);
    if (part->style == LW_PARALLEL_SHORTCUT && from >= 0) {
      const LwVolumeSkip skip = { from, join, 0, shortcut_words (volumes, branch) };
      g_array_append_val (volumes->skips, skip);
    }
  }
  volumes->node_volume[part->item->host] = join;
  add_layer (volumes, part->item);
}

/* Along the trunk. */
static void
add_part (LwVolumes *volumes, const LwDiagramPart *part)
{
  switch (part->type) {
  case LW_PART_BOX:
    assign (volumes, part, n_items (volumes));
    if (part->item->block >= 0)
      add_block (volumes, part->item);
    else
      add_layer (volumes, part->item);
    break;
  case LW_PART_FRAME:
    add_frame (volumes, part);
    break;
  case LW_PART_PARALLEL:
    add_parallel (volumes, part);
    break;
  default:
    for (guint i = 0; part->children && i < part->children->len; i++)
      add_part (volumes, part->children->pdata[i]);
  }
}

static void
add_spots (LwVolumes *volumes)
{
  for (int32_t i = 0; i < n_items (volumes); i++) {
    const LwVolume *volume = &g_array_index (volumes->items, LwVolume, i);
    g_array_append_val (volumes->spots, volume->spot);
    for (int band = 0; band < volume->n_bands; band++) {
      const LwDiagramSpot spot = { volume->band_nodes[band], -1 };
      g_array_append_val (volumes->spots, spot);
    }
  }
}

LwVolumes *
lw_volumes_new (const LwDiagramState *state, const LwDiagramOptions *options)
{
  LwVolumes *volumes = g_new0 (LwVolumes, 1);
  volumes->graph = lw_graph_ref (lw_diagram_state_graph (state));
  volumes->text = options->text;
  volumes->strings = g_string_chunk_new (2048);
  volumes->items = g_array_new (FALSE, FALSE, sizeof (LwVolume));
  volumes->brackets = g_array_new (FALSE, FALSE, sizeof (LwVolumeBracket));
  volumes->frames = g_array_new (FALSE, FALSE, sizeof (LwVolumeFrame));
  volumes->skips = g_array_new (FALSE, FALSE, sizeof (LwVolumeSkip));
  volumes->spots = g_array_new (FALSE, FALSE, sizeof (LwDiagramSpot));
  volumes->node_volume = g_new (int32_t, lw_graph_n_nodes (volumes->graph));
  for (LwNodeId i = 0; i < lw_graph_n_nodes (volumes->graph); i++)
    volumes->node_volume[i] = -1;
  LwDiagramBuild build;
  const LwDiagramPart *root = lw_diagram_build_parts (&build, state, options, volumes->strings);
  add_part (volumes, root);
  lw_diagram_build_clear (&build);
  add_spots (volumes);
  lw_volumes_place (volumes);
  lw_volumes_add_brackets (volumes);
  return volumes;
}

void
lw_volumes_free (LwVolumes *volumes)
{
  if (!volumes)
    return;
  g_array_unref (volumes->items);
  g_array_unref (volumes->brackets);
  g_array_unref (volumes->frames);
  g_array_unref (volumes->skips);
  g_array_unref (volumes->spots);
  g_free (volumes->node_volume);
  g_string_chunk_free (volumes->strings);
  lw_graph_unref (volumes->graph);
  g_free (volumes);
}

/* --- reading --- */

void
lw_volumes_size (const LwVolumes *volumes, double *ret_width, double *ret_height)
{
  *ret_width = volumes->width;
  *ret_height = volumes->height;
}

const LwVolume *
lw_volumes_items (const LwVolumes *volumes, int32_t *ret_n)
{
  if (ret_n)
    *ret_n = (int32_t)volumes->items->len;
  return (const LwVolume *)(void *)volumes->items->data;
}

const LwVolumeBracket *
lw_volumes_brackets (const LwVolumes *volumes, int32_t *ret_n)
{
  if (ret_n)
    *ret_n = (int32_t)volumes->brackets->len;
  return (const LwVolumeBracket *)(void *)volumes->brackets->data;
}

const LwVolumeFrame *
lw_volumes_frames (const LwVolumes *volumes, int32_t *ret_n)
{
  if (ret_n)
    *ret_n = (int32_t)volumes->frames->len;
  return (const LwVolumeFrame *)(void *)volumes->frames->data;
}

const LwVolumeSkip *
lw_volumes_skips (const LwVolumes *volumes, int32_t *ret_n)
{
  if (ret_n)
    *ret_n = (int32_t)volumes->skips->len;
  return (const LwVolumeSkip *)(void *)volumes->skips->data;
}

int32_t
lw_volumes_n_spots (const LwVolumes *volumes)
{
  return (int32_t)volumes->spots->len;
}

LwDiagramSpot
lw_volumes_spot (const LwVolumes *volumes, int32_t index)
{
  return g_array_index (volumes->spots, LwDiagramSpot, index);
}

LwGraph *
lw_volumes_graph (const LwVolumes *volumes)
{
  return volumes->graph;
}

LwText *
lw_volumes_text (const LwVolumes *volumes)
{
  return volumes->text;
}

static bool
inside (const cairo_rectangle_t *r, double x, double y)
{
  return x >= r->x && x < r->x + r->width && y >= r->y && y < r->y + r->height;
}

static LwDiagramSpot
hit_volume (const LwVolume *volume, double x, double y)
{
  const bool front = y >= volume->rect.y - volume->depth_y &&
                     y < volume->rect.y + volume->rect.height && x >= volume->rect.x &&
                     x < volume->rect.x + volume->thickness;
  for (int i = 0; front && i < volume->n_bands; i++) {
    const double left = volume->rect.x + lw_volumes_band_at (volume, i);
    if (x >= left && x < left + LW_BAND_WIDTH)
      return (LwDiagramSpot){ volume->band_nodes[i], -1 };
  }
  return volume->spot;
}

LwDiagramSpot
lw_volumes_hit (const LwVolumes *volumes, double x, double y, bool *ret_fold)
{
  bool ignored;
  bool *fold = ret_fold ? ret_fold : &ignored;
  *fold = false;
  for (guint i = 0; i < volumes->frames->len; i++) {
    const LwVolumeFrame *frame = &g_array_index (volumes->frames, LwVolumeFrame, i);
    *fold = inside (&frame->rect, x, y);
    if (*fold)
      return (LwDiagramSpot){ LW_NO_NODE, frame->block };
  }
  for (guint i = 0; i < volumes->items->len; i++) {
    const LwVolume *volume = &g_array_index (volumes->items, LwVolume, i);
    if (!inside (&volume->slot, x, y))
      continue;
    const double words = volume->slot.y + volume->slot.height - LW_VOLUME_WORDS;
    *fold = volume->spot.block >= 0 && y >= words && y < words + 10 + LW_VOLUME_LINE &&
            x < volume->chevron_x + LW_CHEVRON / 2;
    return hit_volume (volume, x, y);
  }
  return LW_NO_SPOT;
}

int32_t
lw_volumes_find (const LwVolumes *volumes, LwDiagramSpot spot)
{
  const LwGraph *graph = volumes->graph;
  if (spot.block > LW_ROOT_BLOCK && spot.block < lw_graph_n_blocks (graph))
    spot.node = lw_graph_block (graph, spot.block)->last; /* what leaves it */
  if (spot.node < 0 || spot.node >= lw_graph_n_nodes (graph))
    return -1;
  return volumes->node_volume[spot.node];
}
