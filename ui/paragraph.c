#include "ui/paragraph.h"

static GtkSizeRequestMode
request_mode (GtkWidget *widget)
{
  (void)widget;
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
         int *minimum_baseline, int *natural_baseline)
{
  int width;

  gtk_widget_get_size_request (widget, &width, NULL);
  if (orientation == GTK_ORIENTATION_VERTICAL) {
    gtk_widget_measure (adw_bin_get_child (ADW_BIN (widget)), orientation, MAX (for_size, width),
                        minimum, natural, minimum_baseline, natural_baseline);
  } else {
    *minimum = *natural = width;
    *minimum_baseline = *natural_baseline = -1;
  }
}

static void
allocate (GtkWidget *widget, int width, int height, int baseline)
{
  gtk_widget_allocate (adw_bin_get_child (ADW_BIN (widget)), width, height, baseline, NULL);
}

GtkWidget *
lw_paragraph_new (GtkWidget *label, int width)
{
  GtkWidget *bin = adw_bin_new ();

  adw_bin_set_child (ADW_BIN (bin), label);
  gtk_widget_set_size_request (bin, width, -1);
  gtk_widget_set_layout_manager (bin, gtk_custom_layout_new (request_mode, measure, allocate));
  return bin;
}
