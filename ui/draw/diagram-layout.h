/* LwDiagramLayout: where everything of an architecture diagram stands, top to bottom.
 *
 * The layout reads the graph alone: which node reads which, the tree of blocks and their kinds.
 * Nothing in it knows a network by name. Within a block it looks for the values that every path
 * passes through; they and the chains between them make the trunk, what lies between two of them
 * makes a parallel part: columns (Inception), a shortcut column (residual), or carried channels
 * (dense). A block whose parts do not nest like this is drawn as one column with lanes at the
 * right for the edges that jump.
 *
 * The result is plain arrays of boxes, edges, labels and frames in logical pixels, y down, origin
 * at the top left, a margin included; the painter, the hit test, the minimap and the tests read
 * the same arrays. Immutable once made; any number of readers in one thread. It owns all strings
 * and arrays and keeps the graph and, borrowed, the LwText, which must outlive it. */
#pragma once

#include "ui/draw/diagram-state.h"
#include "ui/draw/text.h"

G_BEGIN_DECLS

typedef enum { LW_COUNT_MACS, LW_COUNT_FLOPS, LW_COUNT_OPERATIONS } LwCount;

/* What a box says; its name it always says. */
typedef enum {
  LW_SHOW_NAME = 1 << 0,
  LW_SHOW_TYPE = 1 << 1,   /* "conv", where the name does not say so */
  LW_SHOW_WINDOW = 1 << 2, /* kernel and stride */
  LW_SHOW_PADDING = 1 << 3,
  LW_SHOW_OUTPUT = 1 << 4,
  LW_SHOW_PARAMETERS = 1 << 5,
  LW_SHOW_COUNT = 1 << 6,  /* MACs, FLOPs or operations */
  LW_SHOW_MEMORY = 1 << 7, /* of the output, float32, for one image */
  LW_SHOW_FIELD = 1 << 8,  /* the pixels of the input that one output unit sees */
  LW_SHOW_TIME = 1 << 9,   /* measured, forward and backward */
  LW_SHOW_STANDARD = LW_SHOW_NAME | LW_SHOW_TYPE | LW_SHOW_WINDOW | LW_SHOW_OUTPUT |
                     LW_SHOW_PARAMETERS | LW_SHOW_COUNT,
  LW_SHOW_ALL = (1 << 10) - 1,
} LwShow;

/* What stands beside an edge. */
typedef enum {
  LW_EDGES_SHAPES, /* where the shape changes or the edge enters or leaves a block */
  LW_EDGES_NAMES,  /* at every edge: the value's name and its shape */
  LW_EDGES_NOTHING,
} LwEdgeWords;

typedef struct {
  LwCount count; /* what the right number of a box counts */
  LwText *text;
  LwShow shows; /* 0: LW_SHOW_STANDARD */
  LwEdgeWords edges;
  /* [n_nodes], milliseconds, read while the layout is made; NULL: not measured. */
  const double *forward_ms, *backward_ms;
} LwDiagramOptions;

/* Something that can be selected: a layer (node ≥ 0, block −1) or a block (block ≥ 0, node −1). */
typedef struct {
  LwNodeId node;
  LwBlockId block;
} LwDiagramSpot;
#define LW_NO_SPOT ((LwDiagramSpot){ LW_NO_NODE, -1 })

static inline bool
lw_diagram_spot_equal (LwDiagramSpot a, LwDiagramSpot b)
{
  return a.node == b.node && a.block == b.block;
}

typedef enum {
  LW_BOX_INPUT,  /* the pill at the top */
  LW_BOX_LAYER,  /* convolution, linear, pooling, with the strips that hang on it */
  LW_BOX_THIN,   /* a layer without a producer to hang on: 20 high */
  LW_BOX_CONCAT, /* a bar */
  LW_BOX_SUM,    /* a circle */
  LW_BOX_BLOCK,  /* a closed block */
  LW_BOX_GROUP,  /* equal closed neighbours, `block` to `last_block` */
} LwDiagramBoxType;

/* A layer that keeps its producer's company: normalization, activation, dropout, flatten. */
typedef struct {
  LwNodeId node;
  LwKind kind;
  cairo_rectangle_t rect;
  const char *title; /* "bn1 batch norm" */
  const char *value; /* "256 params", a shape, or NULL */
} LwDiagramStrip;

/* A piece of a dense block's bar: channels carried on from before, or new ones. */
typedef struct {
  int32_t channels;
  bool is_new;
} LwDiagramShare;

#define LW_MORE 4

typedef struct {
  LwDiagramBoxType type;
  LwKind kind;
  LwNodeId node;               /* the layer; LW_NO_NODE for blocks */
  LwBlockId block, last_block; /* the closed block(s); −1 for layers */
  int32_t frame;               /* the innermost open block around it, an index of frames, or −1 */
  cairo_rectangle_t rect;      /* with its strips, without the second sheet */
  cairo_rectangle_t body;      /* without its strips */
  bool sheet;                  /* repeats inside: a second sheet 4 px up and right */
  bool narrow;                 /* in a branch or shortcut */
  const char *name;            /* line 1, bold: "conv1", "Stage 2", "concat 64 + 32 = 96" */
  const char *detail;          /* line 1, after the name: "3×3, stride 2"; or NULL */
  const char *aside;           /* line 1, right: the shape or a closed block's contents; or NULL */
  const char *shape;           /* "128 × 12 × 12", what leaves the box */
  const char *left;            /* line 2: parameters; NULL with `right`: the box has one line */
  const char *right;           /* line 2: the count */
  const char *more[LW_MORE];   /* lines 3 and 4: left and right each; NULL: nothing */
  int32_t first_strip, n_strips;
  int32_t first_share, n_shares;
} LwDiagramBox;

typedef struct {
  double x, y;
} LwDiagramPoint;

#define LW_EDGE_POINTS 6

/* A polyline of horizontal and vertical pieces; corners are rounded when painted. The piece from
 * a box to a split dot has `to` = −1, and so has the one that leaves the diagram. */
typedef struct {
  LwNodeId value;   /* the node whose output runs along it */
  int32_t from, to; /* boxes; `from` −1: the value enters the drawn part from outside */
  LwDiagramPoint points[LW_EDGE_POINTS];
  int32_t n_points;
  bool arrow;
} LwDiagramEdge;

typedef struct {
  const char *text;
  double x, y;  /* left end, middle of the line */
  double width; /* measured */
} LwDiagramLabel;

/* An open block. */
typedef struct {
  LwBlockId block;
  int32_t parent; /* the frame around it, or −1 */
  int32_t depth;  /* 0 outermost */
  cairo_rectangle_t rect, header;
  const char *title, *totals;
  double axis;       /* x of the trunk that runs through it */
  int32_t first_box; /* its boxes are first_box … last_box */
  int32_t last_box;
} LwDiagramFrame;

typedef struct LwDiagramLayout LwDiagramLayout;

/* Never fails: a graph that cannot be drawn well is drawn plainly. */
LwDiagramLayout *
lw_diagram_layout_new (const LwDiagramState *state, const LwDiagramOptions *options);
void lw_diagram_layout_free (LwDiagramLayout *layout);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwDiagramLayout, lw_diagram_layout_free)

LwGraph *lw_diagram_layout_graph (const LwDiagramLayout *layout);
LwText *lw_diagram_layout_text (const LwDiagramLayout *layout);
LwCount lw_diagram_layout_count (const LwDiagramLayout *layout);
void lw_diagram_layout_size (const LwDiagramLayout *layout, double *ret_width, double *ret_height);
/* x of the network's trunk. */
double lw_diagram_layout_axis (const LwDiagramLayout *layout);

/* In the order of the graph; lengths through `ret_n`. */
const LwDiagramBox *lw_diagram_layout_boxes (const LwDiagramLayout *layout, int32_t *ret_n);
const LwDiagramStrip *lw_diagram_layout_strips (const LwDiagramLayout *layout, int32_t *ret_n);
const LwDiagramShare *lw_diagram_layout_shares (const LwDiagramLayout *layout, int32_t *ret_n);
const LwDiagramEdge *lw_diagram_layout_edges (const LwDiagramLayout *layout, int32_t *ret_n);
const LwDiagramLabel *lw_diagram_layout_labels (const LwDiagramLayout *layout, int32_t *ret_n);
const LwDiagramFrame *lw_diagram_layout_frames (const LwDiagramLayout *layout, int32_t *ret_n);
const LwDiagramPoint *lw_diagram_layout_dots (const LwDiagramLayout *layout, int32_t *ret_n);

/* --- finding --- */

typedef enum {
  LW_DIAGRAM_BOXES,
  LW_DIAGRAM_EDGES,
  LW_DIAGRAM_LABELS,
  LW_DIAGRAM_FRAMES,
  LW_DIAGRAM_DOTS,
  LW_N_DIAGRAM_ARRAYS
} LwDiagramArray;

/* Which of an array's elements reach into the heights `top` to `bottom` (may be infinite): their
 * indices (int32_t), ascending, in `found`, which is emptied first. Takes time for what is found,
 * not for what there is. */
void lw_diagram_layout_between (const LwDiagramLayout *layout, LwDiagramArray what, double top,
                                double bottom, GArray *found);

/* What lies at a point: the innermost strip, box or frame; LW_NO_SPOT on the bare canvas.
 * `ret_chevron` (may be NULL): on the part that folds or unfolds at a single click, the chevron of
 * a closed block or an open block's header. */
LwDiagramSpot
lw_diagram_layout_hit (const LwDiagramLayout *layout, double x, double y, bool *ret_chevron);
/* Where a spot is drawn: a strip, a box, or an open block's frame. What is hidden in a closed block
 * gives that block's box. False for LW_NO_SPOT and spots of another graph. */
bool lw_diagram_layout_spot_rect (const LwDiagramLayout *layout, LwDiagramSpot spot,
                                  cairo_rectangle_t *ret_rect);
/* The spot that stands for it: itself, or the closed block that hides it. */
LwDiagramSpot lw_diagram_layout_visible (const LwDiagramLayout *layout, LwDiagramSpot spot);
/* The box that shows a node (also as a strip or inside a closed block), or −1. */
int32_t lw_diagram_layout_box_of (const LwDiagramLayout *layout, LwNodeId node);

/* --- walking and reading aloud --- */

typedef enum {
  LW_WALK_UP,
  LW_WALK_DOWN, /* along the edges, through strips and headers of open blocks */
  LW_WALK_LEFT,
  LW_WALK_RIGHT, /* to the neighbouring branch or shortcut */
  LW_WALK_HOME,
  LW_WALK_END,
} LwDiagramWalk;

/* Where an arrow key leads; `from` itself where there is nothing. From LW_NO_SPOT: the first. */
LwDiagramSpot
lw_diagram_layout_walk (const LwDiagramLayout *layout, LwDiagramSpot from, LwDiagramWalk direction);

/* All that can be selected, in reading order. */
int32_t lw_diagram_layout_n_spots (const LwDiagramLayout *layout);
LwDiagramSpot lw_diagram_layout_spot (const LwDiagramLayout *layout, int32_t index);
/* "conv1, convolution, output 128 by 12 by 12, 73,856 parameters, 10.6 million MACs"; g_free. */
char *lw_diagram_layout_describe (const LwDiagramLayout *layout, LwDiagramSpot spot);

/* --- words shared with other views --- */

/* "128 × 12 × 12" or "4096". g_free. */
char *lw_diagram_shape_words (LwShape shape);
/* "3×3, stride 2", "6400 → 4096"; "" where there is nothing to say. g_free. */
char *lw_diagram_window_words (const LwGraph *graph, LwNodeId node, bool with_stride);
/* "10.6 M MACs", "21.2 M FLOPs", "0 ops". g_free. */
char *lw_diagram_count_words (LwCost cost, LwCount count);
/* "0.42", "12.3", "<0.01" of milliseconds. g_free. */
char *lw_diagram_ms_words (double ms);
/* A block that can be folded; the convolution blocks of a dense block are drawn as layers. */
bool lw_diagram_block_folds (const LwGraph *graph, LwBlockId block);

G_END_DECLS
