#include "ui/chart-legend-menu.h"

#include "ui/accessible.h"
#include "ui/chart-view-private.h"

#include <glib/gi18n.h>
#include <math.h>

#define N_COLOURS 6
/* More are scrolled. */
#define MOST_ROWS 10
#define HEIGHT    320

static int
key_of (gpointer widget)
{
  return GPOINTER_TO_INT (g_object_get_data (G_OBJECT (widget), "key"));
}

static LwChartView *
view_of (gpointer widget)
{
  return LW_CHART_VIEW (gtk_widget_get_ancestor (GTK_WIDGET (widget), LW_TYPE_CHART_VIEW));
}

static void
shown_toggled (GtkCheckButton *check)
{
  LwChartView *view = view_of (check);
  const bool shown = gtk_check_button_get_active (check);

  if (view != NULL && lw_chart_view_style (view, key_of (check)).hidden == shown)
    lw_chart_view_set_hidden (view, key_of (check), !shown);
}

static void
only_clicked (GtkButton *button)
{
  LwChartView *view = view_of (button);

  lw_chart_view_isolate (view, key_of (button));
  gtk_popover_popdown (GTK_POPOVER (view->menu));
}

static void
colour_toggled (GtkToggleButton *button)
{
  LwChartView *view = view_of (button);
  const int colour = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "colour"));

  if (view != NULL && gtk_toggle_button_get_active (button))
    lw_chart_view_set_colour (view, key_of (button), colour);
}

/* A stroke as in the charts. */
static void
draw_swatch (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));

  (void)area;
  cairo_arc (cr, width / 2.0, height / 2.0, 7, 0, 2 * G_PI);
  lw_set_colour (cr, theme->series[GPOINTER_TO_INT (data)], 1);
  cairo_fill (cr);
}

static GtkWidget *
make_palette (LwChartView *view, int key)
{
  static const char *const names[N_COLOURS] = { N_ ("Blue"),   N_ ("Orange"), N_ ("Green"),
                                                N_ ("Purple"), N_ ("Ochre"),  N_ ("Grey") };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2), *first = NULL;

  for (int i = 0; i < N_COLOURS; i++) {
    GtkWidget *button = gtk_toggle_button_new (), *swatch = gtk_drawing_area_new ();

    gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (swatch), 18);
    gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (swatch), 18);
    gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (swatch), draw_swatch, GINT_TO_POINTER (i),
                                    NULL);
    gtk_button_set_child (GTK_BUTTON (button), swatch);
    gtk_widget_add_css_class (button, "flat");
    gtk_widget_add_css_class (button, "lw-swatch");
    gtk_widget_set_tooltip_text (button, _ (names[i]));
    lw_name_widget (button, _ (names[i]));
    g_object_set_data (G_OBJECT (button), "key", GINT_TO_POINTER (key));
    g_object_set_data (G_OBJECT (button), "colour", GINT_TO_POINTER (i));
    if (first == NULL)
      first = button;
    else
      gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (button), GTK_TOGGLE_BUTTON (first));
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button),
                                  lw_chart_view_style (view, key).colour == i);
    g_signal_connect (button, "toggled", G_CALLBACK (colour_toggled), NULL);
    gtk_box_append (GTK_BOX (box), button);
  }
  return box;
}

static void
add_entry (LwChartView *view, GtkGrid *grid, int row, int key)
{
  const char *name = lw_chart_view_key_name (view, key);
  GtkWidget *shown = gtk_check_button_new_with_label (name);
  GtkWidget *only = gtk_button_new_with_label (_ ("Only"));
  g_autofree char *only_name = g_strdup_printf (_ ("Only %s"), name);

  gtk_check_button_set_active (GTK_CHECK_BUTTON (shown), !lw_chart_view_style (view, key).hidden);
  gtk_widget_set_hexpand (shown, TRUE);
  gtk_widget_set_valign (only, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (only, "flat");
  gtk_widget_set_tooltip_text (only, _ ("Hide all others; again: show all"));
  lw_name_widget (only, only_name);
  g_object_set_data (G_OBJECT (shown), "key", GINT_TO_POINTER (key));
  g_object_set_data (G_OBJECT (only), "key", GINT_TO_POINTER (key));
  g_signal_connect (shown, "toggled", G_CALLBACK (shown_toggled), NULL);
  g_signal_connect (only, "clicked", G_CALLBACK (only_clicked), NULL);
  gtk_grid_attach (grid, shown, 0, row, 1, 1);
  gtk_grid_attach (grid, only, 1, row, 1, 1);
  gtk_grid_attach (grid, make_palette (view, key), 2, row, 1, 1);
}

static gboolean
remove_menu (gpointer data)
{
  gtk_widget_unparent (data);
  g_object_unref (data);
  return G_SOURCE_REMOVE;
}

/* Not while it closes: its buttons are still at work. */
static void
closed (GtkWidget *menu, LwChartView *view)
{
  if (view->menu != menu)
    return;
  view->menu = NULL;
  g_idle_add (remove_menu, g_object_ref (menu));
}

void
lw_chart_legend_menu_open (LwChartView *view, int key, double x, double y)
{
  GtkWidget *menu, *content, *grid;
  const int n = lw_chart_view_n_keys (view);

  if (view->menu != NULL || n == 0)
    return;
  grid = gtk_grid_new ();
  gtk_grid_set_column_spacing (GTK_GRID (grid), 8);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 2);
  for (int i = 0; i < n; i++) {
    if (key < 0 || key == i)
      add_entry (view, GTK_GRID (grid), i, i);
  }
  content = grid;
  if (key < 0 && n > MOST_ROWS) {
    content = gtk_scrolled_window_new ();
    gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (content), GTK_POLICY_NEVER,
                                    GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (content), HEIGHT);
    gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (content), grid);
  }
  menu = view->menu = gtk_popover_new ();
  lw_name_widget (menu, _ ("Legend"));
  gtk_popover_set_child (GTK_POPOVER (menu), content);
  gtk_widget_set_parent (menu, GTK_WIDGET (view));
  gtk_popover_set_position (GTK_POPOVER (menu), GTK_POS_BOTTOM);
  if (isnan (x)) {
    x = view->layout.legend_x + 20;
    y = 18;
  }
  gtk_popover_set_pointing_to (GTK_POPOVER (menu),
                               &(GdkRectangle){ (int)x - 4, (int)y - 6, 8, 12 });
  g_signal_connect (menu, "closed", G_CALLBACK (closed), view);
  gtk_popover_popup (GTK_POPOVER (menu));
}
