/* Networks as JSON: the objects that `list` and `show` print. */
#pragma once

#include "app/json-writer.h"
#include "engine/analysis.h"
#include "engine/backend.h"
#include "engine/variant.h"

G_BEGIN_DECLS

/* The members of a model's object as `list` has them, into the open object. `options`: what the
 * numbers are of. */
void
lw_describe_model (LwJson *json, const LwModel *model, const LwOptions *options, LwGraph *graph);
/* What a training by plain SGD, and inference, take on the device that "auto" means. Fails when
 * `batch` is out of range. */
bool lw_describe_memory (LwGraph *graph, int32_t batch, LwMemory *ret_memory,
                         const LwBackend **ret_device, GError **error);
/* A saved variant's object: a model's under the variant's name, and `variant`: true, `model`,
 * `set`.
 */
void lw_describe_variant (LwJson *json, const LwVariant *variant, LwGraph *graph);
/* What `show` adds. Fails when `batch` is out of range. */
bool lw_describe_details (LwJson *json, const LwOptions *options, LwGraph *graph, int32_t batch,
                          GError **error);

G_END_DECLS
