#include "ui/map-files.h"

#include "engine/formats/file.h"
#include "ui/draw/export.h"

#include <glib/gi18n.h>
#include <math.h>

#define PART   65536 /* bytes that are written at once */
#define MARGIN 20.0
#define HEAD   52.0
#define WIDTH  860.0
#define BAR    140.0

/* What is written, with values and names of its own. */
typedef struct {
  char *path;
  LwMapSheet sheet;
  float *values;
  int inputs, rows, columns;
  char *title, *words; /* of a picture */
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_free (job->path);
  g_free (job->values);
  lw_map_sheet_clear (&job->sheet);
  g_free (job->title);
  g_free (job->words);
  g_free (job);
}

static Job *
job_new (const LwMapSheet *sheet, const char *path)
{
  Job *job = g_new0 (Job, 1);
  const float *from = NULL;

  *job = (Job){ .path = g_strdup (path), .sheet = *sheet, .inputs = 1, .rows = 1, .columns = 1 };
  if (sheet->kind == LW_SHEET_MAPS) {
    from = sheet->maps.values;
    job->rows = sheet->maps.rows;
    job->columns = sheet->maps.columns;
  } else if (sheet->kind == LW_SHEET_UNITS) {
    from = sheet->units.values;
  } else if (sheet->kind == LW_SHEET_KERNELS) {
    from = sheet->kernels.values;
    job->inputs = sheet->kernels.inputs;
    job->rows = sheet->kernels.rows;
    job->columns = sheet->kernels.columns;
  }
  job->values = g_memdup2 (from, sizeof (float) * (gsize)sheet->n * (gsize)job->inputs *
                                     (gsize)job->rows * (gsize)job->columns);
  job->sheet.names = g_strdupv (sheet->names);
  job->sheet.units.names = (const char *const *)job->sheet.names;
  job->sheet.maps.values = job->sheet.units.values = job->sheet.kernels.values = job->values;
  return job;
}

static void
run (Job *job, GTaskThreadFunc thread, GAsyncReadyCallback done, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, done, data);

  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, thread);
}

char *
lw_map_file_save_finish (GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;

  return g_task_propagate_boolean (G_TASK (result), &error) ? NULL : g_strdup (error->message);
}

const char *
lw_map_file_path (GAsyncResult *result)
{
  return ((const Job *)g_task_get_task_data (G_TASK (result)))->path;
}

/* --- values --------------------------------------------------------------------------------------
 */

static void
append_place (GString *text, const Job *job, int map, int input, int cell)
{
  g_string_append_printf (text, "%d,", map);
  if (job->sheet.kind == LW_SHEET_KERNELS)
    g_string_append_printf (text, "%d,", input);
  if (job->sheet.kind != LW_SHEET_UNITS)
    g_string_append_printf (text, "%d,%d,", cell / job->columns, cell % job->columns);
}

static bool
write_values (const Job *job, GError **error)
{
  static const char *const heads[] = { "", "map,row,column,value\n", "unit,value\n",
                                       "output,input,row,column,value\n" };
  g_autoptr (LwReplacement) file = lw_replacement_new (job->path, error);
  g_autoptr (GString) text = g_string_new (heads[job->sheet.kind]);
  const float *at = job->values;
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if (file == NULL)
    return false;
  for (int map = 0; map < job->sheet.n; map++)
    for (int input = 0; input < job->inputs; input++)
      for (int cell = 0; cell < job->rows * job->columns; cell++, at++) {
        append_place (text, job, map, input, cell);
        g_string_append (text, g_ascii_formatd (number, sizeof number, "%.9g", (double)*at));
        g_string_append_c (text, '\n');
        if (text->len < PART)
          continue;
        if (!lw_replacement_write (file, text->str, text->len, error))
          return false;
        g_string_truncate (text, 0);
      }
  return lw_replacement_write (file, text->str, text->len, error) &&
         lw_replacement_commit (file, error);
}

static void
values_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  (void)source;
  (void)cancellable;
  if (write_values (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
lw_map_file_save_values (const LwMapSheet *sheet, const char *path, GAsyncReadyCallback done,
                         gpointer data)
{
  run (job_new (sheet, path), values_thread, done, data);
}

/* --- the picture ---------------------------------------------------------------------------------
 */

typedef struct {
  LwMapSheet sheet;
  LwText *text;
  const char *title, *words;
  double width, height, sheet_width, sheet_height;
} Page;

static void
paint_page (cairo_t *cr, gpointer data)
{
  const Page *page = data;
  const LwTheme *theme = lw_theme (false);
  const cairo_rectangle_t all = { 0, 0, page->sheet_width, page->sheet_height };

  lw_set_colour (cr, theme->canvas, 1);
  cairo_paint (cr);
  lw_text_paint (cr, page->text, LW_TEXT_HEADING, page->title, MARGIN, MARGIN + 14, 0, theme->text,
                 1);
  lw_text_paint (cr, page->text, LW_TEXT_CAPTION, page->words, MARGIN, MARGIN + 34, 0, theme->dim,
                 1);
  if (!page->sheet.maps.scale_each || page->sheet.kind != LW_SHEET_MAPS)
    lw_colour_bar_paint (cr, theme, page->text, &page->sheet.scale, page->width - MARGIN,
                         MARGIN + 30, BAR, 1);
  cairo_translate (cr, MARGIN, MARGIN + HEAD);
  lw_map_sheet_paint (cr, theme, page->text, &page->sheet, page->sheet_width, all);
}

static bool
write_picture (const Job *job, GError **error)
{
  const LwMapSheet *sheet = &job->sheet;
  Page page = { .sheet = *sheet, .title = job->title, .words = job->words };
  bool done;

  page.sheet.maps.selected = page.sheet.units.selected = page.sheet.kernels.output = -1;
  page.sheet_width = WIDTH - 2 * MARGIN;
  if (sheet->kind == LW_SHEET_MAPS) {
    page.sheet.maps.side = 90;
    page.sheet_width = fmin (page.sheet_width, fmax (360, sheet->n * (90 + page.sheet.maps.gap)));
  } else {
    lw_map_sheet_fit (&page.sheet, page.sheet_width);
  }
  lw_map_sheet_size (&page.sheet, page.sheet_width, &page.width, &page.sheet_height);
  page.sheet_width = fmax (page.sheet_width, page.width);
  page.width = page.sheet_width + 2 * MARGIN;
  page.height = page.sheet_height + 2 * MARGIN + HEAD;
  page.text = lw_text_new (NULL, NULL);
  done = lw_export_picture (job->path, page.width, page.height,
                            g_str_has_suffix (job->path, ".png") && page.height < 7000 ? 2 : 1,
                            paint_page, &page, error);
  lw_text_free (page.text);
  return done;
}

static void
picture_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  (void)source;
  (void)cancellable;
  if (write_picture (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
lw_map_file_save_picture (const LwMapSheet *sheet, const LwGraph *graph, LwNodeId layer,
                          const char *words, const char *path, GAsyncReadyCallback done,
                          gpointer data)
{
  g_autofree char *heading = lw_map_sheet_heading (sheet);
  Job *job = job_new (sheet, path);

  job->title =
      g_strdup_printf ("%s, %s", lw_graph_title (graph), lw_graph_node (graph, layer)->name);
  job->words = g_strdup_printf ("%s · %s", heading, words);
  run (job, picture_thread, done, data);
}
