/* Optimizers: several steps on many tensors of many sizes, on both devices from the same numbers.
 */
#include "kernels/check/judge.h"

#include "kernels/check/formula.h"

#include <math.h>

/* More tensors than a launch takes; a size that no block divides. */
enum { TENSORS = 70, STEPS = 3, SLOTS = 4 }; /* weights, gradients, two moments */

static const struct {
  const char *name;
  LwOptimizer optimizer;
  float momentum;
  bool nesterov;
} kinds[LW_N_OPTIMIZER_CASES] = {
  { "SGD", LW_OPTIMIZER_SGD, 0, false },
  { "SGD with momentum", LW_OPTIMIZER_SGD, 0.9f, false },
  { "SGD with Nesterov's momentum", LW_OPTIMIZER_SGD, 0.9f, true },
  { "Adam", LW_OPTIMIZER_ADAM, 0, false },
};

static LwTensorInfo
tensor (int index)
{
  return (LwTensorInfo){
    .name = "w", .dtype = LW_F32, .rank = 1, .size = index == 3 ? 3001 : index % 7 * 41 + 1
  };
}

/* The numbers of all tensors of a slot, one after another; of moments not negative. */
static GArray *
start_values (int slot)
{
  static const char *const names[SLOTS] = { "weights", "gradients", "first", "second" };
  const uint64_t seed = lw_formula_seed (names[slot]);
  GArray *values = g_array_new (FALSE, FALSE, sizeof (float));

  for (int t = 0; t < TENSORS; t++)
    for (int64_t i = 0; i < tensor (t).size; i++) {
      const float value = (float)lw_formula_uniform (seed, values->len);

      g_array_append_val (values, value);
    }
  return values;
}

typedef struct {
  const LwBackend *backend;
  LwDevice *device;
  void *memory[SLOTS][TENSORS];
} Side;

/* Copies all tensors' numbers to the device or from it. */
static bool
copy (Side *side, int slot, float *values, bool up, GError **error)
{
  for (int t = 0; t < TENSORS; t++) {
    const LwTensorInfo info = tensor (t);

    if (!(up ? side->backend->upload_tensor (side->device, side->memory[slot][t], &info, values,
                                             error)
             : side->backend->download_tensor (side->device, side->memory[slot][t], &info, values,
                                               error)))
      return false;
    values += info.size;
  }
  return true;
}

static bool
take (Side *side, GError **error)
{
  for (int slot = 0; slot < SLOTS; slot++)
    for (int t = 0; t < TENSORS; t++) {
      side->memory[slot][t] =
          side->backend->alloc (side->device, sizeof (float) * (size_t)tensor (t).size, error);
      if (side->memory[slot][t] == NULL)
        return false;
    }
  return true;
}

static void
give_back (Side *side)
{
  for (int slot = 0; slot < SLOTS; slot++)
    for (int t = 0; t < TENSORS; t++)
      if (side->memory[slot][t] != NULL)
        side->backend->free (side->device, side->memory[slot][t],
                             sizeof (float) * (size_t)tensor (t).size);
}

/* `values` [SLOTS]: before, and afterwards. */
static bool
optimize (Side *side, int kind, GArray **values, GError **error)
{
  size_t bytes[TENSORS];

  for (int t = 0; t < TENSORS; t++)
    bytes[t] = sizeof (float) * (size_t)tensor (t).size;
  for (int slot = 0; slot < SLOTS; slot++)
    if (!copy (side, slot, (float *)(void *)values[slot]->data, true, error))
      return false;
  for (int t = 1; t <= STEPS; t++) {
    const LwUpdate update = { .optimizer = kinds[kind].optimizer,
                              .learning_rate = 0.1f,
                              .momentum = kinds[kind].momentum,
                              .weight_decay = 0.01f,
                              .nesterov = kinds[kind].nesterov,
                              .t = t,
                              .n = TENSORS,
                              .w = side->memory[0],
                              .dw = (const void *const *)side->memory[1],
                              .m = side->memory[2],
                              .v = side->memory[3],
                              .bytes = bytes };

    if (!side->backend->update (side->device, &update, error))
      return false;
  }
  for (int slot = 0; slot < SLOTS; slot++)
    if (!copy (side, slot, (float *)(void *)values[slot]->data, false, error))
      return false;
  return true;
}

static bool
run (Side *side, int kind, GArray **values, GError **error)
{
  const bool done = take (side, error) && optimize (side, kind, values, error);

  give_back (side);
  return done;
}

static bool
judge (const LwKernelTrial *trial, int kind, LwKernelVerdict *verdict, GError **error)
{
  static const char *const names[SLOTS] = { "weights", "gradients", "moment", "second moment" };
  Side side = { .backend = trial->backend, .device = trial->device };
  Side oracle = { .backend = trial->oracle, .device = trial->oracle_device };
  GArray *values[SLOTS], *expected[SLOTS];
  const double tolerance = lw_kernel_tolerance (LW_OP_INPUT, LW_PRECISION_FP32);
  bool done;

  for (int slot = 0; slot < SLOTS; slot++) {
    values[slot] = start_values (slot);
    expected[slot] = start_values (slot);
  }
  done = run (&oracle, kind, expected, error) && run (&side, kind, values, error);
  *verdict = (LwKernelVerdict){ .op = "optimizer",
                                .name = kinds[kind].name,
                                .direction = LW_FORWARD,
                                .error = 0,
                                .tolerance = tolerance,
                                .passed = true };
  for (int slot = 0; slot < SLOTS; slot++) {
    const int64_t n = expected[slot]->len;
    const LwKernelDistance distance = lw_kernel_distance (
        (const float *)(void *)values[slot]->data, (const float *)(void *)expected[slot]->data, n);
    const double error_here = distance.off == 0 ? 0 : distance.off / distance.length;

    verdict->passed = verdict->passed && lw_kernel_is_near (distance, n, tolerance);
    if (isnan (error_here) || error_here >= verdict->error) {
      verdict->error = error_here;
      verdict->array = names[slot];
    }
    g_array_unref (values[slot]);
    g_array_unref (expected[slot]);
  }
  return done;
}

bool
lw_kernel_judge_optimizers (const LwKernelTrial *trial,
                            LwKernelVerdict ret_verdicts[LW_N_OPTIMIZER_CASES], GError **error)
{
  for (int kind = 0; kind < LW_N_OPTIMIZER_CASES; kind++)
    if (!judge (trial, kind, &ret_verdicts[kind], error))
      return false;
  return true;
}
