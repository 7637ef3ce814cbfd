#include "ui/train-page.h"

#include "ui/accessible.h"
#include "ui/chart-view.h"
#include "ui/feature-strip.h"
#include "ui/paragraph.h"
#include "ui/settings-panel.h"
#include "ui/train-strip.h"

#include <glib/gi18n.h>

/* Below this width the settings are a flap over the charts. */
#define COMPACT_WIDTH 930

struct _LwTrainPage {
  GtkWidget parent;
  LwWorkbench *workbench;
  LwRunItem *run;
  gulong synced_id;

  GtkWidget *stack; /* "train" or "no-data" */
  GtkWidget *no_data;
  GtkWidget *strip, *charts, *features;
  GtkWidget *smoothing_value, *log_button, *fit_button, *settings_button;
  GtkWidget *bar, *bar_title, *bar_text, *bar_button;
  AdwFlap *flap;
  bool updating;
};

G_DEFINE_FINAL_TYPE (LwTrainPage, lw_train_page, GTK_TYPE_WIDGET)

/* --- the bar under the strip: what went wrong, and what to do ------------------------------------
 */

static void
show_bar (LwTrainPage *self)
{
  LwRunItem *run = self->run;
  const LwRunState state = run != NULL ? lw_run_item_state (run) : LW_RUN_READY;
  const bool diverged = state == LW_RUN_DIVERGED, failed = state == LW_RUN_FAILED;

  gtk_revealer_set_reveal_child (GTK_REVEALER (self->bar), diverged || failed);
  if (diverged) {
    g_autofree char *title = g_strdup_printf (
        _ ("Diverged: the loss is no finite number in iteration %" G_GINT64_FORMAT),
        lw_run_item_progress (run).step);
    g_autofree char *label = g_strdup_printf (_ ("Try Learning Rate %g"),
                                              lw_run_item_settings (run)->learning_rate / 10);

    gtk_label_set_text (GTK_LABEL (self->bar_title), title);
    gtk_button_set_label (GTK_BUTTON (self->bar_button), label);
  } else if (failed) {
    gtk_label_set_text (GTK_LABEL (self->bar_title), _ ("The training failed"));
  }
  gtk_widget_set_visible (self->bar_button, diverged);
  if (diverged || failed)
    gtk_label_set_text (GTK_LABEL (self->bar_text),
                        lw_run_item_message (run) != NULL ? lw_run_item_message (run) : "");
}

static void
try_smaller_rate (LwTrainPage *self)
{
  g_autofree char *rate = NULL;

  if (self->run == NULL)
    return;
  rate = g_strdup_printf ("%g", lw_run_item_settings (self->run)->learning_rate / 10);
  lw_workbench_use_settings (self->workbench, lw_run_item_settings (self->run));
  lw_workbench_set (self->workbench, "learning-rate", rate, NULL);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.train", NULL);
}

static GtkWidget *
make_bar (LwTrainPage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *icon = gtk_image_new_from_icon_name ("dialog-error-symbolic");

  self->bar = gtk_revealer_new ();
  self->bar_title = gtk_label_new (NULL);
  self->bar_text = gtk_label_new (NULL);
  self->bar_button = gtk_button_new_with_label ("");
  gtk_widget_add_css_class (icon, "lw-error-text");
  gtk_widget_add_css_class (self->bar_title, "lw-strong");
  gtk_widget_add_css_class (self->bar_text, "lw-caption");
  gtk_label_set_xalign (GTK_LABEL (self->bar_title), 0);
  gtk_label_set_xalign (GTK_LABEL (self->bar_text), 0);
  gtk_label_set_wrap (GTK_LABEL (self->bar_text), TRUE);
  gtk_widget_set_hexpand (words, TRUE);
  gtk_widget_set_valign (self->bar_button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (self->bar_button, "suggested-action");
  g_signal_connect_swapped (self->bar_button, "clicked", G_CALLBACK (try_smaller_rate), self);
  gtk_box_append (GTK_BOX (words), self->bar_title);
  gtk_box_append (GTK_BOX (words), lw_paragraph_new (self->bar_text, 200));
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), words);
  gtk_box_append (GTK_BOX (box), self->bar_button);
  gtk_widget_add_css_class (box, "lw-bar");
  gtk_widget_add_css_class (box, "error");
  gtk_revealer_set_child (GTK_REVEALER (self->bar), box);
  return self->bar;
}

/* --- following the selection ---------------------------------------------------------------------
 */

static void
show_log_button (LwTrainPage *self)
{
  self->updating = true;
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->log_button),
                                lw_chart_view_log_loss (LW_CHART_VIEW (self->charts)));
  self->updating = false;
}

static void
synced (LwTrainPage *self)
{
  lw_train_strip_update (LW_TRAIN_STRIP (self->strip));
  show_bar (self);
  show_log_button (self);
}

static void
selection_changed (LwTrainPage *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);

  if (self->run != NULL)
    g_clear_signal_handler (&self->synced_id, self->run);
  g_set_object (&self->run, run);
  if (run != NULL)
    self->synced_id = g_signal_connect_swapped (run, "synced", G_CALLBACK (synced), self);
  lw_chart_view_set_run (LW_CHART_VIEW (self->charts), run);
  synced (self);
}

static void
dataset_changed (LwTrainPage *self)
{
  const char *problem = lw_workbench_dataset_error (self->workbench);

  if (problem != NULL)
    adw_status_page_set_description (ADW_STATUS_PAGE (self->no_data), problem);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), problem != NULL ? "no-data" : "train");
}

/* --- toolbar of the charts
 * ------------------------------------------------------------------------- */

static void
smoothing_changed (GtkRange *range, LwTrainPage *self)
{
  const double weight = gtk_range_get_value (range);
  g_autofree char *text = g_strdup_printf ("%.2f", weight);

  gtk_label_set_text (GTK_LABEL (self->smoothing_value), text);
  lw_chart_view_set_smoothing (LW_CHART_VIEW (self->charts), weight);
}

static void
log_toggled (GtkToggleButton *button, LwTrainPage *self)
{
  if (!self->updating)
    lw_chart_view_set_log_loss (LW_CHART_VIEW (self->charts),
                                gtk_toggle_button_get_active (button));
}

static GtkWidget *
make_chart_toolbar (LwTrainPage *self)
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
  gtk_box_append (GTK_BOX (row), space);
  gtk_box_append (GTK_BOX (row), self->log_button);
  gtk_box_append (GTK_BOX (row), self->fit_button);
  gtk_box_append (GTK_BOX (row), self->settings_button);
  return row;
}

/* --- set-up ------------------------------------------------------------------------------------
 */

bool
lw_train_page_export (LwTrainPage *self, const char *path, GError **error)
{
  return lw_chart_view_export (LW_CHART_VIEW (self->charts), path, error);
}

static GtkWidget *
make_no_data (LwTrainPage *self)
{
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *shapes = gtk_button_new_with_mnemonic (_ ("_Use Built-in Shapes"));
  GtkWidget *other = gtk_button_new_with_mnemonic (_ ("Choose a _Folder…"));

  self->no_data = adw_status_page_new ();
  lw_name_by_words (shapes);
  lw_name_by_words (other);
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (self->no_data), "folder-pictures-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (self->no_data), _ ("The Data Set Is Missing"));
  gtk_widget_set_halign (buttons, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (shapes, "suggested-action");
  gtk_widget_add_css_class (shapes, "pill");
  gtk_widget_add_css_class (other, "pill");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (shapes), "win.use-shapes");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (other), "win.open-data");
  gtk_box_append (GTK_BOX (buttons), shapes);
  gtk_box_append (GTK_BOX (buttons), other);
  adw_status_page_set_child (ADW_STATUS_PAGE (self->no_data), buttons);
  return self->no_data;
}

void
lw_train_page_set_width (LwTrainPage *self, int width)
{
  const bool compact = width < COMPACT_WIDTH;
  const bool was_compact = adw_flap_get_fold_policy (self->flap) == ADW_FLAP_FOLD_POLICY_ALWAYS;

  if (compact == was_compact)
    return;
  lw_feature_strip_set_compact (LW_FEATURE_STRIP (self->features), compact);
  lw_train_strip_set_compact (LW_TRAIN_STRIP (self->strip), compact);
  adw_flap_set_fold_policy (self->flap,
                            compact ? ADW_FLAP_FOLD_POLICY_ALWAYS : ADW_FLAP_FOLD_POLICY_NEVER);
  adw_flap_set_reveal_flap (self->flap, !compact);
  adw_flap_set_flap_position (self->flap, compact ? GTK_PACK_END : GTK_PACK_START);
  gtk_widget_set_visible (self->settings_button, compact);
}

GtkWidget *
lw_train_page_new (LwWorkbench *workbench)
{
  LwTrainPage *self = g_object_new (LW_TYPE_TRAIN_PAGE, NULL);
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *right = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *settings = lw_settings_panel_new (workbench);

  self->workbench = workbench;
  self->strip = lw_train_strip_new (workbench);
  self->charts = lw_chart_view_new ();
  self->features = lw_feature_strip_new (workbench);
  gtk_widget_add_css_class (right, "lw-canvas");
  gtk_widget_set_hexpand (right, TRUE);
  gtk_widget_set_margin_start (self->charts, 14);
  gtk_widget_set_margin_end (self->charts, 14);
  gtk_widget_set_margin_top (self->charts, 4);
  gtk_widget_set_margin_bottom (self->charts, 4);
  gtk_widget_add_css_class (settings, "lw-pane");
  gtk_widget_set_size_request (settings, 281, -1);

  gtk_box_append (GTK_BOX (right), make_chart_toolbar (self));
  gtk_box_append (GTK_BOX (right), self->charts);
  gtk_box_append (GTK_BOX (right), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (right), self->features);

  self->flap = ADW_FLAP (adw_flap_new ());
  adw_flap_set_flap (self->flap, settings);
  adw_flap_set_separator (self->flap, gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  adw_flap_set_content (self->flap, right);
  adw_flap_set_fold_policy (self->flap, ADW_FLAP_FOLD_POLICY_NEVER);
  gtk_widget_set_vexpand (GTK_WIDGET (self->flap), TRUE);
  g_object_bind_property (self->flap, "reveal-flap", self->settings_button, "active",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);

  gtk_box_append (GTK_BOX (column), self->strip);
  gtk_box_append (GTK_BOX (column), make_bar (self));
  gtk_box_append (GTK_BOX (column), GTK_WIDGET (self->flap));

  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), column, "train");
  gtk_stack_add_named (GTK_STACK (self->stack), make_no_data (self), "no-data");
  gtk_widget_set_parent (self->stack, GTK_WIDGET (self));

  g_signal_connect_object (workbench, "selection-changed", G_CALLBACK (selection_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "draft-changed", G_CALLBACK (synced), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "run-ended", G_CALLBACK (synced), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "dataset-changed", G_CALLBACK (dataset_changed), self,
                           G_CONNECT_SWAPPED);
  dataset_changed (self);
  selection_changed (self);
  return GTK_WIDGET (self);
}

static void
lw_train_page_dispose (GObject *object)
{
  LwTrainPage *self = LW_TRAIN_PAGE (object);

  if (self->run != NULL)
    g_clear_signal_handler (&self->synced_id, self->run);
  g_clear_object (&self->run);
  g_clear_pointer (&self->stack, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_train_page_parent_class)->dispose (object);
}

static void
lw_train_page_class_init (LwTrainPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_train_page_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
lw_train_page_init (LwTrainPage *self)
{
  (void)self;
}
