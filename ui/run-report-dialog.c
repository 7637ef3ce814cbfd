#include "ui/run-report-dialog.h"

#include "engine/priority.h"
#include "ui/accessible.h"
#include "ui/export-rows.h"
#include "ui/file-chooser.h"

#include <glib/gi18n.h>

#define WIDTH   460
#define HEIGHT  640
#define POLL_MS 60
#define WHOLE   1000 /* of the progress, an atomic integer */

static const struct {
  LwReportParts part;
  const char *title;
} parts[] = {
  { LW_REPORT_PART_DIAGRAM, N_ ("Architecture and costs") },
  { LW_REPORT_PART_SETTINGS, N_ ("Settings") },
  { LW_REPORT_PART_CURVES, N_ ("Curves") },
  { LW_REPORT_PART_EPOCHS, N_ ("Epochs") },
  { LW_REPORT_PART_CONFUSION, N_ ("Confusion matrix") },
  { LW_REPORT_PART_MAPS, N_ ("Feature maps") },
  { LW_REPORT_PART_HEALTH, N_ ("Health and batch normalization") },
  { LW_REPORT_PART_COMMANDS, N_ ("How to reproduce it") },
};

struct _LwReportDialog {
  AdwWindow parent;
  GStrv folders;
  char *name; /* of the file, without its ending */
  const LwBackend *const *backends;
  GtkWidget *toasts, *save, *format, *title, *author, *options, *progress;
  GtkWidget *switches[G_N_ELEMENTS (parts)];
  GCancellable *working; /* NULL: it is not */
  gint done;             /* of WHOLE; atomic, the thread's */
  guint poll_id;
};

G_DEFINE_FINAL_TYPE (LwReportDialog, lw_report_dialog, ADW_TYPE_WINDOW)

static guint saved_signal;

/* --- writing -----------------------------------------------------------------------------------
 */

typedef struct {
  GStrv folders;
  char *title, *author, *path;
  LwReportOptions options;
} Job;

static void
free_job (gpointer data)
{
  Job *job = data;

  g_strfreev (job->folders);
  g_free (job->title);
  g_free (job->author);
  g_free (job->path);
  g_free (job);
}

static void
note_progress (double done, gpointer data)
{
  g_atomic_int_set ((gint *)data, (gint)(done * WHOLE));
}

/* A thread of its own, because it gives way to the window's for good. */
static gpointer
write_report (gpointer data)
{
  GTask *task = data;
  const Job *job = g_task_get_task_data (task);
  GError *error = NULL;

  lw_thread_give_way ();
  if (lw_report_write ((const char *const *)job->folders, &job->options, job->path, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
  g_object_unref (task);
  return NULL;
}

static void
set_working (LwReportDialog *self, bool working)
{
  gtk_widget_set_sensitive (self->save, !working);
  gtk_widget_set_sensitive (self->options, !working);
  gtk_widget_set_visible (self->progress, working);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->progress), 0);
  if (!working)
    g_clear_object (&self->working);
  if (!working)
    g_clear_handle_id (&self->poll_id, g_source_remove);
}

static void
written (GObject *source, GAsyncResult *result, gpointer data)
{
  LwReportDialog *self = LW_REPORT_DIALOG (source);
  const Job *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  const bool done = g_task_propagate_boolean (G_TASK (result), &error);
  const bool closed = g_cancellable_is_cancelled (self->working);

  (void)data;
  set_working (self, false);
  if (closed)
    return;
  if (done) {
    g_signal_emit (self, saved_signal, 0, job->path);
    gtk_window_close (GTK_WINDOW (self));
  } else {
    g_autofree char *escaped = g_markup_escape_text (error->message, -1);

    adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), adw_toast_new (escaped));
  }
}

static gboolean
show_progress (gpointer data)
{
  LwReportDialog *self = data;
  const double done = (double)g_atomic_int_get (&self->done) / WHOLE;

  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->progress), done);
  return G_SOURCE_CONTINUE;
}

static guint
chosen_parts (LwReportDialog *self)
{
  guint chosen = 0;

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (self->switches[i] != NULL && gtk_switch_get_active (GTK_SWITCH (self->switches[i])))
      chosen |= (guint)parts[i].part;
  return chosen;
}

static bool
wants_pdf (LwReportDialog *self)
{
  return adw_combo_row_get_selected (ADW_COMBO_ROW (self->format)) == 1;
}

void
lw_report_dialog_save (LwReportDialog *self, const char *path)
{
  Job *job;
  GTask *task;

  if (self->working != NULL)
    return;
  self->working = g_cancellable_new ();
  self->done = 0;
  job = g_new0 (Job, 1);
  job->folders = g_strdupv (self->folders);
  job->title = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->title)));
  job->author = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->author)));
  job->path = g_strdup (path);
  job->options = (LwReportOptions){
    .title = job->title,
    .author = job->author,
    .parts = chosen_parts (self),
    .pdf = wants_pdf (self),
    .backends = self->backends,
    .device = "auto",
    .progress = note_progress,
    .data = &self->done,
    .cancellable = self->working,
  };
  set_working (self, true);
  self->poll_id = g_timeout_add (POLL_MS, show_progress, self);
  /* The task holds the dialog, and so what the thread writes to, also once it was closed. */
  task = g_task_new (self, self->working, written, NULL);
  g_task_set_task_data (task, job, free_job);
  g_thread_unref (g_thread_new ("report", write_report, task));
}

bool
lw_report_dialog_is_working (LwReportDialog *self)
{
  return self->working != NULL;
}

static gboolean
lw_report_dialog_close_request (GtkWindow *window)
{
  LwReportDialog *self = LW_REPORT_DIALOG (window);

  if (self->working != NULL)
    g_cancellable_cancel (self->working);
  g_clear_handle_id (&self->poll_id, g_source_remove);
  return GTK_WINDOW_CLASS (lw_report_dialog_parent_class)->close_request (window);
}

/* --- the file ----------------------------------------------------------------------------------
 */

static void
file_chosen (gpointer self, const char *path, gconstpointer what)
{
  (void)what;
  lw_report_dialog_save (self, path);
}

static void
choose_file (LwReportDialog *self)
{
  const char *const endings[] = { wants_pdf (self) ? "pdf" : "html", NULL };
  g_autofree char *file = g_strdup_printf ("%s.%s", self->name, endings[0]);

  lw_choose_file (GTK_WINDOW (self), _ ("Export a Report"), file, endings, file_chosen, self, NULL);
}

/* --- set-up ------------------------------------------------------------------------------------
 */

/* Without a part there is nothing to write. */
static void
chosen (LwReportDialog *self)
{
  if (self->working == NULL)
    gtk_widget_set_sensitive (self->save, chosen_parts (self) != 0);
}

static GtkWidget *
make_options (LwReportDialog *self)
{
  static const char *const formats[] = { N_ ("HTML, one page"), N_ ("PDF, A4"), NULL };
  GtkWidget *file = adw_preferences_group_new (), *contents = adw_preferences_group_new ();
  GtkWidget *scroller;

  self->title = lw_export_add_words (file, _ ("Title"), G_CALLBACK (chosen), self);
  self->author = lw_export_add_words (file, _ ("Author (optional)"), G_CALLBACK (chosen), self);
  self->format = lw_export_add_choice (file, _ ("Format"), formats, G_CALLBACK (chosen), self);
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (contents), _ ("Contents"));
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    self->switches[i] =
        lw_export_add_switch (contents, _ (parts[i].title), G_CALLBACK (chosen), self);
  }
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    gtk_switch_set_active (GTK_SWITCH (self->switches[i]), TRUE);
  scroller = lw_export_make_options ((GtkWidget *const[]){ file, contents, NULL });
  gtk_widget_set_vexpand (scroller, TRUE);
  return scroller;
}

GtkWidget *
lw_report_dialog_new (GPtrArray *runs, const LwBackend *const *backends)
{
  LwReportDialog *self =
      g_object_new (LW_TYPE_REPORT_DIALOG, "title", _ ("Export a Report"), "modal", TRUE,
                    "default-width", WIDTH, "default-height", HEIGHT, NULL);
  g_autofree char *title = NULL;

  self->backends = backends;
  self->folders = g_new0 (char *, runs->len + 1);
  for (guint i = 0; i < runs->len; i++)
    self->folders[i] = g_strdup (lw_run_item_folder (g_ptr_array_index (runs, i)));
  if (runs->len == 1) {
    LwRunItem *run = g_ptr_array_index (runs, 0);
    const char *model = lw_options_model (lw_run_item_settings (run)->options)->name;

    title = g_strdup (lw_run_item_title (run));
    self->name = g_strdup_printf ("%s-report", model);
  } else {
    title = g_strdup_printf (ngettext ("%u run", "%u runs", runs->len), runs->len);
    self->name = g_strdup ("report");
  }
  gtk_editable_set_text (GTK_EDITABLE (self->title), title);
  gtk_window_set_default_widget (GTK_WINDOW (self), self->save);
  gtk_window_set_focus (GTK_WINDOW (self), self->save);
  return GTK_WIDGET (self);
}

static void
lw_report_dialog_finalize (GObject *object)
{
  LwReportDialog *self = LW_REPORT_DIALOG (object);

  g_clear_handle_id (&self->poll_id, g_source_remove);
  g_clear_object (&self->working);
  g_strfreev (self->folders);
  g_free (self->name);
  G_OBJECT_CLASS (lw_report_dialog_parent_class)->finalize (object);
}

static void
lw_report_dialog_class_init (LwReportDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_report_dialog_finalize;
  GTK_WINDOW_CLASS (klass)->close_request = lw_report_dialog_close_request;
  saved_signal = g_signal_new ("saved", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

static void
lw_report_dialog_init (LwReportDialog *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  GtkWidget *header =
      lw_export_make_header (GTK_WINDOW (self), &self->save, G_CALLBACK (choose_file));

  self->options = make_options (self);
  self->progress = gtk_progress_bar_new ();
  lw_name_widget (self->progress, _ ("Progress of the report"));
  gtk_widget_add_css_class (self->progress, "osd");
  gtk_widget_set_visible (self->progress, FALSE);
  gtk_box_append (GTK_BOX (column), header);
  gtk_box_append (GTK_BOX (column), self->progress);
  gtk_box_append (GTK_BOX (column), self->options);
  self->toasts = adw_toast_overlay_new ();
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (self->toasts), column);
  adw_window_set_content (ADW_WINDOW (self), self->toasts);
}
