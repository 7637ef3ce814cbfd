/* What the emulation must refuse: programs with one mistake each, run in a process of their own in
 * every order. Where each access is looked at, every order must be refused with the right sentence;
 * else a sentence or wrong numbers in some order must show. Right twins pass in every order. */
#include "tests/device/emulation/emulation.h"
#include "tests/device/planted.h"
#include "tests/support/program.h"

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

/* What the process said from "emulation: …" on, on one line; of a sanitizer's report, the summary.
 */
static char *
sentence (const char *text)
{
  const char *start = strstr (text, "emulation: ");

  if (start == NULL)
    start = strstr (text, "SUMMARY: ");
  return g_strdelimit (g_strstrip (g_strdup (start == NULL ? text : start)), "\n", ' ');
}

/* What the sanitizers say, where it is other than what the emulation itself finds. Of indices and
 * alignment the compiler's checks say the same as in the build that looks at each access. */
enum { SANITIZER_REFUSED = LW_EMULATION_REFUSED + 1 };

typedef struct {
  const char *name, *pattern;
} Said;

/* clang's address sanitizer brings functions of its own for these. */
#define LW_UNDEFINED "*UndefinedBehaviorSanitizer: undefined-behavior*"

static const Said asan[] = {
  { "shared-index", "*index 128 is out of the array's bounds*|" LW_UNDEFINED },
  { "shared-row", "*index 32 is out of the array's bounds*|" LW_UNDEFINED },
  { "shared-pointer", "*AddressSanitizer: use-after-poison*" },
  { "misaligned", "*is not aligned*|" LW_UNDEFINED },
  { "global-read", "*AddressSanitizer: use-after-poison*|*reads or writes out of bounds*" },
  { "global-write", "*AddressSanitizer: use-after-poison*|*reads or writes out of bounds*" },
  { "global-behind", "*AddressSanitizer: use-after-poison*" },
  { "copy-no-wait", "*before its thread has waited for it*of stages*" },
  { "copy-wrong-group", "*before its thread has waited for it*of stages*" },
  { "copy-no-commit", "*before its thread has waited for it*of stages*" },
  { "host-short-source", "*AddressSanitizer: heap-buffer-overflow*" },
  { "host-short-target", "*AddressSanitizer: heap-buffer-overflow*" },
  { "host-leaked", "*AddressSanitizer: 512 byte*leaked*" },
};

#define LW_DATA_RACE "*ThreadSanitizer: data race*"

static const Said tsan[] = {
  { "no-barrier", LW_DATA_RACE },
  { "no-barrier-in-loop", LW_DATA_RACE },
  { "no-syncwarp", LW_DATA_RACE },
  { "syncwarp-of-other-half", LW_DATA_RACE },
  { "bytes-of-a-word", LW_DATA_RACE },
  { "copy-no-barrier", LW_DATA_RACE },
  { "copy-no-barrier-in-loop", LW_DATA_RACE },
};

static const char *
said_of (const Said *table, size_t n, const LwPlanted *planted)
{
  for (size_t i = 0; i < n; i++)
    if (strcmp (table[i].name, planted->name) == 0)
      return table[i].pattern;
  return planted->fast;
}

/* What must be said in this build; LwPlanted says which values have a meaning. */
static const char *
expected (const LwPlanted *planted)
{
  switch (lw_emulation_build ()) {
  case LW_EMULATION_CHECKED:
    return planted->checked;
  case LW_EMULATION_ASAN:
    return said_of (asan, G_N_ELEMENTS (asan), planted);
  case LW_EMULATION_TSAN:
    return said_of (tsan, G_N_ELEMENTS (tsan), planted);
  case LW_EMULATION_FAST:
    break;
  }
  return planted->fast;
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

  g_spawn_sync (NULL, argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, lw_end_with_test, NULL, NULL,
                ret_text, &status, &error);
  g_assert_no_error (error);
  return WIFEXITED (status) ? WEXITSTATUS (status) : -1;
}

static void
test_planted (gconstpointer data)
{
  const LwPlanted *planted = data;
  const char *pattern = expected (planted);
  const bool passes = planted->right || (pattern != NULL && *pattern == '\0');
  /* A mistake that shows in some order alone is looked for in all. */
  const int orders_to_run = pattern == NULL ? LW_N_ORDERS : lw_emulation_orders ();
  int refused = 0, wrong = 0;

  for (int order = 0; order < orders_to_run; order++) {
    g_autofree char *text = NULL;
    const int status = spawn (planted, (LwOrder)order, &text);
    const bool is_refused = status == LW_EMULATION_REFUSED || status == SANITIZER_REFUSED;
    g_autofree char *said = sentence (text);

    g_test_message ("%s: status %d, %s", orders[order], status, said);
    if (passes && status != 0)
      g_test_fail_printf ("%s: refused without a reason", orders[order]);
    if (is_refused && pattern != NULL && !passes && !fits (pattern, said))
      g_test_fail_printf ("%s: this does not fit \"%s\"", orders[order], pattern);
    refused += is_refused;
    wrong += status == 1 && strstr (text, "wrong numbers") != NULL;
  }
  if (!passes && (pattern != NULL ? refused < orders_to_run : refused + wrong == 0))
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

/* The sanitizer of the programs that are run ends with a status that means nothing else. */
static void
add_option (const char *variable, const char *option)
{
  const char *given = g_getenv (variable);
  g_autofree char *options =
      g_strdup_printf ("%s:exitcode=%d:%s", given == NULL ? "" : given, SANITIZER_REFUSED, option);

  g_setenv (variable, options, TRUE);
}

int
main (int argc, char **argv)
{
  /* Those of which the thread sanitizer may say something come first. */
  const LwPlanted *const tables[] = { lw_planted_kernels, lw_planted_right,    lw_planted_tensor,
                                      lw_planted_calls,   lw_planted_products, lw_planted_runtime,
                                      lw_planted_host,    lw_planted_sums };
  const size_t n_tables = lw_emulation_build () == LW_EMULATION_TSAN ? 3 : G_N_ELEMENTS (tables);

  if (argc == 3 && argv[1][0] != '-')
    for (size_t i = 0; i < G_N_ELEMENTS (tables); i++)
      run_if_asked (tables[i], argv[1], argv[2]);
  g_test_init (&argc, &argv, NULL);
  add_option ("ASAN_OPTIONS", "detect_leaks=1");
  add_option ("TSAN_OPTIONS", "halt_on_error=1:report_signal_unsafe=0:atexit_sleep_ms=0");
  for (size_t i = 0; i < n_tables; i++)
    for (const LwPlanted *planted = tables[i]; planted->name != NULL; planted++) {
      g_autofree char *path = g_strconcat ("/refusals/", planted->name, NULL);

      g_test_add_data_func (path, planted, test_planted);
    }
  return g_test_run ();
}
