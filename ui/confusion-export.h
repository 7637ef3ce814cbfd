/* A button that saves the confusion matrix of the shown epoch as PNG, SVG or PDF, by the name's
 * ending. Main thread only. */
#pragma once

#include "ui/confusion-view.h"

G_BEGIN_DECLS

/* `said`: the label that says how it went. */
GtkWidget *lw_confusion_export_new (LwConfusionView *view, GtkLabel *said);
/* The picture, light, with cells of full size; false and a sentence when it cannot be written. */
bool lw_confusion_view_save (LwConfusionView *self, const char *path, GError **error);

G_END_DECLS
