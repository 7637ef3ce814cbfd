/* Names for assistive tools, where GTK gives none or says the words on a button twice; and the
 * focus. */
#pragma once

#include <adwaita.h>
#include <stdbool.h>

G_BEGIN_DECLS

void lw_name_widget (GtkWidget *widget, const char *name);
/* A drop-down and the button in it, which takes the focus. */
void lw_name_drop_down (GtkWidget *drop_down, const char *name);
/* The words on a button are its name; for buttons whose words have a mnemonic: theirs is the label
 * with the underline otherwise. */
void lw_name_by_words (GtkWidget *button);
/* The same for all buttons with mnemonics in a widget that makes its own, as a dialog does. */
void lw_name_all_by_words (GtkWidget *widget);
/* The word beside a button's picture, or the picture alone, whose name is the word then. */
void lw_show_word (AdwButtonContent *content, const char *word, bool shown);
/* gtk_widget_set_sensitive, but the focus leaves first: GTK does not tell a field that has become
 * insensitive that it has lost it, and its cursor blinks on, with a warning. */
void lw_set_sensitive (GtkWidget *widget, bool sensitive);

G_END_DECLS
