/* LwOnnxWindow: the network of an ONNX file in a window of its own, drawn, costed and measured as
 * Explore shows the library's. Main thread. */
#pragma once

#include "onnx/onnx.h"
#include "ui/explore-page.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_ONNX_WINDOW (lw_onnx_window_get_type ())
G_DECLARE_FINAL_TYPE (LwOnnxWindow, lw_onnx_window, LW, ONNX_WINDOW, AdwWindow)

/* `name`: the file's, shown as title. Takes the network. */
GtkWidget *
lw_onnx_window_new (const LwBackend *const *backends, LwOnnxNetwork *network, const char *name);
LwWorkbench *lw_onnx_window_workbench (LwOnnxWindow *self);

/* Called with the window that was opened, or NULL and what is wrong with the file. */
typedef void (*LwOnnxOpened) (GObject *object, GtkWidget *window, const GError *error);
/* Reads the file on a thread, then presents a window; `opened` is called unless `object` is gone.
 */
void lw_onnx_window_open (const char *path, const LwBackend *const *backends, LwOnnxOpened opened,
                          GObject *object);

G_END_DECLS
