#include "ui/onnx-window.h"

#include "ui/workbench-viewer.h"

#include <glib/gi18n.h>

struct _LwOnnxWindow {
  AdwWindow parent;
  LwWorkbench *workbench;
};

G_DEFINE_FINAL_TYPE (LwOnnxWindow, lw_onnx_window, ADW_TYPE_WINDOW)

static void
free_network (gpointer network)
{
  lw_onnx_free (network);
}

/* A file of Layerwise's own is shown with the library's knobs. */
static LwOptions *
options_of (const LwOnnxNetwork *network)
{
  const LwSettings *settings = lw_onnx_settings (network);

  return settings != NULL ? lw_options_copy (settings->options)
                          : lw_options_new (lw_onnx_model (network));
}

static char *
subtitle_of (const LwOnnxNetwork *network)
{
  const char *producer = lw_onnx_producer (network);

  return g_strdup_printf (_ ("ONNX, opset %d, written by %s"), (int)lw_onnx_opset (network),
                          producer[0] != '\0' ? producer : _ ("unknown"));
}

/* `name`: the file's, shown as title. Takes the network. */
static GtkWidget *
window_new (const LwBackend *const *backends, LwOnnxNetwork *network, const char *name)
{
  LwOnnxWindow *self =
      g_object_new (LW_TYPE_ONNX_WINDOW, "title", name, "default-width", 1100, "default-height",
                    720, "width-request", 800, "height-request", 500, NULL);
  g_autoptr (LwOptions) options = options_of (network);
  g_autofree char *subtitle = subtitle_of (network);
  GtkWidget *all = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *bar = adw_header_bar_new (), *page;

  self->workbench = lw_workbench_new_viewer (backends, options);
  /* Its model is the network's: both go at once. */
  g_object_set_data_full (G_OBJECT (self->workbench), "network", network, free_network);
  page = lw_explore_page_new (self->workbench);
  gtk_widget_set_vexpand (page, TRUE);
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (bar), adw_window_title_new (name, subtitle));
  gtk_box_append (GTK_BOX (all), bar);
  gtk_box_append (GTK_BOX (all), page);
  adw_window_set_content (ADW_WINDOW (self), all);
  return GTK_WIDGET (self);
}

LwWorkbench *
lw_onnx_window_workbench (LwOnnxWindow *self)
{
  return self->workbench;
}

/* --- opening ---------------------------------------------------------------------------------- */

typedef struct {
  char *path;
  const LwBackend *const *backends;
  LwOnnxFailed failed;
} Opening;

static void
opening_free (gpointer data)
{
  g_free (((Opening *)data)->path);
  g_free (data);
}

static void
read_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  LwOnnxNetwork *network = lw_onnx_open (((Opening *)data)->path, &error);

  (void)source;
  (void)cancellable;
  if (network != NULL)
    g_task_return_pointer (task, network, free_network);
  else
    g_task_return_error (task, error);
}

static void
was_read (GObject *asker, GAsyncResult *result, gpointer data)
{
  const Opening *opening = g_task_get_task_data (G_TASK (result));
  g_autofree char *name = g_filename_display_basename (opening->path);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOnnxNetwork) network = g_task_propagate_pointer (G_TASK (result), &error);

  (void)data;
  if (!gtk_widget_get_realized (GTK_WIDGET (asker))) /* it was closed */
    return;
  if (network != NULL)
    gtk_window_present (
        GTK_WINDOW (window_new (opening->backends, g_steal_pointer (&network), name)));
  else
    opening->failed (GTK_WIDGET (asker), error);
}

void
lw_onnx_window_open (const char *path, const LwBackend *const *backends, LwOnnxFailed failed,
                     GtkWidget *asker)
{
  g_autoptr (GTask) task = g_task_new (asker, NULL, was_read, NULL);
  Opening *opening = g_new (Opening, 1);

  *opening = (Opening){ g_strdup (path), backends, failed };
  g_task_set_task_data (task, opening, opening_free);
  g_task_run_in_thread (task, read_in_thread);
}

/* --- set-up ----------------------------------------------------------------------------------- */

static void
lw_onnx_window_dispose (GObject *object)
{
  LwOnnxWindow *self = LW_ONNX_WINDOW (object);

  /* What is in the window looks at the workbench to the last. */
  G_OBJECT_CLASS (lw_onnx_window_parent_class)->dispose (object);
  g_clear_object (&self->workbench);
}

static gboolean
close_key (GtkWidget *widget, GVariant *unused, gpointer data)
{
  (void)unused;
  (void)data;
  gtk_window_close (GTK_WINDOW (widget));
  return TRUE;
}

static void
lw_onnx_window_class_init (LwOnnxWindowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_onnx_window_dispose;
  gtk_widget_class_add_binding (GTK_WIDGET_CLASS (klass), GDK_KEY_w, GDK_CONTROL_MASK, close_key,
                                NULL);
}

static void
lw_onnx_window_init (LwOnnxWindow *self)
{
  (void)self;
}
