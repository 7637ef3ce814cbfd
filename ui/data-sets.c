#include "ui/data-sets.h"

#include "ui/accessible.h"
#include "ui/tab-stop.h"

#include <glib/gi18n.h>
#include <string.h>

#define WIDTH 212

struct _LwDataSets {
  GtkWidget parent;
  LwWorkbench *workbench;
  GtkWidget *column, *list, *places, *formats;
  GCancellable *looking;
  bool following; /* the selection is being shown, not made */
};

G_DEFINE_FINAL_TYPE (LwDataSets, lw_data_sets, GTK_TYPE_WIDGET)

const char *
lw_data_set_title (const char *name)
{
  static const struct {
    const char *name, *title;
  } titles[] = { { "fashion-mnist", "Fashion-MNIST" },
                 { "mnist", "MNIST" },
                 { "kmnist", "KMNIST" },
                 { "emnist-balanced", "EMNIST Balanced" },
                 { "emnist-byclass", "EMNIST ByClass" },
                 { "emnist-bymerge", "EMNIST ByMerge" },
                 { "emnist-digits", "EMNIST Digits" },
                 { "emnist-letters", "EMNIST Letters" },
                 { "emnist-mnist", "EMNIST MNIST" },
                 { "cifar-10", "CIFAR-10" },
                 { "cifar-100", "CIFAR-100" },
                 { "shapes", N_ ("Built-in shapes") } };

  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    if (strcmp (titles[i].name, name) == 0)
      return strcmp (name, "shapes") == 0 ? _ (titles[i].title) : titles[i].title;
  return name;
}

/* --- looking -----------------------------------------------------------------------------------
 */

typedef struct {
  char **names, **places; /* beside each other; "" where a set has no place */
} Found;

static void
found_free (gpointer data)
{
  Found *found = data;

  g_strfreev (found->names);
  g_strfreev (found->places);
  g_free (found);
}

static void
look_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Found *found = g_new (Found, 1);
  const guint n = g_strv_length (found->names = lw_dataset_list_available ());

  (void)source;
  (void)data;
  (void)cancellable;
  found->places = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++) {
    found->places[i] = lw_dataset_place (found->names[i]);
    if (found->places[i] == NULL)
      found->places[i] = g_strdup ("");
  }
  g_task_return_pointer (task, found, found_free);
}

/* --- the list ----------------------------------------------------------------------------------
 */

static GtkWidget *
label (const char *text, const char *css, bool wraps)
{
  GtkWidget *widget = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (widget), 0);
  gtk_label_set_wrap (GTK_LABEL (widget), wraps);
  if (wraps)
    gtk_label_set_wrap_mode (GTK_LABEL (widget), PANGO_WRAP_WORD_CHAR);
  else
    gtk_label_set_ellipsize (GTK_LABEL (widget), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_add_css_class (widget, css);
  return widget;
}

static void
add_row (LwDataSets *self, const char *name, const char *place)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 1);
  g_autofree char *below =
      *place != '\0' ? g_filename_display_name (place) : g_strdup (_ ("drawn by the program"));
  g_autofree char *base = g_path_get_basename (name);
  const char *title = *name == G_DIR_SEPARATOR ? base : lw_data_set_title (name);
  g_autofree char *shown = g_filename_display_name (title);
  g_autofree char *words = g_strdup_printf ("%s, %s", shown, below);

  gtk_box_append (GTK_BOX (box), label (shown, "lw-row-title", false));
  gtk_box_append (GTK_BOX (box), label (below, "lw-caption", false));
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_widget_set_tooltip_text (row, below);
  g_object_set_data_full (G_OBJECT (row), "name", g_strdup (name), g_free);
  lw_name_widget (row, words);
  gtk_list_box_append (GTK_LIST_BOX (self->list), row);
}

static GtkListBoxRow *
find_row (LwDataSets *self, const char *name)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->list), i)) != NULL; i++)
    if (g_strcmp0 (g_object_get_data (G_OBJECT (row), "name"), name) == 0)
      return row;
  return NULL;
}

/* The draft's set is the selected row; one that was opened by its path gets a row. */
static void
follow (LwDataSets *self)
{
  const char *name = lw_workbench_dataset_name (self->workbench);

  self->following = true;
  if (find_row (self, name) == NULL && strchr (name, G_DIR_SEPARATOR) != NULL)
    add_row (self, name, name);
  gtk_list_box_select_row (GTK_LIST_BOX (self->list), find_row (self, name));
  self->following = false;
}

static void
looked (GObject *source, GAsyncResult *result, gpointer data)
{
  Found *found = g_task_propagate_pointer (G_TASK (result), NULL);
  LwDataSets *self = data;
  GtkListBoxRow *row;

  (void)source;
  if (found == NULL)
    return; /* cancelled */
  g_clear_object (&self->looking);
  self->following = true;
  while ((row = gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->list), 0)) != NULL)
    gtk_list_box_remove (GTK_LIST_BOX (self->list), GTK_WIDGET (row));
  for (int i = 0; found->names[i] != NULL; i++)
    add_row (self, found->names[i], found->places[i]);
  found_free (found);
  follow (self);
}

static void
look (LwDataSets *self)
{
  g_autoptr (GTask) task = NULL;

  if (self->looking != NULL)
    return;
  self->looking = g_cancellable_new ();
  task = g_task_new (NULL, self->looking, looked, self);
  g_task_run_in_thread (task, look_thread);
}

static void
row_selected (GtkListBox *list, GtkListBoxRow *row, LwDataSets *self)
{
  const char *name;

  (void)list;
  if (row == NULL || self->following)
    return;
  name = g_object_get_data (G_OBJECT (row), "name");
  if (g_strcmp0 (name, lw_workbench_dataset_name (self->workbench)) == 0)
    return;
  if (lw_workbench_run (self->workbench) != NULL) /* a run's data are its own */
    lw_workbench_select_draft (self->workbench);
  lw_workbench_use_data (self->workbench, name);
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static GtkWidget *
make_buttons (void)
{
  static const struct {
    const char *word, *action;
  } buttons[] = { { N_ ("Open _Folder…"), "win.open-data" },
                  { N_ ("Open _File…"), "win.open-data-file" } };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  for (guint i = 0; i < G_N_ELEMENTS (buttons); i++) {
    GtkWidget *button = gtk_button_new_with_mnemonic (_ (buttons[i].word));

    lw_name_by_words (button);
    gtk_actionable_set_action_name (GTK_ACTIONABLE (button), buttons[i].action);
    gtk_box_append (GTK_BOX (box), button);
  }
  return box;
}

static GtkWidget *
make_places (void)
{
  g_auto (GStrv) path = lw_dataset_search_path ();
  g_autofree char *lines = g_strjoinv ("\n", path);
  g_autofree char *shown = g_filename_display_name (lines);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);

  gtk_box_append (GTK_BOX (box), label (_ ("Looked for in"), "lw-heading", false));
  gtk_box_append (GTK_BOX (box), label (shown, "lw-caption", true));
  return box;
}

static GtkWidget *
make_formats (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);

  gtk_box_append (GTK_BOX (box), label (_ ("What can be opened"), "lw-heading", false));
  for (int i = 0; i < lw_dataset_n_formats (); i++) {
    GtkWidget *line = label (_ (lw_dataset_format_title (i)), "lw-caption", true);

    gtk_widget_set_tooltip_text (line, _ (lw_dataset_format_files (i)));
    gtk_box_append (GTK_BOX (box), line);
  }
  return box;
}

GtkWidget *
lw_data_sets_new (LwWorkbench *workbench)
{
  LwDataSets *self = g_object_new (LW_TYPE_DATA_SETS, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 14);
  GtkWidget *found = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *heading = label (_ ("Data sets found"), "lw-heading", false);

  self->workbench = workbench;
  self->list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_BROWSE);
  gtk_widget_add_css_class (self->list, "lw-data-sets");
  lw_name_widget (self->list, _ ("Data sets found"));
  g_signal_connect (self->list, "row-selected", G_CALLBACK (row_selected), self);
  gtk_widget_set_margin_start (heading, 8);
  gtk_box_append (GTK_BOX (found), heading);
  gtk_box_append (GTK_BOX (found), lw_tab_stop_new (self->list));
  gtk_box_append (GTK_BOX (box), found);
  gtk_box_append (GTK_BOX (box), make_buttons ());
  gtk_box_append (GTK_BOX (box), make_places ());
  gtk_box_append (GTK_BOX (box), make_formats ());
  for (GtkWidget *child = gtk_widget_get_first_child (box); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    if (child == found) /* its rows have that room inside */
      continue;
    gtk_widget_set_margin_start (child, 8);
    gtk_widget_set_margin_end (child, 8);
  }
  gtk_widget_set_margin_start (box, 6);
  gtk_widget_set_margin_end (box, 6);
  gtk_widget_set_margin_top (box, 12);
  gtk_widget_set_margin_bottom (box, 12);
  self->column = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->column), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->column), box);
  lw_name_widget (self->column, _ ("Data sets"));
  gtk_widget_set_size_request (self->column, WIDTH, -1);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
  g_signal_connect_object (workbench, "dataset-changed", G_CALLBACK (follow), self,
                           G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

static void
lw_data_sets_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (lw_data_sets_parent_class)->map (widget);
  look (LW_DATA_SETS (widget));
}

static void
lw_data_sets_dispose (GObject *object)
{
  LwDataSets *self = LW_DATA_SETS (object);

  if (self->looking != NULL)
    g_cancellable_cancel (self->looking);
  g_clear_object (&self->looking);
  g_clear_pointer (&self->column, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_data_sets_parent_class)->dispose (object);
}

static void
lw_data_sets_class_init (LwDataSetsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_data_sets_dispose;
  GTK_WIDGET_CLASS (klass)->map = lw_data_sets_map;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_data_sets_init (LwDataSets *self)
{
  (void)self;
}
