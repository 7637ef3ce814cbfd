#include "ui/map-view.h"

#include <glib/gi18n.h>
#include <math.h>

struct _LwMapView {
  GtkWidget parent;
  LwText *text;
  LwTile tile;
  float *values;
  int map, row, column;
};

G_DEFINE_FINAL_TYPE (LwMapView, lw_map_view, GTK_TYPE_WIDGET)

enum { CELL_CHANGED, MAP_ASKED, N_SIGNALS };
static guint signals[N_SIGNALS];

static cairo_rectangle_t
place (LwMapView *self)
{
  cairo_rectangle_t fit =
      lw_tile_fit (&self->tile, (cairo_rectangle_t){ 0, 0, gtk_widget_get_width (GTK_WIDGET (self)),
                                                     gtk_widget_get_height (GTK_WIDGET (self)) });

  fit.x = 3; /* room for the focus frame; left and top, under its title */
  fit.y = 3;
  fit.width = fmax (0, fit.width - 6);
  fit.height = fmax (0, fit.height - 6);
  return fit;
}

static void
lw_map_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwMapView *self = LW_MAP_VIEW (widget);
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  const int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  cairo_t *cr;

  if (self->values == NULL || width < 8 || height < 8)
    return;
  const cairo_rectangle_t at = place (self);

  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (widget));
  lw_tile_paint (cr, theme, &self->tile, at, 6);
  lw_tile_paint_values (cr, theme, self->text, &self->tile, at);
  lw_tile_paint_unit (cr, theme, &self->tile, at, self->row, self->column);
  cairo_destroy (cr);
}

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
choose (LwMapView *self, int row, int column)
{
  row = CLAMP (row, 0, MAX (self->tile.rows - 1, 0));
  column = CLAMP (column, 0, MAX (self->tile.columns - 1, 0));
  if (row == self->row && column == self->column)
    return;
  self->row = row;
  self->column = column;
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, signals[CELL_CHANGED], 0);
}

void
lw_map_view_set_tile (LwMapView *self, const LwTile *tile, int map)
{
  const gsize n = (gsize)tile->rows * (gsize)tile->columns;
  const bool same_size = tile->rows == self->tile.rows && tile->columns == self->tile.columns;

  if (same_size && self->values != NULL) {
    memcpy (self->values, tile->values, n * sizeof (float));
  } else {
    g_free (self->values);
    self->values = n > 0 ? g_memdup2 (tile->values, n * sizeof (float)) : NULL;
    self->row = tile->rows / 2;
    self->column = tile->columns / 2;
  }
  self->tile = *tile;
  self->tile.values = self->values;
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

float
lw_map_view_value (LwMapView *self)
{
  return self->values != NULL ? self->values[self->row * self->tile.columns + self->column] : NAN;
}

static void
pressed (GtkGestureClick *gesture, int n, double x, double y, LwMapView *self)
{
  int row, column;

  (void)gesture;
  (void)n;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (self->values != NULL && lw_tile_at (&self->tile, place (self), x, y, &row, &column))
    choose (self, row, column);
}

static gboolean
move (GtkWidget *widget, GVariant *by, gpointer data)
{
  LwMapView *self = LW_MAP_VIEW (widget);
  int rows, columns;

  (void)data;
  g_variant_get (by, "(ii)", &rows, &columns);
  choose (self, self->row + rows, self->column + columns);
  return TRUE;
}

static gboolean
ask (GtkWidget *widget, GVariant *by, gpointer data)
{
  (void)data;
  g_signal_emit (widget, signals[MAP_ASKED], 0, g_variant_get_int32 (by));
  return TRUE;
}

static void
lw_map_view_finalize (GObject *object)
{
  lw_text_free (LW_MAP_VIEW (object)->text);
  g_free (LW_MAP_VIEW (object)->values);
  G_OBJECT_CLASS (lw_map_view_parent_class)->finalize (object);
}

static void
lw_map_view_class_init (LwMapViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const struct {
    guint key;
    int rows, columns;
  } moves[] = { { GDK_KEY_Up, -1, 0 },   { GDK_KEY_Down, 1, 0 },       { GDK_KEY_Left, 0, -1 },
                { GDK_KEY_Right, 0, 1 }, { GDK_KEY_Home, 0, -100000 }, { GDK_KEY_End, 0, 100000 } };

  G_OBJECT_CLASS (klass)->finalize = lw_map_view_finalize;
  widget_class->snapshot = lw_map_view_snapshot;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  for (guint i = 0; i < G_N_ELEMENTS (moves); i++)
    gtk_widget_class_add_binding (widget_class, moves[i].key, 0, move, "(ii)", moves[i].rows,
                                  moves[i].columns);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_plus, 0, ask, "i", 1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_KP_Add, 0, ask, "i", 1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_minus, 0, ask, "i", -1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_KP_Subtract, 0, ask, "i", -1);
  signals[CELL_CHANGED] = g_signal_new ("cell-changed", G_TYPE_FROM_CLASS (klass),
                                        G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[MAP_ASKED] = g_signal_new ("map-asked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
lw_map_view_init (LwMapView *self)
{
  GtkGesture *click = gtk_gesture_click_new ();

  self->text = lw_text_new (NULL, NULL);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Feature map"), -1);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}

GtkWidget *
lw_map_view_new (void)
{
  return g_object_new (LW_TYPE_MAP_VIEW, NULL);
}
