/* LwAnswersPane: the images of the marked cell, the most confident mistakes of all, and the marked
 * image's probabilities over the epochs. Main thread only. */
#pragma once

#include "ui/predictions-source.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_ANSWERS_PANE (lw_answers_pane_get_type ())
G_DECLARE_FINAL_TYPE (LwAnswersPane, lw_answers_pane, LW, ANSWERS_PANE, GtkWidget)

GtkWidget *lw_answers_pane_new (LwPredictionsSource *source);

G_END_DECLS
