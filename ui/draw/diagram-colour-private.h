/* What diagram-colour.c and diagram-colour-legend.c share. */
#pragma once

#include "ui/draw/diagram-colour.h"

struct LwDiagramColours {
  const LwDiagramLayout *layout;
  LwColouring by;
  LwCount count;
  bool known;
  const char *note;
  double *sums; /* [n_nodes + 1]: of all nodes before */
  double most;  /* of a box */
};
