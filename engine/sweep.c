#include "engine/sweep.h"

#include "engine/i18n.h"
#include "engine/number.h"
#include "engine/settings_fields.h"

#include <string.h>

void
lw_sweep_run_free (LwSweepRun *run)
{
  if (run == NULL)
    return;
  lw_settings_free (run->settings);
  g_free (run->label);
  g_free (run->name);
  g_free (run);
}

/* Fields that decide which network is built. */
static bool
shapes_network (const char *field)
{
  static const char *const names[] = { "resize", "input", "classes", "set", NULL };

  return g_strv_contains (names, field);
}

bool
lw_sweep_takes_list (const char *field)
{
  const LwSettingsField *found = lw_settings_field (field);

  return shapes_network (field) || strcmp (field, "augment") == 0 ||
         (found != NULL && found->type != LW_FIELD_TEXT);
}

/* What stands before a knob's values: "width=". */
static gsize
knob_length (const char *field, const char *text)
{
  const char *equals = strcmp (field, "set") == 0 ? strchr (text, '=') : NULL;

  return equals != NULL ? (gsize)(equals + 1 - text) : 0;
}

char **
lw_sweep_values (const char *text)
{
  char **values = g_strsplit_set (text, ",;", -1);

  for (int i = 0; values[i] != NULL; i++)
    g_strstrip (values[i]);
  if (values[0] == NULL) { /* GLib's parts of an empty text are none */
    g_strfreev (values);
    values = g_new0 (char *, 2);
    values[0] = g_strdup ("");
  }
  return values;
}

bool
lw_sweep_is_list (const char *field, const char *text)
{
  const char *comma = strpbrk (text, ",;");
  const LwSettingsField *found = lw_settings_field (field);

  if (comma == NULL || !lw_sweep_takes_list (field))
    return false;
  return found == NULL || found->type != LW_FIELD_REAL || *comma == ';' ||
         strpbrk (comma + 1, ",;") != NULL || strpbrk (text, ".eE") != NULL ||
         !g_ascii_isdigit (comma[1]) || comma == text || !g_ascii_isdigit (comma[-1]);
}

int
lw_sweep_count (const LwSweepField *fields, int n)
{
  int64_t count = 1;

  for (int i = 0; i < n; i++) {
    g_auto (GStrv) values = lw_sweep_values (fields[i].text);

    count = MIN (count * (int64_t)g_strv_length (values), G_MAXINT);
  }
  return (int)count;
}

/* "learning-rate", "width". */
static char *
name_of (const LwSweepField *field)
{
  const gsize knob = knob_length (field->field, field->text);
  const LwSettingsField *found = lw_settings_field (field->field);

  if (knob > 0)
    return g_strdelimit (g_strstrip (g_strndup (field->text, knob - 1)), "_", '-');
  return g_strdup (found != NULL ? found->name : field->field);
}

/* The same for people: "learning rate", "width". */
static char *
words_of (const LwSweepField *field)
{
  static const struct {
    const char *field, *words;
  } known[] = {
    { "learning-rate", N_ ("learning rate") },
    { "resize", N_ ("image size") },
    { "batch", N_ ("batch") },
    { "momentum", N_ ("momentum") },
    { "optimizer", N_ ("optimizer") },
    { "schedule", N_ ("schedule") },
    { "epochs", N_ ("epochs") },
    { "weight-decay", N_ ("weight decay") },
    { "seed", N_ ("seed") },
    { "warmup-epochs", N_ ("warmup epochs") },
    { "nesterov", N_ ("nesterov") },
    { "width", N_ ("width") },
    { "activation", N_ ("activation") },
    { "dropout", N_ ("dropout") },
    { "augment", N_ ("augmentation") },
  };
  g_autofree char *name = name_of (field);

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (strcmp (name, known[i].field) == 0)
      return g_strdup (_ (known[i].words));
  return g_strdelimit (g_steal_pointer (&name), "-", ' ');
}

/* Appends a part of a folder's name; numbers and choices have hardly anything else in them. */
static void
append_name (GString *name, const LwSweepField *field, const char *value)
{
  g_autofree char *of = name_of (field);

  g_string_append_printf (name, "%s%s-", name->len > 0 ? "_" : "", of);
  for (const char *c = value; *c != '\0'; c++)
    g_string_append_c (name, g_ascii_isalnum (*c) || *c == '.' ? *c : '-');
}

static bool
same_value (const char *a, const char *b)
{
  double x, y;

  return strcmp (a, b) == 0 ||
         (strchr (a, '.') == NULL && strchr (b, '.') == NULL
              ? false
              : lw_number_parse_real (a, &x) && lw_number_parse_real (b, &y) && x == y);
}

static bool
check_lists (char ***lists, const LwSweepField *fields, int n, GError **error)
{
  const int count = lw_sweep_count (fields, n);

  for (int i = 0; i < n; i++)
    for (int a = 0; lists[i][a] != NULL; a++)
      for (int b = 0; b < a && a < LW_SWEEP_MOST; b++)
        if (same_value (lists[i][a], lists[i][b])) {
          g_autofree char *words = words_of (&fields[i]);

          g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                       _ ("The list for %s names %s twice; each value makes one run."), words,
                       lists[i][a]);
          return lw_error_make_plain (error);
        }
  if (count <= LW_SWEEP_MOST)
    return true;
  g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
               _ ("These lists make %d runs, and a sweep has at most %d; shorten one of them."),
               count, LW_SWEEP_MOST);
  return false;
}

/* The run that takes value `at[i]` of each list. */
static LwSweepRun *
make_run (const LwSettings *base, const LwSweepField *fields, int n, char ***lists, const int *at,
          GError **error)
{
  g_autoptr (LwSweepRun) run = g_new0 (LwSweepRun, 1);
  g_autoptr (GString) label = g_string_new (NULL), name = g_string_new (NULL);
  bool network = false;

  run->settings = lw_settings_copy (base);
  for (int i = 0; i < n; i++) {
    const gsize knob = knob_length (fields[i].field, fields[i].text);
    g_autofree char *value = g_strdup_printf ("%.*s%s", (int)knob, fields[i].text, lists[i][at[i]]);
    g_autofree char *words = words_of (&fields[i]);

    if (!lw_settings_set (run->settings, fields[i].field, value, error))
      return NULL;
    network = network || shapes_network (fields[i].field);
    if (lists[i][1] == NULL)
      continue;
    g_string_append_printf (label, "%s%s %s", label->len > 0 ? ", " : "", words, lists[i][at[i]]);
    append_name (name, &fields[i], lists[i][at[i]]);
  }
  run->label = g_strdup (label->str);
  run->name = g_strdup (name->str);
  if (network) {
    g_autoptr (LwGraph) graph = lw_model_build (run->settings->options, error);

    if (graph == NULL)
      return NULL;
  }
  return lw_settings_check (run->settings, error) ? g_steal_pointer (&run) : NULL;
}

/* Counts on, the last list first; false after the last combination. */
static bool
next (int *at, char ***lists, int n)
{
  for (int i = n; i-- > 0;) {
    if (lists[i][++at[i]] != NULL)
      return true;
    at[i] = 0;
  }
  return false;
}

GPtrArray *
lw_sweep_expand (const LwSettings *base, const LwSweepField *fields, int n, GError **error)
{
  g_autoptr (GPtrArray) runs = g_ptr_array_new_with_free_func ((GDestroyNotify)lw_sweep_run_free);
  g_autofree char ***lists = g_new0 (char **, n + 1);
  g_autofree int *at = g_new0 (int, n + 1);
  bool good;

  for (int i = 0; i < n; i++)
    lists[i] = lw_sweep_values (fields[i].text + knob_length (fields[i].field, fields[i].text));
  good = check_lists (lists, fields, n, error);
  while (good) {
    LwSweepRun *run = make_run (base, fields, n, lists, at, error);

    if (run == NULL)
      good = false;
    else
      g_ptr_array_add (runs, run);
    if (good && !next (at, lists, n))
      break;
  }
  for (int i = 0; i < n; i++)
    g_strfreev (lists[i]);
  return good ? g_steal_pointer (&runs) : NULL;
}

char *
lw_sweep_seeds (uint64_t first, int n)
{
  GString *text = g_string_new (NULL);

  /* Beyond the largest seed it begins again with 0, as unsigned numbers do. */
  for (int i = 0; i < n; i++)
    g_string_append_printf (text, "%s%" G_GUINT64_FORMAT, i > 0 ? ", " : "", first + (uint64_t)i);
  return g_string_free (text, FALSE);
}

char *
lw_sweep_title (const LwSweepField *fields, int n)
{
  GString *title = g_string_new (NULL);

  for (int i = 0; i < n; i++) {
    g_auto (GStrv) values =
        lw_sweep_values (fields[i].text + knob_length (fields[i].field, fields[i].text));
    g_autofree char *list = g_strjoinv (", ", values), *words = words_of (&fields[i]);

    if (values[1] != NULL)
      g_string_append_printf (title, "%s%s %s", title->len > 0 ? "; " : "", words, list);
  }
  return g_string_free (title, FALSE);
}
