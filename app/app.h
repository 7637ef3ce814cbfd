/* What the commands of the command line share: exit statuses, messages, and the network that the
 * options MODEL, --set, --input and --classes describe together. One thread. */
#pragma once

#include "app/args.h"
#include "engine/models.h"

G_BEGIN_DECLS

enum {
  LW_EXIT_DONE = 0,
  LW_EXIT_FAILED = 1,       /* said in one sentence on standard error */
  LW_EXIT_USAGE = 2,        /* wrong usage, with the nearest valid name where there is one */
  LW_EXIT_INTERRUPTED = 130 /* the run was saved and can be resumed */
};

/* Sentences of the options that decide which network is built, for the commands' tables. */
#define LW_HELP_SET                                                                                \
  N_ ("Sets one of the network's knobs (repeatable); \"layerwise show MODEL\" lists them.")
#define LW_HELP_DATA                                                                               \
  N_ ("fashion-mnist (default), shapes (built in, drawn figures), another set that \"layerwise "   \
      "doctor\" found, or where one lies: a folder with the IDX files of a MNIST-like set "        \
      "(FOLDER/emnist-letters where there are several) or with CIFAR-10's or CIFAR-100's binary "  \
      "files, a folder with a folder of PNG and JPEG files for each class (or with train and "     \
      "test "                                                                                      \
      "in which there are such; else every fifth picture of a class is for testing), or a .npz "   \
      "file of numpy with x_train, y_train, x_test and y_test.")
#define LW_HELP_INPUT   N_ ("The network's input: channels, height, width.")
#define LW_HELP_CLASSES N_ ("Number of classes.")
#define LW_HELP_NAMES                                                                              \
  N_ ("Names of layers and weights: book (default), or torchvision, in whose form the network is " \
      "then built, so that published weights fit.")
#define LW_HELP_ALGORITHMS                                                                         \
  N_ ("How each convolution's algorithm is chosen: timed (default: the fastest here, measured "    \
      "once and kept below $XDG_CACHE_HOME), or fixed (a rule, the same on every machine).")

/* The network that the command line describes: --names, then --set, --input, --classes; `name`: a
 * model's, or a saved variant's. Fails with a sentence (wrong usage). */
LwOptions *lw_app_options (const LwArgs *args, const char *name, GError **error);
/* --names, --set, --input and --classes over what a network has already. */
bool lw_app_change_options (const LwArgs *args, LwOptions *options, GError **error);
/* The same without --names. */
bool lw_app_change_network (const LwArgs *args, LwOptions *options, GError **error);

/* lw_app_options, but for --set KEY=A,B,…, which is left to whoever makes a run of each. */
LwOptions *lw_app_options_of_sweep (const LwArgs *args, const char *name, GError **error);
bool lw_app_is_list (const char *assignment); /* "width=0.5,1" */

/* A model's options, or those of a saved variant. Fails with a sentence that names the nearest. */
LwOptions *lw_app_named (const char *name, GError **error);

/* As --input and --classes do. */
bool lw_app_set_shape (const LwArgs *args, LwOptions *options, GError **error);

/* As --names does: "book" or "torchvision", which are of use for published weights only and so
 * bring their form with them, where the book's is another. Fails with a sentence (wrong usage). */
bool lw_app_set_names (LwOptions *options, const char *names, GError **error);

/* What the engine marks for translation, in the language of the person. */
const char *lw_app_translate (const char *phrase);

/* Prints "layerwise: <sentence>" to standard error. */
void lw_app_message (const char *sentence);
/* Prints to standard error what the command line says while it works. */
void lw_app_note (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* Plain output for people on standard output, in the terminal's encoding. */
void lw_app_print (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* False and a sentence when standard output could not take all that was written. */
bool lw_app_flush (GError **error);

extern const LwCommand lw_command_list, lw_command_show, lw_command_train, lw_command_predict,
    lw_command_export, lw_command_bench, lw_command_doctor, lw_command_compare,
    lw_command_experiment;

G_END_DECLS
