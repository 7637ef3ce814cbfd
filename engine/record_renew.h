/* Records that were read once more, of a run that another program trains (engine/record.h): whoever
 * looks at versions has to see that these are others. Any thread that nobody else reads them on
 * yet.
 */
#pragma once

#include "engine/record.h"

G_BEGIN_DECLS

/* Each version of `newer` becomes the one after that of `older`. */
void lw_records_renew (LwRecords *newer, const LwRecords *older);

G_END_DECLS
