/* layerwise doctor: what works on this machine, what does not, and what to install for it. */
#include "app/app.h"
#include "app/backends.h"
#include "app/doctor-check.h"
#include "app/json-writer.h"
#include "app/table.h"
#include "distributed/load.h"
#include "engine/data/dataset.h"
#include "engine/data/pictures.h"
#include "engine/processors.h"
#include "engine/run.h"
#include "kernels/cuda/load.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <json-glib/json-glib.h>
#include <unistd.h>
#include <zlib.h>
#ifdef LW_WITH_ONEDNN
#include "kernels/cpu/onednn.h"
#endif
#ifdef LW_WITH_DRAW
#include <cairo.h>
#include <pango/pango.h>
#endif

/* Named data sets that can be missing; "shapes" never is. */
static const char *const named_sets[] = { "fashion-mnist" };

typedef struct {
  const char *name;
  char *version;
} Library;

static Library *
libraries (int *ret_n)
{
  Library *list = g_new0 (Library, 10);
  char *mpi = lw_distributed_describe (NULL);
  const LwCudaModule *module = lw_cuda_loaded ();
  char *nccl = module != NULL ? module->describe_nccl (NULL) : NULL;
  int n = 0;

  list[n++] = (Library){ "GLib", g_strdup_printf ("%u.%u.%u", glib_major_version,
                                                  glib_minor_version, glib_micro_version) };
  list[n++] = (Library){ "json-glib", g_strdup (JSON_VERSION_S) };
  list[n++] = (Library){ "zlib", g_strdup (zlibVersion ()) };
#ifdef LW_WITH_ONEDNN
  list[n++] = (Library){ "oneDNN", lw_onednn_version () };
#endif
#ifdef LW_WITH_DRAW
  list[n++] = (Library){ "Cairo", g_strdup (cairo_version_string ()) };
  list[n++] = (Library){ "Pango", g_strdup (pango_version_string ()) };
#endif
  if (module != NULL)
    list[n++] = (Library){ "CUDA", g_strdup_printf ("%d.%d", module->toolkit / 1000,
                                                    module->toolkit / 10 % 100) };
  if (nccl != NULL)
    list[n++] = (Library){ "NCCL", nccl };
  if (mpi != NULL)
    list[n++] = (Library){ "MPI", mpi };
  *ret_n = n;
  return list;
}

static void
free_libraries (Library *list, int n)
{
  for (int i = 0; i < n; i++)
    g_free (list[i].version);
  g_free (list);
}

/* The vector instruction sets that this processor has; NULL-terminated, g_strfreev. */
static char **
instruction_sets (void)
{
  g_autoptr (GStrvBuilder) sets = g_strv_builder_new ();

#if defined(__x86_64__) || defined(__i386__)
  __builtin_cpu_init ();
  if (__builtin_cpu_supports ("sse4.2"))
    g_strv_builder_add (sets, "SSE4.2");
  if (__builtin_cpu_supports ("avx"))
    g_strv_builder_add (sets, "AVX");
  if (__builtin_cpu_supports ("avx2"))
    g_strv_builder_add (sets, "AVX2");
  if (__builtin_cpu_supports ("fma"))
    g_strv_builder_add (sets, "FMA");
  if (__builtin_cpu_supports ("avx512f"))
    g_strv_builder_add (sets, "AVX-512");
  if (__builtin_cpu_supports ("avx512bf16"))
    g_strv_builder_add (sets, "AVX-512-BF16");
#elif defined(__aarch64__)
  g_strv_builder_add (sets, "NEON");
#endif
  return g_strv_builder_end (sets);
}

static bool
is_available (char *const *available, const char *name)
{
  return g_strv_contains ((const char *const *)available, name);
}

static bool
has_workbench (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self != NULL ? g_path_get_dirname (self) : NULL;
  g_autofree char *path =
      folder != NULL ? g_build_filename (folder, "layerwise-workbench", NULL) : NULL;

  return path != NULL && g_file_test (path, G_FILE_TEST_IS_EXECUTABLE);
}

static bool
has_display (void)
{
  return g_getenv ("WAYLAND_DISPLAY") != NULL || g_getenv ("DISPLAY") != NULL;
}

static bool
reads_pictures (void)
{
  g_autoptr (LwPictures) pictures = lw_pictures_get ();

  return pictures != NULL;
}

static bool
trains_together (GError **error)
{
  g_autofree char *library = lw_distributed_describe (error);

  return library != NULL;
}

/* Of a computer with several cards, which processes that train together would add up between. */
static bool
sums_between_cards (GError **error)
{
  const LwCudaModule *module = lw_cuda_loaded ();
  g_autofree char *version = NULL;

  if (module == NULL || module->backend->count (NULL) < 2)
    return true;
  version = module->describe_nccl (error);
  return version != NULL;
}

/* Sentences on what to install or do for what is missing; NULL-terminated, g_strfreev. */
static char **
advice (char *const *available)
{
  g_autoptr (GStrvBuilder) sentences = g_strv_builder_new ();
  g_autoptr (GError) problem = NULL, between_cards = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (named_sets); i++) {
    if (!is_available (available, named_sets[i]))
      g_strv_builder_add (sentences, _ (lw_dataset_advice (named_sets[i])));
  }
  if (!has_workbench ())
    g_strv_builder_add (sentences, _ ("The workbench is not built: install libgtk-4-dev and "
                                      "libadwaita-1-dev (Debian, Ubuntu), then ./run --build."));
  else if (!has_display ())
    g_strv_builder_add (
        sentences, _ ("There is no display for the workbench: \"ssh -X\" brings that of another "
                      "computer; in the folder of the sources, ./run --browser opens the "
                      "workbench in a web browser."));
  if (!reads_pictures ())
    g_strv_builder_add (sentences,
                        _ ("Folders of pictures cannot be read: install "
                           "libgdk-pixbuf-2.0-dev (Debian, Ubuntu), then ./run --build."));
  if (!trains_together (&problem))
    g_strv_builder_add (sentences, problem->message);
  if (!sums_between_cards (&between_cards))
    g_strv_builder_add (sentences, between_cards->message);
#ifndef LW_WITH_ONEDNN
  g_strv_builder_add (sentences,
                      _ ("Some convolutions could be faster: install libdnnl-dev (Debian, "
                         "Ubuntu), then ./run --build."));
#endif
#ifndef LW_WITH_DRAW
  g_strv_builder_add (sentences, _ ("Pictures cannot be exported: install libcairo2-dev and "
                                    "libpango1.0-dev (Debian, Ubuntu), then ./run --build."));
#endif
  return g_strv_builder_end (sentences);
}

static void
write_strings (LwJson *json, const char *key, const char *const *strings)
{
  lw_json_begin_array (json, key);
  for (; *strings != NULL; strings++)
    lw_json_string (json, NULL, *strings);
  lw_json_end_array (json);
}

typedef struct {
  char *name;        /* "cuda:1" */
  const char *title; /* N_() */
  char *description; /* NULL: it does not work */
  char *reason;      /* why it does not */
} Device;

static void
clear_device (void *data)
{
  Device *device = data;

  g_free (device->name);
  g_free (device->description);
  g_free (device->reason);
}

/* Those that work, best first, then those that do not: a backend's only one, with the reason. */
static GArray *
list_devices (void)
{
  GArray *devices = g_array_new (FALSE, FALSE, sizeof (Device));

  g_array_set_clear_func (devices, clear_device);
  for (int working = 1; working >= 0; working--)
    for (const LwBackend *const *b = lw_app_backends (); *b != NULL; b++) {
      g_autoptr (GError) error = NULL;
      const int n = (*b)->count (&error);

      for (int i = 0; i < MAX (n, 1) && working == (n > 0); i++) {
        Device device = { .title = (*b)->title };

        device.name = i == 0 ? g_strdup ((*b)->name) : g_strdup_printf ("%s:%d", (*b)->name, i);
        if (n > 0)
          device.description = (*b)->describe (i);
        else
          device.reason = g_strdup (error != NULL ? error->message : _ ("no such device here"));
        g_array_append_val (devices, device);
      }
    }
  return devices;
}

static void
write_devices (LwJson *json)
{
  g_autoptr (GArray) devices = list_devices ();

  lw_json_begin_array (json, "devices");
  for (guint i = 0; i < devices->len; i++) {
    const Device *device = &g_array_index (devices, Device, i);

    lw_json_begin_object (json, NULL);
    lw_json_string (json, "name", device->name);
    lw_json_string (json, "title", device->title);
    lw_json_boolean (json, "works", device->reason == NULL);
    lw_json_string (json, "description", device->description);
    lw_json_string (json, "reason", device->reason);
    lw_json_end_object (json);
  }
  lw_json_end_array (json);
}

static void
print_json (char *const *available, char *const *search_path, char *const *sentences)
{
  g_autoptr (LwJson) json = lw_json_new ();
  g_autofree char *runs = lw_runs_folder ();
  g_auto (GStrv) sets = instruction_sets ();
  int n;
  Library *list = libraries (&n);

  lw_json_begin_object (json, NULL);
  lw_json_string (json, "version", LW_VERSION);
  write_devices (json);
  lw_json_begin_object (json, "libraries");
  for (int i = 0; i < n; i++)
    lw_json_string (json, list[i].name, list[i].version);
  lw_json_end_object (json);
  free_libraries (list, n);
  lw_json_integer (json, "processors", lw_processors ());
  write_strings (json, "instruction_sets", (const char *const *)sets);
  lw_json_begin_object (json, "data");
  write_strings (json, "available", (const char *const *)available);
  write_strings (json, "search_path", (const char *const *)search_path);
  lw_json_begin_array (json, "formats");
  for (int i = 0; i < lw_dataset_n_formats (); i++) {
    lw_json_begin_object (json, NULL);
    lw_json_string (json, "title", lw_dataset_format_title (i));
    lw_json_string (json, "files", lw_dataset_format_files (i));
    lw_json_end_object (json);
  }
  lw_json_end_array (json);
  lw_json_boolean (json, "pictures", reads_pictures ());
  lw_json_end_object (json);
  lw_json_string (json, "runs", runs);
  lw_json_boolean (json, "workbench", has_workbench ());
  lw_json_boolean (json, "display", has_display ());
  write_strings (json, "advice", (const char *const *)sentences);
  lw_json_end_object (json);
  lw_json_print (json);
}

static void
print_devices (void)
{
  g_autoptr (LwTable) table = lw_table_new ("lll");
  g_autoptr (GArray) devices = list_devices ();

  lw_app_print ("%s\n", _ ("Devices, best first"));
  for (guint i = 0; i < devices->len; i++) {
    const Device *device = &g_array_index (devices, Device, i);

    lw_table_cell (table, "%s", device->name);
    lw_table_cell (table, "%s", _ (device->title));
    if (device->reason == NULL)
      lw_table_cell (table, "%s", device->description);
    else
      lw_table_cell (table, _ ("does not work: %s"), device->reason);
  }
  lw_table_print (table, 2);
}

static void
print_list (const char *heading, const char *const *strings)
{
  lw_app_print ("\n%s\n", heading);
  for (; *strings != NULL; strings++) {
    lw_app_print ("  ");
    lw_args_print_wrapped (*strings, 2, lw_args_help_width ());
  }
}

/* What a data set may be made of. */
static void
print_formats (void)
{
  lw_app_print ("\n%s\n", _ ("Data sets that can be read"));
  for (int i = 0; i < lw_dataset_n_formats (); i++) {
    g_autofree char *line = g_strdup_printf ("%s: %s", _ (lw_dataset_format_title (i)),
                                             _ (lw_dataset_format_files (i)));

    lw_app_print ("  ");
    lw_args_print_wrapped (line, 2, lw_args_help_width ());
  }
}

static void
print_plain (char *const *available, char *const *search_path, char *const *sentences)
{
  g_autoptr (LwTable) table = lw_table_new ("lr");
  g_auto (GStrv) sets = instruction_sets ();
  g_autofree char *all_sets = g_strjoinv (", ", sets);
  g_autofree char *runs = lw_runs_folder ();
  int n;
  Library *list = libraries (&n);

  print_devices ();
  lw_app_print ("\n%s\n", _ ("Processor"));
  lw_app_print ("  %d × %s\n", lw_processors (), all_sets);
  lw_app_print ("\n%s\n", _ ("Libraries"));
  for (int i = 0; i < n; i++) {
    lw_table_cell (table, "%s", list[i].name);
    lw_table_cell (table, "%s", list[i].version);
  }
  lw_table_print (table, 2);
  free_libraries (list, n);
  print_list (_ ("Data sets found"), (const char *const *)available);
  print_list (_ ("Data sets are looked for in"), (const char *const *)search_path);
  print_formats ();
  lw_app_print ("\n%s\n  %s\n", _ ("Runs are written to"), runs);
  if (sentences[0] != NULL)
    print_list (_ ("What to do"), (const char *const *)sentences);
}

static int
report (const LwArgs *args)
{
  g_auto (GStrv) available = lw_dataset_list_available ();
  g_auto (GStrv) search_path = lw_dataset_search_path ();
  g_auto (GStrv) sentences = advice (available);

  if (lw_args_flag (args, "json"))
    print_json (available, search_path, sentences);
  else
    print_plain (available, search_path, sentences);
  return LW_EXIT_DONE;
}

static int
run (const LwArgs *args, GError **error)
{
  static const char *const of_check[] = { "only", "precision" };

  if (lw_args_flag (args, "check"))
    return lw_doctor_check (args, error);
  for (guint i = 0; i < G_N_ELEMENTS (of_check); i++)
    if (lw_args_flag (args, of_check[i])) {
      g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                   _ ("--%s belongs to a check: layerwise doctor --check DEVICE --%s …"),
                   of_check[i], of_check[i]);
      return LW_EXIT_USAGE;
    }
  return report (args);
}

static const LwArgOption options[] = {
  { "check", NULL, "DEVICE",
    N_ ("Computes every operation on that device and on \"reference\", forward and backward, "
        "updates of optimizers and some steps of training; prints how far they are apart. The "
        "exit status is 1 when one is too far off."),
    false },
  { "only", NULL, "TEXT", N_ ("Checks the cases alone that have TEXT in their name."), false },
  { "precision", NULL, "NAME",
    N_ ("Of the check: fp32 (default); bf16 and tf32 where the device "
        "has them."),
    false },
  { "json", NULL, NULL, N_ ("Prints one JSON object."), false },
  { NULL, NULL, NULL, NULL, false },
};

const LwCommand lw_command_doctor = {
  .name = "doctor",
  .synopsis = "[--check DEVICE] [--json]",
  .summary = N_ ("Says what works on this machine and what to install for what does not."),
  .description = N_ ("Lists the devices that networks can run on, with the reason where one does "
                     "not work; libraries and versions; the processor's instruction sets; the "
                     "data sets found, the folders where they are looked for, and the files "
                     "that they may be made of; and what to install for what is missing."),
  .options = options,
  .examples = N_ ("doctor --check cuda|Whether the graphics card computes what it should.\n"
                  "doctor --check cuda --only conv2d|Its convolutions alone."),
  .most = 0,
  .run = run,
};
