/* Threads in the place of processes: collectives whose messages are copies, so that what is done
 * jointly can be tested in one program. */
#pragma once

#include "distributed/link.h"
#include "engine/collective.h"

G_BEGIN_DECLS

typedef struct LwRoom LwRoom;

LwRoom *lw_room_new (int32_t n);
void lw_room_free (LwRoom *room); /* after all links and collectives */
/* For one thread; verbs->close frees it. */
LwLink *lw_room_link (LwRoom *room, int32_t rank);
LwCollective *lw_room_collective (LwRoom *room, int32_t rank);

/* Calls `work` on a thread for each rank and waits for all. */
typedef void (*LwRoomWork) (LwRoom *room, int32_t rank, void *data);
void lw_room_run (LwRoom *room, LwRoomWork work, void *data);

/* A collective of one process that is told of every sum: begun with these numbers, which must not
 * change until it is finished. `data` [sums] counts them. */
LwCollective *lw_watching_collective (int64_t *ret_sums, int64_t *ret_numbers);

G_END_DECLS
