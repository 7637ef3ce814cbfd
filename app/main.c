/* layerwise: the command line. The table below is all there is; each command is a file of its own
 * and describes itself, so that help, completion and errors cannot differ from what is parsed. */
#include "app/app.h"
#include "app/language.h"
#include "app/pictures/pixbuf-pictures.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <stdio.h>

static const LwCommand *const commands[] = {
  &lw_command_list,   &lw_command_show,       &lw_command_compare,
  &lw_command_train,  &lw_command_experiment, &lw_command_predict,
  &lw_command_export, &lw_command_bench,      &lw_command_doctor,
};

static void
print_overview (void)
{
  const int width = lw_args_help_width ();

  lw_app_print ("%s\n\n", _ ("Usage: layerwise COMMAND [OPTIONS]"));
  lw_args_print_wrapped (
      _ ("Learns and trains the classic convolutional networks of Dive into Deep Learning: LeNet, "
         "AlexNet, VGG, NiN, GoogLeNet, ResNet, DenseNet. The workbench with diagrams and live "
         "charts is a program of its own, layerwise-workbench; \"./run\" starts it."),
      0, width);
  lw_app_print ("\n%s\n", _ ("Commands"));
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++) {
    lw_app_print ("  %-12s", commands[i]->name);
    lw_args_print_wrapped (_ (commands[i]->summary), 14, width);
  }
  lw_app_print ("\n%s\n", _ ("Options"));
  lw_app_print ("  %-12s%s\n", "--help",
                _ ("Shows this page; \"layerwise COMMAND --help\" shows the command's."));
  lw_app_print ("  %-12s%s\n", "--version", _ ("Shows the version."));
  lw_app_print ("\n%s\n", _ ("Environment"));
  lw_app_print ("  LAYERWISE_DATA   ");
  lw_args_print_wrapped (_ ("A folder in which data sets are looked for first."), 19, width);
  lw_app_print ("  LAYERWISE_CPU    ");
  lw_args_print_wrapped (_ ("The best instructions that the processor's kernels may use: avx512, "
                            "avx2 or baseline."),
                         19, width);
  lw_app_print ("  LAYERWISE_CUDA_MODULE\n");
  lw_app_print ("%19s", "");
  lw_args_print_wrapped (_ ("A CUDA module to load instead of the one that ./run --build --cuda "
                            "builds; none leaves CUDA out."),
                         19, width);
  lw_app_print ("  XDG_DATA_HOME    ");
  lw_args_print_wrapped (
      _ ("Runs are written to layerwise/runs below it (default ~/.local/share)."), 19, width);
  lw_app_print ("\n%s\n", _ ("Exit status"));
  lw_args_print_wrapped (
      _ ("0: done. 1: it failed, and standard error says why. 2: wrong usage, with the nearest "
         "valid name. 130: interrupted; a training run was saved and can be resumed."),
      0, width);
  lw_app_print ("\n%s\n  layerwise list\n  layerwise show resnet18\n"
                "  layerwise train lenet-bn --data shapes --epochs 2\n",
                _ ("Examples"));
}

static const LwCommand *
find_command (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++) {
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

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
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

  if (args != NULL && lw_args_flag (args, "help")) {
    lw_args_print_help (command);
    status = LW_EXIT_DONE;
  } else if (args != NULL) {
    status = command->run (args, &error);
  }
  if (error == NULL && status == LW_EXIT_DONE && !lw_app_flush (&error))
    status = LW_EXIT_FAILED;
  if (error != NULL)
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
  if (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h") ||
      g_str_equal (argv[1], "help")) {
    const char *topic = argv[1][0] == 'h' ? argv[2] : NULL;

    if (topic == NULL)
      print_overview ();
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
