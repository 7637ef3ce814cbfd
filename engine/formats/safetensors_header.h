/* What the reader of safetensors files keeps, and the part of it that understands the header. */
#pragma once

#include "engine/formats/safetensors.h"

#define LW_HEADER_MAX_BYTES (100 * 1000 * 1000)

typedef struct {
  const char *key, *value;
} LwHeaderString;

struct LwTensorFile {
  char *header;         /* unescaped in place; names and metadata point into it */
  GArray *tensors;      /* LwFileTensor, in the header's order */
  GArray *begins;       /* uint64_t: where each tensor begins in the data */
  GArray *by_name;      /* int32_t: tensors in the order of their names */
  GArray *metadata;     /* LwHeaderString in the order of the keys */
  GBytes *bytes;        /* holds the data */
  GPtrArray *realigned; /* copies of tensors that the file does not align to their element */
};

/* Reads and checks file->header against a data part of `data_bytes`; fills all but the tensors'
 * data pointers. `name` is for messages. Takes memory in proportion to the header only. */
bool lw_tensor_file_read_header (LwTensorFile *file, gsize header_bytes, uint64_t data_bytes,
                                 const char *name, GError **error);

int32_t lw_dtype_bytes_or_0 (LwDType dtype);
