/* Finding widgets, and hands and keys for them. */
#include "tests/gui/harness.h"

#include "ui/setting-row.h"
#include "ui/sidebar.h"
#include "ui/tab-stop.h"
#include "ui/train-strip.h"

typedef bool (*Matches) (GtkWidget *widget, const void *data);

static GtkWidget *
search (GtkWidget *root, Matches matches, const void *data)
{
  if (!gtk_widget_get_mapped (root))
    return NULL;
  if (matches (root, data))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = search (child, matches, data);

    if (found != NULL)
      return found;
  }
  return NULL;
}

static bool
has_type (GtkWidget *widget, const void *data)
{
  return g_type_is_a (G_OBJECT_TYPE (widget), *(const GType *)data);
}

GtkWidget *
gui_find (GtkWidget *root, GType type)
{
  return search (root, has_type, &type);
}

static bool
is_button (GtkWidget *widget, const void *data)
{
  const char *label, *tooltip = gtk_widget_get_tooltip_text (widget);
  GtkWidget *child;

  if (!GTK_IS_BUTTON (widget))
    return false;
  child = gtk_button_get_child (GTK_BUTTON (widget));
  label = ADW_IS_BUTTON_CONTENT (child) ? adw_button_content_get_label (ADW_BUTTON_CONTENT (child))
          : GTK_IS_LABEL (child)        ? gtk_label_get_text (GTK_LABEL (child))
                                        : NULL;
  return g_strcmp0 (label, data) == 0 || g_strcmp0 (tooltip, data) == 0;
}

GtkWidget *
gui_button (gpointer root, const char *word)
{
  return search (GTK_WIDGET (root), is_button, word);
}

static bool
label_begins (GtkWidget *widget, const void *data)
{
  return GTK_IS_LABEL (widget) && g_str_has_prefix (gtk_label_get_text (GTK_LABEL (widget)), data);
}

const char *
gui_label (gpointer root, const char *beginning)
{
  GtkWidget *label = search (GTK_WIDGET (root), label_begins, beginning);

  return label != NULL ? gtk_label_get_text (GTK_LABEL (label)) : NULL;
}

const char *
gui_figure (Gui *gui, const char *title)
{
  GtkWidget *strip = gui_find (GTK_WIDGET (gui->window), LW_TYPE_TRAIN_STRIP);
  GtkWidget *label;

  g_assert_nonnull (strip);
  label = search (strip, label_begins, title);
  g_assert_nonnull (label);
  return gtk_label_get_text (GTK_LABEL (gtk_widget_get_next_sibling (label)));
}

GtkWidget *
gui_row (Gui *gui, int list, int index)
{
  GtkWidget *sidebar = gui_find (GTK_WIDGET (gui->window), LW_TYPE_SIDEBAR);
  GtkWidget *stop, *box;

  g_assert_nonnull (sidebar);
  stop = gui_find (sidebar, LW_TYPE_TAB_STOP);
  while (stop != NULL && list > 0) {
    stop = gtk_widget_get_next_sibling (stop);
    if (stop != NULL && LW_IS_TAB_STOP (stop))
      list--;
  }
  g_assert_nonnull (stop);
  box = adw_bin_get_child (ADW_BIN (stop));
  return GTK_WIDGET (gtk_list_box_get_row_at_index (GTK_LIST_BOX (box), index));
}

static bool
is_toast (GtkWidget *widget, const void *data)
{
  (void)data;
  return g_str_equal (G_OBJECT_TYPE_NAME (widget), "AdwToastWidget");
}

const char *
gui_toast (Gui *gui)
{
  GtkWidget *toast = search (GTK_WIDGET (gui->window), is_toast, NULL);

  return toast != NULL ? gui_label (toast, "") : NULL;
}

static bool
is_setting (GtkWidget *widget, const void *data)
{
  return LW_IS_SETTING_ROW (widget) &&
         g_str_equal (lw_setting_row_spec (LW_SETTING_ROW (widget))->field, data);
}

GtkWidget *
gui_setting (Gui *gui, const char *field)
{
  GtkWidget *row = search (GTK_WIDGET (gui->window), is_setting, field);
  GtkWidget *control;

  g_assert_nonnull (row);
  control = gui_find (row, GTK_TYPE_SPIN_BUTTON);
  if (control == NULL)
    control = gui_find (row, GTK_TYPE_DROP_DOWN);
  if (control == NULL)
    control = gui_find (row, GTK_TYPE_SWITCH);
  return control != NULL ? control : gui_find (row, GTK_TYPE_ENTRY);
}

gpointer
gui_controller (gpointer widget, GType type)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
    g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

    if (g_type_is_a (G_OBJECT_TYPE (controller), type))
      return controller; /* the widget keeps it */
  }
  g_error ("%s has no %s", G_OBJECT_TYPE_NAME (widget), g_type_name (type));
}
