#include "app/bench-resident.h"

#include <glib.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

/* A line "VmRSS:     1234 kB" of /proc/self/status, in bytes. */
static int64_t
status_bytes (const char *name)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL))
    return 0;
  line = strstr (text, name);
  return line != NULL ? g_ascii_strtoll (line + strlen (name), NULL, 10) * 1024 : 0;
}

LwResident
lw_resident_begin (void)
{
  LwResident now;
  FILE *file;

#ifdef __GLIBC__
  malloc_trim (0);
#endif
  /* "5" sets VmHWM to the size now (proc(5), /proc/pid/clear_refs). */
  file = fopen ("/proc/self/clear_refs", "we");
  if (file != NULL) {
    fputs ("5", file);
    fclose (file);
  }
  now.bytes = status_bytes ("VmRSS:");
  now.files = status_bytes ("RssFile:");
  now.forgot = status_bytes ("VmHWM:") < now.bytes + (1 << 20);
  return now;
}

int64_t
lw_resident_growth (const LwResident *since)
{
  const int64_t bytes = status_bytes (since->forgot ? "VmHWM:" : "VmRSS:");

  return since->bytes > 0 && bytes > since->bytes ? bytes - since->bytes : 0;
}

/* Such pages stay, so that there are as many at the peak as at the end. */
int64_t
lw_resident_growth_without_files (const LwResident *since)
{
  const int64_t files = status_bytes ("RssFile:") - since->files;

  return since->files > 0 ? MAX (lw_resident_growth (since) - MAX (files, 0), 0) : 0;
}
