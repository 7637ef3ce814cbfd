/* Which network a file of weights belongs to. Functions are reentrant; they wait for the disk. */
#pragma once

#include "engine/models.h"

G_BEGIN_DECLS

/* Of a safetensors file: the one that its metadata names (weights_metadata.h), else the library's
 * first that has just these tensors as the book builds it. Fails with a sentence where the file
 * cannot be read, contradicts itself, or fits none. */
LwOptions *lw_weights_network (const char *path, GError **error);

G_END_DECLS
