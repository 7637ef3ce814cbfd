/* Which volumes stand in the row, how large they are, and the words and brackets below them. */
#include "ui/draw/diagram-volumes.h"

#include "ui/draw/diagram-private.h"

#include <glib/gi18n.h>
#include <math.h>

#define SIDE_224     176.0 /* of a map of 224 × 224 */
#define PER_CHANNEL  2.05  /* thickness of one channel; grows with the root */
#define THINNEST     3.0
#define DEPTH_X      0.42 /* of the side */
#define DEPTH_Y      0.26
#define BAR_WIDTH    20.0
#define BAR_PER_BIT  14.0 /* a vector's bar: 152 for 4096 values, 31 for 10 */
#define BAR_LESS     15.0
#define BAR_SHORTEST 14.0
#define SLOT_LEAST   74.0
#define SLOT_ROOM    30.0 /* beside a volume, for rays and arrows */
#define SLOT_WORDS   10.0
#define MARGIN       18.0
#define LINE         16.5
#define BRACKET      26.0

struct LwVolumes {
  LwGraph *graph;
  LwText *text;
  GStringChunk *strings;
  GArray *items, *brackets;
  int32_t *node_volume; /* [n_nodes] */
  double width, height;
};

static const char *
keep (LwVolumes *volumes, char *string)
{
  const char *kept = g_string_chunk_insert_const (volumes->strings, string);
  g_free (string);
  return kept;
}

static void
size_volume (LwVolume *volume)
{
  const LwShape shape = volume->shape;
  if (shape.flat) {
    volume->thickness = BAR_WIDTH;
    volume->side = MAX (BAR_SHORTEST, BAR_PER_BIT * log2 (MAX (2, shape.c)) - BAR_LESS);
  } else {
    const double back = SIDE_224 * sqrt (shape.w / 224.0);
    volume->thickness =
        MAX (THINNEST + volume->n_bands * LW_BAND_WIDTH, PER_CHANNEL * sqrt (shape.c));
    volume->side = SIDE_224 * sqrt (shape.h / 224.0);
    volume->depth_x = DEPTH_X * back;
    volume->depth_y = -DEPTH_Y * back;
  }
  volume->rect.width = volume->thickness + volume->depth_x;
  volume->rect.height = volume->side - volume->depth_y;
}

static void
add_words (LwVolumes *volumes, LwVolume *volume, const char *detail, int64_t parameters)
{
  int n = 0;
  volume->words[n++] = keep (volumes, lw_diagram_shape_words (volume->shape));
  if (detail && *detail)
    volume->words[n++] = g_string_chunk_insert_const (volumes->strings, detail);
  if (parameters > 0) {
    g_autofree char *number = lw_format_short ((double)parameters);
    volume->words[n++] = keep (volumes, g_strdup_printf (_ ("%s params"), number));
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
    if (i < item->n_top || (kind != LW_KIND_NORMALIZATION && kind != LW_KIND_ACTIVATION))
      continue;
    volume.band_nodes[volume.n_bands] = item->strips[i];
    volume.bands[volume.n_bands++] = kind;
  }
  size_volume (&volume);
  g_autofree char *detail = lw_diagram_window_words (volumes->graph, item->host, true);
  if (item->type == LW_BOX_INPUT)
    volume.name = _ ("Input");
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
  size_volume (&volume);
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

/* Along the trunk; of columns only what they end in. */
static void
add_part (LwVolumes *volumes, const LwDiagramPart *part)
{
  if (part->type == LW_PART_BOX)
    assign (volumes, part, (int32_t)volumes->items->len);
  const bool columns = part->type == LW_PART_PARALLEL && part->style == LW_PARALLEL_COLUMNS;
  if (part->type == LW_PART_BOX && part->item->block >= 0)
    add_block (volumes, part->item);
  else if (part->type == LW_PART_BOX)
    add_layer (volumes, part->item);
  for (guint i = 0; part->children && !columns && i < part->children->len; i++)
    if (part->type != LW_PART_PARALLEL || (int)i == part->main)
      add_part (volumes, part->children->pdata[i]);
  if (part->type != LW_PART_PARALLEL)
    return;
  const int32_t join = (int32_t)volumes->items->len;
  for (guint i = 0; i < part->children->len; i++)
    if ((int)i != part->main)
      assign (volumes, part->children->pdata[i], join);
  volumes->node_volume[part->item->host] = join;
  add_layer (volumes, part->item);
}

/* --- places --- */

static double
slot_width (const LwVolumes *volumes, const LwVolume *volume)
{
  double words = lw_text_width (volumes->text, LW_TEXT_TABLE_BOLD, volume->name);
  words = MAX (words, lw_text_width (volumes->text, LW_TEXT_CAPTION, volume->words[0]));
  for (int i = 1; i < 3; i++)
    words = MAX (words, lw_text_width (volumes->text, LW_TEXT_DETAIL, volume->words[i]));
  return ceil (MAX (MAX (SLOT_LEAST, volume->rect.width + SLOT_ROOM), words + SLOT_WORDS));
}

/* All volumes are centred on one line; the words stand below the tallest. */
static void
place (LwVolumes *volumes)
{
  double tallest = 0, x = MARGIN;
  for (guint i = 0; i < volumes->items->len; i++)
    tallest = MAX (tallest, g_array_index (volumes->items, LwVolume, i).rect.height);
  tallest = ceil (tallest);
  for (guint i = 0; i < volumes->items->len; i++) {
    LwVolume *volume = &g_array_index (volumes->items, LwVolume, i);
    const double width = slot_width (volumes, volume);
    volume->slot = (cairo_rectangle_t){ x, MARGIN, width, tallest + 10 + 4 * LINE };
    volume->rect.x = x + (width - volume->rect.width) / 2;
    volume->rect.y = MARGIN + (tallest - volume->rect.height) / 2;
    x += width;
  }
  volumes->width = x + MARGIN;
  volumes->height = MARGIN + tallest + 10 + 4 * LINE + MARGIN;
}

/* From the first to the last volume of a kind, as long as the other kind does not lie between. */
static void
add_bracket (LwVolumes *volumes, LwKind kind, const char *format, LwCost part, LwCost whole)
{
  int first = -1, last = -1;
  for (guint i = 0; i < volumes->items->len; i++)
    if (g_array_index (volumes->items, LwVolume, i).kind == kind) {
      first = first < 0 ? (int)i : first;
      last = (int)i;
    }
  if (first < 0 || whole.parameters == 0 || whole.macs == 0)
    return;
  if (kind == LW_KIND_CONVOLUTION) /* with the pooling after the last one */
    while (last + 1 < (int)volumes->items->len &&
           g_array_index (volumes->items, LwVolume, last + 1).kind == LW_KIND_POOLING)
      last++;
  const LwVolume *a = &g_array_index (volumes->items, LwVolume, first);
  const LwVolume *b = &g_array_index (volumes->items, LwVolume, last);
  const double parameters = 100.0 * (double)part.parameters / (double)whole.parameters;
  const double macs = 100.0 * (double)part.macs / (double)whole.macs;
  g_autofree char *words = g_strdup_printf (format, parameters, macs);
  const LwVolumeBracket bracket = { a->slot.x + 3, b->slot.x + b->slot.width - a->slot.x - 6,
                                    keep (volumes, g_steal_pointer (&words)) };
  g_array_append_val (volumes->brackets, bracket);
}

static void
add_brackets (LwVolumes *volumes)
{
  const LwGraph *graph = volumes->graph;
  const LwCost whole = lw_graph_cost (graph);
  LwCost sums[LW_N_KINDS] = { 0 };
  for (LwNodeId i = 0; i < lw_graph_n_nodes (graph); i++) {
    const LwCost cost = lw_node_cost (graph, i);
    LwCost *sum = &sums[lw_op_info (lw_graph_node (graph, i)->op)->kind];
    sum->parameters += cost.parameters;
    sum->macs += cost.macs;
  }
  for (guint i = 0; i < volumes->items->len; i++)
    if (g_array_index (volumes->items, LwVolume, i).kind == LW_KIND_JOIN)
      return; /* blocks hold several kinds: a bracket would not say whose they are */
  add_bracket (volumes, LW_KIND_CONVOLUTION,
               _ ("Convolutions: %.0f %% of the parameters, %.0f %% of the MACs"),
               sums[LW_KIND_CONVOLUTION], whole);
  add_bracket (volumes, LW_KIND_LINEAR, _ ("Linear: %.0f %%, %.0f %%"), sums[LW_KIND_LINEAR],
               whole);
  if (volumes->brackets->len > 0)
    volumes->height += BRACKET;
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
  volumes->node_volume = g_new (int32_t, lw_graph_n_nodes (volumes->graph));
  LwDiagramBuild build;
  const LwDiagramPart *root = lw_diagram_build_parts (&build, state, options, volumes->strings);
  add_part (volumes, root);
  lw_diagram_build_clear (&build);
  place (volumes);
  add_brackets (volumes);
  return volumes;
}

void
lw_volumes_free (LwVolumes *volumes)
{
  if (!volumes)
    return;
  g_array_unref (volumes->items);
  g_array_unref (volumes->brackets);
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

LwText *
lw_volumes_text (const LwVolumes *volumes)
{
  return volumes->text;
}

LwDiagramSpot
lw_volumes_hit (const LwVolumes *volumes, double x, double y)
{
  for (guint i = 0; i < volumes->items->len; i++) {
    const LwVolume *volume = &g_array_index (volumes->items, LwVolume, i);
    if (x < volume->slot.x || x >= volume->slot.x + volume->slot.width || y < volume->slot.y ||
        y >= volume->slot.y + volume->slot.height)
      continue;
    const double edge = volume->rect.x + volume->thickness;
    const int band = (int)floor ((edge - x) / LW_BAND_WIDTH);
    const bool front = y >= volume->rect.y - volume->depth_y &&
                       y < volume->rect.y + volume->rect.height && x < edge;
    if (front && band < volume->n_bands)
      return (LwDiagramSpot){ volume->band_nodes[volume->n_bands - 1 - band], -1 };
    return volume->spot;
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
