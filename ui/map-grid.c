#include "ui/map-grid.h"

#include "ui/accessible.h"
#include "ui/scrolled.h"

#include <glib/gi18n.h>
#include <math.h>

#define RIM   5 /* room for the frame of the chosen one */
#define WIDTH (4 * (int)LW_SHEET_TILE + 3 * 10 + 2 * RIM)

struct _LwMapGrid {
  GtkWidget parent;
  LwMapSheet *sheet;
  LwText *text;
  double size_width, size_height;
  guint idle_id;
};

G_DEFINE_FINAL_TYPE (LwMapGrid, lw_map_grid, GTK_TYPE_WIDGET)

static guint chosen_signal;

/* The width that tiles are laid out in: what is in view. */
static double
layout_width (LwMapGrid *self)
{
  GtkWidget *scroller = gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_SCROLLED_WINDOW);
  const int width = gtk_widget_get_width (scroller != NULL ? scroller : GTK_WIDGET (self));

  return MAX (width, WIDTH) - 2 * RIM;
}

static void
lw_map_grid_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwMapGrid *self = LW_MAP_GRID (widget);
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  cairo_rectangle_t view = lw_seen_of (widget);
  cairo_t *cr;

  if (self->sheet->kind == LW_SHEET_NONE || view.width < 8 || view.height < 8)
    return;
  lw_map_sheet_fit (self->sheet, layout_width (self));
  cr = gtk_snapshot_append_cairo (
      snapshot,
      &GRAPHENE_RECT_INIT ((float)view.x, (float)view.y, (float)view.width, (float)view.height));
  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (widget));
  cairo_translate (cr, RIM, RIM);
  view.x -= RIM;
  view.y -= RIM;
  lw_map_sheet_paint (cr, theme, self->text, self->sheet, layout_width (self), view);
  cairo_destroy (cr);
}

static void
lw_map_grid_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                     int *natural, int *minimum_baseline, int *natural_baseline)
{
  LwMapGrid *self = LW_MAP_GRID (widget);

  (void)for_size;
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL
                 ? MAX (WIDTH, (int)ceil (self->size_width) + (self->size_width > 0 ? 2 * RIM : 0))
                 : (int)ceil (self->size_height) + 2 * RIM;
  *natural = *minimum;
  *minimum_baseline = *natural_baseline = -1;
}

void
lw_map_grid_update (LwMapGrid *self)
{
  double width, height;
  g_autofree char *words = lw_map_sheet_describe (self->sheet);

  lw_map_sheet_fit (self->sheet, layout_width (self));
  lw_map_sheet_size (self->sheet, layout_width (self), &width, &height);
  if (width != self->size_width || height != self->size_height) {
    self->size_width = width;
    self->size_height = height;
    gtk_widget_queue_resize (GTK_WIDGET (self));
  }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words,
                                  -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
update_later (gpointer data)
{
  LwMapGrid *self = data;

  self->idle_id = 0;
  lw_map_grid_update (self);
  return G_SOURCE_REMOVE;
}

static void
lw_map_grid_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  LwMapGrid *self = LW_MAP_GRID (widget);
  double wide, high;

  (void)width;
  (void)height;
  (void)baseline;
  lw_map_sheet_fit (self->sheet, layout_width (self));
  lw_map_sheet_size (self->sheet, layout_width (self), &wide, &high);
  if (wide == self->size_width && high == self->size_height)
    return;
  /* A resize may not be asked for while one is under way. */
  g_clear_handle_id (&self->idle_id, g_source_remove);
  self->idle_id = g_idle_add (update_later, self);
}

void
lw_map_grid_reveal (LwMapGrid *self)
{
  GtkAdjustment *across = lw_scroll_of (GTK_WIDGET (self), GTK_ORIENTATION_HORIZONTAL),
                *down = lw_scroll_of (GTK_WIDGET (self), GTK_ORIENTATION_VERTICAL);
  const double width = layout_width (self);
  cairo_rectangle_t place = { 0, 0, 0, 0 };

  if (down == NULL)
    return;
  lw_map_sheet_fit (self->sheet, width);
  if (self->sheet->kind == LW_SHEET_MAPS)
    place = lw_tile_grid_place (&self->sheet->maps, width, self->sheet->chosen);
  else if (self->sheet->kind == LW_SHEET_UNITS)
    place.y = self->sheet->chosen * LW_UNIT_BAR_ROW;
  else if (self->sheet->kind == LW_SHEET_KERNELS)
    place = lw_kernel_grid_place (&self->sheet->kernels, width, self->sheet->chosen,
                                  self->sheet->input);
  gtk_adjustment_clamp_page (down, place.y - 2 * RIM - 18, place.y + place.height + 4 * RIM + 18);
  gtk_adjustment_clamp_page (across, place.x - 2 * RIM - 30, place.x + place.width + 4 * RIM);
}

/* --- choosing ------------------------------------------------------------------------------------
 */

static void
pressed (GtkGestureClick *gesture, int n, double x, double y, LwMapGrid *self)
{
  int chosen, input;

  (void)gesture;
  (void)n;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (lw_map_sheet_at (self->sheet, layout_width (self), x - RIM, y - RIM, &chosen, &input))
    g_signal_emit (self, chosen_signal, 0, chosen, input);
}

static gboolean
move (GtkWidget *widget, GVariant *by, gpointer data)
{
  LwMapGrid *self = LW_MAP_GRID (widget);
  LwMapSheet *sheet = self->sheet;
  int lines, columns, step, input = sheet->input;

  (void)data;
  g_variant_get (by, "(ii)", &lines, &columns);
  if (sheet->kind == LW_SHEET_NONE)
    return FALSE;
  lw_map_sheet_fit (sheet, layout_width (self));
  step = columns;
  if (sheet->kind == LW_SHEET_MAPS)
    step += lines * lw_tile_grid_columns (&sheet->maps, layout_width (self));
  else if (sheet->kind == LW_SHEET_UNITS)
    step += lines;
  else if (lw_kernel_grid_is_row (&sheet->kernels))
    step += lines * (int)MAX (1, (layout_width (self) + 10) / (sheet->kernels.side + 10));
  else
    input += lines;
  g_signal_emit (self, chosen_signal, 0, CLAMP (sheet->chosen + step, 0, sheet->n - 1),
                 MAX (input, 0));
  return TRUE;
}

static gboolean
query_tip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tip)
{
  LwMapGrid *self = LW_MAP_GRID (widget);
  g_autofree char *words = NULL;
  int chosen, input;

  if (keyboard || self->sheet->kind == LW_SHEET_NONE ||
      !lw_map_sheet_at (self->sheet, layout_width (self), x - RIM, y - RIM, &chosen, &input))
    return FALSE;
  words = lw_map_sheet_tip (self->sheet, chosen, input);
  gtk_tooltip_set_text (tip, words);
  return TRUE;
}

/* --- set-up --------------------------------------------------------------------------------------
 */

static void
lw_map_grid_finalize (GObject *object)
{
  g_clear_handle_id (&LW_MAP_GRID (object)->idle_id, g_source_remove);
  lw_text_free (LW_MAP_GRID (object)->text);
  G_OBJECT_CLASS (lw_map_grid_parent_class)->finalize (object);
}

static void
lw_map_grid_class_init (LwMapGridClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const struct {
    guint key;
    int lines, columns;
  } moves[] = { { GDK_KEY_Up, -1, 0 },        { GDK_KEY_Down, 1, 0 },
                { GDK_KEY_Left, 0, -1 },      { GDK_KEY_Right, 0, 1 },
                { GDK_KEY_Home, 0, -100000 }, { GDK_KEY_End, 0, 100000 },
                { GDK_KEY_plus, 0, 1 },       { GDK_KEY_KP_Add, 0, 1 },
                { GDK_KEY_minus, 0, -1 },     { GDK_KEY_KP_Subtract, 0, -1 } };

  G_OBJECT_CLASS (klass)->finalize = lw_map_grid_finalize;
  widget_class->snapshot = lw_map_grid_snapshot;
  widget_class->measure = lw_map_grid_measure;
  widget_class->size_allocate = lw_map_grid_size_allocate;
  widget_class->query_tooltip = query_tip;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  for (guint i = 0; i < G_N_ELEMENTS (moves); i++)
    gtk_widget_class_add_binding (widget_class, moves[i].key, 0, move, "(ii)", moves[i].lines,
                                  moves[i].columns);
  chosen_signal = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_INT);
}

static void
lw_map_grid_init (LwMapGrid *self)
{
  GtkGesture *click = gtk_gesture_click_new ();

  self->text = lw_text_new (NULL, NULL);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  lw_redraw_when_scrolled (GTK_WIDGET (self));
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  lw_name_widget (GTK_WIDGET (self), _ ("Feature maps"));
  g_signal_connect (click, "pressed", G_CALLBACK (pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}

GtkWidget *
lw_map_grid_new (LwMapSheet *sheet)
{
  LwMapGrid *self = g_object_new (LW_TYPE_MAP_GRID, NULL);

  self->sheet = sheet;
  return GTK_WIDGET (self);
}
