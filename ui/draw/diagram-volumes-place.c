/* How large the volumes are and where they stand, the lines above them, the brackets below. */
#include "ui/draw/diagram-volumes-private.h"

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
#define BRACKET      26.0
#define BRACKET_GAP  18.0 /* between the words of two */
#define ARC_RISE     12.0 /* of a shortcut over what it skips */
#define HEAD_PAD     14.0 /* beside an open block's title */

void
lw_volumes_size_item (LwVolume *volume)
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

static LwVolume *
item (const LwVolumes *volumes, guint index)
{
  return &g_array_index (volumes->items, LwVolume, index);
}

static double
chevron_width (const LwVolume *volume)
{
  return volume->spot.block >= 0 ? LW_CHEVRON : 0;
}

static double
slot_width (const LwVolumes *volumes, const LwVolume *volume)
{
  double words = lw_text_width (volumes->text, LW_TEXT_TABLE_BOLD, volume->name) +
                 2 * chevron_width (volume); /* the name stays in the middle */
  words = MAX (words, lw_text_width (volumes->text, LW_TEXT_CAPTION, volume->words[0]));
  for (int i = 1; i < 3; i++)
    words = MAX (words, lw_text_width (volumes->text, LW_TEXT_DETAIL, volume->words[i]));
  return ceil (MAX (MAX (SLOT_LEAST, volume->rect.width + SLOT_ROOM), words + SLOT_WORDS));
}

/* Open blocks around few volumes make room for their titles; inner ones come last in the array and
 * are seen to first. */
static void
widen_for_titles (LwVolumes *volumes)
{
  for (guint i = volumes->frames->len; i-- > 0;) {
    const LwVolumeFrame *frame = &g_array_index (volumes->frames, LwVolumeFrame, i);
    const int n = frame->last - frame->first + 1;
    double room = 0;
    for (int32_t v = frame->first; v <= frame->last; v++)
      room += item (volumes, (guint)v)->slot.width;
    const double needed = ceil (lw_text_width (volumes->text, LW_TEXT_DETAIL_BOLD, frame->title) +
                                2 * HEAD_PAD + LW_CHEVRON);
    for (int32_t v = frame->first; v <= frame->last && needed > room; v++)
      item (volumes, (guint)v)->slot.width += ceil ((needed - room) / n);
  }
}

static int32_t
n_heads (const LwVolumes *volumes)
{
  int32_t n = 0;
  for (guint i = 0; i < volumes->frames->len; i++)
    n = MAX (n, g_array_index (volumes->frames, LwVolumeFrame, i).depth + 1);
  return n;
}

static void
place_frames (LwVolumes *volumes)
{
  for (guint i = 0; i < volumes->frames->len; i++) {
    LwVolumeFrame *frame = &g_array_index (volumes->frames, LwVolumeFrame, i);
    const cairo_rectangle_t *a = &item (volumes, (guint)frame->first)->slot;
    const cairo_rectangle_t *b = &item (volumes, (guint)frame->last)->slot;
    frame->rect = (cairo_rectangle_t){ a->x + 2, MARGIN + frame->depth * LW_VOLUME_HEAD,
                                       b->x + b->width - a->x - 4, LW_VOLUME_HEAD - 2 };
  }
}

/* Over the highest of what lies between, and its own ends. */
static void
place_skips (LwVolumes *volumes)
{
  for (guint i = 0; i < volumes->skips->len; i++) {
    LwVolumeSkip *skip = &g_array_index (volumes->skips, LwVolumeSkip, i);
    skip->top = INFINITY;
    for (int32_t v = skip->from; v <= skip->to; v++)
      skip->top = MIN (skip->top, item (volumes, (guint)v)->rect.y - ARC_RISE);
  }
}

/* All volumes are centred on one line; the words stand below the tallest. */
void
lw_volumes_place (LwVolumes *volumes)
{
  const double heads = n_heads (volumes) * LW_VOLUME_HEAD;
  const double top = MARGIN + heads + (volumes->skips->len > 0 ? LW_VOLUME_ARC : 0);
  double tallest = 0, x = MARGIN;
  for (guint i = 0; i < volumes->items->len; i++) {
    tallest = MAX (tallest, item (volumes, i)->rect.height);
    item (volumes, i)->slot.width = slot_width (volumes, item (volumes, i));
  }
  tallest = ceil (tallest);
  widen_for_titles (volumes);
  for (guint i = 0; i < volumes->items->len; i++) {
    LwVolume *volume = item (volumes, i);
    const double width = volume->slot.width;
    volume->slot = (cairo_rectangle_t){ x, top, width, tallest + LW_VOLUME_WORDS };
    volume->rect.x = x + (width - volume->rect.width) / 2;
    volume->rect.y = top + (tallest - volume->rect.height) / 2;
    if (volume->spot.block >= 0)
      volume->chevron_x =
          x + width / 2 - lw_text_width (volumes->text, LW_TEXT_TABLE_BOLD, volume->name) / 2 - 3;
    x += width;
  }
  volumes->width = x + MARGIN;
  volumes->height = top + tallest + LW_VOLUME_WORDS + MARGIN;
  place_frames (volumes);
  place_skips (volumes);
}

/* --- brackets --- */

/* Which volumes hold layers of a kind, visible or hidden. */
static bool *
holders (const LwVolumes *volumes, LwKind kind)
{
  bool *holds = g_new0 (bool, volumes->items->len + 1);
  for (LwNodeId i = 0; i < lw_graph_n_nodes (volumes->graph); i++)
    if (lw_op_info (lw_graph_node (volumes->graph, i)->op)->kind == kind &&
        volumes->node_volume[i] >= 0)
      holds[volumes->node_volume[i]] = true;
  return holds;
}

static LwCost
sum_of (const LwGraph *graph, LwKind kind)
{
  LwCost sum = { 0 };
  for (LwNodeId i = 0; i < lw_graph_n_nodes (graph); i++) {
    const LwCost cost = lw_node_cost (graph, i);
    if (lw_op_info (lw_graph_node (graph, i)->op)->kind != kind)
      continue;
    sum.parameters += cost.parameters;
    sum.macs += cost.macs;
  }
  return sum;
}

/* Of a percentage: what is neither nothing nor all does not look so. */
static char *
percent_words (int64_t part, int64_t whole)
{
  const double percent = 100.0 * (double)part / (double)whole;
  if (percent > 0 && percent < 0.5)
    return g_strdup ("< 1");
  if (percent < 100 && percent > 99.5)
    return g_strdup ("> 99");
  return g_strdup_printf ("%.0f", percent);
}

/* From the first to the last volume that holds the kind, unless the other kind lies between: such a
 * bracket would not say whose numbers they are. */
static void
add_bracket (LwVolumes *volumes, LwKind kind, LwKind other, const char *format)
{
  g_autofree bool *mine = holders (volumes, kind), *others = holders (volumes, other);
  const LwCost whole = lw_graph_cost (volumes->graph), part = sum_of (volumes->graph, kind);
  const int n = (int)volumes->items->len;
  int first = -1, last = -1;
  for (int i = 0; i < n; i++)
    if (mine[i]) {
      first = first < 0 ? i : first;
      last = i;
    }
  if (first < 0 || whole.parameters == 0 || whole.macs == 0)
    return;
  for (int i = first; i <= last; i++)
    if (others[i])
      return;
  while (kind == LW_KIND_CONVOLUTION && last + 1 < n && /* with the pooling after the last one */
         item (volumes, (guint)last + 1)->kind == LW_KIND_POOLING)
    last++;
  const LwVolume *a = item (volumes, (guint)first), *b = item (volumes, (guint)last);
  g_autofree char *parameters = percent_words (part.parameters, whole.parameters);
  g_autofree char *macs = percent_words (part.macs, whole.macs);
  const LwVolumeBracket bracket = {
    .first = first,
    .last = last,
    .x = a->slot.x + 3,
    .width = b->slot.x + b->slot.width - a->slot.x - 6,
    .words = lw_volumes_keep (volumes, g_strdup_printf (format, parameters, macs)),
  };
  g_array_append_val (volumes->brackets, bracket);
}

/* Words stand below the middle of their bracket, or as near to it as the row's ends and the words
 * of the other bracket allow. */
static void
place_words (LwVolumes *volumes)
{
  double free_from = MARGIN;
  for (guint i = 0; i < volumes->brackets->len; i++) {
    LwVolumeBracket *bracket = &g_array_index (volumes->brackets, LwVolumeBracket, i);
    const double half = lw_text_width (volumes->text, LW_TEXT_TABLE_BOLD, bracket->words) / 2;
    bracket->words_x = MAX (bracket->x + bracket->width / 2, free_from + half);
    free_from = bracket->words_x + half + BRACKET_GAP;
  }
  volumes->width = MAX (volumes->width, free_from - BRACKET_GAP + MARGIN);
  double free_to = volumes->width - MARGIN;
  for (guint i = volumes->brackets->len; i-- > 0;) { /* and back, where the last one sticks out */
    LwVolumeBracket *bracket = &g_array_index (volumes->brackets, LwVolumeBracket, i);
    const double half = lw_text_width (volumes->text, LW_TEXT_TABLE_BOLD, bracket->words) / 2;
    const double least = i == 0 ? MARGIN + half : 0;
    bracket->words_x = MAX (MIN (bracket->words_x, free_to - half), least);
    free_to = bracket->words_x - half - BRACKET_GAP;
  }
}

static int
by_place (gconstpointer a, gconstpointer b)
{
  const LwVolumeBracket *one = a, *other = b;
  return one->first - other->first;
}

void
lw_volumes_add_brackets (LwVolumes *volumes)
{
  add_bracket (volumes, LW_KIND_CONVOLUTION, LW_KIND_LINEAR,
               _ ("Convolutions: %s %% of the parameters, %s %% of the MACs"));
  add_bracket (volumes, LW_KIND_LINEAR, LW_KIND_CONVOLUTION,
               volumes->brackets->len > 0
                   ? _ ("Linear: %s %%, %s %%")
                   : _ ("Linear: %s %% of the parameters, %s %% of the MACs"));
  if (volumes->brackets->len == 0)
    return;
  g_array_sort (volumes->brackets, by_place);
  place_words (volumes);
  volumes->height += BRACKET;
}
