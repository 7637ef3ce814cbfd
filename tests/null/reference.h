/* What PyTorch says of the book's networks: tests/golden/reference/<model>.json. */
#pragma once

#include <json-glib/json-glib.h>

/* The file's object, which `ret_parser` owns; the test ends when it cannot be read. */
JsonObject *reference_load (const char *model, JsonParser **ret_parser);

/* "[64,28,28]" as a shape of ours. */
#include "engine/graph.h"
LwShape reference_shape (JsonArray *array);
