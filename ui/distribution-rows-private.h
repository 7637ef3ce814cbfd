/* What the files of LwDistributionRows share. */
#pragma once

#include "ui/distribution-rows.h"

G_BEGIN_DECLS

typedef struct {
  int panel, row, column; /* column −1: nothing */
  double x, y;
} LwDistributionSpot;

struct _LwDistributionRows {
  GtkWidget parent;
  LwWorkbench *workbench;
  LwText *text;
  LwDistributionPicture picture;
  int *other_rows;
  LwDistributionSet *matched[2]; /* whose rows these are */
  GHashTable *pictures;          /* 2 × row + panel → RowPicture */
  guint generation, painted;     /* generation grows when all has to be painted anew */
  int width;
  LwDistributionSpot spot;
};

/* Keys, once for the class; pointer, once for each. */
void lw_distribution_rows_bind_keys (GtkWidgetClass *widget_class);
void lw_distribution_rows_add_input (LwDistributionRows *self);

G_END_DECLS
