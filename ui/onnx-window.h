/* LwOnnxWindow: the network of an ONNX file in a window of its own: drawn, costed and measured as
 * Explore shows the library's (Ctrl+1), and at work on pictures (Ctrl+2). Main thread. */
#pragma once

#include "onnx/onnx.h"
#include "ui/explore-page.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_ONNX_WINDOW (lw_onnx_window_get_type ())
G_DECLARE_FINAL_TYPE (LwOnnxWindow, lw_onnx_window, LW, ONNX_WINDOW, AdwWindow)

LwWorkbench *lw_onnx_window_workbench (LwOnnxWindow *self);
/* "explore" or "predict". */
void lw_onnx_window_show (LwOnnxWindow *self, const char *page);

/* Called with what is wrong with the file. */
typedef void (*LwOnnxFailed) (GtkWidget *asker, const GError *error);
/* Reads the file on a thread, then presents a window or calls `failed`; neither where the window
 * `asker` was closed meanwhile. */
void lw_onnx_window_open (const char *path, const LwBackend *const *backends, LwOnnxFailed failed,
                          GtkWidget *asker);

G_END_DECLS
