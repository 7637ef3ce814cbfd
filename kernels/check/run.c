#include "kernels/check/run.h"

#include "engine/i18n.h"

#include <string.h>

enum { GUARD = 256, MAX_BUFFERS = 64 };

/* NaN as a float and as two bfloat16; an index far out of reach. */
#define POISON INT32_C (0x7fff7fff)

typedef struct {
  const LwBackend *backend;
  LwDevice *device;
  const LwKernelSubject *subject;
  const LwKernelData *data;
  LwKernelVariant variant;
  LwStep step;
  struct {
    char *memory; /* guard, body, guard */
    size_t bytes; /* of the body */
  } buffers[MAX_BUFFERS];
  int n_buffers;
  LwKernelResult *result;
  GError *error; /* the first; afterwards nothing more is done */
} Run;

/* --- memory ----------------------------------------------------------------------------------- */

/* Writes through upload_labels, which copies int32 as they are. */
static void
poison (Run *run, void *memory, size_t bytes)
{
  const size_t n = bytes / sizeof (int32_t);
  g_autofree int32_t *values = NULL;

  if (n == 0 || run->error != NULL)
    return;
  values = g_new (int32_t, n);
  for (size_t i = 0; i < n; i++)
    values[i] = POISON;
  run->backend->upload_labels (run->device, memory, values, (int32_t)n, &run->error);
}

static void *
new_buffer (Run *run, size_t bytes)
{
  const size_t whole = GUARD + (bytes + 3) / 4 * 4 + GUARD;
  char *memory;

  if (run->error != NULL || run->n_buffers == MAX_BUFFERS)
    return NULL;
  memory = run->backend->alloc (run->device, whole, &run->error);
  if (memory == NULL)
    return NULL;
  run->buffers[run->n_buffers].memory = memory;
  run->buffers[run->n_buffers++].bytes = (bytes + 3) / 4 * 4;
  poison (run, memory, whole);
  return memory + GUARD;
}

/* Fills the buffer that starts at `body` with NaN. */
static void
forget (Run *run, const void *body)
{
  for (int i = 0; i < run->n_buffers; i++)
    if (body && run->buffers[i].memory + GUARD == body)
      poison (run, run->buffers[i].memory + GUARD, run->buffers[i].bytes);
}

/* Reads through a tensor of int64, the only type whose layout no backend may choose. */
static void
check_guard (Run *run, int buffer, bool before)
{
  enum { WORDS = GUARD / sizeof (int64_t) };
  const LwTensorInfo guard = { .name = "guard", .dtype = LW_I64, .rank = 1, .size = WORDS };
  const int64_t expected = (int64_t)POISON << 32 | POISON;
  const char *memory = run->buffers[buffer].memory;
  int64_t words[WORDS] = { 0 };

  if (!before)
    memory += GUARD + run->buffers[buffer].bytes;
  if (run->error != NULL ||
      !run->backend->download_tensor (run->device, memory, &guard, words, &run->error))
    return;
  for (int i = 0; i < WORDS && run->error == NULL; i++)
    if (words[i] != expected)
      g_set_error (&run->error, LW_ERROR, LW_ERROR_INVALID,
                   before ? _ ("The kernel of \"%s\" (variant %d) wrote before the beginning of "
                               "buffer %d, at byte %d.")
                          : _ ("The kernel of \"%s\" (variant %d) wrote past the end of buffer "
                               "%d, at byte %d."),
                   run->subject->info->name, (int)run->variant, buffer,
                   8 * i - (before ? GUARD : 0));
}

static void
check_guards (Run *run)
{
  for (int i = 0; i < run->n_buffers; i++) {
    check_guard (run, i, true);
    check_guard (run, i, false);
  }
}

static size_t
value_bytes (Run *run, LwShape shape)
{
  return run->backend->value_bytes (run->device, shape, run->subject->info->batch);
}

static void *
new_value (Run *run, LwShape shape, const float *host)
{
  void *value = new_buffer (run, value_bytes (run, shape));

  if (host && run->error == NULL)
    run->backend->upload_value (run->device, value, shape, run->subject->info->n, host,
                                &run->error);
  return value;
}

static void *
new_tensor (Run *run, const LwTensorInfo *tensor, const void *host)
{
  void *memory = new_buffer (run, run->backend->tensor_bytes (run->device, tensor));

  if (run->error == NULL)
    run->backend->upload_tensor (run->device, memory, tensor, host, &run->error);
  return memory;
}

/* --- results ---------------------------------------------------------------------------------- */

static float *
add_array (Run *run, const char *name, int64_t n)
{
  LwKernelArray *array = &run->result->arrays[run->result->n_arrays++];

  *array = (LwKernelArray){ name, g_new0 (float, n), n };
  return array->values;
}

static void
read_value (Run *run, const char *name, const void *value, LwShape shape, double minus)
{
  const int64_t n = run->subject->info->n * lw_shape_size (shape);
  float *values = add_array (run, name, n);

  if (run->error == NULL)
    run->backend->download_value (run->device, value, shape, run->subject->info->n, values,
                                  &run->error);
  for (int64_t i = 0; i < n; i++)
    values[i] = (float)((double)values[i] - minus);
}

static void
read_tensor (Run *run, const char *name, const void *memory, const LwTensorInfo *tensor,
             double minus)
{
  float *values = add_array (run, name, tensor->size);

  if (run->error == NULL)
    run->backend->download_tensor (run->device, memory, tensor, values, &run->error);
  for (int64_t i = 0; i < tensor->size; i++)
    values[i] = (float)((double)values[i] - minus);
}

/* The mean of each channel and the sum of squared differences from it, which a convolution of the
 * CPU backend keeps for a batch normalization. */
static void
read_kept (Run *run)
{
  const double *kept = run->step.state;
  const int64_t channels = run->step.y_shape.c;
  float *mean = add_array (run, "kept_mean", channels);
  float *squares = add_array (run, "kept_squares", channels);

  for (int64_t c = 0; c < channels; c++) {
    mean[c] = (float)kept[c];
    squares[c] = (float)kept[channels + c];
  }
}

static void
read_norm (Run *run)
{
  const LwKernelSubject *subject = run->subject;
  const LwStep *step = &run->step;
  const LwTensorInfo *mean = lw_kernel_tensor (subject, LW_ROLE_RUNNING_MEAN);
  float *batch_mean, *batch_var;

  read_tensor (run, "running_mean", step->param[LW_ROLE_RUNNING_MEAN], mean, 0);
  read_tensor (run, "running_var", step->param[LW_ROLE_RUNNING_VAR],
               lw_kernel_tensor (subject, LW_ROLE_RUNNING_VAR), 0);
  if (run->error == NULL)
    run->backend->download_tensor (run->device, step->param[LW_ROLE_BATCHES],
                                   lw_kernel_tensor (subject, LW_ROLE_BATCHES),
                                   &run->result->batches, &run->error);
  if (!step->training)
    return;
  batch_mean = add_array (run, "batch_mean", mean->size);
  batch_var = add_array (run, "batch_var", mean->size);
  if (run->error == NULL)
    run->backend->batch_statistics (run->device, step, batch_mean, batch_var, &run->error);
}

static void
read_forward (Run *run)
{
  const LwKernelSubject *subject = run->subject;
  LwStep *step = &run->step;

  if (run->error != NULL || !run->backend->synchronize (run->device, &run->error))
    return;
  if (subject->node)
    read_value (run, "y", step->y, subject->y_shape, 0);
  else
    run->backend->download_loss (run->device, step->y, add_array (run, "y", 2), &run->error);
  /* What a backend keeps in a memory of its own is out of reach. */
  if (subject->info->op == LW_OP_CONV2D && step->state != NULL &&
      lw_backend_is_in_host_memory (run->backend))
    read_kept (run);
  if (subject->info->op == LW_OP_BATCH_NORM)
    read_norm (run);
}

static const char *const dx_names[LW_MAX_INPUTS] = {
  "dx",  "dx1", "dx2",  "dx3",  "dx4",  "dx5",  "dx6",  "dx7",
  "dx8", "dx9", "dx10", "dx11", "dx12", "dx13", "dx14", "dx15",
};

static void
read_backward (Run *run)
{
  static const char *const names[] = { "dweight", "dbias" };
  LwStep *step = &run->step;

  if (run->error != NULL || !run->backend->synchronize (run->device, &run->error))
    return;
  for (int i = 0; i < step->n_x; i++)
    if (step->dx[i] && lw_kernel_first_use (run->subject, i) == i)
      read_value (run, dx_names[i], step->dx[i], step->x_shape[i],
                  step->accumulate >> i & 1 ? LW_KERNEL_BEFORE : 0);
  for (int role = 0; role <= LW_ROLE_BIAS; role++)
    if (step->dparam[role])
      read_tensor (run, names[role], step->dparam[role],
                   lw_kernel_tensor (run->subject, (LwTensorRole)role), 1);
}

/* --- the run ---------------------------------------------------------------------------------- */

static float *
constant (int64_t n, float value)
{
  float *values = g_new (float, n);

  for (int64_t i = 0; i < n; i++)
    values[i] = value;
  return values;
}

/* Must y be x and dx be dy? */
static bool
only_renames (const Run *run)
{
  const LwShape map = run->step.x_shape[0];

  return run->step.op == LW_OP_FLATTEN &&
         (!run->backend->channels_last || map.c == 1 || (map.h == 1 && map.w == 1));
}

/* May y be x and dx be dy? */
static bool
in_place_allowed (const Run *run)
{
  return lw_op_info (run->step.op)->in_place && run->step.op != LW_OP_FLATTEN &&
         !run->subject->info->same;
}

static void
bind_forward (Run *run)
{
  const LwKernelSubject *subject = run->subject;
  const LwKernelCase *info = subject->info;
  const LwOpInfo *op = lw_op_info (info->op);
  const LwKernel *kernel = &run->backend->kernels[info->op];
  LwStep *step = &run->step;
  const bool overwrites = only_renames (run) ||
                          (in_place_allowed (run) &&
                           (run->variant == LW_KERNEL_INFERENCE ||
                            (run->variant == LW_KERNEL_IN_PLACE && !(op->saves & LW_SAVES_INPUT))));

  for (int i = 0; i < step->n_x; i++) {
    const int first = lw_kernel_first_use (subject, i);

    step->x[i] = first < i ? step->x[first] : new_value (run, step->x_shape[i], run->data->x[i]);
  }
  if (overwrites)
    step->y = (void *)step->x[0];
  else if (info->op == LW_OP_INPUT) /* the uploaded images */
    step->y = new_value (run, step->y_shape, run->data->dy);
  else if (subject->node)
    step->y = new_value (run, step->y_shape, NULL);
  else
    step->y = new_buffer (run, 2 * sizeof (float));
  for (int role = 0; role < LW_MAX_TENSORS; role++) {
    const LwTensorInfo *tensor = lw_kernel_tensor (subject, (LwTensorRole)role);
    const void *host = role == LW_ROLE_BATCHES ? (const void *)&run->data->batches
                                               : (const void *)run->data->param[role];

    if (tensor)
      step->param[role] = new_tensor (run, tensor, host);
  }
  if (run->data->labels) {
    step->labels = new_buffer (run, sizeof (int32_t) * (size_t)info->batch);
    if (run->error == NULL)
      run->backend->upload_labels (run->device, (void *)step->labels, run->data->labels, info->n,
                                   &run->error);
  }
  if (kernel->state_bytes && step->training && kernel->state_bytes (run->device, step) > 0)
    step->state = new_buffer (run, kernel->state_bytes (run->device, step));
  if (kernel->workspace_bytes && kernel->workspace_bytes (run->device, step) > 0)
    step->workspace = new_buffer (run, kernel->workspace_bytes (run->device, step));
}

static void
bind_backward (Run *run)
{
  const LwKernelSubject *subject = run->subject;
  LwStep *step = &run->step;
  const bool in_place =
      only_renames (run) || (run->variant == LW_KERNEL_IN_PLACE && in_place_allowed (run));

  if (run->data->dy)
    step->dy = new_value (run, step->y_shape, run->data->dy);
  for (int i = 0; i < step->n_x && run->variant != LW_KERNEL_WITHOUT_DX; i++) {
    const int first = lw_kernel_first_use (subject, i);

    if (i == 0 && in_place) {
      step->dx[0] = (void *)step->dy;
      continue;
    }
    if (first < i) { /* adds to what its first use wrote */
      step->dx[i] = step->dx[first];
      step->accumulate |= 1u << i;
      continue;
    }

    const int64_t n = subject->info->n * lw_shape_size (step->x_shape[i]);
    const bool accumulate = run->variant == LW_KERNEL_ACCUMULATE;
    g_autofree float *before = accumulate ? constant (n, LW_KERNEL_BEFORE) : NULL;

    step->dx[i] = new_value (run, step->x_shape[i], before);
    step->accumulate |= (uint32_t)accumulate << i;
  }
  for (int role = 0; role <= LW_ROLE_BIAS; role++) {
    const LwTensorInfo *tensor = lw_kernel_tensor (subject, (LwTensorRole)role);

    if (tensor) {
      g_autofree float *ones = constant (tensor->size, 1);

      step->dparam[role] = new_tensor (run, tensor, ones);
    }
  }
}

/* What the plan may have given to others between forward and backward. */
static void
forget_what_is_not_saved (Run *run)
{
  const uint8_t saves = lw_op_info (run->step.op)->saves;

  for (int i = 0; i < run->step.n_x && !(saves & LW_SAVES_INPUT); i++)
    if (run->step.x[i] != run->step.y || !(saves & LW_SAVES_OUTPUT))
      forget (run, run->step.x[i]);
  if (!(saves & LW_SAVES_OUTPUT) && run->step.y != run->step.x[0])
    forget (run, run->step.y);
  if (!(saves & LW_SAVES_STATE))
    forget (run, run->step.state);
  forget (run, run->step.workspace);
}

static void
run_kernel (Run *run)
{
  const LwKernel *kernel = &run->backend->kernels[run->step.op];
  const bool inference = run->variant == LW_KERNEL_INFERENCE;
  LwStep *step = &run->step;
  bool prepared;

  bind_forward (run);
  if (!inference)
    bind_backward (run);
  if (run->error != NULL)
    return;
  prepared = kernel->prepare == NULL || kernel->prepare (run->device, step, &run->error);
  if (prepared && kernel->forward (run->device, step, &run->error))
    read_forward (run);
  if (run->error == NULL && !inference && step->op != LW_OP_INPUT) {
    forget_what_is_not_saved (run);
    if (run->error == NULL && kernel->backward (run->device, step, &run->error))
      read_backward (run);
  }
  check_guards (run);
  if (prepared && kernel->release)
    kernel->release (run->device, step);
}

LwKernelResult *
lw_kernel_try (const LwBackend *backend, LwDevice *device, const LwKernelSubject *subject,
               const LwKernelData *data, LwKernelVariant variant, GError **error)
{
  g_autoptr (LwKernelResult) result = g_new0 (LwKernelResult, 1);
  Run run = { .backend = backend,
              .device = device,
              .subject = subject,
              .data = data,
              .variant = variant,
              .result = result };

  run.step = (LwStep){ .op = subject->info->op,
                       .graph = subject->graph,
                       .node = subject->node,
                       .id = subject->id,
                       .batch = subject->info->batch,
                       .n = subject->info->n,
                       .training = variant != LW_KERNEL_INFERENCE && !subject->info->inference,
                       .n_x = subject->n_x,
                       .y_shape = subject->y_shape,
                       .seed = 42,
                       .iteration = 7 };
  memcpy (run.step.x_shape, subject->x_shape, sizeof run.step.x_shape);
  run_kernel (&run);
  for (int i = 0; i < run.n_buffers; i++)
    backend->free (device, run.buffers[i].memory, 2 * GUARD + run.buffers[i].bytes);
  if (run.error == NULL)
    return g_steal_pointer (&result);
  g_propagate_error (error, run.error);
  return NULL;
}

void
lw_kernel_result_free (LwKernelResult *result)
{
  for (int i = 0; i < result->n_arrays; i++)
    g_free (result->arrays[i].values);
  g_free (result);
}
