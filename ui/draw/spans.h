/* LwSpans: which of many stretches of a line meet a given one: what of a long diagram is in view.
 *
 * Each span lies in one bucket of the level whose buckets are at least as long as it is; the levels
 * double. A query looks into the few buckets of each level that can reach into its stretch, so it
 * takes time for what it finds and for a dozen levels, however many spans there are and however
 * long the longest is. Immutable once sealed; any number of readers. Free with lw_spans_free. */
#pragma once

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct LwSpans LwSpans;

LwSpans *lw_spans_new (void);
void lw_spans_free (LwSpans *spans);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwSpans, lw_spans_free)

/* The next span; they are numbered from 0. `low` ≤ `high`. */
void lw_spans_add (LwSpans *spans, double low, double high);
/* After the last one. */
void lw_spans_seal (LwSpans *spans);

/* The numbers of the spans that meet [low, high], ends included, ascending; `found` (int32_t) is
 * emptied first. The ends may be infinite. */
void lw_spans_find (const LwSpans *spans, double low, double high, GArray *found);

G_END_DECLS
