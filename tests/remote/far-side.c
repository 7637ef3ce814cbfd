#include "tests/remote/far-side.h"

#include "tests/support/program.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *root, *home, *near;

void
far_begin (void)
{
  root = lw_make_folder ();
  home = g_build_filename (root, "home", NULL);
  near = g_build_filename (root, "near", NULL);
  g_assert_cmpint (g_mkdir_with_parents (home, 0700), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (near, 0700), ==, 0);
  g_setenv ("FAKE_SSH_HOME", home, TRUE);
  g_assert_nonnull (g_getenv ("LAYERWISE_SSH"));
}

void
far_end (void)
{
  lw_remove_folder (g_steal_pointer (&root));
  g_clear_pointer (&home, g_free);
  g_clear_pointer (&near, g_free);
}

char *
far_path (const char *name)
{
  return g_build_filename (home, name, NULL);
}

char *
near_path (const char *name)
{
  return g_build_filename (near, name, NULL);
}

void
far_write (const char *name, const char *text, gssize length)
{
  g_autofree char *path = far_path (name), *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, length, NULL));
}

void
far_append (const char *name, const char *text)
{
  g_autofree char *path = far_path (name);
  FILE *file = fopen (path, "a");

  g_assert_nonnull (file);
  fputs (text, file);
  fclose (file);
}

char *
near_text (const char *name)
{
  g_autofree char *path = near_path (name);
  char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? text : g_strdup ("");
}

bool
near_has (const char *name)
{
  g_autofree char *path = near_path (name);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

void
far_cut (void)
{
  g_autofree char *path = far_path (".pids"), *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return;
  lines = g_strsplit (text, "\n", -1);
  for (int i = 0; lines[i] != NULL; i++)
    if (atoi (lines[i]) > 1)
      kill (atoi (lines[i]), SIGKILL);
  unlink (path);
}

void
far_set_down (bool down)
{
  g_autofree char *path = far_path (".down");

  if (down)
    g_assert_true (g_file_set_contents (path, "", 0, NULL));
  else
    unlink (path);
}

LwRemoteAddress *
far_address (const char *text)
{
  g_autoptr (GError) error = NULL;
  LwRemoteAddress *address = lw_remote_address_parse (text, &error);

  g_assert_no_error (error);
  return address;
}

LwRemoteLink *
far_open (void)
{
  g_autoptr (LwRemoteAddress) address = far_address ("me@far:run");
  g_autoptr (GError) error = NULL;
  LwRemoteLink *link = lw_remote_link_open (address, NULL, &error);

  g_assert_no_error (error);
  return link;
}
