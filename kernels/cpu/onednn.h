/* LwOnednn: one primitive of oneDNN (https://github.com/uxlfoundation/oneDNN, the library libdnnl):
 * a convolution of so many images in one direction, computed by the thread that asks for it. Both
 * generations of the library's C interface, 2.x and 3.x; onednn.c is the only file that includes
 * it. How a batch is divided among threads is onednn_batch.h's.
 *
 * Layouts: values NHWC, float32 or bfloat16; weights in an order of the library's own choice, which
 * reordering makes of HWIO in float32, or that of it for a gradient.
 *
 * Threads: each thread 0 … threads − 1 may compute at the same time as others, with pointers and a
 * scratchpad of its own. After it is made, the library takes no memory but for a call's arguments.
 * Built only where the library was found (LW_WITH_ONEDNN). */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef enum { LW_ONEDNN_FORWARD, LW_ONEDNN_DATA, LW_ONEDNN_WEIGHTS } LwOnednnDirection;

/* x [n][h][w][in] → y [n][out_h][out_w][out] */
typedef struct {
  int32_t n, h, w, in, out_h, out_w, out;
  int32_t kernel, stride, padding;
  bool bias;
  bool bf16; /* values and weights are bfloat16, bias and weights' gradient float32 */
} LwOnednnShape;

typedef struct LwOnednn LwOnednn;

/* What the library says of itself, "2.6.3"; g_free. */
char *lw_onednn_version (void);

/* NULL: the library has no fast code for it. The weights' order is that of `like`, if not NULL. */
LwOnednn *lw_onednn_new (const LwOnednnShape *shape, LwOnednnDirection direction, int threads,
                         const LwOnednn *like);
void lw_onednn_free (LwOnednn *convolution);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwOnednn, lw_onednn_free)

/* Bytes: of a thread's scratchpad; of weights in the library's order. */
size_t lw_onednn_scratchpad (const LwOnednn *convolution);
size_t lw_onednn_packed (const LwOnednn *convolution);
/* Whether that order is another than ours. */
bool lw_onednn_reorders (const LwOnednn *convolution);

/* All below: false when the library failed. */

/* The weights, or their gradient, and the bias, or its gradient, of a thread's next runs. */
bool
lw_onednn_set_weights (LwOnednn *convolution, int thread, const void *weights, const float *bias);
/* From x to y; from dy to dx; for the weights' gradient x and dy, which is only read. */
bool lw_onednn_run (LwOnednn *convolution, int thread, const void *source, void *target,
                    void *scratchpad);
/* Weights to the library's order, a gradient from it; where it reorders. By one thread. */
bool lw_onednn_reorder (LwOnednn *convolution, const void *from, void *to);

G_END_DECLS
