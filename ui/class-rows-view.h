/* LwClassRowsView: a data set class by class (ui/draw/class-rows.h) as a widget: the arrow keys, a
 * click or the pointer mark an image, whose class and number are then said. Scrolls. Signal
 * `hovered`: other words. Main thread. */
#pragma once

#include "ui/data-samples.h"

G_BEGIN_DECLS

#define LW_TYPE_CLASS_ROWS_VIEW (lw_class_rows_view_get_type ())
G_DECLARE_FINAL_TYPE (LwClassRowsView, lw_class_rows_view, LW, CLASS_ROWS_VIEW, GtkWidget)

GtkWidget *lw_class_rows_view_new (LwDataSamples *samples);
/* What is under the pointer, else what is marked; "": nothing. Until the next change. */
const char *lw_class_rows_view_words (LwClassRowsView *self);

G_END_DECLS
