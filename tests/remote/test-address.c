/* Addresses: what ssh and scp take, and what must never reach a command line. */
#include "remote/address.h"

#include <string.h>

static void
test_forms (void)
{
  static const struct {
    const char *text, *login, *host;
    int port;
    const char *folder, *name;
  } cases[] = {
    { "host:runs/a", "host", "host", 0, "./runs/a", "a" },
    { " me@host:/data/runs/ ", "me@host", "host", 0, "/data/runs", "runs" },
    { "me@host:~/runs", "me@host", "host", 0, "./runs", "runs" },
    { "host:", "host", "host", 0, ".", "host" },
    { "host:~", "host", "host", 0, ".", "host" },
    { "host:-rf", "host", "host", 0, "./-rf", "-rf" },
    { "host:a b'c\n\"d", "host", "host", 0, "./a b'c\n\"d", "a b'c\n\"d" },
    { "me@[fe80::1%eth0]:x:y", "me@fe80::1%eth0", "fe80::1%eth0", 0, "./x:y", "x:y" },
    { "ssh://me@host:2222/data/run%20one", "me@host", "host", 2222, "/data/run one", "run one" },
    { "ssh://host/~/runs", "host", "host", 0, "./runs", "runs" },
    { "ssh://[::1]:22/", "::1", "::1", 22, "/", "/" },
    { "first.last@corp@host.example:r", "first.last@corp@host.example", "host.example", 0, "./r",
      "r" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (LwRemoteAddress) address = lw_remote_address_parse (cases[i].text, &error);
    g_autofree char *name = NULL;

    g_assert_no_error (error);
    g_assert_cmpstr (address->login, ==, cases[i].login);
    g_assert_cmpstr (address->host, ==, cases[i].host);
    g_assert_cmpint (address->port, ==, cases[i].port);
    name = lw_remote_address_name (address);
    g_assert_cmpstr (address->folder, ==, cases[i].folder);
    g_assert_cmpstr (name, ==, cases[i].name);
  }
}

static void
assert_refused (const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (lw_remote_address_parse (text, &error));
  g_assert_error (error, LW_ERROR, LW_ERROR_INVALID);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

static void
test_refused (void)
{
  static const char *const texts[] = {
    "",
    "host",
    "/data/runs",
    ":runs",
    "@host:runs",
    "-oProxyCommand=touch x:runs",
    "-l@host:runs",
    "me@-oProxyCommand=x:runs",
    "$(touch x):runs",
    "a;b:runs",
    "me`x`@host:runs",
    "ssh://host",
    "ssh://host:0/x",
    "ssh://host:70000/x",
    "ssh://host:22x/x",
    "ssh://host/%00x",
    "ssh://-x/y",
    "host:~other/runs",
    "[::1:runs",
  };

  g_autoptr (GString) endless = g_string_new ("host:-");

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_refused (texts[i]);
  for (int i = 0; i < 3000; i++)
    g_string_append (endless, "é"); /* two bytes, of which a sentence must not end with one */
  assert_refused (endless->str);
  g_string_insert_c (endless, 5, '-');
  assert_refused (endless->str);
}

static void
test_within (void)
{
  g_autoptr (LwRemoteAddress) home = lw_remote_address_parse ("host:", NULL);
  g_autoptr (LwRemoteAddress) runs = lw_remote_address_parse ("me@host:/runs", NULL);
  g_autoptr (LwRemoteAddress) in_home = lw_remote_address_within (home, "-a");
  g_autoptr (LwRemoteAddress) in_runs = lw_remote_address_within (runs, "b c");

  g_autoptr (LwRemoteAddress) url = lw_remote_address_parse ("ssh://host:22/my%20runs", NULL);
  g_autoptr (LwRemoteAddress) in_url = lw_remote_address_within (url, "50%25 é?");
  g_autoptr (LwRemoteAddress) again = lw_remote_address_parse (in_url->text, NULL);

  g_assert_cmpstr (in_url->folder, ==, "/my runs/50%25 é?");
  g_assert_cmpstr (again->folder, ==, in_url->folder); /* it is followed again by that text */
  g_assert_cmpstr (in_home->folder, ==, "./-a");
  g_assert_cmpstr (in_home->text, ==, "host:-a");
  g_assert_cmpstr (in_runs->folder, ==, "/runs/b c");
  g_assert_cmpstr (in_runs->text, ==, "me@host:/runs/b c");
  g_assert_cmpstr (in_runs->login, ==, "me@host");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/remote-address/forms", test_forms);
  g_test_add_func ("/remote-address/refused", test_refused);
  g_test_add_func ("/remote-address/within", test_within);
  return g_test_run ();
}
