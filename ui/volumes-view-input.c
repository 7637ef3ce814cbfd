/* Pointer, keys and tooltips of the volumes view. */
#include "ui/volumes-view-private.h"

#include "ui/diagram-tip.h"
#include "ui/pan-zoom.h"

static LwDiagramSpot
spot_at (LwVolumesView *self, double x, double y, bool *ret_fold)
{
  bool ignored;

  if (y < lw_volumes_view_head (self)) {
    *(ret_fold != NULL ? ret_fold : &ignored) = false;
    return LW_NO_SPOT; /* the legend */
  }
  return lw_volumes_hit (self->volumes, self->camera.x + x / self->camera.zoom,
                         self->camera.y + y / self->camera.zoom, ret_fold);
}

/* --- pointer ------------------------------------------------------------------------------------
 */

static void
motion (GtkEventControllerMotion *controller, double x, double y, LwVolumesView *self)
{
  const LwDiagramSpot spot = spot_at (self, x, y, NULL);

  (void)controller;
  gtk_widget_set_cursor_from_name (
      GTK_WIDGET (self), spot.node != LW_NO_NODE || spot.block >= 0 ? "pointer" : "default");
}

static void
released (GtkGestureClick *gesture, int n_press, double x, double y, LwVolumesView *self)
{
  bool fold;
  const LwDiagramSpot spot = spot_at (self, x, y, &fold);

  (void)gesture;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  lw_volumes_view_pick (self, spot, false);
  if (n_press == 1)
    self->folded_by_click = false;
  /* The second click of a double click is not meant for what moved there. */
  if (spot.block >= 0 && ((fold && n_press == 1) || (n_press == 2 && !self->folded_by_click))) {
    self->folded_by_click = n_press == 1;
    lw_diagram_view_toggle (self->diagram, spot.block);
  }
}

static double
zoom (gpointer self)
{
  return LW_VOLUMES_VIEW (self)->camera.zoom;
}

static void
move_by (gpointer self, double dx, double dy)
{
  lw_volumes_view_move (self, dx, dy);
}

static void
zoom_about (gpointer self, double zoom, double x, double y)
{
  lw_volumes_view_zoom_about (self, zoom, x, y);
}

/* All of its height is in view. */
static bool
is_row (gpointer data)
{
  LwVolumesView *self = LW_VOLUMES_VIEW (data);
  double width, height;

  lw_volumes_size (self->volumes, &width, &height);
  return height * self->camera.zoom <=
         gtk_widget_get_height (GTK_WIDGET (self)) - lw_volumes_view_head (self) + 1;
}

/* --- keys ---------------------------------------------------------------------------------------
 */

/* The volume that shows what is marked; −1: none. */
static int32_t
current_item (LwVolumesView *self)
{
  return lw_volumes_find (self->volumes, lw_volumes_view_selected (self));
}

static bool
to_item (LwVolumesView *self, int32_t item)
{
  int32_t n;
  const LwVolume *items = lw_volumes_items (self->volumes, &n);

  if (n > 0)
    lw_volumes_view_pick (self, items[CLAMP (item, 0, n - 1)].spot, true);
  return true;
}

/* Through volumes and their bands. `within`: only on the same volume. */
static bool
step_spot (LwVolumesView *self, int32_t step, bool within)
{
  const LwDiagramSpot selected = lw_volumes_view_selected (self);
  const int32_t n = lw_volumes_n_spots (self->volumes), item = current_item (self);
  int32_t at = -1;

  for (int32_t i = 0; i < n && at < 0; i++)
    if (lw_diagram_spot_equal (lw_volumes_spot (self->volumes, i), selected))
      at = i;
  if (at < 0) /* hidden, or nothing */
    return to_item (self, item);
  at = CLAMP (at + step, 0, n - 1);
  if (!within || lw_volumes_find (self->volumes, lw_volumes_spot (self->volumes, at)) == item)
    lw_volumes_view_pick (self, lw_volumes_spot (self->volumes, at), true);
  return true;
}

static bool
fold_key (LwVolumesView *self, bool level)
{
  const LwDiagramSpot spot = lw_volumes_view_selected (self);

  if (spot.node == LW_NO_NODE && spot.block < 0)
    return false;
  if (level)
    lw_diagram_view_toggle_level (self->diagram, spot);
  else
    lw_diagram_view_toggle_spot (self->diagram, spot);
  return true;
}

static gboolean
key_pressed (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
             LwVolumesView *self)
{
  const GdkModifierType modifiers = state & gtk_accelerator_get_default_mod_mask ();
  const int32_t item = current_item (self);

  (void)controller;
  (void)code;
  if (modifiers == GDK_SHIFT_MASK && (key == GDK_KEY_Return || key == GDK_KEY_KP_Enter))
    return fold_key (self, true);
  if (modifiers != 0)
    return GDK_EVENT_PROPAGATE;
  switch (key) {
  case GDK_KEY_Left:
  case GDK_KEY_KP_Left:
    return to_item (self, item < 0 ? 0 : item - 1);
  case GDK_KEY_Right:
  case GDK_KEY_KP_Right:
    return to_item (self, item + 1);
  case GDK_KEY_Home:
  case GDK_KEY_KP_Home:
    return to_item (self, 0);
  case GDK_KEY_End:
  case GDK_KEY_KP_End:
    return to_item (self, G_MAXINT32);
  case GDK_KEY_Up:
  case GDK_KEY_KP_Up:
    return step_spot (self, -1, true);
  case GDK_KEY_Down:
  case GDK_KEY_KP_Down:
    return step_spot (self, 1, true);
  case GDK_KEY_Page_Up:
    return step_spot (self, -1, false);
  case GDK_KEY_Page_Down:
    return step_spot (self, 1, false);
  case GDK_KEY_Return:
  case GDK_KEY_KP_Enter:
  case GDK_KEY_space:
    return fold_key (self, false);
  case GDK_KEY_Escape: /* with nothing marked the page ends the search */
    if (lw_diagram_spot_equal (lw_volumes_view_selected (self), LW_NO_SPOT))
      return GDK_EVENT_PROPAGATE;
    lw_volumes_view_pick (self, LW_NO_SPOT, false);
    return GDK_EVENT_STOP;
  default:
    return GDK_EVENT_PROPAGATE;
  }
}

/* --- tooltips: the exact numbers ----------------------------------------------------------------
 */

static gboolean
query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  LwVolumesView *self = LW_VOLUMES_VIEW (widget);
  LwDiagramSpot spot;
  g_autofree char *text = NULL;

  if (self->volumes == NULL)
    return FALSE;
  spot = keyboard ? lw_volumes_view_selected (self) : spot_at (self, x, y, NULL);
  if (spot.node == LW_NO_NODE && spot.block < 0)
    return FALSE;
  text = lw_diagram_tip_words (lw_volumes_graph (self->volumes), spot);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

/* --- set-up -------------------------------------------------------------------------------------
 */

void
lw_volumes_view_init_input (LwVolumesView *self)
{
  static const LwPanZoom pan_zoom = {
    .zoom = zoom, .zoom_about = zoom_about, .move = move_by, .is_row = is_row
  };
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *motions = gtk_event_controller_motion_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  g_signal_connect (motions, "motion", G_CALLBACK (motion), self);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed), self);
  g_signal_connect (click, "released", G_CALLBACK (released), self);
  gtk_widget_add_controller (widget, motions);
  gtk_widget_add_controller (widget, keys);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  lw_pan_zoom_add (widget, &pan_zoom);
  gtk_widget_set_has_tooltip (widget, TRUE);
  g_signal_connect (widget, "query-tooltip", G_CALLBACK (query_tooltip), NULL);
}
