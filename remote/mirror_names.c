/* Which files of a run are fetched, and how large they may be. */
#include "remote/mirror_private.h"

#include <string.h>

static const struct {
  const char *name;
  LwMirrorKind kind;
  int64_t most;
} fixed[] = {
  { "run.json", LW_MIRROR_DESCRIPTION, INT64_C (16) << 20 },
  { "metrics.csv", LW_MIRROR_METRICS, INT64_C (1) << 30 },
  { "notes.json", LW_MIRROR_RECORD, INT64_C (1) << 20 },
  { "bn-history.safetensors", LW_MIRROR_RECORD, INT64_C (256) << 20 },
  { "health.safetensors", LW_MIRROR_RECORD, INT64_C (256) << 20 },
  { "distributions.safetensors", LW_MIRROR_RECORD, INT64_C (256) << 20 },
  { "predictions.safetensors", LW_MIRROR_RECORD, INT64_C (256) << 20 },
};

/* "step-1500.safetensors": a number of at most 18 digits between the two. */
static bool
is_numbered (const char *name, const char *before)
{
  gsize digits;

  if (!g_str_has_prefix (name, before))
    return false;
  name += strlen (before);
  digits = strspn (name, "0123456789");
  return digits > 0 && digits <= 18 && strcmp (name + digits, ".safetensors") == 0;
}

LwMirrorKind
lw_mirror_kind (const char *name, int64_t *ret_most)
{
  for (gsize i = 0; i < G_N_ELEMENTS (fixed); i++)
    if (strcmp (name, fixed[i].name) == 0) {
      *ret_most = fixed[i].most;
      return fixed[i].kind;
    }
  *ret_most = INT64_C (4) << 30;
  return is_numbered (name, "checkpoints/step-") || is_numbered (name, "snapshots/epoch-")
             ? LW_MIRROR_WEIGHTS
             : LW_MIRROR_FOREIGN;
}
