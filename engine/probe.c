/* Three frames: the writer fills one, the reader looks at one, and the third waits between them.
 * `between` holds the waiting frame's number and whether it is newer than the reader's; publishing
 * and taking are each one exchange with it, so neither side ever waits. */
#include "engine/probe.h"

#include <stdatomic.h>

enum { FRAME = 3, FRESH = 4 }; /* bits of `between` */

struct LwProbe {
  atomic_int references;
  atomic_int between;
  int writing, reading; /* frame numbers; each belongs to its side's thread */
  LwProbeFrame frames[3];
  float values[];
};

LwProbe *
lw_probe_new (int64_t size)
{
  LwProbe *probe = g_try_malloc0 (sizeof (LwProbe) + 3 * sizeof (float) * (gsize)size);

  if (probe == NULL)
    return NULL;
  atomic_init (&probe->references, 1);
  probe->writing = 0;
  atomic_init (&probe->between, 1);
  probe->reading = 2;
  for (int i = 0; i < 3; i++)
    probe->frames[i] = (LwProbeFrame){ .size = size, .values = probe->values + i * size };
  return probe;
}

LwProbe *
lw_probe_ref (LwProbe *probe)
{
  atomic_fetch_add_explicit (&probe->references, 1, memory_order_relaxed);
  return probe;
}

void
lw_probe_unref (LwProbe *probe)
{
  if (probe != NULL && atomic_fetch_sub_explicit (&probe->references, 1, memory_order_acq_rel) == 1)
    g_free (probe);
}

LwProbeFrame *
lw_probe_begin (LwProbe *probe)
{
  return &probe->frames[probe->writing];
}

void
lw_probe_publish (LwProbe *probe)
{
  probe->writing = FRAME & atomic_exchange_explicit (&probe->between, probe->writing | FRESH,
                                                     memory_order_acq_rel);
}

const LwProbeFrame *
lw_probe_take (LwProbe *probe)
{
  if (probe == NULL || !(atomic_load_explicit (&probe->between, memory_order_relaxed) & FRESH))
    return NULL;
  probe->reading =
      FRAME & atomic_exchange_explicit (&probe->between, probe->reading, memory_order_acq_rel);
  return &probe->frames[probe->reading];
}
