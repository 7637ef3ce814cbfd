/* What `bench` prints: a JSON line or tables for people. One thread. */
#pragma once

#include "kernels/common/machine.h"
#include "app/bench.h"
#include "app/json-writer.h"

G_BEGIN_DECLS

typedef struct {
  const char *model;
  LwGraph *graph;
  const LwBenchOptions *options;
  const LwMachine *machine;
  const LwBenchResult *result;
} LwBenchReport;

/* False: standard output takes no more. */
bool lw_bench_report_json (const LwBenchReport *report, LwJson *json);
void lw_bench_report_machine (const LwMachine *machine);
void lw_bench_report_table (const LwBenchReport *report);

G_END_DECLS
