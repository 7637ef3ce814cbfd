/* How long Winograd's convolution takes in float32 and in bfloat16, each with its fastest variant:
 * layers of the networks in three directions, on one thread, in turns. Prints a table; see
 * README.md. */
#include "kernels/cpu/winograd.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
  const char *name;
  int32_t kernel, in, out, side, stride;
} Layer;

static const Layer layers[] = {
  { "resnet18 64-64 @24", 3, 64, 64, 24, 1 },
  { "resnet18 128-128 @12", 3, 128, 128, 12, 1 },
  { "resnet18 256-256 @6", 3, 256, 256, 6, 1 },
  { "resnet18 512-512 @3", 3, 512, 512, 3, 1 },
  { "vgg11-small 16-32 @112", 3, 16, 32, 112, 1 },
  { "vgg11-small 32-64 @56", 3, 32, 64, 56, 1 },
  { "vgg11-small 64-64 @56", 3, 64, 64, 56, 1 },
  { "vgg11-small 64-128 @28", 3, 64, 128, 28, 1 },
  { "vgg11-small 128-128 @14", 3, 128, 128, 14, 1 },
  { "alexnet 5x5 96-256 @26", 5, 96, 256, 26, 1 },
  { "alexnet 256-384 @12", 3, 256, 384, 12, 1 },
  { "alexnet 384-384 @12", 3, 384, 384, 12, 1 },
  { "nin 5x5 96-256 @26", 5, 96, 256, 26, 1 },
  { "googlenet 64-192 @24", 3, 64, 192, 24, 1 },
  { "googlenet 96-128 @12", 3, 96, 128, 12, 1 },
  { "googlenet 5x5 32-96 @12", 5, 32, 96, 12, 1 },
  { "googlenet 160-320 @6", 3, 160, 320, 6, 1 },
  { "densenet 64-32 @24", 3, 64, 32, 24, 1 },
  { "densenet 160-32 @12", 3, 160, 32, 12, 1 },
  { "resnet18 64-128 @24/2", 3, 64, 128, 24, 2 },
  { "resnet18 128-256 @12/2", 3, 128, 256, 12, 2 },
  { "resnet18 256-512 @6/2", 3, 256, 512, 6, 2 },
};

enum { N_DIRECTIONS = 3, N_KINDS = 2 };

static int batch = 128, rounds = 3;
static char *match;
static gboolean all;

static const GOptionEntry options[] = {
  { "batch", 0, 0, G_OPTION_ARG_INT, &batch, "Examples, 128 unless given", "N" },
  { "rounds", 0, 0, G_OPTION_ARG_INT, &rounds, "The best of so many counts; 3", "N" },
  { "match", 0, 0, G_OPTION_ARG_STRING, &match, "Layers whose names contain this", "TEXT" },
  { "all", 0, 0, G_OPTION_ARG_NONE, &all, "Every variant, too", NULL },
  { NULL },
};

static const char *const names[LW_N_WINOGRAD] = { "F63", "F43", "F33", "F45", "F6x3",
                                                  "F35", "F62", "F42", "F32" };

static double
now_s (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void
run_alone (void *pool, int n, void (*fn) (void *data, int index), void *data)
{
  (void)pool;
  for (int i = 0; i < n; i++)
    fn (data, i);
}

/* Small numbers of float32, or of bfloat16 in the first half of the memory. */
static void *
numbers (int64_t n, bool bf16)
{
  float *memory = g_aligned_alloc ((gsize)n, sizeof (float), 64);

  for (int64_t i = 0; i < n; i++) {
    const float value = (float)((i * 7919 % 2003) - 1001) / 1e3f;

    if (bf16)
      memcpy ((uint16_t *)(void *)memory + i, (const uint16_t *)(const void *)&value + 1, 2);
    else
      memory[i] = value;
  }
  return memory;
}

typedef struct {
  LwWinogradPool pool;
  void *x, *y, *w, *dw, *workspace;
} Memory;

static double
run_s (const Memory *m, const LwWinogradShape *s, LwWinogradVariant v, int direction)
{
  const double begin_s = now_s ();

  if (direction == LW_WINOGRAD_FORWARD)
    lw_winograd_forward (&m->pool, s, v, m->x, m->w, NULL, false, true, m->y, NULL, m->workspace);
  else if (direction == LW_WINOGRAD_BACKWARD_DATA)
    lw_winograd_backward_data (&m->pool, s, v, m->y, NULL, m->w, m->x, false, NULL, 0,
                               m->workspace);
  else
    lw_winograd_backward_weights (&m->pool, s, v, m->x, m->y, NULL, m->dw, NULL, m->workspace);
  return now_s () - begin_s;
}

static Memory
memory_new (const LwWinogradShape *s, bool bf16)
{
  const LwWinogradPool pool = { lw_winograd_lanes (), 1, run_alone, NULL, bf16 };
  const int64_t pixels = (int64_t)s->n * s->h * s->w;
  const int64_t weights = (int64_t)s->kernel * s->kernel * s->in * s->out;
  size_t bytes = 0;

  for (int v = 0; v < LW_N_WINOGRAD; v++)
    for (int d = 0; d < N_DIRECTIONS; d++)
      if (lw_winograd_applies (s, (LwWinogradVariant)v, bf16))
        bytes = MAX (
            bytes, lw_winograd_workspace (&pool, s, (LwWinogradVariant)v, (LwWinogradDirection)d));
  return (Memory){ pool,
                   numbers (pixels * s->in, bf16),
                   numbers (pixels * s->out, bf16),
                   numbers (weights, false),
                   numbers (weights, false),
                   g_aligned_alloc0 (1, bytes, 64) };
}

static void
memory_free (Memory *m)
{
  g_aligned_free (m->x);
  g_aligned_free (m->y);
  g_aligned_free (m->w);
  g_aligned_free (m->dw);
  g_aligned_free (m->workspace);
}

static void
measure (const Layer *layer, double sums_s[N_KINDS][N_DIRECTIONS])
{
  const LwWinogradShape s = { batch,      layer->side,   layer->side,   layer->in,
                              layer->out, layer->kernel, layer->stride, layer->kernel / 2,
                              layer->in,  layer->out };
  Memory memory[N_KINDS] = { memory_new (&s, false), memory_new (&s, true) };

  g_print ("%-24s", layer->name);
  for (int d = 0; d < N_DIRECTIONS; d++) {
    double best_s[N_KINDS][LW_N_WINOGRAD];
    int best[N_KINDS] = { -1, -1 };

    for (int round = 0; round < rounds; round++)
      for (int v = 0; v < LW_N_WINOGRAD; v++)
        for (int bf16 = 0; bf16 < N_KINDS; bf16++)
          if (lw_winograd_applies (&s, (LwWinogradVariant)v, bf16)) {
            const double time_s = run_s (&memory[bf16], &s, (LwWinogradVariant)v, d);

            best_s[bf16][v] = round > 0 ? MIN (best_s[bf16][v], time_s) : time_s;
          }
    for (int bf16 = 0; bf16 < N_KINDS; bf16++) {
      for (int v = 0; v < LW_N_WINOGRAD; v++) {
        if (!lw_winograd_applies (&s, (LwWinogradVariant)v, bf16))
          continue;
        if (all)
          g_print (" [%s%s %.2f]", bf16 ? "bf16 " : "", names[v], 1e3 * best_s[bf16][v]);
        if (best[bf16] < 0 || best_s[bf16][v] < best_s[bf16][best[bf16]])
          best[bf16] = v;
      }
      sums_s[bf16][d] += best_s[bf16][best[bf16]];
    }
    g_print ("  %7.2f %-3s %7.2f %-4s %4.2f", 1e3 * best_s[0][best[0]], names[best[0]],
             1e3 * best_s[1][best[1]], names[best[1]], best_s[0][best[0]] / best_s[1][best[1]]);
  }
  g_print ("\n");
  memory_free (&memory[0]);
  memory_free (&memory[1]);
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  double sums_s[N_KINDS][N_DIRECTIONS] = { { 0 } };

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error)) {
    g_printerr ("%s\n", error->message);
    return 1;
  }
  if (!lw_winograd_has_bf16 () || batch < 1 || rounds < 1) {
    g_printerr ("This processor lacks the instructions, or a number is below 1.\n");
    return 1;
  }
  g_print ("one thread, batch %d, ms in float32 and bfloat16\n%-24s  %-29s  %-29s  %s\n", batch,
           "layer", "forward", "data", "weights");
  for (size_t i = 0; i < G_N_ELEMENTS (layers); i++)
    if (match == NULL || strstr (layers[i].name, match))
      measure (&layers[i], sums_s);
  g_print ("%-24s", "all");
  for (int d = 0; d < N_DIRECTIONS; d++)
    g_print ("  %7.1f     %7.1f      %4.2f", 1e3 * sums_s[0][d], 1e3 * sums_s[1][d],
             sums_s[0][d] / sums_s[1][d]);
  g_print ("\n");
  return 0;
}
