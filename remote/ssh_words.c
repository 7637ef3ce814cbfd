#include "remote/ssh_words.h"

#include "engine/i18n.h"

#include <string.h>

/* What OpenSSH's client writes (in English: it is started with LC_ALL=C), and what of it a person
 * can do something about. Each sentence has the host. The order matters: a failed proxy, say, also
 * says that the connection was closed. */
static const struct {
  const char *said, *sentence;
} known[] = {
  { "REMOTE HOST IDENTIFICATION HAS CHANGED",
    N_ ("%s has another key than the one that ssh remembers, so nothing was sent to it; find out "
        "why, then connect once with ssh in a terminal.") },
  { "Host key verification failed", N_ ("ssh does not know the key of %s yet; connect once with "
                                        "ssh in a terminal and compare it.") },
  { "Could not resolve hostname",
    N_ ("No machine is called %s; look at the spelling, or name it in ~/.ssh/config.") },
  { "Permission denied (", N_ ("%s does not let you in without a password, which is not asked for "
                               "here; put your key there "
                               "with ssh-copy-id, unlock it with ssh-add, then try again.") },
  { "Too many authentication failures",
    N_ ("%s takes none of the keys that ssh offers first; name the right one in ~/.ssh/config "
        "(IdentityFile, IdentitiesOnly).") },
  { "Connection refused",
    N_ ("%s is there, but no ssh server answers on that port; start it there, or name its port in "
        "~/.ssh/config.") },
  { "timed out", N_ ("%s does not answer; see whether it is switched on and the network is up.") },
  { "No route to host",
    N_ ("There is no way to %s through the network; see whether it is up, or a VPN is needed.") },
  { "Network is unreachable",
    N_ ("There is no way to %s through the network; see whether it is up, or a VPN is needed.") },
  { "exec: sh: not found", N_ ("%s has no program sh that could be started.") },
};

/* The last line with something in it, printable. */
static char *
last_line (const char *said)
{
  g_autofree char *valid = g_utf8_make_valid (said, -1);
  g_auto (GStrv) lines = g_strsplit_set (valid, "\r\n", -1);
  const char *line = "";
  char *result;

  for (int i = 0; lines[i] != NULL; i++)
    if (*g_strstrip (lines[i]) != '\0')
      line = lines[i];
  result = g_utf8_substring (line, 0, MIN (g_utf8_strlen (line, -1), 200));
  for (char *c = result; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = ' ';
  return result;
}

void
lw_ssh_set_error (GError **error, const LwRemoteAddress *address, const char *said, bool connected)
{
  g_autofree char *line = last_line (said);

  for (gsize i = 0; i < G_N_ELEMENTS (known) && !connected; i++)
    if (strstr (said, known[i].said) != NULL) {
      g_set_error (error, LW_ERROR, LW_ERROR_IO, _ (known[i].sentence), address->host);
      return;
    }
  if (connected)
    g_set_error (error, LW_ERROR, LW_ERROR_IO, _ ("The connection to %s was lost."), address->host);
  else if (*line != '\0')
    /* A host, ssh's own words. */
    g_set_error (error, LW_ERROR, LW_ERROR_IO, _ ("ssh could not connect to %s: %s."),
                 address->host, line);
  else
    g_set_error (error, LW_ERROR, LW_ERROR_IO,
                 _ ("ssh ended without connecting to %s; try the same in a terminal."),
                 address->host);
}
