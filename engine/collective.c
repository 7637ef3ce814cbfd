#include "engine/collective.h"

#include "engine/i18n.h"

#include <sched.h>
#include <string.h>
#include <unistd.h>

void
lw_collective_abort (LwCollective *collective, const char *why)
{
  collective->verbs->give_up (collective, why);
}

void
lw_collective_free (LwCollective *collective)
{
  if (collective != NULL)
    collective->verbs->free (collective);
}

LwPart
lw_collective_part (int32_t rank, int32_t size, int32_t n)
{
  const int32_t each = n / size, more = n % size;

  return (LwPart){ rank * each + MIN (rank, more), each + (rank < more) };
}

/* Of the process `from`, which is the same number everywhere. */
static bool
share_text (LwCollective *collective, int32_t from, const char *text, char **ret_text,
            GError **error)
{
  const bool own = collective->rank == from && text != NULL;
  double length = own ? (double)strlen (text) : -1;
  g_autofree char *all = NULL, *buffer = NULL;
  int64_t bytes;

  *ret_text = NULL;
  if (!lw_collective_reduce (collective, &length, 1, LW_REDUCE_MAX, error))
    return false;
  if (length < 0)
    return true;
  bytes = (int64_t)length + 1;
  buffer = g_malloc0 ((gsize)bytes);
  if (own)
    memcpy (buffer, text, (size_t)bytes);
  if (from == 0) {
    if (!lw_collective_broadcast (collective, buffer, bytes, error))
      return false;
    *ret_text = g_steal_pointer (&buffer);
    return true;
  }
  all = g_malloc0 ((gsize)bytes * (gsize)collective->size);
  if (!lw_collective_gather (collective, buffer, all, bytes, error))
    return false;
  *ret_text = g_strdup (all + bytes * from);
  return true;
}

bool
lw_collective_broadcast_text (LwCollective *collective, const char *text, char **ret_text,
                              GError **error)
{
  return share_text (collective, 0, text, ret_text, error);
}

bool
lw_collective_agree (LwCollective *collective, GError *own, GError **error)
{
  double first = own != NULL ? collective->rank : collective->size, code = 0;
  g_autoptr (GError) mine = own;
  g_autofree char *text = NULL;

  if (!lw_collective_reduce (collective, &first, 1, LW_REDUCE_MIN, error))
    return false;
  if ((int32_t)first == collective->size)
    return true;
  code = collective->rank == (int32_t)first ? mine->code : -1;
  if (!lw_collective_reduce (collective, &code, 1, LW_REDUCE_MAX, error) ||
      !share_text (collective, (int32_t)first, mine != NULL ? mine->message : NULL, &text, error))
    return false;
  g_set_error_literal (error, LW_ERROR, (int)code, text);
  return false;
}

bool
lw_collective_same (LwCollective *collective, const char *text, bool *ret_same, GError **error)
{
  g_autofree char *theirs = NULL;
  double same;

  if (!lw_collective_broadcast_text (collective, text, &theirs, error))
    return false;
  same = g_strcmp0 (text, theirs) == 0;
  if (!lw_collective_reduce (collective, &same, 1, LW_REDUCE_MIN, error))
    return false;
  *ret_same = same > 0;
  return true;
}

/* --- threads ---------------------------------------------------------------------------------- */

/* Where a process may run. */
typedef struct {
  char machine[128];
  cpu_set_t processors;
  int64_t online; /* processors of the machine */
} Place;

static Place
own_place (void)
{
  Place place;

  memset (&place, 0, sizeof place);
  gethostname (place.machine, sizeof place.machine - 1);
  CPU_ZERO (&place.processors);
  if (sched_getaffinity (0, sizeof place.processors, &place.processors) != 0)
    CPU_SET (0, &place.processors);
  place.online = sysconf (_SC_NPROCESSORS_ONLN);
  return place;
}

bool
lw_collective_threads (LwCollective *collective, int32_t *ret_threads, int32_t *ret_idle,
                       GError **error)
{
  const Place own = own_place ();
  g_autofree Place *all = g_new0 (Place, collective->size);
  int64_t used = 0;
  double share = 0;

  if (!lw_collective_gather (collective, &own, all, sizeof own, error))
    return false;
  for (int c = 0; c < CPU_SETSIZE; c++) {
    int32_t users = 0;

    for (int32_t i = 0; i < collective->size; i++)
      users +=
          strcmp (all[i].machine, own.machine) == 0 && CPU_ISSET ((size_t)c, &all[i].processors);
    used += users > 0;
    if (CPU_ISSET ((size_t)c, &own.processors))
      share += 1.0 / users;
  }
  *ret_threads = (int32_t)MAX (share + 1e-6, 1);
  *ret_idle = (int32_t)MAX (own.online - used, 0);
  collective->threads = *ret_threads;
  return true;
}
