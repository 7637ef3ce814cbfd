/* Which processes are there still. */
#include "tests/device/emulation/emulation.h"

#include <cstdio>
#include <cstring>

/* Ended, and perhaps not yet asked for: state Z. */
bool
lw_emulation_is_gone (int pid)
{
  char path[64], line[512], state = 'Z';
  FILE *file;

  snprintf (path, sizeof path, "/proc/%d/stat", pid);
  file = fopen (path, "r");
  if (file == nullptr)
    return true;
  if (fgets (line, sizeof line, file) != nullptr) {
    const char *after = strrchr (line, ')');

    state = after != nullptr && after[1] == ' ' ? after[2] : 'Z';
  }
  fclose (file);
  return state == 'Z' || state == 'X';
}
