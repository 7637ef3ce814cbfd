/* LwConfusionView: the confusion matrix of a predictions source as a widget: a click or the arrow
 * keys mark a cell, the pointer asks what a cell says. Scrolls where there are many classes. */
#pragma once

#include "ui/draw/confusion.h"
#include "ui/predictions-source.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_CONFUSION_VIEW (lw_confusion_view_get_type ())
G_DECLARE_FINAL_TYPE (LwConfusionView, lw_confusion_view, LW, CONFUSION_VIEW, GtkWidget)

/* Signals: `hovered` (other words under the pointer), `opened` (a cell was clicked, or Enter). */
GtkWidget *lw_confusion_view_new (LwPredictionsSource *source);
void lw_confusion_view_set_order (LwConfusionView *self, LwConfusionOrder order);
/* What it shows, borrowed until the source changes; false: nothing. */
bool lw_confusion_view_matrix (LwConfusionView *self, LwConfusion *ret_matrix);
/* What is under the pointer, else what is marked; NULL: nothing. Until the next change. */
const char *lw_confusion_view_words (LwConfusionView *self);

G_END_DECLS
