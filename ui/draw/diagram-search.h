/* LwDiagramMatches: which layers and blocks of a network a person means by a few words.
 *
 * A layer answers to its name, its title, the words for its kind ("convolution", "batch norm",
 * "Conv2d"), its window ("5×5" or "5x5"), its output's shape ("128×12×12") and the names of its
 * tensors; a block to its title and path. Case does not matter. Numbers match whole: "5×5" finds
 * no 15×5, and no map of 32×5×5 either, whose sides "×5×5" finds. A regular expression is matched
 * against each of these alone, so ^ and $ are their ends; the sign is "x" there.
 *
 * Matches stand in the order of the graph, a block before what is in it. It keeps the graph.
 * One thread; free with lw_diagram_matches_free. */
#pragma once

#include "ui/draw/diagram-layout.h"

G_BEGIN_DECLS

typedef struct LwDiagramMatches LwDiagramMatches;

LwDiagramMatches *lw_diagram_matches_new (LwGraph *graph);
void lw_diagram_matches_free (LwDiagramMatches *matches);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwDiagramMatches, lw_diagram_matches_free)

/* Finds anew; "" finds nothing. Fails with a sentence where a pattern cannot be read or takes too
 * long; then nothing matches. */
bool
lw_diagram_matches_find (LwDiagramMatches *matches, const char *query, bool regex, GError **error);

int32_t lw_diagram_matches_n (const LwDiagramMatches *matches);
/* Whether there are blocks among them. */
bool lw_diagram_matches_with_blocks (const LwDiagramMatches *matches);
LwDiagramSpot lw_diagram_matches_spot (const LwDiagramMatches *matches, int32_t index);
/* −1: does not match. */
int32_t lw_diagram_matches_index (const LwDiagramMatches *matches, LwDiagramSpot spot);
/* The next one from a spot on (`direction` 1) or back (−1), around the ends; −1: none at all. */
int32_t
lw_diagram_matches_beside (const LwDiagramMatches *matches, LwDiagramSpot from, int direction);
/* How many lie in the blocks `first` to `last`, `first` itself not counted. */
int32_t
lw_diagram_matches_inside (const LwDiagramMatches *matches, LwBlockId first, LwBlockId last);
/* That number as words; NULL for 0. Belongs to `matches`. */
const char *lw_diagram_matches_badge (LwDiagramMatches *matches, LwBlockId first, LwBlockId last);

G_END_DECLS
