/* What a session says about how a layer is computed: the kernel's word, else the backend's name. */
#include "engine/models.h"
#include "engine/session.h"
#include "kernels/reference/reference.h"

static const char *
convolution_algorithm (LwDevice *device, const LwStep *step, LwDirection direction)
{
  static const char *const names[] = { "as defined", "turned", "summed" };

  g_assert_nonnull (device);
  g_assert_cmpint (step->op, ==, LW_OP_CONV2D);
  return names[direction];
}

/* Says nothing, so that the backend's name stands in. */
static const char *
no_algorithm (LwDevice *device, const LwStep *step, LwDirection direction)
{
  (void)device;
  (void)step;
  (void)direction;
  return NULL;
}

typedef struct {
  int convolutions[2], others[2]; /* by direction */
} Seen;

static bool
on_step (LwSession *session, const LwStep *step, bool backward, void *data, GError **error)
{
  Seen *seen = data;
  const bool convolves = step->op == LW_OP_CONV2D;
  const char *forward = lw_session_algorithm (session, step, LW_FORWARD);
  const char *input = lw_session_algorithm (session, step, LW_BACKWARD_DATA);
  const char *weights = lw_session_algorithm (session, step, LW_BACKWARD_WEIGHTS);
  const bool has_weights = convolves || step->op == LW_OP_LINEAR;

  g_assert_true (lw_session_synchronize (session, error));
  (convolves ? seen->convolutions : seen->others)[backward]++;
  g_assert_cmpstr (forward, ==, convolves ? "as defined" : "reference");
  if (!step->training) {
    g_assert_null (input);
    g_assert_null (weights);
    return true;
  }
  /* The first layer's input is the images: nobody wants their gradient. */
  if (step->id > 1)
    g_assert_cmpstr (input, ==, convolves ? "turned" : "reference");
  else
    g_assert_null (input);
  g_assert_cmpstr (weights, ==, !has_weights ? NULL : convolves ? "summed" : "reference");
  return true;
}

static void
test_algorithm (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find ("lenet", NULL));
  g_autoptr (LwGraph) graph = lw_model_build (options, &error);
  const LwSessionOptions session_options = { .batch = 2, .device.threads = 1 };
  LwBackend backend = lw_reference_backend;
  g_autoptr (LwSession) session = NULL;
  g_autofree float *images = g_new0 (float, 2 * 28 * 28);
  const LwBatch batch = { images, (const int32_t[]){ 3, 7 }, 2 };
  const LwStepSettings settings = { .learning_rate = 0.1f };
  LwBatchResult result;
  Seen seen = { { 0 }, { 0 } };

  g_assert_no_error (error);
  backend.kernels[LW_OP_CONV2D].algorithm = convolution_algorithm;
  backend.kernels[LW_OP_LINEAR].algorithm = no_algorithm;
  session = lw_session_new (graph, &backend, 0, &session_options, &error);
  g_assert_no_error (error);
  g_assert_true (lw_session_initialize (session, 1, &error));
  g_assert_true (lw_session_train (session, &batch, &settings, on_step, &seen, &result, &error));
  g_assert_no_error (error);
  g_assert_cmpint (seen.convolutions[0], ==, 2);
  g_assert_cmpint (seen.convolutions[1], ==, 2);
  /* Forward the input and the loss too; backward all but the input. */
  g_assert_cmpint (seen.others[0], ==, lw_graph_n_nodes (graph) + 1 - 2);
  g_assert_cmpint (seen.others[1], ==, lw_graph_n_nodes (graph) - 2);
  g_assert_true (lw_session_infer (session, &batch, on_step, &seen, NULL, &result, &error));
  g_assert_cmpint (seen.convolutions[0], ==, 4);
  g_assert_cmpint (seen.convolutions[1], ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/algorithm", test_algorithm);
  return g_test_run ();
}
