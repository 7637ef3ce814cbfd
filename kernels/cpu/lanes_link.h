/* What a linked pass consists of (lanes_link.c) and what runs it (lanes_stage.c). Private to these
 * files. */
#pragma once

#include "kernels/cpu/lanes.h"

G_BEGIN_DECLS

enum { LW_LANES_UNITS = 32 };

typedef struct {
  LwStep *product;
  LwLanesTail tail;
  char *kept, *norm_kept;
  float *dz;      /* all groups' gradients with respect to the product's output */
  const float *x; /* all groups' inputs, where they are stored; else NULL */
} LwLanesUnit;

typedef struct LwLanesNet LwLanesNet;

/* What a step has to do, by step->link. */
typedef struct {
  LwLanesNet *net;
  int unit;
} LwLanesRole;

struct LwLanesNet {
  int n_units;
  bool training;
  const LwStep *loss;
  float *scores; /* inference: until the last layer's turn to write them */
  char *scratch;
  size_t scratch_bytes, y_offset, out_offset; /* of one thread: kernels', products', tails' */
  LwLanesRole *roles;                         /* of each step */
  LwLanesUnit units[LW_LANES_UNITS];
};

G_END_DECLS
