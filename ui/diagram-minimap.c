#include "ui/diagram-minimap.h"

#include "ui/accessible.h"
#include "ui/draw/shapes.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#define MAX_WIDTH  170.0
#define MAX_HEIGHT 160.0
/* Of a small view it takes no more than this. */
#define MOST_SHARE 0.34
#define MARGIN     12
#define PAD        6
#define CONTROLS   54 /* height of the zoom buttons with their margin */
#define KEY_STEP   0.25

struct _LwDiagramMinimap {
  GtkWidget parent;
  LwDiagramView *diagram; /* borrowed */
  LwMinimap map;
  cairo_rectangle_t drag; /* what was in view when a drag began */
  LwMinimap drag_map;
};

G_DEFINE_FINAL_TYPE (LwDiagramMinimap, lw_diagram_minimap, GTK_TYPE_WIDGET)

/* --- place ------------------------------------------------------------------------------------ */

/* Bottom left, or above the zoom buttons where that hides less of the trunk. */
static void
choose_corner (LwDiagramMinimap *self, double width, double height)
{
  const double w = self->map.width + 2 * PAD, h = self->map.height + 2 * PAD;
  const cairo_rectangle_t left = { MARGIN, height - MARGIN - h, w, h };
  const cairo_rectangle_t right = { width - MARGIN - w, height - CONTROLS - h, w, h };
  const bool at_right = lw_diagram_view_hidden_trunk (self->diagram, &left) >
                        lw_diagram_view_hidden_trunk (self->diagram, &right);

  gtk_widget_set_halign (GTK_WIDGET (self), at_right ? GTK_ALIGN_END : GTK_ALIGN_START);
  gtk_widget_set_margin_bottom (GTK_WIDGET (self), at_right ? CONTROLS : MARGIN);
}

static void
moved (LwDiagramMinimap *self)
{
  const cairo_rectangle_t shown = lw_diagram_view_shown (self->diagram);
  const double zoom = lw_diagram_view_zoom (self->diagram);
  const double width = shown.width * zoom, height = shown.height * zoom;
  const LwMinimap before = self->map;

  if (shown.width <= 0 || lw_diagram_view_layout (self->diagram) == NULL) {
    gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
    return;
  }
  self->map = lw_minimap (lw_diagram_view_layout (self->diagram), &shown,
                          fmin (MAX_WIDTH, floor (MOST_SHARE * width)) - 2 * PAD,
                          fmin (MAX_HEIGHT, floor (MOST_SHARE * height)) - 2 * PAD);
  gtk_widget_set_visible (GTK_WIDGET (self), self->map.needed);
  choose_corner (self, width, height);
  if (before.width != self->map.width || before.height != self->map.height)
    gtk_widget_queue_resize (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
lw_diagram_minimap_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                            int *minimum, int *natural, int *minimum_baseline,
                            int *natural_baseline)
{
  const LwMinimap *map = &LW_DIAGRAM_MINIMAP (widget)->map;

  (void)for_size;
  *minimum = *natural =
      (int)ceil (orientation == GTK_ORIENTATION_HORIZONTAL ? map->width : map->height) + 2 * PAD;
  *minimum_baseline = *natural_baseline = -1;
}

static void
lw_diagram_minimap_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwDiagramMinimap *self = LW_DIAGRAM_MINIMAP (widget);
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  cairo_t *cr = gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT (0, 0, (float)gtk_widget_get_width (widget),
                                     (float)gtk_widget_get_height (widget)));

  cairo_translate (cr, PAD, PAD);
  lw_diagram_view_paint_map (self->diagram, cr, &self->map);
  lw_minimap_paint_frame (cr, &self->map, theme);
  cairo_destroy (cr);
}

/* --- moving the view -------------------------------------------------------------------------- */

static void
drag_begin (GtkGestureDrag *gesture, double x, double y, LwDiagramMinimap *self)
{
  const cairo_rectangle_t *frame = &self->map.frame;
  double to_x, to_y;

  x -= PAD;
  y -= PAD;
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  self->drag = lw_diagram_view_shown (self->diagram);
  self->drag_map = self->map;
  if (x >= frame->x && x < frame->x + frame->width && y >= frame->y && y < frame->y + frame->height)
    return;
  /* beside the frame: its middle comes there first */
  lw_minimap_moved (&self->map, &self->drag, x - frame->x - frame->width / 2,
                    y - frame->y - frame->height / 2, &to_x, &to_y);
  lw_diagram_view_move_to (self->diagram, to_x, to_y);
  self->drag = lw_diagram_view_shown (self->diagram);
  self->drag_map = self->map;
}

static void
drag_update (GtkGestureDrag *gesture, double dx, double dy, LwDiagramMinimap *self)
{
  double x, y;

  (void)gesture;
  lw_minimap_moved (&self->drag_map, &self->drag, dx, dy, &x, &y);
  lw_diagram_view_move_to (self->diagram, x, y);
}

static gboolean
key_pressed (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
             LwDiagramMinimap *self)
{
  const cairo_rectangle_t shown = lw_diagram_view_shown (self->diagram);
  double x = shown.x, y = shown.y, width, height;

  (void)controller;
  (void)code;
  lw_diagram_layout_size (lw_diagram_view_layout (self->diagram), &width, &height);
  if ((state & gtk_accelerator_get_default_mod_mask ()) != 0)
    return GDK_EVENT_PROPAGATE;
  switch (key) {
  case GDK_KEY_Up:
    y -= KEY_STEP * shown.height;
    break;
  case GDK_KEY_Down:
    y += KEY_STEP * shown.height;
    break;
  case GDK_KEY_Left:
    x -= KEY_STEP * shown.width;
    break;
  case GDK_KEY_Right:
    x += KEY_STEP * shown.width;
    break;
  case GDK_KEY_Page_Up:
    y -= shown.height;
    break;
  case GDK_KEY_Page_Down:
    y += shown.height;
    break;
  case GDK_KEY_Home:
    y = 0;
    break;
  case GDK_KEY_End:
    y = height - shown.height;
    break;
  default:
    return GDK_EVENT_PROPAGATE;
  }
  lw_diagram_view_move_to (self->diagram, x, y);
  return GDK_EVENT_STOP;
}

/* --- set-up ----------------------------------------------------------------------------------- */

GtkWidget *
lw_diagram_minimap_new (LwDiagramView *diagram)
{
  LwDiagramMinimap *self = g_object_new (LW_TYPE_DIAGRAM_MINIMAP, NULL);

  self->diagram = diagram;
  g_signal_connect_object (diagram, "moved", G_CALLBACK (moved), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (diagram, "found", G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
  moved (self);
  return GTK_WIDGET (self);
}

static void
lw_diagram_minimap_class_init (LwDiagramMinimapClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->measure = lw_diagram_minimap_measure;
  widget_class->snapshot = lw_diagram_minimap_snapshot;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
lw_diagram_minimap_init (LwDiagramMinimap *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update), self);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (widget, keys);
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_valign (widget, GTK_ALIGN_END);
  gtk_widget_set_halign (widget, GTK_ALIGN_START);
  gtk_widget_set_margin_start (widget, MARGIN);
  gtk_widget_set_margin_end (widget, MARGIN);
  gtk_widget_set_margin_bottom (widget, MARGIN);
  gtk_widget_add_css_class (widget, "lw-minimap");
  gtk_widget_set_tooltip_text (widget, _ ("Drag to move the view"));
  lw_name_widget (widget, _ ("Overview of the diagram"));
}
