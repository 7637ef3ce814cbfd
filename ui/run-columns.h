/* What the table of runs says in each of its columns: as text, exactly, and as a number to sort by.
 * Main thread. */
#pragma once

#include "engine/text_table.h"
#include "ui/run-item.h"

G_BEGIN_DECLS

typedef enum {
  LW_RUN_COLUMN_TICK,
  LW_RUN_COLUMN_STAR,
  LW_RUN_COLUMN_NAME,
  LW_RUN_COLUMN_RATE,
  LW_RUN_COLUMN_BATCH,
  LW_RUN_COLUMN_SEED,
  LW_RUN_COLUMN_PARAMETERS,
  LW_RUN_COLUMN_MACS,
  LW_RUN_COLUMN_BEST,
  LW_RUN_COLUMN_EPOCH,
  LW_RUN_COLUMN_LAST,
  LW_RUN_COLUMN_TIME,
  LW_RUN_COLUMN_SPEED,
  LW_RUN_COLUMN_MEMORY,
  LW_RUN_COLUMN_OTHERS,
  LW_RUN_COLUMN_STATE,
  LW_RUN_COLUMN_DATE,
  LW_RUN_COLUMN_NOTE,
  LW_N_RUN_COLUMNS
} LwRunColumn;

const char *lw_run_column_title (LwRunColumn column);
/* A sentence on what it holds; NULL: the title says it. */
const char *lw_run_column_hint (LwRunColumn column);
int lw_run_column_width (LwRunColumn column); /* pixels; of the name the least */
bool lw_run_column_is_number (LwRunColumn column);
/* 1: larger is better; −1: smaller; 0: neither. */
int lw_run_column_better (LwRunColumn column);

/* g_free; "–": not known. */
char *lw_run_column_text (LwRunColumn column, LwRunItem *run);
/* What a hint says where the text is short: "61,706 parameters"; NULL: nothing more. g_free. */
char *lw_run_column_exact (LwRunColumn column, LwRunItem *run);
/* NAN: not known, or words. */
double lw_run_column_number (LwRunColumn column, LwRunItem *run);
int lw_run_column_compare (LwRunColumn column, LwRunItem *a, LwRunItem *b);
/* Whether a run is of those that a person looks for: words in name, network, settings and note, all
 * of them, in any order; "lr>0.1", "accuracy>=0.8", "epochs<5", "batch=256" compare numbers. */
bool lw_run_matches (LwRunItem *run, const char *filter);
/* These columns of these runs (LwRunItem), as they stand. */
LwTextTable *lw_run_columns_export (const GPtrArray *runs, const bool shown[LW_N_RUN_COLUMNS]);

G_END_DECLS
