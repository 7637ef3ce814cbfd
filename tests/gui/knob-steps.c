#include "tests/gui/knob-steps.h"

Knobs
knobs (Gui *gui, const char *model)
{
  GtkWidget *gear = gui_button (gui->window, "Knobs");
  Knobs k;

  if (gear != NULL && gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (gear)))
    gui_press (gear);
  k.e = explore (gui, model);
  gui_press (gui_button (k.e.page, "Knobs"));
  k.panel = gui_find (k.e.page, LW_TYPE_KNOBS_PANEL);
  g_assert_nonnull (k.panel);
  gui_assert_soon (gtk_widget_get_mapped (k.panel) && gtk_widget_get_width (k.panel) >= 300);
  return k;
}

static GtkWidget *
find_row (GtkWidget *root, const char *knob)
{
  if (LW_IS_KNOB_ROW (root))
    return g_str_equal (lw_knob_row_knob (LW_KNOB_ROW (root))->name, knob) ? root : NULL;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = find_row (child, knob);

    if (found != NULL)
      return found;
  }
  return NULL;
}

GtkWidget *
row_of (const Knobs *k, const char *knob)
{
  GtkWidget *row = find_row (k->panel, knob);

  g_assert_nonnull (row);
  return row;
}

GtkWidget *
control_of (const Knobs *k, const char *knob, GType type)
{
  GtkWidget *control = gui_find (row_of (k, knob), type);

  g_assert_nonnull (control);
  g_assert_true (gtk_widget_is_sensitive (control));
  return control;
}

void
type_number (const Knobs *k, const char *knob, const char *text)
{
  lw_workbench_settle (k->e.gui->workbench); /* the focus came from elsewhere */
  gui_type_number (control_of (k, knob, GTK_TYPE_SPIN_BUTTON), text);
  gui_wait (0.02);
}

void
assert_knob (const Knobs *k, const char *knob, const char *value)
{
  g_autofree char *meant = lw_options_get (lw_workbench_knobs (k->e.gui->workbench), knob);
  g_autofree char *shown = lw_knob_row_value (LW_KNOB_ROW (row_of (k, knob)));

  g_assert_cmpstr (meant, ==, value);
  g_assert_cmpstr (shown, ==, value);
}

bool
can (Gui *gui, const char *action)
{
  return g_action_group_get_action_enabled (G_ACTION_GROUP (gui->window), action);
}
