#include "engine/free_memory.h"

#include "engine/analysis.h"
#include "engine/i18n.h"

#include <string.h>

/* The number after `key` in a small file of the kernel's; −1: none ("max", no such file). */
static int64_t
read_number (const char *path, const char *key)
{
  g_autofree char *text = NULL;
  const char *at;
  char *end;
  int64_t value;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return -1;
  at = strstr (text, key);
  if (at == NULL)
    return -1;
  at += strlen (key);
  value = g_ascii_strtoll (at, &end, 10);
  return end != at ? value : -1;
}

int64_t
lw_free_host_memory (void)
{
  const int64_t kib = read_number ("/proc/meminfo", "MemAvailable:");
  const int64_t limit = read_number ("/sys/fs/cgroup/memory.max", "");
  const int64_t used = read_number ("/sys/fs/cgroup/memory.current", "");
  /* Cached file pages count as used but are given up when needed. */
  const int64_t cached = MAX (0, read_number ("/sys/fs/cgroup/memory.stat", "inactive_file "));
  int64_t available = kib >= 0 ? kib * 1024 : -1;

  if (limit >= 0 && used >= 0) {
    const int64_t left = MAX (0, limit - used + cached);

    available = available < 0 ? left : MIN (available, left);
  }
  return available;
}

void
lw_set_memory_error (GError **error, const char *what, int32_t batch, int64_t needed,
                     int64_t available, int32_t fitting_batch)
{
  g_autofree char *needs = lw_format_bytes (needed);
  g_autofree char *has = lw_format_bytes (available);

  if (fitting_batch > 0)
    g_set_error (
        error, LW_ERROR, LW_ERROR_MEMORY,
        _ ("%s with a batch of %d needs %s of memory, but %s are free; a batch of %d would "
           "fit."),
        what, batch, needs, has, fitting_batch);
  else
    g_set_error (
        error, LW_ERROR, LW_ERROR_MEMORY,
        _ ("%s with a batch of %d needs %s of memory, but %s are free; even a single image "
           "does not fit. Choose a smaller input or a narrower network."),
        what, batch, needs, has);
}
