#include "ui/chart-toolbar.h"

#include "ui/accessible.h"
#include "ui/health-chips.h"

#include <glib/gi18n.h>

struct _LwChartToolbar {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: they live longer */
  LwChartView *charts;
  GtkWidget *row, *smoothing_value, *log_button, *fit_button, *settings_button;
  bool updating;
};

G_DEFINE_FINAL_TYPE (LwChartToolbar, lw_chart_toolbar, GTK_TYPE_WIDGET)

static void
smoothing_changed (GtkRange *range, LwChartToolbar *self)
{
  const double weight = gtk_range_get_value (range);
  g_autofree char *text = g_strdup_printf ("%.2f", weight);

  gtk_label_set_text (GTK_LABEL (self->smoothing_value), text);
  lw_chart_view_set_smoothing (self->charts, weight);
}

static void
log_toggled (GtkToggleButton *button, LwChartToolbar *self)
{
  if (!self->updating)
    lw_chart_view_set_log_loss (self->charts, gtk_toggle_button_get_active (button));
}

static void
make (LwChartToolbar *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *title = gtk_label_new (_ ("Smoothing"));
  GtkWidget *scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 0, 0.99, 0.01);
  GtkWidget *space = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_add_css_class (row, "lw-toolbar");
  gtk_widget_add_css_class (title, "lw-caption");
  gtk_widget_set_size_request (scale, 110, -1);
  gtk_widget_set_valign (scale, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (scale), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Smoothing"), -1);
  self->smoothing_value = gtk_label_new ("0.00");
  gtk_widget_add_css_class (self->smoothing_value, "lw-number");
  gtk_widget_set_hexpand (space, TRUE);
  self->log_button = gtk_toggle_button_new_with_mnemonic (_ ("_Log Loss"));
  lw_name_by_words (self->log_button);
  gtk_widget_set_tooltip_text (self->log_button, _ ("Logarithmic axis for the loss"));
  self->fit_button = gtk_button_new_with_label (_ ("Fit"));
  gtk_widget_set_tooltip_text (self->fit_button,
                               _ ("Show the whole run (double click in the charts)"));
  self->settings_button = gtk_toggle_button_new ();
  gtk_button_set_icon_name (GTK_BUTTON (self->settings_button), "emblem-system-symbolic");
  gtk_widget_set_tooltip_text (self->settings_button, _ ("Settings"));
  gtk_widget_set_visible (self->settings_button, FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->settings_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Settings"), -1);
  for (GtkWidget **button =
           (GtkWidget *[]){ self->log_button, self->fit_button, self->settings_button, NULL };
       *button != NULL; button++)
    gtk_widget_set_valign (*button, GTK_ALIGN_CENTER);
  g_signal_connect (scale, "value-changed", G_CALLBACK (smoothing_changed), self);
  g_signal_connect (self->log_button, "toggled", G_CALLBACK (log_toggled), self);
  g_signal_connect_swapped (self->fit_button, "clicked", G_CALLBACK (lw_chart_view_fit),
                            self->charts);
  g_object_bind_property (self->charts, "zoomed", self->fit_button, "sensitive",
                          G_BINDING_SYNC_CREATE);
  gtk_box_append (GTK_BOX (row), title);
  gtk_box_append (GTK_BOX (row), scale);
  gtk_box_append (GTK_BOX (row), self->smoothing_value);
  gtk_box_append (GTK_BOX (row), lw_health_chips_new (self->workbench));
  gtk_box_append (GTK_BOX (row), space);
  gtk_box_append (GTK_BOX (row), self->log_button);
  gtk_box_append (GTK_BOX (row), self->fit_button);
  gtk_box_append (GTK_BOX (row), self->settings_button);
  self->row = row;
}

void
lw_chart_toolbar_update (LwChartToolbar *self)
{
  self->updating = true;
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->log_button),
                                lw_chart_view_log_loss (self->charts));
  self->updating = false;
}

GtkWidget *
lw_chart_toolbar_settings_button (LwChartToolbar *self)
{
  return self->settings_button;
}

GtkWidget *
lw_chart_toolbar_new (LwWorkbench *workbench, LwChartView *charts)
{
  LwChartToolbar *self = g_object_new (LW_TYPE_CHART_TOOLBAR, NULL);

  self->workbench = workbench;
  self->charts = charts;
  make (self);
  gtk_widget_set_parent (self->row, GTK_WIDGET (self));
  return GTK_WIDGET (self);
}

static void
lw_chart_toolbar_dispose (GObject *object)
{
  g_clear_pointer (&LW_CHART_TOOLBAR (object)->row, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_chart_toolbar_parent_class)->dispose (object);
}

static void
lw_chart_toolbar_class_init (LwChartToolbarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_chart_toolbar_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_chart_toolbar_init (LwChartToolbar *self)
{
  (void)self;
}
