/* Batch in lanes: the layout for small networks, chosen by `adapt` (lanes_layout.c). Values are
 * [group][c][h][w][lane]: a vector holds one number of LW_LANES examples, so that no channel count
 * and no width leaves lanes empty, and weights, in PyTorch's order, are single numbers that
 * multiply all lanes. What an operation does with one group lies in the second cache.
 *
 * The lanes behind the last example are computed like others: as values they are finite, for their
 * images are zero; as gradients they are zero. Only where examples are added up, in batch
 * normalization's statistics and in the loss, do kernels look at how many there are.
 *
 * Every operation is a function of one group, and the kernels run it over the groups. In a pass
 * that nobody watches (lanes_link.c) a group goes through many operations before the next one
 * starts: the same functions then, or others that round in the same places, so that the bits are
 * the same. Private to this folder. */
#pragma once

#include "kernels/cpu/kernels.h"

#include <string.h>

G_BEGIN_DECLS

typedef int32_t LwVecInt __attribute__ ((vector_size (LW_LANES * 4)));

/* One group's part of an operation. */
typedef struct {
  const LwStep *step;
  int32_t n; /* examples present in the batch */
  int64_t group;
  char *kept;    /* step->workspace: from one call to the next, or from group to group */
  char *scratch; /* of this thread, while a group's function runs */
} LwLanes;

static inline int64_t
lw_groups (int32_t n)
{
  return ((int64_t)n + LW_LANES - 1) / LW_LANES;
}

/* Numbers of one group of a value. */
static inline int64_t
lw_group_size (LwShape shape)
{
  return lw_shape_size (shape) * LW_LANES;
}

static inline const float *
lw_lanes_at (const void *value, LwShape shape, int64_t group)
{
  return (const float *)value + group * lw_group_size (shape);
}

static inline float *
lw_lanes_in (void *value, LwShape shape, int64_t group)
{
  return (float *)value + group * lw_group_size (shape);
}

/* Sizes in a workspace, so that what follows is aligned for vectors. */
static inline size_t
lw_lanes_aligned (size_t bytes)
{
  return (bytes + 63) / 64 * 64;
}

LW_INLINE LwVec
lw_vec_all (float value)
{
  return (LwVec){ 0 } + value;
}

/* The value as it is in memory: keeps a product from being fused with a sum behind it, for the
 * kernels that share a formula must round in the same places. */
LW_INLINE LwVec
lw_vec_rounded (LwVec value)
{
#if defined __AVX512F__
  __asm__("" : "+v"(value));
#elif defined __x86_64__
  __asm__("" : "+x"(value));
#else
  __asm__("" : "+m"(value));
#endif
  return value;
}

/* 1 for a group's lanes that hold an example, 0 for the others. */
LW_INLINE LwVec
lw_lanes_present (int32_t n, int64_t group)
{
  LwVec present = { 0 };

  for (int lane = 0; lane < LW_LANES; lane++)
    present[lane] = group * LW_LANES + lane < n ? 1 : 0;
  return present;
}

static inline int
lw_lanes_count (int32_t n, int64_t group)
{
  return (int)MIN (LW_LANES, n - group * LW_LANES);
}

/* sums[i] ← the sum of vector i's lanes; halves are added to halves. */
void LW_CPU (lanes_sum) (const float *vectors, int64_t n, float *sums);

/* Rows of the table. */
extern const LwKernel LW_CPU (lanes_kernels)[LW_N_OPS];
bool LW_CPU (adapt) (LwDevice *device, const LwGraph *graph, int32_t batch, bool training,
                     GError **error);
size_t LW_CPU (lanes_value_bytes) (LwShape shape, int32_t batch);
void LW_CPU (lanes_upload) (LwDevice *device, void *value, LwShape shape, int32_t n,
                            const float *host);
void LW_CPU (lanes_download) (LwDevice *device, const void *value, LwShape shape, int32_t n,
                              float *host);
bool LW_CPU (lanes_link) (LwDevice *device, LwStep *steps, int32_t n, GError **error);
void LW_CPU (lanes_unlink) (LwDevice *device, LwStep *steps, int32_t n);

/* Bytes of `kept` and of one thread's `scratch`. */
typedef struct {
  size_t kept, scratch;
} LwLanesNeed;

/* [size][lane] → [lane][row], row ≥ size; what is behind the numbers of a row, up to whole vectors,
 * is zero. */
void LW_CPU (lanes_turn) (const float *group, int64_t size, int64_t row, float *to);

/* The kernels that lanes_table.c does not hold itself. */
LwKernelFn LW_CPU (lanes_activation_forward), LW_CPU (lanes_activation_backward),
    LW_CPU (lanes_pool_forward), LW_CPU (lanes_pool_backward), LW_CPU (lanes_global_pool_forward),
    LW_CPU (lanes_global_pool_backward), LW_CPU (lanes_dropout_forward),
    LW_CPU (lanes_dropout_backward), LW_CPU (lanes_flatten_forward),
    LW_CPU (lanes_flatten_backward), LW_CPU (lanes_add_forward), LW_CPU (lanes_add_backward),
    LW_CPU (lanes_concat_forward), LW_CPU (lanes_concat_backward), LW_CPU (lanes_loss_forward),
    LW_CPU (lanes_loss_backward_all);
LwKernelBytesFn LW_CPU (lanes_max_pool_state), LW_CPU (lanes_dropout_state);

/* How an operation's kernel goes over the groups. */
typedef void LwLanesFn (const LwLanes *lanes);
void LW_CPU (lanes_run) (LwDevice *device, const LwStep *step, LwLanesNeed need, LwLanesFn *fn);
size_t LW_CPU (lanes_need_bytes) (const LwDevice *device, LwLanesNeed need);

/* --- functions of a group, for the kernels and for linked steps -------------------------------
 * x, y, dx and dy are one group's numbers. */

LwLanesNeed LW_CPU (lanes_conv_need) (const LwStep *step);
/* Before a pass over the groups: what all of them read of the weights. */
void LW_CPU (lanes_conv_prepare) (const LwStep *step, char *kept);
void LW_CPU (lanes_conv_forward) (const LwLanes *lanes, const float *x, float *y);
/* dx may be NULL. The weights' gradients are kept, a group's for itself … */
void LW_CPU (lanes_conv_backward) (const LwLanes *lanes, const float *x, const float *dy, float *dx,
                                   bool accumulate);
/* … and added up into dparam. */
void LW_CPU (lanes_conv_add_gradients) (const LwStep *step, int32_t n, char *kept);

void LW_CPU (lanes_linear_forward) (const LwStep *step, const float *x, float *y);
void LW_CPU (lanes_linear_data) (const LwStep *step, const float *dy, float *dx, bool accumulate);
/* Weights' gradients: x is turned, group by group, before the whole batch is gone over. */
LwLanesNeed LW_CPU (lanes_linear_need) (const LwStep *step);
void LW_CPU (lanes_linear_turn) (const LwLanes *lanes, const float *x);
void LW_CPU (lanes_linear_gradients) (LwDevice *device, const LwStep *step, int32_t n,
                                      const char *kept);

LwLanesNeed LW_CPU (lanes_norm_need) (const LwStep *step);
void LW_CPU (lanes_norm_measure) (const LwLanes *lanes, const float *x);
bool LW_CPU (lanes_norm_finish) (const LwStep *step, int32_t n, char *kept, GError **error);
void LW_CPU (lanes_norm_start_backward) (const LwStep *step, char *kept);
void LW_CPU (lanes_norm_sum) (const LwLanes *lanes, const float *x, const float *dy);
bool
    LW_CPU (lanes_norm_finish_backward) (const LwStep *step, int32_t n, char *kept, GError **error);
void LW_CPU (lanes_norm_gradient) (const LwLanes *lanes, const float *x, const float *dy, float *dx,
                                   bool accumulate);

/* What follows a convolution or linear layer: batch normalization, activation, pooling of 2 × 2
 * windows; each may be missing, as NULL. `kept` is the normalization's. */
typedef struct {
  const LwStep *norm, *activation, *pool;
} LwLanesTail;
bool LW_CPU (lanes_pool_is_plain) (const LwStep *step);
/* x → y, the activation's values (NULL: nobody wants them), and p, the pooling's. */
void LW_CPU (lanes_tail_forward) (const LwLanesTail *tail, const char *kept, int64_t group,
                                  const float *x, float *y, float *p);
/* d, the gradient with respect to the tail's output → dz, that with respect to the activation's
 * input; dz may be y. */
void LW_CPU (lanes_tail_backward) (const LwLanesTail *tail, int64_t group, const float *y,
                                   const float *d, float *dz);

void LW_CPU (lanes_loss_backward) (const LwStep *step, int32_t n, int64_t group);

LwKernelFn LW_CPU (lanes_linked_forward), LW_CPU (lanes_linked_backward);
/* Does a step's own kernel do something? Linked, most wait for none. */
bool LW_CPU (lanes_works) (const LwStep *step, bool backward);
size_t LW_CPU (lanes_linked_bytes) (LwDevice *device, const LwStep *step);

G_END_DECLS
