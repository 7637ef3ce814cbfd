#include "ui/bn-parts.h"

#include "ui/accessible.h"
#include "ui/paragraph.h"

#include <glib/gi18n.h>

/* A card of words beside the charts: a heading and a paragraph. */
static GtkWidget *
make_card (const char *heading, const char *formula, const char *words)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0),
            *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  const struct {
    const char *text, *css_class;
  } lines[] = { { heading, "lw-strong" }, { formula, "lw-formula" }, { words, "lw-caption" } };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++) {
    GtkWidget *label = gtk_label_new (NULL);

    gtk_label_set_markup (GTK_LABEL (label), lines[i].text);
    gtk_label_set_xalign (GTK_LABEL (label), 0);
    gtk_label_set_wrap (GTK_LABEL (label), TRUE);
    gtk_label_set_max_width_chars (GTK_LABEL (label), 38);
    gtk_widget_add_css_class (label, lines[i].css_class);
    gtk_box_append (GTK_BOX (box), lw_paragraph_new (label, 236));
  }
  gtk_widget_add_css_class (card, "lw-card");
  gtk_box_append (GTK_BOX (card), box);
  return card;
}

GtkWidget *
lw_bn_rule_card_new (void)
{
  return make_card (_ ("How the running values follow"),
                    "μ<sub>run</sub> ← 0.9 · μ<sub>run</sub> + 0.1 · μ<sub>batch</sub>",
                    _ ("About the last 10 batches count. The book’s own code calls this momentum "
                       "0.9, PyTorch 0.1: the same rule."));
}

GtkWidget *
lw_bn_switch_new (GtkWidget *ret_buttons[2], const char *first, const char *second,
                  GCallback toggled, gpointer data)
{
  const char *const words[] = { first, second };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_add_css_class (box, "linked");
  gtk_widget_add_css_class (box, "lw-bn-switch");
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  for (int i = 0; i < 2; i++) {
    ret_buttons[i] = gtk_toggle_button_new_with_label (words[i]);
    gtk_box_append (GTK_BOX (box), ret_buttons[i]);
  }
  gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (ret_buttons[1]),
                               GTK_TOGGLE_BUTTON (ret_buttons[0]));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (ret_buttons[0]), TRUE);
  for (int i = 0; i < 2; i++)
    g_signal_connect (ret_buttons[i], "toggled", toggled, data);
  return box;
}

GtkWidget *
lw_bn_note_new (void)
{
  GtkWidget *note = gtk_label_new (NULL);

  gtk_label_set_markup (
      GTK_LABEL (note),
      _ ("<b>γ</b> starts at 1, <b>β</b> at 0 (dashed); both are learned. <b>Gap</b>: "
         "how far the batch mean is from the running mean, in running deviations."));
  gtk_label_set_wrap (GTK_LABEL (note), TRUE);
  gtk_label_set_xalign (GTK_LABEL (note), 0);
  gtk_label_set_max_width_chars (GTK_LABEL (note), 38);
  gtk_widget_set_margin_start (note, 14);
  gtk_widget_set_margin_end (note, 14);
  gtk_widget_set_margin_bottom (note, 10);
  gtk_widget_add_css_class (note, "lw-caption");
  return note;
}

GtkWidget *
lw_bn_status_new (GtkWidget **ret_train, GtkWidget **ret_train_with)
{
  GtkWidget *page = adw_status_page_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  GtkWidget *const buttons[] = { gtk_button_new_with_mnemonic (_ ("_Train")),
                                 gtk_button_new_with_mnemonic (_ ("Train _It With BN")) };

  adw_status_page_set_icon_name (ADW_STATUS_PAGE (page), "lw-inspect-symbolic");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (buttons[0]), "win.train");
  for (guint i = 0; i < G_N_ELEMENTS (buttons); i++) {
    lw_name_by_words (buttons[i]);
    gtk_widget_add_css_class (buttons[i], "suggested-action");
    gtk_widget_add_css_class (buttons[i], "pill");
    gtk_widget_set_halign (buttons[i], GTK_ALIGN_CENTER);
    gtk_box_append (GTK_BOX (box), buttons[i]);
  }
  adw_status_page_set_child (ADW_STATUS_PAGE (page), box);
  *ret_train = buttons[0];
  *ret_train_with = buttons[1];
  return page;
}
