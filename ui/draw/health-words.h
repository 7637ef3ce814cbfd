/* What is said about a training's health: engine/health.h's findings and badges in words, in the
 * person's language. Strings are g_free'd unless they are const. */
#pragma once

#include "engine/health.h"
#include "ui/draw/health-table.h"

G_BEGIN_DECLS

/* On a chip: "exploding gradients". */
const char *lw_symptom_name (LwSymptom symptom);
/* What it is and what it means, with the numbers: "In ReLU 3, 62 % of the units are 0 for …". */
char *lw_finding_words (const LwFinding *finding, const LwGraph *graph);
/* What to try. */
const char *lw_symptom_cure (LwSymptom symptom);
/* By what the learning rate should be multiplied; 1: it is not the rate. */
double lw_symptom_rate_factor (LwSymptom symptom);
/* What a chart of it over the run shows: its field, its title, the healthy range (NAN: no bound),
 * whether its axis is logarithmic. */
typedef struct {
  LwHealthField field;
  const char *title;
  double low, high;
  bool log;
} LwSymptomChart;
LwSymptomChart lw_symptom_chart (LwSymptom symptom);

/* "Update", and what it is: "length of a step by length of the weights; 0.5 to 20 ‰ is healthy". */
const char *lw_check_title (LwHealthCheck check);
const char *lw_check_rule (LwHealthCheck check);
/* A row a layer with weights; what its activation and normalization say is in its row. Clear it. */
void lw_health_words_table (const LwHealthReport *report, const LwGraph *graph,
                            LwHealthTable *ret_table);

G_END_DECLS
