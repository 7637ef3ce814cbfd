/* Probes: the reader gets whole frames, each newer than the last, and the newest in the end. */
#include "engine/probe.h"

#include <pthread.h>
#include <stdatomic.h>

#define N_FRAMES 100000
#define SIZE     64

static void
write_frame (LwProbe *probe, int64_t number)
{
  LwProbeFrame *frame = lw_probe_begin (probe);

  frame->step = number;
  for (int64_t i = 0; i < frame->size; i++)
    frame->values[i] = (float)number;
  lw_probe_publish (probe);
}

static void *
write_all (void *data)
{
  for (int64_t i = 1; i <= N_FRAMES; i++)
    write_frame (data, i);
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (LwProbe) probe = lw_probe_new (SIZE);
  pthread_t writer;
  int64_t newest = 0;

  g_assert_cmpint (pthread_create (&writer, NULL, write_all, probe), ==, 0);
  while (newest < N_FRAMES) {
    const LwProbeFrame *frame = lw_probe_take (probe);

    if (frame == NULL)
      continue;
    g_assert_cmpint (frame->step, >, newest);
    g_assert_cmpint (frame->size, ==, SIZE);
    newest = frame->step;
    for (int64_t i = 0; i < SIZE; i++)
      g_assert_cmpfloat (frame->values[i], ==, (float)newest);
  }
  pthread_join (writer, NULL);
  g_assert_null (lw_probe_take (probe));
}

static void
test_newest (void)
{
  g_autoptr (LwProbe) probe = lw_probe_new (1);
  const LwProbeFrame *frame;

  g_assert_null (lw_probe_take (probe));
  for (int64_t i = 1; i <= 5; i++)
    write_frame (probe, i);
  frame = lw_probe_take (probe);
  g_assert_cmpint (frame->step, ==, 5);
  g_assert_null (lw_probe_take (probe));
  /* What was taken stays as it is until the next take. */
  write_frame (probe, 6);
  write_frame (probe, 7);
  write_frame (probe, 8);
  g_assert_cmpfloat (frame->values[0], ==, 5);
  g_assert_cmpint (lw_probe_take (probe)->step, ==, 8);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/probe/newest", test_newest);
  g_test_add_func ("/probe/threads", test_threads);
  return g_test_run ();
}
