/* Numbers into lanes and out of them, by shuffles of whole squares of vectors; which networks use
 * this layout; how kernels go over the groups. */
#include "kernels/cpu/lanes.h"

/* --- shuffles --------------------------------------------------------------------------------- */

/* For each lane e. Of vectors that consist of blocks of 2h lanes, the first or second halves of all
 * blocks, one vector's and then the other's. */
#define HALF(e, h, add) ((e) / (h)*2 * (h) + (e) % (h) + (add))
/* The lanes of two vectors by turns, from lane `add` on. */
#define TURNS(e, add) ((e) / 2 + (e) % 2 * LW_LANES + (add))
#define FOUR(F, e, ...)                                                                            \
  F (e, __VA_ARGS__), F ((e) + 1, __VA_ARGS__), F ((e) + 2, __VA_ARGS__), F ((e) + 3, __VA_ARGS__)
#if LW_LANES == 16
#define EACH(F, ...)                                                                               \
  FOUR (F, 0, __VA_ARGS__), FOUR (F, 4, __VA_ARGS__), FOUR (F, 8, __VA_ARGS__),                    \
      FOUR (F, 12, __VA_ARGS__)
#elif LW_LANES == 8
#define EACH(F, ...) FOUR (F, 0, __VA_ARGS__), FOUR (F, 4, __VA_ARGS__)
#else
#define EACH(F, ...) FOUR (F, 0, __VA_ARGS__)
#endif

#define ADD_HALVES(v, h)                                                                           \
  do {                                                                                             \
    for (int i = 0; i < (h); i++)                                                                  \
      (v)[i] = __builtin_shuffle ((v)[2 * i], (v)[2 * i + 1], (LwVecInt){ EACH (HALF, h, 0) }) +   \
               __builtin_shuffle ((v)[2 * i], (v)[2 * i + 1], (LwVecInt){ EACH (HALF, h, h) });    \
  } while (0)

/* v[0] ← the sums of all vectors. */
LW_INLINE void
sum_square (LwVec v[LW_LANES])
{
#if LW_LANES == 16
  ADD_HALVES (v, 8);
#endif
#if LW_LANES >= 8
  ADD_HALVES (v, 4);
#endif
  ADD_HALVES (v, 2);
  ADD_HALVES (v, 1);
}

void
LW_CPU (lanes_sum) (const float *vectors, int64_t n, float *sums)
{
  for (int64_t first = 0; first < n; first += LW_LANES) {
    const int count = (int)MIN (LW_LANES, n - first);
    LwVec square[LW_LANES];

    for (int i = 0; i < LW_LANES; i++)
      square[i] = i < count ? lw_vec_load (vectors + (first + i) * LW_LANES) : (LwVec){ 0 };
    sum_square (square);
    if (count == LW_LANES)
      lw_vec_store (sums + first, square[0]);
    else
      for (int i = 0; i < count; i++)
        sums[first + i] = square[0][i];
  }
}

/* Rows and columns exchanged. */
LW_INLINE void
turn_square (LwVec v[LW_LANES])
{
  LwVec turned[LW_LANES];

  for (int side = 1; side < LW_LANES; side *= 2) {
    for (int i = 0; i < LW_LANES / 2; i++) {
      turned[2 * i] = __builtin_shuffle (v[i], v[i + LW_LANES / 2], (LwVecInt){ EACH (TURNS, 0) });
      turned[2 * i + 1] =
          __builtin_shuffle (v[i], v[i + LW_LANES / 2], (LwVecInt){ EACH (TURNS, LW_LANES / 2) });
    }
    for (int i = 0; i < LW_LANES; i++)
      v[i] = turned[i];
  }
}

void
LW_CPU (lanes_turn) (const float *group, int64_t size, int64_t row, float *to)
{
  for (int64_t i = 0; i < size; i += LW_LANES) {
    LwVec square[LW_LANES];

    for (int k = 0; k < LW_LANES; k++)
      square[k] = i + k < size ? lw_vec_load (group + (i + k) * LW_LANES) : (LwVec){ 0 };
    turn_square (square);
    for (int lane = 0; lane < LW_LANES; lane++)
      lw_vec_store (to + lane * row + i, square[lane]);
  }
}

/* --- values ----------------------------------------------------------------------------------- */

typedef struct {
  const float *from;
  float *to;
  int64_t size; /* of an example */
  int32_t n;
} Copy;

size_t
LW_CPU (lanes_value_bytes) (LwShape shape, int32_t batch)
{
  return sizeof (float) * (size_t)(lw_groups (batch) * lw_group_size (shape));
}

static void
upload_groups (const void *data, int64_t group, int64_t last, int thread)
{
  const Copy *copy = data;
  const int64_t size = copy->size;

  (void)thread;
  for (; group < last; group++) {
    const float *from = copy->from + group * LW_LANES * size;
    float *to = copy->to + group * LW_LANES * size;
    const int count = lw_lanes_count (copy->n, group);
    int64_t i = 0;

    for (; i + LW_LANES <= size; i += LW_LANES) {
      LwVec square[LW_LANES];

      for (int lane = 0; lane < LW_LANES; lane++)
        square[lane] = lane < count ? lw_vec_load (from + lane * size + i) : (LwVec){ 0 };
      turn_square (square);
      for (int k = 0; k < LW_LANES; k++)
        lw_vec_store (to + (i + k) * LW_LANES, square[k]);
    }
    for (; i < size; i++)
      for (int lane = 0; lane < LW_LANES; lane++)
        to[i * LW_LANES + lane] = lane < count ? from[lane * size + i] : 0;
  }
}

void
LW_CPU (lanes_upload) (LwDevice *device, void *value, LwShape shape, int32_t n, const float *host)
{
  const Copy copy = { host, value, lw_shape_size (shape), n };

  lw_pool_run_items (device->pool, lw_groups (n), upload_groups, &copy);
}

void
LW_CPU (lanes_download) (LwDevice *device, const void *value, LwShape shape, int32_t n, float *host)
{
  const int64_t size = lw_shape_size (shape);

  (void)device;
  for (int64_t example = 0; example < n; example++) {
    const float *from = lw_lanes_at (value, shape, example / LW_LANES) + example % LW_LANES;

    for (int64_t i = 0; i < size; i++)
      host[example * size + i] = from[i * LW_LANES];
  }
}

/* --- the choice ------------------------------------------------------------------------------- */

enum {
  MOST_CHANNELS = 32,   /* of a convolution's input and output; above, channels fill vectors */
  MOST_NUMBERS = 8192,  /* of an example's value: with 16 lanes half a mebibyte, half a cache */
  MOST_WEIGHTS = 131072 /* of a linear layer */
};

static bool
is_small (const LwGraph *graph, const LwNode *node)
{
  const LwShape y = node->shape;

  if (lw_shape_size (y) > MOST_NUMBERS)
    return false;
  if (node->op == LW_OP_CONV2D)
    return y.c <= MOST_CHANNELS && lw_graph_node (graph, node->inputs[0])->shape.c <= MOST_CHANNELS;
  if (node->op == LW_OP_LINEAR)
    return lw_shape_size (y) * lw_shape_size (lw_graph_node (graph, node->inputs[0])->shape) <=
           MOST_WEIGHTS;
  return true;
}

/* Lanes are several times faster where all is small: also with a quarter of them in use. */
bool
LW_CPU (adapt) (LwDevice *device, const LwGraph *graph, int32_t batch, bool training,
                GError **error)
{
  int32_t convolutions = 0;
  bool small = batch >= MAX (2, LW_LANES / 4);

  (void)training;
  (void)error;
  for (LwNodeId id = 0; small && id < lw_graph_n_nodes (graph); id++) {
    const LwNode *node = lw_graph_node (graph, id);

    small = is_small (graph, node);
    convolutions += node->op == LW_OP_CONV2D;
  }
  device->lanes = small && convolutions > 0;
  return true;
}

/* --- groups ----------------------------------------------------------------------------------- */

typedef struct {
  const LwStep *step;
  LwLanesNeed need;
  LwLanesFn *fn;
} Run;

static void
run_groups (const void *data, int64_t group, int64_t last, int thread)
{
  const Run *run = data;
  char *kept = run->step->workspace;
  const LwLanesNeed need = run->need;

  for (; group < last; group++)
    run->fn (&(LwLanes){ .step = run->step,
                         .n = run->step->n,
                         .group = group,
                         .kept = kept,
                         .scratch = kept + lw_lanes_aligned (need.kept) +
                                    (size_t)thread * lw_lanes_aligned (need.scratch) });
}

void
LW_CPU (lanes_run) (LwDevice *device, const LwStep *step, LwLanesNeed need, LwLanesFn *fn)
{
  const Run run = { step, need, fn };

  lw_pool_run_items (device->pool, lw_groups (step->n), run_groups, &run);
}

size_t
LW_CPU (lanes_need_bytes) (const LwDevice *device, LwLanesNeed need)
{
  return lw_lanes_aligned (need.kept) + (size_t)device->threads * lw_lanes_aligned (need.scratch);
}
