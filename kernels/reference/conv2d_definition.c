/* A convolution as its definition: nothing here but the sums, in the order of the formulas. */
#include "kernels/reference/reference.h"

/* x[n, c, y, x] of the zero-padded image. */
static double
cell (const float *image, LwShape shape, int64_t n, int64_t c, int64_t y, int64_t x)
{
  if (y < 0 || y >= shape.h || x < 0 || x >= shape.w)
    return 0;
  return (double)image[((n * shape.c + c) * shape.h + y) * shape.w + x];
}

/* y[n,o,i,j] = b[o] + Σ_{c,u,v} w[o,c,u,v] · x[n, c, s·i + u − p, s·j + v − p] */
static double
output (const LwConv2dDefinition *d, int64_t n, int64_t o, int64_t i, int64_t j)
{
  const int64_t k = d->window.kernel, s = d->window.stride, p = d->window.padding;
  double sum = d->bias ? (double)d->bias[o] : 0;

  for (int64_t c = 0; c < d->from.c; c++)
    for (int64_t u = 0; u < k; u++)
      for (int64_t v = 0; v < k; v++)
        sum += (double)d->w[((o * d->from.c + c) * k + u) * k + v] *
               cell (d->x, d->from, n, c, s * i + u - p, s * j + v - p);
  return sum;
}

/* dx[n,c,y,x] = Σ over all o, i, j, u, v with s·i + u − p = y and s·j + v − p = x
 *               of w[o,c,u,v] · dy[n,o,i,j] */
static double
data_gradient (const LwConv2dDefinition *d, int64_t n, int64_t c, int64_t y, int64_t x)
{
  const int64_t k = d->window.kernel, s = d->window.stride, p = d->window.padding;
  double sum = 0;

  for (int64_t o = 0; o < d->to.c; o++)
    for (int64_t i = 0; i < d->to.h; i++)
      for (int64_t j = 0; j < d->to.w; j++) {
        const int64_t u = y + p - s * i, v = x + p - s * j;

        if (u >= 0 && u < k && v >= 0 && v < k)
          sum +=
              (double)d->w[((o * d->from.c + c) * k + u) * k + v] * cell (d->dy, d->to, n, o, i, j);
      }
  return sum;
}

/* dw[o,c,u,v] = Σ_{n,i,j} dy[n,o,i,j] · x[n, c, s·i + u − p, s·j + v − p] */
static double
weight_gradient (const LwConv2dDefinition *d, int64_t o, int64_t c, int64_t u, int64_t v)
{
  const int64_t s = d->window.stride, p = d->window.padding;
  double sum = 0;

  for (int64_t n = 0; n < d->n; n++)
    for (int64_t i = 0; i < d->to.h; i++)
      for (int64_t j = 0; j < d->to.w; j++)
        sum += cell (d->dy, d->to, n, o, i, j) *
               cell (d->x, d->from, n, c, s * i + u - p, s * j + v - p);
  return sum;
}

/* db[o] = Σ_{n,i,j} dy[n,o,i,j] */
static double
bias_gradient (const LwConv2dDefinition *d, int64_t o)
{
  double sum = 0;

  for (int64_t n = 0; n < d->n; n++)
    for (int64_t i = 0; i < d->to.h; i++)
      for (int64_t j = 0; j < d->to.w; j++)
        sum += cell (d->dy, d->to, n, o, i, j);
  return sum;
}

void
lw_conv2d_definition (const LwConv2dDefinition *d)
{
  const int64_t k = d->window.kernel;
  float *y = d->y, *dx = d->dx, *dw = d->dw, *db = d->dbias;

  for (int64_t n = 0; y && n < d->n; n++)
    for (int64_t o = 0; o < d->to.c; o++)
      for (int64_t i = 0; i < d->to.h; i++)
        for (int64_t j = 0; j < d->to.w; j++)
          *y++ = (float)output (d, n, o, i, j);
  for (int64_t n = 0; dx && n < d->n; n++)
    for (int64_t c = 0; c < d->from.c; c++)
      for (int64_t i = 0; i < d->from.h; i++)
        for (int64_t j = 0; j < d->from.w; j++)
          *dx++ = (float)data_gradient (d, n, c, i, j);
  for (int64_t o = 0; dw && o < d->to.c; o++)
    for (int64_t c = 0; c < d->from.c; c++)
      for (int64_t u = 0; u < k; u++)
        for (int64_t v = 0; v < k; v++)
          *dw++ = (float)weight_gradient (d, o, c, u, v);
  for (int64_t o = 0; db && o < d->to.c; o++)
    *db++ = (float)bias_gradient (d, o);
}
