/* Explore's toolbar: which view of the network is shown, and how. */
#include "ui/explore-page-private.h"

#include "ui/accessible.h"
#include "ui/cost-table.h"
#include "ui/count-choice.h"
#include "ui/diagram-appearance.h"
#include "ui/diagram-view.h"
#include "ui/fold-buttons.h"
#include "ui/layer-inspector.h"
#include "ui/memory-view.h"

#include <glib/gi18n.h>

/* Where the toolbar has no room for a button to copy the table, the table's own menu has it. */
gboolean
lw_explore_page_shorten_toolbar (gpointer data)
{
  LwExplorePage *self = data;

  g_clear_handle_id (&self->toolbar_id, g_source_remove);
  gtk_widget_set_visible (self->copy, self->width >= LW_SHORT_TOOLBAR &&
                                          gtk_widget_get_visible (self->folding));
  return G_SOURCE_REMOVE;
}

static void
count_changed (LwExplorePage *self)
{
  const LwCount count = lw_count_choice_count (LW_COUNT_CHOICE (self->count));

  lw_diagram_view_set_count (LW_DIAGRAM_VIEW (self->diagram), count);
  lw_cost_table_set_count (LW_COST_TABLE (self->table), count);
  lw_layer_inspector_set_count (LW_LAYER_INSPECTOR (self->inspector), count);
}

/* Several views of one network, and one of them shown. */
static void
mode_toggled (GtkToggleButton *button, LwExplorePage *self)
{
  static const char *const views[] = { "panes", "panes", "memory" };
  static const char *const drawings[] = { "blocks", "volumes", NULL };

  if (!gtk_toggle_button_get_active (button))
    return;
  for (int i = 0; i < 3; i++)
    if (self->modes[i] == GTK_WIDGET (button)) {
      gtk_stack_set_visible_child_name (GTK_STACK (self->views), views[i]);
      if (drawings[i] != NULL) {
        gtk_stack_set_visible_child_name (GTK_STACK (self->drawing), drawings[i]);
        lw_explore_panes_turn (&self->panes, i == 1);
      }
      gtk_widget_set_visible (self->folding, drawings[i] != NULL);
      gtk_widget_set_visible (self->appearance, drawings[i] != NULL);
      gtk_stack_set_visible_child_name (GTK_STACK (self->tools), views[i]);
      lw_explore_page_shorten_toolbar (self);
    }
}

static GtkWidget *
icon_toggle (const char *icon, const char *name)
{
  GtkWidget *button = gtk_toggle_button_new ();

  gtk_button_set_icon_name (GTK_BUTTON (button), icon);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  return button;
}

/* Joined buttons of which one is pressed. */
static GtkWidget *
make_choice (const char *const names[3], const char *const help[3], GtkWidget *buttons[3],
             GCallback toggled, gpointer data)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_add_css_class (box, "linked");
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  for (int i = 0; i < 3; i++) {
    buttons[i] = gtk_toggle_button_new_with_label (_ (names[i]));
    gtk_widget_set_tooltip_text (buttons[i], _ (help[i]));
    if (i > 0)
      gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (buttons[i]), GTK_TOGGLE_BUTTON (buttons[0]));
    gtk_box_append (GTK_BOX (box), buttons[i]);
  }
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (buttons[0]), TRUE);
  for (int i = 0; i < 3; i++)
    g_signal_connect (buttons[i], "toggled", toggled, data);
  return box;
}

/* Copies the cost table. */
static GtkWidget *
copy_button (LwExplorePage *self)
{
  GtkWidget *button = gtk_menu_button_new ();
  g_autoptr (GMenuModel) menu = lw_cost_table_copy_menu ();

  gtk_widget_insert_action_group (button, "cost",
                                  lw_cost_table_actions (LW_COST_TABLE (self->table)));
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "edit-copy-symbolic");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), menu);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, _ ("Copy the table"));
  lw_name_widget (button, _ ("Copy the table"));
  return button;
}

GtkWidget *
lw_explore_page_make_toolbar (LwExplorePage *self)
{
  static const char *const modes[] = { N_ ("Blocks"), N_ ("Volumes"), N_ ("Memory") };
  static const char *const modes_help[] = {
    N_ ("The layers as boxes and what runs between them"),
    N_ ("Each layer as large as what leaves it"),
    N_ ("What lies in memory while a batch is computed"),
  };
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *space = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_add_css_class (row, "lw-toolbar");
  gtk_widget_set_hexpand (space, TRUE);
  self->count = lw_count_choice_new (self->workbench);
  g_signal_connect_swapped (self->count, "changed", G_CALLBACK (count_changed), self);
  self->search_button = icon_toggle ("system-search-symbolic", _ ("Search"));
  self->knobs_button = icon_toggle ("emblem-system-symbolic", _ ("Knobs"));
  g_signal_connect_swapped (self->search_button, "toggled",
                            G_CALLBACK (lw_explore_page_search_toggled), self);
  g_signal_connect_swapped (self->knobs_button, "toggled",
                            G_CALLBACK (lw_explore_page_knobs_toggled), self);
  self->folding = lw_fold_buttons_new (LW_DIAGRAM_VIEW (self->diagram));
  self->appearance = lw_diagram_appearance_new (LW_DIAGRAM_VIEW (self->diagram));
  gtk_box_append (GTK_BOX (row), self->search_button);
  gtk_box_append (GTK_BOX (row), self->folding);
  gtk_box_append (GTK_BOX (row),
                  make_choice (modes, modes_help, self->modes, G_CALLBACK (mode_toggled), self));
  gtk_box_append (GTK_BOX (row), self->appearance);
  gtk_box_append (GTK_BOX (row), space);
  self->tools = gtk_stack_new ();
  gtk_stack_set_hhomogeneous (GTK_STACK (self->tools), FALSE);
  gtk_stack_add_named (GTK_STACK (self->tools), self->count, "panes");
  gtk_stack_add_named (GTK_STACK (self->tools),
                       lw_memory_view_make_controls (LW_MEMORY_VIEW (self->memory)), "memory");
  self->copy = copy_button (self);
  gtk_box_append (GTK_BOX (row), self->tools);
  gtk_box_append (GTK_BOX (row), self->copy);
  gtk_box_append (GTK_BOX (row), self->knobs_button);
  return row;
}
