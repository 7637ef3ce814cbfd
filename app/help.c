/* The manual pages: --help of each command, made from its table. */
#include "app/args.h"

#include "app/app.h"
#include "app/table.h"
#include <glib/gi18n.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define OPTION_COLUMN 28 /* where the options' sentences begin */

int
lw_args_help_width (void)
{
  struct winsize size;

  if (ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return 80;
  return CLAMP (size.ws_col, 60, 100);
}

size_t
lw_args_piece_length (const char *word)
{
  static const char closing[] = "，。；：！？、）”》", opening[] = "（“《";
  const char *p = word;
  bool may_break = false, glued = false;

  if (!g_utf8_validate (word, -1, NULL))
    return strlen (word);
  for (; *p != '\0'; p = g_utf8_next_char (p)) {
    const gunichar c = g_utf8_get_char (p);
    const bool opens = g_utf8_strchr (opening, -1, c) != NULL;
    const bool closes = g_utf8_strchr (closing, -1, c) != NULL;

    if (p > word && !closes && (may_break || (g_unichar_iswide (c) && !glued)))
      break;
    glued = opens;
    may_break = !opens && (closes || g_unichar_iswide (c));
  }
  return (gsize)(p - word);
}

void
lw_args_print_wrapped (const char *text, int indent, int width)
{
  g_auto (GStrv) paragraphs = g_strsplit (text, "\n\n", -1);

  for (int p = 0; paragraphs[p] != NULL; p++) {
    g_auto (GStrv) words = g_strsplit_set (paragraphs[p], " \n", -1);
    int column = indent;

    if (p > 0)
      lw_app_print ("\n\n%*s", indent, "");
    for (int w = 0; words[w] != NULL; w++) {
      gsize length;

      for (const char *piece = words[w]; *piece != '\0'; piece += length) {
        g_autofree char *shown = g_strndup (piece, length = lw_args_piece_length (piece));
        const int columns = lw_terminal_width (shown);
        bool blank = piece == words[w] && column > indent;

        if (column > indent && column + blank + columns > width) {
          lw_app_print ("\n%*s", indent, "");
          column = indent;
          blank = false;
        }
        lw_app_print ("%s%s", blank ? " " : "", shown);
        column += columns + blank;
      }
    }
  }
  lw_app_print ("\n");
}

static void
print_option (const LwArgOption *option, int width)
{
  g_autoptr (GString) left = g_string_new ("  ");

  g_string_append_printf (left, "--%s", option->name);
  if (option->alias != NULL)
    g_string_append_printf (left, ", --%s", option->alias);
  if (option->metavar != NULL)
    g_string_append_printf (left, " %s", option->metavar);
  lw_app_print ("%s", left->str);
  if (lw_terminal_width (left->str) > OPTION_COLUMN - 2)
    lw_app_print ("\n%*s", OPTION_COLUMN, "");
  else
    lw_app_print ("%*s", OPTION_COLUMN - lw_terminal_width (left->str), "");
  lw_args_print_wrapped (_ (option->help), OPTION_COLUMN, width);
}

static void
print_examples (const char *examples, int width)
{
  g_auto (GStrv) lines = g_strsplit (examples, "\n", -1);

  lw_app_print ("\n%s\n", _ ("Examples"));
  for (int i = 0; lines[i] != NULL; i++) {
    g_auto (GStrv) parts = g_strsplit (lines[i], "|", 2);

    if (parts[0] == NULL)
      continue;
    lw_app_print ("  layerwise %s\n", parts[0]);
    if (parts[1] != NULL) {
      lw_app_print ("      ");
      lw_args_print_wrapped (parts[1], 6, width);
    }
  }
}

void
lw_args_print_help (const LwCommand *command)
{
  static const LwArgOption help = { "help", NULL, NULL, N_ ("Shows this page."), false };
  const int width = lw_args_help_width ();
  bool headed = false;

  lw_app_print (_ ("Usage: layerwise %s %s\n\n"), command->name, command->synopsis);
  lw_args_print_wrapped (_ (command->description), 0, width);
  for (const LwArgOption *o = command->options; o->name != NULL || o->help != NULL; o++) {
    if (o->name == NULL)
      lw_app_print ("\n%s\n", _ (o->help));
    else if (!headed)
      lw_app_print ("\n%s\n", _ ("Options"));
    headed = true;
    if (o->name != NULL)
      print_option (o, width);
  }
  if (!headed)
    lw_app_print ("\n%s\n", _ ("Options"));
  print_option (&help, width);
  if (command->examples != NULL)
    print_examples (_ (command->examples), width);
}
