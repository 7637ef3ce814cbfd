/* LwOnnxPredict: the network of a file at work: a picture of the student's own or an example of a
 * data set, what the network takes it for, and what each layer makes of it, down to how one value
 * comes about. Over a viewer's workbench. Main thread; the network computes on a worker's. */
#pragma once

#include "ui/feature-maps-view.h"
#include "ui/onnx-choices.h"

G_BEGIN_DECLS

#define LW_TYPE_ONNX_PREDICT (lw_onnx_predict_get_type ())
G_DECLARE_FINAL_TYPE (LwOnnxPredict, lw_onnx_predict, LW, ONNX_PREDICT, GtkWidget)

GtkWidget *lw_onnx_predict_new (LwWorkbench *workbench);
LwOnnxChoices *lw_onnx_predict_choices (LwOnnxPredict *self);
LwFeatureMapsView *lw_onnx_predict_maps (LwOnnxPredict *self);

G_END_DECLS
