#include "ui/chart-toolbar.h"

#include "ui/accessible.h"
#include "ui/chart-axes.h"
#include "ui/health-chips.h"

#include <glib/gi18n.h>

/* Below the first width words are left out; each chip of the run's health needs more. */
#define COMPACT_WIDTH 700
#define CHIP_WIDTH    80

struct _LwChartToolbar {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: they live longer */
  LwChartView *charts;
  GtkWidget *row, *x_words, *smoothing_words;
  GtkWidget *log_button, *follow_button, *fit_button, *settings_button, *seeds_button, *smoothing;
  GtkWidget *health;
  AdwButtonContent *follow;
  int width;
  bool updating;
};

G_DEFINE_FINAL_TYPE (LwChartToolbar, lw_chart_toolbar, GTK_TYPE_WIDGET)

static void
log_toggled (GtkToggleButton *button, LwChartToolbar *self)
{
  if (!self->updating)
    lw_chart_view_set_log_loss (self->charts, gtk_toggle_button_get_active (button));
}

static void
follow_toggled (GtkToggleButton *button, LwChartToolbar *self)
{
  if (!self->updating)
    lw_chart_view_set_follow (self->charts, gtk_toggle_button_get_active (button));
}

/* Pressed it stays: what is fitted is fitted. */
static void
fit_toggled (LwChartToolbar *self)
{
  if (self->updating)
    return;
  lw_chart_view_fit (self->charts);
  lw_chart_toolbar_update (self);
}

static GtkWidget *
words (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_widget_add_css_class (label, "lw-caption");
  return label;
}

static GtkWidget *
make_follow (LwChartToolbar *self)
{
  GtkWidget *content = adw_button_content_new ();

  adw_button_content_set_icon_name (ADW_BUTTON_CONTENT (content), "lw-follow-symbolic");
  adw_button_content_set_label (ADW_BUTTON_CONTENT (content), _ ("Follow"));
  self->follow = ADW_BUTTON_CONTENT (content);
  self->follow_button = gtk_toggle_button_new ();
  gtk_button_set_child (GTK_BUTTON (self->follow_button), content);
  gtk_widget_set_tooltip_text (self->follow_button,
                               _ ("Keep all of a running training in view; only while fitted"));
  g_signal_connect (self->follow_button, "toggled", G_CALLBACK (follow_toggled), self);
  return self->follow_button;
}

static GtkWidget *
make_range_buttons (LwChartToolbar *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  self->fit_button = gtk_toggle_button_new_with_label (_ ("Fit"));
  gtk_widget_set_tooltip_text (self->fit_button,
                               _ ("Show the whole run (double click in the charts)"));
  g_signal_connect_swapped (self->fit_button, "toggled", G_CALLBACK (fit_toggled), self);
  gtk_widget_add_css_class (box, "linked");
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), make_follow (self));
  gtk_box_append (GTK_BOX (box), self->fit_button);
  return box;
}

static void
make (LwChartToolbar *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *space = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *export = gtk_button_new_from_icon_name ("lw-download-symbolic");

  gtk_widget_add_css_class (row, "lw-toolbar");
  self->x_words = words (_ ("x axis"));
  self->smoothing_words = words (_ ("Smoothing"));
  gtk_widget_set_margin_start (self->smoothing_words, 6);
  gtk_widget_set_hexpand (space, TRUE);
  self->log_button = gtk_toggle_button_new_with_label (_ ("Log loss"));
  gtk_widget_set_tooltip_text (self->log_button, _ ("Logarithmic axis for the loss (L)"));
  g_signal_connect (self->log_button, "toggled", G_CALLBACK (log_toggled), self);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (export), "win.export-charts");
  gtk_widget_set_tooltip_text (export, _ ("Export the charts…"));
  lw_name_widget (export, _ ("Export the charts…"));
  gtk_widget_add_css_class (export, "flat");
  self->settings_button = gtk_toggle_button_new ();
  gtk_button_set_icon_name (GTK_BUTTON (self->settings_button), "emblem-system-symbolic");
  gtk_widget_set_tooltip_text (self->settings_button, _ ("Settings"));
  gtk_widget_set_visible (self->settings_button, FALSE);
  lw_name_widget (self->settings_button, _ ("Settings"));
  self->seeds_button = gtk_toggle_button_new_with_label (_ ("Seeds"));
  gtk_widget_set_tooltip_text (self->seeds_button,
                               _ ("All seeds of this run: their mean in a band from the lowest to "
                                  "the highest"));
  gtk_widget_set_visible (self->seeds_button, FALSE);
  for (GtkWidget **button = (GtkWidget *[]){ self->log_button, self->seeds_button, export,
                                             self->settings_button, NULL };
       *button != NULL; button++)
    gtk_widget_set_valign (*button, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (row), self->x_words);
  gtk_box_append (GTK_BOX (row), lw_chart_x_choice_new (self->charts));
  gtk_box_append (GTK_BOX (row), self->smoothing_words);
  self->smoothing = lw_chart_smoothing_new (self->charts);
  gtk_box_append (GTK_BOX (row), self->smoothing);
  self->health = lw_health_chips_new (self->workbench);
  gtk_box_append (GTK_BOX (row), self->health);
  gtk_box_append (GTK_BOX (row), self->seeds_button);
  gtk_box_append (GTK_BOX (row), space);
  gtk_box_append (GTK_BOX (row), self->log_button);
  gtk_box_append (GTK_BOX (row), lw_chart_axes_button_new (self->charts));
  gtk_box_append (GTK_BOX (row), make_range_buttons (self));
  gtk_box_append (GTK_BOX (row), export);
  gtk_box_append (GTK_BOX (row), self->settings_button);
  self->row = row;
}

void
lw_chart_toolbar_update (LwChartToolbar *self)
{
  self->updating = true;
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->log_button),
                                lw_chart_view_log_loss (self->charts));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->follow_button),
                                lw_chart_view_follows (self->charts));
  gtk_widget_set_sensitive (self->follow_button, lw_chart_view_can_follow (self->charts));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->fit_button),
                                !lw_chart_view_is_zoomed (self->charts));
  self->updating = false;
}

/* The seeds' button is there for few runs: others make room for it. */
static void
make_room (LwChartToolbar *self)
{
  const bool seeds = gtk_widget_get_visible (self->seeds_button);
  const int chips = lw_health_chips_shown (LW_HEALTH_CHIPS (self->health));
  const bool words = !seeds && self->width >= COMPACT_WIDTH + chips * CHIP_WIDTH;

  gtk_widget_set_visible (self->x_words, words);
  gtk_widget_set_visible (self->smoothing_words, words);
  lw_show_word (self->follow, _ ("Follow"), words || chips <= 1);
  gtk_widget_set_visible (self->smoothing, self->width >= COMPACT_WIDTH || !seeds);
  gtk_widget_set_visible (gtk_widget_get_last_child (self->smoothing), !seeds); /* the number */
}

void
lw_chart_toolbar_set_width (LwChartToolbar *self, int width)
{
  if (width == self->width)
    return;
  self->width = width;
  make_room (self);
}

GtkWidget *
lw_chart_toolbar_seeds_button (LwChartToolbar *self)
{
  return self->seeds_button;
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
  g_signal_connect_object (charts, "changed", G_CALLBACK (lw_chart_toolbar_update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_swapped (self->seeds_button, "notify::visible", G_CALLBACK (make_room), self);
  g_signal_connect_swapped (self->health, "changed", G_CALLBACK (make_room), self);
  lw_chart_toolbar_update (self);
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
