/* LwKnobHistory: the states that a network's knobs went through, for undo and redo. What belongs
 * together is one step: the values that a slider passes, a number typed digit by digit. Pure; a
 * plain object of one thread. */
#pragma once

#include "engine/models.h"

G_BEGIN_DECLS

typedef struct LwKnobHistory LwKnobHistory;

/* Changes of the same knob within this pause of each other are one step. */
#define LW_KNOB_PAUSE_US G_GINT64_CONSTANT (1000000)
/* Older steps are forgotten. */
#define LW_KNOB_STEPS 200

LwKnobHistory *lw_knob_history_new (const LwOptions *first);
void lw_knob_history_free (LwKnobHistory *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwKnobHistory, lw_knob_history_free)

/* A new state, after which nothing can be done again. `knob`: what was turned; NULL: something else
 * changed it, which is a step of its own. A state equal to the present one is no step. */
void lw_knob_history_add (LwKnobHistory *self, const LwOptions *options, const char *knob,
                          int64_t now_us);
/* The hand left the knob: what comes next is another step. */
void lw_knob_history_seal (LwKnobHistory *self);

const LwOptions *lw_knob_history_now (const LwKnobHistory *self);
/* The state that is the present one now; NULL: there is no other. */
const LwOptions *lw_knob_history_undo (LwKnobHistory *self);
const LwOptions *lw_knob_history_redo (LwKnobHistory *self);
bool lw_knob_history_can_undo (const LwKnobHistory *self);
bool lw_knob_history_can_redo (const LwKnobHistory *self);

G_END_DECLS
