#include "ui/chart-export.h"

#include "ui/chart-view-private.h"
#include "ui/draw/export.h"

#include <glib/gi18n.h>
#include <math.h>

const char *
lw_chart_export_ending (LwChartFormat format)
{
  static const char *const endings[] = { "svg", "pdf", "png", "csv", "md", "csv" };

  return endings[format];
}

LwChartExport
lw_chart_export_default (LwChartView *view)
{
  LwChartExport export = { .width = 900, .height = 640, .scale = 2 };

  if (view->by_role && view->entries->len > 0)
    export.title =
        lw_run_item_title (lw_run_curves_run (lw_chart_entry_run (view->entries->pdata[0], 0)));
  return export;
}

char *
lw_chart_export_subtitle (LwChartView *view)
{
  char *words = NULL;

  if (view->by_role && view->entries->len > 0 &&
      lw_chart_entry_n_runs (view->entries->pdata[0]) == 1) /* else it would be of one seed */
    g_object_get (lw_run_curves_run (lw_chart_entry_run (view->entries->pdata[0], 0)), "subtitle",
                  &words, NULL);
  return words;
}

/* What the page shows of a view, without what is under the pointer. */
static void
fill (LwChartView *view, const LwChartExport *export, LwRunPicture *picture)
{
  const bool pinned = view->pinned;
  const int highlighted = view->highlighted;

  view->pinned = false;
  view->highlighted = -1;
  lw_chart_view_fill_for (view, lw_theme (export->dark), export->no_legend, picture);
  view->pinned = pinned;
  view->highlighted = highlighted;
}

/* One stack of both charts. Where somebody has zoomed, all that either shows is in it. */
static void
join (LwChartView *view, LwChartView *below, const LwRunPicture *of_below, LwRunPicture *picture)
{
  picture->charts[1] = of_below->charts[0];
  picture->stack.n_charts = 2;
  if (lw_chart_view_is_zoomed (view) || lw_chart_view_is_zoomed (below)) {
    const LwChartRange a = lw_chart_view_shown (view), b = lw_chart_view_shown (below);

    picture->stack.x.min = fmin (a.min, b.min);
    picture->stack.x.max = fmax (a.max, b.max);
  }
}

void
lw_chart_export_paint (cairo_t *cr, LwChartView *view, const LwChartExport *export)
{
  g_autofree char *settings = export->subtitle == NULL ? lw_chart_export_subtitle (view) : NULL;
  const LwChartDocument document = {
    .heading = export->title,
    .subheading = export->subtitle != NULL ? export->subtitle : settings,
    .dark = export->dark,
    .transparent = export->transparent,
  };
  LwRunPicture picture = { 0 }, below = { 0 };

  fill (view, export, &picture);
  if (export->below != NULL) {
    fill (export->below, export, &below);
    join (view, export->below, &below, &picture);
  }
  lw_charts_paint_document (cr, view->text, &picture.stack, export->width, export->height,
                            &document);
  lw_run_picture_clear (&picture);
  if (export->below != NULL)
    lw_run_picture_clear (&below);
}

typedef struct {
  LwChartView *view;
  const LwChartExport *export;
} Page;

static void
paint_page (cairo_t *cr, gpointer data)
{
  const Page *page = data;

  lw_chart_export_paint (cr, page->view, page->export);
}

bool
lw_chart_export_write (LwChartView *view, const LwChartExport *export, const char *path,
                       GError **error)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);
  Page page = { view, export };
  LwPictureFormat format;

  if (view->entries->len == 0) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, "%s",
                 export->below != NULL ? _ ("There are no curves yet: run the experiment first.")
                                       : _ ("Choose a run in the sidebar first."));
    return false;
  }
  if (g_str_has_suffix (lower, ".csv")) {
    g_autoptr (LwChartNumbers) numbers = lw_chart_numbers_new (view, export->below);

    return lw_chart_numbers_write (numbers, path, error);
  }
  return lw_picture_format (path, &format, error) &&
         lw_export_picture (path, export->width, export->height,
                            format == LW_PICTURE_PNG ? export->scale : 1, paint_page, &page, error);
}
