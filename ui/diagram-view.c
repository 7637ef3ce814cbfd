#include "ui/diagram-view-private.h"

#include "engine/same_place.h"
#include "ui/zoomable.h"

#include <glib/gi18n.h>
#include <math.h>

enum { PROP_ZOOM = 1 };
static GParamSpec *zoom_property;
enum { RELAID, APPEARANCE, MOVED, FOUND, N_SIGNALS };
static guint signals[N_SIGNALS];

static void zoomable_init (LwZoomableInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (LwDiagramView, lw_diagram_view, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (LW_TYPE_ZOOMABLE, zoomable_init))

const LwTheme *
lw_diagram_view_theme (void)
{
  return lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
}

LwDiagramSpot
lw_diagram_view_selected (LwDiagramView *self)
{
  return (LwDiagramSpot){ lw_workbench_layer (self->workbench),
                          lw_workbench_block (self->workbench) };
}

/* --- the camera --------------------------------------------------------------------------------
 */

void
lw_diagram_view_set_camera (LwDiagramView *self, LwDiagramCamera camera)
{
  const bool zoomed = camera.zoom != self->camera.zoom;

  self->camera = camera;
  if (zoomed)
    g_object_notify_by_pspec (G_OBJECT (self), zoom_property);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, signals[MOVED], 0);
}

void
lw_diagram_view_stop (LwDiagramView *self)
{
  self->home = false;
  lw_camera_glide_stop (&self->glide, self->camera);
}

void
lw_diagram_view_glide (LwDiagramView *self, LwDiagramCamera camera)
{
  self->home = false;
  lw_camera_glide_start (&self->glide, self->camera, camera);
}

LwDiagramCamera
lw_diagram_view_goal (LwDiagramView *self)
{
  return lw_camera_glide_goal (&self->glide, self->camera);
}

double
lw_diagram_view_zoom (LwDiagramView *self)
{
  return self->camera.zoom;
}

void
lw_diagram_view_zoom_to (LwDiagramView *self, double zoom)
{
  const LwDiagramViewport view = lw_diagram_view_viewport (self);

  lw_diagram_view_glide (
      self, lw_diagram_camera_zoomed (self->camera, zoom, view.width / 2, view.height / 2));
}

void
lw_diagram_view_zoom_by (LwDiagramView *self, int direction)
{
  lw_diagram_view_zoom_to (self,
                           lw_diagram_zoom_step (lw_diagram_view_goal (self).zoom, direction));
}

void
lw_diagram_view_fit (LwDiagramView *self)
{
  const LwDiagramViewport view = lw_diagram_view_viewport (self);

  lw_diagram_view_glide (self, lw_diagram_camera_fit (self->layout, &view, 1));
  self->home = true;
}

void
lw_diagram_view_make_room (LwDiagramView *self)
{
  const LwDiagramViewport view = lw_diagram_view_viewport (self);

  if (self->home) {
    lw_diagram_view_glide (self, lw_diagram_camera_first (self->layout, &view));
    self->home = true;
  }
  lw_diagram_view_place_legend (self);
}

static gboolean
tell_zoom (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  (void)clock;
  (void)data;
  g_object_notify_by_pspec (G_OBJECT (widget), zoom_property);
  g_signal_emit (widget, signals[MOVED], 0);
  return G_SOURCE_REMOVE;
}

static void
lw_diagram_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  LwDiagramView *self = LW_DIAGRAM_VIEW (widget);
  LwDiagramViewport view;

  (void)baseline;
  if (width < 2 || height < 2 || (self->placed && width == self->width && height == self->height))
    return;
  if (self->placed && !self->home) { /* what was in the middle stays there */
    self->camera.x += (self->width - width) / 2.0 / self->camera.zoom;
  } else {
    view = lw_diagram_view_viewport (self);
    self->camera = lw_diagram_camera_first (self->layout, &view);
    self->glide.from = self->glide.to = self->camera;
    self->home = true;
  }
  self->placed = true;
  self->width = width;
  self->height = height;
  lw_diagram_view_place_legend (self);
  /* Not now: nothing may change its size in the midst of an allocation. */
  gtk_widget_add_tick_callback (widget, tell_zoom, NULL, NULL);
}

/* --- following the workbench --------------------------------------------------------------------
 */

/* The interface's font, so that the diagram and the widgets around it look alike. */
static void
update_font (LwDiagramView *self)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  const char *family =
      pango_font_description_get_family (pango_context_get_font_description (context));

  if (self->text != NULL && g_strcmp0 (family, self->font) == 0)
    return;
  g_free (self->font);
  self->font = g_strdup (family);
  g_clear_pointer (&self->fold.from, lw_diagram_layout_free);
  g_clear_pointer (&self->colours, lw_diagram_colours_free);
  g_clear_pointer (&self->layout, lw_diagram_layout_free); /* they use the old one */
  g_clear_pointer (&self->text, lw_text_free);
  self->text = lw_text_new (self->font, NULL);
}

LwDiagramLayout *
lw_diagram_view_relayout (LwDiagramView *self)
{
  const LwDiagramOptions options = lw_diagram_view_options (self);
  LwDiagramLayout *before = self->layout;

  self->layout = lw_diagram_layout_new (self->state, &options);
  self->times = lw_layer_values_times (self->values);
  lw_diagram_view_recolour (self);
  g_signal_emit (self, signals[RELAID], 0);
  g_signal_emit (self, signals[MOVED], 0);
  return before;
}

static void
describe (LwDiagramView *self)
{
  const LwGraph *graph = lw_workbench_graph (self->workbench);
  g_autofree char *label =
      g_strdup_printf (_ ("Architecture diagram of %s"), lw_graph_title (graph));

  const LwDiagramSpot spot = lw_diagram_view_selected (self);

  g_free (self->description);
  self->description = lw_diagram_layout_describe (self->layout, spot);
  if (self->colours != NULL && self->description != NULL && *self->description != '\0') {
    g_autofree char *words = self->description;
    g_autofree char *share = lw_diagram_colours_share_words (self->colours, spot);

    self->description = g_strdup_printf ("%s; %s", words, share);
  }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  self->description != NULL ? self->description : "", -1);
}

void
lw_diagram_view_tell (LwDiagramView *self)
{
  if (self->layout != NULL)
    describe (self);
  g_signal_emit (self, signals[APPEARANCE], 0);
}

/* Runs of one architecture have graphs of their own, and a knob makes a new one: what was open
 * stays so, where it still is. */
static bool
keep_folding (const LwDiagramState *before, LwDiagramState *after)
{
  const LwGraph *a = lw_diagram_state_graph (before), *b = lw_diagram_state_graph (after);
  g_autofree LwBlockId *same = NULL;

  if (!g_str_equal (lw_graph_title (a), lw_graph_title (b)))
    return false;
  same = lw_same_blocks (a, b);
  for (LwBlockId i = LW_ROOT_BLOCK + 1; i < lw_graph_n_blocks (a); i++)
    if (same[i] >= 0 && lw_diagram_state_is_open (before, i))
      lw_diagram_state_set_open (after, same[i], true);
  return true;
}

static void
selection_changed (LwDiagramView *self)
{
  LwGraph *graph = lw_workbench_graph (self->workbench);
  const bool home = self->home;
  double width, height = 0, new_height;
  LwDiagramState *state;

  if (self->state != NULL && lw_diagram_state_graph (self->state) == graph) {
    describe (self);
    lw_diagram_view_find_selected (self);
    return;
  }
  lw_diagram_view_end_fold (self);
  lw_diagram_view_stop (self);
  state = lw_diagram_state_new (graph);
  lw_diagram_state_set_grouping (state, self->grouping);
  self->placed = self->placed && self->state != NULL && keep_folding (self->state, state);
  self->home = self->placed && home;
  if (self->layout != NULL)
    lw_diagram_layout_size (self->layout, &width, &height);
  g_clear_pointer (&self->state, lw_diagram_state_free);
  self->state = state;
  self->hovered = LW_NO_SPOT;
  lw_diagram_layout_free (lw_diagram_view_relayout (self));
  lw_diagram_layout_size (self->layout, &width, &new_height);
  if (self->home && height != new_height)
    self->placed = false; /* a layer more or less: all of it is shown again */
  lw_diagram_view_tell (self);
  lw_diagram_view_find_graph (self);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

void
lw_diagram_view_show_spot (LwDiagramView *self, LwDiagramSpot spot)
{
  const LwDiagramViewport view = lw_diagram_view_viewport (self);
  cairo_rectangle_t rect;

  if (!lw_diagram_layout_spot_rect (self->layout, spot, &rect))
    return;
  lw_diagram_view_glide (self,
                         lw_diagram_camera_showing (lw_diagram_view_goal (self), &view, &rect));
  lw_diagram_view_place_legend (self);
}

static void
layer_selected (LwDiagramView *self)
{
  const LwDiagramSpot spot = lw_diagram_view_selected (self);

  if (!self->picking) {
    lw_diagram_view_reveal (self, spot);
    lw_diagram_view_show_spot (self, spot);
  }
  describe (self);
  lw_diagram_view_find_selected (self);
}

void
lw_diagram_view_pick (LwDiagramView *self, LwDiagramSpot spot, bool show)
{
  self->picking = true;
  if (spot.block >= 0)
    lw_workbench_select_block (self->workbench, spot.block);
  else
    lw_workbench_select_layer (self->workbench, spot.node);
  self->picking = false;
  if (show)
    lw_diagram_view_show_spot (self, spot);
}

static void
lw_diagram_view_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  LwDiagramView *self = LW_DIAGRAM_VIEW (widget);

  GTK_WIDGET_CLASS (lw_diagram_view_parent_class)->css_changed (widget, change);
  update_font (self);
  if (self->layout == NULL && self->state != NULL)
    lw_diagram_layout_free (lw_diagram_view_relayout (self));
}

/* --- for the page and the tests -----------------------------------------------------------------
 */

const LwDiagramLayout *
lw_diagram_view_layout (LwDiagramView *self)
{
  return self->layout;
}

const LwDiagramState *
lw_diagram_view_state (LwDiagramView *self)
{
  return self->state;
}

void
lw_diagram_view_locate (LwDiagramView *self, double *x, double *y)
{
  *x = (*x - self->camera.x) * self->camera.zoom;
  *y = (*y - self->camera.y) * self->camera.zoom;
}

cairo_rectangle_t
lw_diagram_view_shown (LwDiagramView *self)
{
  const double zoom = self->camera.zoom;

  if (self->width < 1 || self->height < 1)
    return (cairo_rectangle_t){ 0 };
  return (cairo_rectangle_t){ self->camera.x, self->camera.y, self->width / zoom,
                              self->height / zoom };
}

void
lw_diagram_view_move_to (LwDiagramView *self, double x, double y)
{
  const LwDiagramViewport view = lw_diagram_view_viewport (self);

  lw_diagram_view_stop (self);
  lw_diagram_view_set_camera (self,
                              lw_diagram_camera_moved (self->camera, self->layout, &view,
                                                       (x - self->camera.x) * self->camera.zoom,
                                                       (y - self->camera.y) * self->camera.zoom));
}

const char *
lw_diagram_view_description (LwDiagramView *self)
{
  return self->description;
}

/* --- set-up -------------------------------------------------------------------------------------
 */

GtkWidget *
lw_diagram_view_new (LwWorkbench *workbench)
{
  LwDiagramView *self = g_object_new (LW_TYPE_DIAGRAM_VIEW, NULL);

  self->workbench = workbench;
  lw_diagram_view_init_colour (self);
  update_font (self);
  g_signal_connect_object (workbench, "selection-changed", G_CALLBACK (selection_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "layer-selected", G_CALLBACK (layer_selected), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "draft-changed", G_CALLBACK (lw_diagram_view_meet_obstacle),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
  selection_changed (self);
  return GTK_WIDGET (self);
}

static void
lw_diagram_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_ZOOM)
    g_value_set_double (value, LW_DIAGRAM_VIEW (object)->camera.zoom);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
lw_diagram_view_dispose (GObject *object)
{
  LwDiagramView *self = LW_DIAGRAM_VIEW (object);

  if (self->fold_animation != NULL)
    lw_diagram_view_end_fold (self);
  lw_camera_glide_clear (&self->glide);
  g_clear_object (&self->fold_animation);
  g_clear_object (&self->values);
  g_clear_pointer (&self->colours, lw_diagram_colours_free);
  g_clear_pointer (&self->colours_note, g_free);
  g_clear_pointer (&self->layout, lw_diagram_layout_free);
  g_clear_pointer (&self->state, lw_diagram_state_free);
  g_clear_pointer (&self->text, lw_text_free);
  g_clear_pointer (&self->font, g_free);
  g_clear_pointer (&self->description, g_free);
  lw_diagram_view_find_clear (self);
  g_clear_object (&self->tip);
  G_OBJECT_CLASS (lw_diagram_view_parent_class)->dispose (object);
}

static void
lw_diagram_view_class_init (LwDiagramViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_diagram_view_dispose;
  G_OBJECT_CLASS (klass)->get_property = lw_diagram_view_get_property;
  widget_class->snapshot = lw_diagram_view_snapshot;
  widget_class->size_allocate = lw_diagram_view_size_allocate;
  widget_class->css_changed = lw_diagram_view_css_changed;
  g_object_class_override_property (G_OBJECT_CLASS (klass), PROP_ZOOM, "zoom");
  zoom_property = g_object_class_find_property (G_OBJECT_CLASS (klass), "zoom");
  signals[RELAID] = g_signal_new ("relaid", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);
  signals[APPEARANCE] = g_signal_new ("appearance-changed", LW_TYPE_DIAGRAM_VIEW, G_SIGNAL_RUN_LAST,
                                      0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[MOVED] = g_signal_new ("moved", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
  signals[FOUND] = g_signal_new ("found", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "diagram");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
zoomable_init (LwZoomableInterface *iface)
{
  iface->zoom_by = (void (*) (LwZoomable *, int))lw_diagram_view_zoom_by;
  iface->zoom_to = (void (*) (LwZoomable *, double))lw_diagram_view_zoom_to;
  iface->fit = (void (*) (LwZoomable *))lw_diagram_view_fit;
}

static void
lw_diagram_view_init (LwDiagramView *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  self->camera.zoom = 1;
  lw_camera_glide_init (&self->glide, self,
                        (void (*) (gpointer, LwDiagramCamera))lw_diagram_view_set_camera);
  lw_diagram_view_init_fold (self);
  lw_diagram_view_init_input (self);
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_hexpand (widget, TRUE);
  gtk_widget_set_vexpand (widget, TRUE);
}
