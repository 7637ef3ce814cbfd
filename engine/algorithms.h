/* LwAlgorithmList: by which algorithm a device computes each layer, where it has a choice
 * (LwAlgorithmChoice in engine/backend.h), as a session gives it and as run.json keeps it:
 *
 *   {"conv1": {"forward": "direct", "data": null, "weights": "gemm"}, …}
 *
 * One thread; owns its texts. */
#pragma once

#include "engine/backend.h"
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef struct LwAlgorithmList LwAlgorithmList;

LwAlgorithmList *lw_algorithm_list_new (void);
void lw_algorithm_list_free (LwAlgorithmList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwAlgorithmList, lw_algorithm_list_free)

/* Copies; a name may be NULL. */
void lw_algorithm_list_add (LwAlgorithmList *list, const char *layer,
                            const char *const names[LW_N_DIRECTIONS]);
/* In the order of adding; `*ret_n` of them; of the list. */
const LwAlgorithmChoice *lw_algorithm_list_choices (const LwAlgorithmList *list, int32_t *ret_n);
/* The layer's, or NULL. */
const LwAlgorithmChoice *lw_algorithm_list_find (const LwAlgorithmList *list, const char *layer);

/* Appends the object. */
void lw_algorithm_list_write (const LwAlgorithmList *list, GString *json);
/* Members of a wrong kind are left out: they are nobody's choice. */
LwAlgorithmList *lw_algorithm_list_read (JsonObject *object);

/* "forward", "data", "weights". */
const char *lw_direction_name (LwDirection direction);

/* $XDG_CACHE_HOME/layerwise: LwDeviceOptions.cache_folder for people's programs; g_free. */
char *lw_algorithms_cache_folder (void);

G_END_DECLS
