/* What a file of weights says of itself in safetensors' metadata, so that it needs nothing beside
 * it. Strings:
 *   format         "pt", as other programs that write PyTorch's tensors say it
 *   model          "resnet18"
 *   input          "1x96x96": channels, height, width
 *   classes        "10"
 *   knobs          JSON: the network's other knobs
 *   normalization  as --normalize takes it: what (x ÷ 255 − mean) ÷ deviation images get
 *   settings       JSON as in run.json: all that decides the training
 * Reading treats all of it as hostile. Threads: reentrant. */
#pragma once

#include "engine/formats/safetensors.h"
#include "engine/settings.h"

G_BEGIN_DECLS

/* What other formats say as well: appends model, input, classes, knobs and normalization. */
void lw_network_metadata (const LwOptions *options, GPtrArray *pairs);
/* And read from a file's metadata, where `find` gives a key's value or NULL. The network, without
 * its normalization: NULL with an error where it names none of the library, or contradicts it. */
typedef const char *(*LwMetadataFind) (const void *file, const char *key);
LwOptions *lw_network_metadata_read (LwMetadataFind find, const void *file, GError **error);
/* What images of so many channels are normalized with: none, where the file does not say it. Fails
 * with a sentence where it says what cannot be. */
bool lw_normalization_metadata_read (LwMetadataFind find, const void *file, int32_t channels,
                                     LwNormalization *ret_normalization, GError **error);

/* Key, value, key, value, … without a NULL at the end; g_ptr_array_unref. */
GPtrArray *lw_weights_metadata (const LwSettings *settings);

/* The last of a safetensors file. */
bool lw_weights_normalization (const LwTensorFile *file, int32_t channels,
                               LwNormalization *ret_normalization, GError **error);
/* The settings that the file tells; of files without "settings" those of the book's recipe for the
 * network. A file that does not name its network fails with LW_ERROR_UNSUPPORTED. `name`: for the
 * sentence. */
LwSettings *lw_weights_metadata_read (const LwTensorFile *file, const char *name, GError **error);
/* The same of a file on disk. */
LwSettings *lw_weights_settings (const char *path, GError **error);

G_END_DECLS
