#include "ui/feature-maps-view.h"

#include "engine/analysis.h"
#include "ui/accessible.h"
#include "ui/activation-source.h"
#include "ui/image-chooser.h"
#include "ui/image-tile.h"
#include "ui/map-numbers.h"
#include "ui/map-view.h"

#include <glib/gi18n.h>
#include <math.h>

#define TILE      62
#define TILE_GAP  10
#define RIM       5 /* room for the frame of the chosen map */
#define BAR_WIDTH 68

struct _LwFeatureMapsView {
  GtkWidget parent;
  LwWorkbench *workbench;
  LwActivationSource *source;
  LwText *text;
  int map;
  bool scale_each;
  GtkWidget *row, *map_row, *images, *heading, *words, *absent, *grid, *bar, *map_title, *map_place,
      *map_view, *numbers;
};

G_DEFINE_FINAL_TYPE (LwFeatureMapsView, lw_feature_maps_view, GTK_TYPE_WIDGET)

static const LwTheme *
theme_now (void)
{
  return lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
}

/* Few maps are shown larger: two, three or four in a row. */
static double
tile_side (LwFeatureMapsView *self, int n)
{
  const int columns = n <= 6 ? 2 : n <= 12 ? 3 : 4;
  const int width = gtk_widget_get_width (self->grid) - 2 * RIM;

  return MAX (TILE, floor ((double)(width - (columns - 1) * TILE_GAP) / columns));
}

/* The grid as it is now; false while there are no values. */
static bool
grid_now (LwFeatureMapsView *self, LwTileGrid *ret_grid)
{
  LwShape shape;
  const float *values = lw_activation_source_values (self->source, &shape);

  if (values == NULL)
    return false;
  *ret_grid = lw_activation_grid (values, shape);
  ret_grid->side = tile_side (self, ret_grid->n);
  ret_grid->gap = TILE_GAP;
  ret_grid->caption = LW_CAPTION_MEAN;
  ret_grid->scale_each = self->scale_each;
  ret_grid->selected = MIN (self->map, ret_grid->n - 1);
  if (ret_grid->n == 1 && ret_grid->rows == 1) { /* a vector: shown enlarged only */
    ret_grid->caption = LW_CAPTION_NONE;
  }
  return true;
}

/* The chosen map as a tile; a vector is folded. */
static LwTile
tile_now (const LwTileGrid *grid)
{
  LwTile tile = lw_tile_grid_tile (grid, grid->selected);

  if (grid->n == 1 && grid->rows == 1) {
    tile.count = grid->columns;
    lw_tile_fold (grid->columns, &tile.rows, &tile.columns);
  }
  return tile;
}

static void
draw_grid (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwFeatureMapsView *self = data;
  const LwTheme *theme = theme_now ();
  LwTileGrid grid;

  (void)height;
  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (GTK_WIDGET (area)));
  if (grid_now (self, &grid))
    lw_tile_grid_paint (cr, theme, self->text, &grid, RIM, RIM, width - 2 * RIM);
}

static void
draw_bar (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwFeatureMapsView *self = data;
  LwTileGrid grid;

  (void)area;
  (void)width;
  if (grid_now (self, &grid) && !self->scale_each)
    lw_colour_bar_paint (cr, theme_now (), self->text, &grid.scale, 0, height / 2.0, BAR_WIDTH, 0);
}

/* The stretch of the test image that the chosen unit sees, in the pixels of the set. */
static void
show_field (LwFeatureMapsView *self)
{
  LwGraph *graph = lw_workbench_graph (self->workbench);
  LwDataset *dataset = lw_workbench_dataset (self->workbench);
  const LwNodeId layer = lw_activation_source_layer (self->source);
  const LwShape input = lw_graph_input_shape (graph);
  g_autofree char *place = NULL;
  LwReceptiveField field;
  double scale;
  int row, column;

  gtk_label_set_text (GTK_LABEL (self->map_place), "");
  if (dataset == NULL || layer == LW_NO_NODE || lw_activation_source_problem (self->source) != NULL)
    return;
  lw_map_view_get_cell (LW_MAP_VIEW (self->map_view), &row, &column);
  place = g_strdup_printf (_ ("row %d, column %d"), row, column);
  gtk_label_set_text (GTK_LABEL (self->map_place), place);
  field = lw_node_receptive_field (graph, layer);
  if (lw_graph_node (graph, layer)->shape.flat || field.size >= MAX (input.h, input.w) * 2) {
    lw_image_chooser_frame (LW_IMAGE_CHOOSER (self->images), 0, 0, lw_dataset_height (dataset));
    return;
  }
  scale = (double)lw_dataset_width (dataset) / input.w;
  lw_image_chooser_frame (LW_IMAGE_CHOOSER (self->images),
                          (field.start + column * field.jump) * scale,
                          (field.start + row * field.jump) * scale, field.size * scale);
}

static void
show_map (LwFeatureMapsView *self)
{
  LwTileGrid grid;
  LwTile tile = { 0 };
  g_autofree char *title = NULL;

  if (grid_now (self, &grid)) {
    tile = tile_now (&grid);
    title = grid.rows == 1 && grid.n == 1 ? g_strdup_printf (_ ("%d values"), grid.columns)
                                          : g_strdup_printf (_ ("Map %d"), grid.selected);
  }
  gtk_label_set_text (GTK_LABEL (self->map_title), title != NULL ? title : "");
  lw_map_view_set_tile (LW_MAP_VIEW (self->map_view), &tile, self->map);
  if (title != NULL)
    lw_map_numbers_show (LW_MAP_NUMBERS (self->numbers), &tile,
                         (double)lw_map_view_value (LW_MAP_VIEW (self->map_view)));
  show_field (self);
}

/* Instead of maps: why there are none. */
static void
show_absence (LwFeatureMapsView *self, bool absent)
{
  const char *problem = lw_activation_source_problem (self->source);

  if (absent)
    gtk_label_set_text (GTK_LABEL (self->absent), problem != NULL ? problem : _ ("Computing…"));
  gtk_widget_set_visible (self->absent, absent);
  gtk_widget_set_visible (self->numbers, !absent || problem == NULL);
}

static void
updated (LwFeatureMapsView *self)
{
  LwTileGrid grid;
  const bool any = grid_now (self, &grid);
  g_autofree char *words = any ? lw_activation_source_words (self->source) : g_strdup ("");
  g_autofree char *heading = NULL, *description = NULL,
                  *prediction = lw_prediction_heading (self->source);

  if (any) {
    const int width = gtk_widget_get_width (self->grid);

    heading = grid.n == 1 && grid.rows == 1
                  ? g_strdup_printf (_ ("One vector of %d"), grid.columns)
                  : g_strdup_printf (_ ("%d maps of %d × %d"), grid.n, grid.rows, grid.columns);
    description = lw_tile_grid_describe (&grid);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->grid),
                                    GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description, -1);
    gtk_drawing_area_set_content_height (
        GTK_DRAWING_AREA (self->grid),
        (int)ceil (lw_tile_grid_height (&grid, width > 0 ? width - 2 * RIM : 288)) + 2 * RIM);
  }
  show_absence (self, !any);
  gtk_label_set_text (GTK_LABEL (self->heading), heading != NULL ? heading : "");
  gtk_label_set_text (GTK_LABEL (self->words), words);
  lw_image_chooser_show_prediction (LW_IMAGE_CHOOSER (self->images), prediction,
                                    lw_activation_source_probabilities (self->source));
  gtk_widget_queue_draw (self->grid);
  gtk_widget_queue_draw (self->bar);
  show_map (self);
}

void
lw_feature_maps_view_set_layer (LwFeatureMapsView *self, LwNodeId layer)
{
  self->map = 0;
  lw_activation_source_set_layer (self->source, layer);
  updated (self);
}

int
lw_feature_maps_view_map (LwFeatureMapsView *self)
{
  return self->map;
}

void
lw_feature_maps_view_set_map (LwFeatureMapsView *self, int map)
{
  LwTileGrid grid;

  if (!grid_now (self, &grid))
    return;
  self->map = CLAMP (map, 0, grid.n - 1);
  updated (self);
}

static void
map_asked (LwMapView *view, int by, LwFeatureMapsView *self)
{
  (void)view;
  lw_feature_maps_view_set_map (self, self->map + by);
}

static void
grid_pressed (GtkGestureClick *gesture, int n, double x, double y, LwFeatureMapsView *self)
{
  LwTileGrid grid;
  int map;

  (void)gesture;
  (void)n;
  gtk_widget_grab_focus (self->map_view);
  if (!grid_now (self, &grid))
    return;
  map = lw_tile_grid_at (&grid, gtk_widget_get_width (self->grid) - 2 * RIM, x - RIM, y - RIM);
  if (map >= 0)
    lw_feature_maps_view_set_map (self, map);
}

static void
image_chosen (LwFeatureMapsView *self)
{
  lw_activation_source_set_image (self->source,
                                  lw_image_chooser_index (LW_IMAGE_CHOOSER (self->images)));
}

void
lw_feature_maps_view_set_compact (LwFeatureMapsView *self, bool compact)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->map_row),
                                  compact ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
  for (GtkWidget *column = gtk_widget_get_first_child (self->row); column != NULL;
       column = gtk_widget_get_next_sibling (column)) {
    if (GTK_IS_SEPARATOR (column))
      continue;
    gtk_widget_set_margin_start (column, compact ? 10 : 16);
    gtk_widget_set_margin_end (column, compact ? 10 : 16);
  }
}

static void
scale_toggled (GtkToggleButton *button, LwFeatureMapsView *self)
{
  self->scale_each = gtk_toggle_button_get_active (button);
  updated (self);
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static GtkWidget *
make_label (const char *css_class, double xalign)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), (float)xalign);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

static GtkWidget *
make_head (GtkWidget *left, GtkWidget *right)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  gtk_label_set_ellipsize (GTK_LABEL (left), PANGO_ELLIPSIZE_NONE);
  gtk_widget_set_hexpand (right, TRUE);
  gtk_box_append (GTK_BOX (head), left);
  gtk_box_append (GTK_BOX (head), right);
  return head;
}

static GtkWidget *
make_maps (LwFeatureMapsView *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10),
            *scroller = gtk_scrolled_window_new (), *overlay = gtk_overlay_new ();
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *layer = gtk_toggle_button_new_with_label (_ ("Layer")),
            *map = gtk_toggle_button_new_with_label (_ ("Map"));
  GtkWidget *scales = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkGesture *click = gtk_gesture_click_new ();
  GtkWidget *head;

  self->heading = make_label ("lw-strong", 0);
  self->words = make_label ("lw-caption", 1);
  self->grid = gtk_drawing_area_new ();
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->grid), draw_grid, self, NULL);
  g_signal_connect_swapped (self->grid, "resize", G_CALLBACK (updated), self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->grid), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Feature maps"), -1);
  g_signal_connect (click, "pressed", G_CALLBACK (grid_pressed), self);
  gtk_widget_add_controller (self->grid, GTK_EVENT_CONTROLLER (click));
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->grid);
  self->absent = make_label ("lw-caption", 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->absent), PANGO_ELLIPSIZE_NONE);
  gtk_label_set_wrap (GTK_LABEL (self->absent), TRUE);
  gtk_widget_set_valign (self->absent, GTK_ALIGN_START);
  gtk_widget_set_margin_start (self->absent, RIM);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), scroller);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), self->absent);
  lw_name_widget (scroller, _ ("Feature maps"));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_widget_set_vexpand (scroller, TRUE);

  self->bar = gtk_drawing_area_new ();
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->bar), draw_bar, self, NULL);
  gtk_widget_set_hexpand (self->bar, TRUE);
  gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (map), GTK_TOGGLE_BUTTON (layer));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (layer), TRUE);
  gtk_widget_set_tooltip_text (layer, _ ("Colours share one scale over the layer"));
  gtk_widget_set_tooltip_text (map, _ ("Each map has a scale of its own"));
  g_signal_connect (map, "toggled", G_CALLBACK (scale_toggled), self);
  gtk_widget_add_css_class (scales, "linked");
  gtk_box_append (GTK_BOX (scales), layer);
  gtk_box_append (GTK_BOX (scales), map);
  gtk_box_append (GTK_BOX (foot), self->bar);
  gtk_box_append (GTK_BOX (foot), scales);

  gtk_widget_set_size_request (column, 4 * TILE + 3 * TILE_GAP + 2 * RIM, -1);
  gtk_widget_set_hexpand (column, FALSE);
  head = make_head (self->heading, self->words);
  for (GtkWidget **line = (GtkWidget *[]){ head, foot, NULL }; *line != NULL; line++) {
    gtk_widget_set_margin_start (*line, RIM); /* as the maps between them */
    gtk_widget_set_margin_end (*line, RIM);
  }
  gtk_box_append (GTK_BOX (column), head);
  gtk_box_append (GTK_BOX (column), overlay);
  gtk_box_append (GTK_BOX (column), foot);
  return column;
}

static GtkWidget *
make_map (LwFeatureMapsView *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8),
            *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 16);

  self->map_row = row;
  self->map_title = make_label ("lw-strong", 0);
  self->map_place = make_label ("lw-caption", 1);
  self->map_view = lw_map_view_new ();
  gtk_widget_set_hexpand (self->map_view, TRUE);
  gtk_widget_set_vexpand (self->map_view, TRUE);
  gtk_widget_set_size_request (self->map_view, 160, 160);
  g_signal_connect (self->map_view, "map-asked", G_CALLBACK (map_asked), self);
  g_signal_connect_swapped (self->map_view, "cell-changed", G_CALLBACK (show_map), self);
  gtk_box_append (GTK_BOX (row), self->map_view);
  self->numbers = lw_map_numbers_new ();
  gtk_box_append (GTK_BOX (row), self->numbers);
  gtk_box_append (GTK_BOX (column), make_head (self->map_title, self->map_place));
  gtk_box_append (GTK_BOX (column), row);
  gtk_widget_set_hexpand (column, TRUE);
  return column;
}

static void
add_column (GtkWidget *row, GtkWidget *child, bool separated)
{
  gtk_widget_set_margin_start (child, 16);
  gtk_widget_set_margin_end (child, 16);
  gtk_widget_set_margin_top (child, 12);
  gtk_widget_set_margin_bottom (child, 12);
  if (separated)
    gtk_box_append (GTK_BOX (row), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  gtk_box_append (GTK_BOX (row), child);
}

GtkWidget *
lw_feature_maps_view_new (LwWorkbench *workbench)
{
  LwFeatureMapsView *self = g_object_new (LW_TYPE_FEATURE_MAPS_VIEW, NULL);
  GtkWidget *left = gtk_scrolled_window_new ();

  self->workbench = workbench;
  self->source = lw_activation_source_new (workbench);
  self->row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_set_parent (self->row, GTK_WIDGET (self));
  gtk_widget_add_css_class (self->row, "lw-canvas");
  self->images = lw_image_chooser_new (workbench);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (left), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (left), self->images);
  gtk_widget_set_focusable (left, FALSE);
  add_column (self->row, left, false);
  add_column (self->row, make_maps (self), true);
  add_column (self->row, make_map (self), true);
  g_signal_connect_swapped (self->images, "chosen", G_CALLBACK (image_chosen), self);
  g_signal_connect_object (self->source, "updated", G_CALLBACK (updated), self, G_CONNECT_SWAPPED);
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

  g_clear_pointer (&self->row, gtk_widget_unparent);
  g_clear_object (&self->source);
  G_OBJECT_CLASS (lw_feature_maps_view_parent_class)->dispose (object);
}

static void
lw_feature_maps_view_finalize (GObject *object)
{
  lw_text_free (LW_FEATURE_MAPS_VIEW (object)->text);
  G_OBJECT_CLASS (lw_feature_maps_view_parent_class)->finalize (object);
}

static void
lw_feature_maps_view_class_init (LwFeatureMapsViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_feature_maps_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_feature_maps_view_finalize;
  widget_class->map = lw_feature_maps_view_map_widget;
  widget_class->unmap = lw_feature_maps_view_unmap;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
lw_feature_maps_view_init (LwFeatureMapsView *self)
{
  self->text = lw_text_new (NULL, NULL);
}
