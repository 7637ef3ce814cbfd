/* For the files cost-item.c and cost-rows.c: what a row holds. */
#pragma once

#include "ui/cost-item.h"

G_BEGIN_DECLS

struct _LwCostItem {
  GObject parent;
  LwDiagramSpot spot;
  LwNodeId first, last; /* the layers that a merged row stands for */
  char *title, *suffix, *output, *window;
  LwKind kind;
  LwCost cost;
  int32_t field;
  int order; /* its place in the graph */
  int64_t size;
  GListStore *children;
};

G_END_DECLS
