#include "kernels/common/machine.h"

#include "engine/processors.h"
#include "kernels/common/threads.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif
#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
  CHAINS = 12,   /* independent sums: more than latency × units of today's processors need */
  FMA_RUNS = 12, /* the best run counts: others may be disturbed */
  FMA_LOOPS = 1000000,
  COPY_RUNS = 5,
};
#define COPY_BYTES (INT64_C (128) << 20) /* of the source; as much again for the copy */

/* --- multiply-adds: one loop in several vector widths, chosen when the program runs -------------
 */

/* Σ over CHAINS vectors of a ← a · b + c; returned, so that the compiler cannot leave it out. */
#define DEFINE_FMA_LOOP(name, lanes, attributes)                                                   \
  typedef float name##_vector __attribute__ ((vector_size (4 * (lanes))));                         \
  attributes static float name (int64_t loops)                                                     \
  {                                                                                                \
    name##_vector sums[CHAINS], total = { 0 };                                                     \
    const name##_vector b = (name##_vector){ 0 } + 0.999f, c = (name##_vector){ 0 } + 1e-3f;       \
                                                                                                   \
    for (int k = 0; k < CHAINS; k++)                                                               \
      sums[k] = (name##_vector){ 0 } + (float)k;                                                   \
    for (int64_t i = 0; i < loops; i++)                                                            \
      _Pragma ("GCC unroll 12") for (int k = 0; k < CHAINS; k++) sums[k] = sums[k] * b + c;        \
    for (int k = 0; k < CHAINS; k++)                                                               \
      total += sums[k];                                                                            \
    return total[0] + total[(lanes)-1];                                                            \
  }

DEFINE_FMA_LOOP (fma_baseline, 4, )
#ifdef __x86_64__
DEFINE_FMA_LOOP (fma_avx2, 8, __attribute__ ((target ("avx2,fma"))))
DEFINE_FMA_LOOP (fma_avx512, 16, __attribute__ ((target ("avx512f"))))
#endif

#ifdef __x86_64__
/* Σ over CHAINS vectors of a ← a + b₀ · c₀ + b₁ · c₁, in bfloat16. */
__attribute__ ((target ("avx512f,avx512bf16"))) static float
dot_bf16 (int64_t loops)
{
  const __m512bh b = (__m512bh)_mm512_set1_epi32 (0x3f803f80), c = b; /* ones */
  __m512 sums[CHAINS], total = _mm512_setzero_ps ();

  for (int k = 0; k < CHAINS; k++)
    sums[k] = _mm512_set1_ps ((float)k);
  for (int64_t i = 0; i < loops; i++)
    _Pragma ("GCC unroll 12") for (int k = 0; k < CHAINS; k++) sums[k] =
        _mm512_dpbf16_ps (sums[k], b, c);
  for (int k = 0; k < CHAINS; k++)
    total += sums[k];
  return total[0] + total[15];
}
#endif

typedef struct {
  float (*loop) (int64_t loops);
  int lanes; /* multiply-adds of a step of a chain; 0: there is no such loop here */
} FmaLoop;

static FmaLoop
best_loop (void)
{
#ifdef __x86_64__
  if (__builtin_cpu_supports ("avx512f"))
    return (FmaLoop){ fma_avx512, 16 };
  if (__builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma"))
    return (FmaLoop){ fma_avx2, 8 };
#endif
  return (FmaLoop){ fma_baseline, 4 };
}

static FmaLoop
bf16_loop (void)
{
#ifdef __x86_64__
  if (__builtin_cpu_supports ("avx512bf16"))
    return (FmaLoop){ dot_bf16, 32 };
#endif
  return (FmaLoop){ NULL, 0 };
}

/* --- several threads at once ------------------------------------------------------------------ */

typedef struct {
  FmaLoop fma;
  char *from, *to; /* NULL: multiply-adds */
  int64_t bytes;   /* that each thread copies */
  float *results;  /* [threads] */
} Race;

static double
now_s (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Item i is the share of one thread. */
static void
run (const void *job, int64_t first, int64_t last, int thread)
{
  const Race *race = job;

  for (int64_t i = first; i < last; i++) {
    if (race->from != NULL)
      memcpy (race->to + i * race->bytes, race->from + i * race->bytes, (size_t)race->bytes);
    else
      race->results[thread] = race->fma.loop (FMA_LOOPS);
  }
}

/* Seconds of the best of `runs`. */
static double
best_s (LwPool *pool, const Race *race, int threads, int runs)
{
  double best = INFINITY;

  for (int i = 0; i < runs; i++) {
    const double begin_s = now_s ();

    lw_pool_run (pool, threads, run, race);
    best = MIN (best, now_s () - begin_s);
  }
  return best;
}

static double
peak_gflops (LwPool *pool, int threads, FmaLoop loop)
{
  g_autofree float *results = g_new0 (float, threads);
  const Race race = { .fma = loop, .results = results };

  if (loop.loop == NULL)
    return NAN;
  return 2e-9 * threads * CHAINS * race.fma.lanes * FMA_LOOPS /
         best_s (pool, &race, threads, FMA_RUNS);
}

static double
copy_gb_s (LwPool *pool, int threads)
{
  const int64_t free_bytes = (int64_t)sysconf (_SC_AVPHYS_PAGES) * sysconf (_SC_PAGESIZE);
  const int64_t total = free_bytes <= 0 ? COPY_BYTES : MIN (COPY_BYTES, free_bytes / 8);
  Race race = { .bytes = total / threads };
  double rate = NAN;

  race.from = g_try_malloc ((gsize)total);
  race.to = g_try_malloc ((gsize)total);
  if (race.from != NULL && race.to != NULL && race.bytes > 0) {
    /* Pages that were never written are all the same one; and the first copy makes the others. */
    memset (race.from, 1, (size_t)total);
    rate = 2e-9 * (double)(race.bytes * threads) / best_s (pool, &race, threads, COPY_RUNS + 1);
  }
  g_free (race.from);
  g_free (race.to);
  return rate;
}

LwMachine
lw_machine_measure (int threads)
{
  LwMachine machine = { threads > 0 ? threads : lw_processors (), NAN, NAN, NAN };
  LwPool *pool = lw_pool_new (machine.threads, NULL);

  if (pool == NULL)
    return machine;
  machine.peak_gflops = peak_gflops (pool, machine.threads, best_loop ());
  machine.peak_bf16_gflops = peak_gflops (pool, machine.threads, bf16_loop ());
  machine.copy_gb_s = copy_gb_s (pool, machine.threads);
  lw_pool_free (pool);
  return machine;
}
