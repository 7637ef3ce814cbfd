#include "ui/variant-row.h"

#include "engine/analysis.h"
#include "ui/sidebar-rows.h"

#include <glib/gi18n.h>

/* --- its menu ----------------------------------------------------------------------------------
 */

static void
act (GtkWidget *row, const char *action)
{
  LwVariantItem *item = g_object_get_data (G_OBJECT (row), "variant");

  gtk_widget_activate_action (row, action, "s", lw_variant_item_variant (item)->name);
}

static void
popup_closed (GtkWidget *popover)
{
  gtk_widget_unparent (popover);
}

/* Not at once: the menu's action comes after it is closed. */
static void
closed (GtkPopover *popover)
{
  g_idle_add_once ((GSourceOnceFunc)popup_closed, popover);
}

static void
open_menu (GtkWidget *row, double x, double y)
{
  const LwVariant *variant =
      lw_variant_item_variant (g_object_get_data (G_OBJECT (row), "variant"));
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autoptr (GMenuItem) rename = g_menu_item_new (_ ("_Rename…"), NULL);
  g_autoptr (GMenuItem) delete = g_menu_item_new (_ ("_Delete"), NULL);
  GtkWidget *popover;

  g_menu_item_set_action_and_target (rename, "win.rename-variant", "s", variant->name);
  g_menu_item_set_action_and_target (delete, "win.delete-variant", "s", variant->name);
  g_menu_append_item (menu, rename);
  g_menu_append_item (menu, delete);
  popover = gtk_popover_menu_new_from_model (G_MENU_MODEL (menu));
  gtk_widget_set_parent (popover, row);
  gtk_popover_set_has_arrow (GTK_POPOVER (popover), FALSE);
  gtk_widget_set_halign (popover, GTK_ALIGN_START);
  gtk_popover_set_pointing_to (GTK_POPOVER (popover), &(GdkRectangle){ (int)x, (int)y, 1, 1 });
  g_signal_connect (popover, "closed", G_CALLBACK (closed), NULL);
  gtk_popover_popup (GTK_POPOVER (popover));
}

static void
pressed (GtkGestureClick *gesture, int n, double x, double y, GtkWidget *row)
{
  (void)n;
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  open_menu (row, x, y);
}

static gboolean
key_pressed (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
             GtkWidget *row)
{
  (void)controller;
  (void)code;
  if (key == GDK_KEY_F2)
    act (row, "win.rename-variant");
  else if (key == GDK_KEY_Delete)
    act (row, "win.delete-variant");
  else if (key == GDK_KEY_Menu || (key == GDK_KEY_F10 && (state & GDK_SHIFT_MASK)))
    open_menu (row, 40, gtk_widget_get_height (row) / 2.0);
  else
    return FALSE;
  return TRUE;
}

/* A menu that is still open goes with its row. */
static void
destroyed (GtkWidget *row)
{
  GtkWidget *child = gtk_widget_get_first_child (row), *next;

  for (; child != NULL; child = next) {
    next = gtk_widget_get_next_sibling (child);
    if (GTK_IS_POPOVER (child)) {
      g_idle_remove_by_data (child);
      gtk_widget_unparent (child);
    }
  }
}

/* --- the row -----------------------------------------------------------------------------------
 */

static char *
change_words (const LwOptions *options)
{
  g_auto (GStrv) changes = lw_options_changes (options, NULL);
  g_autofree char *list = g_strjoinv (" ", changes);

  if (list[0] == '\0')
    return g_strdup (lw_options_model (options)->title);
  return g_strdup_printf ("%s %s", lw_options_model (options)->name, list);
}

static void
speak (GObject *item, GParamSpec *spec, GtkWidget *row)
{
  const LwVariant *variant = lw_variant_item_variant (LW_VARIANT_ITEM (item));
  g_autofree char *changes = change_words (variant->options);
  g_autofree char *spoken = g_strdup_printf ("%s, %s", variant->name, changes);

  (void)spec;
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  gtk_widget_set_tooltip_text (row, spoken);
}

GtkWidget *
lw_variant_row_new (gpointer item, gpointer unused)
{
  const LwVariant *variant = lw_variant_item_variant (LW_VARIANT_ITEM (item));
  g_autoptr (LwGraph) graph = lw_model_build (variant->options, NULL);
  const LwCost cost = graph != NULL ? lw_graph_cost (graph) : (LwCost){ 0 };
  g_autofree char *parameters = lw_format_short ((double)cost.parameters);
  g_autofree char *macs = lw_format_short ((double)cost.macs);
  g_autofree char *figures = g_strdup_printf ("%s · %s", parameters, macs);
  g_autofree char *input = lw_shape_to_string (lw_options_input (variant->options));
  GtkWidget *row = gtk_list_box_row_new (), *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *name = lw_sidebar_label (variant->name, "lw-row-title", true);
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  (void)unused;
  g_object_bind_property (item, "name", name, "label", G_BINDING_DEFAULT);
  gtk_widget_set_valign (column, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (line), lw_sidebar_label (input, "lw-small", true));
  gtk_box_append (GTK_BOX (line), lw_sidebar_label (figures, "lw-small", false));
  gtk_box_append (GTK_BOX (column), name);
  gtk_box_append (GTK_BOX (column), line);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), column);
  g_object_set_data_full (G_OBJECT (row), "variant", g_object_ref (item), g_object_unref);
  g_signal_connect_object (item, "notify::name", G_CALLBACK (speak), row, 0);
  speak (item, NULL, row);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed), row);
  gtk_widget_add_controller (row, GTK_EVENT_CONTROLLER (click));
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed), row);
  gtk_widget_add_controller (row, keys);
  g_signal_connect (row, "destroy", G_CALLBACK (destroyed), NULL);
  return row;
}
