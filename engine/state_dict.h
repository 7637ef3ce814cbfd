/* LwStateDict: the tensors of a network out of a file of weights, as PyTorch's state_dict has them:
 * every name, shape and type, in its order. What else the file holds (an optimizer's copies) is
 * left out. One thread; the graphs are kept by the caller. */
#pragma once

#include "engine/formats/safetensors.h"
#include "engine/settings.h"

G_BEGIN_DECLS

typedef struct LwStateDict LwStateDict;

/* `stored`: the network whose names the file has. `named`: the same network under the names to be
 * given; NULL: the file's. Counters of batches that an old file lacks are 0. */
LwStateDict *lw_state_dict_open (const char *path, LwGraph *stored, LwGraph *named, GError **error);
void lw_state_dict_free (LwStateDict *dict);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwStateDict, lw_state_dict_free)

const LwFileTensor *lw_state_dict_tensors (const LwStateDict *dict, int32_t *ret_n);

/* With the metadata of weights_metadata.h. */
bool lw_state_dict_write_safetensors (const LwStateDict *dict, const LwSettings *settings,
                                      const char *path, GError **error);
/* formats/npz.h. */
bool lw_state_dict_write_npz (const LwStateDict *dict, const char *path, GError **error);

G_END_DECLS
