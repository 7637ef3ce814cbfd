/* Sweeps: lists to settings. */
#include "engine/sweep.h"

#include <string.h>

static LwSettings *
lenet (void)
{
  return lw_settings_new (lw_options_new (lw_model_find ("lenet", NULL)));
}

static void
test_is_list (void)
{
  g_assert_true (lw_sweep_is_list ("learning-rate", "0.1, 0.3, 1.0"));
  g_assert_true (lw_sweep_is_list ("learning-rate", "1;3"));
  g_assert_true (lw_sweep_is_list ("learning-rate", "1, 3"));
  g_assert_true (lw_sweep_is_list ("batch", "32,64"));
  g_assert_true (lw_sweep_is_list ("optimizer", "sgd,adam"));
  g_assert_false (lw_sweep_is_list ("learning-rate", "0,1")); /* a decimal comma */
  g_assert_false (lw_sweep_is_list ("learning-rate", "0.1"));
  g_assert_false (lw_sweep_is_list ("data", "a,b")); /* a folder may be called so */
  g_assert_false (lw_sweep_takes_list ("init"));
  g_assert_true (lw_sweep_takes_list ("set"));
}

static const LwSweepRun *
run_at (const GPtrArray *runs, guint i)
{
  g_assert_cmpuint (i, <, runs->len);
  return runs->pdata[i];
}

static void
test_expand (void)
{
  g_autoptr (LwSettings) base = lenet ();
  const LwSweepField fields[] = { { "learning-rate", "0.1, 0.3 ,1" }, { "batch", "64;128" } };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) runs = lw_sweep_expand (base, fields, 2, &error);
  g_autofree char *title = lw_sweep_title (fields, 2);

  g_assert_no_error (error);
  g_assert_cmpuint (runs->len, ==, 6);
  g_assert_cmpint (lw_sweep_count (fields, 2), ==, 6);
  g_assert_cmpstr (run_at (runs, 0)->label, ==, "learning rate 0.1, batch 64");
  g_assert_cmpstr (run_at (runs, 3)->label, ==, "learning rate 0.3, batch 128");
  g_assert_cmpstr (run_at (runs, 3)->name, ==, "learning-rate-0.3_batch-128");
  g_assert_cmpfloat (run_at (runs, 3)->settings->learning_rate, ==, 0.3);
  g_assert_cmpint (run_at (runs, 3)->settings->batch, ==, 128);
  g_assert_cmpint (run_at (runs, 5)->settings->epochs, ==, base->epochs);
  g_assert_cmpstr (title, ==, "learning rate 0.1, 0.3, 1; batch 64, 128");
}

/* One value is a run without a label; no list at all is one run. */
static void
test_single (void)
{
  g_autoptr (LwSettings) base = lenet ();
  const LwSweepField one[] = { { "seed", "7" } };
  g_autoptr (GPtrArray) runs = lw_sweep_expand (base, one, 1, NULL);
  g_autoptr (GPtrArray) none = lw_sweep_expand (base, NULL, 0, NULL);

  g_assert_cmpuint (runs->len, ==, 1);
  g_assert_cmpstr (run_at (runs, 0)->label, ==, "");
  g_assert_cmpstr (run_at (runs, 0)->name, ==, "");
  g_assert_cmpuint (run_at (runs, 0)->settings->seed, ==, 7);
  g_assert_cmpuint (none->len, ==, 1);
  g_assert_cmpuint (run_at (none, 0)->settings->seed, ==, 42);
}

static void
test_knobs (void)
{
  g_autoptr (LwSettings) base = lenet ();
  const LwSweepField fields[] = { { "set", "width=0.5, 1" }, { "set", "activation=relu,sigmoid" } };
  g_autoptr (GPtrArray) runs = lw_sweep_expand (base, fields, 2, NULL);

  g_assert_cmpuint (runs->len, ==, 4);
  g_assert_cmpstr (run_at (runs, 2)->label, ==, "width 1, activation relu");
  g_assert_cmpstr (run_at (runs, 2)->name, ==, "width-1_activation-relu");
  g_assert_cmpfloat (lw_options_real (run_at (runs, 1)->settings->options, "width"), ==, 0.5);
  g_assert_cmpstr (lw_options_choice (run_at (runs, 1)->settings->options, "activation"), ==,
                   "sigmoid");
}

static void
refused (const char *field, const char *text, const char *part)
{
  g_autoptr (LwSettings) base = lenet ();
  const LwSweepField one = { field, text };
  g_autoptr (GError) error = NULL;

  g_assert_null (lw_sweep_expand (base, &one, 1, &error));
  g_assert_nonnull (error);
  if (strstr (error->message, part) == NULL)
    g_error ("\"%s\" says nothing of \"%s\"", error->message, part);
}

static void
test_refused (void)
{
  g_autoptr (GString) many = g_string_new ("1");

  refused ("learning-rate", "0.1, x", "\"x\"");
  refused ("learning-rate", "0.1,,1", "\"\"");
  refused ("learning-rate", "1, 1.0", "twice");
  refused ("batch", "0, 32", "batch");
  refused ("resize", "28, 1", "");
  refused ("set", "width=0.5,99", "width");
  for (int i = 2; i <= 65; i++)
    g_string_append_printf (many, ",%d", i);
  refused ("seed", many->str, "at most 64");
  for (int i = 0; i < 100000; i++) /* counted, not made */
    g_string_append (many, ",1");
  refused ("seed", many->str, "");
}

static void
test_seeds (void)
{
  g_autofree char *seeds = lw_sweep_seeds (42, 3), *last = lw_sweep_seeds (G_MAXUINT64, 2);

  g_assert_cmpstr (seeds, ==, "42, 43, 44");
  g_assert_cmpstr (last, ==, "18446744073709551615, 0");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sweep/is-list", test_is_list);
  g_test_add_func ("/sweep/expand", test_expand);
  g_test_add_func ("/sweep/single", test_single);
  g_test_add_func ("/sweep/knobs", test_knobs);
  g_test_add_func ("/sweep/refused", test_refused);
  g_test_add_func ("/sweep/seeds", test_seeds);
  return g_test_run ();
}
