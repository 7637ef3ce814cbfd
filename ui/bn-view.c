#include "ui/bn-view.h"

#include "engine/analysis.h"
#include "ui/accessible.h"
#include "ui/bn-block.h"
#include "ui/bn-card.h"
#include "ui/bn-chart.h"
#include "ui/bn-lessons.h"
#include "ui/bn-parts.h"
#include "ui/bn-stages.h"
#include "ui/bn-studying.h"
#include "ui/bn-table.h"
#include "ui/bn-values.h"
#include "ui/run-epochs.h"
#include "ui/run-weights.h"

#include <glib/gi18n.h>
#include <math.h>

struct _LwBnView {
  GtkWidget parent;
  LwWorkbench *workbench;
  LwRunItem *run;
  gulong synced_id;
  LwNodeId layer, titled; /* titled: that the title is of */
  int64_t version;        /* of the history that is shown */
  guint refresh_id;
  bool compact;
  LwBnStudying *studying;
  LwBnMeasuring *measuring;
  GtkWidget *stack, *status, *status_train, *status_with, *table, *chart, *title, *moment, *note,
      *block;
  GtkWidget *stages, *modes[LW_N_BN_STATISTICS], *charts[2], *lower, *cards, *card, *lessons,
      *epochs;
};

G_DEFINE_FINAL_TYPE (LwBnView, lw_bn_view, GTK_TYPE_WIDGET)

/* The step and epoch that are looked at; LW_NEWEST_STEP and NAN: the newest. */
static int64_t
looked_at (LwBnView *self, double *ret_epoch)
{
  int64_t step = LW_NEWEST_STEP;

  *ret_epoch = NAN;
  lw_run_epochs_chosen (LW_RUN_EPOCHS (self->epochs), &step, ret_epoch);
  return step;
}

/* What the cards say while there is no study. */
static void
show_study (LwBnView *self)
{
  const LwBnStudy *study = lw_bn_studying_study (self->studying);
  const char *problem = lw_bn_studying_problem (self->studying);
  const int channel = lw_bn_table_channel (LW_BN_TABLE (self->table));

  if (study != NULL && study->layer == self->layer)
    lw_bn_block_show (LW_BN_BLOCK (self->block), study->shape, study->images, channel);
  lw_bn_stages_show (LW_BN_STAGES (self->stages), study, channel,
                     problem != NULL ? problem : _ ("A batch is on its way…"));
}

static void
show_channel (LwBnView *self, LwBnHistory *history)
{
  const int channel = lw_bn_table_channel (LW_BN_TABLE (self->table));
  const LwNode *node = lw_graph_node (lw_workbench_graph (self->workbench), self->layer);
  g_autofree char *title =
      self->compact
          ? g_strdup_printf (_ ("Channel %d"), channel)
          : g_strdup_printf (_ ("Channel %d: one batch on its way through the layer"), channel);
  double until;

  looked_at (self, &until);
  lw_bn_chart_show (LW_BN_CHART (self->chart), history, self->layer, channel, until);
  if (g_str_equal (title, gtk_label_get_text (GTK_LABEL (self->title))) &&
      self->layer == self->titled)
    return; /* a training went on: the study has a signal of its own */
  self->titled = self->layer;
  gtk_label_set_text (GTK_LABEL (self->title), title);
  lw_bn_block_show (LW_BN_BLOCK (self->block), node->shape,
                    lw_workbench_settings (self->workbench)->batch, channel);
  show_study (self);
}

/* When the table's values were taken: of a run that has ended they are the last, not the best. */
static void
show_moment (LwBnView *self, int64_t step, bool past)
{
  g_autofree char *number = lw_format_exact (step);
  g_autofree char *words =
      g_strdup_printf (past || lw_run_item_is_live (self->run) ? _ ("After iteration %s")
                                                               : _ ("Last recorded: iteration %s"),
                       number);

  gtk_label_set_text (GTK_LABEL (self->moment), words);
}

static void
show_values (LwBnView *self, LwBnHistory *history)
{
  double epoch;
  const int64_t step = looked_at (self, &epoch);
  const bool past = step != LW_NEWEST_STEP;
  LwBnValues values;

  if (!lw_bn_values_read (history, lw_workbench_graph (self->workbench), self->layer, step,
                          &values))
    return;
  lw_bn_table_set_values (LW_BN_TABLE (self->table), values.n, values.gamma, values.beta,
                          values.gap);
  show_moment (self, values.step, past);
  lw_bn_values_clear (&values);
  lw_bn_card_set_step (LW_BN_CARD (self->card), lw_run_item_progress (self->run).step, past);
}

static void
show_status (LwBnView *self, const char *title, const char *description, bool offer_training,
             bool offer_norm)
{
  adw_status_page_set_title (ADW_STATUS_PAGE (self->status), title);
  adw_status_page_set_description (ADW_STATUS_PAGE (self->status), description);
  gtk_widget_set_visible (self->status_train, offer_training);
  gtk_widget_set_visible (self->status_with, offer_norm);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "status");
}

static void
refresh (LwBnView *self)
{
  double epoch;
  LwBnHistory *history = self->run != NULL ? lw_run_item_bn_history (self->run) : NULL;
  const bool values =
      self->layer != LW_NO_NODE && history != NULL && lw_bn_history_version (history) > 0;

  if (self->layer == LW_NO_NODE) {
    const bool busy = lw_workbench_live_run (self->workbench) != NULL;

    show_status (self, _ ("No Batch Normalization Here"),
                 busy ? _ ("This network has no batch-normalization layer. It can be trained with "
                           "one when the training that is under way has ended.")
                      : _ ("This network has no batch-normalization layer. With one after each "
                           "convolution and linear layer it bears higher learning rates."),
                 false, !busy && lw_bn_lessons_can_train_with (LW_BN_LESSONS (self->lessons)));
  } else if (!values) {
    show_status (
        self, _ ("No Statistics Yet"),
        _ ("Train this network, and each layer's scale, shift, batch and running statistics "
           "appear here as they change."),
        self->run == NULL, false);
  } else {
    gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "values");
    show_values (self, history);
    show_channel (self, history);
    self->version = lw_bn_history_version (history);
  }
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  lw_bn_measuring_set_run (self->measuring, values ? self->run : NULL);
  lw_bn_studying_look (self->studying, values ? self->run : NULL, self->layer,
                       looked_at (self, &epoch));
}

/* A training of hundreds of steps a second would redraw each frame: a few times a second do. */
#define REFRESH_MS 200

static gboolean
refresh_now (gpointer data)
{
  LwBnView *self = data;
  LwBnHistory *history = self->run != NULL ? lw_run_item_bn_history (self->run) : NULL;

  self->refresh_id = 0;
  if (gtk_widget_get_mapped (GTK_WIDGET (self)) && history != NULL)
    refresh (self);
  return G_SOURCE_REMOVE;
}

static void
synced (LwBnView *self)
{
  LwBnHistory *history = lw_run_item_bn_history (self->run);

  if (gtk_widget_get_mapped (GTK_WIDGET (self)) && history != NULL && self->refresh_id == 0 &&
      (lw_bn_history_version (history) != self->version || !lw_run_item_is_live (self->run)))
    self->refresh_id = g_timeout_add (REFRESH_MS, refresh_now, self);
}

static void
selection_changed (LwBnView *self)
{
  if (self->run != NULL)
    g_clear_signal_handler (&self->synced_id, self->run);
  g_set_object (&self->run, lw_workbench_run (self->workbench));
  if (self->run != NULL)
    self->synced_id = g_signal_connect_swapped (self->run, "synced", G_CALLBACK (synced), self);
  self->version = 0;
  self->titled = LW_NO_NODE;
  lw_run_epochs_set_run (LW_RUN_EPOCHS (self->epochs), self->run);
  lw_bn_studying_look (self->studying, NULL, LW_NO_NODE, LW_NEWEST_STEP);
}

/* What is under way may have decided what is offered, and the last weights are those that stay. */
static void
run_ended (LwBnView *self)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    refresh (self);
}

static void
channel_changed (LwBnView *self)
{
  LwBnHistory *history = self->run != NULL ? lw_run_item_bn_history (self->run) : NULL;

  if (history != NULL && self->layer != LW_NO_NODE)
    show_channel (self, history);
}

void
lw_bn_view_set_layer (LwBnView *self, LwNodeId layer)
{
  self->layer = layer;
  lw_bn_table_set_values (LW_BN_TABLE (self->table), 0, NULL, NULL, NULL);
  refresh (self);
}

int
lw_bn_view_channel (LwBnView *self)
{
  return lw_bn_table_channel (LW_BN_TABLE (self->table));
}

void
lw_bn_view_set_channel (LwBnView *self, int channel)
{
  lw_bn_table_set_channel (LW_BN_TABLE (self->table), channel);
}

void
lw_bn_view_set_compact (LwBnView *self, bool compact)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->lower),
                                  compact ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
  self->compact = compact;
  lw_bn_stages_set_compact (LW_BN_STAGES (self->stages), compact);
  gtk_widget_set_visible (self->note, !compact);
  gtk_widget_set_size_request (self->chart, -1, compact ? 320 : 280);
  if (self->layer != LW_NO_NODE)
    refresh (self);
}

static void
lw_bn_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (lw_bn_view_parent_class)->map (widget);
  refresh (LW_BN_VIEW (widget));
}

static void
lw_bn_view_unmap (GtkWidget *widget)
{
  LwBnView *self = LW_BN_VIEW (widget);

  lw_bn_studying_look (self->studying, NULL, LW_NO_NODE, LW_NEWEST_STEP); /* nobody looks */
  GTK_WIDGET_CLASS (lw_bn_view_parent_class)->unmap (widget);
}

static void
mode_toggled (GtkToggleButton *button, LwBnView *self)
{
  if (gtk_toggle_button_get_active (button))
    lw_bn_stages_set_mode (LW_BN_STAGES (self->stages),
                           GTK_WIDGET (button) == self->modes[LW_BN_BATCH] ? LW_BN_BATCH
                                                                           : LW_BN_RUNNING);
}

static void
chart_toggled (GtkToggleButton *button, LwBnView *self)
{
  if (gtk_toggle_button_get_active (button))
    lw_bn_chart_set_parameters (LW_BN_CHART (self->chart), GTK_WIDGET (button) == self->charts[1]);
}

static void
epoch_moved (LwBnView *self)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    refresh (self);
}

static bool
is_busy (gpointer studying)
{
  return lw_bn_studying_is_busy (studying);
}

static gboolean
play (GtkWidget *widget, GVariant *none, gpointer data)
{
  (void)none;
  (void)data;
  lw_epoch_bar_toggle_play (lw_run_epochs_bar (LW_RUN_EPOCHS (LW_BN_VIEW (widget)->epochs)));
  return TRUE;
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static GtkWidget *
make_left (LwBnView *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0),
            *scroller = gtk_scrolled_window_new ();

  self->note = lw_bn_note_new ();
  self->moment = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->moment), 0);
  gtk_label_set_wrap (GTK_LABEL (self->moment), TRUE);
  gtk_widget_set_margin_start (self->moment, 14);
  gtk_widget_set_margin_end (self->moment, 14);
  gtk_widget_set_margin_top (self->moment, 8);
  gtk_widget_set_margin_bottom (self->moment, 4);
  gtk_widget_add_css_class (self->moment, "lw-heading");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->table);
  gtk_widget_set_focusable (scroller, FALSE); /* the table takes the keys */
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_widget_add_css_class (column, "lw-pane");
  gtk_box_append (GTK_BOX (column), scroller);
  gtk_box_append (GTK_BOX (column), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (column), self->moment);
  gtk_box_append (GTK_BOX (column), self->note);
  gtk_box_append (GTK_BOX (column), self->block);
  return column;
}

static GtkWidget *
make_cards (LwBnView *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 9);

  gtk_box_append (GTK_BOX (column), self->card);
  gtk_box_append (GTK_BOX (column), lw_bn_rule_card_new ());
  gtk_box_append (GTK_BOX (column), self->lessons);
  return column;
}

/* What happens to the values: the cards under their title and the mode. */
static GtkWidget *
make_upper (LwBnView *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *caption = gtk_label_new (_ ("Mode"));

  self->title = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->title), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (self->title, TRUE);
  gtk_widget_add_css_class (self->title, "lw-strong");
  gtk_widget_add_css_class (caption, "lw-caption");
  gtk_box_append (GTK_BOX (row), self->title);
  gtk_box_append (GTK_BOX (row), caption);
  gtk_box_append (GTK_BOX (row), lw_bn_switch_new (self->modes, _ ("Training"), _ ("Evaluation"),
                                                   G_CALLBACK (mode_toggled), self));
  gtk_box_append (GTK_BOX (column), row);
  gtk_box_append (GTK_BOX (column), self->stages);
  gtk_widget_set_margin_start (column, 16);
  gtk_widget_set_margin_end (column, 16);
  gtk_widget_set_margin_top (column, 8);
  gtk_widget_set_margin_bottom (column, 10);
  return column;
}

/* How running values come about, and the cards. */
static GtkWidget *
make_lower (LwBnView *self)
{
  GtkWidget *left = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4), *buttons;

  buttons = lw_bn_switch_new (self->charts, _ ("Mean and Variance"), _ ("Scale and Shift"),
                              G_CALLBACK (chart_toggled), self);
  gtk_widget_set_halign (buttons, GTK_ALIGN_START);
  self->cards = make_cards (self);
  self->lower = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  gtk_widget_set_hexpand (left, TRUE);
  gtk_box_append (GTK_BOX (left), buttons);
  gtk_box_append (GTK_BOX (left), self->chart);
  gtk_box_append (GTK_BOX (self->lower), left);
  gtk_box_append (GTK_BOX (self->lower), self->cards);
  gtk_widget_set_margin_start (self->lower, 16);
  gtk_widget_set_margin_end (self->lower, 16);
  gtk_widget_set_margin_top (self->lower, 10);
  gtk_widget_set_margin_bottom (self->lower, 8);
  gtk_widget_set_vexpand (self->lower, TRUE);
  return self->lower;
}

static void
train_with (LwBnView *self)
{
  lw_bn_lessons_train_with (LW_BN_LESSONS (self->lessons));
}

GtkWidget *
lw_bn_view_new (LwWorkbench *workbench)
{
  LwBnView *self = g_object_new (LW_TYPE_BN_VIEW, NULL);
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *right = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->workbench = workbench;
  self->layer = LW_NO_NODE;
  self->studying = lw_bn_studying_new (workbench);
  self->measuring = lw_bn_measuring_new (workbench);
  self->table = lw_bn_table_new ();
  self->chart = lw_bn_chart_new ();
  self->block = lw_bn_block_new ();
  self->stages = lw_bn_stages_new ();
  self->card = lw_bn_card_new (self->measuring);
  self->lessons = lw_bn_lessons_new (workbench);
  gtk_box_append (GTK_BOX (right), make_upper (self));
  gtk_box_append (GTK_BOX (right), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (right), make_lower (self));
  gtk_widget_set_hexpand (scroller, TRUE);
  gtk_widget_set_focusable (scroller, FALSE);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), right);
  gtk_box_append (GTK_BOX (row), make_left (self));
  gtk_box_append (GTK_BOX (row), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  gtk_box_append (GTK_BOX (row), scroller);
  gtk_widget_add_css_class (row, "lw-canvas");
  gtk_widget_set_vexpand (row, TRUE);
  self->epochs = lw_run_epochs_new ();
  lw_epoch_bar_wait_for (lw_run_epochs_bar (LW_RUN_EPOCHS (self->epochs)), is_busy, self->studying);
  g_signal_connect_swapped (self->epochs, "moved", G_CALLBACK (epoch_moved), self);
  gtk_box_append (GTK_BOX (column), row);
  gtk_box_append (GTK_BOX (column), self->epochs);

  self->status = lw_bn_status_new (&self->status_train, &self->status_with);
  g_signal_connect_swapped (self->status_with, "clicked", G_CALLBACK (train_with), self);
  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), self->status, "status");
  gtk_stack_add_named (GTK_STACK (self->stack), column, "values");
  gtk_widget_set_parent (self->stack, GTK_WIDGET (self));
  lw_bn_view_set_compact (self, false);
  g_signal_connect_swapped (self->table, "channel-changed", G_CALLBACK (channel_changed), self);
  g_signal_connect_object (self->studying, "changed", G_CALLBACK (show_study), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "selection-changed", G_CALLBACK (selection_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "run-ended", G_CALLBACK (run_ended), self, G_CONNECT_SWAPPED);
  selection_changed (self);
  return GTK_WIDGET (self);
}

static void
lw_bn_view_dispose (GObject *object)
{
  LwBnView *self = LW_BN_VIEW (object);

  if (self->run != NULL)
    g_clear_signal_handler (&self->synced_id, self->run);
  g_clear_object (&self->run);
  g_clear_handle_id (&self->refresh_id, g_source_remove);
  if (self->studying != NULL)
    lw_bn_studying_look (self->studying, NULL, LW_NO_NODE, LW_NEWEST_STEP);
  if (self->measuring != NULL)
    lw_bn_measuring_cancel (self->measuring);
  g_clear_pointer (&self->stack, gtk_widget_unparent);
  g_clear_object (&self->studying);
  g_clear_object (&self->measuring);
  G_OBJECT_CLASS (lw_bn_view_parent_class)->dispose (object);
}

static void
lw_bn_view_class_init (LwBnViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_bn_view_dispose;
  GTK_WIDGET_CLASS (klass)->map = lw_bn_view_map;
  GTK_WIDGET_CLASS (klass)->unmap = lw_bn_view_unmap;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_add_binding (GTK_WIDGET_CLASS (klass), GDK_KEY_p, 0, play, NULL);
}

static void
lw_bn_view_init (LwBnView *self)
{
  (void)self;
}
