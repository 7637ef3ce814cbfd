#include "engine/snapshots.h"

#include "engine/checkpoint.h"
#include "engine/i18n.h"
#include "engine/number.h"
#include "engine/run.h"
#include "engine/run_record.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define PREFIX    "epoch-"
#define SUFFIX    ".safetensors"
#define LEAST     3                  /* so many have to fit, or none is kept */
#define DISK_LEFT (64 * 1024 * 1024) /* bytes, beside two checkpoints */

static char *
snapshots_folder (const char *folder)
{
  return g_build_filename (folder, "snapshots", NULL);
}

char *
lw_snapshot_path (const char *folder, int32_t epoch)
{
  g_autofree char *name = g_strdup_printf (PREFIX "%d" SUFFIX, epoch);

  return g_build_filename (folder, "snapshots", name, NULL);
}

/* −1 for any other name; "epoch-007" is one, too: nobody here writes it. */
static int32_t
epoch_of_name (const char *name)
{
  g_autofree char *digits = NULL;
  int64_t epoch;

  if (!g_str_has_prefix (name, PREFIX) || !g_str_has_suffix (name, SUFFIX) ||
      strlen (name) > strlen (PREFIX SUFFIX) + 10)
    return -1;
  digits = g_strndup (name + strlen (PREFIX), strlen (name) - strlen (PREFIX SUFFIX));
  if (!lw_number_parse_signed (digits, &epoch) || !g_ascii_isdigit (*digits) ||
      (digits[0] == '0' && digits[1] != '\0') || epoch > G_MAXINT32)
    return -1;
  return (int32_t)epoch;
}

static int
compare_epochs (gconstpointer a, gconstpointer b)
{
  const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

  return (x > y) - (x < y);
}

GArray *
lw_snapshot_list (const char *folder)
{
  g_autofree char *path = snapshots_folder (folder);
  GDir *dir = g_dir_open (path, 0, NULL);
  GArray *epochs = g_array_new (FALSE, FALSE, sizeof (int32_t));
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    const int32_t epoch = epoch_of_name (name);

    if (epoch >= 0)
      g_array_append_val (epochs, epoch);
  }
  g_clear_pointer (&dir, g_dir_close);
  g_array_sort (epochs, compare_epochs);
  return epochs;
}

int64_t
lw_snapshot_bytes (const LwGraph *graph)
{
  int64_t bytes = 0;

  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, i);

    bytes += tensor->size * (tensor->dtype == LW_I64 ? 8 : 4);
  }
  return bytes;
}

/* --- writing and dropping -----------------------------------------------------------------------
 */

/* Whether the disk has room for it and, after that, for the checkpoints to come. */
static bool
disk_has_room (const char *folder, int64_t bytes, int slots)
{
  const int64_t checkpoint = bytes * (1 + slots);
  struct statvfs disk;

  if (statvfs (folder, &disk) != 0)
    return true;
  return (double)disk.f_bavail * (double)disk.f_frsize >
         (double)bytes + 2.0 * (double)checkpoint + DISK_LEFT;
}

bool
lw_snapshot_save (LwSession *session, const LwSettings *settings, const char *folder, int32_t epoch,
                  int32_t best, GError **error)
{
  const int64_t budget = (int64_t)settings->snapshots * 1024 * 1024;
  const int64_t bytes = lw_snapshot_bytes (lw_session_graph (session));
  g_autofree char *parent = snapshots_folder (folder);
  g_autofree char *path = lw_snapshot_path (folder, epoch);

  if (bytes * LEAST > budget ||
      !disk_has_room (folder, bytes, lw_session_optimizer_slots (session)))
    return true;
  if (mkdir (parent, 0777) != 0 && errno != EEXIST) {
    g_set_error (error, LW_ERROR, LW_ERROR_IO, _ ("Cannot make the folder \"%s\": %s."), parent,
                 g_strerror (errno));
    return false;
  }
  if (!lw_session_save (session, settings, path, error))
    return false;
  lw_snapshots_thin (folder, best, budget);
  return true;
}

static int64_t
bytes_on_disk (const char *folder, int32_t epoch)
{
  g_autofree char *path = lw_snapshot_path (folder, epoch);
  struct stat info;

  return lstat (path, &info) == 0 ? (int64_t)info.st_size : 0;
}

static void
drop (const char *folder, int32_t epoch)
{
  g_autofree char *path = lw_snapshot_path (folder, epoch);

  unlink (path); /* one that stays does no harm */
}

void
lw_snapshots_thin (const char *folder, int32_t best, int64_t budget)
{
  g_autoptr (GArray) epochs = lw_snapshot_list (folder);
  const int32_t *epoch = (const int32_t *)(void *)epochs->data;
  const int32_t newest = epochs->len > 0 ? epoch[epochs->len - 1] : 0;
  g_autofree int64_t *bytes = g_new0 (int64_t, epochs->len + 1);
  int64_t stride = 1, total;

  for (guint i = 0; i < epochs->len; i++)
    bytes[i] = bytes_on_disk (folder, epoch[i]);
  for (;; stride *= 2) {
    total = 0;
    for (guint i = 0; i < epochs->len; i++)
      if (epoch[i] % stride == 0 || epoch[i] == best || epoch[i] == newest)
        total += bytes[i];
    if (total <= budget || stride > newest)
      break;
  }
  for (guint i = 0; i < epochs->len; i++)
    if (epoch[i] % stride != 0 && epoch[i] != best && epoch[i] != newest)
      drop (folder, epoch[i]);
}

int32_t
lw_snapshots_drop_after (const char *folder, int32_t epoch)
{
  g_autoptr (GArray) epochs = lw_snapshot_list (folder);
  int32_t n = 0;

  for (guint i = 0; i < epochs->len; i++)
    if (g_array_index (epochs, int32_t, i) > epoch) {
      drop (folder, g_array_index (epochs, int32_t, i));
      n++;
    }
  return n;
}

/* --- what can be looked at ----------------------------------------------------------------------
 */

void
lw_weights_moment_free (LwWeightsMoment *moment)
{
  if (moment == NULL)
    return;
  g_free (moment->path);
  g_free (moment);
}

/* A file may say anything; the product with an epoch has to stay a number. */
static int64_t
steps_per_epoch (const LwRunRecord *record)
{
  return CLAMP (record->steps_per_epoch, 1, G_MAXINT32);
}

static void
add_moment (GPtrArray *moments, const LwRunRecord *record, int64_t step, char *path)
{
  const double epoch = (double)step / (double)steps_per_epoch (record);
  LwWeightsMoment *moment;

  for (guint i = 0; i < moments->len; i++) {
    const LwWeightsMoment *other = g_ptr_array_index (moments, i);

    if (other->step == step) { /* a snapshot has the checkpoint's weights */
      g_free (path);
      return;
    }
  }
  moment = g_new (LwWeightsMoment, 1);
  *moment = (LwWeightsMoment){ .step = step,
                               .epoch = epoch,
                               .path = path,
                               .best = record->best_epoch > 0 &&
                                       step == record->best_epoch * steps_per_epoch (record) };
  g_ptr_array_add (moments, moment);
}

static int
compare_moments (gconstpointer a, gconstpointer b)
{
  const LwWeightsMoment *x = *(const LwWeightsMoment *const *)a;
  const LwWeightsMoment *y = *(const LwWeightsMoment *const *)b;

  return (x->step > y->step) - (x->step < y->step);
}

GPtrArray *
lw_weights_moments (const char *run_folder, GError **error)
{
  g_autoptr (GArray) epochs = NULL, steps = NULL;
  GPtrArray *moments;
  LwRunRecord record;

  if (!lw_run_record_read (run_folder, &record, error))
    return NULL;
  moments = g_ptr_array_new_with_free_func ((GDestroyNotify)lw_weights_moment_free);
  epochs = lw_snapshot_list (run_folder);
  for (guint i = 0; i < epochs->len; i++) {
    const int32_t epoch = g_array_index (epochs, int32_t, i);

    add_moment (moments, &record, epoch * steps_per_epoch (&record),
                lw_snapshot_path (run_folder, epoch));
  }
  steps = lw_checkpoint_list (run_folder);
  for (guint i = 0; i < steps->len; i++) {
    const int64_t step = g_array_index (steps, int64_t, i);

    add_moment (moments, &record, step, lw_checkpoint_path (run_folder, step));
  }
  if (record.settings->init == NULL &&
      record.settings->init_partial == NULL) /* from a file they may differ now */
    add_moment (moments, &record, 0, NULL);
  g_ptr_array_sort (moments, compare_moments);
  lw_run_record_clear (&record);
  return moments;
}
