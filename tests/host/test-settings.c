/* Settings: fields from text, sentences for wrong ones, schedules, the JSON form. */
#include "engine/settings_command.h"
#include "tests/support/training.h"

#include <math.h>
#include <string.h>

static void
test_book (void)
{
  for (int32_t i = 0; i < lw_n_models (); i++) {
    const LwModel *model = lw_model (i);
    g_autoptr (LwSettings) settings = lw_settings_new (lw_options_new (model));
    g_autoptr (GError) error = NULL;

    g_assert_cmpfloat (settings->learning_rate, ==, model->recipe.learning_rate);
    g_assert_cmpint (settings->epochs, ==, model->recipe.epochs);
    g_assert_cmpint (settings->batch, ==, model->recipe.batch_size);
    g_assert_cmpint (settings->seed, ==, 42);
    g_assert_true (settings->shuffle);
    g_assert_cmpstr (settings->data, ==, "fashion-mnist");
    g_assert_true (lw_settings_check (settings, &error));
    lw_settings_make_quick (settings);
    g_assert_true (lw_settings_check (settings, &error));
    /* Another optimizer comes with a rate of its own. */
    g_assert_true ((settings->learning_rate == model->recipe.learning_rate) ==
                   (settings->optimizer == LW_OPTIMIZER_SGD));
    g_autoptr (LwGraph) graph = lw_model_build (settings->options, &error);
    g_assert_no_error (error);
  }
}

static void
test_fields (void)
{
  g_autoptr (LwSettings) s = lw_test_settings (
      "alexnet", "data=shapes", "resize=96", "classes=7", "limit-train=100", "limit-test=50",
      "epochs=3", "steps=12", "batch=32", "lr=0.25", "seed=18446744073709551615", "shuffle=false",
      "optimizer=sgd", "momentum=0.9", "weight-decay=1e-4", "nesterov=true", "schedule=cosine",
      "warmup-epochs=0.5", "init=/tmp/w.safetensors", "device=cuda:1", "precision=bf16",
      "threads=4", "checkpoint-every=100", "set=dropout=0.25", NULL);
  const LwShape input = lw_options_input (s->options);

  g_assert_cmpstr (s->data, ==, "shapes");
  g_assert_cmpint (input.h, ==, 96);
  g_assert_cmpint (lw_options_integer (s->options, "classes"), ==, 7);
  g_assert_cmpint (s->limit_train, ==, 100);
  g_assert_cmpint (s->limit_test, ==, 50);
  g_assert_cmpint (s->epochs, ==, 3);
  g_assert_cmpint (s->steps, ==, 12);
  g_assert_cmpint (s->batch, ==, 32);
  g_assert_cmpfloat (s->learning_rate, ==, 0.25);
  g_assert_true (s->seed == UINT64_MAX);
  g_assert_false (s->shuffle);
  g_assert_cmpint (s->optimizer, ==, LW_OPTIMIZER_SGD);
  g_assert_cmpfloat (s->momentum, ==, 0.9);
  g_assert_cmpfloat (s->weight_decay, ==, 1e-4);
  g_assert_true (s->nesterov);
  g_assert_cmpint (s->schedule, ==, LW_SCHEDULE_COSINE);
  g_assert_cmpfloat (s->warmup_epochs, ==, 0.5);
  g_assert_cmpstr (s->init, ==, "/tmp/w.safetensors");
  g_assert_cmpstr (s->device, ==, "cuda:1");
  g_assert_cmpint (s->precision, ==, LW_PRECISION_BF16);
  g_assert_cmpint (s->threads, ==, 4);
  g_assert_cmpint (s->checkpoint_every, ==, 100);
  g_assert_cmpfloat (lw_options_real (s->options, "dropout"), ==, 0.25);
  g_assert_true (lw_settings_set (s, "input", "1x80x90", NULL));
  g_assert_cmpint (lw_options_input (s->options).w, ==, 90);
}

static void
test_sentences (void)
{
  static const struct {
    const char *field, *value;
    int code;
    const char *part;
  } cases[] = {
    { "leaning-rate", "1", LW_ERROR_UNKNOWN, "did you mean learning-rate?" },
    { "batch", "0", LW_ERROR_INVALID, "from 1 to 65536" },
    { "batch", "12.5", LW_ERROR_INVALID, "whole number" },
    { "batch", "", LW_ERROR_INVALID, "batch" },
    { "learning-rate", "fast", LW_ERROR_INVALID, "\"fast\"" },
    { "learning-rate", "nan", LW_ERROR_INVALID, "number from 0" },
    { "learning-rate", "-1", LW_ERROR_INVALID, "number from 0" },
    { "learning-rate", "1,5", LW_ERROR_INVALID, "number from 0" },
    { "momentum", "1", LW_ERROR_INVALID, "less than 1" },
    { "seed", "-1", LW_ERROR_INVALID, "18446744073709551615" },
    { "schedule", "cosin", LW_ERROR_INVALID, "did you mean cosine?" },
    { "optimizer", "rmsprop", LW_ERROR_INVALID, "sgd, adam" },
    { "shuffle", "perhaps", LW_ERROR_INVALID, "true or false" },
    { "resize", "0", LW_ERROR_INVALID, "from 1 to 4096" },
    { "steps", "1e3", LW_ERROR_INVALID, "whole number" },
    { "device", "", LW_ERROR_INVALID, "empty" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (LwSettings) settings = lw_test_settings ("lenet", NULL);
    g_autofree char *before = lw_settings_to_json (settings), *after = NULL;
    g_autoptr (GError) error = NULL;

    g_assert_false (lw_settings_set (settings, cases[i].field, cases[i].value, &error));
    lw_test_assert_sentence (&error, cases[i].code, cases[i].part);
    after = lw_settings_to_json (settings);
    g_assert_cmpstr (before, ==, after); /* unchanged */
  }
}

static void
test_check (void)
{
  static const char *const wrong[][3] = {
    { "nesterov=true", NULL, "momentum" },
    { "optimizer=adam", "momentum=0.9", "Adam" },
    { "epochs=2", "warmup-epochs=3", "warm-up" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (LwSettings) settings = lw_test_settings ("lenet", wrong[i][0], wrong[i][1], NULL);
    g_autoptr (GError) error = NULL;

    g_assert_false (lw_settings_check (settings, &error));
    lw_test_assert_sentence (&error, LW_ERROR_INVALID, wrong[i][2]);
  }
  {
    g_autoptr (LwSettings) settings = lw_test_settings ("lenet", NULL);
    g_autoptr (GError) error = NULL;

    settings->learning_rate = NAN;
    g_assert_false (lw_settings_check (settings, &error));
    lw_test_assert_sentence (&error, LW_ERROR_INVALID, "learning rate");
    settings->learning_rate = 1;
    settings->batch = 0;
    g_assert_false (lw_settings_check (settings, NULL));
  }
}

static void
test_schedules (void)
{
  g_autoptr (LwSettings) s = lw_test_settings ("lenet", "lr=0.8", NULL);

  for (int64_t step = 0; step < 100; step += 13)
    g_assert_cmpfloat (lw_settings_learning_rate (s, step, 100, 10), ==, 0.8);
  s->schedule = LW_SCHEDULE_COSINE;
  g_assert_cmpfloat (lw_settings_learning_rate (s, 0, 100, 10), ==, 0.8);
  g_assert_cmpfloat_with_epsilon (lw_settings_learning_rate (s, 50, 100, 10), 0.4, 1e-12);
  g_assert_cmpfloat_with_epsilon (lw_settings_learning_rate (s, 25, 100, 10),
                                  0.4 * (1 + sqrt (0.5)), 1e-12);
  s->schedule = LW_SCHEDULE_STEP;
  g_assert_cmpfloat_with_epsilon (lw_settings_learning_rate (s, 49, 100, 10), 0.8, 1e-12);
  g_assert_cmpfloat_with_epsilon (lw_settings_learning_rate (s, 50, 100, 10), 0.08, 1e-12);
  g_assert_cmpfloat_with_epsilon (lw_settings_learning_rate (s, 75, 100, 10), 0.008, 1e-12);
  s->schedule = LW_SCHEDULE_CONSTANT;
  s->warmup_epochs = 0.5; /* five steps */
  for (int64_t step = 0; step < 5; step++)
    g_assert_cmpfloat_with_epsilon (lw_settings_learning_rate (s, step, 100, 10),
                                    0.8 * (double)(step + 1) / 5, 1e-12);
  g_assert_cmpfloat (lw_settings_learning_rate (s, 5, 100, 10), ==, 0.8);
}

static void
test_json (void)
{
  g_autoptr (LwSettings) s = lw_test_settings (
      "densenet", "input=3x40x48", "classes=12", "lr=0.1", "seed=18446744073709551615",
      "schedule=step", "optimizer=adam", "set=growth_rate=16", "data=/a \"b\"\\c", NULL);
  g_autofree char *json = lw_settings_to_json (s), *again = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LwSettings) copy = lw_settings_from_json (json, -1, &error);

  g_assert_no_error (error);
  again = lw_settings_to_json (copy);
  g_assert_cmpstr (json, ==, again);
  g_assert_nonnull (strstr (json, "\"learning_rate\": 0.1,"));
  g_assert_nonnull (strstr (json, "\"init\": null"));
  g_assert_cmpint (lw_options_input (copy->options).w, ==, 48);
  g_assert_cmpint (lw_options_integer (copy->options, "growth_rate"), ==, 16);
  g_assert_cmpstr (copy->data, ==, "/a \"b\"\\c");
  g_assert_true (copy->seed == UINT64_MAX);
  {
    g_autoptr (LwSettings) other = lw_settings_copy (copy);
    g_autofree char *third = lw_settings_to_json (other);

    g_assert_cmpstr (json, ==, third);
  }
}

static void
test_hostile_json (void)
{
  static const char *const texts[] = {
    "",
    "[]",
    "{}",
    "{\"model\": 3}",
    "{\"model\": \"lenet5\"}",
    "{\"model\": \"lenet\", \"batch\": -3}",
    "{\"model\": \"lenet\", \"batch\": []}",
    "{\"model\": \"lenet\", \"input\": [1, 2]}",
    "{\"model\": \"lenet\", \"input\": [1, 2, \"x\"]}",
    "{\"model\": \"lenet\", \"input\": [1, 9999999, 28]}",
    "{\"model\": \"lenet\", \"knobs\": {\"width\": {}}}",
    "{\"model\": \"lenet\", \"knobs\": {\"no_such_knob\": 1}}",
    "{\"model\": \"lenet\", \"learning_rate\": 1e999}",
    "{\"model\": \"\xff\"}",
  };
  g_autoptr (GString) deep = g_string_new ("{\"model\": ");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (LwSettings) settings = lw_settings_from_json (texts[i], -1, &error);

    g_assert_null (settings);
    g_assert_nonnull (error);
    g_clear_error (&error);
  }
  for (int i = 0; i < 1000000; i++)
    g_string_append_c (deep, '[');
  g_assert_null (lw_settings_from_json (deep->str, -1, &error));
  g_assert_error (error, LW_ERROR, LW_ERROR_FORMAT);
}

/* What differs from the book's, and nothing else, in words that a shell reads back. */
static void
test_command (void)
{
  g_autoptr (LwSettings) settings =
      lw_settings_new (lw_options_new (lw_model_find ("lenet", NULL)));
  g_auto (GStrv) book = lw_settings_arguments (settings), words = NULL, read = NULL, named = NULL;
  g_autofree char *command = NULL, *again = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (book[0], ==, "lenet");
  g_assert_null (book[1]);
  g_assert_true (lw_settings_set (settings, "data", "-it's $HOME/\"x y\"", NULL));
  g_assert_true (lw_settings_set (settings, "lr", "0.1", NULL));
  g_assert_true (lw_settings_set (settings, "shuffle", "false", NULL));
  g_assert_true (lw_settings_set (settings, "set", "pooling=max", NULL));
  g_assert_true (lw_settings_set (settings, "input", "3x32x30", NULL));
  words = lw_settings_arguments (settings);
  command = lw_shell_command ("", (const char *const *)words, 10);
  g_assert_nonnull (strstr (command, " \\\n    --no-shuffle"));
  again = g_strdup (command);
  for (char *c = again; *c != '\0'; c++) /* GLib's parser keeps line ends as words */
    if (c[0] == '\\' && c[1] == '\n')
      c[0] = c[1] = ' ';
  g_assert_true (g_shell_parse_argv (again, NULL, &read, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_strv_length (read), ==, g_strv_length (words));
  for (int i = 0; words[i] != NULL; i++)
    g_assert_cmpstr (read[i], ==, words[i]);
  /* A folder says its own channels and classes, so they are given. */
  named = g_strsplit ("lenet\n--data=-it's $HOME/\"x y\"\n--input\n3x32x30\n--classes\n10\n--set\n"
                      "pooling=max\n--learning-rate\n0.1\n--no-shuffle",
                      "\n", -1);
  g_assert_cmpint (g_strv_length (named), ==, g_strv_length (words));
  for (int i = 0; words[i] != NULL; i++)
    g_assert_cmpstr (words[i], ==, named[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/settings/book", test_book);
  g_test_add_func ("/settings/fields", test_fields);
  g_test_add_func ("/settings/sentences", test_sentences);
  g_test_add_func ("/settings/check", test_check);
  g_test_add_func ("/settings/schedules", test_schedules);
  g_test_add_func ("/settings/json", test_json);
  g_test_add_func ("/settings/hostile-json", test_hostile_json);
  g_test_add_func ("/settings/command", test_command);
  return g_test_run ();
}
