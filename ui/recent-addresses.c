#include "ui/recent-addresses.h"

#include "ui/preferences.h"

#define GROUP "remote"
#define KEY   "recent"
#define MOST  8

static GKeyFile *
read_file (void)
{
  GKeyFile *file = g_key_file_new ();
  g_autofree char *path = lw_preferences_path ();

  g_key_file_load_from_file (file, path, G_KEY_FILE_KEEP_COMMENTS, NULL);
  return file;
}

char **
lw_recent_addresses_read (void)
{
  g_autoptr (GKeyFile) file = read_file ();
  char **addresses = g_key_file_get_string_list (file, GROUP, KEY, NULL, NULL);

  for (guint i = MOST; addresses != NULL && i < g_strv_length (addresses);) {
    char **last = addresses + g_strv_length (addresses) - 1;

    g_clear_pointer (last, g_free);
  }
  return addresses != NULL ? addresses : g_new0 (char *, 1);
}

static void
write_with (const char *first, const char *without)
{
  g_autoptr (GKeyFile) file = read_file ();
  g_autofree char *path = lw_preferences_path (), *parent = g_path_get_dirname (path);
  g_auto (GStrv) old = lw_recent_addresses_read ();
  g_autoptr (GPtrArray) addresses = g_ptr_array_new ();

  if (first != NULL)
    g_ptr_array_add (addresses, (gpointer)first);
  for (int i = 0; old[i] != NULL && addresses->len < MOST; i++)
    if (!g_str_equal (old[i], without))
      g_ptr_array_add (addresses, old[i]);
  g_key_file_set_string_list (file, GROUP, KEY, (const char *const *)addresses->pdata,
                              addresses->len);
  if (g_mkdir_with_parents (parent, 0700) == 0)
    g_key_file_save_to_file (file, path, NULL); /* beside, then renamed */
}

void
lw_recent_addresses_add (const char *address)
{
  if (g_utf8_validate (address, -1, NULL))
    write_with (address, address);
}

void
lw_recent_addresses_remove (const char *address)
{
  write_with (NULL, address);
}
