#include "ui/map-numbers.h"

#include <glib/gi18n.h>
#include <math.h>

#define N_NUMBERS 5

struct _LwMapNumbers {
  GtkWidget parent;
  GtkWidget *column, *numbers[N_NUMBERS];
};

G_DEFINE_FINAL_TYPE (LwMapNumbers, lw_map_numbers, GTK_TYPE_WIDGET)

static const char *const number_names[N_NUMBERS] = { N_ ("Value"), N_ ("Minimum"), N_ ("Maximum"),
                                                     N_ ("Mean"), N_ ("Deviation") };

static void
show_number (LwMapNumbers *self, int which, double value)
{
  g_autofree char *text =
      isfinite (value) ? g_strdup_printf ("%s%.2f", value < -0.004 ? "\u2212" : "", fabs (value))
                       : g_strdup ("–");

  gtk_label_set_text (GTK_LABEL (self->numbers[which]), text);
}

void
lw_map_numbers_show (LwMapNumbers *self, const LwTile *tile, double value)
{
  const int n = tile->count > 0 ? tile->count : tile->rows * tile->columns;
  double minimum = INFINITY, maximum = -INFINITY, sum = 0, squares = 0, mean;

  for (int i = 0; i < n; i++) {
    const double x = (double)tile->values[i];

    minimum = fmin (minimum, x);
    maximum = fmax (maximum, x);
    sum += x;
    squares += x * x;
  }
  mean = sum / n;
  show_number (self, 0, value);
  show_number (self, 1, minimum);
  show_number (self, 2, maximum);
  show_number (self, 3, mean);
  show_number (self, 4, sqrt (fmax (0, squares / n - mean * mean)));
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
  GtkWidget *hint = make_label (_ ("Arrow keys move the chosen unit; + and − go to the next map."),
                                "lw-caption", 0);

  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
  gtk_widget_set_size_request (self->column, 132, -1);
  gtk_widget_set_hexpand (GTK_WIDGET (self), FALSE);
  for (int i = 0; i < N_NUMBERS; i++)
    gtk_box_append (GTK_BOX (self->column), make_row (self, i));
  gtk_label_set_wrap (GTK_LABEL (hint), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (hint), 18);
  gtk_widget_set_margin_top (hint, 12);
  gtk_box_append (GTK_BOX (self->column), hint);
  return GTK_WIDGET (self);
}

static void
lw_map_numbers_dispose (GObject *object)
{
  g_clear_pointer (&LW_MAP_NUMBERS (object)->column, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_map_numbers_parent_class)->dispose (object);
}

static void
lw_map_numbers_class_init (LwMapNumbersClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_map_numbers_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_map_numbers_init (LwMapNumbers *self)
{
  (void)self;
}
