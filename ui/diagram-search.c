#include "ui/diagram-search.h"

#include "ui/accessible.h"

#include <adwaita.h>
#include <glib/gi18n.h>

struct _LwDiagramSearch {
  GtkWidget parent;
  LwDiagramView *diagram; /* borrowed: it lives longer */
  GtkWidget *content;
  GtkWidget *entry, *count, *previous, *next, *regex, *trouble;
  bool active;
};

G_DEFINE_FINAL_TYPE (LwDiagramSearch, lw_diagram_search, GTK_TYPE_WIDGET)

static guint closed_signal;

/* --- searching -------------------------------------------------------------------------------- */

static char *
count_words (int32_t n, int32_t current, bool with_blocks)
{
  if (n == 0)
    return g_strdup (_ ("No layer matches"));
  if (current < 0 && with_blocks)
    return g_strdup_printf (ngettext ("%d match", "%d matches", (gulong)n), n);
  if (current < 0)
    return g_strdup_printf (ngettext ("%d layer", "%d layers", (gulong)n), n);
  if (with_blocks)
    return g_strdup_printf (ngettext ("%d of %d match", "%d of %d matches", (gulong)n), current + 1,
                            n);
  return g_strdup_printf (ngettext ("%d of %d layer", "%d of %d layers", (gulong)n), current + 1,
                          n);
}

/* What the diagram has found, which also changes when another layer is marked. */
static void
found (LwDiagramSearch *self)
{
  const bool asked = *gtk_editable_get_text (GTK_EDITABLE (self->entry)) != '\0';
  const bool fine = !gtk_widget_get_visible (self->trouble);
  bool with_blocks;
  int32_t current;
  const int32_t n = lw_diagram_view_n_matches (self->diagram, &current, &with_blocks);
  g_autofree char *words = asked && fine ? count_words (n, current, with_blocks) : g_strdup ("");

  if (g_strcmp0 (words, gtk_label_get_text (GTK_LABEL (self->count))) != 0) {
    gtk_label_set_text (GTK_LABEL (self->count), words);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->entry),
                                    GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words, -1);
  }
  gtk_widget_set_sensitive (self->previous, n > 0);
  gtk_widget_set_sensitive (self->next, n > 0);
}

static void
search (LwDiagramSearch *self)
{
  const char *query = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  const bool regex = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->regex));
  g_autoptr (GError) error = NULL;
  const bool fine =
      lw_diagram_view_search (self->diagram, self->active ? query : NULL, regex, &error);

  gtk_label_set_text (GTK_LABEL (self->trouble), fine ? "" : error->message);
  gtk_widget_set_visible (self->trouble, !fine);
  if (fine)
    gtk_widget_remove_css_class (self->entry, "error");
  else
    gtk_widget_add_css_class (self->entry, "error");
  found (self);
}

void
lw_diagram_search_step (LwDiagramSearch *self, int direction)
{
  lw_diagram_view_next_match (self->diagram, direction);
}

static void
next (LwDiagramSearch *self)
{
  lw_diagram_search_step (self, 1);
}

static void
previous (LwDiagramSearch *self)
{
  lw_diagram_search_step (self, -1);
}

void
lw_diagram_search_set_active (LwDiagramSearch *self, bool active)
{
  if (active) {
    gtk_widget_grab_focus (self->entry);
    gtk_editable_select_region (GTK_EDITABLE (self->entry), 0, -1);
  }
  if (active == self->active)
    return;
  self->active = active;
  search (self);
}

const char *
lw_diagram_search_count (LwDiagramSearch *self)
{
  return gtk_label_get_text (GTK_LABEL (self->count));
}

static gboolean
key_pressed (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
             LwDiagramSearch *self)
{
  (void)controller;
  (void)code;
  switch (key) {
  case GDK_KEY_Escape:
    g_signal_emit (self, closed_signal, 0);
    return GDK_EVENT_STOP;
  case GDK_KEY_Return:
  case GDK_KEY_KP_Enter:
    if (!gtk_widget_has_focus (GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (self->entry)))))
      return GDK_EVENT_PROPAGATE; /* a button's own */
    lw_diagram_search_step (self, state & GDK_SHIFT_MASK ? -1 : 1);
    return GDK_EVENT_STOP;
  default:
    return GDK_EVENT_PROPAGATE;
  }
}

/* --- set-up ----------------------------------------------------------------------------------- */

static GtkWidget *
make_button (LwDiagramSearch *self, const char *icon, const char *name, GCallback clicked)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, name);
  lw_name_widget (button, name);
  g_signal_connect_swapped (button, "clicked", clicked, self);
  return button;
}

/* The number stands in the entry, after what is typed. */
static GtkWidget *
make_entry (LwDiagramSearch *self)
{
  GtkWidget *overlay = gtk_overlay_new ();

  self->entry = gtk_entry_new ();
  self->count = gtk_label_new (NULL);
  gtk_entry_set_icon_from_icon_name (GTK_ENTRY (self->entry), GTK_ENTRY_ICON_PRIMARY,
                                     "system-search-symbolic");
  gtk_entry_set_icon_activatable (GTK_ENTRY (self->entry), GTK_ENTRY_ICON_PRIMARY, FALSE);
  gtk_entry_set_placeholder_text (GTK_ENTRY (self->entry), _ ("Layer, kind, 3×3"));
  gtk_editable_set_width_chars (GTK_EDITABLE (self->entry), 8);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (self->entry), 14);
  gtk_widget_add_css_class (self->entry, "lw-search-entry");
  lw_name_widget (self->entry, _ ("Search for layers"));
  g_signal_connect_swapped (self->entry, "changed", G_CALLBACK (search), self);
  gtk_widget_add_css_class (self->count, "lw-search-count");
  gtk_widget_set_halign (self->count, GTK_ALIGN_END);
  gtk_widget_set_valign (self->count, GTK_ALIGN_CENTER);
  gtk_widget_set_can_target (self->count, FALSE);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), self->entry);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), self->count);
  return overlay;
}

static GtkWidget *
make_row (LwDiagramSearch *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *steps = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *hint = gtk_label_new (_ ("A number on a folded block counts the matches inside it"));
  GtkWidget *squeezer = adw_squeezer_new ();

  self->previous =
      make_button (self, "go-up-symbolic", _ ("Previous match"), G_CALLBACK (previous));
  self->next = make_button (self, "go-down-symbolic", _ ("Next match"), G_CALLBACK (next));
  self->regex = gtk_toggle_button_new_with_label (".*");
  gtk_widget_add_css_class (steps, "linked");
  gtk_box_append (GTK_BOX (steps), self->previous);
  gtk_box_append (GTK_BOX (steps), self->next);
  gtk_widget_set_tooltip_text (self->regex, _ ("Regular expression"));
  lw_name_widget (self->regex, _ ("Regular expression"));
  gtk_widget_add_css_class (self->regex, "lw-search-regex");
  g_signal_connect_swapped (self->regex, "toggled", G_CALLBACK (search), self);
  /* the hint goes where there is no room for all of it */
  gtk_widget_add_css_class (hint, "lw-caption");
  gtk_label_set_xalign (GTK_LABEL (hint), 1);
  adw_squeezer_add (ADW_SQUEEZER (squeezer), hint);
  adw_squeezer_set_allow_none (ADW_SQUEEZER (squeezer), TRUE);
  adw_squeezer_set_xalign (ADW_SQUEEZER (squeezer), 1);
  gtk_widget_set_hexpand (squeezer, TRUE);
  gtk_widget_add_css_class (row, "lw-toolbar");
  gtk_box_append (GTK_BOX (row), make_entry (self));
  gtk_box_append (GTK_BOX (row), steps);
  gtk_box_append (GTK_BOX (row), self->regex);
  gtk_box_append (GTK_BOX (row), squeezer);
  for (GtkWidget *child = gtk_widget_get_first_child (row); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    gtk_widget_set_valign (child, GTK_ALIGN_CENTER);
  return row;
}

GtkWidget *
lw_diagram_search_new (LwDiagramView *diagram)
{
  LwDiagramSearch *self = g_object_new (LW_TYPE_DIAGRAM_SEARCH, NULL);

  self->diagram = diagram;
  g_signal_connect_object (diagram, "found", G_CALLBACK (found), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

static void
lw_diagram_search_dispose (GObject *object)
{
  g_clear_pointer (&LW_DIAGRAM_SEARCH (object)->content, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_diagram_search_parent_class)->dispose (object);
}

static void
lw_diagram_search_class_init (LwDiagramSearchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_diagram_search_dispose;
  closed_signal = g_signal_new ("closed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_diagram_search_init (LwDiagramSearch *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (self->content), make_row (self));
  self->trouble = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->trouble), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->trouble), 0);
  gtk_widget_add_css_class (self->trouble, "lw-error-text");
  gtk_widget_add_css_class (self->trouble, "lw-search-trouble");
  gtk_widget_set_visible (self->trouble, FALSE);
  gtk_box_append (GTK_BOX (self->content), self->trouble);
  gtk_widget_set_parent (self->content, GTK_WIDGET (self));
  gtk_widget_set_sensitive (self->previous, FALSE);
  gtk_widget_set_sensitive (self->next, FALSE);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}
