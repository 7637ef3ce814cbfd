/* The settings of runs as words: which there are, and which of them differ. Main thread. */
#pragma once

#include "ui/run-item.h"

G_BEGIN_DECLS

typedef struct {
  const char *name; /* "Learning rate", translated */
  char *value;
  bool book;  /* as the book has it for this network */
  bool place; /* where and how it is computed, which changes nothing about what is trained */
} LwRunSetting;

/* All of them, knobs included; elements are LwRunSetting, owned. Two lists of the same network have
 * the same settings in the same places. */
GPtrArray *lw_run_settings_list (const LwSettings *settings);
/* NULL: this network has no such setting. */
const char *lw_run_settings_value (const GPtrArray *list, const char *name);

/* "5 epochs, momentum 0.9": what the book has otherwise, but for the network's own knobs, learning
 * rate, batch size and seed; "" for none. Borrowed from the item. */
const char *lw_run_settings_others (LwRunItem *run);

typedef struct {
  const char *name;
  char **values; /* NULL-terminated, of each run; "–" where its network has no such setting */
} LwSettingDifference;

/* Settings that are not the same in all of these runs; elements are LwSettingDifference, owned. */
GPtrArray *lw_run_settings_differences (LwRunItem *const *runs, guint n);

G_END_DECLS
