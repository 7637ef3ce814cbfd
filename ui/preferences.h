/* LwPreferences: what the window remembers: choices that a person made, and how it was left. A key
 * file, $XDG_CONFIG_HOME/layerwise/workbench.ini, read when it is made, written beside and renamed
 * half a second after a change. What is missing, damaged or out of range has its default; a folder
 * that cannot be written costs the memory, nothing else. Each entry is a row of a table.
 *
 * Signal `changed`, with the entry's name as detail. Main thread only. */
#pragma once

#include <glib-object.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define LW_TYPE_PREFERENCES (lw_preferences_get_type ())
G_DECLARE_FINAL_TYPE (LwPreferences, lw_preferences, LW, PREFERENCES, GObject)

typedef enum {
  /* chosen */
  LW_PREFERENCE_THEME,      /* "system", "light", "dark" */
  LW_PREFERENCE_LANGUAGE,   /* "": the system's; "en", "zh_CN"; from the next start on */
  LW_PREFERENCE_DEVICE,     /* as --device */
  LW_PREFERENCE_CORES_FREE, /* cores that trainings leave to other programs */
  LW_PREFERENCE_RUNS,       /* the folder of the runs; "": the usual one; from the next start on */
  /* how it was left */
  LW_PREFERENCE_WIDTH,
  LW_PREFERENCE_HEIGHT,
  LW_PREFERENCE_MAXIMIZED,
  LW_PREFERENCE_SIDEBAR,
  LW_PREFERENCE_PAGE,
  LW_PREFERENCE_MODEL,
  LW_PREFERENCE_RUN,   /* the selected run's folder, or "" */
  LW_PREFERENCE_ZOOM,  /* of the diagram, percent; 0: as it fits */
  LW_PREFERENCE_RIGHT, /* sizes of Explore's panes that were dragged; 0: none was */
  LW_PREFERENCE_BELOW,
  LW_PREFERENCE_LOWER,
  LW_PREFERENCE_BESIDE,
  LW_PREFERENCE_TICKED,     /* which runs are plotted beside each other: LwRunTicks' word */
  LW_PREFERENCE_RUNS_TABLE, /* how their table is sorted: LwRunsTable's word */
  LW_PREFERENCE_WELCOMED,   /* the welcome page was seen */
  LW_N_PREFERENCES
} LwPreference;

/* The file that is used where none is named; g_free. */
char *lw_preferences_path (void);
/* `path` NULL: nothing is read or written. */
LwPreferences *lw_preferences_new (const char *path);

/* Borrowed until the entry changes. */
const char *lw_preferences_text (LwPreferences *self, LwPreference entry);
int lw_preferences_number (LwPreferences *self, LwPreference entry);
/* Values outside of an entry's range are not taken. */
void lw_preferences_set_text (LwPreferences *self, LwPreference entry, const char *value);
void lw_preferences_set_number (LwPreferences *self, LwPreference entry, int value);
/* Writes now what is not written yet. */
void lw_preferences_save (LwPreferences *self);

/* Lists of the same file (lw_preferences_path), which more than one part of the window remembers:
 * read and written at once. What is missing or damaged is no list; a disk that is full forgets it:
 * no more than that. NULL-terminated, UTF-8; g_strfreev. */
char **lw_preferences_read_list (const char *group, const char *name);
void lw_preferences_write_list (const char *group, const char *name, const char *const *list);

G_END_DECLS
