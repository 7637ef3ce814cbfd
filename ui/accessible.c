#include "ui/accessible.h"

void
lw_name_widget (GtkWidget *widget, const char *name)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

void
lw_name_drop_down (GtkWidget *drop_down, const char *name)
{
  lw_name_widget (drop_down, name);
  lw_name_widget (gtk_widget_get_first_child (drop_down), name);
}

void
lw_name_by_words (GtkWidget *button)
{
  gtk_accessible_reset_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL);
}

void
lw_name_all_by_words (GtkWidget *widget)
{
  if (GTK_IS_BUTTON (widget) && gtk_button_get_use_underline (GTK_BUTTON (widget)))
    lw_name_by_words (widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    lw_name_all_by_words (child);
}

void
lw_show_word (AdwButtonContent *content, const char *word, bool shown)
{
  GtkWidget *button = gtk_widget_get_parent (GTK_WIDGET (content));

  adw_button_content_set_label (content, shown ? word : "");
  if (shown)
    lw_name_by_words (button);
  else
    lw_name_widget (button, word);
}

void
lw_set_sensitive (GtkWidget *widget, bool sensitive)
{
  GtkRoot *root = gtk_widget_get_root (widget);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  if (!sensitive && focus != NULL && (focus == widget || gtk_widget_is_ancestor (focus, widget)))
    gtk_root_set_focus (root, NULL);
  gtk_widget_set_sensitive (widget, sensitive);
}
