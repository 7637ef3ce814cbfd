#include "ui/recent-addresses.h"

#include "ui/preferences.h"

#define GROUP "remote"
#define NAME  "recent"
#define MOST  8

char **
lw_recent_addresses_read (void)
{
  char **addresses = lw_preferences_read_list (GROUP, NAME);

  for (guint i = MOST; i < g_strv_length (addresses);)
    g_clear_pointer (&addresses[g_strv_length (addresses) - 1], g_free);
  return addresses;
}

void
lw_recent_addresses_add (const char *address)
{
  g_auto (GStrv) old = lw_recent_addresses_read ();
  const char *addresses[MOST + 1] = { address };
  int n = 1;

  if (!g_utf8_validate (address, -1, NULL))
    return;
  for (int i = 0; old[i] != NULL && n < MOST; i++)
    if (!g_str_equal (old[i], address))
      addresses[n++] = old[i];
  lw_preferences_write_list (GROUP, NAME, addresses);
}
