#include "app/export-report.h"

#include "app/app.h"
#include "app/backends.h"
#ifdef LW_WITH_DRAW
#include "ui/report/report.h"
#endif

#include <glib/gi18n.h>
#include <unistd.h>

bool
lw_export_report_check (const LwArgs *args, const char *format, GError **error)
{
  static const char *const others[] = { "layer", "image", "channel",     "names",      "style",
                                        "depth", "theme", "transparent", "no-legend",  "scale",
                                        "set",   "input", "classes",     "checkpoint", NULL };

  if (!g_str_equal (format, "html") && !g_str_equal (format, "pdf")) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("a report is --format html or pdf, not %s"),
                 format);
    return false;
  }
  for (int i = 0; others[i] != NULL; i++)
    if (lw_args_flag (args, others[i])) {
      g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                   _ ("--%s is not for --what report, which takes --title, --author and --device"),
                   others[i]);
      return false;
    }
  return true;
}

#ifdef LW_WITH_DRAW

static void
show_progress (double done, gpointer data)
{
  int *shown = data;
  const int percent = (int)(done * 100);

  if (percent == *shown || !isatty (STDERR_FILENO))
    return;
  *shown = percent;
  g_printerr ("\r%3d %%%s", percent, percent == 100 ? "\n" : "");
}

int
lw_export_report (const LwArgs *args, const char *format, const char *device, const char *output,
                  GError **error)
{
  const int32_t n = lw_args_n (args);
  g_autofree const char **folders = g_new0 (const char *, n + 1);
  int shown = -1;
  const LwReportOptions options = {
    .title = lw_args_value (args, "title"),
    .author = lw_args_value (args, "author"),
    .parts = LW_REPORT_ALL_PARTS,
    .pdf = g_str_equal (format, "pdf"),
    .backends = lw_app_backends (),
    .device = device,
    .progress = show_progress,
    .data = &shown,
  };

  for (int32_t i = 0; i < n; i++)
    folders[i] = lw_args_get (args, i);
  return lw_report_write (folders, &options, output, error) ? LW_EXIT_DONE : LW_EXIT_FAILED;
}

#else

int
lw_export_report (const LwArgs *args, const char *format, const char *device, const char *output,
                  GError **error)
{
  (void)args, (void)format, (void)device, (void)output;
  g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
               _ ("this build makes no reports: install libcairo2-dev and libpango1.0-dev, then "
                  "./run --build"));
  return LW_EXIT_FAILED;
}

#endif
