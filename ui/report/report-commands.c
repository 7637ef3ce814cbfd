/* How to do a run again. */
#include "ui/report/report-private.h"

#include "engine/settings_command.h"

#include <glib/gi18n.h>
#include <inttypes.h>

#define WIDTH 84 /* characters that a page's line holds */

/* The run's name as a folder's: letters, digits, dots, underscores and hyphens. */
static char *
folder_name (const char *name)
{
  GString *folder = g_string_new (NULL);

  for (const char *c = name; *c != '\0' && folder->len < 80; c++) {
    if (g_ascii_isalnum (*c) || (folder->len > 0 && (*c == '.' || *c == '_' || *c == '-')))
      g_string_append_c (folder, *c);
    else if (folder->len > 0 && folder->str[folder->len - 1] != '-')
      g_string_append_c (folder, '-');
  }
  if (folder->len == 0)
    g_string_append (folder, "run");
  return g_string_free (folder, FALSE);
}

static char *
train_command (const LwSettings *settings, const char *folder)
{
  g_auto (GStrv) arguments = lw_settings_arguments (settings);
  g_autoptr (GPtrArray) words = g_ptr_array_new ();

  for (int i = 0; arguments[i] != NULL; i++)
    g_ptr_array_add (words, arguments[i]);
  g_ptr_array_add (words, (gpointer) "--output");
  g_ptr_array_add (words, (gpointer)folder);
  g_ptr_array_add (words, NULL);
  return lw_shell_command ("layerwise train", (const char *const *)words->pdata, WIDTH);
}

static bool
was_changed (const LwRun *run)
{
  return lw_report_last (run, LW_EVENT_SETTING) != NULL;
}

void
lw_report_add_commands (LwReportDocument *document, const LwReportRun *run)
{
  const LwSettings *settings = run->run->settings;
  g_autofree char *folder = folder_name (run->run->name);
  g_autofree char *train = train_command (settings, folder);

  lw_report_add_text (document,
                      g_strdup (_ ("The same training, with all that differs from the book's "
                                   "recipe, into a folder of its own:")));
  lw_report_add_code (document, g_strdup (train));
  lw_report_add_text (document, g_strdup (_ ("Its predictions for the test images, its weights for "
                                             "PyTorch, its numbers, and this report:")));
  lw_report_add_code (
      document,
      g_strdup_printf ("layerwise predict ./%s\n"
                       "layerwise export ./%s --format safetensors --output %s.safetensors\n"
                       "layerwise export ./%s --format csv --output %s.csv\n"
                       "layerwise export ./%s --what report --format html --output %s.html",
                       folder, folder, folder, folder, folder, folder, folder));
  if (was_changed (run->run))
    lw_report_add_note (document,
                        g_strdup (_ ("Settings were changed while it trained, which no command "
                                     "repeats: from the first change on the numbers differ.")));
  lw_report_add_note (
      document, g_strdup_printf (
                    _ ("It ran on the device %s with seed %" PRIu64
                       ". On the same device, with the same algorithms and version (%s), each "
                       "number is the same again; elsewhere they agree to rounding at first. "
                       "--algorithms fixed chooses the same algorithms on every machine."),
                    run->run->device != NULL && *run->run->device != '\0' ? run->run->device : "–",
                    settings->seed, LW_VERSION));
}
