/* LwRemoteAddress: where a run lies on another machine, as ssh and scp take it: "host:folder",
 * "user@host:folder" or "ssh://user@host:port/folder". The host may be a name of ~/.ssh/config. A
 * folder that does not begin with "/" lies in the home folder there, as does "~/folder"; of an
 * ssh:// address the folder begins with "/", and "ssh://host/~/folder" is the home folder's. Pure
 * functions. */
#pragma once

#include "engine/error.h"
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct {
  char *text;   /* as it was given, without blanks around it */
  char *login;  /* for ssh's command line: "host" or "user@host" */
  char *host;   /* alone, for people */
  int port;     /* 0: what ssh's configuration says */
  char *folder; /* absolute, or "." or "./…" in the home folder there */
} LwRemoteAddress;

/* NULL and a sentence where it is none. What ssh might take for an option, or a proxy's shell for
 * more than a name, is refused. */
LwRemoteAddress *lw_remote_address_parse (const char *text, GError **error);
/* The same machine, another folder: one of those in `base`'s. */
LwRemoteAddress *lw_remote_address_within (const LwRemoteAddress *base, const char *name);
LwRemoteAddress *lw_remote_address_copy (const LwRemoteAddress *address);
void lw_remote_address_free (LwRemoteAddress *address);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwRemoteAddress, lw_remote_address_free)

/* The last part of the folder, as a name for people: valid UTF-8; g_free. */
char *lw_remote_address_name (const LwRemoteAddress *address);

G_END_DECLS
