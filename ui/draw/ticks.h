/* LwTicks: where an axis gets its numbers, and how numbers are written in charts.
 *
 * Linear: multiples of 1, 2, 2.5 or 5 × 10ⁿ, as many as fit, 4 to 8 where the axis is long enough;
 * all with the same decimals. Logarithmic: decades, every second, third, fifth… one when there are
 * many; 2 and 5 × 10ⁿ are grid lines without a number, unless the axis shows less than two decades.
 * Pure functions of their arguments, any thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

enum { LW_MAX_TICKS = 40, LW_TICK_TEXT = 24 };

typedef struct {
  double value;
  char text[LW_TICK_TEXT]; /* "" : a grid line without a number */
} LwTick;

typedef struct {
  LwTick tick[LW_MAX_TICKS];
  int n;
  double step; /* linear; 0 on a log axis */
} LwTicks;

/* The largest number of labels for an axis `length` pixels long with `spacing` pixels between
 * them: 2 to 8. */
int lw_ticks_room (double length, double spacing);

/* The step of 1, 2, 2.5, 5 × 10ⁿ that gives the most ticks over `range`, at most `most` (≥ 2);
 * `whole`: never below 1. */
double lw_ticks_step (double range, int most, bool whole);

/* Ticks within [min, max], min < max both finite. `trim`: each number without its trailing zeros
 * (an axis of epochs: 0, 0.5, 1), else equal decimals. `whole`: no step below 1. */
void lw_ticks_linear (double min, double max, int most, bool whole, bool trim, LwTicks *ret_ticks);
/* The same for a logarithmic axis, 0 < min < max. */
void lw_ticks_log (double min, double max, int most, LwTicks *ret_ticks);

/* Rounds outwards to ticks: to multiples of the linear step, or to 1, 2, 5 × 10ⁿ (log; beyond two
 * decades to 10ⁿ). */
void lw_ticks_round_linear (double *min, double *max, int most);
void lw_ticks_round_log (double *min, double *max);

/* A number as charts write it, at most 7 characters: "0.502", "12.4", "2,350", "4.2·10⁻⁵",
 * "NaN", "∞"; minus is U+2212. */
void lw_value_text (double value, char ret_text[LW_TICK_TEXT]);
/* With a fixed number of decimals: "−0.15". */
void lw_value_text_fixed (double value, int decimals, char ret_text[LW_TICK_TEXT]);
/* A position on an x axis: whole numbers plain with thousands separated, else two decimals. */
void lw_position_text (double value, char ret_text[LW_TICK_TEXT]);

G_END_DECLS
