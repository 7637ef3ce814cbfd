/* What the emulation must refuse: programs with one mistake each, run in a process of their own in
 * every order. Where each access is looked at, every order must be refused with the right sentence;
 * else a sentence or wrong numbers in some order must show. Right twins pass in every order. */
#include "tests/device/emulation/emulation.h"
#include "tests/device/planted.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

/* Parts between '|' are patterns, one of which must fit. */
static bool
fits (const char *patterns, const char *text)
{
  g_auto (GStrv) each = g_strsplit (patterns, "|", -1);
  bool any = false;

  for (int i = 0; each[i] != NULL; i++)
    any = any || g_pattern_match_simple (each[i], text);
  return any;
}

/* "emulation: …" of what the process said, on one line. */
static char *
sentence (const char *text)
{
  const char *start = strstr (text, "emulation: ");

  return g_strdelimit (g_strstrip (g_strdup (start == NULL ? text : start)), "\n", ' ');
}

typedef struct {
  const LwPlanted *planted;
  LwOrder order;
} Run;

static const char *const orders[LW_N_ORDERS] = { "forward", "reverse", "random" };

/* Ends this process as the program does. */
static void
run_planted (const Run *run)
{
  lw_emulation_set_order (run->order, 1);
  if (!run->planted->run ()) {
    g_printerr ("wrong numbers\n");
    exit (1);
  }
  exit (0);
}

/* The program by itself in this order: its exit status and what it said. */
static int
spawn (const LwPlanted *planted, LwOrder order, char **ret_text)
{
  g_autofree char *path = g_file_read_link ("/proc/self/exe", NULL);
  char *argv[] = { path, (char *)planted->name, (char *)orders[order], NULL };
  int status = 0;
  g_autoptr (GError) error = NULL;

  g_spawn_sync (NULL, argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, ret_text, &status,
                &error);
  g_assert_no_error (error);
  return WIFEXITED (status) ? WEXITSTATUS (status) : -1;
}

static void
test_planted (gconstpointer data)
{
  const LwPlanted *planted = data;
  const bool checks = lw_emulation_checks_accesses ();
  const char *pattern = checks ? planted->checked : planted->fast;
  const bool passes = planted->right || (pattern != NULL && *pattern == '\0');
  int refused = 0, wrong = 0;

  for (int order = 0; order < LW_N_ORDERS; order++) {
    g_autofree char *text = NULL;
    const int status = spawn (planted, (LwOrder)order, &text);
    g_autofree char *said = sentence (text);

    g_test_message ("%s: status %d, %s", orders[order], status, said);
    if (passes && status != 0)
      g_test_fail_printf ("%s: refused without a reason", orders[order]);
    refused += status == LW_EMULATION_REFUSED;
    if (status == LW_EMULATION_REFUSED && pattern != NULL && !passes && !fits (pattern, said))
      g_test_fail_printf ("%s: this does not fit \"%s\"", orders[order], pattern);
    wrong += status == 1 && strstr (text, "wrong numbers") != NULL;
  }
  if (!passes && (pattern != NULL ? refused < LW_N_ORDERS : refused + wrong == 0))
    g_test_fail_printf ("refused in %d orders, wrong in %d", refused, wrong);
}

static void
run_if_asked (const LwPlanted *table, const char *name, const char *order)
{
  for (; table->name != NULL; table++)
    for (int i = 0; i < LW_N_ORDERS; i++)
      if (strcmp (table->name, name) == 0 && strcmp (orders[i], order) == 0)
        run_planted (&(Run){ table, (LwOrder)i });
}

int
main (int argc, char **argv)
{
  const LwPlanted *const tables[] = { lw_planted_kernels, lw_planted_calls,    lw_planted_right,
                                      lw_planted_tensor,  lw_planted_products, lw_planted_runtime };

  if (argc == 3 && argv[1][0] != '-')
    for (size_t i = 0; i < G_N_ELEMENTS (tables); i++)
      run_if_asked (tables[i], argv[1], argv[2]);
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (tables); i++)
    for (const LwPlanted *planted = tables[i]; planted->name != NULL; planted++) {
      g_autofree char *path = g_strconcat ("/refusals/", planted->name, NULL);

      g_test_add_data_func (path, planted, test_planted);
    }
  return g_test_run ();
}
