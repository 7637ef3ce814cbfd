/* The ladders of kernels/cuda/study on the processor: every rung against sums in double precision,
 * at sizes that its tiles do not divide, in every order of threads, the same bits each time. */
#include "kernels/cuda/study/check.h"
#include "tests/device/emulation/emulation.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const LwStudyRung *rung;
  LwStudyProblem problem;
} Case;

static void
test_rung (gconstpointer data)
{
  const Case *info = data;
  const size_t n = lw_study_c_size (&info->problem);
  g_autofree float *first = g_new (float, n), *c = g_new (float, n);
  double *expected = lw_study_expected (&info->problem);

  for (int order = 0; order < LW_N_ORDERS; order++) {
    lw_emulation_set_order ((LwOrder)order, 1);
    if (lw_study_compute (info->rung, &info->problem, c) != cudaSuccess)
      g_error ("order %d: it did not run", order);

    const double error = lw_study_error (c, expected, n);

    if (!(error <= lw_study_tolerance (info->rung->numbers)))
      g_error ("order %d: off by %.3g", order, error);
    if (order == 0) {
      g_test_message ("%s: off by %.2g", info->rung->name, error);
      memcpy (first, c, n * sizeof (float));
    } else {
      g_assert_cmpmem (first, n * sizeof (float), c, n * sizeof (float));
    }
  }
  free (expected);
}

static void
add (const char *ladder, const LwStudyRung *rung, const LwStudyProblem *problem, const char *size)
{
  g_autofree char *path = g_strdup_printf ("/cuda-study/%s/%s/%s", ladder, rung->name, size);
  Case *info;

  if (rung->fits != NULL && !rung->fits (problem))
    return;
  g_strdelimit (path, " ", '-');
  info = g_new (Case, 1);
  *info = (Case){ rung, *problem };
  g_test_add_data_func_full (path, info, test_rung, g_free);
}

static void
add_products (void)
{
  /* One number; a whole tile; what no tile divides; multiples of 4 and of 8, no tile's. */
  static const int sizes[][3] = {
    { 1, 1, 1 }, { 128, 128, 32 }, { 67, 45, 29 }, { 131, 68, 20 }, { 135, 136, 40 }, { 3, 8, 8 },
  };

  for (const LwStudyRung *const *rung = lw_study_products; *rung != NULL; rung++)
    for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++) {
      const int *s = sizes[i];
      const LwStudyProblem problem = lw_study_product (s[0], s[1], s[2]);
      g_autofree char *size = g_strdup_printf ("%d×%d×%d", s[0], s[1], s[2]);

      add ("product", *rung, &problem, size);
    }
}

static void
add_convolutions (void)
{
  /* Images, height, width, channels, outputs. */
  static const int sizes[][5] = {
    { 1, 1, 1, 1, 1 },    { 2, 7, 5, 3, 5 }, { 2, 9, 6, 4, 8 },
    { 1, 8, 16, 12, 36 }, { 2, 5, 3, 8, 8 }, { 1, 7, 19, 16, 136 },
  };

  for (const LwStudyRung *const *rung = lw_study_convolutions; *rung != NULL; rung++)
    for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++) {
      const int *s = sizes[i];
      const LwStudyProblem problem = lw_study_convolution (s[0], s[1], s[2], s[3], s[4]);
      g_autofree char *size = g_strdup_printf ("%d×%d×%d×%d-%d", s[0], s[1], s[2], s[3], s[4]);

      add ("convolution", *rung, &problem, size);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_products ();
  add_convolutions ();
  return g_test_run ();
}
