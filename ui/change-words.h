/* One sentence about what turned knobs do to a network, chosen by the numbers. Pure. */
#pragma once

#include "engine/change.h"
#include "engine/models.h"

G_BEGIN_DECLS

/* `yours`: the options of `change`'s second network; the first is the book's. g_free. */
char *lw_change_sentence (const LwOptions *yours, const LwChange *change);
/* The changed knobs with their values: "width × 0.5, input 224 × 224"; g_free. */
char *lw_change_knobs (const LwOptions *yours);
/* "relu" → "ReLU": a choice's value as people write it. */
const char *lw_knob_choice_title (const char *choice);

G_END_DECLS
