/* LwFieldPicture: the first test image at the size that the network reads, with the part framed
 * that one unit of a layer sees. Main thread. */
#pragma once

#include "engine/data/dataset.h"
#include "engine/graph.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_FIELD_PICTURE (lw_field_picture_get_type ())
G_DECLARE_FINAL_TYPE (LwFieldPicture, lw_field_picture, LW, FIELD_PICTURE, GtkWidget)

GtkWidget *lw_field_picture_new (void);
/* `dataset` NULL: a dark square stands for the image. */
void lw_field_picture_set_image (LwFieldPicture *self, LwDataset *dataset, LwShape input);
/* LW_NO_NODE: no frame. */
void lw_field_picture_set_layer (LwFieldPicture *self, const LwGraph *graph, LwNodeId id);

G_END_DECLS
