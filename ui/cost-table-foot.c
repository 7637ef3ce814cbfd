/* Below the rows of the cost table: how many are hidden, and the totals. */
#include "ui/cost-table-private.h"

#include <glib/gi18n.h>

static void
show_totals (LwCostTable *self)
{
  const LwCost all = lw_graph_cost (self->graph);
  g_autofree char *parameters = lw_format_exact (all.parameters);
  g_autofree char *value = lw_format_exact (lw_cost_value (all, self->columns.rows.count));
  g_autofree char *macs = lw_format_short ((double)all.macs);
  g_autofree char *flops = lw_format_short (2.0 * (double)all.macs);
  g_autofree char *words = NULL;

  switch (self->columns.rows.count) {
  case LW_COUNT_MACS:
    words = g_strdup_printf (_ ("MACs = %s FLOPs"), flops);
    break;
  case LW_COUNT_FLOPS:
    words = g_strdup_printf (_ ("FLOPs = 2 × %s MACs"), macs);
    break;
  case LW_COUNT_OPERATIONS:
    words = g_strdup_printf (_ ("operations, 2 × %s in MACs"), macs);
    break;
  }
  gtk_label_set_text (GTK_LABEL (self->parameters), parameters);
  gtk_label_set_text (GTK_LABEL (self->value), value);
  gtk_label_set_text (GTK_LABEL (self->value_words), words);
}

char *
lw_cost_table_hidden_words (LwCostTable *self)
{
  const gulong n = (gulong)self->hidden;
  const bool everything = self->columns.rows.everything;

  if (self->columns.rows.count == LW_COUNT_OPERATIONS)
    return g_strdup_printf (
        everything ? ngettext ("%d layer has no parameters or operations",
                               "%d layers have no parameters or operations", n)
                   : ngettext ("%d layer without parameters or operations is hidden",
                               "%d layers without parameters or operations are hidden", n),
        self->hidden);
  return g_strdup_printf (everything
                              ? ngettext ("%d layer has no parameters or MACs",
                                          "%d layers have no parameters or MACs", n)
                              : ngettext ("%d layer without parameters or MACs is hidden",
                                          "%d layers without parameters or MACs are hidden", n),
                          self->hidden);
}

static void
show_hidden (LwCostTable *self)
{
  g_autofree char *words = lw_cost_table_hidden_words (self);

  gtk_label_set_text (GTK_LABEL (self->hidden_label), words);
  gtk_button_set_label (GTK_BUTTON (self->hidden_button),
                        self->columns.rows.everything ? _ ("Hide") : _ ("Show"));
  gtk_widget_set_visible (self->hidden_line, self->hidden > 0);
}

void
lw_cost_table_show_foot (LwCostTable *self)
{
  show_totals (self);
  show_hidden (self);
}

static void
toggle_hidden (LwCostTable *self)
{
  self->columns.rows.everything = !self->columns.rows.everything;
  lw_cost_table_fill (self);
}

static GtkWidget *
total_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_widget_add_css_class (label, css_class);
  gtk_widget_add_css_class (label, "lw-number");
  gtk_label_set_single_line_mode (GTK_LABEL (label), TRUE);
  return label;
}

static GtkWidget *
make_totals (LwCostTable *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *title = total_label (_ ("Total"), "lw-total");
  GtkWidget *words = total_label (_ ("parameters"), "lw-dim");

  gtk_widget_add_css_class (row, "lw-cost-total");
  self->parameters = total_label (NULL, "lw-total");
  self->value = total_label (NULL, "lw-total");
  self->value_words = total_label (NULL, "lw-dim");
  gtk_label_set_ellipsize (GTK_LABEL (self->value_words), PANGO_ELLIPSIZE_END);
  gtk_widget_set_margin_end (title, 12);
  gtk_widget_set_hexpand (self->parameters, TRUE);
  gtk_widget_set_halign (self->parameters, GTK_ALIGN_END);
  gtk_widget_set_margin_start (words, 4);
  gtk_widget_set_margin_end (words, 12);
  gtk_widget_set_hexpand (self->value, TRUE);
  gtk_widget_set_halign (self->value, GTK_ALIGN_END);
  gtk_widget_set_margin_start (self->value_words, 4);
  gtk_box_append (GTK_BOX (row), title);
  gtk_box_append (GTK_BOX (row), self->parameters);
  gtk_box_append (GTK_BOX (row), words);
  gtk_box_append (GTK_BOX (row), self->value);
  gtk_box_append (GTK_BOX (row), self->value_words);
  return row;
}

static GtkWidget *
make_hidden_line (LwCostTable *self)
{
  self->hidden_line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  self->hidden_label = gtk_label_new (NULL);
  self->hidden_button = gtk_button_new_with_label ("");
  gtk_widget_add_css_class (self->hidden_line, "lw-cost-hidden");
  gtk_widget_add_css_class (self->hidden_label, "lw-small");
  gtk_label_set_ellipsize (GTK_LABEL (self->hidden_label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (self->hidden_button, "flat");
  gtk_widget_add_css_class (self->hidden_button, "lw-link");
  gtk_widget_set_valign (self->hidden_button, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (self->hidden_button, "clicked", G_CALLBACK (toggle_hidden), self);
  gtk_box_append (GTK_BOX (self->hidden_line), self->hidden_label);
  gtk_box_append (GTK_BOX (self->hidden_line), self->hidden_button);
  return self->hidden_line;
}

void
lw_cost_table_add_foot (LwCostTable *self)
{
  gtk_box_append (GTK_BOX (self->box), make_hidden_line (self));
  gtk_box_append (GTK_BOX (self->box), make_totals (self));
}
