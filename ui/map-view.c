#include "ui/map-view.h"

#include <glib/gi18n.h>
#include <math.h>

#define RIM       3  /* room for the focus frame */
#define MOST_CELL 96 /* pixels of a cell, zoomed in */
#define STEP      1.25

struct _LwMapView {
  GtkWidget parent;
  LwText *text;
  LwTile tile;
  float *values;
  int map, row, column;
  int kept_rows, kept_columns; /* what row and column are of, also while there is no map */
  double zoom, left, top;      /* 1: whole; what of it is cut off at the left and at the top */
  double start_x, start_y, drag_left, drag_top, pointer_x, pointer_y;
  bool dragged;
};

G_DEFINE_FINAL_TYPE (LwMapView, lw_map_view, GTK_TYPE_WIDGET)

enum { CELL_CHANGED, CELL_ACTIVATED, MAP_ASKED, POINTED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* --- places --------------------------------------------------------------------------------------
 */

/* The whole map, when it fits: left and top, under its title. */
static cairo_rectangle_t
fitting (LwMapView *self)
{
  cairo_rectangle_t fit = lw_tile_fit (
      &self->tile, (cairo_rectangle_t){ 0, 0, gtk_widget_get_width (GTK_WIDGET (self)) - 2 * RIM,
                                        gtk_widget_get_height (GTK_WIDGET (self)) - 2 * RIM });

  fit.x = fit.y = RIM;
  fit.width = fmax (0, fit.width);
  fit.height = fmax (0, fit.height);
  return fit;
}

static cairo_rectangle_t
place (LwMapView *self)
{
  cairo_rectangle_t at = fitting (self);

  at.width *= self->zoom;
  at.height *= self->zoom;
  at.x -= self->left;
  at.y -= self->top;
  return at;
}

static double
most_zoom (LwMapView *self)
{
  const cairo_rectangle_t fit = fitting (self);

  return fit.width > 0 ? fmax (1, MOST_CELL * self->tile.columns / fit.width) : 1;
}

/* No empty room where there is more of the map. */
static void
hold (LwMapView *self)
{
  const cairo_rectangle_t fit = fitting (self);
  const double width = gtk_widget_get_width (GTK_WIDGET (self)) - 2 * RIM;
  const double height = gtk_widget_get_height (GTK_WIDGET (self)) - 2 * RIM;

  self->left = CLAMP (self->left, 0, fmax (0, fit.width * self->zoom - width));
  self->top = CLAMP (self->top, 0, fmax (0, fit.height * self->zoom - height));
}

static void
zoom_about (LwMapView *self, double zoom, double x, double y)
{
  const double before = self->zoom;

  self->zoom = CLAMP (zoom, 1, most_zoom (self));
  self->left = (self->left + x - RIM) * self->zoom / before - (x - RIM);
  self->top = (self->top + y - RIM) * self->zoom / before - (y - RIM);
  hold (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

cairo_rectangle_t
lw_map_view_cell_place (LwMapView *self, int row, int column)
{
  return lw_tile_cell (&self->tile, place (self), row, column);
}

double
lw_map_view_zoom (LwMapView *self)
{
  return self->zoom;
}

/* Between the whole and cells that have room for their values, about the chosen one. */
void
lw_map_view_toggle_zoom (LwMapView *self)
{
  const cairo_rectangle_t fit = fitting (self);
  cairo_rectangle_t cell;
  double wanted;

  if (self->values == NULL || fit.width <= 0)
    return;
  wanted = (LW_TILE_TEXT_CELL + 4) * self->tile.columns / fit.width;
  if (self->zoom > 1) {
    self->zoom = 1;
    self->left = self->top = 0;
  } else {
    zoom_about (self, fmax (wanted, 2), 0, 0);
    cell = lw_map_view_cell_place (self, self->row, self->column);
    self->left += cell.x + cell.width / 2 - gtk_widget_get_width (GTK_WIDGET (self)) / 2.0;
    self->top += cell.y + cell.height / 2 - gtk_widget_get_height (GTK_WIDGET (self)) / 2.0;
    hold (self);
  }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* After a move by keys. */
static void
reveal (LwMapView *self)
{
  const cairo_rectangle_t cell = lw_map_view_cell_place (self, self->row, self->column);
  const double width = gtk_widget_get_width (GTK_WIDGET (self)) - RIM;
  const double height = gtk_widget_get_height (GTK_WIDGET (self)) - RIM;

  if (cell.x < RIM)
    self->left -= RIM - cell.x;
  else if (cell.x + cell.width > width)
    self->left += cell.x + cell.width - width;
  if (cell.y < RIM)
    self->top -= RIM - cell.y;
  else if (cell.y + cell.height > height)
    self->top += cell.y + cell.height - height;
  hold (self);
}

static void
lw_map_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwMapView *self = LW_MAP_VIEW (widget);
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  const int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  cairo_rectangle_t at;
  cairo_t *cr;

  if (self->values == NULL || width < 8 || height < 8)
    return;
  hold (self);
  at = place (self);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (widget));
  if (self->zoom > 1) {
    cairo_rectangle (cr, RIM, RIM, width - 2 * RIM, height - 2 * RIM);
    cairo_clip (cr);
  }
  lw_tile_paint (cr, theme, &self->tile, at, 6);
  lw_tile_paint_values (cr, theme, self->text, &self->tile, at);
  lw_tile_paint_unit (cr, theme, &self->tile, at, self->row, self->column);
  cairo_destroy (cr);
}

/* --- choosing ------------------------------------------------------------------------------------
 */

static void
describe (LwMapView *self)
{
  g_autofree char *words = NULL;

  if (self->values == NULL)
    return;
  words = lw_tile_describe (&self->tile, self->map, self->row, self->column);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words,
                                  -1);
}

static void
clamp_cell (LwMapView *self, int *row, int *column)
{
  *row = CLAMP (*row, 0, MAX (self->tile.rows - 1, 0));
  *column = CLAMP (*column, 0, MAX (self->tile.columns - 1, 0));
  if (self->tile.count > 0 && *row * self->tile.columns + *column >= self->tile.count) {
    *row = (self->tile.count - 1) / self->tile.columns;
    *column = (self->tile.count - 1) % self->tile.columns;
  }
}

static void
choose (LwMapView *self, int row, int column)
{
  clamp_cell (self, &row, &column);
  if (row == self->row && column == self->column)
    return;
  self->row = row;
  self->column = column;
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, signals[CELL_CHANGED], 0);
}

/* The same share of the way, in pixels of another size. */
static int
keep_place (int at, int before, int now)
{
  return before > 0 ? (int)floor ((at + 0.5) * now / before) : now / 2;
}

void
lw_map_view_set_tile (LwMapView *self, const LwTile *tile, int map)
{
  const gsize planes = tile->kind == LW_TILE_RGB ? 3 : 1;
  const gsize n = (gsize)tile->rows * (gsize)tile->columns;
  const gsize held = tile->count > 0 ? MIN ((gsize)tile->count, n) : n * planes;
  const bool same_size = tile->rows == self->tile.rows && tile->columns == self->tile.columns;

  if (!same_size) {
    self->zoom = 1;
    self->left = self->top = 0;
  }
  if (tile->rows > 0) {
    self->row = keep_place (self->row, self->kept_rows, tile->rows);
    self->column = keep_place (self->column, self->kept_columns, tile->columns);
    self->kept_rows = tile->rows;
    self->kept_columns = tile->columns;
  }
  g_free (self->values);
  self->values = held > 0 ? g_new0 (float, n *planes) : NULL;
  if (held > 0)
    memcpy (self->values, tile->values, held * sizeof (float));
  self->tile = *tile;
  self->tile.values = self->values;
  if (tile->rows > 0)
    clamp_cell (self, &self->row, &self->column);
  if (map != self->map || !same_size) {
    self->map = map;
    describe (self);
  }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
lw_map_view_get_cell (LwMapView *self, int *ret_row, int *ret_column)
{
  *ret_row = self->row;
  *ret_column = self->column;
}

void
lw_map_view_set_cell (LwMapView *self, int row, int column)
{
  choose (self, row, column);
  reveal (self);
}

float
lw_map_view_value (LwMapView *self)
{
  return self->values != NULL ? self->values[self->row * self->tile.columns + self->column] : NAN;
}

static void
drag_begun (GtkGestureDrag *gesture, double x, double y, LwMapView *self)
{
  (void)gesture;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->start_x = x;
  self->start_y = y;
  self->drag_left = self->left;
  self->drag_top = self->top;
  self->dragged = false;
}

static void
dragged (GtkGestureDrag *gesture, double dx, double dy, LwMapView *self)
{
  (void)gesture;
  if (!self->dragged && hypot (dx, dy) < 6)
    return;
  self->dragged = true;
  self->left = self->drag_left - dx;
  self->top = self->drag_top - dy;
  hold (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* A press that did not become a drag chooses. */
static void
drag_ended (GtkGestureDrag *gesture, double dx, double dy, LwMapView *self)
{
  int row, column;

  (void)gesture;
  (void)dx;
  (void)dy;
  if (self->dragged && self->zoom > 1)
    return;
  if (self->values == NULL ||
      !lw_tile_at (&self->tile, place (self), self->start_x, self->start_y, &row, &column))
    return;
  choose (self, row, column);
  g_signal_emit (self, signals[CELL_ACTIVATED], 0);
}

static gboolean
scrolled (GtkEventControllerScroll *scroll, double dx, double dy, LwMapView *self)
{
  (void)scroll;
  (void)dx;
  if (self->values == NULL || dy == 0)
    return FALSE;
  zoom_about (self, self->zoom * pow (STEP, -dy), self->pointer_x, self->pointer_y);
  return TRUE;
}

static void
moved (GtkEventControllerMotion *motion, double x, double y, LwMapView *self)
{
  int row = -1, column = -1;

  (void)motion;
  self->pointer_x = x;
  self->pointer_y = y;
  if (self->values == NULL || !lw_tile_at (&self->tile, place (self), x, y, &row, &column))
    row = column = -1;
  g_signal_emit (self, signals[POINTED], 0, row, column);
}

static void
left (GtkEventControllerMotion *motion, LwMapView *self)
{
  (void)motion;
  g_signal_emit (self, signals[POINTED], 0, -1, -1);
}

static gboolean
query_tip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tip)
{
  LwMapView *self = LW_MAP_VIEW (widget);
  g_autofree char *words = NULL;
  cairo_rectangle_t cell;
  int row = self->row, column = self->column;

  if (self->values == NULL ||
      (!keyboard && !lw_tile_at (&self->tile, place (self), x, y, &row, &column)))
    return FALSE;
  words = lw_tile_describe (&self->tile, self->map, row, column);
  cell = lw_map_view_cell_place (self, row, column);
  gtk_tooltip_set_text (tip, words);
  gtk_tooltip_set_tip_area (
      tip, &(GdkRectangle){ (int)cell.x, (int)cell.y, (int)cell.width + 1, (int)cell.height + 1 });
  return TRUE;
}

/* --- keys ----------------------------------------------------------------------------------------
 */

static gboolean
move (GtkWidget *widget, GVariant *by, gpointer data)
{
  LwMapView *self = LW_MAP_VIEW (widget);
  int rows, columns;

  (void)data;
  g_variant_get (by, "(ii)", &rows, &columns);
  choose (self, self->row + rows, self->column + columns);
  reveal (self);
  return TRUE;
}

static gboolean
ask (GtkWidget *widget, GVariant *by, gpointer data)
{
  (void)data;
  g_signal_emit (widget, signals[MAP_ASKED], 0, g_variant_get_int32 (by));
  return TRUE;
}

static gboolean
toggle (GtkWidget *widget, GVariant *none, gpointer data)
{
  (void)none;
  (void)data;
  lw_map_view_toggle_zoom (LW_MAP_VIEW (widget));
  return TRUE;
}

static gboolean
activate (GtkWidget *widget, GVariant *none, gpointer data)
{
  (void)none;
  (void)data;
  g_signal_emit (widget, signals[CELL_ACTIVATED], 0);
  return TRUE;
}

/* --- set-up --------------------------------------------------------------------------------------
 */

static void
lw_map_view_finalize (GObject *object)
{
  lw_text_free (LW_MAP_VIEW (object)->text);
  g_free (LW_MAP_VIEW (object)->values);
  G_OBJECT_CLASS (lw_map_view_parent_class)->finalize (object);
}

static void
bind_keys (GtkWidgetClass *klass)
{
  const struct {
    guint key;
    int rows, columns;
  } moves[] = { { GDK_KEY_Up, -1, 0 },   { GDK_KEY_Down, 1, 0 },       { GDK_KEY_Left, 0, -1 },
                { GDK_KEY_Right, 0, 1 }, { GDK_KEY_Home, 0, -100000 }, { GDK_KEY_End, 0, 100000 } };

  for (guint i = 0; i < G_N_ELEMENTS (moves); i++)
    gtk_widget_class_add_binding (klass, moves[i].key, 0, move, "(ii)", moves[i].rows,
                                  moves[i].columns);
  gtk_widget_class_add_binding (klass, GDK_KEY_plus, 0, ask, "i", 1);
  gtk_widget_class_add_binding (klass, GDK_KEY_KP_Add, 0, ask, "i", 1);
  gtk_widget_class_add_binding (klass, GDK_KEY_minus, 0, ask, "i", -1);
  gtk_widget_class_add_binding (klass, GDK_KEY_KP_Subtract, 0, ask, "i", -1);
  gtk_widget_class_add_binding (klass, GDK_KEY_z, 0, toggle, NULL);
  gtk_widget_class_add_binding (klass, GDK_KEY_Return, 0, activate, NULL);
  gtk_widget_class_add_binding (klass, GDK_KEY_KP_Enter, 0, activate, NULL);
}

static void
lw_map_view_class_init (LwMapViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = lw_map_view_finalize;
  widget_class->snapshot = lw_map_view_snapshot;
  widget_class->query_tooltip = query_tip;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  bind_keys (widget_class);
  signals[CELL_CHANGED] = g_signal_new ("cell-changed", G_TYPE_FROM_CLASS (klass),
                                        G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[CELL_ACTIVATED] = g_signal_new ("cell-activated", G_TYPE_FROM_CLASS (klass),
                                          G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[MAP_ASKED] = g_signal_new ("map-asked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  signals[POINTED] = g_signal_new ("pointed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_INT);
}

static void
lw_map_view_init (LwMapView *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *scroll =
      gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);

  self->text = lw_text_new (NULL, NULL);
  self->zoom = 1;
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Feature map"), -1);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begun), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (dragged), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (drag_ended), self);
  g_signal_connect (motion, "motion", G_CALLBACK (moved), self);
  g_signal_connect (motion, "leave", G_CALLBACK (left), self);
  g_signal_connect (scroll, "scroll", G_CALLBACK (scrolled), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  gtk_widget_add_controller (GTK_WIDGET (self), scroll);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}

GtkWidget *
lw_map_view_new (void)
{
  return g_object_new (LW_TYPE_MAP_VIEW, NULL);
}
