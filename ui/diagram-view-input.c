/* Pointer, keys and tooltips of the diagram view. */
#include "ui/diagram-view-private.h"

#include "ui/diagram-tip.h"
#include "ui/pan-zoom.h"

static LwDiagramSpot
spot_at (LwDiagramView *self, double x, double y, bool *ret_chevron)
{
  cairo_rectangle_t legend;
  bool card, ignored;

  if (lw_diagram_view_legend (self, &legend, &card) && card && x >= legend.x &&
      x < legend.x + legend.width && y >= legend.y && y < legend.y + legend.height) {
    *(ret_chevron != NULL ? ret_chevron : &ignored) = false;
    return LW_NO_SPOT; /* what is below it cannot be seen */
  }
  return lw_diagram_layout_hit (self->layout, self->camera.x + x / self->camera.zoom,
                                self->camera.y + y / self->camera.zoom, ret_chevron);
}

/* --- pointer ------------------------------------------------------------------------------------
 */

static void
motion (GtkEventControllerMotion *controller, double x, double y, LwDiagramView *self)
{
  const LwDiagramSpot spot = spot_at (self, x, y, NULL);

  (void)controller;
  lw_diagram_view_hover_colour (self, spot);
  gtk_widget_set_cursor_from_name (
      GTK_WIDGET (self), spot.node != LW_NO_NODE || spot.block >= 0 ? "pointer" : "default");
}

static void
left (LwDiagramView *self)
{
  lw_diagram_view_hover_colour (self, LW_NO_SPOT);
}

static void
released (GtkGestureClick *gesture, int n_press, double x, double y, LwDiagramView *self)
{
  bool chevron;
  const LwDiagramSpot spot = spot_at (self, x, y, &chevron);

  gtk_widget_grab_focus (GTK_WIDGET (self));
  lw_diagram_view_pick (self, spot, false);
  if (gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture)) &
      GDK_CONTROL_MASK) {
    lw_diagram_view_set_tracing (self, spot.node != LW_NO_NODE || spot.block >= 0);
    self->folded_by_click = true; /* a second click means the same */
    return;
  }
  if (n_press == 1)
    self->folded_by_click = false;
  if (spot.block >= 0 && ((chevron && n_press == 1) || (n_press == 2 && !self->folded_by_click))) {
    self->folded_by_click = n_press == 1;
    lw_diagram_view_toggle (self, spot.block);
  }
}

static double
zoom (gpointer self)
{
  return lw_diagram_view_zoom (self);
}

static void
move_by (gpointer data, double dx, double dy)
{
  LwDiagramView *self = LW_DIAGRAM_VIEW (data);
  const LwDiagramViewport view = lw_diagram_view_viewport (self);

  lw_diagram_view_stop (self);
  lw_diagram_view_set_camera (self,
                              lw_diagram_camera_moved (self->camera, self->layout, &view, dx, dy));
}

static void
zoom_about (gpointer data, double zoom, double x, double y)
{
  LwDiagramView *self = LW_DIAGRAM_VIEW (data);

  lw_diagram_view_stop (self);
  lw_diagram_view_set_camera (self, lw_diagram_camera_zoomed (self->camera, zoom, x, y));
}

/* --- keys ---------------------------------------------------------------------------------------
 */

static bool
walk (LwDiagramView *self, LwDiagramWalk direction)
{
  const LwDiagramSpot from =
      lw_diagram_layout_visible (self->layout, lw_diagram_view_selected (self));
  const LwDiagramSpot to = lw_diagram_layout_walk (self->layout, from, direction);

  if (to.node != LW_NO_NODE || to.block >= 0)
    lw_diagram_view_pick (self, to, true);
  return true;
}

/* In reading order, as it is folded now. */
static bool
step_spot (LwDiagramView *self, int32_t step)
{
  const LwDiagramSpot from =
      lw_diagram_layout_visible (self->layout, lw_diagram_view_selected (self));
  const int32_t n = lw_diagram_layout_n_spots (self->layout);
  int32_t at = step > 0 ? -1 : n;

  for (int32_t i = 0; i < n; i++)
    if (lw_diagram_spot_equal (lw_diagram_layout_spot (self->layout, i), from))
      at = i;
  at = CLAMP (at + step, 0, n - 1);
  if (n > 0)
    lw_diagram_view_pick (self, lw_diagram_layout_spot (self->layout, at), true);
  return true;
}

static bool
fold_key (LwDiagramView *self, bool level)
{
  const LwDiagramSpot spot = lw_diagram_view_selected (self);

  if (spot.node == LW_NO_NODE && spot.block < 0)
    return false;
  if (level)
    lw_diagram_view_toggle_level (self, spot);
  else
    lw_diagram_view_toggle_spot (self, spot);
  return true;
}

/* Ends one thing at a time; with nothing left the page ends the search. */
static gboolean
escape (LwDiagramView *self)
{
  const LwDiagramSpot spot = lw_diagram_view_selected (self);

  if (lw_diagram_view_is_tracing (self))
    lw_diagram_view_set_tracing (self, false);
  else if (spot.node != LW_NO_NODE || spot.block >= 0)
    lw_diagram_view_pick (self, LW_NO_SPOT, false);
  else
    return GDK_EVENT_PROPAGATE;
  return GDK_EVENT_STOP;
}

static gboolean
key_pressed (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
             LwDiagramView *self)
{
  const GdkModifierType modifiers = state & gtk_accelerator_get_default_mod_mask ();

  (void)controller;
  (void)code;
  if (modifiers == GDK_SHIFT_MASK && (key == GDK_KEY_Return || key == GDK_KEY_KP_Enter))
    return fold_key (self, true);
  if (modifiers != 0)
    return GDK_EVENT_PROPAGATE;
  switch (key) {
  case GDK_KEY_Up:
  case GDK_KEY_KP_Up:
    return walk (self, LW_WALK_UP);
  case GDK_KEY_Down:
  case GDK_KEY_KP_Down:
    return walk (self, LW_WALK_DOWN);
  case GDK_KEY_Left:
  case GDK_KEY_KP_Left:
    return walk (self, LW_WALK_LEFT);
  case GDK_KEY_Right:
  case GDK_KEY_KP_Right:
    return walk (self, LW_WALK_RIGHT);
  case GDK_KEY_Home:
  case GDK_KEY_KP_Home:
    return walk (self, LW_WALK_HOME);
  case GDK_KEY_End:
  case GDK_KEY_KP_End:
    return walk (self, LW_WALK_END);
  case GDK_KEY_Page_Up:
    return step_spot (self, -1);
  case GDK_KEY_Page_Down:
    return step_spot (self, 1);
  case GDK_KEY_Return:
  case GDK_KEY_KP_Enter:
  case GDK_KEY_space:
    return fold_key (self, false);
  case GDK_KEY_u:
    lw_diagram_view_set_tracing (self, !lw_diagram_view_is_tracing (self));
    return GDK_EVENT_STOP;
  case GDK_KEY_Escape:
    return escape (self);
  default:
    return GDK_EVENT_PROPAGATE;
  }
}

/* --- tooltips: the exact numbers
 * ------------------------------------------------------------------- */

/* Where the tooltip belongs to: the head of an open block, not its whole frame. */
static bool
tip_rect (LwDiagramView *self, LwDiagramSpot spot, cairo_rectangle_t *rect)
{
  int32_t n;
  const LwDiagramFrame *frames = lw_diagram_layout_frames (self->layout, &n);

  if (!lw_diagram_layout_spot_rect (self->layout, spot, rect))
    return false;
  for (int32_t i = 0; i < n; i++)
    if (spot.block >= 0 && frames[i].block == spot.block)
      *rect = frames[i].header;
  return true;
}

static gboolean
query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  LwDiagramView *self = LW_DIAGRAM_VIEW (widget);
  LwGraph *graph = lw_diagram_layout_graph (self->layout);
  const LwDiagramSpot spot =
      keyboard ? lw_diagram_layout_visible (self->layout, lw_diagram_view_selected (self))
               : spot_at (self, x, y, NULL);
  g_autofree char *share = NULL;
  cairo_rectangle_t rect;
  double left, top;

  if (!tip_rect (self, spot, &rect))
    return FALSE;
  left = rect.x;
  top = rect.y;
  lw_diagram_view_locate (self, &left, &top);
  if (!keyboard && y > top + rect.height * self->camera.zoom)
    return FALSE;
  if (self->colours != NULL)
    share = lw_diagram_colours_share_words (self->colours, spot);
  if (self->tip == NULL)
    self->tip = g_object_ref_sink (lw_diagram_tip_new ());
  lw_diagram_tip_show (LW_DIAGRAM_TIP (self->tip), graph, spot,
                       lw_workbench_dataset (self->workbench), share);
  gtk_tooltip_set_custom (tooltip, self->tip);
  gtk_tooltip_set_tip_area (tooltip, &(GdkRectangle){ (int)left, (int)top,
                                                      (int)(rect.width * self->camera.zoom),
                                                      (int)(rect.height * self->camera.zoom) });
  return TRUE;
}

/* --- set-up -------------------------------------------------------------------------------------
 */

void
lw_diagram_view_init_input (LwDiagramView *self)
{
  static const LwPanZoom pan_zoom = { .zoom = zoom, .zoom_about = zoom_about, .move = move_by };
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *motions = gtk_event_controller_motion_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  g_signal_connect (motions, "motion", G_CALLBACK (motion), self);
  g_signal_connect_swapped (motions, "leave", G_CALLBACK (left), self);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed), self);
  g_signal_connect (click, "released", G_CALLBACK (released), self);
  gtk_widget_add_controller (widget, motions);
  gtk_widget_add_controller (widget, keys);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  lw_pan_zoom_add (widget, &pan_zoom);
  gtk_widget_set_has_tooltip (widget, TRUE);
  g_signal_connect (widget, "query-tooltip", G_CALLBACK (query_tooltip), NULL);
}
