/* What the files of the memory picture share:
 *
 *   memory-steps.c    which nodes are one step, and how steps are labelled
 *   memory-picture.c  places of plots and bars; hit, walk
 *   memory-words.c    names and sentences
 *   memory-paint.c    axes, bands, bars
 *   memory-card.c     what a bar says when it is pointed at */
#pragma once

#include "ui/draw/memory-picture.h"
#include "ui/draw/ticks.h"

G_BEGIN_DECLS

/* --- steps ------------------------------------------------------------------------------------ */

typedef struct {
  int32_t n_nodes;   /* of the graph; the loss is node n_nodes */
  int32_t n_forward; /* steps, the loss included */
  int32_t *column;   /* [n_nodes + 1]: the step of a node's forward, from 0 */
  int32_t *first;    /* [n_forward + 1]: its first node */
} LwMemorySteps;

LwMemorySteps lw_memory_steps_new (const LwPlan *training);
void lw_memory_steps_clear (LwMemorySteps *steps);
int32_t lw_memory_steps_count (const LwMemorySteps *steps, LwMode mode);
/* The step, from 0, of one of the plan's, and where in it, from 0 to 1, that begins and ends. */
int32_t lw_memory_steps_at (const LwMemorySteps *steps, int32_t plan_step, double *ret_begin,
                            double *ret_end);
/* The words below step `index`, from 0. Constant, or the graph's. */
const char *lw_memory_steps_title (const LwMemorySteps *steps, const LwGraph *graph, int32_t index);

/* A label below the axis: of one step, or of the steps of a block. */
typedef struct {
  const char *words; /* the graph's */
  double middle;     /* in steps, from 0 */
} LwMemoryLabel;

/* As fine as steps `width` wide leave room for lines `room` high. LwMemoryLabel; g_array_unref. */
GArray *lw_memory_steps_labels (const LwMemorySteps *steps, const LwGraph *graph, LwMode mode,
                                double width, double room);

/* --- the picture ------------------------------------------------------------------------------ */

typedef struct {
  cairo_rectangle_t place;
  int64_t unit; /* bytes of the axis's unit */
  double top;   /* units at the top */
  LwTicks ticks;
  GArray *labels;             /* LwMemoryLabel */
  int32_t n_steps, peak_step; /* from 1 */
} LwMemoryPlot;

struct LwMemoryPicture {
  const LwMemoryUse *use;
  const LwGraph *graph;
  double width, height;
  double split; /* y of the line above the inference */
  double step;  /* width of a step */
  LwMemorySteps steps;
  LwMemoryPlot plots[LW_N_MODES];
  cairo_rectangle_t reason; /* where the sentences beside the inference stand */
  GArray *bars;             /* LwMemoryBar */
};

#define LW_MEMORY_LABELS 66.0 /* the height of turned labels */

const char *lw_memory_unit_name (int64_t unit);
/* The nodes that a buffer's value, gradient or scratch is of: fills `ret` with at most `most`,
 * returns how many there are. */
int32_t lw_memory_bar_nodes (const LwMemoryPicture *picture, const LwMemoryBar *bar, LwNodeId *ret,
                             int32_t most);
LwKind lw_memory_bar_kind (const LwMemoryPicture *picture, const LwMemoryBar *bar);
bool lw_memory_bar_is_gradient (const LwMemoryPicture *picture, const LwMemoryBar *bar);
bool lw_memory_bar_is_workspace (const LwMemoryPicture *picture, const LwMemoryBar *bar);
/* What stands in the bar: "conv 2", "Parameters 178 MiB". */
char *lw_memory_bar_short_name (const LwMemoryPicture *picture, const LwMemoryBar *bar);
/* The card's lines below its head; g_strfreev. */
char **lw_memory_bar_lines (const LwMemoryPicture *picture, const LwMemoryBar *bar);
/* Fills the rectangle with thin stripes. */
void lw_memory_hatch (cairo_t *cr, cairo_rectangle_t place, LwColour colour);
void lw_memory_card_paint (cairo_t *cr, const LwTheme *theme, LwText *text,
                           const LwMemoryPicture *picture, const LwMemoryMarks *marks);

G_END_DECLS
