/* LwSpread: several curves of the same kind as one: the mean, the lowest and the highest of them at
 * each index, such as a training repeated with other seeds.
 *
 * The curves are taken index by index: trainings with equal settings are tested and logged at the
 * same steps. Where some end earlier, the others go on alone. x is the mean of the curves' x (they
 * differ when it is time). NaN and infinities are left out; where nothing is left there is a gap in
 * all three. Same thread as its series. */
#pragma once

#include "ui/draw/series.h"

G_BEGIN_DECLS

typedef struct LwSpread LwSpread;

LwSpread *lw_spread_new (void);
void lw_spread_free (LwSpread *spread);
/* Takes in what the curves have gained. While they grow at different places it starts anew, but
 * never uses more than a twentieth of the time between calls for that; `now_us` is a clock
 * (g_get_monotonic_time). Returns false when it put that off: call again later. */
bool lw_spread_update (LwSpread *spread, const LwSeries *const *curves, int n, gint64 now_us);
const LwSeries *lw_spread_mean (const LwSpread *spread);
/* These have the same x and the same gaps. */
const LwSeries *lw_spread_low (const LwSpread *spread);
const LwSeries *lw_spread_high (const LwSpread *spread);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwSpread, lw_spread_free)
G_END_DECLS
