/* layerwise under mpirun with the emulated module: each worker takes a card of its own. */
#include "tests/support/workers.h"

/* Milliseconds of a step in which the host adds up: none where NCCL does, which no card that
 * workers share has. */
static double
bench_with_cards (const char *cards)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  g_autoptr (LwResult) result = NULL;
  g_autoptr (GPtrArray) events = NULL;
  JsonObject *object;

  g_setenv ("LAYERWISE_EMULATION_DEVICES", cards, TRUE);
  g_strv_builder_add_many (words, g_getenv ("LAYERWISE_MPIRUN"), "-n", "2", lw_workers_program (),
                           "bench", "lenet", "--device", "cuda", "--batch", "2", "--steps", "1",
                           "--algorithms", "fixed", "--json", NULL);
  result = lw_workers_run (g_strv_builder_end (words));
  lw_assert_status (result, 0);
  events = lw_result_events (result);
  g_assert_cmpuint (events->len, ==, 1);
  object = events->pdata[0];
  g_assert_cmpint (json_object_get_int_member (object, "workers"), ==, 2);
  return json_object_get_double_member (object, "summing_ms");
}

static void
test_cards (void)
{
  g_setenv ("LAYERWISE_EMULATION_NCCL", "22809", TRUE);
  g_assert_cmpfloat (bench_with_cards ("2"), ==, 0);
  g_assert_cmpfloat (bench_with_cards ("1"), >, 0);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!lw_workers_begin ())
    return 0;
  g_test_add_func ("/cuda-together/cards", test_cards);
  status = g_test_run ();
  lw_workers_end ();
  return status;
}
