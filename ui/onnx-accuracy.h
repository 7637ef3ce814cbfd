/* LwOnnxAccuracy: how many of a data set's test images the network of a file takes for what they
 * are: a button, the way it goes and a way to stop it, and the answer. Shown while there is a set
 * whose channels and number of classes are the network's. Over a viewer's workbench
 * (workbench-viewer.h). Main thread; the network computes on a worker's. */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_ONNX_ACCURACY (lw_onnx_accuracy_get_type ())
G_DECLARE_FINAL_TYPE (LwOnnxAccuracy, lw_onnx_accuracy, LW, ONNX_ACCURACY, GtkWidget)

GtkWidget *lw_onnx_accuracy_new (LwWorkbench *workbench);
/* The answer or what went wrong; "" before. */
const char *lw_onnx_accuracy_words (LwOnnxAccuracy *self);

G_END_DECLS
