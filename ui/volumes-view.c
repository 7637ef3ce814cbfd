#include "ui/volumes-view-private.h"

#include "ui/input-image.h"
#include "ui/zoomable.h"

#include <glib/gi18n.h>
#include <math.h>

/* The legend's margins, and the zoom buttons at its right, pixels. */
#define LEGEND_X        16
#define LEGEND_Y        12
#define CONTROLS_WIDTH  150
#define CONTROLS_HEIGHT 44

enum { PROP_ZOOM = 1 };
static GParamSpec *zoom_property;

static void zoomable_init (LwZoomableInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (LwVolumesView, lw_volumes_view, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (LW_TYPE_ZOOMABLE, zoomable_init))

static const LwTheme *
theme_now (void)
{
  return lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
}

LwDiagramSpot
lw_volumes_view_selected (LwVolumesView *self)
{
  return (LwDiagramSpot){ lw_workbench_layer (self->workbench),
                          lw_workbench_block (self->workbench) };
}

static double
legend_width (LwVolumesView *self)
{
  return MAX (gtk_widget_get_width (GTK_WIDGET (self)) - 2 * LEGEND_X - CONTROLS_WIDTH, 1);
}

/* What the colours stand for: kinds, or costs as in the diagram; `cr` NULL: its height only. */
static double
paint_legend (LwVolumesView *self, cairo_t *cr)
{
  const LwDiagramColours *colours = lw_diagram_view_colours (self->diagram);
  const LwTheme *theme = theme_now ();

  if (colours != NULL)
    return lw_diagram_colours_legend (cr, colours, theme, lw_volumes_view_selected (self), LEGEND_X,
                                      LEGEND_Y, NULL);
  return lw_volumes_paint_legend (cr, self->volumes, theme, LEGEND_X, LEGEND_Y,
                                  legend_width (self));
}

static void
mark (LwDiagramSpot spot, LwDiagramMark *mark, gpointer data)
{
  const LwDiagramColours *colours = data;

  lw_diagram_colours_mark (colours, theme_now ()->dark, spot, mark);
}

double
lw_volumes_view_head (LwVolumesView *self)
{
  const double legend = paint_legend (self, NULL);

  return MAX (legend + LEGEND_Y + 2, CONTROLS_HEIGHT);
}

void
lw_volumes_view_set_camera (LwVolumesView *self, LwDiagramCamera camera)
{
  const bool zoomed = camera.zoom != self->camera.zoom;

  self->camera = camera;
  if (zoomed)
    g_object_notify_by_pspec (G_OBJECT (self), zoom_property);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
tell_zoom (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  (void)clock;
  (void)data;
  g_object_notify_by_pspec (G_OBJECT (widget), zoom_property);
  return G_SOURCE_REMOVE;
}

static void
lw_volumes_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  LwVolumesView *self = LW_VOLUMES_VIEW (widget);

  (void)baseline;
  if (width < 2 || height < 2 || self->volumes == NULL ||
      (self->placed && width == self->width && height == self->height))
    return;
  if (!self->placed || self->home) {
    self->camera = lw_volumes_view_first (self);
    self->glide.from = self->glide.to = self->camera;
    self->home = true;
  }
  self->placed = true;
  self->width = width;
  self->height = height;
  /* Not now: nothing may change its size in the midst of an allocation. */
  gtk_widget_add_tick_callback (widget, tell_zoom, NULL, NULL);
}

/* --- what it follows ----------------------------------------------------------------------------
 */

static void
update_font (LwVolumesView *self)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  const char *family =
      pango_font_description_get_family (pango_context_get_font_description (context));

  if (self->text != NULL && g_strcmp0 (family, self->font) == 0)
    return;
  g_free (self->font);
  self->font = g_strdup (family);
  g_clear_pointer (&self->volumes, lw_volumes_free); /* it uses the old one */
  g_clear_pointer (&self->text, lw_text_free);
  self->text = lw_text_new (self->font, NULL);
}

static void
describe (LwVolumesView *self)
{
  g_autofree char *label =
      g_strdup_printf (_ ("Volumes of %s"), lw_graph_title (lw_workbench_graph (self->workbench)));

  g_free (self->description);
  self->description = lw_diagram_layout_describe (lw_diagram_view_layout (self->diagram),
                                                  lw_volumes_view_selected (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  self->description != NULL ? self->description : "", -1);
}

static void
update_image (LwVolumesView *self)
{
  LwDataset *dataset = lw_workbench_dataset (self->workbench);

  g_clear_pointer (&self->image, cairo_surface_destroy);
  self->image =
      lw_input_image_surface (dataset, lw_graph_input_shape (lw_workbench_graph (self->workbench)));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Another run or knob of one architecture: the view stays where it is. */
static bool
looks_alike (const LwVolumes *a, const LwVolumes *b)
{
  int32_t n, m;

  lw_volumes_items (a, &n);
  lw_volumes_items (b, &m);
  return n == m &&
         g_str_equal (lw_graph_title (lw_volumes_graph (a)), lw_graph_title (lw_volumes_graph (b)));
}

static void
rebuild (LwVolumesView *self)
{
  const LwDiagramState *state = lw_diagram_view_state (self->diagram);
  LwDiagramOptions options = lw_diagram_view_options (self->diagram);
  LwVolumes *before = self->volumes;
  const bool same = before != NULL && lw_volumes_graph (before) == lw_diagram_state_graph (state);

  self->stale = false;
  options.text = self->text;
  self->volumes = lw_volumes_new (state, &options);
  if (!same) {
    self->placed = self->placed && before != NULL && looks_alike (before, self->volumes);
    update_image (self);
    gtk_widget_queue_allocate (GTK_WIDGET (self));
  } else if (self->placed && self->home) {
    lw_volumes_view_glide (self, lw_volumes_view_first (self));
    self->home = true;
  } else if (self->placed) {
    lw_volumes_view_keep_place (self, before);
  }
  lw_volumes_free (before);
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* A hidden view waits until it is shown. */
static void
relaid (LwVolumesView *self)
{
  self->stale = true;
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    rebuild (self);
}

static void
lw_volumes_view_map (GtkWidget *widget)
{
  LwVolumesView *self = LW_VOLUMES_VIEW (widget);

  if (self->stale || self->volumes == NULL)
    rebuild (self);
  describe (self);
  GTK_WIDGET_CLASS (lw_volumes_view_parent_class)->map (widget);
}

static void
layer_selected (LwVolumesView *self)
{
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)) || self->stale)
    return;
  if (!self->picking)
    lw_volumes_view_show_spot (self, lw_volumes_view_selected (self));
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
lw_volumes_view_pick (LwVolumesView *self, LwDiagramSpot spot, bool show)
{
  self->picking = true;
  if (spot.block >= 0)
    lw_workbench_select_block (self->workbench, spot.block);
  else
    lw_workbench_select_layer (self->workbench, spot.node);
  self->picking = false;
  if (show)
    lw_volumes_view_show_spot (self, spot);
}

static void
lw_volumes_view_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  LwVolumesView *self = LW_VOLUMES_VIEW (widget);

  GTK_WIDGET_CLASS (lw_volumes_view_parent_class)->css_changed (widget, change);
  update_font (self);
  if (self->volumes == NULL && self->diagram != NULL &&
      lw_diagram_view_state (self->diagram) != NULL)
    rebuild (self);
}

/* --- painting -----------------------------------------------------------------------------------
 */

static void
lw_volumes_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwVolumesView *self = LW_VOLUMES_VIEW (widget);
  const double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  const double zoom = self->camera.zoom, scale = gtk_widget_get_scale_factor (widget);
  const cairo_rectangle_t visible = { self->camera.x, self->camera.y, width / zoom, height / zoom };
  const LwDiagramColours *colours = lw_diagram_view_colours (self->diagram);
  const LwDiagramPaint paint = { .zoom = zoom,
                                 .visible = &visible,
                                 .selected = lw_volumes_view_selected (self),
                                 .focused = gtk_widget_has_visible_focus (widget),
                                 .mark = colours != NULL ? mark : NULL,
                                 .mark_data = (gpointer)colours };
  cairo_t *cr;

  if (width < 1 || height < 1 || self->volumes == NULL)
    return;
  lw_text_set_scale (self->text, scale);
  cr =
      gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float)width, (float)height));
  cairo_save (cr);
  cairo_translate (cr, -round (self->camera.x * zoom * scale) / scale,
                   -round (self->camera.y * zoom * scale) / scale);
  cairo_scale (cr, zoom, zoom);
  lw_diagram_paint_canvas (cr, theme_now (), &visible, zoom);
  cairo_restore (cr);
  cairo_save (cr);
  cairo_rectangle (cr, 0, lw_volumes_view_head (self), width, height); /* not under the legend */
  cairo_clip (cr);
  cairo_translate (cr, -round (self->camera.x * zoom * scale) / scale,
                   -round (self->camera.y * zoom * scale) / scale);
  cairo_scale (cr, zoom, zoom);
  lw_volumes_paint (cr, self->volumes, theme_now (), &paint, self->image);
  cairo_restore (cr);
  paint_legend (self, cr);
  cairo_destroy (cr);
}

/* --- for the page and the tests -----------------------------------------------------------------
 */

const LwVolumes *
lw_volumes_view_volumes (LwVolumesView *self)
{
  if (self->stale || self->volumes == NULL)
    rebuild (self);
  return self->volumes;
}

double
lw_volumes_view_part (LwVolumesView *self, cairo_rectangle_t *ret_part)
{
  const double zoom = self->camera.zoom;
  const double head = self->volumes != NULL ? lw_volumes_view_head (self) / zoom : 0;

  *ret_part = (cairo_rectangle_t){ self->camera.x, self->camera.y + head,
                                   gtk_widget_get_width (GTK_WIDGET (self)) / zoom,
                                   gtk_widget_get_height (GTK_WIDGET (self)) / zoom - head };
  return zoom;
}

void
lw_volumes_view_locate (LwVolumesView *self, double *x, double *y)
{
  *x = (*x - self->camera.x) * self->camera.zoom;
  *y = (*y - self->camera.y) * self->camera.zoom;
}

const char *
lw_volumes_view_description (LwVolumesView *self)
{
  return self->description;
}

cairo_surface_t *
lw_volumes_view_image (LwVolumesView *self)
{
  if (self->image == NULL)
    update_image (self);
  return self->image;
}

/* --- set-up -------------------------------------------------------------------------------------
 */

GtkWidget *
lw_volumes_view_new (LwWorkbench *workbench, LwDiagramView *diagram)
{
  LwVolumesView *self = g_object_new (LW_TYPE_VOLUMES_VIEW, NULL);

  self->workbench = workbench;
  self->diagram = diagram;
  self->stale = true;
  update_font (self);
  g_signal_connect_object (diagram, "relaid", G_CALLBACK (relaid), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (diagram, "appearance-changed", G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "layer-selected", G_CALLBACK (layer_selected), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "dataset-changed", G_CALLBACK (update_image), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

static void
lw_volumes_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_ZOOM)
    g_value_set_double (value, LW_VOLUMES_VIEW (object)->camera.zoom);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
lw_volumes_view_dispose (GObject *object)
{
  LwVolumesView *self = LW_VOLUMES_VIEW (object);

  lw_camera_glide_clear (&self->glide);
  g_clear_pointer (&self->volumes, lw_volumes_free);
  g_clear_pointer (&self->image, cairo_surface_destroy);
  g_clear_pointer (&self->text, lw_text_free);
  g_clear_pointer (&self->font, g_free);
  g_clear_pointer (&self->description, g_free);
  G_OBJECT_CLASS (lw_volumes_view_parent_class)->dispose (object);
}

static void
lw_volumes_view_class_init (LwVolumesViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_volumes_view_dispose;
  G_OBJECT_CLASS (klass)->get_property = lw_volumes_view_get_property;
  widget_class->snapshot = lw_volumes_view_snapshot;
  widget_class->size_allocate = lw_volumes_view_size_allocate;
  widget_class->css_changed = lw_volumes_view_css_changed;
  widget_class->map = lw_volumes_view_map;
  g_object_class_override_property (G_OBJECT_CLASS (klass), PROP_ZOOM, "zoom");
  zoom_property = g_object_class_find_property (G_OBJECT_CLASS (klass), "zoom");
  gtk_widget_class_set_css_name (widget_class, "diagram");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
zoomable_init (LwZoomableInterface *iface)
{
  iface->zoom_by = (void (*) (LwZoomable *, int))lw_volumes_view_zoom_by;
  iface->zoom_to = (void (*) (LwZoomable *, double))lw_volumes_view_zoom_to;
  iface->fit = (void (*) (LwZoomable *))lw_volumes_view_fit;
}

static void
lw_volumes_view_init (LwVolumesView *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  self->camera.zoom = 1;
  lw_camera_glide_init (&self->glide, self,
                        (void (*) (gpointer, LwDiagramCamera))lw_volumes_view_set_camera);
  lw_volumes_view_init_input (self);
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_hexpand (widget, TRUE);
  gtk_widget_set_vexpand (widget, TRUE);
}
