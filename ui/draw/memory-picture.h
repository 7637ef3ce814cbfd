/* LwMemoryPicture: memory over the steps of one iteration: address up, steps right, each tensor a
 * bar as long as it is alive. Above the training's, below the inference's with equally wide steps,
 * beside it why training needs more. Laid out once for a use and a size; painted on the screen and
 * into files alike.
 *
 * Steps, as people count them from 1: each layer is one, with the activation that writes over its
 * output; then the loss, the same backward, and the update. Within a step the plan's own steps
 * divide the width, so bars never overlap. A band below the bars is what lasts: parameters, their
 * gradients, the optimizer's copies.
 *
 * Units: logical pixels. Threads: the LwText's. Ownership: the picture borrows the use and frees
 * nothing of it; strings are g_free'd by the caller. */
#pragma once

#include "engine/memory_use.h"
#include "ui/draw/text.h"

G_BEGIN_DECLS

typedef struct LwMemoryPicture LwMemoryPicture;

typedef enum {
  LW_MEMORY_BUFFER,     /* of the plan */
  LW_MEMORY_PARAMETERS, /* the bands */
  LW_MEMORY_PARAMETER_GRADIENTS,
  LW_MEMORY_OPTIMIZER,
} LwMemoryBarKind;

typedef struct {
  LwMemoryBarKind kind;
  LwMode mode;
  int32_t buffer;       /* of the mode's plan; −1: a band */
  LwNodeId node;        /* whose; LW_NO_NODE: of none, or of all */
  int32_t first, last;  /* steps, from 1 */
  int64_t begin, bytes; /* address, from the lowest parameter */
  cairo_rectangle_t place;
} LwMemoryBar;

/* The least height in which all is legible. */
#define LW_MEMORY_LEAST_HEIGHT 440.0

LwMemoryPicture *lw_memory_picture_new (const LwMemoryUse *use, double width, double height);
void lw_memory_picture_free (LwMemoryPicture *picture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwMemoryPicture, lw_memory_picture_free)

/* Bars in the order in which they are walked: training, then inference; by step, then address. */
int32_t lw_memory_picture_n_bars (const LwMemoryPicture *picture);
const LwMemoryBar *lw_memory_picture_bar (const LwMemoryPicture *picture, int32_t index);
/* Where addresses are drawn: the bars and bands of a mode lie within. */
cairo_rectangle_t lw_memory_picture_plot (const LwMemoryPicture *picture, LwMode mode);
/* y of an address of that plot. */
double lw_memory_picture_y (const LwMemoryPicture *picture, LwMode mode, double bytes);
int32_t lw_memory_picture_n_steps (const LwMemoryPicture *picture, LwMode mode);
/* The step, from 1, in which the most is alive. */
int32_t lw_memory_picture_peak_step (const LwMemoryPicture *picture, LwMode mode);

/* The bar at a point, thin ones up to two pixels beside it; −1: none. */
int32_t lw_memory_picture_hit (const LwMemoryPicture *picture, double x, double y);
/* The nearest bar in a direction from `from` (−1: the first): dx to later or earlier ones, dy −1
 * to higher addresses. `from` where there is none. */
int32_t lw_memory_picture_walk (const LwMemoryPicture *picture, int32_t from, int dx, int dy);
/* The training's bar of a layer's value; −1: none. */
int32_t lw_memory_picture_find (const LwMemoryPicture *picture, LwNodeId node);
/* Whether a bar holds a value, gradient or scratch of a layer. */
bool lw_memory_picture_belongs (const LwMemoryPicture *picture, int32_t bar, LwNodeId node);

typedef struct {
  LwNodeId selected; /* LW_NO_NODE: none */
  int32_t focus;     /* the bar that has the keyboard; −1: none */
  int32_t card;      /* the bar that a card tells about; −1: none */
  double x, y;       /* the pointer, beside which the card stands; NAN: beside the bar */
} LwMemoryMarks;

/* What stays while pointer and keyboard move; the ground is the caller's. */
void lw_memory_picture_paint (cairo_t *cr, const LwTheme *theme, LwText *text,
                              const LwMemoryPicture *picture);
/* What lies above it. */
void lw_memory_picture_paint_marks (cairo_t *cr, const LwTheme *theme, LwText *text,
                                    const LwMemoryPicture *picture, const LwMemoryMarks *marks);

/* "conv 2, output after ReLU". */
char *lw_memory_bar_name (const LwMemoryPicture *picture, int32_t bar);
/* "conv 2 output, 84.5 MiB, steps 3 to 26". */
char *lw_memory_bar_describe (const LwMemoryPicture *picture, int32_t bar);
/* The whole in a sentence. */
char *lw_memory_picture_describe (const LwMemoryPicture *picture);
/* Why training needs more, with this network's factor. */
char *lw_memory_picture_reason (const LwMemoryPicture *picture);

G_END_DECLS
