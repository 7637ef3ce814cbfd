#include "ui/bn-view.h"

#include "engine/analysis.h"
#include "ui/accessible.h"
#include "ui/bn-chart.h"
#include "ui/bn-table.h"
#include "ui/paragraph.h"

#include <glib/gi18n.h>
#include <math.h>

struct _LwBnView {
  GtkWidget parent;
  LwWorkbench *workbench;
  LwRunItem *run;
  gulong synced_id;
  LwNodeId layer;
  int64_t version; /* of the history that is shown */
  GtkWidget *stack, *status, *status_button, *table, *chart, *title, *moment, *cards;
};

G_DEFINE_FINAL_TYPE (LwBnView, lw_bn_view, GTK_TYPE_WIDGET)

/* |batch mean − running mean| / running deviation, per channel. */
static void
gap_of (const float *batch_mean, const float *running_mean, const float *running_var, int n,
        float *ret)
{
  for (int i = 0; i < n; i++)
    ret[i] = fabsf (batch_mean[i] - running_mean[i]) / sqrtf (fmaxf (running_var[i], 1e-12f));
}

static void
show_channel (LwBnView *self, LwBnHistory *history)
{
  const int channel = lw_bn_table_channel (LW_BN_TABLE (self->table));
  const LwNode *node = lw_graph_node (lw_workbench_graph (self->workbench), self->layer);
  g_autofree char *title =
      g_strdup_printf (_ ("Layer %s, channel %d of %d"), node->name, channel, node->shape.c);

  gtk_label_set_text (GTK_LABEL (self->title), title);
  lw_bn_chart_show (LW_BN_CHART (self->chart), history, self->layer, channel);
}

/* When the table's values were taken: of a run that has ended they are the last, not the best. */
static void
show_moment (LwBnView *self, int64_t step)
{
  const bool live = lw_run_item_is_live (self->run);
  g_autofree char *number = lw_format_exact (step);
  g_autofree char *words =
      g_strdup_printf (live ? _ ("After iteration %s") : _ ("Last recorded: iteration %s"), number);

  gtk_label_set_text (GTK_LABEL (self->moment), words);
}

static void
show_values (LwBnView *self, LwBnHistory *history)
{
  const int n = lw_graph_node (lw_workbench_graph (self->workbench), self->layer)->shape.c;
  g_autofree float *values = g_new0 (float, (gsize)n *(LW_BN_N_FIELDS + 1));
  float *gap = values + (gsize)n * LW_BN_N_FIELDS;
  int64_t step;

  for (int field = 0; field < LW_BN_N_FIELDS; field++)
    if (!lw_bn_history_latest (history, self->layer, (LwBnField)field, values + (gsize)n * field,
                               &step))
      return;
  gap_of (values + (gsize)n * LW_BN_BATCH_MEAN, values + (gsize)n * LW_BN_RUNNING_MEAN,
          values + (gsize)n * LW_BN_RUNNING_VAR, n, gap);
  lw_bn_table_set_values (LW_BN_TABLE (self->table), n, values + (gsize)n * LW_BN_GAMMA,
                          values + (gsize)n * LW_BN_BETA, gap);
  show_moment (self, step);
}

static void
show_status (LwBnView *self, const char *title, const char *description, bool offer_training)
{
  adw_status_page_set_title (ADW_STATUS_PAGE (self->status), title);
  adw_status_page_set_description (ADW_STATUS_PAGE (self->status), description);
  gtk_widget_set_visible (self->status_button, offer_training);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "status");
}

static void
refresh (LwBnView *self)
{
  LwBnHistory *history = self->run != NULL ? lw_run_item_bn_history (self->run) : NULL;

  if (self->layer == LW_NO_NODE) {
    show_status (self, _ ("No Batch Normalization Here"),
                 _ ("This network has no batch-normalization layer. LeNet + BN, ResNet-18 and "
                    "DenseNet have some."),
                 false);
  } else if (history == NULL || lw_bn_history_version (history) == 0) {
    show_status (
        self, _ ("No Statistics Yet"),
        _ ("Train this network, and each layer's scale, shift, batch and running statistics "
           "appear here as they change."),
        self->run == NULL);
  } else {
    gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "values");
    show_values (self, history);
    show_channel (self, history);
    self->version = lw_bn_history_version (history);
  }
}

static void
synced (LwBnView *self)
{
  LwBnHistory *history = lw_run_item_bn_history (self->run);

  if (gtk_widget_get_mapped (GTK_WIDGET (self)) && history != NULL &&
      lw_bn_history_version (history) != self->version)
    refresh (self);
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
  gtk_widget_set_visible (self->cards, !compact);
}

static void
lw_bn_view_map (GtkWidget *widget)
{
  refresh (LW_BN_VIEW (widget));
  GTK_WIDGET_CLASS (lw_bn_view_parent_class)->map (widget);
}

/* A card of words beside the charts: a heading and a paragraph, which may hold markup. */
static GtkWidget *
make_card (const char *heading, const char *formula, const char *words)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0),
            *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  const struct {
    const char *text, *css_class;
  } lines[] = { { heading, "lw-strong" }, { formula, "lw-formula" }, { words, "lw-caption" } };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++) {
    GtkWidget *label;

    if (lines[i].text == NULL)
      continue;
    label = gtk_label_new (lines[i].text);
    gtk_label_set_xalign (GTK_LABEL (label), 0);
    gtk_label_set_wrap (GTK_LABEL (label), TRUE);
    gtk_label_set_max_width_chars (GTK_LABEL (label), 30);
    gtk_widget_add_css_class (label, lines[i].css_class);
    gtk_box_append (GTK_BOX (box), lw_paragraph_new (label, 210));
  }
  gtk_widget_add_css_class (card, "lw-card");
  gtk_box_append (GTK_BOX (card), box);
  return card;
}

static GtkWidget *
make_left (LwBnView *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0),
            *scroller = gtk_scrolled_window_new ();
  GtkWidget *note = gtk_label_new (NULL);

  gtk_label_set_markup (
      GTK_LABEL (note),
      _ ("<b>γ</b> starts at 1, <b>β</b> at 0 (dashed); both are learned. <b>Gap</b>: "
         "batch mean minus running mean, in running deviations."));
  gtk_label_set_wrap (GTK_LABEL (note), TRUE);
  gtk_label_set_xalign (GTK_LABEL (note), 0);
  gtk_label_set_max_width_chars (GTK_LABEL (note), 36);
  gtk_widget_set_margin_start (note, 14);
  gtk_widget_set_margin_end (note, 14);
  gtk_widget_set_margin_bottom (note, 12);
  gtk_widget_add_css_class (note, "lw-caption");
  self->moment = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->moment), 0);
  gtk_label_set_wrap (GTK_LABEL (self->moment), TRUE);
  gtk_widget_set_margin_start (self->moment, 14);
  gtk_widget_set_margin_end (self->moment, 14);
  gtk_widget_set_margin_top (self->moment, 10);
  gtk_widget_set_margin_bottom (self->moment, 6);
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
  gtk_box_append (GTK_BOX (column), note);
  return column;
}

static GtkWidget *
make_cards (void)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);

  gtk_widget_set_size_request (column, 250, -1);
  gtk_box_append (
      GTK_BOX (column),
      make_card (_ ("What the layer computes"), "x̂ = (x − μ) / √(σ² + ε)\ny = γ x̂ + β",
                 _ ("While training μ and σ² are those of this batch, over all its images and "
                    "pixels of the channel; in evaluation they are the running ones.")));
  gtk_box_append (
      GTK_BOX (column),
      make_card (_ ("How the running values follow"), "run ← 0.9 run + 0.1 batch",
                 _ ("About the last ten batches count. The book's own code calls this momentum "
                    "0.9, PyTorch 0.1: the same rule.")));
  gtk_box_append (
      GTK_BOX (column),
      make_card (_ ("What to look for"), NULL,
                 _ ("Where the running line lags behind the batch, evaluation uses statistics of "
                    "older weights: test accuracy then jumps although training is smooth.")));
  return column;
}

GtkWidget *
lw_bn_view_new (LwWorkbench *workbench)
{
  LwBnView *self = g_object_new (LW_TYPE_BN_VIEW, NULL);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *middle = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *right = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  self->workbench = workbench;
  self->layer = LW_NO_NODE;
  self->table = lw_bn_table_new ();
  self->chart = lw_bn_chart_new ();
  self->title = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->title), 0);
  gtk_widget_add_css_class (self->title, "lw-strong");
  gtk_box_append (GTK_BOX (middle), self->title);
  gtk_box_append (GTK_BOX (middle), self->chart);
  gtk_widget_set_hexpand (right, TRUE);
  gtk_widget_set_margin_top (right, 12);
  gtk_widget_set_margin_bottom (right, 12);
  gtk_widget_set_margin_start (right, 16);
  gtk_widget_set_margin_end (right, 16);
  gtk_box_append (GTK_BOX (right), middle);
  self->cards = make_cards ();
  gtk_box_append (GTK_BOX (right), self->cards);
  gtk_box_append (GTK_BOX (row), make_left (self));
  gtk_box_append (GTK_BOX (row), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  gtk_box_append (GTK_BOX (row), right);
  gtk_widget_add_css_class (row, "lw-canvas");

  self->status = adw_status_page_new ();
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (self->status), "lw-inspect-symbolic");
  self->status_button = gtk_button_new_with_mnemonic (_ ("_Train"));
  lw_name_by_words (self->status_button);
  gtk_widget_add_css_class (self->status_button, "suggested-action");
  gtk_widget_add_css_class (self->status_button, "pill");
  gtk_widget_set_halign (self->status_button, GTK_ALIGN_CENTER);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->status_button), "win.train");
  adw_status_page_set_child (ADW_STATUS_PAGE (self->status), self->status_button);

  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), self->status, "status");
  gtk_stack_add_named (GTK_STACK (self->stack), row, "values");
  gtk_widget_set_parent (self->stack, GTK_WIDGET (self));
  g_signal_connect_swapped (self->table, "channel-changed", G_CALLBACK (channel_changed), self);
  g_signal_connect_object (workbench, "selection-changed", G_CALLBACK (selection_changed), self,
                           G_CONNECT_SWAPPED);
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
  g_clear_pointer (&self->stack, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_bn_view_parent_class)->dispose (object);
}

static void
lw_bn_view_class_init (LwBnViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_bn_view_dispose;
  GTK_WIDGET_CLASS (klass)->map = lw_bn_view_map;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_bn_view_init (LwBnView *self)
{
  (void)self;
}
