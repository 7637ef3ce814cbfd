/* The charts of a run, as tests of the chart painter need them. */
#pragma once

#include "tests/draw/canvas.h"
#include "ui/draw/chart.h"

/* Loss and accuracy of a run of 600 iterations, 235 an epoch, with two test results. */
typedef struct {
  LwText *text;
  LwSeries *train[2], *test[2];
  LwSmoothing *smoothing[2];
  LwChartLine lines[2][2];
  LwChartStar star;
  LwChartSpec charts[2];
  LwChartStack stack;
} Run;

/* For g_test_add. */
void run_set_up (Run *run, gconstpointer data);
void run_tear_down (Run *run, gconstpointer data);

/* One chart with one line over a fixed range. */
typedef struct {
  LwChartLine line;
  LwChartSpec chart;
  LwChartStack stack;
  LwChartLayout layout;
  Canvas canvas;
} Single;

/* Lays out and paints it; `single` must stay where it is until canvas_finish. */
void single_paint (Single *single, LwText *text, int width, int height);

void assert_inside (const cairo_rectangle_t *inner, const cairo_rectangle_t *outer);
