/* Kernel cases: an operation with its attributes on small, ugly shapes, as every backend's kernels
 * are tested. A case becomes a subject, a tiny real graph whose one node is looked at, and data,
 * the numbers that go in. One thread. */
#pragma once

#include "engine/backend.h"

G_BEGIN_DECLS

typedef struct {
  const char *name;
  LwOp op;
  LwShape x;         /* of the input; concat: of each, but for the channels */
  int32_t outputs;   /* convolution, linear: channels of the output */
  int32_t joined[6]; /* concat: channels of each input, up to 0 */
  LwWindow window;
  bool ceil_mode; /* pooling */
  double dropout;
  int32_t batch, n; /* planned and present examples */
  bool inference;   /* batch normalization, dropout: backward of an inference forward */
  bool same;        /* add, concat: all inputs are one value */
  bool measured;    /* convolution: a batch normalization follows, which has to know its sums */
  bool ties;        /* equal numbers in x: no derivative there, compare backends only */
} LwKernelCase;

extern const LwKernelCase lw_kernel_cases[];
extern const int lw_n_kernel_cases;
/* Shapes that fast kernels cut in many ways; not for the reference alone. */
extern const LwKernelCase lw_kernel_large_cases[];
extern const int lw_n_kernel_large_cases;

typedef struct {
  const LwKernelCase *info;
  LwGraph *graph;
  LwNodeId id;
  const LwNode *node; /* NULL: the loss */
  int32_t n_x;
  LwShape x_shape[LW_MAX_INPUTS], y_shape;
} LwKernelSubject;

/* `info` must stay. NULL: the case describes no network; never of the tables above. */
LwKernelSubject *lw_kernel_subject_new (const LwKernelCase *info);
void lw_kernel_subject_free (LwKernelSubject *subject);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwKernelSubject, lw_kernel_subject_free)

/* The first input that is the same value as input `i`: i itself, most times. */
int lw_kernel_first_use (const LwKernelSubject *subject, int i);
/* The subject's tensor of a role, or NULL. */
const LwTensorInfo *lw_kernel_tensor (const LwKernelSubject *subject, LwTensorRole role);

/* Everything in NCHW and PyTorch's order; owned. */
typedef struct {
  float *x[LW_MAX_INPUTS];      /* [n] examples; NULL for a second use of a value */
  float *param[LW_MAX_TENSORS]; /* by role; LW_ROLE_BATCHES is `batches` */
  int64_t batches;
  float *dy;       /* [n] examples; the loss: NULL */
  int32_t *labels; /* [n]; the loss */
} LwKernelData;

/* Zeros, to be filled in. */
LwKernelData *lw_kernel_data_empty (const LwKernelSubject *subject);
/* Numbers that follow from the case's name, away from the kinks of ReLU and maximum pooling. */
LwKernelData *lw_kernel_data_new (const LwKernelSubject *subject);
/* Values, their gradients and weights are rounded to bfloat16; not what normalizes. */
void lw_kernel_data_round (const LwKernelSubject *subject, LwKernelData *data);
void lw_kernel_data_free (LwKernelData *data);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwKernelData, lw_kernel_data_free)

G_END_DECLS
