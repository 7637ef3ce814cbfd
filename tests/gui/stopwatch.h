/* How long the main loop is busy at a time, from the return of one poll to the call of the next,
 * and how long a frame of the window takes, from its layout to its end. Phases have names; the last
 * one counts. Each time is measured three ways: see StopwatchTime. */
#pragma once

#include <gtk/gtk.h>

#include <stdbool.h>

G_BEGIN_DECLS

/* All of it; without what the thread waited for a processor that others had, but with its waits for
 * locks, files and the X server; the work of the main thread alone. */
typedef enum { STOPWATCH_WALL, STOPWATCH_OWN, STOPWATCH_CPU, N_STOPWATCH_TIMES } StopwatchTime;

void stopwatch_start (void);
/* Frames of this window count, too. */
void stopwatch_watch (GtkWidget *window);
void stopwatch_begin (const char *name);
void stopwatch_stop (void);
/* Milliseconds of all phases as a table; each line begins with `prefix`. Returns the longest turn
 * of the main loop without waits for a processor. */
double stopwatch_report (const char *prefix);

G_END_DECLS
