/* What must hold for every diagram, whatever its network and whichever blocks stand open. Each
 * function fails the running test with a sentence that names what is wrong. One thread. */
#pragma once

#include "ui/draw/diagram-layout.h"

G_BEGIN_DECLS

/* All of the checks below. `what` is named in failures: "resnet18, all open". */
void lw_check_layout (const LwDiagramLayout *layout, const char *what);

/* Every node stands in exactly one box or strip, or inside one closed block. */
void lw_check_nodes (const LwDiagramLayout *layout, const char *what);
/* Boxes, labels and frames lie inside the drawing; no two boxes overlap; frames hold theirs. */
void lw_check_rectangles (const LwDiagramLayout *layout, const char *what);
/* Edges begin and end at their boxes and cross no box and no label. */
void lw_check_edges (const LwDiagramLayout *layout, const char *what);
/* Words fit into their boxes, and headers leave the trunk free. */
void lw_check_words (const LwDiagramLayout *layout, const char *what);
/* What is drawn at a spot's place is that spot; the arrow keys lead through the whole diagram. */
void lw_check_walk (const LwDiagramLayout *layout, const char *what);

/* The layout as text, one thing a line. g_free. */
char *lw_dump_layout (const LwDiagramLayout *layout);

G_END_DECLS
