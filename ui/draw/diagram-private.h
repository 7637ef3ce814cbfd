/* The steps of a diagram's layout, for the files diagram-*.c only.
 *
 *   state ─ items ─► levels ─ parts ─► a tree ─ words, measure ─► sizes ─ place ─► the arrays
 *
 * An item is what one box will show. A level is the content of one open block: its items and the
 * links between them. A part is a piece of drawing with its own vertical axis: x = 0 is the axis,
 * y = 0 its top; `left` and `right` are how far it reaches from the axis. */
#pragma once

#include "engine/analysis.h"
#include "ui/draw/diagram-layout.h"
#include "ui/draw/spans.h"

/* Geometry, logical pixels. */
#define LW_TRUNK_WIDTH      244.0
#define LW_TRUNK_MAX        332.0
#define LW_BRANCH_WIDTH     160.0
#define LW_BRANCH_MAX       216.0
#define LW_SHORTCUT_WIDTH   138.0
#define LW_SHORTCUT_MAX     194.0
#define LW_GROW             8.0
#define LW_BOX_HEIGHT       38.0
#define LW_LINE_HEIGHT      26.0 /* a box with one line */
#define LW_MORE_HEIGHT      15.0 /* of each line after the second */
#define LW_THIN_HEIGHT      20.0
#define LW_STRIP_HEIGHT     18.0
#define LW_PILL_HEIGHT      22.0
#define LW_STRIPE           4.0
#define LW_PAD_LEFT         13.0 /* from the box's edge to its words */
#define LW_PAD_RIGHT        10.0
#define LW_CHEVRON          15.0 /* the room that a chevron takes before the name */
#define LW_WORD_GAP         12.0
#define LW_SHEET            4.0
#define LW_GAP              20.0
#define LW_GAP_INSIDE       18.0
#define LW_LABEL_OFFSET     9.0
#define LW_LABEL_HEIGHT     14.0
#define LW_HEADER           26.0
#define LW_HEADER_TITLE     30.0 /* from the frame's edge to the title */
#define LW_FRAME_PAD        10.0
#define LW_FRAME_LEAD       3.0  /* header to first box; the arrow stands in the header */
#define LW_DOT_LEAD         9.0  /* header to split dot */
#define LW_DOT_GAP          7.0  /* box to split dot, where no label stands between */
#define LW_DOT_MAIN         12.0 /* split dot to the box below it */
#define LW_DOT_COLUMNS      22.0 /* split dot to the tops of columns */
#define LW_COLUMN_GAP       14.0
#define LW_ROW_GAP          24.0
#define LW_BAR_HEIGHT       24.0
#define LW_BAR_OVERHANG     50.0
#define LW_DENSE_BAR_HEIGHT 20.0
#define LW_DENSE_BAR_GAP    14.0
#define LW_CARRIED          26.0 /* box to carried or identity line */
#define LW_SHORTCUT_GAP     24.0
#define LW_SUM_RADIUS       11.0
#define LW_LANE             14.0
#define LW_MARGIN           16.0
#define LW_BAND_WIDTH       4.0 /* of volumes */

#define LW_ITEM_STRIPS 8

typedef enum {
  LW_ITEM_BOX,
  LW_ITEM_OPEN /* a frame */
} LwItemKind;

typedef struct LwDiagramPart LwDiagramPart;

typedef struct {
  LwItemKind item_kind;
  LwDiagramBoxType type;
  LwNodeId host; /* the layer of a box */
  LwBlockId block, last_block;
  LwNodeId first, last;   /* a block's nodes */
  LwNodeId input, output; /* a value that it reads from outside; the one that leaves it */
  LwNodeId strips[LW_ITEM_STRIPS];
  LwDiagramPart *content; /* of a frame */
  int n_top, n_bottom;    /* strips above, then strips below, in the order of computation */
  /* words and size, once known */
  LwDiagramBox words;
  const char *strip_titles[LW_ITEM_STRIPS], *strip_values[LW_ITEM_STRIPS];
  const char *totals; /* of a frame */
  const char *notes[2];
  double width, height, body_height;
} LwDiagramItem;

/* `from` −1: from outside the block; `to` n_items: leaves it. */
typedef struct {
  int from, to;
  LwNodeId value;
} LwDiagramLink;

typedef struct {
  GPtrArray *items; /* LwDiagramItem, owned by the build */
  GArray *links;    /* LwDiagramLink, one a pair; by `to`, then in the order of the graph */
  int *
      first_link; /* [n_items + 2]: of those to each item, and to n_items; NULL of a tangle's own */
} LwDiagramLevel;

typedef enum {
  LW_PART_BOX,
  LW_PART_FRAME,
  LW_PART_SERIES,
  LW_PART_PARALLEL,
  LW_PART_TANGLE
} LwPartType;
typedef enum { LW_PARALLEL_COLUMNS, LW_PARALLEL_SHORTCUT, LW_PARALLEL_DENSE } LwParallelStyle;
typedef enum { LW_ROLE_TRUNK, LW_ROLE_BRANCH, LW_ROLE_SHORTCUT } LwBoxRole;

struct LwDiagramPart {
  LwPartType type;
  LwBoxRole role;
  LwDiagramItem *item;   /* box, frame; of a parallel part: the join */
  GPtrArray *children;   /* frame: one series; series: parts; parallel: one series a branch, an
                            empty one for a direct edge; tangle: boxes and frames */
  LwNodeId value;        /* arrives from the part before, in a series; of a branch: at the join */
  LwParallelStyle style; /* parallel */
  int main;              /* parallel: the branch on the axis, for shortcut and dense */
  LwDiagramLevel *level; /* tangle: its links */
  int *lanes;            /* tangle: of each source, from −1 on; −1: none */
  GArray *shares;        /* dense: LwDiagramShare */
  double left, right, height;
  double x, y;                /* of its axis and top, in its parent */
  double dot_gap;             /* series child: label room above a parallel part's dot */
  const char *label;          /* of the edge into it, or NULL */
  double bar_left, bar_right; /* parallel: the bar, from the axis */
  double lane;                /* dense, identity: x of the line right of the main path */
  const char *lane_labels[2];
};

typedef struct {
  const LwDiagramState *state;
  const LwGraph *graph;
  LwDiagramOptions options;
  LwShow shows;
  LwReceptiveField *fields;          /* [n_nodes], where they are shown */
  GStringChunk *strings;             /* of the layout */
  GPtrArray *items, *parts, *levels; /* all of them, for freeing */
} LwDiagramBuild;

struct LwDiagramLayout {
  LwGraph *graph;
  LwDiagramOptions options;
  GStringChunk *strings;
  double width, height, axis;
  GArray *boxes, *strips, *shares, *edges, *labels, *frames, *dots;
  GArray *spots;        /* LwDiagramSpot, reading order */
  int32_t *node_box;    /* [n_nodes] */
  int32_t *block_frame; /* [n_blocks], −1: not open or not in sight */
  LwSpans *spans[LW_N_DIAGRAM_ARRAYS];
};

/* diagram-layout.c: parts with their words, for any drawing of the network. Strings go to
 * `strings`; the parts live until the build is cleared. */
LwDiagramPart *lw_diagram_build_parts (LwDiagramBuild *build, const LwDiagramState *state,
                                       const LwDiagramOptions *options, GStringChunk *strings);
void lw_diagram_build_clear (LwDiagramBuild *build);
/* diagram-items.c: what one open block shows. */
LwDiagramLevel *lw_diagram_level_new (LwDiagramBuild *build, LwBlockId block);
void lw_diagram_level_free (LwDiagramLevel *level);
/* diagram-parts.c: series, parallel parts, tangles. */
LwDiagramPart *lw_diagram_parts_new (LwDiagramBuild *build, LwBlockId block);
void lw_diagram_part_free (LwDiagramPart *part);
/* diagram-words.c: words and sizes of all items under a part. */
void lw_diagram_fit_words (LwDiagramBuild *build, LwDiagramPart *part);
const char *lw_diagram_keep (LwDiagramBuild *build, char *string); /* takes it over */
/* "73,856 params"; `narrow`: "73,856"; short where not `exact`. */
const char *
lw_diagram_parameter_words (LwDiagramBuild *build, int64_t parameters, bool exact, bool narrow);
/* diagram-details.c: fills the lines after the first with what was chosen, of the nodes `first` to
 * `last`, whose sum `cost` is, and sets the body's height. `plain`: parameters and count are worth
 * a line. `shape_shown`: elsewhere. */
void lw_diagram_details (LwDiagramBuild *build, LwDiagramItem *item, LwCost cost, LwNodeId first,
                         LwNodeId last, bool plain, bool shape_shown);
/* "526 k params · 151 M MACs": of an open block. */
const char *lw_diagram_totals (LwDiagramBuild *build, LwBlockId block);
/* "256 params · 72.0 KiB": at the right of a strip, as far as chosen; the shape where there are no
 * parameters to say. NULL: nothing. */
const char *lw_diagram_strip_words (LwDiagramBuild *build, LwNodeId node, bool with_parameters,
                                    bool with_shape);
/* "3×3, stride 2, padding 1" as far as chosen; NULL: nothing. */
const char *lw_diagram_detail_words (LwDiagramBuild *build, LwNodeId node, bool with_stride);
/* Beside an edge along which `value` runs; NULL: nothing. */
const char *lw_diagram_value_words (LwDiagramBuild *build, LwNodeId value);
/* diagram-summary.c: contents of a closed block in a few words, shorter and shorter. */
#define LW_SUMMARIES 5
int lw_diagram_summaries (LwDiagramBuild *build, const LwDiagramItem *item,
                          const char *ret[LW_SUMMARIES]);
/* "Residual" from "Residual 1", "Inception" from "Inception 3b". g_free. */
char *lw_diagram_title_stem (const char *title);
/* Equal children inside a closed block, the largest number of one kind. */
int lw_diagram_repeats (const LwGraph *graph, LwBlockId block);
/* Beside the layers of a transition block: "halves the channels". */
void lw_diagram_notes (LwDiagramBuild *build, LwDiagramItem *item);
/* diagram-measure.c */
void lw_diagram_measure (LwDiagramBuild *build, LwDiagramPart *part, int depth);
double lw_diagram_label_width (const LwDiagramBuild *build, const char *label);
/* Makes the part reach at least so far. */
void lw_diagram_reach (LwDiagramPart *part, double left, double right);
/* The value's words as the label of the edge into the part. */
void lw_diagram_set_label (LwDiagramBuild *build, LwDiagramPart *part, LwNodeId value);
/* diagram-measure-parallel.c: once its branches are measured. */
void lw_diagram_measure_parallel (LwDiagramBuild *build, LwDiagramPart *part);
/* diagram-tangle.c */
void lw_diagram_measure_tangle (LwDiagramBuild *build, LwDiagramPart *part, int depth);
/* diagram-place.c */
void lw_diagram_place (LwDiagramBuild *build, LwDiagramLayout *layout, LwDiagramPart *root);
