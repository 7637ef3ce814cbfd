/* What a protobuf message would take in memory and how deep it is nested, found by walking its
 * bytes by its schema before protobuf-c unpacks it, which trusts both. Reentrant. */
#pragma once

#include "engine/error.h"

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/* False: the bytes are no such message, or nested deeper than 16. `ret_memory`: bytes that
 * unpacking takes at most, about. */
bool lw_wire_check (const ProtobufCMessageDescriptor *descriptor, const uint8_t *data,
                    uint64_t length, uint64_t *ret_memory);

G_END_DECLS
