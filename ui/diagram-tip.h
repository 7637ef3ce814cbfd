/* LwDiagramTip: what the diagram's tooltips show: the exact numbers of a layer or block, and on an
 * image of the data set how much one of its units sees. Main thread. */
#pragma once

#include "engine/data/dataset.h"
#include "ui/draw/diagram-layout.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_DIAGRAM_TIP (lw_diagram_tip_get_type ())
G_DECLARE_FINAL_TYPE (LwDiagramTip, lw_diagram_tip, LW, DIAGRAM_TIP, GtkWidget)

/* Its numbers alone: "conv 1: 456 parameters, 273,600 MACs". g_free. */
char *lw_diagram_tip_words (const LwGraph *graph, LwDiagramSpot spot);

GtkWidget *lw_diagram_tip_new (void);
/* `spot`: a layer or a block. `dataset` NULL: a dark square stands for the image. `note`: what its
 * colour says, or NULL. */
void lw_diagram_tip_show (LwDiagramTip *self, LwGraph *graph, LwDiagramSpot spot,
                          LwDataset *dataset, const char *note);

G_END_DECLS
