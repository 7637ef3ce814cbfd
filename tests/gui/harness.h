/* What the tests of the window share: a program with its window in this process, a main loop that
 * is turned until something is so, and ways to find widgets as a person does: by what is written on
 * them. Runs live under $XDG_DATA_HOME, which with-display.sh makes anew for each program. */
#pragma once

#include "ui/application.h"
#include "ui/main-window.h"

G_BEGIN_DECLS

typedef struct {
  LwApplication *application;
  LwMainWindow *window;
  LwWorkbench *workbench; /* borrowed from the window */
  gpointer data;          /* for the test */
} Gui;

/* What the program is started with: the reference backend alone, unless a test says otherwise. */
extern const LwBackend *const *gui_backends;
/* And with which command line: NULL, none, or NULL-terminated, the program's name first. */
extern const char *const *gui_arguments;

/* Runs the program: once its window is shown and the built-in shapes are read it does `body`, then
 * closes the window as its button does (unless `body` did), and returns when the program has ended
 * and everything of it is gone. */
typedef void (*GuiBody) (Gui *gui);
void gui_run (GuiBody body, gpointer data);

/* What main() returns: all tests of a table, which ends with a NULL path. Each `body` has a program
 * of its own and no runs at first; a `whole` test calls gui_run itself. */
typedef struct {
  const char *path;
  GuiBody body;
  void (*whole) (void);
} GuiTest;
int gui_main (int argc, char **argv, const GuiTest *tests);

/* Removes a folder with all that is in it, or a file. */
void gui_remove (const char *path);

/* One turn of the main loop, at most a few milliseconds. */
void gui_iterate (void);
void gui_wait (double seconds);

/* Turns the main loop until the expression holds; fails when it does not within a minute. */
#define gui_assert_soon(expression)                                                                \
  G_STMT_START                                                                                     \
  {                                                                                                \
    const gint64 gui_end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;                          \
                                                                                                   \
    while (!(expression) && g_get_monotonic_time () < gui_end)                                     \
      gui_iterate ();                                                                              \
    g_assert_true (expression);                                                                    \
  }                                                                                                \
  G_STMT_END

/* The first mapped descendant of a type, in the order of the screen; NULL: none. */
GtkWidget *gui_find (GtkWidget *root, GType type);
/* The mapped button with this word on it or as its tooltip. */
GtkWidget *gui_button (gpointer root, const char *word);
/* The text of the mapped label that begins so, or NULL. */
const char *gui_label (gpointer root, const char *beginning);
/* The figure under a title of the strip on the Train page: "Iteration" → "12 / 32". */
const char *gui_figure (Gui *gui, const char *title);
/* The row of the sidebar's list ("Architectures", 0; "Runs", 1). */
GtkWidget *gui_row (Gui *gui, int list, int index);
/* Presses it as Enter does: it has to be visible and sensitive. */
void gui_press (GtkWidget *widget);
/* The widget's first controller of a type: emit its signals as a pointer or a keyboard would. */
gpointer gui_controller (gpointer widget, GType type);
/* What the first toast shows, or NULL. */
const char *gui_toast (Gui *gui);

/* Does what a shortcut does: looks up the action of "<Control>2" and activates it. */
void gui_shortcut (Gui *gui, const char *keys);
/* The name of the page that is shown. */
const char *gui_page (Gui *gui);
/* A number that changes with the picture of a widget. */
guint gui_picture (GtkWidget *widget);
/* Gives the window this size and waits until it has it. */
void gui_resize (Gui *gui, int width, int height);

/* A small training: LeNet with batch normalization on shapes, `images` of them, `epochs`. */
void gui_choose_small_run (Gui *gui, int images, int epochs);
/* One that goes on until it is stopped, once it trains. */
LwRunItem *gui_start_long (Gui *gui);
LwRunItem *gui_live (Gui *gui);
int64_t gui_steps (LwRunItem *run);
/* The control of a setting ("learning-rate") on the Train page. */
GtkWidget *gui_setting (Gui *gui, const char *field);
/* Shows the settings that are folded on the Train page. */
void gui_unfold_settings (Gui *gui);
/* Types a number and presses Enter. */
void gui_type_number (GtkWidget *spin, const char *text);

/* Threads of this process without a name of their own, as the engine's are. */
int gui_own_threads (void);
/* A path in a fresh folder that ends with the program; g_free. */
char *gui_scratch (const char *name);

G_END_DECLS
