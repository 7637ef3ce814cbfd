#include "ui/explain-controls.h"

#include "engine/op.h"
#include "ui/accessible.h"
#include "ui/explanation.h"

#include <glib/gi18n.h>
#include <math.h>

#define MOST_CLASSES 20 /* in a drop-down: the likeliest, and the true one */

struct _LwExplainControls {
  GtkWidget parent;
  LwPredictionsSource *source;
  LwGraph *graph; /* whose layers are listed */
  GtkWidget *grid, *image, *method, *layer, *opacity, *choosers[LW_EXPLAINED_CLASSES];
  GArray *layers;        /* LwNodeId, in the order of the list */
  GArray *classes;       /* int32_t, likewise; the second drop-down has "none" before them */
  LwRunItem *listed_run; /* whose classes, after which step, of which image */
  int64_t listed_step;
  int32_t listed_image;
  bool filling;
  bool unlisted; /* the choices are of an image before */
};

G_DEFINE_FINAL_TYPE (LwExplainControls, lw_explain_controls, GTK_TYPE_WIDGET)

enum { ASKED, FADED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
ask (LwExplainControls *self)
{
  gtk_widget_set_sensitive (self->layer, lw_explain_controls_method (self) == LW_EXPLAIN_GRAD_CAM);
  if (!self->filling)
    g_signal_emit (self, signals[ASKED], 0);
}

static void
fade (LwExplainControls *self)
{
  g_signal_emit (self, signals[FADED], 0);
}

LwExplainMethod
lw_explain_controls_method (LwExplainControls *self)
{
  return (LwExplainMethod)gtk_drop_down_get_selected (GTK_DROP_DOWN (self->method));
}

LwNodeId
lw_explain_controls_layer (LwExplainControls *self)
{
  const guint selected = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->layer));

  return selected < self->layers->len ? g_array_index (self->layers, LwNodeId, selected)
                                      : LW_NO_NODE;
}

double
lw_explain_controls_opacity (LwExplainControls *self)
{
  return gtk_range_get_value (GTK_RANGE (self->opacity)) / 100;
}

GtkWidget *
lw_explain_controls_class_chooser (LwExplainControls *self, int i)
{
  return self->choosers[i];
}

int32_t
lw_explain_controls_class (LwExplainControls *self, int i)
{
  const guint selected = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->choosers[i]));
  const guint first = i > 0;

  if (self->unlisted)
    return i == 0 ? LW_LIKELIEST_CLASS : LW_RUNNER_UP_CLASS;
  if (selected < first || selected - first >= self->classes->len)
    return -1;
  return g_array_index (self->classes, int32_t, selected - first);
}

/* --- what can be chosen -------------------------------------------------------------------------
 */

/* The last layer comes first: it is what Grad-CAM is about. */
static void
list_layers (LwExplainControls *self)
{
  LwRunItem *run = lw_predictions_source_run (self->source);
  LwGraph *graph = run != NULL ? lw_run_item_graph (run) : NULL;
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  guint choice = 0;

  if (graph == NULL || graph == self->graph)
    return;
  g_clear_pointer (&self->graph, lw_graph_unref);
  self->graph = lw_graph_ref (graph);
  g_array_set_size (self->layers, 0);
  for (LwNodeId id = lw_graph_n_nodes (graph) - 1; id > 0; id--) {
    const LwNode *node = lw_graph_node (graph, id);
    g_autofree char *shape = lw_shape_to_string (node->shape);

    if (node->shape.flat || node->shape.h * node->shape.w < 2 || node->op == LW_OP_DROPOUT)
      continue;
    if (id == lw_explain_layer (graph))
      choice = self->layers->len;
    g_array_append_val (self->layers, id);
    gtk_string_list_take (
        names, g_strdup_printf ("%s · %s · %s", node->name, lw_node_torch_type (graph, id), shape));
  }
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->layer), G_LIST_MODEL (names));
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->layer), choice);
}

static int
by_probability (gconstpointer a, gconstpointer b, gpointer data)
{
  const float *probabilities = data;
  const int32_t i = *(const int32_t *)a, j = *(const int32_t *)b;
  const float p = probabilities[i], q = probabilities[j];
  const float x = isnan (p) ? -1 : p, y = isnan (q) ? -1 : q;

  return x > y ? -1 : x < y ? 1 : i - j;
}

static guint
place_of (const LwExplainControls *self, int32_t label, guint otherwise)
{
  for (guint k = 0; k < self->classes->len; k++)
    if (g_array_index (self->classes, int32_t, k) == label)
      return k;
  return otherwise;
}

/* The likeliest, and the true one. */
static void
sort_classes (LwExplainControls *self, const float *probabilities, int32_t classes, int32_t label)
{
  g_array_set_size (self->classes, 0);
  for (int32_t c = 0; c < classes; c++)
    g_array_append_val (self->classes, c);
  g_array_sort_with_data (self->classes, by_probability, (gpointer)probabilities);
  if (self->classes->len > MOST_CLASSES)
    g_array_set_size (self->classes, MOST_CLASSES);
  if (label >= 0 && place_of (self, label, G_MAXUINT) == G_MAXUINT)
    g_array_append_val (self->classes, label);
}

static void
fill_chooser (LwExplainControls *self, int i, const float *probabilities, int32_t label,
              guint choice)
{
  const char *const *names = lw_predictions_source_names (self->source);
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);

  if (i > 0)
    gtk_string_list_append (list, _ ("No second class"));
  for (guint k = 0; k < self->classes->len; k++) {
    const int32_t c = g_array_index (self->classes, int32_t, k);
    const double p = (double)probabilities[c];
    const char *mark = c == label ? " ✓" : "";

    gtk_string_list_take (list, isnan (p) ? g_strdup_printf ("%s%s", names[c], mark)
                                          : g_strdup_printf ("%s%s  %.3f", names[c], mark, p));
  }
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->choosers[i]), G_LIST_MODEL (list));
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->choosers[i]), choice);
}

static void
fill_choosers (LwExplainControls *self, const float *probabilities, int32_t label, guint first,
               guint second)
{
  fill_chooser (self, 0, probabilities, label, first);
  fill_chooser (self, 1, probabilities, label, self->classes->len > 1 ? second + 1 : 0);
}

/* The prediction, and beside it the true class; where that was predicted, the runner-up. */
static void
list_classes (LwExplainControls *self)
{
  const LwPredictionSet *set = lw_predictions_source_set (self->source);
  const int32_t image = lw_predictions_source_image (self->source);
  g_autofree float *probabilities = NULL;
  guint first, second;

  if (image >= set->n ||
      (!self->unlisted && self->listed_run == lw_predictions_source_run (self->source) &&
       self->listed_step == set->step && self->listed_image == image))
    return;
  self->unlisted = false;
  g_set_object (&self->listed_run, lw_predictions_source_run (self->source));
  self->listed_step = set->step;
  self->listed_image = image;
  probabilities = g_new (float, set->classes);
  for (int32_t c = 0; c < set->classes; c++)
    probabilities[c] = lw_prediction_set_probability (set, image, c);
  sort_classes (self, probabilities, set->classes, set->labels[image]);
  first = place_of (self, set->predicted[image], 0);
  second = set->labels[image] != set->predicted[image] ? place_of (self, set->labels[image], 1)
                                                       : (first == 1 ? 0 : 1);
  fill_choosers (self, probabilities, set->labels[image], first, second);
}

void
lw_explain_controls_list_own (LwExplainControls *self, const float *probabilities, int32_t classes,
                              const int32_t *explained)
{
  if (!self->unlisted)
    return;
  self->filling = true;
  sort_classes (self, probabilities, classes, -1);
  fill_choosers (self, probabilities, -1, place_of (self, explained[0], 0),
                 place_of (self, explained[1], 1));
  self->filling = false;
  self->unlisted = false;
  self->listed_image = -1;
}

void
lw_explain_controls_refresh (LwExplainControls *self, bool own)
{
  const LwPredictionSet *set = lw_predictions_source_set (self->source);

  if (set == NULL)
    return;
  self->filling = true;
  gtk_spin_button_set_range (GTK_SPIN_BUTTON (self->image), 0, set->n - 1);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->image),
                             lw_predictions_source_image (self->source));
  list_layers (self);
  if (own)
    self->unlisted = true;
  else
    list_classes (self);
  self->filling = false;
}

static void
image_typed (LwExplainControls *self)
{
  if (!self->filling)
    lw_predictions_source_mark_image (
        self->source, gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->image)));
}

/* --- set-up -------------------------------------------------------------------------------------
 */

static void
attach (LwExplainControls *self, int row, const char *words, GtkWidget *control)
{
  GtkWidget *label = gtk_label_new (words);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "lw-caption");
  gtk_widget_set_hexpand (control, TRUE);
  gtk_grid_attach (GTK_GRID (self->grid), label, 0, row, 1, 1);
  gtk_grid_attach (GTK_GRID (self->grid), control, 1, row, 1, 1);
}

static void
lw_explain_controls_dispose (GObject *object)
{
  LwExplainControls *self = LW_EXPLAIN_CONTROLS (object);

  g_clear_pointer (&self->grid, gtk_widget_unparent);
  for (int i = 0; i < LW_EXPLAINED_CLASSES; i++)
    g_clear_object (&self->choosers[i]);
  g_clear_object (&self->source);
  g_clear_object (&self->listed_run);
  g_clear_pointer (&self->graph, lw_graph_unref);
  G_OBJECT_CLASS (lw_explain_controls_parent_class)->dispose (object);
}

static void
lw_explain_controls_finalize (GObject *object)
{
  g_array_unref (LW_EXPLAIN_CONTROLS (object)->layers);
  g_array_unref (LW_EXPLAIN_CONTROLS (object)->classes);
  G_OBJECT_CLASS (lw_explain_controls_parent_class)->finalize (object);
}

static void
lw_explain_controls_class_init (LwExplainControlsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_explain_controls_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_explain_controls_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[ASKED] = g_signal_new ("asked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
  signals[FADED] = g_signal_new ("faded", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_explain_controls_init (LwExplainControls *self)
{
  /* By LwExplainMethod. */
  const char *const methods[] = { _ ("Grad-CAM"), _ ("Input gradient, magnitude"),
                                  _ ("Input gradient, signed"), NULL };
  const char *const class_names[] = { _ ("Class"), _ ("Second class") };

  self->layers = g_array_new (FALSE, FALSE, sizeof (LwNodeId));
  self->classes = g_array_new (FALSE, FALSE, sizeof (int32_t));
  self->listed_step = -1;
  self->listed_image = -1;
  self->grid = gtk_grid_new ();
  gtk_grid_set_row_spacing (GTK_GRID (self->grid), 6);
  gtk_grid_set_column_spacing (GTK_GRID (self->grid), 12);
  gtk_widget_set_parent (self->grid, GTK_WIDGET (self));

  self->image = gtk_spin_button_new_with_range (0, 1, 1);
  self->method = gtk_drop_down_new_from_strings (methods);
  self->layer = gtk_drop_down_new (NULL, NULL);
  self->opacity = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 0, 100, 5);
  gtk_range_set_value (GTK_RANGE (self->opacity), 60);
  attach (self, 0, _ ("Test image"), self->image);
  attach (self, 1, _ ("Method"), self->method);
  attach (self, 2, _ ("Layer"), self->layer);
  attach (self, 3, _ ("Opacity"), self->opacity);
  lw_name_widget (self->image, _ ("Test image"));
  lw_name_drop_down (self->method, _ ("Method"));
  lw_name_drop_down (self->layer, _ ("Layer"));
  lw_name_widget (self->opacity, _ ("Opacity"));
  for (int i = 0; i < LW_EXPLAINED_CLASSES; i++) {
    self->choosers[i] = g_object_ref_sink (gtk_drop_down_new (NULL, NULL));
    lw_name_drop_down (self->choosers[i], class_names[i]);
    g_signal_connect_swapped (self->choosers[i], "notify::selected", G_CALLBACK (ask), self);
  }
  g_signal_connect_swapped (self->image, "value-changed", G_CALLBACK (image_typed), self);
  g_signal_connect_swapped (self->method, "notify::selected", G_CALLBACK (ask), self);
  g_signal_connect_swapped (self->layer, "notify::selected", G_CALLBACK (ask), self);
  g_signal_connect_swapped (self->opacity, "value-changed", G_CALLBACK (fade), self);
}

GtkWidget *
lw_explain_controls_new (LwPredictionsSource *source)
{
  LwExplainControls *self = g_object_new (LW_TYPE_EXPLAIN_CONTROLS, NULL);

  self->source = g_object_ref (source);
  return GTK_WIDGET (self);
}
