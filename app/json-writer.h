/* JSON documents on standard output: the writer is the engine's, which prints nothing itself. */
#pragma once

#include "engine/formats/json_writer.h"

G_BEGIN_DECLS

/* Writes the document and a line's end to standard output, flushes, and begins anew. False: the
 * other end is gone. */
bool lw_json_print (LwJson *json);

G_END_DECLS
