#include "ui/map-numbers.h"

#include "ui/accessible.h"
#include "ui/draw/histogram.h"
#include "ui/draw/ticks.h"

#include <glib/gi18n.h>
#include <math.h>

#define N_NUMBERS 5
#define N_BINS    16
#define WIDTH     132
#define HEIGHT    76

struct _LwMapNumbers {
  GtkWidget parent;
  GtkWidget *column, *numbers[N_NUMBERS], *heading, *histogram, *hint;
  LwText *text;
  double counts[N_BINS], low, high; /* of the histogram; low = high: none */
};

G_DEFINE_FINAL_TYPE (LwMapNumbers, lw_map_numbers, GTK_TYPE_WIDGET)

static const char *const number_names[N_NUMBERS] = { N_ ("Value"), N_ ("Minimum"), N_ ("Maximum"),
                                                     N_ ("Mean"), N_ ("Deviation") };

static void
show_number (LwMapNumbers *self, int which, double value, const LwScale *scale)
{
  char text[LW_TICK_TEXT] = "–";

  if (isfinite (value) && fabs (value) < 99.995)
    lw_value_text_fixed (value, lw_scale_decimals (scale), text);
  else if (isfinite (value))
    lw_value_text (value, text);
  gtk_label_set_text (GTK_LABEL (self->numbers[which]), text);
}

/* From the least to the largest value, or, with both signs, as far on both sides of zero. */
static void
count_values (LwMapNumbers *self, const float *values, int n, double minimum, double maximum)
{
  g_autofree char *words = NULL;
  double mean, deviation;

  if (minimum < 0 && maximum > 0) {
    maximum = fmax (maximum, -minimum);
    minimum = -maximum;
  }
  self->low = self->high = 0;
  if (isfinite (minimum) && isfinite (maximum) && maximum > minimum) {
    self->low = minimum;
    self->high = maximum;
    lw_histogram_count (values, (size_t)n, minimum, maximum, N_BINS, self->counts);
  }
  gtk_label_set_text (GTK_LABEL (self->heading), self->high > self->low
                                                     ? _ ("Values of this map")
                                                     : _ ("All values are equal"));
  gtk_widget_set_visible (self->histogram, self->high > self->low);
  lw_histogram_moments (values, (size_t)n, &mean, &deviation);
  words = lw_histogram_describe (_ ("Values of this map"), mean, deviation);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->histogram),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words, -1);
  gtk_widget_queue_draw (self->histogram);
}

static void
draw_histogram (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwMapNumbers *self = data;
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  const LwHistogramShape shape = { LW_HISTOGRAM_BARS, self->counts, N_BINS, theme->series[0], NAN };
  const LwHistogram histogram = { &shape, 1, self->low, self->high, self->low < 0 && self->high > 0,
                                  true };

  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (GTK_WIDGET (area)));
  if (self->high > self->low)
    lw_histogram_paint (cr, theme, self->text, &histogram,
                        (cairo_rectangle_t){ 0, 0, width, height });
}

void
lw_map_numbers_show (LwMapNumbers *self, const LwTile *tile, double value)
{
  const int planes = tile->kind == LW_TILE_RGB ? 3 : 1;
  const int n = tile->values == NULL ? 0
                : tile->count > 0    ? tile->count
                                     : tile->rows * tile->columns * planes;
  double minimum = INFINITY, maximum = -INFINITY, sum = 0, squares = 0, mean;

  for (int i = 0; i < n; i++) {
    const double x = (double)tile->values[i];

    minimum = fmin (minimum, x);
    maximum = fmax (maximum, x);
    sum += x;
    squares += x * x;
  }
  mean = sum / n;
  show_number (self, 0, value, &tile->scale);
  show_number (self, 1, minimum, &tile->scale);
  show_number (self, 2, maximum, &tile->scale);
  show_number (self, 3, mean, &tile->scale);
  show_number (self, 4, sqrt (fmax (0, squares / n - mean * mean)), &tile->scale);
  count_values (self, tile->values, n, minimum, maximum);
}

static GtkWidget *
make_label (const char *text, const char *css_class, float xalign)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), xalign);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

static GtkWidget *
make_row (LwMapNumbers *self, int which)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *name = make_label (_ (number_names[which]), "lw-caption", 0);

  self->numbers[which] = make_label (NULL, which == 0 ? "lw-strong" : "lw-caption", 1);
  gtk_widget_add_css_class (self->numbers[which], "lw-number");
  gtk_widget_set_hexpand (self->numbers[which], TRUE);
  gtk_box_append (GTK_BOX (row), name);
  gtk_box_append (GTK_BOX (row), self->numbers[which]);
  return row;
}

GtkWidget *
lw_map_numbers_new (void)
{
  LwMapNumbers *self = g_object_new (LW_TYPE_MAP_NUMBERS, NULL);
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
  gtk_widget_set_size_request (self->column, WIDTH, -1);
  gtk_widget_set_hexpand (GTK_WIDGET (self), FALSE);
  for (int i = 0; i < N_NUMBERS; i++)
    gtk_box_append (GTK_BOX (self->column), make_row (self, i));
  self->heading = make_label (_ ("Values of this map"), "lw-heading", 0);
  gtk_widget_set_margin_top (self->heading, 10);
  gtk_box_append (GTK_BOX (self->column), self->heading);
  self->histogram =
      g_object_new (GTK_TYPE_DRAWING_AREA, "accessible-role", GTK_ACCESSIBLE_ROLE_IMG, NULL);
  lw_name_widget (self->histogram, _ ("Values of this map"));
  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (self->histogram), WIDTH);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (self->histogram), HEIGHT);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->histogram), draw_histogram, self, NULL);
  gtk_box_append (GTK_BOX (self->column), self->histogram);
  self->hint = make_label (
      _ ("Arrow keys move the chosen unit; + and − go to the next map; Z and the wheel zoom."),
      "lw-caption", 0);
  gtk_label_set_wrap (GTK_LABEL (self->hint), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (self->hint), 18);
  gtk_widget_set_margin_top (self->hint, 8);
  gtk_box_append (GTK_BOX (self->column), self->hint);
  return GTK_WIDGET (self);
}

static void
lw_map_numbers_dispose (GObject *object)
{
  g_clear_pointer (&LW_MAP_NUMBERS (object)->column, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_map_numbers_parent_class)->dispose (object);
}

static void
lw_map_numbers_finalize (GObject *object)
{
  lw_text_free (LW_MAP_NUMBERS (object)->text);
  G_OBJECT_CLASS (lw_map_numbers_parent_class)->finalize (object);
}

static void
lw_map_numbers_class_init (LwMapNumbersClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_map_numbers_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_map_numbers_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_map_numbers_init (LwMapNumbers *self)
{
  self->text = lw_text_new (NULL, NULL);
}
