#include "engine/metrics_tail.h"

#include "engine/formats/file.h"
#include "engine/metrics.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK     65536 /* longer than any row */
#define MOST_READ (4 << 20)

struct LwMetricsTail {
  char *path;
  dev_t device;
  ino_t inode;    /* with the device: which file the offset is of; valid where offset > 0 */
  int64_t offset; /* all rows before it were read */
  int64_t step;   /* of the last row: steps never go back */
  bool broken;    /* what stands at the offset is no row */
};

LwMetricsTail *
lw_metrics_tail_new (const char *path)
{
  LwMetricsTail *tail = g_new0 (LwMetricsTail, 1);

  tail->path = g_strdup (path);
  return tail;
}

void
lw_metrics_tail_free (LwMetricsTail *tail)
{
  if (tail == NULL)
    return;
  g_free (tail->path);
  g_free (tail);
}

static bool
take_row (LwMetricsTail *tail, const char *row, gsize size, bool first, LwRunLog *log)
{
  LwEvent event;

  if (first)
    return lw_metrics_is_head (row, size);
  if (!lw_metrics_parse_row (row, size, &event) || event.step < tail->step)
    return false;
  tail->step = event.step;
  lw_run_log_append (log, &event);
  return true;
}

/* Takes in the whole rows of a block; false: one is none. */
static bool
take_block (LwMetricsTail *tail, const char *block, gsize size, LwRunLog *log)
{
  const char *row = block, *end = block + size, *newline;

  while (row < end && (newline = memchr (row, '\n', (gsize)(end - row))) != NULL) {
    if (!take_row (tail, row, (gsize)(newline - row), tail->offset == 0, log))
      return false;
    tail->offset += newline + 1 - row;
    row = newline + 1;
  }
  return row > block || size < BLOCK; /* a row that fills a block is none */
}

/* Whether there is memory for the events of so many further bytes, if their rows are like those of
 * the last. */
static bool
has_room (const LwRunLog *log, int64_t bytes, int64_t last_events, int64_t last_bytes)
{
  return lw_run_log_has_room (log,
                              (int64_t)((double)bytes * (double)last_events / (double)last_bytes));
}

LwTailResult
lw_metrics_tail_read (LwMetricsTail *tail, LwRunLog *log)
{
  g_autofree char *block = NULL;
  const int fd = open (tail->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  const int64_t events = lw_run_log_length (log);
  LwTailResult result = LW_TAIL_READ;
  struct stat info;

  if (fd < 0 || fstat (fd, &info) != 0 || !S_ISREG (info.st_mode)) {
    if (fd >= 0)
      close (fd);
    return tail->offset > 0 ? LW_TAIL_REPLACED : LW_TAIL_READ;
  }
  if (tail->broken || info.st_size < tail->offset ||
      (tail->offset > 0 && (tail->inode != info.st_ino || tail->device != info.st_dev))) {
    close (fd);
    return LW_TAIL_REPLACED;
  }
  tail->inode = info.st_ino;
  tail->device = info.st_dev;
  if (info.st_size > tail->offset)
    block = g_malloc (BLOCK);
  for (int64_t done = 0; block != NULL;) {
    const int64_t before = tail->offset;
    const ssize_t size = pread (fd, block, BLOCK, before);

    if (size > 0 && !take_block (tail, block, (gsize)size, log)) {
      tail->broken = true;
      result = LW_TAIL_REPLACED;
      break;
    }
    done += tail->offset - before;
    if (size <= 0 || tail->offset == before)
      break;
    if (done >= MOST_READ) {
      result = has_room (log, info.st_size - tail->offset, lw_run_log_length (log) - events, done)
                   ? LW_TAIL_MORE
                   : LW_TAIL_TOO_LONG;
      break;
    }
  }
  close (fd);
  return result;
}
