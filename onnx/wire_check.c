/* The wire format: https://protobuf.dev/programming-guides/encoding. */
#include "onnx/wire_check.h"

#define DEEPEST 16 /* ours need seven; control flow, which nests graphs, is refused anyway */

enum { VARINT = 0, FIXED64 = 1, DELIMITED = 2, FIXED32 = 5 };

/* What an allocation takes beside its bytes. */
#define OVERHEAD 32

static bool
read_varint (const uint8_t **at, const uint8_t *end, uint64_t *ret)
{
  *ret = 0;
  for (int shift = 0; shift < 64 && *at < end; shift += 7) {
    const uint8_t byte = *(*at)++;

    *ret |= (uint64_t)(byte & 127) << shift;
    if (byte < 128)
      return true;
  }
  return false;
}

/* Bytes that a field's content takes: a packed list has an element of eight bytes for each byte at
 * most, fixed ones as many as they have. */
static uint64_t
content_bytes (const ProtobufCFieldDescriptor *field, uint64_t length)
{
  if (field == NULL)
    return length + OVERHEAD; /* unknown fields are kept */
  switch (field->type) {
  case PROTOBUF_C_TYPE_STRING:
  case PROTOBUF_C_TYPE_BYTES:
  case PROTOBUF_C_TYPE_FLOAT:
  case PROTOBUF_C_TYPE_DOUBLE:
    return length + OVERHEAD;
  default:
    return 8 * length + OVERHEAD;
  }
}

static bool
check (const ProtobufCMessageDescriptor *descriptor, const uint8_t *at, uint64_t length, int depth,
       uint64_t *memory)
{
  const uint8_t *end = at + length;

  if (depth > DEEPEST)
    return false;
  *memory += descriptor->sizeof_message + OVERHEAD;
  while (at < end) {
    const ProtobufCFieldDescriptor *field;
    uint64_t key, value;

    if (!read_varint (&at, end, &key) || key >> 3 == 0 || key > G_MAXUINT32)
      return false;
    field = protobuf_c_message_descriptor_get_field (descriptor, (unsigned)(key >> 3));
    /* Each field is noted while its message is unpacked, and a list has room for each. */
    *memory += 64;
    switch (key & 7) {
    case VARINT:
      if (!read_varint (&at, end, &value))
        return false;
      break;
    case FIXED64:
    case FIXED32:
      value = (key & 7) == FIXED64 ? 8 : 4;
      if ((uint64_t)(end - at) < value)
        return false;
      at += value;
      break;
    case DELIMITED:
      if (!read_varint (&at, end, &value) || value > (uint64_t)(end - at))
        return false;
      if (field != NULL && field->type == PROTOBUF_C_TYPE_MESSAGE) {
        if (!check (field->descriptor, at, value, depth + 1, memory))
          return false;
      } else
        *memory += content_bytes (field, value);
      at += value;
      break;
    default: /* groups, which the schema has none of */
      return false;
    }
  }
  return true;
}

bool
lw_wire_check (const ProtobufCMessageDescriptor *descriptor, const uint8_t *data, uint64_t length,
               uint64_t *ret_memory)
{
  *ret_memory = 0;
  return check (descriptor, data, length, 1, ret_memory);
}
