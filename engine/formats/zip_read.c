#include "engine/formats/zip_read.h"
#include "engine/i18n.h"
#include <string.h>

#define END_BYTES     22 /* of the record at the archive's end, without its comment */
#define CENTRAL_BYTES 46 /* of a member's row in the table of contents, without names */
#define LOCAL_BYTES   30 /* of the header before a member, without names */
#define MAX_COMMENT   65535
#define MAX_MEMBERS   4096

static uint32_t
u16 (const uint8_t *at)
{
  return at[0] | (uint32_t)at[1] << 8;
}

static uint32_t
u32 (const uint8_t *at)
{
  return u16 (at) | u16 (at + 2) << 16;
}

static void
clear_member (void *data)
{
  g_free (((LwZipMember *)data)->name);
}

static bool
fail (GError **error, const char *name, const char *what)
{
  g_set_error (error, LW_ERROR, LW_ERROR_FORMAT, "%s: %s", name, what);
  return false;
}

/* The record that ends the archive: the last place where its signature stands and its comment
 * reaches exactly to the end. −1: none. */
static int64_t
find_end (const uint8_t *bytes, gsize length)
{
  const gsize first = length > END_BYTES + MAX_COMMENT ? length - END_BYTES - MAX_COMMENT : 0;

  if (length < END_BYTES)
    return -1;
  for (gsize at = length - END_BYTES + 1; at-- > first;)
    if (memcmp (bytes + at, "PK\5\6", 4) == 0 && at + END_BYTES + u16 (bytes + at + 20) == length)
      return (int64_t)at;
  return -1;
}

/* One row of the table; `end`: where the table begins, before which all members lie. */
static bool
read_member (const uint8_t *bytes, gsize end, const uint8_t *row, const char *name,
             LwZipMember *ret_member, GError **error)
{
  const uint32_t flags = u16 (row + 8), method = u16 (row + 10);
  const uint32_t packed_size = u32 (row + 20), size = u32 (row + 24), at = u32 (row + 42);
  const uint32_t name_length = u16 (row + 28);
  gsize data;

  if (packed_size == G_MAXUINT32 || size == G_MAXUINT32 || at == G_MAXUINT32)
    return fail (error, name, _ ("it is larger than the 4 GB that can be read; make it smaller."));
  if (flags & 1)
    return fail (error, name, _ ("it is encrypted; save it again without a password."));
  if (method != 0 && method != 8)
    return fail (error, name,
                 _ ("it is packed in a way that cannot be read; save it with numpy.savez."));
  if (memchr (row + CENTRAL_BYTES, '\0', name_length) != NULL || (gsize)at + LOCAL_BYTES > end ||
      memcmp (bytes + at, "PK\3\4", 4) != 0)
    return fail (error, name, _ ("its table of contents is damaged; copy or download it again."));
  data = (gsize)at + LOCAL_BYTES + u16 (bytes + at + 26) + u16 (bytes + at + 28);
  if (data > end || packed_size > end - data || (method == 0 && packed_size != size) ||
      size > (uint64_t)packed_size * LW_DEFLATE_RATIO)
    return fail (error, name,
                 _ ("its table of contents promises more than the file holds; copy or download it "
                    "again."));
  *ret_member = (LwZipMember){
    .name = g_strndup ((const char *)row + CENTRAL_BYTES, name_length),
    .bytes = bytes + data,
    .packed_size = packed_size,
    .size = size,
    .packed = method == 0 ? LW_PACKED_NOT : LW_PACKED_DEFLATE,
    .crc = u32 (row + 16),
  };
  return true;
}

GArray *
lw_zip_list (const uint8_t *bytes, gsize length, const char *name, GError **error)
{
  g_autoptr (GArray) members = g_array_new (FALSE, FALSE, sizeof (LwZipMember));
  const int64_t end = find_end (bytes, length);
  gsize table, table_end, at;
  uint32_t n;

  g_array_set_clear_func (members, clear_member);
  if (end < 0) {
    fail (error, name, _ ("it is no zip archive, or was cut off; copy or download it again."));
    return NULL;
  }
  n = u16 (bytes + end + 10);
  table = u32 (bytes + end + 16);
  table_end = table + u32 (bytes + end + 12);
  if (n == 0xffff || table == G_MAXUINT32) {
    fail (error, name, _ ("it is larger than the 4 GB that can be read; make it smaller."));
    return NULL;
  }
  if (n > MAX_MEMBERS || table_end > (gsize)end) {
    fail (error, name, _ ("its table of contents is damaged; copy or download it again."));
    return NULL;
  }
  at = table;
  for (uint32_t i = 0; i < n; i++) {
    LwZipMember member;
    gsize row;

    row = at;
    if (table_end - at < CENTRAL_BYTES || memcmp (bytes + row, "PK\1\2", 4) != 0 ||
        (at += CENTRAL_BYTES + u16 (bytes + row + 28) + u16 (bytes + row + 30) +
               u16 (bytes + row + 32)) > table_end) {
      fail (error, name, _ ("its table of contents is damaged; copy or download it again."));
      return NULL;
    }
    if (!read_member (bytes, table, bytes + row, name, &member, error))
      return NULL;
    g_array_append_val (members, member);
  }
  return g_steal_pointer (&members);
}
