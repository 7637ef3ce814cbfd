#include "ui/compare-canvas-private.h"

#include "ui/draw/diagram-paint.h"
#include "ui/draw/export.h"

#include <glib/gi18n.h>
#include <math.h>

#define ZOOM_MIN     0.5
#define ZOOM_MAX     2.0
#define ZOOM_HOME    0.75 /* a comparison too wide for the view is made smaller as far as this */
#define EXPORT_SCALE 2
#define SHOW_MARGIN  24.0 /* around a row that is brought into view */

G_DEFINE_FINAL_TYPE (LwCompareCanvas, lw_compare_canvas, GTK_TYPE_WIDGET)

static const LwTheme *
theme_now (void)
{
  return lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
}

/* --- place -------------------------------------------------------------------------------------
 */

static double
view_width (LwCompareCanvas *self)
{
  return gtk_widget_get_width (GTK_WIDGET (self)) / self->zoom;
}

static double
view_height (LwCompareCanvas *self)
{
  return (gtk_widget_get_height (GTK_WIDGET (self)) - LW_COMPARE_LEGEND) / self->zoom;
}

static void
clamp_place (LwCompareCanvas *self)
{
  double width, height;

  lw_compare_layout_size (self->layout, &width, &height);
  self->x = width <= view_width (self) ? (width - view_width (self)) / 2
                                       : CLAMP (self->x, 0, width - view_width (self));
  self->y = CLAMP (self->y, 0, MAX (height - view_height (self), 0));
  for (int k = 0; k < lw_compare_set_n (self->set); k++) {
    /* a column moved for itself shows its own beginning and end */
    const double end = lw_compare_layout_end (self->layout, k) + SHOW_MARGIN;
    const double least = MIN (view_height (self) - end, 0) + self->y;

    self->shift[k] = self->linked ? 0 : CLAMP (self->shift[k], least, self->y);
  }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
go_home (LwCompareCanvas *self)
{
  double width, height;

  lw_compare_layout_size (self->layout, &width, &height);
  self->zoom = CLAMP (gtk_widget_get_width (GTK_WIDGET (self)) / width, ZOOM_HOME, 1);
  clamp_place (self);
}

static void
relayout (LwCompareCanvas *self)
{
  self->layout_width = gtk_widget_get_width (GTK_WIDGET (self));
  g_clear_pointer (&self->layout, lw_compare_layout_free);
  self->layout =
      lw_compare_layout_new (lw_compare_set_comparison (self->set), self->text,
                             MAX (self->layout_width, 1), lw_compare_set_open_rows (self->set));
  if (self->home)
    go_home (self);
  else
    clamp_place (self);
}

static void
lw_compare_canvas_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  LwCompareCanvas *self = LW_COMPARE_CANVAS (widget);

  (void)height;
  (void)baseline;
  if (width != self->layout_width)
    relayout (self);
  else
    clamp_place (self);
}

/* Around a point of the widget, which stays where it is. */
void
lw_compare_canvas_zoom_around (LwCompareCanvas *self, double zoom, double x, double y)
{
  const double before = self->zoom;

  self->home = false;
  self->zoom = CLAMP (zoom, ZOOM_MIN, ZOOM_MAX);
  self->x += x / before - x / self->zoom;
  self->y += (y - LW_COMPARE_LEGEND) / before - (y - LW_COMPARE_LEGEND) / self->zoom;
  clamp_place (self);
}

void
lw_compare_canvas_zoom_by (LwCompareCanvas *self, int direction)
{
  const double zoom = direction == 0 ? 1 : self->zoom * pow (1.25, direction);

  lw_compare_canvas_zoom_around (self, zoom, gtk_widget_get_width (GTK_WIDGET (self)) / 2.0,
                                 LW_COMPARE_LEGEND);
}

void
lw_compare_canvas_fit (LwCompareCanvas *self)
{
  double width, height;

  lw_compare_layout_size (self->layout, &width, &height);
  self->home = false;
  self->zoom =
      CLAMP (MIN (gtk_widget_get_width (GTK_WIDGET (self)) / width,
                  (gtk_widget_get_height (GTK_WIDGET (self)) - LW_COMPARE_LEGEND) / height),
             ZOOM_MIN, 1);
  self->y = 0;
  clamp_place (self);
}

double
lw_compare_canvas_zoom (LwCompareCanvas *self)
{
  return self->zoom;
}

int
lw_compare_canvas_column_at (LwCompareCanvas *self, double x)
{
  const int n = lw_compare_set_n (self->set);

  x = self->x + x / self->zoom;
  for (int k = 0; k + 1 < n; k++) {
    double left, width, next, ignored;

    lw_compare_layout_column (self->layout, k, &left, &width);
    lw_compare_layout_column (self->layout, k + 1, &next, &ignored);
    if (x < (left + width + next) / 2)
      return k;
  }
  return n - 1;
}

void
lw_compare_canvas_pan (LwCompareCanvas *self, double dx, double dy, int column)
{
  self->home = self->home && dx == 0;
  self->x += dx / self->zoom;
  if (self->linked)
    self->y += dy / self->zoom;
  else
    self->shift[column] -= dy / self->zoom;
  clamp_place (self);
}

void
lw_compare_canvas_show_row (LwCompareCanvas *self, int row)
{
  int n;
  const LwCompareBand *bands = lw_compare_layout_bands (self->layout, &n);

  if (row < 0 || row >= n)
    return;
  if (bands[row].y < self->y + SHOW_MARGIN)
    self->y = bands[row].y - SHOW_MARGIN;
  if (bands[row].y + bands[row].height > self->y + view_height (self) - SHOW_MARGIN)
    self->y = bands[row].y + bands[row].height - view_height (self) + SHOW_MARGIN;
  if (!self->linked) /* and in every column */
    for (int k = 0; k < LW_COMPARE_MOST; k++)
      self->shift[k] = 0;
  clamp_place (self);
}

/* --- following the set -------------------------------------------------------------------------
 */

static void
describe (LwCompareCanvas *self)
{
  const char *const *titles = lw_compare_set_titles (self->set);
  GString *label = g_string_new (titles[0]);

  for (int i = 1; i < lw_compare_set_n (self->set); i++)
    g_string_append_printf (label, _ (" beside %s"), titles[i]);
  g_free (self->description);
  self->description = lw_compare_describe (lw_compare_set_comparison (self->set), titles,
                                           lw_compare_set_row (self->set));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label->str,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, self->description, -1);
  g_string_free (label, TRUE);
}

static void
set_changed (LwCompareCanvas *self)
{
  self->home = true;
  self->y = 0;
  for (int k = 0; k < LW_COMPARE_MOST; k++)
    self->shift[k] = 0;
  relayout (self);
  describe (self);
}

static void
row_selected (LwCompareCanvas *self)
{
  relayout (self); /* blocks may have been opened */
  describe (self);
}

static void
update_font (LwCompareCanvas *self)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  const char *family =
      pango_font_description_get_family (pango_context_get_font_description (context));

  if (self->text != NULL && g_strcmp0 (family, self->font) == 0)
    return;
  g_free (self->font);
  self->font = g_strdup (family);
  g_clear_pointer (&self->layout, lw_compare_layout_free);
  g_clear_pointer (&self->text, lw_text_free);
  self->text = lw_text_new (self->font, NULL);
}

static void
lw_compare_canvas_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  LwCompareCanvas *self = LW_COMPARE_CANVAS (widget);

  GTK_WIDGET_CLASS (lw_compare_canvas_parent_class)->css_changed (widget, change);
  update_font (self);
  if (self->layout == NULL && self->set != NULL)
    relayout (self);
}

/* --- painting ----------------------------------------------------------------------------------
 */

static void
lw_compare_canvas_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwCompareCanvas *self = LW_COMPARE_CANVAS (widget);
  const LwTheme *theme = theme_now ();
  const double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  const double scale = gtk_widget_get_scale_factor (widget);
  const LwComparePaint paint = { .selected = lw_compare_set_row (self->set),
                                 .focused = gtk_widget_has_visible_focus (widget),
                                 .colour = self->colour,
                                 .shift = self->shift };
  const cairo_rectangle_t area = { self->x, self->y, width / self->zoom, height / self->zoom };
  cairo_t *cr;

  if (width < 1 || height < LW_COMPARE_LEGEND)
    return;
  cr =
      gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float)width, (float)height));
  lw_text_set_scale (self->text, scale);
  lw_set_colour (cr, theme->canvas, 1);
  cairo_paint (cr);
  lw_compare_paint_legend (cr, self->layout, theme, lw_compare_set_titles (self->set), self->colour,
                           16, LW_COMPARE_LEGEND / 2 + 1, width - 32);
  cairo_save (cr);
  cairo_rectangle (cr, 0, LW_COMPARE_LEGEND, width, height - LW_COMPARE_LEGEND);
  cairo_clip (cr);
  cairo_translate (cr, -round (self->x * self->zoom * scale) / scale,
                   LW_COMPARE_LEGEND - round (self->y * self->zoom * scale) / scale);
  cairo_scale (cr, self->zoom, self->zoom);
  lw_diagram_paint_canvas (cr, theme, &area, self->zoom);
  lw_compare_paint (cr, self->layout, theme, &paint);
  cairo_restore (cr);
  cairo_destroy (cr);
}

static void
paint_document (cairo_t *cr, gpointer data)
{
  lw_compare_paint_document (cr, lw_theme (false), data);
}

bool
lw_compare_canvas_export (LwCompareCanvas *self, const char *path, GError **error)
{
  g_autoptr (LwText) text = lw_text_new (self->font, NULL);
  LwCompareDocument document = { lw_compare_set_comparison (self->set),
                                 lw_compare_set_titles (self->set), self->colour, text };
  LwPictureFormat format;
  double width, height;

  if (!lw_picture_format (path, &format, error))
    return false;
  lw_compare_document_size (&document, &width, &height);
  return lw_export_picture (path, width, height, format == LW_PICTURE_PNG ? EXPORT_SCALE : 1,
                            paint_document, &document, error);
}

/* --- for the page and the tests ----------------------------------------------------------------
 */

void
lw_compare_canvas_set_linked (LwCompareCanvas *self, bool linked)
{
  self->linked = linked;
  clamp_place (self);
}

void
lw_compare_canvas_set_colour (LwCompareCanvas *self, LwCompareColour colour)
{
  self->colour = colour;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

const LwCompareLayout *
lw_compare_canvas_layout (LwCompareCanvas *self)
{
  return self->layout;
}

void
lw_compare_canvas_locate (LwCompareCanvas *self, int column, double *x, double *y)
{
  *x = (*x - self->x) * self->zoom;
  *y = (*y + self->shift[column] - self->y) * self->zoom + LW_COMPARE_LEGEND;
}

const char *
lw_compare_canvas_description (LwCompareCanvas *self)
{
  return self->description;
}

/* --- set-up ------------------------------------------------------------------------------------
 */

GtkWidget *
lw_compare_canvas_new (LwCompareSet *set)
{
  LwCompareCanvas *self = g_object_new (LW_TYPE_COMPARE_CANVAS, NULL);

  self->set = g_object_ref (set);
  update_font (self);
  g_signal_connect_object (set, "changed", G_CALLBACK (set_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (set, "row-selected", G_CALLBACK (row_selected), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
  set_changed (self);
  return GTK_WIDGET (self);
}

static void
lw_compare_canvas_dispose (GObject *object)
{
  LwCompareCanvas *self = LW_COMPARE_CANVAS (object);

  g_clear_pointer (&self->layout, lw_compare_layout_free);
  g_clear_pointer (&self->text, lw_text_free);
  g_clear_pointer (&self->font, g_free);
  g_clear_pointer (&self->description, g_free);
  g_clear_object (&self->set);
  G_OBJECT_CLASS (lw_compare_canvas_parent_class)->dispose (object);
}

static void
lw_compare_canvas_class_init (LwCompareCanvasClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_compare_canvas_dispose;
  widget_class->snapshot = lw_compare_canvas_snapshot;
  widget_class->size_allocate = lw_compare_canvas_size_allocate;
  widget_class->css_changed = lw_compare_canvas_css_changed;
  widget_class->query_tooltip = lw_compare_canvas_query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "diagram");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
lw_compare_canvas_init (LwCompareCanvas *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  self->zoom = 1;
  self->linked = self->home = true;
  lw_compare_canvas_init_input (self);
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_has_tooltip (widget, TRUE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_hexpand (widget, TRUE);
  gtk_widget_set_vexpand (widget, TRUE);
  gtk_widget_set_size_request (widget, 280, 200);
}
