#include "tests/support/faults.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_int armed;
static _Atomic int64_t first_call, last_call, calls, failures;

void
lw_fault_arm (LwFault fault, int64_t first, int64_t n)
{
  atomic_store (&armed, LW_FAULT_NONE);
  atomic_store (&calls, 0);
  atomic_store (&failures, 0);
  atomic_store (&first_call, first);
  atomic_store (&last_call, first + n - 1);
  atomic_store (&armed, (int)fault);
}

int64_t
lw_fault_calls (void)
{
  return atomic_load (&calls);
}

int64_t
lw_fault_failures (void)
{
  return atomic_load (&failures);
}

/* Counts a call; whether it fails, and how. */
static LwFault
fault_now (bool needs_room)
{
  const int64_t call = atomic_fetch_add (&calls, 1) + 1;
  const LwFault fault = (LwFault)atomic_load (&armed);

  if (fault == LW_FAULT_NONE || call < atomic_load (&first_call) ||
      call > atomic_load (&last_call) || (fault == LW_FAULT_FULL && !needs_room))
    return LW_FAULT_NONE;
  atomic_fetch_add (&failures, 1);
  return fault;
}

static bool
strikes (bool needs_room)
{
  switch (fault_now (needs_room)) {
  case LW_FAULT_KILL:
    kill (getpid (), SIGKILL);
    pause ();
    return true;
  case LW_FAULT_FULL:
    errno = ENOSPC;
    return true;
  case LW_FAULT_NONE:
    break;
  }
  return false;
}

static bool
is_file (int fd)
{
  struct stat info;

  return fd > STDERR_FILENO && fstat (fd, &info) == 0 && S_ISREG (info.st_mode);
}

ssize_t
write (int fd, const void *data, size_t size)
{
  const LwFault fault = is_file (fd) ? fault_now (true) : LW_FAULT_NONE;

  if (fault == LW_FAULT_NONE)
    return (ssize_t)syscall (SYS_write, fd, data, size);
  /* The last block that there is takes half of it; there is none for the next. */
  if (fault == LW_FAULT_FULL && atomic_load (&failures) > 1) {
    errno = ENOSPC;
    return -1;
  }
  if (size > 1)
    syscall (SYS_write, fd, data, size / 2);
  if (fault == LW_FAULT_KILL) {
    kill (getpid (), SIGKILL);
    pause ();
  }
  if (size > 1)
    return (ssize_t)(size / 2);
  errno = ENOSPC;
  return -1;
}

/* Nobody here pulls a plug: nothing is waited for. */
int
fsync (int fd)
{
  return is_file (fd) && strikes (true) ? -1 : 0;
}

int
fdatasync (int fd)
{
  return fsync (fd);
}

int
rename (const char *from, const char *to)
{
  return strikes (true) ? -1 : (int)syscall (SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
linkat (int from_folder, const char *from, int to_folder, const char *to, int flags)
{
  return strikes (true) ? -1 : (int)syscall (SYS_linkat, from_folder, from, to_folder, to, flags);
}

int
unlink (const char *path)
{
  return strikes (false) ? -1 : (int)syscall (SYS_unlinkat, AT_FDCWD, path, 0);
}

int
mkdir (const char *path, mode_t mode)
{
  return strikes (true) ? -1 : (int)syscall (SYS_mkdirat, AT_FDCWD, path, mode);
}

/* What the headers call open. */
int
open64 (const char *path, int flags, ...)
{
  mode_t mode = 0;

  if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) {
    va_list list;

    va_start (list, flags);
    mode = va_arg (list, mode_t);
    va_end (list);
    if (strikes (true))
      return -1;
  }
  return (int)syscall (SYS_openat, AT_FDCWD, path, flags, mode);
}
