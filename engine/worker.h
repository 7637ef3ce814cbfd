/* The processes but the first of those that train together (collective.h). They keep no run: the
 * first one's trainer says what to train and what comes next, and they do their part of it. One
 * thread. */
#pragma once

#include "engine/collective.h"
#include "engine/session.h"

G_BEGIN_DECLS

typedef struct {
  const LwBackend *const *backends; /* as of lw_trainer_new */
  const char *device;               /* NULL: as process 0's */
  int32_t threads;                  /* 0: as the settings say, or the collective's */
} LwWorkerOptions;

/* One training after the other, until lw_workers_dismiss; one that cannot begin, as some process
 * lacks what it needs, is process 0's to tell. False: one failed, here or elsewhere; all processes
 * know. */
bool lw_worker_run (LwCollective *collective, const LwWorkerOptions *options, GError **error);

/* Process 0: there will be no other training. */
bool lw_workers_dismiss (LwCollective *collective, GError **error);

G_END_DECLS
