/* Whether the others still answer, also on machines of which a process here sees nothing: each
 * process sends the next one a few bytes every second, and counts how long nothing has come from
 * the one before it. A process that was killed, one that stands still and a network that is gone
 * all look like that; MPI itself waits for minutes then, or for ever. One thread. Private to the
 * module. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct LwPulse LwPulse;

/* Of 2 processes or more, within MPI_COMM_WORLD. */
LwPulse *lw_pulse_new (int32_t rank, int32_t size);
/* Sends and hears; to be called many times a second, whatever else goes on. */
void lw_pulse_beat (LwPulse *pulse);
/* The process of which nothing has been heard for so long that it counts as lost; −1. */
int32_t lw_pulse_find_silent (const LwPulse *pulse);
int lw_pulse_limit_s (const LwPulse *pulse); /* how long that is */
/* `whole`: nothing failed; waits until the one before does the same, and leaves no message behind.
 * False: it has fallen silent meanwhile. */
bool lw_pulse_end (LwPulse *pulse, bool whole);
