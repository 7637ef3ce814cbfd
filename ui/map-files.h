/* A sheet of feature maps or filters as files: its values as CSV, its picture as PNG, SVG or PDF.
 * Main thread; copies what it needs, and the files are made on a thread. */
#pragma once

#include "ui/map-sheet.h"

G_BEGIN_DECLS

/* One row a value, all nine digits of a float32: "map,row,column,value" of maps, "unit,value" of a
 * vector, "output,input,row,column,value" of filters. */
void lw_map_file_save_values (const LwMapSheet *sheet, const char *path, GAsyncReadyCallback done,
                              gpointer data);
/* The whole sheet under the layer's name and `words` (of which weights), with its legend, on light
 * ground; the kind of file follows the ending. */
void lw_map_file_save_picture (const LwMapSheet *sheet, const LwGraph *graph, LwNodeId layer,
                               const char *words, const char *path, GAsyncReadyCallback done,
                               gpointer data);
/* Of either. NULL: written; else a sentence. g_free. */
char *lw_map_file_save_finish (GAsyncResult *result);
const char *lw_map_file_path (GAsyncResult *result); /* where to */

G_END_DECLS
