/* Sessions that share batches, with threads in the place of processes: the same losses as one
 * session's, whatever the parts; and no gradient changes after its sum was begun. */
#include "distributed/queue.h"
#include "engine/rng.h"
#include "engine/session.h"
#include "kernels/cpu/cpu.h"
#include "kernels/reference/reference.h"
#include "tests/support/formula.h"
#include "tests/support/network.h"
#include "tests/support/thread_link.h"

#include <math.h>
#include <string.h>

/* Short batches leave the sixth process none. */
enum { STEPS = 6, BATCH = 11, SHORT = 5 };

static int32_t
batch_of (int64_t step)
{
  return step % 3 == 2 ? SHORT : BATCH;
}

typedef struct {
  const char *model;
  int32_t side;
  const char *options[5];
  float rate;
  bool momentum;
} Case;

static const Case cases[] = {
  { "lenet", 28, { NULL }, 0.1f, false },
  { "lenet-bn", 28, { NULL }, 0.01f, true },
  { "alexnet", 67, { "width", "0.0625", "hidden", "18" }, 0.01f, false },
  { "resnet18", 64, { "width", "0.0625", "activation", "sigmoid" }, 0.001f, false },
  { "densenet", 64, { "growth_rate", "4", "activation", "sigmoid" }, 0.001f, false },
};

static float *
make_images (LwGraph *graph)
{
  const int64_t size = BATCH * lw_shape_size (lw_graph_input_shape (graph));
  float *images = g_new (float, size);

  for (int64_t i = 0; i < size; i++)
    images[i] = (float)lw_formula_uniform (lw_formula_seed ("images"), i);
  return images;
}

/* Step i's batch is `n` images from the i-th on, cyclically by labels. */
static LwBatch
part_of (LwGraph *graph, const float *images, int32_t *labels, int64_t step, int32_t rank,
         int32_t size)
{
  const int32_t n = batch_of (step);
  const LwPart part = lw_collective_part (rank, size, n);
  LwBatch batch = { .images = images, .labels = labels, .n = n };

  for (int32_t i = 0; i < n; i++)
    labels[i] = (int32_t)((i * 3 + step) % lw_graph_classes (graph));
  if (part.n > 0)
    batch =
        lw_batch_part (&batch, lw_shape_size (lw_graph_input_shape (graph)), part.first, part.n);
  else
    batch.n = 1;
  batch.whole = n;
  batch.first = part.first;
  batch.absent = part.n == 0;
  return batch;
}

typedef struct {
  const Case *c;
  LwGraph *graph;
  const LwBackend *backends[6]; /* by rank */
  double losses[STEPS];         /* of rank 0 */
  int32_t correct[STEPS];
} Training;

static void
train (Training *training, LwCollective *collective, const LwBackend *backend, int32_t rank)
{
  const int32_t size = lw_collective_size (collective);
  const LwSessionOptions options = { .batch = lw_collective_part (0, size, BATCH).n,
                                     .momentum = training->c->momentum,
                                     .device = { .threads = 1 },
                                     .collective = collective,
                                     .synchronizes = true,
                                     .bucket_bytes = 20000 };
  g_autofree float *images = make_images (training->graph);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwSession) session = lw_session_new (training->graph, backend, 0, &options, &error);
  int32_t labels[BATCH];

  g_assert_no_error (error);
  g_assert_true (lw_session_initialize (session, 7 + (uint64_t)rank, &error));
  g_assert_true (collective == NULL || lw_session_share (session, &error));
  for (int64_t i = 0; i < STEPS; i++) {
    const LwBatch batch = part_of (training->graph, images, labels, i, rank, size);
    const LwStepSettings settings = { .learning_rate = training->c->rate,
                                      .momentum = training->c->momentum ? 0.9f : 0,
                                      .seed = 5,
                                      .iteration = i };
    LwBatchResult result;

    g_assert_true (lw_session_train (session, &batch, &settings, NULL, NULL, &result, &error));
    g_assert_no_error (error);
    g_assert_cmpint (result.n, ==, batch_of (i));
    if (rank == 0) {
      training->losses[i] = result.loss_sum / result.n;
      training->correct[i] = result.correct;
    }
  }
}

static void
train_part (LwRoom *room, int32_t rank, void *data)
{
  Training *training = data;
  g_autoptr (LwCollective) collective = lw_room_collective (room, rank);

  train (training, collective, training->backends[rank], rank);
}

static void
compare (const Case *c, int32_t size, const LwBackend *first, const LwBackend *others)
{
  g_autoptr (LwGraph) graph = lw_test_network (c->model, c->side, c->options);
  Training alone = { .c = c, .graph = graph };
  Training together = { .c = c,
                        .graph = graph,
                        .backends = { first, others, others, others, others, others } };
  LwRoom *room = lw_room_new (size);

  train (&alone, NULL, first, 0);
  lw_room_run (room, train_part, &together);
  lw_room_free (room);
  for (int i = 0; i < STEPS; i++) {
    g_test_message ("%s, %d: step %d: %.7f %.7f", c->model, size, i, alone.losses[i],
                    together.losses[i]);
    g_assert_cmpfloat (fabs (alone.losses[i] - together.losses[i]), <, 1e-5);
    g_assert_cmpint (alone.correct[i], ==, together.correct[i]);
  }
}

static void
test_losses (const void *data)
{
  const Case *c = data;

  compare (c, 2, lw_cpu_backend (), lw_cpu_backend ());
  compare (c, 6, lw_cpu_backend (), lw_cpu_backend ());
  compare (c, 6, &lw_reference_backend, &lw_reference_backend);
}

/* Layouts differ, so gradients go by way of PyTorch's. */
static void
test_mixed (void)
{
  compare (&cases[1], 2, &lw_reference_backend, lw_cpu_backend ());
  compare (&cases[2], 6, lw_cpu_backend (), &lw_reference_backend);
}

/* Every bucket alone: what it holds when it is begun is what it holds when backward is over. */
static void
watch (const Case *c, const LwBackend *backend)
{
  g_autoptr (LwGraph) graph = lw_test_network (c->model, c->side, c->options);
  int64_t sums = 0, numbers = 0, trained = 0, tensors = 0;
  g_autoptr (LwCollective) collective = lw_watching_collective (&sums, &numbers);
  const LwSessionOptions options = { .batch = BATCH,
                                     .device = { .threads = 2 },
                                     .collective = collective,
                                     .synchronizes = true,
                                     .bucket_bytes = 1 };
  g_autofree float *images = make_images (graph);
  int32_t labels[BATCH];
  const LwBatch batch = part_of (graph, images, labels, 0, 0, 1);
  const LwStepSettings settings = { .learning_rate = c->rate, .seed = 5 };
  g_autoptr (GError) error = NULL;
  g_autoptr (LwSession) session = lw_session_new (graph, backend, 0, &options, &error);
  LwBatchResult result;

  g_assert_no_error (error);
  g_assert_true (lw_session_initialize (session, 7, &error));
  g_assert_true (lw_session_train (session, &batch, &settings, NULL, NULL, &result, &error));
  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++)
    if (lw_graph_tensor (graph, i)->trainable) {
      trained += lw_graph_tensor (graph, i)->size;
      tensors++;
    }
  g_assert_cmpint (sums, ==, 1 + tensors); /* and the loss */
  g_assert_cmpint (numbers, >=, 2 + trained);
}

static void
test_buckets (const void *data)
{
  watch (data, lw_cpu_backend ());
  watch (data, &lw_reference_backend);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *losses = g_strdup_printf ("/shared-sessions/losses/%s", cases[i].model);
    g_autofree char *buckets = g_strdup_printf ("/shared-sessions/buckets/%s", cases[i].model);

    g_test_add_data_func (losses, &cases[i], test_losses);
    g_test_add_data_func (buckets, &cases[i], test_buckets);
  }
  g_test_add_func ("/shared-sessions/mixed", test_mixed);
  return g_test_run ();
}
