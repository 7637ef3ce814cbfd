/* Why a network cannot be built, in pieces for people, and which values would do. Everything is
 * found by building, with the same builders; pure functions of the options, any thread. */
#pragma once

#include "engine/models.h"

G_BEGIN_DECLS

typedef struct {
  char *sentence; /* lw_model_build's, the whole of it */
  char *layer;    /* the name of the layer that cannot work: "7"; NULL: none is at fault */
  char *title;    /* "max pool 2" */
  char *giver;    /* the title of the layer whose values it would read: "conv 2" */
  LwShape gets;   /* what they are */
  int32_t
      needs; /* the least side of a map that its window fits on; 0: it is not a matter of size */
} LwObstacle;

/* NULL when the options build. */
LwObstacle *lw_obstacle_new (const LwOptions *options);
LwObstacle *lw_obstacle_copy (const LwObstacle *obstacle);
void lw_obstacle_free (LwObstacle *obstacle);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwObstacle, lw_obstacle_free)

/* The value nearest to a knob's that builds while all others stay: of input_size the least (256
 * trials at most of any other, integers only). False: there is none, or the knob is no integer. */
bool lw_obstacle_nearest (const LwOptions *options, const char *knob, int *ret_value);

G_END_DECLS
