#include "tests/support/workers.h"

#include "tests/support/data_files.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static char *scratch; /* of this program; the data set is in it */
static char *program; /* layerwise */

/* Open MPI on one machine, without a network, also for root and with more processes than cores. */
static void
set_up_mpi (void)
{
  g_setenv ("OMPI_ALLOW_RUN_AS_ROOT", "1", TRUE);
  g_setenv ("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", TRUE);
  g_setenv ("OMPI_MCA_rmaps_base_oversubscribe", "1", TRUE);
  g_setenv ("OMPI_MCA_hwloc_base_binding_policy", "none", TRUE);
  g_setenv ("OMPI_MCA_btl", "self,vader", TRUE);
  g_setenv ("OMPI_MCA_btl_vader_single_copy_mechanism", "none", TRUE);
  g_setenv ("OMPI_MCA_oob", "tcp", TRUE);
  g_setenv ("OMPI_MCA_oob_tcp_if_include", "lo", TRUE);
  g_setenv ("OMPI_MCA_plm", "isolated", TRUE);
  /* hwloc asks X servers for graphics cards, also those of tests beside, which go meanwhile. */
  g_setenv ("HWLOC_COMPONENTS", "-gl", TRUE);
}

/* Noise over stripes: no two neighbours alike, so that nothing hangs on a last digit. */
static void
write_images (const char *folder, const char *name, int32_t n, guint32 seed)
{
  GByteArray *images = lw_idx_images (n, 28, 28);
  GByteArray *labels = lw_idx_labels (n, 10);
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  g_autofree char *images_name = g_strdup_printf ("%s-images-idx3-ubyte", name);
  g_autofree char *labels_name = g_strdup_printf ("%s-labels-idx1-ubyte", name);

  for (int32_t i = 0; i < n; i++)
    for (int32_t p = 0; p < 28 * 28; p++) {
      const int label = labels->data[8 + i];
      const double stripe = sin ((label + 1) * (p % 28) / 6.0 + (p / 28) * (label % 3) / 5.0);

      images->data[16 + i * 28 * 28 + p] =
          (guint8)(64 + 50 * stripe + g_rand_int_range (rand, 0, 120));
    }
  lw_scratch_write (folder, images_name, images->data, images->len);
  lw_scratch_write (folder, labels_name, labels->data, labels->len);
  g_byte_array_unref (images);
  g_byte_array_unref (labels);
}

char *
lw_workers_run_folder (const char *name)
{
  return g_build_filename (scratch, name, NULL);
}

char *
lw_workers_other_data (const char *name)
{
  char *folder = g_build_filename (scratch, name, NULL);

  write_images (folder, "train", 500, 4);
  write_images (folder, "t10k", 40, 4);
  return folder;
}

/* `words`, separated by blanks, behind "train --data …"; `workers` 0: alone. */
char **
lw_workers_command (int workers, const char *words, const char *folder)
{
  g_autoptr (GStrvBuilder) line = g_strv_builder_new ();
  g_auto (GStrv) parts = g_strsplit (words, " ", -1);

  if (workers > 0) {
    g_autofree char *number = g_strdup_printf ("%d", workers);

    g_strv_builder_add_many (line, g_getenv ("LAYERWISE_MPIRUN"), "-n", number, NULL);
  }
  g_strv_builder_add_many (line, program, "train", NULL);
  g_strv_builder_addv (line, (const char **)parts);
  if (folder != NULL)
    g_strv_builder_add_many (line, "--data", scratch, "--threads", "1", "--algorithms", "fixed",
                             "--output", folder, NULL);
  return g_strv_builder_end (line);
}

LwResult *
lw_workers_run (char **line)
{
  LwResult *result;

  g_setenv ("LAYERWISE_PROGRAM", line[0], TRUE);
  result = lw_program_v ((const char *const *)line + 1);
  g_strfreev (line);
  return result;
}

GSubprocess *
lw_workers_start (char **line)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  g_subprocess_launcher_set_child_setup (launcher, lw_end_with_test, NULL, NULL);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *)line, &error);
  g_assert_no_error (error);
  g_strfreev (line);
  return process;
}

/* The loss and accuracy of each step, as text. */
GPtrArray *
lw_workers_steps (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "metrics.csv", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  GPtrArray *steps = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (int i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], "step,"))
      g_ptr_array_add (steps, g_strsplit (lines[i], ",", -1));
  return steps;
}

double
lw_workers_number (const GPtrArray *steps, guint i, int column)
{
  return g_ascii_strtod (((char **)steps->pdata[i])[column], NULL);
}

void
lw_workers_assert_near (const GPtrArray *expected, const GPtrArray *steps, guint n)
{
  double largest = 0;

  g_assert_cmpuint (expected->len, ==, n);
  g_assert_cmpuint (steps->len, ==, n);
  for (guint i = 0; i < n; i++)
    largest = MAX (largest, fabs (lw_workers_number (steps, i, LW_COLUMN_LOSS) -
                                  lw_workers_number (expected, i, LW_COLUMN_LOSS)));
  g_test_message ("losses differ by %.2e at most", largest);
  g_assert_cmpfloat (largest, <, 1e-5);
}

char *
lw_workers_record (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "run.json", NULL);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

/* How often layerwise itself says something. */
int
lw_workers_sentences (const char *text)
{
  int n = 0;

  for (const char *at = text; (at = strstr (at, "layerwise: ")) != NULL; at++)
    n += at == text || at[-1] == '\n';
  return n;
}

static int
compare_numbers (const void *a, const void *b)
{
  return *(const int *)a - *(const int *)b;
}

GArray *
lw_workers_processes (const char *folder)
{
  g_autoptr (GDir) proc = g_dir_open ("/proc", 0, NULL);
  GArray *found = g_array_new (FALSE, FALSE, sizeof (int));

  for (const char *entry; (entry = g_dir_read_name (proc)) != NULL;) {
    g_autofree char *path = g_build_filename ("/proc", entry, "cmdline", NULL);
    g_autofree char *line = NULL;
    const int number = atoi (entry);
    gsize length = 0;

    if (number <= 0 || !g_file_get_contents (path, &line, &length, NULL) || length == 0 ||
        !g_str_has_suffix (line, "layerwise"))
      continue;
    for (gsize i = 0; i + 1 < length; i++)
      if (line[i] == '\0')
        line[i] = ' ';
    if (strstr (line, folder) != NULL)
      g_array_append_val (found, number);
  }
  g_array_sort (found, compare_numbers);
  return found;
}

/* Until the run has a checkpoint, at most a minute. */
void
lw_workers_wait_for_checkpoint (const char *folder)
{
  for (int i = 0; i < 6000; i++) {
    g_autofree char *path = g_build_filename (folder, "run.json", NULL);
    g_autofree char *text = NULL;

    if (g_file_get_contents (path, &text, NULL, NULL) &&
        strstr (text, "\"last_checkpoint\": -1") == NULL)
      return;
    g_usleep (10000);
  }
  g_error ("%s has no checkpoint", folder);
}

/* Not inlined, where gcc takes the text for gone. */
G_GNUC_NO_INLINE int64_t
lw_workers_record_number (const char *record, const char *name)
{
  g_autofree char *member = g_strdup_printf ("\"%s\": ", name);
  const char *at = strstr (record, member);

  g_assert_nonnull (at);
  return g_ascii_strtoll (at + strlen (member), NULL, 10);
}

char *
lw_workers_finish (GSubprocess *process, int *ret_status)
{
  g_autoptr (GError) error = NULL;
  char *err = NULL;

  g_assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, NULL, &err, &error));
  *ret_status = g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process) : -1;
  return err;
}

bool
lw_workers_begin (void)
{
  if (g_getenv ("LAYERWISE_MPIRUN") == NULL) {
    g_print ("1..0 # SKIP Open MPI is not installed: no mpirun, or no module\n");
    return false;
  }
  set_up_mpi ();
  program = g_strdup (g_getenv ("LAYERWISE_PROGRAM"));
  scratch = lw_make_folder ();
  write_images (scratch, "train", 500, 3);
  write_images (scratch, "t10k", 40, 3);
  return true;
}

void
lw_workers_end (void)
{
  lw_remove_folder (scratch);
  g_free (program);
}

const char *
lw_workers_program (void)
{
  return program;
}
