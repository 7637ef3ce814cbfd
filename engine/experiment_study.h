/* What an experiment looks at in a network that has been trained, beside its curves: test accuracy
 * with three kinds of statistics (bn_accuracy.h), what the first layer's filters look like, and
 * what is lost without each path of the Inception blocks. Results are kept in the run's folder.
 *
 * Reading and measuring wait for files and passes: on a thread. */
#pragma once

#include "engine/bn_pass.h"
#include "engine/experiment.h"
#include "engine/record_health.h"

G_BEGIN_DECLS

/* Measures, keeps, and sets the numbers' fields. `progress` may be NULL. */
bool lw_study_run (LwStudy study, const char *run_folder, const LwBackend *const *backends,
                   const LwBnProgress *progress, LwNumbers *numbers, GError **error);
/* What was measured earlier; false: nothing, or it makes no sense. */
bool lw_study_load (LwStudy study, const char *run_folder, LwNumbers *numbers);

/* Length of each convolution's and linear layer's gradient, the median over the run; false: not
 * known (yet). The caller frees the arrays. */
bool lw_gradients_by_depth (LwHealthRecord *health, const LwGraph *graph, LwNodeId **ret_layers,
                            double **ret_norms, int *ret_n);
/* That of the first by that of the last; NAN: not known. `health` may be NULL. */
double lw_gradient_ratio (LwHealthRecord *health, const LwGraph *graph);

/* --- filters ------------------------------------------------------------------------------------
 */

typedef enum { LW_FILTER_UNCLEAR, LW_FILTER_EDGE, LW_FILTER_BLOB } LwFilterKind;

/* By the filter's spectrum |Σ w(x, y) exp (−2πi (ux + vy) / side)|², of which independent random
 * weights have equal parts on average. Unclear: frequencies up to side ÷ 5 have less than twice
 * their part (at most 0.6) of all. Else a blob where the smooth filter of these frequencies
 * has nearly one sign, |Σ| ≥ 0.6 Σ|…|, an edge where both are in it. `values`: [side][side]. Pure.
 */
LwFilterKind lw_filter_kind (const float *values, int side);

typedef struct {
  int n, side;
  float *values;       /* [n][side][side]: the mean over input channels */
  LwFilterKind *kinds; /* [n] */
} LwFilters;

void lw_filters_free (LwFilters *filters);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwFilters, lw_filters_free)
/* Of the run's first convolution, from its last checkpoint. */
LwFilters *lw_filters_read (const char *run_folder, GError **error);

G_END_DECLS
