#include "ui/layer-speed.h"

#include "ui/accessible.h"

#include <glib/gi18n.h>
#include <math.h>

/* A layer whose work another one does takes no time of its own. */
#define NO_TIME_MS 2e-3

typedef struct {
  GtkWidget *title, *time, *bar, *share, *algorithm, *limit;
} Direction;

struct _LwLayerSpeed {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  LwLayerValues *values;
  LwNodeId node;
  GtkWidget *card, *heading, *measure, *state;
  GtkWidget *grid;
  Direction directions[2]; /* forward, backward */
};

G_DEFINE_FINAL_TYPE (LwLayerSpeed, lw_layer_speed, GTK_TYPE_WIDGET)

/* --- words ------------------------------------------------------------------------------------ */

static char *
time_words (double seconds)
{
  const double ms = 1e3 * seconds;

  if (ms < 0.1)
    return g_strdup_printf (_ ("%.1f µs"), 1e3 * ms);
  return g_strdup_printf (ms < 10 ? _ ("%.2f ms") : _ ("%.1f ms"), ms);
}

/* What is larger is the limit. */
static char *
limit_words (LwRoofline roofline)
{
  g_autofree char *arithmetic = time_words (roofline.arithmetic_s);
  g_autofree char *memory = time_words (roofline.memory_s);

  if (isnan (roofline.share))
    return NULL;
  if (roofline.share > 1)
    return g_strdup_printf (_ ("As defined it takes at least %s to compute, %s to move its "
                               "numbers: the algorithm saves "
                               "work, or numbers are still in a cache."),
                            arithmetic, memory);
  if (roofline.arithmetic_s == 0)
    return g_strdup_printf (_ ("Nothing to multiply; to move its numbers takes at least %s: memory "
                               "is the limit."),
                            memory);
  return g_strdup_printf (
      roofline.arithmetic_s > roofline.memory_s
          ? _ ("At least %s to compute, %s to move its numbers: arithmetic is the limit.")
          : _ ("At least %s to compute, %s to move its numbers: memory is the limit."),
      arithmetic, memory);
}

/* "direct", "gemm / direct": backward for the input and for the weights. */
static char *
algorithm_words (const LwAlgorithmChoice *choice, bool backward)
{
  const char *data = choice->names[LW_BACKWARD_DATA], *weights = choice->names[LW_BACKWARD_WEIGHTS];

  if (!backward)
    return g_strdup (choice->names[LW_FORWARD]);
  if (data == NULL || weights == NULL || g_str_equal (data, weights))
    return g_strdup (data != NULL ? data : weights);
  return g_strdup_printf (_ ("input's gradient: %s, weights' gradient: %s"), data, weights);
}

/* --- showing ---------------------------------------------------------------------------------- */

static void
set_words (GtkWidget *label, const char *words)
{
  gtk_label_set_text (GTK_LABEL (label), words != NULL ? words : "");
  gtk_widget_set_visible (label, words != NULL);
}

static void
show_direction (Direction *direction, const LwAlgorithmChoice *choice, double ms, LwWork work,
                LwPeaks peaks, bool backward)
{
  const bool there = work.bytes > 0;
  const LwRoofline roofline = lw_roofline (work, peaks, 1e-3 * ms);
  const bool alone = ms >= NO_TIME_MS && !roofline.together;
  const bool known = alone && !isnan (roofline.share);
  g_autofree char *time = time_words (1e-3 * ms);
  g_autofree char *limit = known ? limit_words (roofline) : NULL;
  g_autofree char *share =
      known ? g_strdup_printf (_ ("%.0f %% of roofline"), 100 * roofline.share) : NULL;
  g_autofree char *algorithm = there && choice != NULL ? algorithm_words (choice, backward) : NULL;

  gtk_widget_set_visible (direction->title, there);
  set_words (direction->time, !there ? NULL : alone ? time : _ ("with others"));
  gtk_widget_set_visible (direction->bar, there && known);
  gtk_level_bar_set_value (GTK_LEVEL_BAR (direction->bar), known ? MIN (roofline.share, 1) : 0);
  set_words (direction->share, there ? share : NULL);
  set_words (direction->algorithm, algorithm);
  set_words (direction->limit, there ? limit : NULL);
}

static void
update (LwLayerSpeed *self)
{
  const LwGraph *graph = lw_workbench_graph (self->workbench);
  const bool there = self->node != LW_NO_NODE && self->node < lw_graph_n_nodes (graph) &&
                     lw_graph_node (graph, self->node)->op != LW_OP_INPUT;
  const LwLayerTimes *times = there ? lw_layer_values_times (self->values) : NULL;

  gtk_widget_set_visible (GTK_WIDGET (self), there);
  if (!there)
    return;
  g_autofree char *device = lw_layer_values_device_text (self->values);
  g_autofree char *heading =
      times != NULL ? g_strdup_printf (_ ("Speed: %s, batch of %d"), device, times->batch)
                    : g_strdup_printf (_ ("Speed: %s"), device);

  gtk_label_set_text (GTK_LABEL (self->heading), heading);
  gtk_widget_set_visible (self->grid, times != NULL);
  gtk_widget_set_visible (self->state, times == NULL);
  gtk_widget_set_visible (self->measure, times == NULL &&
                                             !lw_layer_values_is_measuring (self->values) &&
                                             lw_workbench_live_run (self->workbench) == NULL);
  if (times == NULL) {
    gtk_label_set_text (GTK_LABEL (self->state), lw_layer_values_times_note (self->values));
    return;
  }
  const LwAlgorithmChoice *choice =
      lw_algorithm_list_find (times->algorithms, lw_graph_node (graph, self->node)->name);

  show_direction (&self->directions[0], choice, times->forward_ms[self->node],
                  times->forward_work[self->node], times->peaks, false);
  show_direction (&self->directions[1], choice, times->backward_ms[self->node],
                  times->backward_work[self->node], times->peaks, true);
}

void
lw_layer_speed_show (LwLayerSpeed *self, LwNodeId node)
{
  self->node = node;
  update (self);
}

static void
measure (LwLayerSpeed *self)
{
  lw_layer_values_measure (self->values);
}

/* --- set-up ----------------------------------------------------------------------------------- */

static GtkWidget *
words_new (const char *css_class, bool wrap)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_widget_add_css_class (label, css_class);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  if (wrap) {
    gtk_label_set_wrap (GTK_LABEL (label), TRUE);
    gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  }
  return label;
}

static GtkWidget *
bar_new (void)
{
  GtkWidget *bar = gtk_level_bar_new ();

  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (bar), GTK_LEVEL_BAR_OFFSET_LOW);
  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (bar), GTK_LEVEL_BAR_OFFSET_HIGH);
  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (bar), GTK_LEVEL_BAR_OFFSET_FULL);
  gtk_widget_set_hexpand (bar, TRUE);
  gtk_widget_set_valign (bar, GTK_ALIGN_CENTER);
  gtk_widget_set_size_request (bar, 60, -1);
  lw_name_widget (bar, _ ("Share of the roofline"));
  return bar;
}

static void
make_direction (LwLayerSpeed *self, int index, const char *title)
{
  Direction *direction = &self->directions[index];
  GtkGrid *grid = GTK_GRID (self->grid);
  const int row = 3 * index;

  direction->title = words_new ("lw-dim", false);
  gtk_label_set_text (GTK_LABEL (direction->title), title);
  direction->time = words_new ("lw-result", false);
  direction->bar = bar_new ();
  direction->share = words_new ("lw-result", false);
  gtk_label_set_xalign (GTK_LABEL (direction->share), 1);
  direction->algorithm = words_new ("lw-small", true);
  direction->limit = words_new ("lw-small", true);
  gtk_grid_attach (grid, direction->title, 0, row, 1, 1);
  gtk_grid_attach (grid, direction->time, 1, row, 1, 1);
  gtk_grid_attach (grid, direction->bar, 2, row, 1, 1);
  gtk_grid_attach (grid, direction->share, 3, row, 1, 1);
  gtk_grid_attach (grid, direction->algorithm, 1, row + 1, 3, 1);
  gtk_grid_attach (grid, direction->limit, 1, row + 2, 3, 1);
}

GtkWidget *
lw_layer_speed_new (LwWorkbench *workbench, LwLayerValues *values)
{
  LwLayerSpeed *self = g_object_new (LW_TYPE_LAYER_SPEED, NULL);

  self->workbench = workbench;
  self->values = g_object_ref (values);
  g_signal_connect_object (values, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

static void
lw_layer_speed_dispose (GObject *object)
{
  LwLayerSpeed *self = LW_LAYER_SPEED (object);

  g_clear_pointer (&self->card, gtk_widget_unparent);
  g_clear_object (&self->values);
  G_OBJECT_CLASS (lw_layer_speed_parent_class)->dispose (object);
}

static void
lw_layer_speed_class_init (LwLayerSpeedClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_layer_speed_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_layer_speed_init (LwLayerSpeed *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  self->node = LW_NO_NODE;
  self->card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  self->heading = words_new ("lw-heading", true);
  gtk_widget_set_hexpand (self->heading, TRUE);
  gtk_widget_set_tooltip_text (
      self->card,
      _ ("The roofline is the shortest time that the device allows: the larger of the "
         "times for the layer's operations at its peak and for its numbers at its "
         "memory's bandwidth. Above 100 %, an algorithm multiplies less, or numbers are "
         "still in a cache."));
  self->state = words_new ("lw-small", true);
  self->measure = gtk_button_new_with_label (_ ("Measure"));
  gtk_widget_set_tooltip_text (self->measure, _ ("Times some training steps of this network, layer "
                                                 "by layer"));
  gtk_widget_add_css_class (self->measure, "lw-small-button");
  gtk_widget_set_valign (self->measure, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (self->measure, "clicked", G_CALLBACK (measure), self);
  self->grid = gtk_grid_new ();
  gtk_grid_set_column_spacing (GTK_GRID (self->grid), 10);
  gtk_grid_set_row_spacing (GTK_GRID (self->grid), 2);
  make_direction (self, 0, _ ("Forward"));
  make_direction (self, 1, _ ("Backward"));
  gtk_box_append (GTK_BOX (head), self->heading);
  gtk_box_append (GTK_BOX (head), self->state);
  gtk_box_append (GTK_BOX (head), self->measure);
  gtk_box_append (GTK_BOX (self->card), head);
  gtk_box_append (GTK_BOX (self->card), self->grid);
  gtk_widget_add_css_class (self->card, "lw-fact-card");
  gtk_widget_set_parent (self->card, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}
