/* LwJson: writes JSON text piece by piece. Numbers do not depend on the
 * locale and take the fewest digits that read back as the same number; what is not finite becomes
 * null, because JSON has no word for it. In an object every value has a key, in an array none
 * (NULL). One thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct LwJson LwJson;

LwJson *lw_json_new (void);
void lw_json_free (LwJson *json);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwJson, lw_json_free)

void lw_json_begin_object (LwJson *json, const char *key);
void lw_json_end_object (LwJson *json);
void lw_json_begin_array (LwJson *json, const char *key);
void lw_json_end_array (LwJson *json);
void lw_json_string (LwJson *json, const char *key, const char *value); /* NULL: null */
void lw_json_integer (LwJson *json, const char *key, int64_t value);
void lw_json_unsigned (LwJson *json, const char *key, uint64_t value);
void lw_json_double (LwJson *json, const char *key, double value);
void lw_json_float (LwJson *json, const char *key, float value);
void lw_json_boolean (LwJson *json, const char *key, bool value);
void lw_json_null (LwJson *json, const char *key);

/* The text so far, a whole document when all that was begun is ended. */
const char *lw_json_text (const LwJson *json);
/* The same, g_free; the next document begins. */
char *lw_json_take (LwJson *json);

/* A string alone, in its quotes: any bytes, what is not UTF-8 replaced. */
void lw_json_append_text (GString *text, const char *value);

G_END_DECLS
