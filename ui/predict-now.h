/* LwPredictNow: a button that asks a saved run's weights about the test's images, on a thread, with
 * progress and a way to stop. Main thread only. */
#pragma once

#include "ui/predictions-source.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_PREDICT_NOW (lw_predict_now_get_type ())
G_DECLARE_FINAL_TYPE (LwPredictNow, lw_predict_now, LW, PREDICT_NOW, GtkWidget)

GtkWidget *lw_predict_now_new (LwPredictionsSource *source);

G_END_DECLS
