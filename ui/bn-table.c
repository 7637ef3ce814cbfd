#include "ui/bn-table.h"

#include "ui/draw/text.h"
#include "ui/scrolled.h"

#include <glib/gi18n.h>
#include <math.h>

#define ROW_HEIGHT 26
#define HEAD       28
#define WIDTH      268
#define GAP_WARNED 0.5f

struct _LwBnTable {
  GtkWidget parent;
  LwText *text;
  int n, channel;
  float *gamma, *beta, *gap;
  int *order; /* [n]: the channel of each row */
  int column; /* that it is sorted by */
  bool falling;
};

G_DEFINE_FINAL_TYPE (LwBnTable, lw_bn_table, GTK_TYPE_WIDGET)

static guint channel_changed_signal;

/* Right ends of the columns; γ's and β's stems stand left of their numbers. */
enum {
  NUMBER_X = 34,
  GAMMA_STEM_X = 44,
  GAMMA_X = 122,
  BETA_STEM_X = 132,
  BETA_X = 214,
  GAP_X = 258,
  STEM_WIDTH = 34
};

enum { BY_NUMBER, BY_GAMMA, BY_BETA, BY_GAP, N_COLUMNS };

static const float *
column_values (const LwBnTable *self, int column)
{
  return column == BY_GAMMA  ? self->gamma
         : column == BY_BETA ? self->beta
         : column == BY_GAP  ? self->gap
                             : NULL;
}

static int
compare_rows (gconstpointer a, gconstpointer b, gpointer data)
{
  const LwBnTable *self = data;
  const int i = *(const int *)a, k = *(const int *)b;
  const float *values = column_values (self, self->column);
  int result = i - k;

  /* What is no number stands last in either direction. */
  if (values != NULL && isfinite (values[i]) != isfinite (values[k]))
    return isfinite (values[i]) ? -1 : 1;
  if (values != NULL && isfinite (values[i]) && values[i] != values[k])
    result = values[i] < values[k] ? -1 : 1;
  return self->falling ? -result : result;
}

static void
sort (LwBnTable *self)
{
  self->order = g_renew (int, self->order, MAX (self->n, 1));
  for (int i = 0; i < self->n; i++)
    self->order[i] = i;
  if (self->n > 0)
    g_qsort_with_data (self->order, self->n, sizeof *self->order, compare_rows, self);
}

static int
row_of (const LwBnTable *self, int channel)
{
  for (int row = 0; row < self->n; row++)
    if (self->order[row] == channel)
      return row;
  return 0;
}

static float
largest_distance (const float *values, int n, float from)
{
  float largest = 1e-3f;

  for (int i = 0; values != NULL && i < n; i++)
    if (isfinite (values[i]))
      largest = fmaxf (largest, fabsf (values[i] - from));
  return largest;
}

static char *
number (float value)
{
  if (!isfinite (value))
    return g_strdup ("–");
  /* No −0.00. */
  return g_strdup_printf ("%s%.2f", value <= -0.005f ? "\u2212" : "", (double)fabsf (value));
}

/* A dot at `value` on a stem from `from` (where training began), in a strip STEM_WIDTH wide. */
static void
paint_stem (cairo_t *cr, const LwTheme *theme, double x, double y, float value, float from,
            float largest)
{
  const double middle = x + STEM_WIDTH / 2.0;
  const double to = middle + (value - from) / largest * (STEM_WIDTH / 2.0 - 4);

  if (!isfinite (to)) /* the training diverged */
    return;
  lw_set_colour (cr, theme->text, 0.9);
  cairo_set_line_width (cr, 1.2);
  cairo_move_to (cr, middle, y);
  cairo_line_to (cr, to, y);
  cairo_stroke (cr);
  cairo_arc (cr, to, y, 3.6, 0, 2 * G_PI);
  cairo_fill (cr);
}

static void
paint_row (LwBnTable *self, cairo_t *cr, const LwTheme *theme, int place, double width,
           const float largest[2])
{
  const int row = self->order[place]; /* the channel */
  const double top = HEAD + place * ROW_HEIGHT, middle = top + ROW_HEIGHT / 2.0;
  const double baseline = middle + lw_text_middle (LW_TEXT_TABLE);
  const bool marked = row == self->channel;
  g_autofree char *index = g_strdup_printf ("%d", row);

  if (marked) {
    lw_set_colour (cr, theme->accent, 0.15);
    cairo_rectangle (cr, 0, top, width, ROW_HEIGHT);
    cairo_fill (cr);
  }
  lw_set_colour (cr, theme->border, 0.6);
  cairo_rectangle (cr, 0, top + ROW_HEIGHT - 1, width, 1);
  cairo_fill (cr);
  lw_text_paint (cr, self->text, marked ? LW_TEXT_TABLE_BOLD : LW_TEXT_TABLE, index, NUMBER_X,
                 baseline, 1, marked ? theme->text : theme->dim, 1);
  if (self->gamma != NULL) {
    g_autofree char *value = number (self->gamma[row]);

    paint_stem (cr, theme, GAMMA_STEM_X, middle, self->gamma[row], 1, largest[0]);
    lw_text_paint (cr, self->text, LW_TEXT_TABLE, value, GAMMA_X, baseline, 1, theme->text, 1);
  }
  if (self->beta != NULL) {
    g_autofree char *value = number (self->beta[row]);

    paint_stem (cr, theme, BETA_STEM_X, middle, self->beta[row], 0, largest[1]);
    lw_text_paint (cr, self->text, LW_TEXT_TABLE, value, BETA_X, baseline, 1, theme->text, 1);
  }
  if (self->gap != NULL) {
    const bool warned = self->gap[row] >= GAP_WARNED;
    g_autofree char *value = number (self->gap[row]);

    lw_text_paint (cr, self->text, warned ? LW_TEXT_TABLE_BOLD : LW_TEXT_TABLE, value, GAP_X,
                   baseline, 1, warned ? theme->warning : theme->text, 1);
  }
}

static void
paint_direction (cairo_t *cr, const LwTheme *theme, double x, double y, bool falling)
{
  const double up = falling ? -1 : 1;

  cairo_move_to (cr, x - 3.5, y + 2 * up);
  cairo_line_to (cr, x + 3.5, y + 2 * up);
  cairo_line_to (cr, x, y - 2.5 * up);
  cairo_close_path (cr);
  lw_set_colour (cr, theme->text, 0.8);
  cairo_fill (cr);
}

static void
paint_head (LwBnTable *self, cairo_t *cr, const LwTheme *theme, double width)
{
  const double baseline = HEAD / 2.0 + lw_text_middle (LW_TEXT_CAPTION);
  const struct {
    const char *text;
    double x;
  } titles[] = {
    { "#", NUMBER_X }, { _ ("scale γ"), GAMMA_X }, { _ ("shift β"), BETA_X }, { _ ("gap"), GAP_X }
  };

  for (int i = 0; i < N_COLUMNS; i++) {
    const bool sorted = i == self->column;
    const double left =
        titles[i].x - lw_text_width (self->text, LW_TEXT_CAPTION, titles[i].text) - 9;

    lw_text_paint (cr, self->text, LW_TEXT_CAPTION, titles[i].text, titles[i].x, baseline, 1,
                   sorted && i > 0 ? theme->text : theme->dim, 1);
    if (sorted && i > 0)
      paint_direction (cr, theme, left, HEAD / 2.0, self->falling);
  }
  lw_set_colour (cr, theme->border, 1);
  cairo_rectangle (cr, 0, HEAD - 1, width, 1);
  cairo_fill (cr);
}

/* Where γ and β began. */
static void
paint_starts (LwBnTable *self, cairo_t *cr, const LwTheme *theme)
{
  cairo_set_line_width (cr, 1);
  cairo_set_dash (cr, (double[]){ 2, 3 }, 2, 0);
  lw_set_colour (cr, theme->dim, 0.7);
  for (int i = 0; i < 2; i++) {
    const double x = (i == 0 ? GAMMA_STEM_X : BETA_STEM_X) + STEM_WIDTH / 2 + 0.5;

    cairo_move_to (cr, x, HEAD);
    cairo_line_to (cr, x, HEAD + self->n * ROW_HEIGHT);
  }
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

static void
lw_bn_table_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwBnTable *self = LW_BN_TABLE (widget);
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  const float largest[2] = { largest_distance (self->gamma, self->n, 1),
                             largest_distance (self->beta, self->n, 0) };
  const int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  const cairo_rectangle_t seen = lw_seen_of (widget);
  GdkRGBA ground;

  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (widget));
  /* A layer may have 512 channels, of which twenty are seen. */
  for (int row = 0; row < self->n; row++)
    if (HEAD + (row + 1) * ROW_HEIGHT >= seen.y && HEAD + row * ROW_HEIGHT <= seen.y + seen.height)
      paint_row (self, cr, theme, row, width, largest);
  paint_starts (self, cr, theme);
  cairo_translate (cr, 0, seen.y); /* the head stays */
  if (gtk_style_context_lookup_color (gtk_widget_get_style_context (widget), "window_bg_color",
                                      &ground)) {
    gdk_cairo_set_source_rgba (cr, &ground);
    cairo_rectangle (cr, 0, 0, width, HEAD);
    cairo_fill (cr);
  }
  paint_head (self, cr, theme, width);
  cairo_destroy (cr);
}

static void
lw_bn_table_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                     int *natural, int *minimum_baseline, int *natural_baseline)
{
  (void)for_size;
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL
                            ? WIDTH
                            : HEAD + LW_BN_TABLE (widget)->n * ROW_HEIGHT;
  *minimum_baseline = *natural_baseline = -1;
}

static void
describe (LwBnTable *self)
{
  g_autofree char *words = NULL;

  if (self->n == 0 || self->gamma == NULL || self->beta == NULL)
    return;
  words = g_strdup_printf (_ ("Channel %d, scale %.2f, shift %.2f, gap %.2f"), self->channel,
                           (double)self->gamma[self->channel], (double)self->beta[self->channel],
                           self->gap != NULL ? (double)self->gap[self->channel] : 0);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words,
                                  -1);
}

static void
copy_array (float **array, const float *values, int n)
{
  g_free (*array);
  *array = values != NULL && n > 0 ? g_memdup2 (values, sizeof (float) * (gsize)n) : NULL;
}

void
lw_bn_table_set_values (LwBnTable *self, int n, const float *gamma, const float *beta,
                        const float *gap)
{
  const bool resized = n != self->n;

  self->n = n;
  copy_array (&self->gamma, gamma, n);
  copy_array (&self->beta, beta, n);
  copy_array (&self->gap, gap, n);
  /* While a training changes them, rows keep their places. */
  if (resized || self->order == NULL)
    sort (self);
  if (self->channel >= n)
    self->channel = 0;
  if (resized)
    gtk_widget_queue_resize (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
scroll_to (LwBnTable *self)
{
  const int row = row_of (self, self->channel);
  GtkAdjustment *scroll = lw_scroll_of (GTK_WIDGET (self), GTK_ORIENTATION_VERTICAL);

  if (scroll != NULL)
    gtk_adjustment_clamp_page (scroll, row * ROW_HEIGHT, HEAD + (row + 1) * ROW_HEIGHT);
}

/* Falling at first, since large gaps are looked for; then the other way round. */
static void
sort_by (LwBnTable *self, int column)
{
  self->falling = column == self->column ? !self->falling : column != BY_NUMBER;
  self->column = column;
  sort (self);
  scroll_to (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

int
lw_bn_table_channel (LwBnTable *self)
{
  return self->channel;
}

void
lw_bn_table_set_channel (LwBnTable *self, int channel)
{
  channel = CLAMP (channel, 0, MAX (self->n - 1, 0));
  if (channel == self->channel)
    return;
  self->channel = channel;
  scroll_to (self);
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, channel_changed_signal, 0);
}

static void
pressed (GtkGestureClick *gesture, int n, double x, double y, LwBnTable *self)
{
  const int row = (int)((y - HEAD) / ROW_HEIGHT);

  (void)gesture;
  (void)n;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (y < lw_seen_of (GTK_WIDGET (self)).y + HEAD)
    sort_by (self, x < GAMMA_STEM_X  ? BY_NUMBER
                   : x < BETA_STEM_X ? BY_GAMMA
                   : x < BETA_X + 6  ? BY_BETA
                                     : BY_GAP);
  else if (row < self->n)
    lw_bn_table_set_channel (self, self->order[row]);
}

static gboolean
sort_key (GtkWidget *widget, GVariant *unused, gpointer data)
{
  LwBnTable *self = LW_BN_TABLE (widget);

  (void)unused;
  (void)data;
  sort_by (self, (self->column + 1) % N_COLUMNS);
  return TRUE;
}

static gboolean
move (GtkWidget *widget, GVariant *by, gpointer data)
{
  LwBnTable *self = LW_BN_TABLE (widget);

  (void)data;
  if (self->n > 0)
    lw_bn_table_set_channel (
        self, self->order[CLAMP (row_of (self, self->channel) + g_variant_get_int32 (by), 0,
                                 self->n - 1)]);
  return TRUE;
}

static void
lw_bn_table_finalize (GObject *object)
{
  LwBnTable *self = LW_BN_TABLE (object);

  lw_text_free (self->text);
  g_free (self->gamma);
  g_free (self->beta);
  g_free (self->gap);
  g_free (self->order);
  G_OBJECT_CLASS (lw_bn_table_parent_class)->finalize (object);
}

static void
lw_bn_table_class_init (LwBnTableClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = lw_bn_table_finalize;
  widget_class->snapshot = lw_bn_table_snapshot;
  widget_class->measure = lw_bn_table_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LIST);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Up, 0, move, "i", -1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Down, 0, move, "i", 1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Home, 0, move, "i", -1000000);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_End, 0, move, "i", 1000000);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_s, 0, sort_key, NULL);
  channel_changed_signal = g_signal_new ("channel-changed", G_TYPE_FROM_CLASS (klass),
                                         G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_bn_table_init (LwBnTable *self)
{
  GtkGesture *click = gtk_gesture_click_new ();

  self->text = lw_text_new (NULL, NULL);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  lw_redraw_when_scrolled (GTK_WIDGET (self));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self),
                               _ ("Click a heading to sort; S sorts by the next column"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Channels"), -1);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}

GtkWidget *
lw_bn_table_new (void)
{
  return g_object_new (LW_TYPE_BN_TABLE, NULL);
}
