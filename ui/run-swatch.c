#include "ui/run-swatch.h"

#include "ui/draw/theme.h"

#include <adwaita.h>

#define WIDTH  26
#define HEIGHT 16
#define NONE   0xff

/* Colour and dash are one number behind the area: it has nothing else to keep. */
static void
draw (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  const guint look = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (area), "look"));
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  double lengths[4];
  int n;

  (void)data;
  if ((look & NONE) == 0)
    return;
  n = lw_series_dash ((int)(look >> 8), lengths);
  cairo_set_dash (cr, lengths, n, 0);
  cairo_set_line_width (cr, 2.5);
  cairo_move_to (cr, 1, height / 2.0);
  cairo_line_to (cr, width - 1, height / 2.0);
  lw_set_colour (cr, theme->series[((look & NONE) - 1) % 6], 1);
  cairo_stroke (cr);
}

void
lw_run_swatch_show (GtkWidget *swatch, int colour, int dash)
{
  const guint look = colour < 0 || dash < 0 ? 0 : (guint)dash << 8 | (guint)(colour + 1);

  if (GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (swatch), "look")) == look)
    return;
  g_object_set_data (G_OBJECT (swatch), "look", GUINT_TO_POINTER (look));
  gtk_widget_queue_draw (swatch);
}

GtkWidget *
lw_run_swatch_new (void)
{
  GtkWidget *swatch = g_object_new (GTK_TYPE_DRAWING_AREA, "accessible-role",
                                    GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);

  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (swatch), WIDTH);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (swatch), HEIGHT);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (swatch), draw, NULL, NULL);
  gtk_widget_set_valign (swatch, GTK_ALIGN_CENTER);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), swatch, G_CONNECT_SWAPPED);
  return swatch;
}
