/* Convolution in lanes: what its two algorithms share, the plain one (lanes_conv.c) and the one by
 * rows (lanes_rows.c). Private to these files. */
#pragma once

#include "kernels/cpu/lanes.h"

G_BEGIN_DECLS

/* The input counts with its border. */
typedef struct {
  int64_t channels, rows, columns;
  int64_t outputs, kernel, stride, y_rows, y_columns;
  int64_t tiles; /* by rows: of four columns of the output; the input's border fits them */
  bool borders;  /* the input has to be copied into its border */
} LwConvShape;

/* Are rows convolved by fewer multiplications? */
static inline bool
lw_conv_has_rows (const LwStep *step)
{
  return step->node->window.kernel == 5 && step->node->window.stride == 1;
}

static inline LwConvShape
lw_conv_shape (const LwStep *step)
{
  const LwShape x = step->x_shape[0], y = step->y_shape;
  const LwWindow window = step->node->window;
  LwConvShape shape = { .channels = x.c,
                        .rows = x.h + 2 * window.padding,
                        .columns = x.w + 2 * window.padding,
                        .outputs = y.c,
                        .kernel = window.kernel,
                        .stride = window.stride,
                        .y_rows = y.h,
                        .y_columns = y.w,
                        .tiles = (y.w + 3) / 4 };

  if (lw_conv_has_rows (step))
    shape.columns = 4 * shape.tiles + 4;
  shape.borders = shape.rows != x.h || shape.columns != x.w;
  return shape;
}

static inline size_t
lw_conv_border_bytes (const LwConvShape *shape)
{
  return shape->borders
             ? sizeof (float) * LW_LANES * (size_t)(shape->channels * shape->rows * shape->columns)
             : 0;
}

/* x itself, or its copy with a border of zeros. */
const float *LW_CPU (lanes_border) (const LwStep *step, const LwConvShape *shape, const float *x,
                                    float *copy);
/* sums[i] ← the sum of a plane of `pixels` vectors, lanes included; the bias's gradient. */
void LW_CPU (lanes_plane_sums) (const float *planes, int64_t n, int64_t pixels, float *sums);

LwLanesNeed LW_CPU (lanes_rows_need) (const LwStep *step);
void LW_CPU (lanes_rows_prepare) (const LwStep *step, char *kept);
void LW_CPU (lanes_rows_forward) (const LwLanes *lanes, const float *x, float *y);
void LW_CPU (lanes_rows_backward) (const LwLanes *lanes, const float *x, const float *dy, float *dx,
                                   bool accumulate);
void LW_CPU (lanes_rows_add_gradients) (const LwStep *step, int32_t n, char *kept);

G_END_DECLS
