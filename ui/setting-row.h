/* LwSettingRow: one setting: title, control (a number with − and +, or a choice), one sentence of
 * help. `value` is text as lw_settings_set takes it, of a number also a list, "0.1, 0.3" (engine/
 * sweep.h). Emits `edited` when the person changes it. */
#pragma once

#include <adwaita.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct {
  const char *field;             /* lw_settings_set's name */
  const char *title;             /* N_() */
  const char *help;              /* N_() */
  double minimum, maximum, step; /* numbers; step 0: × and ÷ 10^(1/2) steps (learning rates) */
  const char *choices[5];        /* instead of a number: values */
  const char *choice_titles[5];  /* N_() */
  bool live;                     /* may change while training */
} LwSettingSpec;

#define LW_TYPE_SETTING_ROW (lw_setting_row_get_type ())
G_DECLARE_FINAL_TYPE (LwSettingRow, lw_setting_row, LW, SETTING_ROW, GtkWidget)

GtkWidget *lw_setting_row_new (const LwSettingSpec *spec);
const LwSettingSpec *lw_setting_row_spec (LwSettingRow *self);
/* Shows a value without emitting `edited`. `standard`: what Reset goes back to. */
void lw_setting_row_show (LwSettingRow *self, const char *value, const char *standard);
/* The value that the control holds; g_free. */
char *lw_setting_row_value (LwSettingRow *self);
/* Another sentence of help than the setting's own; NULL: its own again. */
void lw_setting_row_set_help (LwSettingRow *self, const char *sentence);
/* A sentence in error colours instead of the help; NULL: the help again. */
void lw_setting_row_set_error (LwSettingRow *self, const char *sentence);
void lw_setting_row_set_editable (LwSettingRow *self, bool editable);

G_END_DECLS
