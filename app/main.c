/* layerwise: the command line. The table below is all there is; each command is a file of its own
 * and describes itself, so that help, completion and errors cannot differ from what is parsed. */
#include "app/app.h"
#include "app/language.h"
#include "app/overview.h"
#include "app/pictures/pixbuf-pictures.h"
#include "app/together.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <stdio.h>

static const LwCommand *const commands[] = {
  &lw_command_list,       &lw_command_show,
  &lw_command_compare,    &lw_command_train,
  &lw_command_experiment, &lw_command_predict,
  &lw_command_export,     &lw_command_bench,
  &lw_command_doctor,     NULL,
};

static const LwCommand *
find_command (const char *name)
{
  for (guint i = 0; commands[i] != NULL; i++) {
    if (g_str_equal (commands[i]->name, name))
      return commands[i];
  }
  return NULL;
}

static int
unknown_command (const char *name)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; commands[i] != NULL; i++)
    g_ptr_array_add (names, (char *)commands[i]->name);
  g_ptr_array_add (names, NULL);
  lw_args_unknown (&error, name[0] == '-' ? _ ("option") : _ ("command"), name,
                   (const char *const *)names->pdata);
  lw_app_message (error->message);
  return LW_EXIT_USAGE;
}

/* --json is read by programs: no word of it, not even an error's, depends on the locale. */
static bool
is_read_by_programs (char **argv)
{
  return g_strv_contains ((const char *const *)argv, "--json");
}

static int
run_command (const LwCommand *command, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwArgs) args = lw_args_parse (command, argv, &error);
  int status = LW_EXIT_USAGE;

  if (!command->shared && lw_together_is_silent ())
    return LW_EXIT_DONE;
  if (args != NULL && lw_args_flag (args, "help")) {
    lw_args_print_help (command);
    status = LW_EXIT_DONE;
  } else if (args != NULL) {
    status = command->run (args, &error);
  }
  if (error == NULL && status == LW_EXIT_DONE && !lw_app_flush (&error))
    status = LW_EXIT_FAILED;
  if (error != NULL && (args != NULL || !lw_together_is_silent ()))
    lw_app_message (error->message);
  return status;
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  /* Numbers look the same everywhere: the tables are copied into reports and scripts. */
  setlocale (LC_NUMERIC, "C");
  if (is_read_by_programs (argv))
    setlocale (LC_MESSAGES, "C");
  lw_app_bind_language ();
  lw_pixbuf_pictures_register ();

  if (argc < 2) {
    lw_app_message (_ ("a command is missing; \"layerwise --help\" lists them"));
    return LW_EXIT_USAGE;
  }
  if (g_str_equal (argv[1], "--version")) {
    lw_app_print ("layerwise %s\n", LW_VERSION);
    return LW_EXIT_DONE;
  }
  if (g_str_equal (argv[1], "--man")) {
    lw_overview_print_manual (commands);
    return LW_EXIT_DONE;
  }
  if (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h") ||
      g_str_equal (argv[1], "help")) {
    const char *topic = argv[1][0] == 'h' ? argv[2] : NULL;

    if (topic == NULL)
      lw_overview_print (commands);
    else if (find_command (topic) == NULL)
      return unknown_command (topic);
    else
      lw_args_print_help (find_command (topic));
    return LW_EXIT_DONE;
  }
  if (find_command (argv[1]) == NULL)
    return unknown_command (argv[1]);
  return run_command (find_command (argv[1]), argv + 2);
}
