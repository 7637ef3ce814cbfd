#include "ui/fold-buttons.h"

#include "ui/accessible.h"

#include <glib/gi18n.h>

#define DEPTHS 3

struct _LwFoldButtons {
  GtkWidget parent;
  LwDiagramView *diagram; /* borrowed: it lives longer */
  GtkWidget *box;
  GSimpleAction *to; /* "fold.to" with a depth */
};

G_DEFINE_FINAL_TYPE (LwFoldButtons, lw_fold_buttons, GTK_TYPE_WIDGET)

static void
add_button (LwFoldButtons *self, const char *icon, const char *name, GCallback clicked)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, name);
  lw_name_widget (button, name);
  g_signal_connect_swapped (button, "clicked", clicked, self->diagram);
  gtk_box_append (GTK_BOX (self->box), button);
}

static void
unfold_to (GSimpleAction *action, GVariant *depth, LwFoldButtons *self)
{
  (void)action;
  lw_diagram_view_unfold_to (self->diagram, g_variant_get_int32 (depth));
}

static GtkWidget *
make_menu (void)
{
  static const char *const words[DEPTHS] = { N_ ("Unfold to depth 1"), N_ ("Unfold to depth 2"),
                                             N_ ("Unfold to depth 3") };
  g_autoptr (GMenu) menu = g_menu_new ();
  GtkWidget *button = gtk_menu_button_new ();

  for (int i = 0; i < DEPTHS; i++) {
    g_autofree char *action = g_strdup_printf ("fold.to(%d)", i + 1);

    g_menu_append (menu, _ (words[i]), action);
  }
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "pan-down-symbolic");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), G_MENU_MODEL (menu));
  gtk_widget_set_tooltip_text (button, _ ("Unfold to a depth"));
  lw_name_widget (button, _ ("Unfold to a depth"));
  gtk_widget_add_css_class (button, "lw-narrow");
  return button;
}

/* A network without blocks has no depths. */
static void
show_depth (LwFoldButtons *self)
{
  g_simple_action_set_enabled (self->to, lw_diagram_view_depth (self->diagram) > 0);
}

GtkWidget *
lw_fold_buttons_new (LwDiagramView *diagram)
{
  LwFoldButtons *self = g_object_new (LW_TYPE_FOLD_BUTTONS, NULL);
  g_autoptr (GSimpleActionGroup) actions = g_simple_action_group_new ();

  self->diagram = diagram;
  self->to = g_simple_action_new ("to", G_VARIANT_TYPE_INT32);
  g_signal_connect (self->to, "activate", G_CALLBACK (unfold_to), self);
  g_action_map_add_action (G_ACTION_MAP (actions), G_ACTION (self->to));
  gtk_widget_insert_action_group (GTK_WIDGET (self), "fold", G_ACTION_GROUP (actions));
  add_button (self, "lw-unfold-symbolic", _ ("Unfold all"),
              G_CALLBACK (lw_diagram_view_unfold_all));
  add_button (self, "lw-fold-symbolic", _ ("Fold all"), G_CALLBACK (lw_diagram_view_fold_all));
  gtk_box_append (GTK_BOX (self->box), make_menu ());
  g_signal_connect_object (diagram, "appearance-changed", G_CALLBACK (show_depth), self,
                           G_CONNECT_SWAPPED);
  show_depth (self);
  return GTK_WIDGET (self);
}

static void
lw_fold_buttons_dispose (GObject *object)
{
  LwFoldButtons *self = LW_FOLD_BUTTONS (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->to);
  G_OBJECT_CLASS (lw_fold_buttons_parent_class)->dispose (object);
}

static void
lw_fold_buttons_class_init (LwFoldButtonsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_fold_buttons_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_fold_buttons_init (LwFoldButtons *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_add_css_class (self->box, "linked");
  gtk_widget_set_valign (self->box, GTK_ALIGN_CENTER);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}
