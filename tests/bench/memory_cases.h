/* What memory.c times: layers, and ways to call their kernels. */
#pragma once

#include "kernels/check/cases.h"

/* clang-format off */
#define MAP(C, SIDE) { C, SIDE, SIDE, false }
#define FLAT(C) { C, 1, 1, true }
#define EACH(OP, NAME, X) { .name = NAME, .op = LW_OP_##OP, .x = X }
#define POOL(OP, NAME, X, K, S, P) { .name = NAME, .op = LW_OP_##OP, .x = X, .window = { K, S, P } }

/* What the networks hold at the book's sizes, and a loss over many classes. */
static const LwKernelCase layers[] = {
  EACH (BATCH_NORM, "resnet18 batch norm 64@48", MAP (64, 48)),
  EACH (BATCH_NORM, "resnet18 batch norm 64@24", MAP (64, 24)),
  EACH (BATCH_NORM, "resnet18 batch norm 128@12", MAP (128, 12)),
  EACH (BATCH_NORM, "resnet18 batch norm 512@3", MAP (512, 3)),
  EACH (BATCH_NORM, "densenet batch norm 32@24", MAP (32, 24)),
  EACH (BATCH_NORM, "batch norm 20@24", MAP (20, 24)),
  POOL (MAX_POOL, "alexnet max pool 3x3/2 96@54", MAP (96, 54), 3, 2, 0),
  POOL (MAX_POOL, "alexnet max pool 3x3/2 256@12", MAP (256, 12), 3, 2, 0),
  POOL (MAX_POOL, "vgg11-small max pool 2x2 16@224", MAP (16, 224), 2, 2, 0),
  POOL (MAX_POOL, "vgg11-small max pool 2x2 64@56", MAP (64, 56), 2, 2, 0),
  POOL (MAX_POOL, "vgg11-small max pool 2x2 128@14", MAP (128, 14), 2, 2, 0),
  POOL (MAX_POOL, "googlenet max pool 3x3/2 64@48", MAP (64, 48), 3, 2, 1),
  POOL (MAX_POOL, "googlenet max pool 3x3/2 192@24", MAP (192, 24), 3, 2, 1),
  POOL (MAX_POOL, "googlenet max pool 3x3/2 480@12", MAP (480, 12), 3, 2, 1),
  POOL (MAX_POOL, "googlenet max pool 3x3/2 832@6", MAP (832, 6), 3, 2, 1),
  POOL (MAX_POOL, "googlenet max pool 3x3 192@12", MAP (192, 12), 3, 1, 1),
  POOL (MAX_POOL, "googlenet max pool 3x3 512@6", MAP (512, 6), 3, 1, 1),
  POOL (MAX_POOL, "googlenet max pool 3x3 832@3", MAP (832, 3), 3, 1, 1),
  POOL (AVG_POOL, "densenet avg pool 2x2 96@24", MAP (96, 24), 2, 2, 0),
  POOL (AVG_POOL, "densenet avg pool 2x2 120@6", MAP (120, 6), 2, 2, 0),
  POOL (AVG_POOL, "avg pool 3x3 192@12", MAP (192, 12), 3, 1, 1),
  EACH (GLOBAL_AVG_POOL, "nin global avg pool 10@5", MAP (10, 5)),
  EACH (GLOBAL_AVG_POOL, "resnet18 global avg pool 512@3", MAP (512, 3)),
  EACH (GLOBAL_AVG_POOL, "global avg pool 192@12", MAP (192, 12)),
  { .name = "alexnet dropout 4096", .op = LW_OP_DROPOUT, .x = FLAT (4096), .dropout = 0.5 },
  { .name = "nin dropout 384@5", .op = LW_OP_DROPOUT, .x = MAP (384, 5), .dropout = 0.5 },
  EACH (RELU, "relu 64@24", MAP (64, 24)),
  EACH (ADD, "sum 64@24", MAP (64, 24)),
  EACH (FLATTEN, "alexnet flatten 256@5", MAP (256, 5)),
  EACH (CROSS_ENTROPY, "loss of 10 classes", FLAT (10)),
  EACH (CROSS_ENTROPY, "loss of 1000 classes", FLAT (1000)),
};

/* One way to call a kernel, and what it must read and write at least: so many maps like x and y,
 * and bytes of state for a number of y. */
typedef struct {
  const char *name;
  LwOp op;
  bool backward, evaluation;
  bool relu;       /* an activation is part of it */
  bool measures;   /* forward is the statistics alone */
  bool normalizes; /* the sum behind a batch normalization, with its activation */
  bool sums;       /* backward without the gradient of x */
  bool in_place;   /* that overwrites the gradient of y */
  bool adds;       /* that is added to */
  double x, y, state;
} Call;

#define FORWARD(OP, NAME, X, Y, STATE, ...) \
  { .name = NAME, .op = LW_OP_##OP, .x = X, .y = Y, .state = STATE, __VA_ARGS__ }
#define BACKWARD(OP, NAME, X, Y, STATE, ...) \
  FORWARD (OP, NAME, X, Y, STATE, .backward = true, __VA_ARGS__)

static const Call calls[] = {
  FORWARD (BATCH_NORM, "statistics", 1, 0, 0, .measures = true),
  FORWARD (BATCH_NORM, "apply, ReLU", 1, 1, 0, .evaluation = true, .relu = true),
  FORWARD (BATCH_NORM, "apply, sum, ReLU", 2, 1, 0, .normalizes = true),
  FORWARD (BATCH_NORM, "forward, ReLU", 1, 1, 0, .relu = true),
  BACKWARD (BATCH_NORM, "sums, ReLU", 1, 1, 0, .relu = true, .sums = true),
  BACKWARD (BATCH_NORM, "backward, ReLU", 2, 1, 0, .relu = true, .in_place = true),
  BACKWARD (BATCH_NORM, "backward elsewhere", 2, 1, 0, .relu = true),
  BACKWARD (BATCH_NORM, "backward, adds", 3, 1, 0, .relu = true, .adds = true),
  FORWARD (MAX_POOL, "forward", 1, 1, 1, ),
  BACKWARD (MAX_POOL, "backward", 1, 1, 1, ),
  BACKWARD (MAX_POOL, "backward, adds", 2, 1, 1, .adds = true),
  FORWARD (AVG_POOL, "forward", 1, 1, 0, ),
  BACKWARD (AVG_POOL, "backward", 1, 1, 0, ),
  FORWARD (GLOBAL_AVG_POOL, "forward", 1, 1, 0, ),
  BACKWARD (GLOBAL_AVG_POOL, "backward", 1, 1, 0, ),
  FORWARD (DROPOUT, "forward", 1, 1, 1, ),
  BACKWARD (DROPOUT, "backward", 1, 1, 1, ),
  FORWARD (RELU, "forward", 1, 1, 0, ),
  BACKWARD (RELU, "backward", 1, 2, 0, .in_place = true),
  FORWARD (ADD, "forward", 2, 1, 0, ),
  BACKWARD (ADD, "backward, adds", 4, 1, 0, .adds = true),
  FORWARD (FLATTEN, "forward", 1, 1, 0, ),
  BACKWARD (FLATTEN, "backward", 1, 1, 0, ),
  FORWARD (CROSS_ENTROPY, "forward", 1, 0, 0, ),
  BACKWARD (CROSS_ENTROPY, "backward", 2, 0, 0, ),
};
/* clang-format on */
