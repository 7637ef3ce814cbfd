#include "ui/compare-runs.h"

#include "engine/analysis.h"
#include "ui/accessible.h"
#include "ui/draw/compare-bubbles.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#define TICKED_AT_FIRST 6 /* as many as there are colours */
#define LIST_WIDTH      334

struct _LwCompareRuns {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  LwText *text;
  GtkWidget *stack, *view; /* the view, or that there are no runs */
  GtkWidget *list, *chart, *axes[2], *counted, *nothing;
  GPtrArray *runs;   /* LwRunItem, those listed, newest first */
  GHashTable *ticks; /* folder → whether it is ticked, of all that were listed */
  GArray *bubbles;   /* LwBubble */
  GPtrArray *labels;
  bool by_parameters;
  int hovered;
  char *description;
  bool stale; /* runs came or ended while it was not shown */
  guint refresh_id;
};

G_DEFINE_FINAL_TYPE (LwCompareRuns, lw_compare_runs, GTK_TYPE_WIDGET)

static const LwTheme *
theme_now (void)
{
  return lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
}

/* --- the chart -----------------------------------------------------------------------------------
 */

static bool
is_ticked (LwCompareRuns *self, LwRunItem *run)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (self->ticks, lw_run_item_folder (run)));
}

static LwBubbleChart
chart_now (LwCompareRuns *self)
{
  return (LwBubbleChart){ (const LwBubble *)(const void *)self->bubbles->data,
                          (int)self->bubbles->len, self->by_parameters, self->hovered };
}

static void
draw_chart (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwCompareRuns *self = data;
  const LwBubbleChart chart = chart_now (self);

  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (GTK_WIDGET (area)));
  lw_bubbles_paint (cr, &chart, theme_now (), self->text, width, height);
}

/* "LeNet + BN, lr 1": the rate where another run has the same title. */
static char *
label_of (LwCompareRuns *self, LwRunItem *run)
{
  int same = 0;

  for (guint i = 0; i < self->runs->len; i++)
    same += g_str_equal (lw_run_item_title (self->runs->pdata[i]), lw_run_item_title (run));
  return same > 1 ? g_strdup_printf (_ ("%s, lr %g"), lw_run_item_title (run),
                                     (double)lw_run_item_settings (run)->learning_rate)
                  : g_strdup (lw_run_item_title (run));
}

static void
fill_chart (LwCompareRuns *self)
{
  int ticked = 0;
  g_autofree char *count = NULL;

  g_array_set_size (self->bubbles, 0);
  g_ptr_array_set_size (self->labels, 0);
  for (guint i = 0; i < self->runs->len; i++) {
    LwRunItem *run = self->runs->pdata[i];
    const LwCost cost = lw_graph_cost (lw_run_item_graph (run));
    LwBubble bubble = { .macs = (double)cost.macs,
                        .parameters = (double)cost.parameters,
                        .accuracy = lw_run_item_progress (run).best_test_accuracy,
                        .series = is_ticked (self, run) ? ticked++ : -1 };

    bubble.label = label_of (self, run);
    g_ptr_array_add (self->labels, (char *)bubble.label);
    g_array_append_val (self->bubbles, bubble);
  }
  {
    const LwBubbleChart chart = chart_now (self);

    g_free (self->description);
    self->description = lw_bubbles_describe (&chart);
  }
  gtk_widget_set_visible (self->view, self->runs->len > 0);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), self->runs->len > 0 ? "runs" : "none");
  gtk_widget_set_visible (self->nothing, self->runs->len > 0 && ticked == 0);
  gtk_widget_set_visible (self->chart, ticked > 0);
  count = g_strdup_printf (_ ("%d of %u runs plotted in colour"), ticked, self->runs->len);
  gtk_label_set_text (GTK_LABEL (self->counted), count);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->chart), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Best test accuracy by cost"),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, self->description, -1);
  self->hovered = -1;
  gtk_widget_queue_draw (self->chart);
}

static int
bubble_at (LwCompareRuns *self, double x, double y)
{
  const LwBubbleChart chart = chart_now (self);
  g_autofree LwBubblePlace *places = g_new0 (LwBubblePlace, MAX (chart.n, 1));
  LwBubbleScale scale;

  lw_bubbles_place (&chart, self->text, gtk_widget_get_width (self->chart),
                    gtk_widget_get_height (self->chart), &scale, places);
  return lw_bubbles_hit (places, chart.n, x, y);
}

static void
hover (GtkEventControllerMotion *controller, double x, double y, LwCompareRuns *self)
{
  const int at = bubble_at (self, x, y);

  (void)controller;
  if (at == self->hovered)
    return;
  self->hovered = at;
  gtk_widget_queue_draw (self->chart);
}

static void
leave (LwCompareRuns *self)
{
  self->hovered = -1;
  gtk_widget_queue_draw (self->chart);
}

static gboolean
query_tooltip (GtkWidget *chart, int x, int y, gboolean keyboard, GtkTooltip *tooltip,
               LwCompareRuns *self)
{
  const int at = keyboard ? -1 : bubble_at (self, x, y);
  g_autofree char *words = NULL;

  (void)chart;
  if (at < 0)
    return FALSE;
  words = lw_bubble_words (&g_array_index (self->bubbles, LwBubble, at));
  gtk_tooltip_set_text (tooltip, words);
  return TRUE;
}

/* A bubble shows its run in all pages. */
static void
clicked (GtkGestureClick *gesture, int n_press, double x, double y, LwCompareRuns *self)
{
  const int at = bubble_at (self, x, y);

  (void)gesture;
  (void)n_press;
  if (at >= 0)
    lw_workbench_select_run (self->workbench, self->runs->pdata[at]);
}

static void
axis_toggled (GtkToggleButton *button, LwCompareRuns *self)
{
  if (!gtk_toggle_button_get_active (button))
    return;
  self->by_parameters = GTK_WIDGET (button) == self->axes[1];
  gtk_widget_queue_draw (self->chart);
}

/* --- the list ------------------------------------------------------------------------------------
 */

static void
ticked (GtkCheckButton *check, LwCompareRuns *self)
{
  const char *folder = g_object_get_data (G_OBJECT (check), "folder");

  g_hash_table_insert (self->ticks, g_strdup (folder),
                       GINT_TO_POINTER (gtk_check_button_get_active (check)));
  fill_chart (self);
}

static GtkWidget *
make_row (LwCompareRuns *self, LwRunItem *run)
{
  const LwSettings *settings = lw_run_item_settings (run);
  const LwCost cost = lw_graph_cost (lw_run_item_graph (run));
  g_autofree char *parameters = lw_format_short ((double)cost.parameters);
  g_autofree char *macs = lw_format_short ((double)cost.macs);
  g_autofree char *detail = g_strdup_printf (_ ("lr %g · %s params · %s MACs"),
                                             (double)settings->learning_rate, parameters, macs);
  g_autofree char *accuracy =
      g_strdup_printf ("%.3f", (double)lw_run_item_progress (run).best_test_accuracy);
  g_autofree char *name = g_strdup_printf ("%s, %s", lw_run_item_title (run), detail);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *check = gtk_check_button_new (), *title = gtk_label_new (lw_run_item_title (run));
  GtkWidget *small = gtk_label_new (detail), *number = gtk_label_new (accuracy);

  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), is_ticked (self, run));
  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  lw_name_widget (check, name);
  g_object_set_data_full (G_OBJECT (check), "folder", g_strdup (lw_run_item_folder (run)), g_free);
  g_signal_connect (check, "toggled", G_CALLBACK (ticked), self);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_xalign (GTK_LABEL (small), 0);
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
  gtk_label_set_ellipsize (GTK_LABEL (small), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (small, "lw-small");
  gtk_widget_add_css_class (number, "lw-number");
  gtk_widget_set_valign (number, GTK_ALIGN_START);
  gtk_widget_set_hexpand (words, TRUE);
  gtk_box_append (GTK_BOX (words), title);
  gtk_box_append (GTK_BOX (words), small);
  gtk_box_append (GTK_BOX (row), check);
  gtk_box_append (GTK_BOX (row), words);
  gtk_box_append (GTK_BOX (row), number);
  gtk_widget_add_css_class (row, "lw-compare-run");
  return row;
}

/* Runs that have been tested at least once and are not at work. A new one is ticked while it is
 * among the newest that are. */
static gboolean
refresh (gpointer data)
{
  LwCompareRuns *self = data;
  GListModel *all = lw_workbench_runs (self->workbench);
  GtkWidget *old;
  int n_ticked = 0;

  self->refresh_id = 0;
  self->stale = false;
  g_ptr_array_set_size (self->runs, 0);
  for (guint i = 0; i < g_list_model_get_n_items (all); i++) {
    g_autoptr (LwRunItem) run = g_list_model_get_item (all, i);

    if (lw_run_item_is_live (run) || lw_run_item_progress (run).best_epoch < 1)
      continue;
    if (!g_hash_table_contains (self->ticks, lw_run_item_folder (run)))
      g_hash_table_insert (self->ticks, g_strdup (lw_run_item_folder (run)),
                           GINT_TO_POINTER (n_ticked < TICKED_AT_FIRST));
    n_ticked += is_ticked (self, run);
    g_ptr_array_add (self->runs, g_object_ref (run));
  }
  while ((old = gtk_widget_get_first_child (self->list)) != NULL)
    gtk_box_remove (GTK_BOX (self->list), old);
  for (guint i = 0; i < self->runs->len; i++)
    gtk_box_append (GTK_BOX (self->list), make_row (self, self->runs->pdata[i]));
  fill_chart (self);
  return G_SOURCE_REMOVE;
}

/* Saved runs arrive a few each time. */
static void
refresh_later (LwCompareRuns *self)
{
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    self->stale = true;
  else if (self->refresh_id == 0)
    self->refresh_id = g_timeout_add (150, refresh, self);
}

static void
lw_compare_runs_map (GtkWidget *widget)
{
  LwCompareRuns *self = LW_COMPARE_RUNS (widget);

  if (self->stale)
    refresh (self);
  GTK_WIDGET_CLASS (lw_compare_runs_parent_class)->map (widget);
}

const char *
lw_compare_runs_description (LwCompareRuns *self)
{
  return self->description;
}

/* --- set-up --------------------------------------------------------------------------------------
 */

static GtkWidget *
make_head (LwCompareRuns *self)
{
  static const char *const names[] = { N_ ("MACs"), N_ ("Parameters") };
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *axes = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0),
            *caption = gtk_label_new (_ ("Cost"));

  self->counted = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->counted, "lw-caption");
  gtk_widget_add_css_class (caption, "lw-caption");
  gtk_widget_add_css_class (axes, "linked");
  gtk_widget_set_hexpand (self->counted, TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->counted), 0);
  for (int i = 0; i < 2; i++) {
    self->axes[i] = gtk_toggle_button_new_with_label (_ (names[i]));
    if (i > 0)
      gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (self->axes[i]),
                                   GTK_TOGGLE_BUTTON (self->axes[0]));
    g_signal_connect (self->axes[i], "toggled", G_CALLBACK (axis_toggled), self);
    gtk_box_append (GTK_BOX (axes), self->axes[i]);
  }
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->axes[0]), TRUE);
  gtk_box_append (GTK_BOX (head), self->counted);
  gtk_box_append (GTK_BOX (head), caption);
  gtk_box_append (GTK_BOX (head), axes);
  gtk_widget_add_css_class (head, "lw-compare-run");
  return head;
}

static GtkWidget *
make_chart (LwCompareRuns *self)
{
  GtkEventController *move = gtk_event_controller_motion_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  self->chart =
      g_object_new (GTK_TYPE_DRAWING_AREA, "accessible-role", GTK_ACCESSIBLE_ROLE_IMG, NULL);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->chart), draw_chart, self, NULL);
  gtk_widget_set_hexpand (self->chart, TRUE);
  gtk_widget_set_vexpand (self->chart, TRUE);
  gtk_widget_set_has_tooltip (self->chart, TRUE);
  gtk_widget_set_focusable (self->chart, TRUE);
  g_signal_connect (self->chart, "query-tooltip", G_CALLBACK (query_tooltip), self);
  g_signal_connect (move, "motion", G_CALLBACK (hover), self);
  g_signal_connect_swapped (move, "leave", G_CALLBACK (leave), self);
  g_signal_connect (click, "released", G_CALLBACK (clicked), self);
  gtk_widget_add_controller (self->chart, move);
  gtk_widget_add_controller (self->chart, GTK_EVENT_CONTROLLER (click));
  return self->chart;
}

static GtkWidget *
make_view (LwCompareRuns *self)
{
  GtkWidget *view = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *scroller = gtk_scrolled_window_new (),
            *right = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *chart;

  self->list = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_focusable (scroller, FALSE);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->list);
  gtk_widget_set_size_request (scroller, LIST_WIDTH, -1);
  gtk_widget_set_hexpand (scroller, FALSE); /* though its rows do */
  self->nothing = adw_status_page_new ();
  adw_status_page_set_title (ADW_STATUS_PAGE (self->nothing), _ ("Tick runs to plot them"));
  gtk_widget_set_vexpand (self->nothing, TRUE);
  gtk_widget_set_hexpand (right, TRUE);
  chart = make_chart (self);
  gtk_box_append (GTK_BOX (right), make_head (self));
  gtk_box_append (GTK_BOX (right), chart);
  gtk_box_append (GTK_BOX (right), self->nothing);
  gtk_widget_add_css_class (right, "lw-canvas");
  gtk_box_append (GTK_BOX (view), scroller);
  gtk_box_append (GTK_BOX (view), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  gtk_box_append (GTK_BOX (view), right);
  return view;
}

GtkWidget *
lw_compare_runs_new (LwWorkbench *workbench)
{
  LwCompareRuns *self = g_object_new (LW_TYPE_COMPARE_RUNS, NULL);
  GtkWidget *none = adw_status_page_new ();

  self->workbench = workbench;
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (none), "lw-compare-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (none), _ ("No finished runs yet"));
  adw_status_page_set_description (
      ADW_STATUS_PAGE (none),
      _ ("Train two networks, and their accuracy stands here by what they cost."));
  gtk_stack_add_named (GTK_STACK (self->stack), none, "none");
  self->view = make_view (self);
  gtk_stack_add_named (GTK_STACK (self->stack), self->view, "runs");
  g_signal_connect_object (lw_workbench_runs (workbench), "items-changed",
                           G_CALLBACK (refresh_later), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "run-ended", G_CALLBACK (refresh_later), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self->chart, G_CONNECT_SWAPPED);
  refresh (self);
  return GTK_WIDGET (self);
}

static void
lw_compare_runs_dispose (GObject *object)
{
  LwCompareRuns *self = LW_COMPARE_RUNS (object);

  g_clear_handle_id (&self->refresh_id, g_source_remove);
  g_clear_pointer (&self->stack, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_compare_runs_parent_class)->dispose (object);
}

static void
lw_compare_runs_finalize (GObject *object)
{
  LwCompareRuns *self = LW_COMPARE_RUNS (object);

  g_ptr_array_unref (self->runs);
  g_ptr_array_unref (self->labels);
  g_array_unref (self->bubbles);
  g_hash_table_unref (self->ticks);
  lw_text_free (self->text);
  g_free (self->description);
  G_OBJECT_CLASS (lw_compare_runs_parent_class)->finalize (object);
}

static void
lw_compare_runs_class_init (LwCompareRunsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_compare_runs_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_compare_runs_finalize;
  GTK_WIDGET_CLASS (klass)->map = lw_compare_runs_map;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_compare_runs_init (LwCompareRuns *self)
{
  self->text = lw_text_new (NULL, NULL);
  self->runs = g_ptr_array_new_with_free_func (g_object_unref);
  self->labels = g_ptr_array_new_with_free_func (g_free);
  self->bubbles = g_array_new (FALSE, FALSE, sizeof (LwBubble));
  self->ticks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->hovered = -1;
  self->stack = gtk_stack_new ();
  gtk_widget_set_parent (self->stack, GTK_WIDGET (self));
}
