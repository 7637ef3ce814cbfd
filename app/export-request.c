/* From the command line to an LwExport. Options that would change nothing are refused rather than
 * ignored. */
#include "app/app.h"
#include "app/export-report.h"
#include "app/export.h"
#include "engine/number.h"

#include <glib/gi18n.h>
#include <string.h>

#define EVERY_BLOCK 100 /* deeper than any network's tree */

static const char *const pictures[] = { "curves", "diagram", "feature-maps", "confusion", "bn",
                                        "report", NULL };
static const char *const styles[] = { "blocks", "volumes", NULL };
static const char *const themes[] = { "light", "dark", NULL };

void
lw_export_clear (LwExport *export)
{
  lw_weights_free (export->weights);
  lw_options_free (export->options);
  g_clear_pointer (&export->graph, lw_graph_unref);
}

bool
lw_export_is_report (const LwExport *export)
{
  return g_str_equal (export->what, "report");
}

bool
lw_export_is_diagram (const LwExport *export)
{
  return g_str_equal (export->what, "diagram");
}

static bool
one_of (const char *what, const char *word, const char *const *words, GError **error)
{
  if (g_strv_contains (words, word))
    return true;
  lw_args_unknown (error, what, word, words);
  return false;
}

/* The first of the options that was given, or NULL. */
static const char *
first_given (const LwArgs *args, const char *const *options)
{
  for (int i = 0; options[i] != NULL; i++)
    if (lw_args_flag (args, options[i]))
      return options[i];
  return NULL;
}

/* Of the diagram's looks Graphviz's text has the ground, JSON none: it draws nothing. */
static bool
check_text_look (const LwArgs *args, const LwExport *export, GError **error)
{
  static const char *const drawn[] = { "style", "no-legend", NULL };
  static const char *const coloured[] = { "theme", "transparent", NULL };
  const char *wrong;

  if (export->format->kind != LW_EXPORT_TEXT)
    return true;
  wrong = first_given (args, drawn);
  if (wrong == NULL && export->format->write == lw_export_json)
    wrong = first_given (args, coloured);
  if (wrong != NULL)
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("--%s is about how a picture looks; --format %s has no use for it"), wrong,
                 export->format->name);
  return wrong == NULL;
}

static bool
parse_scale (const LwArgs *args, LwExport *export, GError **error)
{
  const char *scale = lw_args_value (args, "scale");

  if (scale == NULL)
    return true;
  if (export->format->kind != LW_EXPORT_PICTURE) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("--scale enlarges pictures; --format %s is none"), export->format->name);
    return false;
  }
  if (lw_number_parse_real (scale, &export->scale) && export->scale >= 0.1 && export->scale <= 16)
    return true;
  g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
               _ ("--scale takes a number from 0.1 to 16, not \"%s\""), scale);
  return false;
}

/* How the picture looks. */
static bool
parse_look (const LwArgs *args, LwExport *export, GError **error)
{
  static const char *const only[] = { "style", "theme", "transparent", "title", "no-legend", NULL };
  const char *wrong = lw_export_is_diagram (export) ? NULL : first_given (args, only);

  export->style = lw_args_flag (args, "style") ? lw_args_value (args, "style") : styles[0];
  export->theme = lw_args_flag (args, "theme") ? lw_args_value (args, "theme") : themes[0];
  export->title = lw_args_value (args, "title");
  export->transparent = lw_args_flag (args, "transparent");
  export->no_legend = lw_args_flag (args, "no-legend");
  if (wrong != NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("--%s belongs to --what diagram, not to %s"),
                 wrong, export->what);
    return false;
  }
  return check_text_look (args, export, error) && parse_scale (args, export, error) &&
         one_of (_ ("style"), export->style, styles, error) &&
         one_of (_ ("theme"), export->theme, themes, error);
}

/* What goes with a report only, and what does not go with one. */
static bool
check_report (const LwArgs *args, const LwExport *export, GError **error)
{
  if (lw_export_is_report (export))
    return lw_export_report_check (args, export->format->name, error);
  if (export->format->kind == LW_EXPORT_PAGE || lw_args_flag (args, "author")) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("%s belongs to --what report, not to %s"),
                 lw_args_flag (args, "author") ? "--author" : "--format html", export->what);
    return false;
  }
  if (lw_args_n (args) > 1) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("\"%s\" is one RUN or MODEL too many; --what report takes several"),
                 lw_args_get (args, 1));
    return false;
  }
  return true;
}

/* --what, and whether it goes with the format. */
static bool
parse_what (const LwArgs *args, LwExport *export, GError **error)
{
  const LwExportFormat *format = export->format;

  export->what = lw_args_value (args, "what");
  if (format->kind < LW_EXPORT_TEXT && export->what != NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("--what chooses a picture; --format %s has no choice"), format->name);
    return false;
  }
  if (export->what == NULL)
    export->what = format->kind == LW_EXPORT_TEXT   ? "diagram"
                   : format->kind == LW_EXPORT_PAGE ? "report"
                                                    : pictures[0];
  if (!one_of (_ ("picture"), export->what, pictures, error))
    return false;
  if (format->kind != LW_EXPORT_TEXT || lw_export_is_diagram (export))
    return true;
  g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
               _ ("--format %s describes a network: it goes with --what diagram"), format->name);
  return false;
}

bool
lw_export_parse (const LwArgs *args, LwExport *ret_export, GError **error)
{
  LwExport *export = ret_export;

  *export = (LwExport){
    .args = args,
    .source = lw_args_get (args, 0),
    .output = lw_args_value (args, "output"),
    .checkpoint = lw_args_value (args, "checkpoint"),
    .layer = lw_args_value (args, "layer"),
    .image = lw_args_value (args, "image"),
    .names = lw_args_value (args, "names"),
    .device = lw_args_flag (args, "device") ? lw_args_value (args, "device") : "auto",
    .depth = EVERY_BLOCK,
  };
  if (export->output == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("--output FILE says where to write"));
    return false;
  }
  export->format = lw_export_format_find (lw_args_value (args, "format"), export->output, error);
  if (export->format == NULL)
    return false;
  if (export->names != NULL && export->format->kind == LW_EXPORT_NUMBERS) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("--names is about weights; --format %s has none"), export->format->name);
    return false;
  }
  return parse_what (args, export, error) && check_report (args, export, error) &&
         (lw_export_is_report (export) || parse_look (args, export, error)) &&
         lw_args_integer (args, "depth", 0, EVERY_BLOCK, &export->depth, error) &&
         lw_args_integer (args, "channel", 0, G_MAXINT32, &export->channel, error);
}
