#include "ui/map-panel.h"

#include "ui/accessible.h"
#include "ui/map-numbers.h"
#include "ui/map-view.h"

#include <glib/gi18n.h>

struct _LwMapPanel {
  GtkWidget parent;
  LwMapSheet *sheet;
  GtkWidget *column, *row, *title, *place, *view, *numbers;
  bool showing; /* the map is being told */
};

G_DEFINE_FINAL_TYPE (LwMapPanel, lw_map_panel, GTK_TYPE_WIDGET)

enum { CELL_CHANGED, CELL_ACTIVATED, MAP_ASKED, N_SIGNALS };
static guint signals[N_SIGNALS];

double
lw_map_panel_cell (LwMapPanel *self, int *ret_row, int *ret_column)
{
  lw_map_view_get_cell (LW_MAP_VIEW (self->view), ret_row, ret_column);
  return (double)lw_map_view_value (LW_MAP_VIEW (self->view));
}

void
lw_map_panel_set_cell (LwMapPanel *self, int row, int column)
{
  lw_map_view_set_cell (LW_MAP_VIEW (self->view), row, column);
}

static void
show_place (LwMapPanel *self, int row, int column)
{
  const LwMapSheet *sheet = self->sheet;
  g_autofree char *place = NULL;

  if (sheet->kind == LW_SHEET_UNITS && sheet->names != NULL)
    place = g_strdup_printf (_ ("unit %d, %s"), sheet->chosen, sheet->names[sheet->chosen]);
  else if (sheet->kind == LW_SHEET_UNITS)
    place = g_strdup_printf (_ ("unit %d"), sheet->chosen);
  else if (sheet->kind != LW_SHEET_NONE)
    place = g_strdup_printf (_ ("row %d, column %d"), row, column);
  gtk_label_set_text (GTK_LABEL (self->place), place != NULL ? place : "");
}

static void
show_cell (LwMapPanel *self)
{
  const LwTile tile = lw_map_sheet_tile (self->sheet);
  int row, column;
  const double value = lw_map_panel_cell (self, &row, &column);

  show_place (self, row, column);
  lw_map_numbers_show (LW_MAP_NUMBERS (self->numbers), &tile, value);
  g_signal_emit (self, signals[CELL_CHANGED], 0);
}

void
lw_map_panel_update (LwMapPanel *self)
{
  const LwTile tile = lw_map_sheet_tile (self->sheet);
  g_autofree char *title = lw_map_sheet_title (self->sheet);

  self->showing = true;
  gtk_label_set_text (GTK_LABEL (self->title), title);
  lw_map_view_set_tile (LW_MAP_VIEW (self->view), &tile, self->sheet->chosen);
  if (self->sheet->kind == LW_SHEET_UNITS && tile.columns > 0)
    lw_map_view_set_cell (LW_MAP_VIEW (self->view), self->sheet->chosen / tile.columns,
                          self->sheet->chosen % tile.columns);
  self->showing = false;
  gtk_widget_set_visible (self->numbers, self->sheet->kind != LW_SHEET_NONE);
  show_cell (self);
}

static void
cell_changed (LwMapPanel *self)
{
  const LwTile tile = lw_map_sheet_tile (self->sheet);
  int row, column;

  if (self->showing)
    return;
  if (self->sheet->kind == LW_SHEET_UNITS) {
    lw_map_panel_cell (self, &row, &column);
    lw_map_sheet_choose (self->sheet, row * tile.columns + column, 0);
  }
  show_cell (self);
}

static void
cell_activated (LwMapPanel *self)
{
  g_signal_emit (self, signals[CELL_ACTIVATED], 0);
}

static void
map_asked (LwMapView *view, int by, LwMapPanel *self)
{
  (void)view;
  g_signal_emit (self, signals[MAP_ASKED], 0, by);
}

/* What the pointer is on; the chosen cell when it leaves. */
static void
pointed (LwMapView *view, int row, int column, LwMapPanel *self)
{
  if (self->sheet->kind == LW_SHEET_UNITS)
    return;
  if (row < 0)
    lw_map_view_get_cell (view, &row, &column);
  show_place (self, row, column);
}

void
lw_map_panel_set_compact (LwMapPanel *self, bool compact)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->row),
                                  compact ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
}

static GtkWidget *
make_label (const char *css_class, float xalign)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), xalign);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

GtkWidget *
lw_map_panel_new (LwMapSheet *sheet)
{
  LwMapPanel *self = g_object_new (LW_TYPE_MAP_PANEL, NULL);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *scroller;

  self->sheet = sheet;
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
  self->row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 16);
  self->title = make_label ("lw-strong", 0);
  self->place = make_label ("lw-caption", 1);
  gtk_label_set_ellipsize (GTK_LABEL (self->place), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (self->place, TRUE);
  gtk_box_append (GTK_BOX (head), self->title);
  gtk_box_append (GTK_BOX (head), self->place);
  self->view = lw_map_view_new ();
  gtk_widget_set_hexpand (self->view, TRUE);
  gtk_widget_set_vexpand (self->view, TRUE);
  gtk_widget_set_size_request (self->view, 160, 140);
  g_signal_connect (self->view, "map-asked", G_CALLBACK (map_asked), self);
  g_signal_connect (self->view, "pointed", G_CALLBACK (pointed), self);
  g_signal_connect_swapped (self->view, "cell-changed", G_CALLBACK (cell_changed), self);
  g_signal_connect_swapped (self->view, "cell-activated", G_CALLBACK (cell_activated), self);
  self->numbers = lw_map_numbers_new ();
  scroller = gtk_scrolled_window_new (); /* low windows have no room for all of them */
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scroller), 110);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->numbers);
  /* It can take the focus, to be scrolled; one that refuses it would keep Tab from going on. */
  lw_name_widget (scroller, _ ("Figures of the map"));
  gtk_box_append (GTK_BOX (self->row), self->view);
  gtk_box_append (GTK_BOX (self->row), scroller);
  gtk_box_append (GTK_BOX (self->column), head);
  gtk_box_append (GTK_BOX (self->column), self->row);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  return GTK_WIDGET (self);
}

static void
lw_map_panel_dispose (GObject *object)
{
  g_clear_pointer (&LW_MAP_PANEL (object)->column, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_map_panel_parent_class)->dispose (object);
}

static void
lw_map_panel_class_init (LwMapPanelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_map_panel_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[CELL_CHANGED] = g_signal_new ("cell-changed", G_TYPE_FROM_CLASS (klass),
                                        G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[CELL_ACTIVATED] = g_signal_new ("cell-activated", G_TYPE_FROM_CLASS (klass),
                                          G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[MAP_ASKED] = g_signal_new ("map-asked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
lw_map_panel_init (LwMapPanel *self)
{
  (void)self;
}
