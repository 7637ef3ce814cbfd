/* LwLayerValues: numbers about the layers of the selected network that have to be measured: times
 * on this machine, and gradient norms while it trains. Nothing is measured unless somebody asks.
 * Times are kept for each network, device and precision (those of the settings that are shown);
 * while a training runs, and so has the processor, they are not measured, and a training that
 * starts puts a measurement off. Signal `changed`: there are other numbers, or another reason why
 * there are none. Main thread. */
#pragma once

#include "ui/layer-timing.h"
#include "ui/workbench.h"

G_BEGIN_DECLS

#define LW_TYPE_LAYER_VALUES (lw_layer_values_get_type ())
G_DECLARE_FINAL_TYPE (LwLayerValues, lw_layer_values, LW, LAYER_VALUES, GObject)

LwLayerValues *lw_layer_values_new (LwWorkbench *workbench);

/* Of the selected network alone, until another one is selected. */
void lw_layer_values_measure (LwLayerValues *self);
/* What is wanted from now on, of whatever network is selected. */
void lw_layer_values_want (LwLayerValues *self, bool times, bool gradients);
bool lw_layer_values_is_measuring (LwLayerValues *self);

/* "CPU, 2 threads": where they are measured; g_free. */
char *lw_layer_values_device_text (LwLayerValues *self);
/* Of the selected network; NULL: not measured (yet). Valid until the main loop turns. */
const LwLayerTimes *lw_layer_values_times (LwLayerValues *self);
/* [n_nodes]: sums of squares, as lw_trainer_watch_gradients has them. */
const double *lw_layer_values_gradients (LwLayerValues *self);
/* A few words for the legend: "batch of 8" of numbers that are there, "Measuring…" of others;
 * valid until the next `changed`. */
const char *lw_layer_values_times_note (LwLayerValues *self);
const char *lw_layer_values_gradients_note (LwLayerValues *self);

G_END_DECLS
