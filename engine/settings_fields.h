/* The table behind lw_settings_set and the JSON form: each plain field's command-line name, type,
 * place and range. Constant data, any thread. */
#pragma once

#include "engine/settings.h"

G_BEGIN_DECLS

typedef enum {
  LW_FIELD_INT32,
  LW_FIELD_INT64,
  LW_FIELD_UINT64,
  LW_FIELD_REAL,
  LW_FIELD_BOOLEAN,
  LW_FIELD_CHOICE, /* an enum, stored as int */
  LW_FIELD_TEXT,
} LwFieldType;

typedef struct {
  const char *name; /* "learning-rate" */
  LwFieldType type;
  gsize offset;               /* in LwSettings */
  double minimum, maximum;    /* of numbers */
  bool below_maximum;         /* the maximum itself is excluded */
  const char *const *choices; /* of a choice, NULL-terminated */
  bool may_be_empty;          /* text: "" means NULL */
} LwSettingsField;

/* In the order of the JSON form. */
const LwSettingsField *lw_settings_fields (int32_t *ret_n);
/* By its command-line name, "lr" too; NULL: no plain field. */
const LwSettingsField *lw_settings_field (const char *name);
/* The value of a plain field as lw_settings_set takes it; "" for no text. g_free. */
char *lw_settings_field_text (const LwSettings *settings, const LwSettingsField *field);
/* The knobs beside input and classes as one JSON object; g_free. */
char *lw_settings_knobs_to_json (const LwOptions *options);
/* Appends a comma and a member; null for a `text` of NULL. */
void lw_json_append_member (GString *json, const char *member, const char *text);

G_END_DECLS
