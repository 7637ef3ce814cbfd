/* Pointer, keys and tooltips of networks beside each other. */
#include "ui/compare-canvas-private.h"

#include "ui/pan-zoom.h"

static int
row_at (LwCompareCanvas *self, double x, double y, bool *ret_chevron)
{
  if (y < LW_COMPARE_LEGEND)
    return -1;
  return lw_compare_layout_hit (self->layout, self->shift, self->x + x / self->zoom,
                                self->y + (y - LW_COMPARE_LEGEND) / self->zoom, ret_chevron);
}

static void
motion (GtkEventControllerMotion *controller, double x, double y, LwCompareCanvas *self)
{
  (void)controller;
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self),
                                   row_at (self, x, y, NULL) >= 0 ? "pointer" : "default");
}

static void
released (GtkGestureClick *gesture, int n_press, double x, double y, LwCompareCanvas *self)
{
  bool chevron = false;
  const int row = row_at (self, x, y, &chevron);

  (void)gesture;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  lw_compare_set_select (self->set, row);
  if (row >= 0 && (chevron || n_press == 2))
    lw_compare_set_toggle (self->set, row);
}

static double
zoom (gpointer self)
{
  return LW_COMPARE_CANVAS (self)->zoom;
}

static void
zoom_about (gpointer self, double zoom, double x, double y)
{
  lw_compare_canvas_zoom_around (self, zoom, x, y);
}

static void
move_from (gpointer data, double x)
{
  LwCompareCanvas *self = LW_COMPARE_CANVAS (data);

  self->moved_column = lw_compare_canvas_column_at (self, x);
}

static void
move_by (gpointer data, double dx, double dy)
{
  LwCompareCanvas *self = LW_COMPARE_CANVAS (data);

  lw_compare_canvas_pan (self, dx, dy, self->moved_column);
}

static gboolean
go_to (LwCompareCanvas *self, int row)
{
  const int n = lw_comparison_n_rows (lw_compare_set_comparison (self->set));

  lw_compare_set_select (self->set, CLAMP (row, 0, n - 1));
  lw_compare_canvas_show_row (self, lw_compare_set_row (self->set));
  return GDK_EVENT_STOP;
}

static gboolean
key_pressed (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
             LwCompareCanvas *self)
{
  const int row = lw_compare_set_row (self->set);

  (void)controller;
  (void)code;
  if ((state & gtk_accelerator_get_default_mod_mask ()) != 0)
    return GDK_EVENT_PROPAGATE;
  switch (key) {
  case GDK_KEY_Up:
  case GDK_KEY_KP_Up:
  case GDK_KEY_Page_Up:
    return go_to (self, row - 1);
  case GDK_KEY_Down:
  case GDK_KEY_KP_Down:
  case GDK_KEY_Page_Down:
    return go_to (self, row + 1);
  case GDK_KEY_Home:
  case GDK_KEY_KP_Home:
    return go_to (self, 0);
  case GDK_KEY_End:
  case GDK_KEY_KP_End:
    return go_to (self, G_MAXINT / 2);
  case GDK_KEY_Return:
  case GDK_KEY_KP_Enter:
  case GDK_KEY_space:
    lw_compare_set_toggle (self->set, row);
    return GDK_EVENT_STOP;
  case GDK_KEY_Escape:
    lw_compare_set_select (self->set, -1);
    return GDK_EVENT_STOP;
  default:
    return GDK_EVENT_PROPAGATE;
  }
}

/* What differs in a row, in a few words. */
gboolean
lw_compare_canvas_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard,
                                 GtkTooltip *tooltip)
{
  LwCompareCanvas *self = LW_COMPARE_CANVAS (widget);
  const LwComparison *comparison = lw_compare_set_comparison (self->set);
  const int row = keyboard ? -1 : row_at (self, x, y, NULL);
  g_autoptr (GString) words = NULL;
  const LwCompareAspect *aspects;
  int n;

  if (row < 0)
    return FALSE;
  aspects = lw_comparison_aspects (comparison, row, &n);
  words = g_string_new (NULL);
  for (int i = 0; i < n; i++) {
    const char *last = NULL;

    if (!aspects[i].differs)
      continue;
    g_string_append_printf (words, "%s%s: ", words->len > 0 ? "\n" : "", aspects[i].title);
    for (int k = 0; k < lw_compare_set_n (self->set); k++)
      if (aspects[i].values[k] != NULL) {
        g_string_append_printf (words, "%s%s", last != NULL ? "  |  " : "", aspects[i].values[k]);
        last = aspects[i].values[k];
      }
  }
  if (words->len == 0)
    return FALSE;
  gtk_tooltip_set_text (tooltip, words->str);
  return TRUE;
}

/* --- set-up */

void
lw_compare_canvas_init_input (LwCompareCanvas *self)
{
  static const LwPanZoom pan_zoom = {
    .zoom = zoom, .zoom_about = zoom_about, .move = move_by, .move_from = move_from
  };
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *move = gtk_event_controller_motion_new (),
                     *keys = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  g_signal_connect (move, "motion", G_CALLBACK (motion), self);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed), self);
  g_signal_connect (click, "released", G_CALLBACK (released), self);
  gtk_widget_add_controller (widget, move);
  gtk_widget_add_controller (widget, keys);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  lw_pan_zoom_add (widget, &pan_zoom);
}
