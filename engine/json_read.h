/* JSON that nobody vouches for, as a tree: json-glib's parser behind a check of size, of the number
 * of values (at most a million) and of nesting (it recurses, so a text of a million brackets would
 * run it out of its stack), and getters that treat a missing member and one of a wrong type alike.
 * Functions are reentrant. */
#pragma once

#include "engine/error.h"
#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/* The text's outermost object. `name`: of the file or thing, for the sentence. */
JsonObject *
lw_json_parse_object (const char *text, gssize length, const char *name, GError **error);

/* NULL, `missing`: no such member, or of another type. */
JsonObject *lw_json_get_object (JsonObject *object, const char *member);
JsonArray *lw_json_get_array (JsonObject *object, const char *member);
const char *lw_json_get_string (JsonObject *object, const char *member);
int64_t lw_json_get_integer (JsonObject *object, const char *member, int64_t missing);
double lw_json_get_real (JsonObject *object, const char *member, double missing);
/* A string, number or boolean as text ("0.9", "true"), g_free; NULL for anything else. */
char *lw_json_scalar_text (JsonNode *node);

G_END_DECLS
