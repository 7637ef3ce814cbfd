#include "ui/sketch-pad.h"

#include "ui/accessible.h"
#include "ui/draw/shapes.h"
#include "ui/draw/tiles.h"

#include <glib/gi18n.h>
#include <math.h>

#define PIXEL     6.8 /* of the screen, for one of the canvas */
#define CANVAS    (int)(LW_SKETCH_SIDE * PIXEL)
#define THICKNESS 2.5

struct _LwSketchPad {
  GtkWidget parent;
  LwSketch *sketch;
  GtkWidget *column, *canvas, *pen, *eraser, *thickness, *undo, *clear;
  double start_x, start_y; /* of the drag, on the screen */
  double from_x, from_y;   /* of the line that is drawn */
  double mark_x, mark_y;   /* of the keys */
  bool pen_down;
};

G_DEFINE_FINAL_TYPE (LwSketchPad, lw_sketch_pad, GTK_TYPE_WIDGET)

static guint changed_signal;

static void
changed (LwSketchPad *self)
{
  gtk_widget_set_sensitive (self->undo, lw_sketch_can_undo (self->sketch));
  gtk_widget_set_sensitive (self->clear, !lw_sketch_is_empty (self->sketch));
  gtk_widget_queue_draw (self->canvas);
  g_signal_emit (self, changed_signal, 0);
}

static void
draw_canvas (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwSketchPad *self = data;
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  const LwTile tile = { .kind = LW_TILE_GREY,
                        .bytes = lw_sketch_pixels (self->sketch),
                        .rows = LW_SKETCH_SIDE,
                        .columns = LW_SKETCH_SIDE };

  lw_tile_paint (cr, theme, &tile, (cairo_rectangle_t){ 0, 0, width, height }, 6);
  if (!gtk_widget_has_focus (GTK_WIDGET (area)))
    return;
  cairo_arc (cr, self->mark_x * width / LW_SKETCH_SIDE, self->mark_y * height / LW_SKETCH_SIDE,
             self->pen_down ? 4 : 6, 0, 2 * G_PI);
  lw_set_colour (cr, lw_theme (true)->star, 1);
  cairo_set_line_width (cr, self->pen_down ? 3 : 1.5);
  cairo_stroke (cr);
}

static void
draw_line (LwSketchPad *self, double x1, double y1, double x2, double y2)
{
  lw_sketch_line (self->sketch, x1, y1, x2, y2, gtk_range_get_value (GTK_RANGE (self->thickness)),
                  gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->eraser)));
  changed (self);
}

/* --- the mouse -----------------------------------------------------------------------------------
 */

static void
to_pixels (LwSketchPad *self, double *x, double *y)
{
  *x *= LW_SKETCH_SIDE / fmax (1, gtk_widget_get_width (self->canvas));
  *y *= LW_SKETCH_SIDE / fmax (1, gtk_widget_get_height (self->canvas));
}

static void
drag_begun (GtkGestureDrag *gesture, double x, double y, LwSketchPad *self)
{
  (void)gesture;
  gtk_widget_grab_focus (self->canvas);
  self->start_x = x;
  self->start_y = y;
  to_pixels (self, &x, &y);
  self->from_x = self->mark_x = x;
  self->from_y = self->mark_y = y;
  lw_sketch_begin_stroke (self->sketch);
  draw_line (self, x, y, x, y);
}

static void
dragged (GtkGestureDrag *gesture, double dx, double dy, LwSketchPad *self)
{
  double x = self->start_x + dx, y = self->start_y + dy;

  (void)gesture;
  to_pixels (self, &x, &y);
  draw_line (self, self->from_x, self->from_y, x, y);
  self->from_x = self->mark_x = x;
  self->from_y = self->mark_y = y;
}

/* --- keys and buttons ----------------------------------------------------------------------------
 */

static gboolean
move_mark (LwSketchPad *self, double dx, double dy)
{
  const double x = CLAMP (self->mark_x + dx, 0.5, LW_SKETCH_SIDE - 0.5);
  const double y = CLAMP (self->mark_y + dy, 0.5, LW_SKETCH_SIDE - 0.5);

  if (self->pen_down)
    draw_line (self, self->mark_x, self->mark_y, x, y);
  self->mark_x = x;
  self->mark_y = y;
  gtk_widget_queue_draw (self->canvas);
  return TRUE;
}

static void
undo (LwSketchPad *self)
{
  lw_sketch_undo (self->sketch);
  changed (self);
}

static void
clear (LwSketchPad *self)
{
  lw_sketch_clear (self->sketch);
  changed (self);
}

static gboolean
key_pressed (GtkEventControllerKey *keys, guint key, guint code, GdkModifierType state,
             LwSketchPad *self)
{
  (void)keys;
  (void)code;
  if (key == GDK_KEY_z && (state & GDK_CONTROL_MASK) != 0) {
    undo (self);
    return TRUE;
  }
  if ((state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return FALSE;
  switch (key) {
  case GDK_KEY_Left:
    return move_mark (self, -1, 0);
  case GDK_KEY_Right:
    return move_mark (self, 1, 0);
  case GDK_KEY_Up:
    return move_mark (self, 0, -1);
  case GDK_KEY_Down:
    return move_mark (self, 0, 1);
  case GDK_KEY_Delete:
    clear (self);
    return TRUE;
  case GDK_KEY_space:
    self->pen_down = !self->pen_down;
    if (self->pen_down) {
      lw_sketch_begin_stroke (self->sketch);
      draw_line (self, self->mark_x, self->mark_y, self->mark_x, self->mark_y);
    }
    gtk_widget_queue_draw (self->canvas);
    return TRUE;
  default:
    return FALSE;
  }
}

static void
focus_left (LwSketchPad *self)
{
  self->pen_down = false;
  gtk_widget_queue_draw (self->canvas);
}

const LwSketch *
lw_sketch_pad_sketch (LwSketchPad *self)
{
  return self->sketch;
}

GtkWidget *
lw_sketch_pad_canvas (LwSketchPad *self)
{
  return self->canvas;
}

/* --- set-up --------------------------------------------------------------------------------------
 */

static GtkWidget *
make_canvas (LwSketchPad *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();
  GtkWidget *canvas =
      g_object_new (GTK_TYPE_DRAWING_AREA, "accessible-role", GTK_ACCESSIBLE_ROLE_IMG, "focusable",
                    TRUE, "halign", GTK_ALIGN_CENTER, NULL);

  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (canvas), CANVAS);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (canvas), CANVAS);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (canvas), draw_canvas, self, NULL);
  gtk_widget_set_cursor_from_name (canvas, "crosshair");
  gtk_widget_add_css_class (canvas, "lw-sketch");
  lw_name_widget (canvas, _ ("Drawing canvas"));
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (canvas), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
      _ ("Arrows move the pen, Space puts it down or takes it up, Delete clears"), -1);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begun), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (dragged), self);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed), self);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (focus_left), self);
  g_signal_connect_swapped (focus, "enter", G_CALLBACK (gtk_widget_queue_draw), canvas);
  gtk_widget_add_controller (canvas, GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (canvas, keys);
  gtk_widget_add_controller (canvas, focus);
  return canvas;
}

static GtkWidget *
name_tool (GtkWidget *tool, const char *name)
{
  gtk_widget_set_tooltip_text (tool, name);
  lw_name_widget (tool, name);
  gtk_widget_add_css_class (tool, "lw-narrow-button");
  return tool;
}

static GtkWidget *
make_tools (LwSketchPad *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *modes = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  self->pen = name_tool (gtk_toggle_button_new_with_label (_ ("Pen")), _ ("Draw white"));
  self->eraser = name_tool (gtk_toggle_button_new_with_label (_ ("Eraser")), _ ("Draw black"));
  gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (self->eraser), GTK_TOGGLE_BUTTON (self->pen));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->pen), TRUE);
  lw_name_widget (self->pen, _ ("Pen"));
  lw_name_widget (self->eraser, _ ("Eraser"));
  gtk_widget_add_css_class (modes, "linked");
  gtk_box_append (GTK_BOX (modes), self->pen);
  gtk_box_append (GTK_BOX (modes), self->eraser);
  self->undo =
      name_tool (gtk_button_new_from_icon_name ("edit-undo-symbolic"), _ ("Undo the last stroke"));
  self->clear =
      name_tool (gtk_button_new_from_icon_name ("edit-clear-all-symbolic"), _ ("Clear the canvas"));
  g_signal_connect_swapped (self->undo, "clicked", G_CALLBACK (undo), self);
  g_signal_connect_swapped (self->clear, "clicked", G_CALLBACK (clear), self);
  gtk_widget_set_hexpand (modes, TRUE);
  gtk_box_append (GTK_BOX (row), modes);
  gtk_box_append (GTK_BOX (row), self->undo);
  gtk_box_append (GTK_BOX (row), self->clear);
  return row;
}

static GtkWidget *
make_thickness (LwSketchPad *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *caption = gtk_label_new (_ ("Thickness"));

  gtk_widget_add_css_class (caption, "lw-caption");
  self->thickness = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 1, 8, 0.5);
  gtk_range_set_value (GTK_RANGE (self->thickness), THICKNESS);
  gtk_widget_set_hexpand (self->thickness, TRUE);
  lw_name_widget (self->thickness, _ ("Thickness of the pen, in pixels"));
  gtk_box_append (GTK_BOX (row), caption);
  gtk_box_append (GTK_BOX (row), self->thickness);
  return row;
}

GtkWidget *
lw_sketch_pad_new (void)
{
  return g_object_new (LW_TYPE_SKETCH_PAD, NULL);
}

static void
lw_sketch_pad_dispose (GObject *object)
{
  g_clear_pointer (&LW_SKETCH_PAD (object)->column, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_sketch_pad_parent_class)->dispose (object);
}

static void
lw_sketch_pad_finalize (GObject *object)
{
  lw_sketch_free (LW_SKETCH_PAD (object)->sketch);
  G_OBJECT_CLASS (lw_sketch_pad_parent_class)->finalize (object);
}

static void
lw_sketch_pad_class_init (LwSketchPadClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_sketch_pad_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_sketch_pad_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_sketch_pad_init (LwSketchPad *self)
{
  self->sketch = lw_sketch_new (LW_SKETCH_SIDE);
  self->mark_x = self->mark_y = LW_SKETCH_SIDE / 2.0;
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
  self->canvas = make_canvas (self);
  gtk_box_append (GTK_BOX (self->column), self->canvas);
  gtk_box_append (GTK_BOX (self->column), make_tools (self));
  gtk_box_append (GTK_BOX (self->column), make_thickness (self));
  gtk_widget_set_sensitive (self->undo, FALSE);
  gtk_widget_set_sensitive (self->clear, FALSE);
}
