/* What a unit's arithmetic (engine/unit_arithmetic.h) reads, of an LwActivationSource. Main thread.
 */
#pragma once

#include "engine/unit_arithmetic.h"
#include "ui/activation-source.h"

G_BEGIN_DECLS

/* Asks for the inputs of the source's layer, and the weights of the unit where they are not all
 * copied: a live training copies only what is asked for. */
void lw_unit_source_ask (LwActivationSource *source, const LwGraph *graph, LwUnit unit);
/* Of a unit of the source's layer, or of the picture; NULL: something is not there yet. */
LwUnitArithmetic *
lw_unit_source_compute (LwActivationSource *source, const LwGraph *graph, LwUnit unit);

G_END_DECLS
