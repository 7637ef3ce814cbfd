#include "ui/train-page.h"

#include "ui/accessible.h"
#include "ui/chart-export-dialog.h"
#include "ui/chart-toolbar.h"
#include "ui/chart-view.h"
#include "ui/divergence-view.h"
#include "ui/feature-strip.h"
#include "ui/follow-bar.h"
#include "ui/queue-bar.h"
#include "ui/run-groups.h"
#include "ui/settings-panel.h"
#include "ui/train-strip.h"
#include "ui/trouble-bar.h"

#include <glib/gi18n.h>

/* Below this width the settings are a flap over the charts. */
#define COMPACT_WIDTH  930
#define SETTINGS_WIDTH 312

struct _LwTrainPage {
  GtkWidget parent;
  LwWorkbench *workbench;
  LwRunItem *run;
  gulong synced_id, notes_id;
  GPtrArray *set; /* the runs of the chart: one, or all that differ in their seed */
  bool colouring; /* colours are being shown, not chosen */

  GtkWidget *stack; /* "train" or "no-data" */
  GtkWidget *no_data;
  GtkWidget *strip, *charts, *features, *divergence;
  GtkWidget *toolbar, *trouble, *following, *settings_button, *seeds_button;
  AdwFlap *flap;
};

G_DEFINE_FINAL_TYPE (LwTrainPage, lw_train_page, GTK_TYPE_WIDGET)

/* --- following the selection ---------------------------------------------------------------------
 */

static void
synced (LwTrainPage *self)
{
  lw_train_strip_update (LW_TRAIN_STRIP (self->strip));
  lw_chart_view_set_queues (LW_CHART_VIEW (self->charts),
                            lw_workbench_live_run (self->workbench) != NULL);
  lw_trouble_bar_update (LW_TROUBLE_BAR (self->trouble));
  lw_follow_bar_update (LW_FOLLOW_BAR (self->following));
  lw_chart_toolbar_update (LW_CHART_TOOLBAR (self->toolbar));
  /* Of weights that are no numbers there are no feature maps. */
  gtk_widget_set_visible (self->features,
                          !lw_divergence_view_update (LW_DIVERGENCE_VIEW (self->divergence)));
}

/* --- colours -------------------------------------------------------------------------------------
 * The training's curves have the run's colour where a person chose one, here or beside other runs;
 * blue otherwise. The test's have their own, orange or what was chosen. */

static int
colour_of (LwTrainPage *self, int key)
{
  const LwRunNotes *notes = lw_run_item_notes (self->set->pdata[0]);
  const int own = notes->chosen ? notes->colour : 0;

  if (key == 0)
    return own;
  return notes->test_colour >= 0 ? notes->test_colour : own == 1 ? 0 : 1;
}

static void
show_colours (LwTrainPage *self)
{
  LwChartView *view = LW_CHART_VIEW (self->charts);

  self->colouring = true;
  for (int key = 0; key < lw_chart_view_n_keys (view); key++) {
    const int colour = self->set->len > 0 ? colour_of (self, key) : key;

    if (lw_chart_view_style (view, key).colour != colour)
      lw_chart_view_set_colour (view, key, colour);
  }
  self->colouring = false;
}

static void
styles_changed (LwTrainPage *self)
{
  LwChartView *view = LW_CHART_VIEW (self->charts);
  const int n = self->colouring || self->set->len == 0 ? 0 : lw_chart_view_n_keys (view);

  for (int key = 0; key < n; key++) {
    const int colour = lw_chart_view_style (view, key).colour;

    if (colour == colour_of (self, key))
      continue;
    for (guint i = 0; i < self->set->len; i++)
      (key == 0 ? lw_run_item_choose_colour : lw_run_item_choose_test_colour) (self->set->pdata[i],
                                                                               colour);
    return; /* all was shown anew */
  }
}

/* The run, or on request all that differ from it in their seed alone. */
static void
show_charts (LwTrainPage *self)
{
  g_autoptr (GPtrArray) set =
      self->run != NULL ? lw_runs_with_other_seeds (self->workbench, self->run) : NULL;
  const bool repeated = set != NULL && set->len > 1;

  gtk_widget_set_visible (self->seeds_button, repeated);
  g_ptr_array_set_size (self->set, 0);
  if (repeated && gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->seeds_button))) {
    self->colouring = true;
    lw_chart_view_set_repeated (LW_CHART_VIEW (self->charts), (LwRunItem *const *)set->pdata,
                                (int)set->len);
    for (guint i = 0; i < set->len; i++)
      g_ptr_array_add (self->set, g_object_ref (set->pdata[i]));
  } else {
    self->colouring = true;
    lw_chart_view_set_run (LW_CHART_VIEW (self->charts), self->run);
    if (self->run != NULL)
      g_ptr_array_add (self->set, g_object_ref (self->run));
  }
  show_colours (self);
}

static void
forget_run (LwTrainPage *self)
{
  g_clear_signal_handler (&self->synced_id, self->run);
  g_clear_signal_handler (&self->notes_id, self->run);
}

/* A run's curves need no images, which may be missing here, as those of another machine's are. */
static void
show_whole (LwTrainPage *self)
{
  const bool missing = lw_workbench_dataset_error (self->workbench) != NULL && self->run == NULL;

  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), missing ? "no-data" : "train");
}

static void
selection_changed (LwTrainPage *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);

  if (self->run != NULL)
    forget_run (self);
  g_set_object (&self->run, run);
  if (run != NULL) {
    self->synced_id = g_signal_connect_swapped (run, "synced", G_CALLBACK (synced), self);
    self->notes_id =
        g_signal_connect_swapped (run, "notes-changed", G_CALLBACK (show_colours), self);
  }
  show_charts (self);
  synced (self);
  show_whole (self);
}

static void
dataset_changed (LwTrainPage *self)
{
  const char *problem = lw_workbench_dataset_error (self->workbench);

  if (problem != NULL) {
    g_autofree char *escaped = g_markup_escape_text (problem, -1);

    adw_status_page_set_description (ADW_STATUS_PAGE (self->no_data), escaped);
  }
  show_whole (self);
}

/* --- set-up ------------------------------------------------------------------------------------
 */

GtkWidget *
lw_train_page_export_dialog (LwTrainPage *self, const char *name)
{
  return lw_chart_export_dialog_new (LW_CHART_VIEW (self->charts), name);
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

  lw_chart_toolbar_set_width (LW_CHART_TOOLBAR (self->toolbar),
                              compact ? width : width - SETTINGS_WIDTH);
  if (compact == was_compact)
    return;
  lw_feature_strip_set_compact (LW_FEATURE_STRIP (self->features), compact);
  lw_divergence_view_set_compact (LW_DIVERGENCE_VIEW (self->divergence), compact);
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
  self->divergence = lw_divergence_view_new (workbench);
  self->toolbar = lw_chart_toolbar_new (workbench, LW_CHART_VIEW (self->charts));
  self->trouble = lw_trouble_bar_new (workbench);
  self->following = lw_follow_bar_new (workbench);
  self->seeds_button = lw_chart_toolbar_seeds_button (LW_CHART_TOOLBAR (self->toolbar));
  g_signal_connect_swapped (self->charts, "styles-changed", G_CALLBACK (styles_changed), self);
  g_signal_connect_swapped (self->seeds_button, "toggled", G_CALLBACK (show_charts), self);
  g_signal_connect_object (lw_workbench_runs (workbench), "items-changed", G_CALLBACK (show_charts),
                           self, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  self->settings_button = lw_chart_toolbar_settings_button (LW_CHART_TOOLBAR (self->toolbar));
  gtk_widget_add_css_class (right, "lw-canvas");
  gtk_widget_set_hexpand (right, TRUE);
  gtk_widget_set_margin_start (self->charts, 14);
  gtk_widget_set_margin_end (self->charts, 14);
  gtk_widget_set_margin_top (self->charts, 4);
  gtk_widget_set_margin_bottom (self->charts, 4);
  gtk_widget_add_css_class (settings, "lw-pane");
  gtk_widget_set_size_request (settings, 281, -1);

  gtk_box_append (GTK_BOX (right), self->toolbar);
  gtk_box_append (GTK_BOX (right), self->charts);
  gtk_box_append (GTK_BOX (right), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (right), self->features);
  gtk_box_append (GTK_BOX (right), self->divergence);

  self->flap = ADW_FLAP (adw_flap_new ());
  adw_flap_set_flap (self->flap, settings);
  adw_flap_set_separator (self->flap, gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  adw_flap_set_content (self->flap, right);
  adw_flap_set_fold_policy (self->flap, ADW_FLAP_FOLD_POLICY_NEVER);
  gtk_widget_set_vexpand (GTK_WIDGET (self->flap), TRUE);
  g_object_bind_property (self->flap, "reveal-flap", self->settings_button, "active",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);

  gtk_box_append (GTK_BOX (column), self->strip);
  gtk_box_append (GTK_BOX (column), lw_queue_bar_new (workbench));
  gtk_box_append (GTK_BOX (column), self->following);
  gtk_box_append (GTK_BOX (column), self->trouble);
  gtk_box_append (GTK_BOX (column), GTK_WIDGET (self->flap));

  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), column, "train");
  gtk_stack_add_named (GTK_STACK (self->stack), make_no_data (self), "no-data");
  gtk_widget_set_parent (self->stack, GTK_WIDGET (self));

  g_signal_connect_object (workbench, "selection-changed", G_CALLBACK (selection_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "draft-changed", G_CALLBACK (synced), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "run-started", G_CALLBACK (synced), self, G_CONNECT_SWAPPED);
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
    forget_run (self);
  g_clear_object (&self->run);
  g_clear_pointer (&self->stack, gtk_widget_unparent);
  g_clear_pointer (&self->set, g_ptr_array_unref);
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
  self->set = g_ptr_array_new_with_free_func (g_object_unref);
}
