#include "ui/onnx-window.h"

#include "ui/onnx-predict.h"
#include "ui/workbench-viewer.h"

#include <glib/gi18n.h>

struct _LwOnnxWindow {
  AdwWindow parent;
  LwWorkbench *workbench;
  GtkWidget *stack, *toasts;
};

G_DEFINE_FINAL_TYPE (LwOnnxWindow, lw_onnx_window, ADW_TYPE_WINDOW)

static void
free_network (gpointer network)
{
  lw_onnx_free (network);
}

static char *
subtitle_of (const LwOnnxNetwork *network)
{
  const char *producer = lw_onnx_producer (network);

  return g_strdup_printf (_ ("ONNX, opset %d, written by %s"), (int)lw_onnx_opset (network),
                          producer[0] != '\0' ? producer : _ ("unknown"));
}

static void
say (LwOnnxWindow *self, const char *sentence)
{
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), adw_toast_new (sentence));
}

static void
add_page (LwOnnxWindow *self, GtkWidget *page, const char *name, const char *title)
{
  gtk_stack_add_titled (GTK_STACK (self->stack), page, name, title);
}

static GtkWidget *
make_header (LwOnnxWindow *self, const LwOnnxNetwork *network, const char *name)
{
  g_autofree char *subtitle = subtitle_of (network);
  GtkWidget *bar = adw_header_bar_new (), *switcher = gtk_stack_switcher_new ();

  gtk_stack_switcher_set_stack (GTK_STACK_SWITCHER (switcher), GTK_STACK (self->stack));
  adw_header_bar_pack_start (ADW_HEADER_BAR (bar), switcher);
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (bar), adw_window_title_new (name, subtitle));
  return bar;
}

/* `name`: the file's, shown as title. */
static GtkWidget *
window_new (const LwBackend *const *backends, LwOnnxNetwork *network, const char *name)
{
  LwOnnxWindow *self =
      g_object_new (LW_TYPE_ONNX_WINDOW, "title", name, "default-width", 1100, "default-height",
                    720, "width-request", 800, "height-request", 500, NULL);
  GtkWidget *all = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->workbench = lw_workbench_new_viewer (backends, network);
  self->stack = gtk_stack_new ();
  add_page (self, lw_explore_page_new (self->workbench), "explore", _ ("Explore"));
  add_page (self, lw_onnx_predict_new (self->workbench), "predict", _ ("Predict"));
  gtk_widget_set_vexpand (self->stack, TRUE);
  self->toasts = adw_toast_overlay_new ();
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (self->toasts), self->stack);
  g_signal_connect_object (self->workbench, "complained", G_CALLBACK (say), self,
                           G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (all), make_header (self, network, name));
  gtk_box_append (GTK_BOX (all), self->toasts);
  adw_window_set_content (ADW_WINDOW (self), all);
  return GTK_WIDGET (self);
}

void
lw_onnx_window_show (LwOnnxWindow *self, const char *page)
{
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), page);
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
    gtk_window_present (GTK_WINDOW (window_new (opening->backends, network, name)));
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

static gboolean
page_key (GtkWidget *widget, GVariant *page, gpointer data)
{
  (void)data;
  lw_onnx_window_show (LW_ONNX_WINDOW (widget), g_variant_get_string (page, NULL));
  return TRUE;
}

static void
lw_onnx_window_class_init (LwOnnxWindowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_onnx_window_dispose;
  gtk_widget_class_add_binding (GTK_WIDGET_CLASS (klass), GDK_KEY_w, GDK_CONTROL_MASK, close_key,
                                NULL);
  gtk_widget_class_add_binding (GTK_WIDGET_CLASS (klass), GDK_KEY_1, GDK_CONTROL_MASK, page_key,
                                "s", "explore");
  gtk_widget_class_add_binding (GTK_WIDGET_CLASS (klass), GDK_KEY_2, GDK_CONTROL_MASK, page_key,
                                "s", "predict");
}

static void
lw_onnx_window_init (LwOnnxWindow *self)
{
  (void)self;
}
