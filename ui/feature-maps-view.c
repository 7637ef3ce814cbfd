#include "ui/feature-maps-view.h"

#include "engine/analysis.h"
#include "ui/activation-epochs.h"
#include "ui/image-chooser.h"
#include "ui/image-tile.h"
#include "ui/map-column.h"
#include "ui/map-files.h"
#include "ui/map-panel.h"
#include "ui/picture-drop.h"

#include <glib/gi18n.h>

#define WAIT_MS 200 /* before maps give way to "Computing…" */

struct _LwFeatureMapsView {
  GtkWidget parent;
  LwWorkbench *workbench;
  LwActivationSource *source;
  LwMapSheet sheet;
  const void *held; /* by the source: what the sheet points into */
  guint blank_id;
  LwUnit awaited; /* to be chosen when its layer is there; node LW_NO_NODE: none */
  GtkWidget *row, *left, *maps_row, *images, *column, *panel, *slot, *epochs;
};

G_DEFINE_FINAL_TYPE (LwFeatureMapsView, lw_feature_maps_view, GTK_TYPE_WIDGET)

static guint activated_signal, changed_signal;

static void
say (LwFeatureMapsView *self, const char *sentence)
{
  g_signal_emit_by_name (self->workbench, "complained", sentence);
}

/* --- the chosen unit -----------------------------------------------------------------------------
 */

/* The stretch of the image that the chosen unit sees, in the pixels of the network's input. */
static void
show_field (LwFeatureMapsView *self)
{
  LwGraph *graph = lw_workbench_graph (self->workbench);
  const LwNodeId layer = lw_activation_source_layer (self->source);
  const LwShape input = lw_graph_input_shape (graph);
  LwReceptiveField field;
  int row, column;

  if (self->sheet.kind != LW_SHEET_MAPS || layer == LW_NO_NODE) {
    lw_image_chooser_frame (LW_IMAGE_CHOOSER (self->images), 0, 0, 0);
    return;
  }
  lw_map_panel_cell (LW_MAP_PANEL (self->panel), &row, &column);
  field = lw_node_receptive_field (graph, layer);
  if (field.size >= MAX (input.h, input.w) * 2)
    lw_image_chooser_frame (LW_IMAGE_CHOOSER (self->images), 0, 0, 0);
  else
    lw_image_chooser_frame (LW_IMAGE_CHOOSER (self->images), field.start + column * field.jump,
                            field.start + row * field.jump, field.size);
}

/* The unit of a vector is chosen in both. */
static void
cell_changed (LwFeatureMapsView *self)
{
  if (self->sheet.kind == LW_SHEET_UNITS) {
    lw_map_grid_update (lw_map_column_grid (LW_MAP_COLUMN (self->column)));
    lw_map_grid_reveal (lw_map_column_grid (LW_MAP_COLUMN (self->column)));
  }
  show_field (self);
  g_signal_emit (self, changed_signal, 0);
}

bool
lw_feature_maps_view_unit (LwFeatureMapsView *self, LwUnit *ret_unit)
{
  int row = 0, column = 0;

  if (self->sheet.kind == LW_SHEET_MAPS)
    lw_map_panel_cell (LW_MAP_PANEL (self->panel), &row, &column);
  else if (self->sheet.kind != LW_SHEET_UNITS)
    return false;
  *ret_unit =
      (LwUnit){ lw_activation_source_layer (self->source), self->sheet.chosen, row, column };
  return true;
}

static void
cell_activated (LwFeatureMapsView *self)
{
  LwUnit unit;

  if (lw_feature_maps_view_unit (self, &unit))
    g_signal_emit (self, activated_signal, 0, unit.node, unit.channel, unit.row, unit.column);
}

/* --- the grid ------------------------------------------------------------------------------------
 */

/* Instead of maps: why there are none; NULL: there are some. */
static char *
why_absent (LwFeatureMapsView *self)
{
  const char *problem = lw_activation_source_problem (self->source);
  LwShape shape;

  if (self->sheet.kind != LW_SHEET_NONE)
    return NULL;
  if (problem != NULL)
    return g_strdup (problem);
  if (lw_map_column_look (LW_MAP_COLUMN (self->column)).filters &&
      lw_activation_source_values (self->source, &shape) != NULL &&
      !lw_activation_source_is_busy (self->source)) {
    if (lw_map_sheet_filters_of (lw_workbench_graph (self->workbench),
                                 lw_activation_source_layer (self->source)) == LW_NO_NODE)
      return g_strdup (_ ("This layer has no filters: choose a convolution or a linear layer, or "
                          "look at its maps."));
    return g_strdup (_ ("This layer has too many weights to be shown as pictures."));
  }
  return g_strdup (_ ("Computing…"));
}

/* "of layer 4, best weights: epoch 7" where that is another layer than the chosen one. */
static char *
words_now (LwFeatureMapsView *self)
{
  LwGraph *graph = lw_workbench_graph (self->workbench);
  const LwNodeId layer = lw_activation_source_layer (self->source);
  const LwNodeId of = lw_map_sheet_filters_of (graph, layer);
  g_autofree char *words = lw_activation_source_words (self->source);

  if (self->sheet.kind == LW_SHEET_NONE)
    return g_strdup ("");
  if (self->sheet.kind == LW_SHEET_KERNELS && of != layer)
    return g_strdup_printf (_ ("of layer %s, %s"), lw_graph_node (graph, of)->name, words);
  return g_steal_pointer (&words);
}

/* Filters may be those of the layer before. */
static void
ask_for_filters (LwFeatureMapsView *self)
{
  LwGraph *graph = lw_workbench_graph (self->workbench);
  const bool filters = lw_map_column_look (LW_MAP_COLUMN (self->column)).filters;
  const LwNodeId layer = lw_activation_source_layer (self->source);

  if (layer != LW_NO_NODE && layer < lw_graph_n_nodes (graph))
    lw_activation_source_set_parameters_of (
        self->source, filters ? lw_map_sheet_filters_of (graph, layer) : LW_NO_NODE);
}

static void updated (LwFeatureMapsView *self);

static gboolean
blank (gpointer data)
{
  LwFeatureMapsView *self = data;

  self->blank_id = 0;
  self->held = NULL;
  updated (self);
  return G_SOURCE_REMOVE;
}

/* Whether what is shown may stay a moment, until the answer is there. */
static bool
may_wait (LwFeatureMapsView *self)
{
  const bool waits = self->sheet.kind != LW_SHEET_NONE && self->held != NULL &&
                     self->held == lw_activation_source_held (self->source) &&
                     lw_activation_source_probabilities (self->source) == NULL &&
                     lw_activation_source_is_busy (self->source) &&
                     lw_activation_source_problem (self->source) == NULL;

  if (waits && self->blank_id == 0)
    self->blank_id = g_timeout_add (WAIT_MS, blank, self);
  else if (!waits)
    g_clear_handle_id (&self->blank_id, g_source_remove);
  return waits;
}

static void choose (LwFeatureMapsView *self, int chosen, int input);

static void
choose_awaited (LwFeatureMapsView *self)
{
  const LwUnit unit = self->awaited;

  if (unit.node == LW_NO_NODE || self->sheet.kind == LW_SHEET_NONE)
    return;
  self->awaited.node = LW_NO_NODE; /* of another layer: the student has gone elsewhere since */
  if (unit.node != lw_activation_source_layer (self->source))
    return;
  choose (self, unit.channel, self->sheet.input);
  if (self->sheet.kind == LW_SHEET_MAPS)
    lw_map_panel_set_cell (LW_MAP_PANEL (self->panel), unit.row, unit.column);
}

static void
updated (LwFeatureMapsView *self)
{
  const LwSheetLook look = lw_map_column_look (LW_MAP_COLUMN (self->column));
  g_autofree char *words = NULL, *absence = NULL;

  if (may_wait (self))
    return;
  self->held = lw_activation_source_held (self->source);
  lw_map_sheet_fill (&self->sheet, self->workbench, self->source, &look);
  absence = why_absent (self);
  words = words_now (self);
  lw_map_column_show (LW_MAP_COLUMN (self->column), words, absence);
  lw_map_panel_update (LW_MAP_PANEL (self->panel));
  choose_awaited (self);
}

static void
look_changed (LwFeatureMapsView *self)
{
  ask_for_filters (self);
  updated (self);
}

static void
choose (LwFeatureMapsView *self, int chosen, int input)
{
  if (self->sheet.kind == LW_SHEET_NONE)
    return;
  lw_map_sheet_choose (&self->sheet, chosen, input);
  lw_map_grid_update (lw_map_column_grid (LW_MAP_COLUMN (self->column)));
  lw_map_grid_reveal (lw_map_column_grid (LW_MAP_COLUMN (self->column)));
  lw_map_panel_update (LW_MAP_PANEL (self->panel));
}

static void
map_asked (LwMapPanel *panel, int by, LwFeatureMapsView *self)
{
  (void)panel;
  choose (self, self->sheet.chosen + by, self->sheet.input);
}

void
lw_feature_maps_view_set_layer (LwFeatureMapsView *self, LwNodeId layer)
{
  lw_activation_source_set_layer (self->source, layer);
  look_changed (self);
}

void
lw_feature_maps_view_go (LwFeatureMapsView *self, LwUnit unit)
{
  if (lw_graph_node (lw_workbench_graph (self->workbench), unit.node)->op == LW_OP_INPUT) {
    lw_image_chooser_frame (LW_IMAGE_CHOOSER (self->images), unit.column, unit.row, 1);
    return;
  }
  self->awaited = unit;
  if (unit.node == lw_activation_source_layer (self->source)) {
    choose_awaited (self);
    return;
  }
  lw_workbench_select_layer (self->workbench, unit.node);
  if (unit.node != lw_activation_source_layer (self->source))
    lw_feature_maps_view_set_layer (self, unit.node);
}

int
lw_feature_maps_view_map (LwFeatureMapsView *self)
{
  return self->sheet.chosen;
}

void
lw_feature_maps_view_set_map (LwFeatureMapsView *self, int map)
{
  choose (self, map, self->sheet.input);
}

double
lw_feature_maps_view_cell (LwFeatureMapsView *self, int *ret_row, int *ret_column)
{
  return lw_map_panel_cell (LW_MAP_PANEL (self->panel), ret_row, ret_column);
}

LwActivationSource *
lw_feature_maps_view_source (LwFeatureMapsView *self)
{
  return self->source;
}

GtkBox *
lw_feature_maps_view_slot (LwFeatureMapsView *self)
{
  return GTK_BOX (self->slot);
}

/* --- files ---------------------------------------------------------------------------------------
 */

static void
saved (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (LwFeatureMapsView) self = data;
  g_autofree char *name = g_path_get_basename (lw_map_file_path (result));
  g_autofree char *problem = lw_map_file_save_finish (result);
  g_autofree char *sentence = g_strdup_printf (_ ("Saved %s"), name);

  (void)source;
  if (self->row != NULL) /* the window is still there */
    say (self, problem != NULL ? problem : sentence);
}

void
lw_feature_maps_view_save_values (LwFeatureMapsView *self, const char *path)
{
  if (self->sheet.kind != LW_SHEET_NONE)
    lw_map_file_save_values (&self->sheet, path, saved, g_object_ref (self));
}

void
lw_feature_maps_view_save_picture (LwFeatureMapsView *self, const char *path)
{
  g_autofree char *words = lw_activation_source_words (self->source);

  if (self->sheet.kind != LW_SHEET_NONE)
    lw_map_file_save_picture (&self->sheet, lw_workbench_graph (self->workbench),
                              lw_activation_source_layer (self->source), words, path, saved,
                              g_object_ref (self));
}

/* --- keys ----------------------------------------------------------------------------------------
 */

static gboolean
play (GtkWidget *widget, GVariant *none, gpointer data)
{
  (void)none;
  (void)data;
  lw_epoch_bar_toggle_play (LW_EPOCH_BAR (LW_FEATURE_MAPS_VIEW (widget)->epochs));
  return TRUE;
}

static gboolean
paste (GtkWidget *widget, GVariant *none, gpointer data)
{
  (void)none;
  (void)data;
  lw_picture_chooser_paste (
      lw_image_chooser_own (LW_IMAGE_CHOOSER (LW_FEATURE_MAPS_VIEW (widget)->images)));
  return TRUE;
}

/* --- set-up --------------------------------------------------------------------------------------
 */

static void
set_margins (GtkWidget *column, int sides)
{
  gtk_widget_set_margin_start (column, sides);
  gtk_widget_set_margin_end (column, sides);
  gtk_widget_set_margin_top (column, 10);
  gtk_widget_set_margin_bottom (column, 10);
}

void
lw_feature_maps_view_set_compact (LwFeatureMapsView *self, bool compact)
{
  lw_map_panel_set_compact (LW_MAP_PANEL (self->panel), compact);
  set_margins (self->images, compact ? 10 : 16);
  for (GtkWidget *column = gtk_widget_get_first_child (self->maps_row); column != NULL;
       column = gtk_widget_get_next_sibling (column))
    if (!GTK_IS_SEPARATOR (column))
      set_margins (column, compact ? 8 : 12);
}

/* Above the epochs the maps and the slot, beside all of it the picture. */
static GtkWidget *
make_right (LwFeatureMapsView *self)
{
  GtkWidget *right = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->column = lw_map_column_new (&self->sheet);
  g_signal_connect_swapped (self->column, "chosen", G_CALLBACK (choose), self);
  g_signal_connect_swapped (self->column, "look-changed", G_CALLBACK (look_changed), self);
  g_signal_connect_swapped (self->column, "save-values",
                            G_CALLBACK (lw_feature_maps_view_save_values), self);
  g_signal_connect_swapped (self->column, "save-picture",
                            G_CALLBACK (lw_feature_maps_view_save_picture), self);
  self->maps_row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_set_vexpand (self->maps_row, TRUE);
  gtk_box_append (GTK_BOX (self->maps_row), self->column);
  gtk_box_append (GTK_BOX (self->maps_row), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  self->panel = lw_map_panel_new (&self->sheet);
  g_signal_connect (self->panel, "map-asked", G_CALLBACK (map_asked), self);
  g_signal_connect_swapped (self->panel, "cell-changed", G_CALLBACK (cell_changed), self);
  g_signal_connect_swapped (self->panel, "cell-activated", G_CALLBACK (cell_activated), self);
  gtk_box_append (GTK_BOX (self->maps_row), self->panel);
  self->slot = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->epochs = lw_activation_epochs_new (self->source);
  gtk_box_append (GTK_BOX (right), self->maps_row);
  gtk_box_append (GTK_BOX (right), self->slot);
  gtk_box_append (GTK_BOX (right), self->epochs);
  gtk_widget_set_hexpand (right, TRUE);
  return right;
}

GtkWidget *
lw_feature_maps_view_new (LwWorkbench *workbench)
{
  LwFeatureMapsView *self = g_object_new (LW_TYPE_FEATURE_MAPS_VIEW, NULL);

  self->workbench = workbench;
  self->source = lw_activation_source_new (workbench);
  self->row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_set_parent (self->row, GTK_WIDGET (self));
  gtk_widget_add_css_class (self->row, "lw-canvas");
  self->left = gtk_scrolled_window_new ();
  self->images = lw_image_chooser_new (workbench, self->source);
  g_signal_connect_swapped (self->images, "complained", G_CALLBACK (say), self);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->left), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->left), self->images);
  gtk_widget_set_focusable (self->left, FALSE);
  gtk_box_append (GTK_BOX (self->row), self->left);
  gtk_box_append (GTK_BOX (self->row), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  gtk_box_append (GTK_BOX (self->row), make_right (self));
  lw_feature_maps_view_set_compact (self, false);
  lw_picture_drop_accept (GTK_WIDGET (self),
                          lw_image_chooser_own (LW_IMAGE_CHOOSER (self->images)));
  g_signal_connect_object (self->source, "updated", G_CALLBACK (updated), self, G_CONNECT_SWAPPED);
  updated (self);
  return GTK_WIDGET (self);
}

static void
lw_feature_maps_view_map_widget (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (lw_feature_maps_view_parent_class)->map (widget);
  lw_activation_source_set_active (LW_FEATURE_MAPS_VIEW (widget)->source, true);
}

static void
lw_feature_maps_view_unmap (GtkWidget *widget)
{
  lw_activation_source_set_active (LW_FEATURE_MAPS_VIEW (widget)->source, false);
  GTK_WIDGET_CLASS (lw_feature_maps_view_parent_class)->unmap (widget);
}

static void
lw_feature_maps_view_dispose (GObject *object)
{
  LwFeatureMapsView *self = LW_FEATURE_MAPS_VIEW (object);

  g_clear_handle_id (&self->blank_id, g_source_remove);
  g_clear_pointer (&self->row, gtk_widget_unparent);
  lw_map_sheet_clear (&self->sheet);
  g_clear_object (&self->source);
  G_OBJECT_CLASS (lw_feature_maps_view_parent_class)->dispose (object);
}

static void
lw_feature_maps_view_class_init (LwFeatureMapsViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_feature_maps_view_dispose;
  widget_class->map = lw_feature_maps_view_map_widget;
  widget_class->unmap = lw_feature_maps_view_unmap;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_p, 0, play, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_v, GDK_CONTROL_MASK, paste, NULL);
  activated_signal =
      g_signal_new ("unit-activated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 4, G_TYPE_INT, G_TYPE_INT, G_TYPE_INT, G_TYPE_INT);
  changed_signal = g_signal_new ("unit-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                 NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_feature_maps_view_init (LwFeatureMapsView *self)
{
  self->awaited.node = LW_NO_NODE;
}
