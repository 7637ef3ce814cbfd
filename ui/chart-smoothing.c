/* The choice of what x is, and how much is smoothed. */
#include "ui/accessible.h"
#include "ui/chart-toolbar.h"

#include <glib/gi18n.h>
#include <math.h>

#define MOST_TYPED 0.999

/* --- x -----------------------------------------------------------------------------------------
 */

static void
x_shown (LwChartView *charts, GParamSpec *spec, GtkDropDown *choice)
{
  (void)spec;
  if (gtk_drop_down_get_selected (choice) != (guint)lw_chart_view_x (charts))
    gtk_drop_down_set_selected (choice, (guint)lw_chart_view_x (charts));
}

static void
x_changed (LwChartView *charts, GtkDropDown *choice)
{
  x_shown (charts, NULL, choice);
}

static void
x_chosen (GtkDropDown *choice, GParamSpec *spec, LwChartView *charts)
{
  const guint x = gtk_drop_down_get_selected (choice);

  (void)spec;
  if (x < LW_N_X && x != (guint)lw_chart_view_x (charts))
    lw_chart_view_set_x (charts, (LwChartX)x);
}

GtkWidget *
lw_chart_x_choice_new (LwChartView *charts)
{
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);
  GtkWidget *choice;

  for (int x = 0; x < LW_N_X; x++)
    gtk_string_list_append (list, lw_chart_x_title ((LwChartX)x));
  choice = gtk_drop_down_new (G_LIST_MODEL (g_steal_pointer (&list)), NULL);
  lw_name_drop_down (choice, _ ("x axis"));
  gtk_widget_set_valign (choice, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (
      choice, _ ("What the x axis counts. Time: in training steps, without tests and pauses. "
                 "Examples: iterations × batch size. MACs: 3 × those of a forward pass × examples, "
                 "because a backward pass takes about twice as many as a forward pass."));
  x_changed (charts, GTK_DROP_DOWN (choice));
  g_signal_connect_object (choice, "notify::selected", G_CALLBACK (x_chosen), charts, 0);
  g_signal_connect_object (charts, "changed", G_CALLBACK (x_changed), choice, 0);
  return choice;
}

/* --- smoothing ---------------------------------------------------------------------------------
 */

typedef struct {
  LwChartView *charts; /* lives longer than what it draws with, or is gone */
  GtkWidget *scale, *field;
  bool showing;
} Smoothing;

static void
show_weight (Smoothing *self)
{
  const double weight = lw_chart_view_smoothing (self->charts);
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  self->showing = true;
  g_ascii_formatd (number, sizeof number,
                   fabs (weight * 100 - round (weight * 100)) < 1e-6 ? "%.2f" : "%.3f", weight);
  if (fabs (gtk_range_get_value (GTK_RANGE (self->scale)) - weight) > 1e-6)
    gtk_range_set_value (GTK_RANGE (self->scale), weight);
  if (g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (self->field)), number) != 0)
    gtk_editable_set_text (GTK_EDITABLE (self->field), number);
  gtk_widget_remove_css_class (self->field, "error");
  self->showing = false;
}

static void
slid (GtkRange *scale, Smoothing *self)
{
  if (self->showing)
    return;
  lw_chart_view_set_smoothing (self->charts, gtk_range_get_value (scale));
  show_weight (self);
}

static void
typed (GtkEditable *field, Smoothing *self)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (field)));
  char *end;
  double weight;

  for (char *c = text; *c != '\0'; c++) /* a comma is a point, as in half of the world */
    *c = *c == ',' ? '.' : *c;
  weight = g_ascii_strtod (text, &end);
  if (end == text || *end != '\0' || !isfinite (weight) || weight < 0 || weight >= 1) {
    gtk_widget_add_css_class (GTK_WIDGET (field), "error");
    return;
  }
  lw_chart_view_set_smoothing (self->charts, MIN (weight, MOST_TYPED));
  show_weight (self);
}

static void
left (Smoothing *self)
{
  if (!gtk_widget_get_mapped (self->field))
    return;
  if (!gtk_widget_has_css_class (self->field, "error"))
    typed (GTK_EDITABLE (self->field), self);
  show_weight (self);
}

static void
view_changed (LwChartView *charts, GtkWidget *box)
{
  Smoothing *self = g_object_get_data (G_OBJECT (box), "smoothing");

  (void)charts;
  if (fabs (gtk_range_get_value (GTK_RANGE (self->scale)) - lw_chart_view_smoothing (charts)) >
      1e-6)
    show_weight (self);
}

GtkWidget *
lw_chart_smoothing_new (LwChartView *charts)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  GtkEventController *focus = gtk_event_controller_focus_new ();
  Smoothing *self = g_new0 (Smoothing, 1);

  self->charts = charts;
  self->scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 0, 0.99, 0.01);
  self->field = gtk_entry_new ();
  gtk_range_set_round_digits (GTK_RANGE (self->scale), 2);
  gtk_widget_set_size_request (self->scale, 70, -1);
  gtk_widget_set_valign (self->scale, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (
      self->scale, _ ("Debiased exponential average of the training curves; the values themselves "
                      "stay as faint lines"));
  lw_name_widget (self->scale, _ ("Smoothing"));
  gtk_editable_set_width_chars (GTK_EDITABLE (self->field), 5);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (self->field), 5);
  gtk_entry_set_max_length (GTK_ENTRY (self->field), 8);
  gtk_widget_set_valign (self->field, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (self->field, "lw-number");
  gtk_widget_add_css_class (self->field, "lw-smoothing");
  gtk_widget_set_tooltip_text (self->field, _ ("Weight of what came before, 0 to 0.999"));
  lw_name_widget (self->field, _ ("Weight of the smoothing"));
  gtk_box_append (GTK_BOX (box), self->scale);
  gtk_box_append (GTK_BOX (box), self->field);
  g_object_set_data_full (G_OBJECT (box), "smoothing", self, g_free);
  show_weight (self);
  g_signal_connect (self->scale, "value-changed", G_CALLBACK (slid), self);
  g_signal_connect (self->field, "activate", G_CALLBACK (typed), self);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (left), self);
  gtk_widget_add_controller (self->field, focus);
  g_signal_connect_object (charts, "changed", G_CALLBACK (view_changed), box, 0);
  return box;
}
