/* The connection: what is said where there is none. */
#include "remote/link.h"
#include "tests/remote/far-side.h"
#include "tests/support/program.h"

#include <sys/stat.h>
#include <unistd.h>

/* Each way of not getting there has its sentence. */
static void
test_sentences (void)
{
  static const struct {
    const char *address, *part;
  } cases[] = {
    { "nowhere:x", "No machine is called nowhere" }, { "me@closed:x", "ssh-copy-id" },
    { "unknown:x", "does not know the key" },        { "odd:x", "Bad things happened" },
    { "proxied:x", "nc-proxy: not found" },          { "liar:x", "makes no sense" },
  };
  g_autoptr (LwRemoteLink) noisy = NULL;
  g_autoptr (LwRemoteAddress) address = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *ssh = g_strdup (g_getenv ("LAYERWISE_SSH")), *closed = NULL;
  LwRemoteKind kind;

  far_begin ();
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (LwRemoteAddress) bad = far_address (cases[i].address);
    g_autoptr (GError) problem = NULL;

    g_assert_null (lw_remote_link_open (bad, NULL, &problem));
    lw_assert_contains (problem->message, cases[i].part);
  }
  address = far_address ("noisy:x");
  noisy = lw_remote_link_open (address, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (lw_remote_link_enter (noisy, "./x", &kind, &error));
  g_assert_cmpstr (error->message, ==, "There is no folder \"x\" on noisy.");
  g_clear_error (&error);
  far_write ("x/y", "", 0);
  g_assert_false (lw_remote_link_enter (noisy, "./x/y", &kind, &error));
  lw_assert_contains (error->message, "is a file");
  g_clear_error (&error);
  closed = far_path ("x");
  if (geteuid () != 0) {
    g_assert_cmpint (chmod (closed, 0), ==, 0);
    g_assert_false (lw_remote_link_enter (noisy, "./x", &kind, &error));
    lw_assert_contains (error->message, "may not read");
    g_clear_error (&error);
    g_assert_cmpint (chmod (closed, 0700), ==, 0);
  }
  g_setenv ("LAYERWISE_SSH", "/nonexistent/ssh", TRUE);
  g_assert_null (lw_remote_link_open (address, NULL, &error));
  lw_assert_contains (error->message, "install it");
  g_setenv ("LAYERWISE_SSH", ssh, TRUE);
  far_end ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/remote-link/sentences", test_sentences);
  return g_test_run ();
}
