#include "app/args.h"

#include "app/app.h"
#include "app/table.h"
#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>

struct LwArgs {
  const LwCommand *command;
  GPtrArray *positional; /* NULL-terminated */
  GHashTable *values;    /* option name → GPtrArray of values, NULL-terminated */
};

static const LwArgOption *
find_option (const LwCommand *command, const char *name)
{
  static const LwArgOption help = { "help", NULL, NULL, NULL, false };

  for (const LwArgOption *o = command->options; o->name != NULL || o->help != NULL; o++) {
    if (o->name != NULL && (g_str_equal (o->name, name) || g_strcmp0 (o->alias, name) == 0))
      return o;
  }
  return g_str_equal (name, "help") ? &help : NULL;
}

void
lw_args_unknown (GError **error, const char *what, const char *word, const char *const *candidates)
{
  const char *nearest = lw_nearest_name (word, candidates);
  g_autofree char *all = NULL;

  if (nearest != NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_UNKNOWN, _ ("unknown %s \"%s\"; did you mean %s?"), what,
                 word, nearest);
    return;
  }
  all = g_strjoinv (", ", (char **)candidates);
  g_set_error (error, LW_ERROR, LW_ERROR_UNKNOWN, _ ("unknown %s \"%s\"; there are: %s"), what,
               word, all);
}

static void
unknown_option (const LwCommand *command, const char *name, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  const char *nearest;

  for (const LwArgOption *o = command->options; o->name != NULL || o->help != NULL; o++) {
    if (o->name != NULL)
      g_ptr_array_add (names, (char *)o->name);
    if (o->alias != NULL)
      g_ptr_array_add (names, (char *)o->alias);
  }
  g_ptr_array_add (names, (char *)"help");
  g_ptr_array_add (names, NULL);
  nearest = lw_nearest_name (name, (const char *const *)names->pdata);
  if (nearest != NULL)
    g_set_error (error, LW_ERROR, LW_ERROR_UNKNOWN, _ ("unknown option --%s; did you mean --%s?"),
                 name, nearest);
  else
    g_set_error (error, LW_ERROR, LW_ERROR_UNKNOWN,
                 _ ("unknown option --%s; \"layerwise %s --help\" lists those that exist"), name,
                 command->name);
}

static void
remember (LwArgs *args, const char *name, const char *value)
{
  GPtrArray *list = g_hash_table_lookup (args->values, name);

  if (list == NULL) {
    list = g_ptr_array_new ();
    g_hash_table_insert (args->values, (char *)name, list);
  } else {
    g_ptr_array_set_size (list, (int)list->len - 1); /* the NULL at its end */
  }
  g_ptr_array_add (list, (char *)value);
  g_ptr_array_add (list, NULL);
}

/* One option at argv[0] ("--name", "--name=value"); returns how many words it took, 0 on failure.
 */
static int
parse_option (LwArgs *args, char **argv, GError **error)
{
  const char *text = argv[0] + 2, *equals = strchr (text, '=');
  g_autofree char *name = equals ? g_strndup (text, (gsize)(equals - text)) : g_strdup (text);
  const LwArgOption *option = find_option (args->command, name);

  if (option == NULL) {
    unknown_option (args->command, name, error);
    return 0;
  }
  if (option->metavar == NULL) {
    if (equals != NULL) {
      g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("option --%s takes no value"), name);
      return 0;
    }
    remember (args, option->name, "");
    return 1;
  }
  if (equals != NULL) {
    remember (args, option->name, equals + 1);
    return 1;
  }
  if (argv[1] == NULL || g_str_has_prefix (argv[1], "--")) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("option --%s needs a value: --%s %s"), name,
                 name, option->metavar);
    return 0;
  }
  remember (args, option->name, argv[1]);
  return 2;
}

static bool
check_count (const LwArgs *args, GError **error)
{
  const LwCommand *command = args->command;
  const int32_t n = lw_args_n (args);

  if (n < command->least) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("layerwise %s needs %s; usage: layerwise %s %s"), command->name,
                 _ (command->arguments), command->name, command->synopsis);
    return false;
  }
  if (n > command->most) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("\"%s\" is one argument too many; usage: layerwise %s %s"),
                 lw_args_get (args, command->most), command->name, command->synopsis);
    return false;
  }
  return true;
}

LwArgs *
lw_args_parse (const LwCommand *command, char **argv, GError **error)
{
  g_autoptr (LwArgs) args = g_new0 (LwArgs, 1);
  bool options = true;

  args->command = command;
  args->positional = g_ptr_array_new ();
  args->values =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
  while (*argv != NULL) {
    const char *word = *argv;
    int taken = 1;

    if (options && g_str_equal (word, "--")) {
      options = false;
    } else if (options && g_str_equal (word, "-h")) {
      remember (args, "help", "");
    } else if (options && g_str_has_prefix (word, "--")) {
      taken = parse_option (args, argv, error);
      if (taken == 0)
        return NULL;
    } else if (options && word[0] == '-' && word[1] != '\0') {
      unknown_option (command, word + 1, error);
      return NULL;
    } else {
      g_ptr_array_add (args->positional, (char *)word);
    }
    argv += taken;
  }
  if (!lw_args_flag (args, "help") && !check_count (args, error))
    return NULL;
  return g_steal_pointer (&args);
}

void
lw_args_free (LwArgs *args)
{
  if (args == NULL)
    return;
  g_ptr_array_unref (args->positional);
  g_hash_table_unref (args->values);
  g_free (args);
}

int32_t
lw_args_n (const LwArgs *args)
{
  return (int32_t)args->positional->len;
}

const char *
lw_args_get (const LwArgs *args, int32_t index)
{
  return index < lw_args_n (args) ? args->positional->pdata[index] : NULL;
}

bool
lw_args_flag (const LwArgs *args, const char *option)
{
  return g_hash_table_contains (args->values, option);
}

const char *const *
lw_args_values (const LwArgs *args, const char *option)
{
  static const char *const none[] = { NULL };
  const GPtrArray *list = g_hash_table_lookup (args->values, option);

  return list != NULL ? (const char *const *)list->pdata : none;
}

const char *
lw_args_value (const LwArgs *args, const char *option)
{
  const GPtrArray *list = g_hash_table_lookup (args->values, option);

  return list != NULL ? list->pdata[list->len - 2] : NULL;
}

bool
lw_args_integer (const LwArgs *args, const char *option, int64_t minimum, int64_t maximum,
                 int64_t *ret_value, GError **error)
{
  const char *text = lw_args_value (args, option);
  int64_t value;

  if (text == NULL)
    return true;
  if (!g_ascii_string_to_signed (text, 10, minimum, maximum, &value, NULL)) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("--%s takes a whole number from %" PRId64 " to %" PRId64 ", not \"%s\""),
                 option, minimum, maximum, text);
    return false;
  }
  *ret_value = value;
  return true;
}
