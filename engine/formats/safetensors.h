/* safetensors files: eight bytes of little-endian header length, a JSON header (name → dtype,
 * shape, data_offsets; "__metadata__": strings), then the tensors' bytes, little-endian and
 * contiguous. Reading treats the file as hostile: lengths, overlaps, gaps, duplicates and sizes are
 * checked before memory is taken (header at most 100 MB). Writing goes to a file beside it, fsync,
 * rename. Threads: an object belongs to one thread; functions are reentrant. */
#pragma once

#include "engine/error.h"
#include "engine/graph.h"

G_BEGIN_DECLS

typedef struct LwTensorFile LwTensorFile;

typedef struct {
  const char *name;
  LwDType dtype; /* F32, I64 or I32; any other is refused, by name */
  int32_t rank;
  int64_t dims[8];
  int64_t size; /* elements */
  const void *data;
} LwFileTensor;

LwTensorFile *lw_tensor_file_open (const char *path, GError **error);
LwTensorFile *lw_tensor_file_parse (GBytes *bytes, const char *name_for_errors, GError **error);
void lw_tensor_file_free (LwTensorFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwTensorFile, lw_tensor_file_free)
int32_t lw_tensor_file_n (const LwTensorFile *file);
const LwFileTensor *
lw_tensor_file_get (const LwTensorFile *file, int32_t index); /* in file order */
const LwFileTensor *lw_tensor_file_find (const LwTensorFile *file, const char *name);
const char *lw_tensor_file_metadata (const LwTensorFile *file, const char *key); /* or NULL */

/* "[64, 1, 7, 7]"; g_free. */
char *lw_dims_to_string (const int64_t *dims, int32_t rank);

/* Writes n tensors; the header has the given order, the data those with wide elements first, so
 * that each is aligned. `metadata`: key, value, key, value, …, NULL; may be NULL. */
bool lw_tensor_file_write (const char *path, const LwFileTensor *tensors, int32_t n,
                           const char *const *metadata, GError **error);

/* Durable replacement of a whole file: beside, fsync, rename, fsync of the folder. */
bool lw_file_replace (const char *path, const void *data, gsize length, GError **error);

G_END_DECLS
