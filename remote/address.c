#include "remote/address.h"

#include "engine/i18n.h"

#include <string.h>

#define LONGEST 4096 /* bytes of a path that systems take */
#define SHOWN   200  /* bytes of an address in a sentence */

static LwRemoteAddress *
refuse (GError **error, const char *sentence, const char *text)
{
  g_autofree char *shown = g_utf8_make_valid (text, (gssize)strnlen (text, SHOWN));

  g_set_error (error, LW_ERROR, LW_ERROR_INVALID, sentence, shown);
  return NULL;
}

/* Names of hosts and people, nothing that a shell or ssh's own expansions would read. */
static bool
is_plain (const char *text, const char *also)
{
  for (const char *c = text; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr (also, *c) == NULL)
      return false;
  return *text != '\0' && *text != '-';
}

/* "user@host", "user@host:22" or "user@[::1]:22" into the address; `text` is changed. */
static bool
take_login (LwRemoteAddress *address, char *text, bool with_port)
{
  char *at = strrchr (text, '@'), *host = at != NULL ? at + 1 : text, *rest;
  const char *user = NULL;

  if (at != NULL) {
    *at = '\0';
    user = text;
  }
  if (*host == '[') {
    host++;
    rest = strchr (host, ']');
    if (rest == NULL)
      return false;
    *rest++ = '\0';
  } else {
    rest = with_port ? strchr (host, ':') : NULL;
    if (rest == NULL)
      rest = host + strlen (host);
  }
  if (*rest == ':' && with_port) {
    guint64 port;

    *rest++ = '\0';
    if (!g_ascii_string_to_unsigned (rest, 10, 1, 65535, &port, NULL))
      return false;
    address->port = (int)port;
  } else if (*rest != '\0') {
    return false;
  }
  if (!is_plain (host, "._-:%") || (user != NULL && !is_plain (user, "._-+@")))
    return false;
  address->host = g_strdup (host);
  address->login = user != NULL ? g_strconcat (user, "@", host, NULL) : g_strdup (host);
  return true;
}

/* As the shell there would take it from the home folder, but that nothing can be an option. */
static char *
plain_folder (const char *folder)
{
  gsize length;
  char *path;

  if (g_str_has_prefix (folder, "~/"))
    folder += 2;
  else if (strcmp (folder, "~") == 0)
    folder = "";
  path = g_path_is_absolute (folder) ? g_strdup (folder) : g_strconcat ("./", folder, NULL);
  for (length = strlen (path); length > 1 && path[length - 1] == '/'; length--)
    path[length - 1] = '\0';
  return path;
}

/* Where the colon before the folder is: not one within "[::1]". */
static const char *
find_folder (const char *text)
{
  const char *from = strchr (text, '[');
  const char *end = from != NULL ? strchr (from, ']') : NULL, *colon = strchr (text, ':');

  return end != NULL && colon > from ? strchr (end, ':') : colon;
}

LwRemoteAddress *
lw_remote_address_parse (const char *text, GError **error)
{
  static const char *const what =
      N_ ("“%s” is no address of a run on another machine; write user@host:folder, as for scp.");
  g_autoptr (LwRemoteAddress) address = g_new0 (LwRemoteAddress, 1);
  g_autofree char *login = NULL, *folder = NULL;
  bool is_url;

  address->text = g_strstrip (g_strdup (text));
  is_url = g_str_has_prefix (address->text, "ssh://");
  if (strlen (address->text) > LONGEST)
    return refuse (error, _ ("The address “%s…” is too long for one of a folder."), address->text);
  if (is_url) {
    const char *rest = address->text + strlen ("ssh://"), *slash = strchr (rest, '/');

    if (slash == NULL)
      return refuse (error, _ (what), address->text);
    login = g_strndup (rest, (gsize)(slash - rest));
    folder = g_uri_unescape_string (g_str_has_prefix (slash, "/~") ? slash + 1 : slash, NULL);
  } else {
    const char *colon = find_folder (address->text);

    if (colon == NULL)
      return refuse (error, _ (what), address->text);
    login = g_strndup (address->text, (gsize)(colon - address->text));
    folder = g_strdup (colon + 1);
  }
  if (folder == NULL || !take_login (address, login, is_url))
    return refuse (error, _ (what), address->text);
  if (folder[0] == '~' && folder[1] != '\0' && folder[1] != '/')
    return refuse (error,
                   _ ("“%s” names another person's home folder, which is not looked up; write the "
                      "whole path of the folder."),
                   address->text);
  address->folder = plain_folder (folder);
  return g_steal_pointer (&address);
}

LwRemoteAddress *
lw_remote_address_within (const LwRemoteAddress *base, const char *name)
{
  LwRemoteAddress *address = lw_remote_address_copy (base);
  g_autofree char *escaped = NULL;
  const char *slash = g_str_has_suffix (base->folder, "/") ? "" : "/";

  g_free (address->folder);
  g_free (address->text);
  address->folder = g_strconcat (base->folder, slash, name, NULL);
  if (g_str_has_prefix (base->text, "ssh://")) /* which is read as a URI again */
    name = escaped = g_uri_escape_string (name, NULL, FALSE);
  slash = g_str_has_suffix (base->text, "/") || g_str_has_suffix (base->text, ":") ? "" : "/";
  address->text = g_strconcat (base->text, slash, name, NULL);
  return address;
}

LwRemoteAddress *
lw_remote_address_copy (const LwRemoteAddress *address)
{
  LwRemoteAddress *copy = g_new0 (LwRemoteAddress, 1);

  copy->text = g_strdup (address->text);
  copy->login = g_strdup (address->login);
  copy->host = g_strdup (address->host);
  copy->port = address->port;
  copy->folder = g_strdup (address->folder);
  return copy;
}

void
lw_remote_address_free (LwRemoteAddress *address)
{
  if (address == NULL)
    return;
  g_free (address->text);
  g_free (address->login);
  g_free (address->host);
  g_free (address->folder);
  g_free (address);
}

char *
lw_remote_address_name (const LwRemoteAddress *address)
{
  g_autofree char *name = g_path_get_basename (address->folder);

  return g_utf8_make_valid (strcmp (name, ".") == 0 ? address->host : name, -1);
}
