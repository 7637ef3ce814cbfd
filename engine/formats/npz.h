/* .npz files as numpy writes and reads them: a zip archive, uncompressed, with a file NAME.npy for
 * each tensor: the magic "\x93NUMPY", version 1.0, a header that is a Python literal, the elements
 * as they lie in memory (numpy.org, "NEP 1: A Simple File Format for NumPy Arrays"; PKWARE's
 * APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12 and 4.3.16). Written beside and renamed. Reentrant. */
#pragma once

#include "engine/formats/safetensors.h"

G_BEGIN_DECLS

/* The names are those of numpy.load (path).files; the file has no time in it. Archives end at
 * 4 GiB and 65,535 files; more is refused with a sentence. */
bool lw_npz_write (const char *path, const LwFileTensor *tensors, int32_t n, GError **error);

G_END_DECLS
