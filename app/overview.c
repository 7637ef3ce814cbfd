#include "app/overview.h"

#include "app/app.h"
#include "app/roff.h"

#include <glib/gi18n.h>
#include <string.h>

#define HELP_COLUMN 19 /* where the variables' sentences begin */

typedef struct {
  const char *name, *help; /* N_() */
} Row;

static const char summary[] = N_ ("builds, trains and explains convolutional networks");
static const char purpose[] =
    N_ ("Learns and trains the classic convolutional networks of Dive into Deep Learning: LeNet, "
        "AlexNet, VGG, NiN, GoogLeNet, ResNet, DenseNet. The workbench with diagrams and live "
        "charts is a program of its own, layerwise-workbench; \"./run\" starts it.");
static const char status[] =
    N_ ("0: done. 1: it failed, and standard error says why. 2: wrong usage, with the nearest "
        "valid name. 130: interrupted; a training run was saved and can be resumed.");
static const Row options[] = {
  { "--help", N_ ("Shows this page; \"layerwise COMMAND --help\" shows the command's.") },
  { "--version", N_ ("Shows the version.") },
  { "--man", N_ ("Writes the manual page: layerwise --man | man -l -") },
};
static const Row environment[] = {
  { "LAYERWISE_DATA", N_ ("A folder in which data sets are looked for first.") },
  { "LAYERWISE_CPU", N_ ("The best instructions that the processor's kernels may use: avx512, "
                         "avx2 or baseline.") },
  { "LAYERWISE_CUDA_MODULE",
    N_ ("A CUDA module to load instead of the one that ./run --build --cuda builds; none leaves "
        "CUDA out.") },
  { "LAYERWISE_WORKER_SILENCE",
    N_ ("After how many seconds without a sign of life a worker counts as lost (default 30).") },
  { "LAYERWISE_NCCL", N_ ("With none, workers on several graphics cards add up through the "
                          "computer's memory, not by NCCL.") },
  { "XDG_DATA_HOME", N_ ("Runs are written to layerwise/runs below it (default ~/.local/share).") },
};
static const Row files[] = {
  { "~/.local/share/layerwise/runs",
    N_ ("A folder for each run: run.json says how it was trained, metrics.csv holds its numbers, "
        "checkpoints its weights.") },
  { "~/.local/share/layerwise/data", N_ ("Data sets that have a name, a folder each.") },
  { "/usr/share/datasets", N_ ("The same for all people of this computer.") },
  { "~/.cache/layerwise",
    N_ ("Which algorithm was measured to be the fastest for a convolution.") },
};
static const char examples[] = "layerwise list\n"
                               "layerwise show resnet18\n"
                               "layerwise train lenet-bn --data shapes --epochs 2\n";

/* --- --help ----------------------------------------------------------------------------------- */

static void
print_row (const char *name, const char *help, int column, int width)
{
  if ((int)strlen (name) + 2 < column)
    lw_app_print ("  %-*s", column - 2, name);
  else
    lw_app_print ("  %s\n%*s", name, column, "");
  lw_args_print_wrapped (_ (help), column, width);
}

void
lw_overview_print (const LwCommand *const *commands)
{
  const int width = lw_args_help_width ();
  g_auto (GStrv) lines = g_strsplit (examples, "\n", -1);

  lw_app_print ("%s\n\n", _ ("Usage: layerwise COMMAND [OPTIONS]"));
  lw_args_print_wrapped (_ (purpose), 0, width);
  lw_app_print ("\n%s\n", _ ("Commands"));
  for (; *commands != NULL; commands++)
    print_row ((*commands)->name, (*commands)->summary, 14, width);
  lw_app_print ("\n%s\n", _ ("Options"));
  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    print_row (options[i].name, options[i].help, 14, width);
  lw_app_print ("\n%s\n", _ ("Environment"));
  for (guint i = 0; i < G_N_ELEMENTS (environment); i++)
    print_row (environment[i].name, environment[i].help, HELP_COLUMN, width);
  lw_app_print ("\n%s\n", _ ("Exit status"));
  lw_args_print_wrapped (_ (status), 0, width);
  lw_app_print ("\n%s\n", _ ("Examples"));
  for (int i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    lw_app_print ("  %s\n", lines[i]);
}

/* --- man(1) ----------------------------------------------------------------------------------- */

static void
append_rows (GString *page, const char *title, const Row *rows, guint n)
{
  lw_roff_section (page, title);
  for (guint i = 0; i < n; i++)
    lw_roff_item (page, rows[i].name, NULL, _ (rows[i].help));
}

static void
append_option (GString *page, const LwArgOption *option)
{
  g_autofree char *names = option->alias != NULL
                               ? g_strdup_printf ("--%s, --%s", option->name, option->alias)
                               : g_strdup_printf ("--%s", option->name);

  lw_roff_item (page, names, option->metavar, _ (option->help));
}

static void
append_examples (GString *page, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (int i = 0; lines[i] != NULL; i++) {
    g_auto (GStrv) parts = g_strsplit (lines[i], "|", 2);
    g_autofree char *words = parts[0] != NULL ? g_strdup_printf ("layerwise %s", parts[0]) : NULL;

    if (words != NULL)
      lw_roff_item (page, words, NULL, parts[1] != NULL ? parts[1] : "");
  }
}

static void
append_command (GString *page, const LwCommand *command)
{
  g_autofree char *title = g_strdup_printf ("layerwise %s %s", command->name, command->synopsis);

  lw_roff_subsection (page, title);
  lw_roff_text (page, _ (command->description));
  for (const LwArgOption *o = command->options; o->name != NULL || o->help != NULL; o++) {
    if (o->name != NULL)
      append_option (page, o);
    else
      lw_roff_heading (page, _ (o->help));
  }
  if (command->examples != NULL) {
    lw_roff_heading (page, _ ("Examples"));
    append_examples (page, _ (command->examples));
  }
}

void
lw_overview_print_manual (const LwCommand *const *commands)
{
  g_autoptr (GString) page = g_string_new (NULL);

  lw_roff_title (page, "layerwise", "1", LW_RELEASED, "Layerwise " LW_VERSION);
  lw_roff_section (page, _ ("Name"));
  lw_roff_name (page, "layerwise", _ (summary));
  lw_roff_section (page, _ ("Synopsis"));
  lw_roff_words (page, "layerwise", "COMMAND [OPTIONS]");
  lw_roff_section (page, _ ("Description"));
  lw_roff_text (page, _ (purpose));
  append_rows (page, _ ("Options"), options, G_N_ELEMENTS (options));
  lw_roff_section (page, _ ("Commands"));
  for (const LwCommand *const *command = commands; *command != NULL; command++)
    lw_roff_item (page, (*command)->name, NULL, _ ((*command)->summary));
  for (const LwCommand *const *command = commands; *command != NULL; command++)
    append_command (page, *command);
  append_rows (page, _ ("Environment"), environment, G_N_ELEMENTS (environment));
  append_rows (page, _ ("Files"), files, G_N_ELEMENTS (files));
  lw_roff_section (page, _ ("Exit status"));
  lw_roff_text (page, _ (status));
  lw_roff_section (page, _ ("Examples"));
  lw_roff_example (page, examples);
  lw_roff_section (page, _ ("See also"));
  lw_roff_reference (page, "layerwise-workbench", "1");
  lw_app_print ("%s", page->str);
}
