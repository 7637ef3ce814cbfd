/* Training steps as graphs, and results that come back late. */
#include "kernels/cuda/step.h"

#include "kernels/cuda/sums.h"

/* An epoch has batches of two sizes. In each the same part is this process's. */
enum { RECORDED = 4 };

/* Page-locked, so that copies need nobody to wait. */
typedef struct {
  LwCudaNumbers numbers;
  float loss[2];
} Pinned;

typedef struct {
  int32_t n;              /* examples; 0: none */
  int32_t whole, first;   /* of LwStepNumbers, and */
  bool absent;            /* for good in the kernels' arguments */
  const void *kept;       /* of which it makes them; NULL: they are uploaded */
  cudaGraphExec_t replay; /* NULL: seen once */
} Recorded;

struct LwCudaSteps {
  LwCudaStep *memory; /* the device's */
  /* By slot: */
  Pinned *pinned;
  cudaEvent_t done[LW_STEPS_AHEAD]; /* the step and the copy of its loss */
  int64_t enqueued[LW_STEPS_AHEAD]; /* LwDevice's, at its end */
  int64_t begun, read;              /* steps; whose results were read */
  bool inside, recording;
  const float *loss; /* of the step that is begun */
  Recorded *present; /* which it is recorded as */
  Recorded recorded[RECORDED];
  int next; /* of these, to be overwritten */
};

LwCudaStep *
lw_cuda_step (const LwDevice *device)
{
  return device->steps->inside ? device->steps->memory : NULL;
}

bool
lw_cuda_open_steps (LwDevice *device, GError **error)
{
  LwCudaSteps *steps = device->steps = g_new0 (LwCudaSteps, 1);

  steps->memory = lw_cuda_alloc (device, sizeof *steps->memory, error);
  if (steps->memory == NULL ||
      !lw_cuda_check (
          cudaMallocHost ((void **)&steps->pinned, sizeof *steps->pinned * LW_STEPS_AHEAD),
          "cudaMallocHost", error))
    return false;
  for (int slot = 0; slot < LW_STEPS_AHEAD; slot++)
    if (!lw_cuda_check (cudaEventCreateWithFlags (&steps->done[slot], cudaEventDisableTiming),
                        "cudaEventCreate", error))
      return false;
  return lw_cuda_zero (device, steps->memory, sizeof *steps->memory, error);
}

static void
forget (Recorded *recorded)
{
  if (recorded->replay != NULL)
    lw_cuda_ignore (cudaGraphExecDestroy (recorded->replay));
  *recorded = (Recorded){ 0 };
}

void
lw_cuda_forget_steps (LwDevice *device)
{
  for (int i = 0; device->steps != NULL && i < RECORDED; i++)
    forget (&device->steps->recorded[i]);
}

void
lw_cuda_close_steps (LwDevice *device)
{
  LwCudaSteps *steps = device->steps;

  if (steps == NULL)
    return;
  lw_cuda_forget_steps (device);
  for (int slot = 0; slot < LW_STEPS_AHEAD; slot++)
    if (steps->done[slot] != NULL)
      lw_cuda_ignore (cudaEventDestroy (steps->done[slot]));
  if (steps->pinned != NULL)
    lw_cuda_ignore (cudaFreeHost (steps->pinned));
  if (steps->memory != NULL)
    lw_cuda_free (device, steps->memory, sizeof *steps->memory);
  g_clear_pointer (&device->steps, g_free);
}

/* Whether the step differs from those in nothing but what kernels read in LwCudaStep. Processes
 * that share batches find the same: `whole` is the same in all of them, and the rest follows from
 * it (sums.h). */
static bool
is_of (const Recorded *recorded, const LwStepNumbers *numbers)
{
  return recorded->n == numbers->n && recorded->whole == numbers->whole &&
         recorded->first == numbers->first && recorded->absent == numbers->absent &&
         recorded->kept == numbers->kept;
}

/* The row for such a step, which may be new. */
static Recorded *
find_recorded (LwCudaSteps *steps, const LwStepNumbers *numbers)
{
  Recorded *oldest = &steps->recorded[steps->next];

  for (int i = 0; i < RECORDED; i++)
    if (is_of (&steps->recorded[i], numbers))
      return &steps->recorded[i];
  forget (oldest);
  steps->next = (steps->next + 1) % RECORDED;
  return oldest;
}

static bool
send_numbers (LwDevice *device, const LwStepNumbers *numbers, GError **error)
{
  LwCudaSteps *steps = device->steps;
  const uint32_t slot = (uint32_t)(steps->begun % LW_STEPS_AHEAD);
  LwCudaNumbers *pinned = &steps->pinned[slot].numbers;

  *pinned = (LwCudaNumbers){ .seed = numbers->seed,
                             .iteration = (uint32_t)numbers->iteration,
                             .slot = slot,
                             .follows = numbers->follows };
  lw_cuda_put_update (pinned, numbers->update);
  return lw_cuda_check (cudaMemcpyAsync (&steps->memory->numbers, pinned, sizeof *pinned,
                                         cudaMemcpyHostToDevice, device->stream),
                        "cudaMemcpy of a step's numbers", error);
}

bool
lw_cuda_begin_step (LwDevice *device, const LwStepNumbers *numbers, bool *ret_replayed,
                    GError **error)
{
  LwCudaSteps *steps = device->steps;

  g_return_val_if_fail (steps->begun - steps->read < LW_STEPS_AHEAD, false);
  if (!lw_cuda_ready_update (device, numbers->update, error) ||
      !send_numbers (device, numbers, error))
    return false;
  steps->present = find_recorded (steps, numbers);
  steps->loss = numbers->update->loss;
  *ret_replayed = steps->present->replay != NULL;
  if (*ret_replayed) {
    if (!lw_cuda_check (cudaGraphLaunch (steps->present->replay, device->stream), "cudaGraphLaunch",
                        error))
      return false;
  } else if (steps->present->n != 0) {
    steps->recording =
        lw_cuda_check (cudaStreamBeginCapture (device->stream, cudaStreamCaptureModeThreadLocal),
                       "cudaStreamBeginCapture", error);
    if (!steps->recording)
      return false;
  }
  steps->present->n = numbers->n;
  steps->present->whole = numbers->whole;
  steps->present->first = numbers->first;
  steps->present->absent = numbers->absent;
  steps->present->kept = numbers->kept;
  steps->inside = true;
  return true;
}

/* What was captured did not run: it becomes a graph, and that runs. */
static bool
run_recorded (LwDevice *device, GError **error)
{
  LwCudaSteps *steps = device->steps;
  cudaGraphExec_t *replay = &steps->present->replay;
  cudaGraph_t graph = NULL;
  bool made;

  steps->recording = false;
  if (!lw_cuda_check (cudaStreamEndCapture (device->stream, &graph), "cudaStreamEndCapture", error))
    return false;
  made = lw_cuda_check (cudaGraphInstantiate (replay, graph, 0), "cudaGraphInstantiate", error);
  lw_cuda_ignore (cudaGraphDestroy (graph));
  return made &&
         lw_cuda_check (cudaGraphLaunch (*replay, device->stream), "cudaGraphLaunch", error);
}

bool
lw_cuda_end_step (LwDevice *device, GError **error)
{
  LwCudaSteps *steps = device->steps;
  const int slot = (int)(steps->begun % LW_STEPS_AHEAD);

  if ((steps->recording && !run_recorded (device, error)) ||
      !lw_cuda_check (cudaMemcpyAsync (steps->pinned[slot].loss, steps->loss,
                                       sizeof steps->pinned[slot].loss, cudaMemcpyDeviceToHost,
                                       device->stream),
                      "cudaMemcpy of the loss", error) ||
      !lw_cuda_check (cudaEventRecord (steps->done[slot], device->stream), "cudaEventRecord",
                      error))
    return false;
  steps->enqueued[slot] = device->enqueued;
  steps->begun++;
  steps->inside = false;
  return true;
}

/* The next step writes to the slot's page-locked memory: nothing may be under way. */
void
lw_cuda_drop_step (LwDevice *device)
{
  LwCudaSteps *steps = device->steps;
  cudaGraph_t graph = NULL;

  lw_cuda_drop_sums (device);
  if (steps->recording) {
    lw_cuda_ignore (cudaStreamEndCapture (device->stream, &graph));
    if (graph != NULL)
      lw_cuda_ignore (cudaGraphDestroy (graph));
  }
  steps->recording = steps->inside = false;
  forget (steps->present);
  lw_cuda_synchronize (device, NULL);
}

bool
lw_cuda_step_result (LwDevice *device, float ret[2], GError **error)
{
  LwCudaSteps *steps = device->steps;
  const int slot = (int)(steps->read % LW_STEPS_AHEAD);

  g_return_val_if_fail (steps->read < steps->begun, false);
  if (!lw_cuda_wait (device, steps->done[slot], error))
    return false;
  device->over = MAX (device->over, steps->enqueued[slot]);
  ret[0] = steps->pinned[slot].loss[0];
  ret[1] = steps->pinned[slot].loss[1];
  steps->read++;
  return true;
}
