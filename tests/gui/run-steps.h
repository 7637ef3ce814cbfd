/* What a person does with the table of runs, as the tests of it need it. */
#pragma once

#include "tests/gui/harness.h"
#include "ui/chart-view.h"
#include "ui/compare-page.h"
#include "ui/compare-runs.h"

G_BEGIN_DECLS

/* The page with the table and the charts of what is ticked. */
typedef struct {
  LwCompareRuns *runs;
  LwRunsTable *table;
  LwChartView *charts;
} Runs;

/* Trains two epochs with this learning rate and seed, to the end. */
LwRunItem *runs_train (Gui *gui, const char *rate, const char *seed);
/* Shows the page. */
Runs runs_open (Gui *gui);
/* A key pressed in the table; fails where it means nothing there. */
void runs_key (const Runs *r, guint key);
/* What is kept with a run for people; "": nothing. Valid until the next call. */
const char *runs_notes_file (LwRunItem *run);

G_END_DECLS
