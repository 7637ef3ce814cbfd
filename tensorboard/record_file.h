/* TFRecord files: messages one after another, each in a frame: its length as eight bytes, a
 * checksum of these, the message, a checksum of it. A checksum is the CRC-32C (Castagnoli; RFC
 * 3720, appendix B.4) turned right by 15 bits, plus 0xa282ead8, so that one of data that holds
 * checksums is no weaker (tensorflow.org, "TFRecord and tf.train.Example", section "TFRecords
 * format details"). All little-endian. One thread. */
#pragma once

#include "engine/formats/file.h"

G_BEGIN_DECLS

typedef struct LwRecordFile LwRecordFile;

LwRecordFile *lw_record_file_new (const char *path, GError **error);
bool lw_record_file_add (LwRecordFile *file, const void *message, gsize length, GError **error);
/* The file is there from now on. */
bool lw_record_file_commit (LwRecordFile *file, GError **error);
void lw_record_file_free (LwRecordFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwRecordFile, lw_record_file_free)

/* Of the bytes as they are, not masked. */
uint32_t lw_crc32c (const void *data, gsize length);

G_END_DECLS
