#include "ui/chart-export-dialog.h"

#include "engine/analysis.h"
#include "engine/formats/safetensors.h"
#include "ui/accessible.h"
#include "ui/export-rows.h"
#include "ui/file-chooser.h"

#include <glib/gi18n.h>
#include <string.h>

#define WIDTH         900
#define HEIGHT        640
#define MOST_SHOWN    20000 /* bytes of numbers in the preview */
#define SAVED_CHOICES "lw-chart-export"

struct _LwChartExportDialog {
  AdwWindow parent;
  LwChartView *charts, *below; /* references */
  LwChartExport export;        /* without texts */
  char *name;
  char *tables[2]; /* Markdown, CSV; or NULL */
  LwExportPreview preview;
  GtkWidget *toasts, *save;
  GtkWidget *format, *scale, *width, *height, *title, *subtitle, *colours, *transparent, *legend;
  bool filling;
};

G_DEFINE_FINAL_TYPE (LwChartExportDialog, lw_chart_export_dialog, ADW_TYPE_WINDOW)

static guint saved_signal;

/* With the texts that are typed now; valid until they change. */
static LwChartExport
export_now (LwChartExportDialog *self)
{
  LwChartExport export = self->export;

  export.title = gtk_editable_get_text (GTK_EDITABLE (self->title));
  export.subtitle = gtk_editable_get_text (GTK_EDITABLE (self->subtitle));
  return export;
}

/* --- preview -----------------------------------------------------------------------------------
 */

static void
paint_page (cairo_t *cr, gpointer data)
{
  LwChartExportDialog *self = data;
  const LwChartExport export = export_now (self);

  lw_chart_export_paint (cr, self->charts, &export);
}

static void
draw_preview (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  const LwChartExport *export = &((LwChartExportDialog *)data)->export;

  (void)area;
  lw_export_paint_preview (cr, width, height,
                           GRAPHENE_SIZE_INIT ((float)export->width, (float)export->height),
                           export->dark, export->transparent, paint_page, data);
}

static void
show_text (LwChartExportDialog *self, const char *text, GtkWrapMode wrap)
{
  GtkTextView *view = GTK_TEXT_VIEW (self->preview.text);

  gtk_text_view_set_wrap_mode (view, wrap);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (view), text, -1);
}

/* The table that is chosen; NULL: charts are. */
static const char *
table_now (LwChartExportDialog *self)
{
  return self->export.format >= LW_CHART_TABLE_MARKDOWN
             ? self->tables[self->export.format - LW_CHART_TABLE_MARKDOWN]
             : NULL;
}

static void
show_table (LwChartExportDialog *self)
{
  show_text (self, table_now (self), GTK_WRAP_WORD_CHAR);
  gtk_label_set_text (GTK_LABEL (self->preview.summary),
                      self->export.format == LW_CHART_TABLE_MARKDOWN
                          ? _ ("Markdown, question, answer and numbers")
                          : _ ("CSV, numbers, question and answer"));
}

static void
show_numbers (LwChartExportDialog *self)
{
  g_autoptr (LwChartNumbers) numbers = lw_chart_numbers_new (self->charts, self->below);
  g_autofree char *text = lw_chart_numbers_text (numbers, MOST_SHOWN);
  const bool cut = strlen (text) >= MOST_SHOWN;

  show_text (self, text, GTK_WRAP_NONE);
  gtk_label_set_text (GTK_LABEL (self->preview.summary),
                      cut ? _ ("CSV, the first lines") : _ ("CSV, all that is visible"));
}

static void
show_summary (LwChartExportDialog *self)
{
  const LwChartExport *export = &self->export;
  g_autofree char *kind = g_ascii_strup (lw_chart_export_ending (export->format), -1);
  const double scale = export->format == LW_CHART_PNG ? export->scale : 1;
  g_autofree char *width = lw_format_exact ((int64_t)(export->width * scale));
  g_autofree char *height = lw_format_exact ((int64_t)(export->height * scale));
  g_autofree char *words = g_strdup_printf (
      export->format == LW_CHART_PNG ? _ ("%s, %s × %s pixels") : _ ("%s, %s × %s"), kind, width,
      height);

  gtk_label_set_text (GTK_LABEL (self->preview.summary), words);
}

static void
update (LwChartExportDialog *self)
{
  const bool text = self->export.format >= LW_CHART_CSV;
  GtkWidget *const of_pictures[] = { self->width,   self->height,      self->title, self->subtitle,
                                     self->colours, self->transparent, self->legend };

  gtk_widget_set_visible (self->scale, self->export.format == LW_CHART_PNG);
  for (guint i = 0; i < G_N_ELEMENTS (of_pictures); i++)
    gtk_widget_set_sensitive (of_pictures[i], !text);
  gtk_stack_set_visible_child_name (GTK_STACK (self->preview.stack), text ? "text" : "picture");
  if (table_now (self) != NULL)
    show_table (self);
  else if (text)
    show_numbers (self);
  else
    show_summary (self);
  gtk_widget_queue_draw (self->preview.picture);
}

/* --- choices -----------------------------------------------------------------------------------
 */

static void
chosen (LwChartExportDialog *self)
{
  LwChartExport *export = &self->export;

  if (self->filling)
    return;
  export->format = (LwChartFormat)adw_combo_row_get_selected (ADW_COMBO_ROW (self->format));
  export->scale = 1.0 + adw_combo_row_get_selected (ADW_COMBO_ROW (self->scale));
  export->width = gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->width));
  export->height = gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->height));
  export->dark = adw_combo_row_get_selected (ADW_COMBO_ROW (self->colours)) == 1;
  export->transparent = gtk_switch_get_active (GTK_SWITCH (self->transparent));
  export->no_legend = !gtk_switch_get_active (GTK_SWITCH (self->legend));
  update (self);
}

static void
add_tables (LwChartExportDialog *self)
{
  static const char *const words[] = { N_ ("Table as Markdown"), N_ ("Table as CSV") };
  GListModel *model = adw_combo_row_get_model (ADW_COMBO_ROW (self->format));

  for (guint i = 0; i < G_N_ELEMENTS (words) && self->tables[i] != NULL; i++)
    gtk_string_list_append (GTK_STRING_LIST (model), _ (words[i]));
}

static void
fill (LwChartExportDialog *self, const LwChartExportSource *source)
{
  LwChartExport standard = lw_chart_export_default (self->charts);
  const LwChartExport *last = g_object_get_data (G_OBJECT (self->charts), SAVED_CHOICES);
  g_autofree char *settings = lw_chart_export_subtitle (self->charts);
  const char *title = source->title != NULL ? source->title : standard.title;
  const char *subtitle = source->subtitle != NULL ? source->subtitle : settings;

  self->export = last != NULL ? *last : standard;
  self->export.below = self->below;
  self->export.title = self->export.subtitle = NULL;
  self->filling = true;
  add_tables (self);
  adw_combo_row_set_selected (ADW_COMBO_ROW (self->format), self->export.format);
  adw_combo_row_set_selected (ADW_COMBO_ROW (self->scale), (guint)self->export.scale - 1);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->width), self->export.width);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->height), self->export.height);
  adw_combo_row_set_selected (ADW_COMBO_ROW (self->colours), self->export.dark);
  gtk_switch_set_active (GTK_SWITCH (self->transparent), self->export.transparent);
  gtk_switch_set_active (GTK_SWITCH (self->legend), !self->export.no_legend);
  if (title != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->title), title);
  if (subtitle != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->subtitle), subtitle);
  self->filling = false;
}

/* --- the file ----------------------------------------------------------------------------------
 */

static void
finish (LwChartExportDialog *self, const char *path, const GError *error)
{
  if (error == NULL) {
    g_autofree char *name = g_path_get_basename (path);
    g_autofree char *sentence = g_strdup_printf (_ ("Saved %s"), name);

    g_object_set_data_full (G_OBJECT (self->charts), SAVED_CHOICES,
                            g_memdup2 (&self->export, sizeof self->export), g_free);
    g_signal_emit (self, saved_signal, 0, sentence);
    gtk_window_close (GTK_WINDOW (self));
  } else {
    g_autofree char *escaped = g_markup_escape_text (error->message, -1);

    gtk_widget_set_sensitive (self->save, TRUE);
    adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), adw_toast_new (escaped));
  }
}

typedef struct {
  LwChartNumbers *numbers; /* or */
  char *table;
  char *path;
} Job;

static void
free_job (gpointer data)
{
  Job *job = data;

  lw_chart_numbers_free (job->numbers);
  g_free (job->table);
  g_free (job->path);
  g_free (job);
}

static void
write_text (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Job *job = data;
  GError *error = NULL;

  (void)source;
  (void)cancellable;
  if (job->table != NULL ? lw_file_replace (job->path, job->table, strlen (job->table), &error)
                         : lw_chart_numbers_write (job->numbers, job->path, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
text_written (GObject *source, GAsyncResult *result, gpointer data)
{
  const Job *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  (void)data;
  g_task_propagate_boolean (G_TASK (result), &error);
  if (gtk_widget_get_realized (GTK_WIDGET (source))) /* else it was closed meanwhile */
    finish (LW_CHART_EXPORT_DIALOG (source), job->path, error);
}

void
lw_chart_export_dialog_save (LwChartExportDialog *self, const char *path)
{
  const LwChartExport export = export_now (self);
  g_autoptr (GError) error = NULL;

  if (export.format >= LW_CHART_CSV) {
    GTask *task = g_task_new (self, NULL, text_written, NULL);
    Job *job = g_new0 (Job, 1);

    job->path = g_strdup (path);
    job->table = g_strdup (table_now (self));
    if (job->table == NULL)
      job->numbers = lw_chart_numbers_new (self->charts, self->below);
    gtk_widget_set_sensitive (self->save, FALSE);
    g_task_set_task_data (task, job, free_job);
    g_task_run_in_thread (task, write_text);
    g_object_unref (task);
    return;
  }
  lw_chart_export_write (self->charts, &export, path, &error);
  finish (self, path, error);
}

static void
file_chosen (gpointer self, const char *path, gconstpointer what)
{
  (void)what;
  lw_chart_export_dialog_save (self, path);
}

static void
choose_file (LwChartExportDialog *self)
{
  const char *const endings[] = { lw_chart_export_ending (self->export.format), NULL };
  g_autofree char *file = g_strdup_printf (
      table_now (self) != NULL ? "%s-table.%s" : "%s-charts.%s", self->name, endings[0]);

  lw_choose_file (GTK_WINDOW (self), gtk_window_get_title (GTK_WINDOW (self)), file, endings,
                  file_chosen, self, NULL);
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static GtkWidget *
add_size (LwChartExportDialog *self, GtkWidget *group, const char *title)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *spin = gtk_spin_button_new_with_range (LW_CHART_LEAST_SIZE, LW_CHART_MOST_SIZE, 10);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_widget_set_valign (spin, GTK_ALIGN_CENTER);
  lw_name_widget (spin, title);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), spin);
  g_signal_connect_swapped (spin, "value-changed", G_CALLBACK (chosen), self);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  return spin;
}

static GtkWidget *
make_options (LwChartExportDialog *self)
{
  static const char *const formats[] = { N_ ("SVG"), N_ ("PDF"), N_ ("PNG"), N_ ("CSV"), NULL };
  static const char *const scales[] = { "1×", "2×", "3×", "4×", NULL };
  static const char *const colours[] = { N_ ("Light"), N_ ("Dark"), NULL };
  GtkWidget *file = adw_preferences_group_new (), *look = adw_preferences_group_new ();
  const GCallback done = G_CALLBACK (chosen);

  self->format = lw_export_add_choice (file, _ ("Format"), formats, done, self);
  self->scale = lw_export_add_choice (file, _ ("Scale"), scales, done, self);
  self->width = add_size (self, file, _ ("Width"));
  self->height = add_size (self, file, _ ("Height"));
  self->title = lw_export_add_words (look, _ ("Title"), done, self);
  self->subtitle = lw_export_add_words (look, _ ("Subtitle"), done, self);
  self->colours = lw_export_add_choice (look, _ ("Colours"), colours, done, self);
  self->transparent = lw_export_add_switch (look, _ ("Transparent ground"), done, self);
  self->legend = lw_export_add_switch (look, _ ("Legend"), done, self);
  return lw_export_make_options ((GtkWidget *const[]){ file, look, NULL });
}

GtkWidget *
lw_chart_export_dialog_new_for (const LwChartExportSource *source)
{
  LwChartExportDialog *self =
      g_object_new (LW_TYPE_CHART_EXPORT_DIALOG, "title",
                    source->heading != NULL ? source->heading : _ ("Export the Charts"), "modal",
                    TRUE, "default-width", WIDTH, "default-height", HEIGHT, NULL);

  self->charts = g_object_ref (source->charts);
  if (source->below != NULL)
    self->below = g_object_ref (source->below);
  self->name = g_strdup (source->name);
  for (guint i = 0; i < G_N_ELEMENTS (self->tables); i++)
    self->tables[i] = g_strdup (source->tables[i]);
  g_signal_connect_object (self->charts, "changed", G_CALLBACK (gtk_widget_queue_draw),
                           self->preview.picture, G_CONNECT_SWAPPED);
  fill (self, source);
  update (self);
  gtk_window_set_default_widget (GTK_WINDOW (self), self->save);
  gtk_window_set_focus (GTK_WINDOW (self), self->save);
  return GTK_WIDGET (self);
}

GtkWidget *
lw_chart_export_dialog_new (LwChartView *charts, const char *name)
{
  return lw_chart_export_dialog_new_for (&(LwChartExportSource){ .charts = charts, .name = name });
}

const char *
lw_chart_export_dialog_summary (LwChartExportDialog *self)
{
  return gtk_label_get_text (GTK_LABEL (self->preview.summary));
}

static void
lw_chart_export_dialog_finalize (GObject *object)
{
  LwChartExportDialog *self = LW_CHART_EXPORT_DIALOG (object);

  g_clear_object (&self->charts);
  g_clear_object (&self->below);
  for (guint i = 0; i < G_N_ELEMENTS (self->tables); i++)
    g_free (self->tables[i]);
  g_free (self->name);
  G_OBJECT_CLASS (lw_chart_export_dialog_parent_class)->finalize (object);
}

static void
lw_chart_export_dialog_class_init (LwChartExportDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_chart_export_dialog_finalize;
  saved_signal = g_signal_new ("saved", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

static void
lw_chart_export_dialog_init (LwChartExportDialog *self)
{
  self->preview = lw_export_make_preview (draw_preview, self);
  self->toasts = lw_export_fill_window (ADW_WINDOW (self), self->preview.column,
                                        make_options (self), &self->save, G_CALLBACK (choose_file));
}
