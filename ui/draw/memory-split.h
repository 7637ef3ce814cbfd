/* Where memory goes, as a bar of parts beside each other, and the small square that stands for a
 * part in tables. Pure painters. Threads: any one. */
#pragma once

#include "engine/memory_use.h"
#include "ui/draw/theme.h"

G_BEGIN_DECLS

typedef enum {
  LW_MEMORY_PART_PARAMETERS,
  LW_MEMORY_PART_GRADIENTS, /* of the parameters */
  LW_MEMORY_PART_OPTIMIZER,
  LW_MEMORY_PART_ACTIVATIONS,
  LW_MEMORY_PART_THEIR_GRADIENTS,
  LW_MEMORY_PART_WORKSPACE,
  LW_MEMORY_PART_GAPS,
  LW_N_MEMORY_PARTS
} LwMemoryPart;

/* "Parameters", "Gaps of the plan"; translated, constant. */
const char *lw_memory_part_title (LwMemoryPart part);
int64_t lw_memory_part_bytes (const LwMemoryPass *pass, LwMemoryPart part);

/* A square of 9 at the middle of `place`. */
void lw_memory_part_paint (cairo_t *cr, const LwTheme *theme, LwMemoryPart part,
                           cairo_rectangle_t place);
/* The parts of `pass`, so that `whole` bytes would fill the width. */
void lw_memory_split_paint (cairo_t *cr, const LwTheme *theme, const LwMemoryPass *pass,
                            int64_t whole, cairo_rectangle_t place);

G_END_DECLS
