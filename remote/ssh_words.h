/* What ssh says when it does not connect, as a sentence that says what to do. Pure function. */
#pragma once

#include "remote/address.h"

G_BEGIN_DECLS

/* `said`: what it wrote to its standard error; may be empty. `connected`: it had connected before.
 */
void
lw_ssh_set_error (GError **error, const LwRemoteAddress *address, const char *said, bool connected);

G_END_DECLS
