/* LwSettingRow: one setting: title, control (a number with − and +, a choice, a switch, or text),
 * one sentence of help. `value` is text as lw_settings_set takes it, of a number also a list, "0.1,
 * 0.3" (engine/sweep.h). Emits `edited` when the person changes it. */
#pragma once

#include <adwaita.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef enum {
  LW_SETTING_LIVE,  /* may change while training */
  LW_SETTING_FIXED, /* may not */
  LW_SETTING_MORE,  /* nor these, which few people need */
  LW_N_SETTING_GROUPS
} LwSettingGroup;

typedef struct {
  const char *field;             /* lw_settings_set's name */
  const char *title;             /* N_() */
  const char *help;              /* N_() */
  double minimum, maximum, step; /* numbers; step 0: × and ÷ 10^(1/2) steps (learning rates) */
  const char *choices[24];       /* instead of a number: values */
  const char *choice_titles[24]; /* N_() */
  bool is_switch;                /* instead of a number: "true" or "false" */
  bool is_text;                  /* instead of a number: taken with Enter, or when it is left */
  LwSettingGroup group;
} LwSettingSpec;

#define LW_TYPE_SETTING_ROW (lw_setting_row_get_type ())
G_DECLARE_FINAL_TYPE (LwSettingRow, lw_setting_row, LW, SETTING_ROW, GtkWidget)

GtkWidget *lw_setting_row_new (const LwSettingSpec *spec);
const LwSettingSpec *lw_setting_row_spec (LwSettingRow *self);
/* Shows a value without emitting `edited`. `standard`: what Reset goes back to. */
void lw_setting_row_show (LwSettingRow *self, const char *value, const char *standard);
/* Of text: takes it as if a person had typed it. */
void lw_setting_row_enter (LwSettingRow *self, const char *text);
/* The value that the control holds; g_free. */
char *lw_setting_row_value (LwSettingRow *self);
/* Another sentence of help than the setting's own; NULL: its own again. */
void lw_setting_row_set_help (LwSettingRow *self, const char *sentence);
/* A sentence in error colours instead of the help; NULL: the help again. */
void lw_setting_row_set_error (LwSettingRow *self, const char *sentence);
void lw_setting_row_set_editable (LwSettingRow *self, bool editable);
/* Whether it has another value than the standard. */
bool lw_setting_row_is_edited (LwSettingRow *self);
/* Another control of the same setting, before its own. */
void lw_setting_row_add (LwSettingRow *self, GtkWidget *widget);
bool lw_setting_row_is_editable (LwSettingRow *self);

G_END_DECLS
