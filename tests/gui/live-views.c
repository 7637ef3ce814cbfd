#include "tests/gui/live-views.h"

#include "tests/gui/stopwatch.h"
#include "ui/bn-chart.h"
#include "ui/chart-view.h"
#include "ui/confusion-view.h"
#include "ui/distribution-rows.h"

#include <X11/Xlib.h>
#include <gdk/x11/gdkx.h>

GtkWidget *
live_find (Gui *gui, GType type)
{
  GtkWidget *found;

  gui_assert_soon ((found = gui_find (GTK_WIDGET (gui->window), type)) != NULL);
  return found;
}

void
live_wander (Gui *gui, GtkWidget *widget, double seconds)
{
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (gui->window));
  Display *display = gdk_x11_display_get_xdisplay (gdk_surface_get_display (surface));
  const gint64 end = g_get_monotonic_time () + (gint64)(seconds * G_USEC_PER_SEC);
  double x, y;

  g_assert_nonnull (widget);
  gtk_widget_translate_coordinates (widget, GTK_WIDGET (gui->window), 0, 0, &x, &y);
  for (int i = 0; g_get_monotonic_time () < end; i++) {
    const int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);

    XWarpPointer (display, None, gdk_x11_surface_get_xid (surface), 0, 0, 0, 0,
                  (int)x + (i * 7) % MAX (width, 1), (int)y + (i * 3) % MAX (height, 1));
    XFlush (display);
    gui_wait (0.012);
  }
}

/* --- Train ---------------------------------------------------------------------------------------
 */

void
live_train_page (Gui *gui, double unit)
{
  LwChartView *charts = LW_CHART_VIEW (live_find (gui, LW_TYPE_CHART_VIEW));

  stopwatch_begin ("Train, nobody moves");
  gui_wait (unit);
  stopwatch_begin ("Train, pointer over the charts");
  live_wander (gui, GTK_WIDGET (charts), 2 * unit);
  stopwatch_begin ("Train, zooming");
  for (int i = 0; i < 8; i++) {
    const LwChartRange shown = lw_chart_view_shown (charts);
    const double quarter = (shown.max - shown.min) / 4;

    if (i % 4 == 3)
      lw_chart_view_fit (charts);
    else
      lw_chart_view_zoom_to (charts, shown.min + quarter, shown.max - quarter);
    live_wander (gui, GTK_WIDGET (charts), unit / 16);
  }
  lw_chart_view_fit (charts);
  stopwatch_begin ("Train, smoothing");
  for (int i = 0; i < 10; i++) {
    lw_chart_view_set_smoothing (charts, 0.09 * i);
    gui_wait (unit / 20);
  }
  lw_chart_view_set_smoothing (charts, 0);
}

/* --- Inspect -------------------------------------------------------------------------------------
 */

static void
open_tab (Gui *gui, const char *word)
{
  gui_shortcut (gui, "<Control>3");
  gui_assert_soon (gui_button (gui->window, word) != NULL);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (gui->window, word)), TRUE);
}

static void
next_layers (Gui *gui, int n, double unit)
{
  for (int i = 0; i < n; i++) {
    if (gui_button (gui->window, "Next layer") != NULL &&
        gtk_widget_is_sensitive (gui_button (gui->window, "Next layer")))
      gui_press (gui_button (gui->window, "Next layer"));
    gui_wait (unit / 10);
  }
}

static void
choose_word (Gui *gui, const char *word, double seconds)
{
  GtkWidget *button = gui_button (gui->window, word);

  if (button != NULL && GTK_IS_TOGGLE_BUTTON (button))
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), TRUE);
  gui_wait (seconds);
}

void
live_inspect_page (Gui *gui, double unit)
{
  GtkWidget *page;

  stopwatch_begin ("Inspect, feature maps");
  gui_shortcut (gui, "<Control>3");
  page = GTK_WIDGET (lw_main_window_page (gui->window, "inspect"));
  gui_wait (unit / 2);
  live_wander (gui, page, unit);
  stopwatch_begin ("Inspect, next layers");
  next_layers (gui, 8, unit);
  stopwatch_begin ("Inspect, filters");
  choose_word (gui, "Filters", unit / 2);
  live_wander (gui, page, unit / 2);
  choose_word (gui, "Activations", unit / 10);
  stopwatch_begin ("Inspect, batch norm");
  open_tab (gui, "Batch Norm");
  live_wander (gui, live_find (gui, LW_TYPE_BN_CHART), unit);
  next_layers (gui, 6, unit);
  stopwatch_begin ("Inspect, distributions");
  open_tab (gui, "Distributions");
  live_wander (gui, live_find (gui, LW_TYPE_DISTRIBUTION_ROWS), unit);
  choose_word (gui, "Weights", unit / 3);
  choose_word (gui, "Gradients", unit / 3);
  choose_word (gui, "Activations", unit / 3);
  stopwatch_begin ("Inspect, predictions");
  open_tab (gui, "Predictions");
  live_wander (gui, live_find (gui, LW_TYPE_CONFUSION_VIEW), unit);
  stopwatch_begin ("Inspect, where it looks");
  choose_word (gui, "Where It Looks", unit / 2);
  live_wander (gui, page, unit / 2);
  choose_word (gui, "Matrix", unit / 10);
  open_tab (gui, "Feature Maps");
}

/* --- Compare -------------------------------------------------------------------------------------
 */

void
live_compare_page (Gui *gui, double unit)
{
  GtkWidget *page;

  gui_shortcut (gui, "<Control>4");
  page = GTK_WIDGET (lw_main_window_page (gui->window, "compare"));
  stopwatch_begin ("Compare, architectures");
  live_wander (gui, page, unit / 2);
  stopwatch_begin ("Compare, runs");
  choose_word (gui, "Runs", unit / 3);
  live_wander (gui, page, unit);
  choose_word (gui, "Architectures", unit / 10);
}
