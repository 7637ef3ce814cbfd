/* LwRunGroup: what runs that were started together have in common, and what each of them has for
 * itself: the values of a sweep, the seeds of a repetition, the networks of a comparison. It says
 * nothing about how a run trains, so it is no setting; run.json and the queue's file keep it as
 *
 *   "group": {"id": "20261128-104500-5f3a", "name": "LeNet, 5 seeds", "label": "seed 43"}
 *
 * A plain value of one thread. */
#pragma once

#include "engine/error.h"
#include <json-glib/json-glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct {
  char *id;    /* NULL: in no group */
  char *name;  /* for people; never NULL where there is an id */
  char *label; /* what this run differs in, "learning rate 0.3"; or NULL */
} LwRunGroup;

/* An id that no other group has; g_free. */
char *lw_run_group_new_id (void);
LwRunGroup lw_run_group_copy (const LwRunGroup *group);
void lw_run_group_clear (LwRunGroup *group);

/* Appends the object, or null for no group. */
void lw_run_group_write (const LwRunGroup *group, GString *json);
/* A missing member, or one that is no group, is none. Texts are cut at 200 characters. */
LwRunGroup lw_run_group_read (JsonObject *object, const char *member);

G_END_DECLS
