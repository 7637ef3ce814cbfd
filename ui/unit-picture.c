#include "ui/unit-picture.h"

#include "ui/draw/unit-arithmetic.h"

#include <glib/gi18n.h>
#include <math.h>

#define RIM 5 /* room for the frame of the chosen one */

struct _LwUnitPicture {
  GtkWidget parent;
  LwText *text;
  LwGraph *graph;
  LwUnitArithmetic *arithmetic;
  int selected;
  int width; /* as it was given last: a scrolled window asks for a height without a width */
  guint resize_id;
};

G_DEFINE_FINAL_TYPE (LwUnitPicture, lw_unit_picture, GTK_TYPE_WIDGET)

enum { MOVED, FOLLOWED, BACK, N_SIGNALS };
static guint signals[N_SIGNALS];

static LwUnitFigure
figure_of (LwUnitPicture *self)
{
  return (LwUnitFigure){ .graph = self->graph,
                         .arithmetic = self->arithmetic,
                         .selected = self->selected };
}

static void
describe (LwUnitPicture *self)
{
  const LwUnitFigure figure = figure_of (self);
  g_autofree char *words =
      self->arithmetic != NULL ? lw_unit_figure_describe (&figure) : g_strdup (_ ("No values yet"));

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words,
                                  -1);
}

void
lw_unit_picture_show (LwUnitPicture *self, LwGraph *graph, LwUnitArithmetic *arithmetic)
{
  if (arithmetic == NULL || self->arithmetic == NULL ||
      arithmetic->unit.node != self->arithmetic->unit.node || graph != self->graph)
    self->selected = -1;
  if (graph != self->graph) {
    g_clear_pointer (&self->graph, lw_graph_unref);
    self->graph = lw_graph_ref (graph);
  }
  lw_unit_arithmetic_free (self->arithmetic);
  self->arithmetic = arithmetic;
  describe (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

const LwUnitArithmetic *
lw_unit_picture_arithmetic (LwUnitPicture *self)
{
  return self->arithmetic;
}

int
lw_unit_picture_term (LwUnitPicture *self)
{
  const LwUnitFigure figure = figure_of (self);
  int32_t shown[LW_UNIT_MOST_TERMS];

  if (self->arithmetic == NULL || self->selected < 0 ||
      self->selected >= lw_unit_figure_shown (&figure, shown))
    return -1;
  return shown[self->selected];
}

char *
lw_unit_picture_caption (LwUnitPicture *self)
{
  const LwUnitFigure figure = figure_of (self);

  return self->arithmetic != NULL ? lw_unit_figure_caption (&figure) : NULL;
}

char *
lw_unit_picture_text (LwUnitPicture *self)
{
  const LwUnitFigure figure = figure_of (self);

  return self->arithmetic != NULL ? lw_unit_figure_text (&figure) : NULL;
}

char *
lw_unit_picture_equation (LwUnitPicture *self)
{
  const LwUnitFigure figure = figure_of (self);

  return self->arithmetic != NULL ? lw_unit_figure_equation (&figure) : NULL;
}

/* --- the widget ----------------------------------------------------------------------------------
 */

static void
lw_unit_picture_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwUnitPicture *self = LW_UNIT_PICTURE (widget);
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  const float width = (float)gtk_widget_get_width (widget);
  const float height = (float)gtk_widget_get_height (widget);
  const LwUnitFigure figure = figure_of (self);
  cairo_t *cr;

  if (self->arithmetic == NULL || width <= 4 * RIM)
    return;
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (widget));
  cairo_translate (cr, RIM, RIM);
  lw_unit_figure_paint (cr, theme, self->text, &figure, (double)width - 2 * RIM);
  cairo_destroy (cr);
}

static GtkSizeRequestMode
lw_unit_picture_request_mode (GtkWidget *widget)
{
  (void)widget;
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
lw_unit_picture_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                         int *natural, int *minimum_baseline, int *natural_baseline)
{
  LwUnitPicture *self = LW_UNIT_PICTURE (widget);
  const LwUnitFigure figure = figure_of (self);

  *minimum_baseline = *natural_baseline = -1;
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *minimum = *natural = 240;
  else
    *minimum = *natural = self->arithmetic != NULL
                              ? (int)lw_unit_figure_height (
                                    &figure, self->text,
                                    MAX (for_size >= 0 ? for_size : self->width, 240) - 2 * RIM) +
                                    2 * RIM
                              : 0;
}

static gboolean
resize_later (gpointer data)
{
  LwUnitPicture *self = data;

  self->resize_id = 0;
  gtk_widget_queue_resize (GTK_WIDGET (self));
  return G_SOURCE_REMOVE;
}

static void
lw_unit_picture_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  LwUnitPicture *self = LW_UNIT_PICTURE (widget);

  (void)height;
  (void)baseline;
  if (width == self->width)
    return;
  self->width = width;
  if (self->resize_id == 0) /* not while one is under way */
    self->resize_id = g_idle_add_full (GDK_PRIORITY_REDRAW - 1, resize_later, self, NULL);
}

static int
shown_at (LwUnitPicture *self, double x, double y, int *ret_cell)
{
  const LwUnitFigure figure = figure_of (self);

  return self->arithmetic != NULL
             ? lw_unit_figure_at (&figure, self->text,
                                  gtk_widget_get_width (GTK_WIDGET (self)) - 2 * RIM, x - RIM,
                                  y - RIM, ret_cell)
             : -1;
}

static gboolean
query_tip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  LwUnitPicture *self = LW_UNIT_PICTURE (widget);
  const LwUnitFigure figure = figure_of (self);
  int32_t shown[LW_UNIT_MOST_TERMS];
  g_autofree char *words = NULL;
  int cell, which;

  if (self->arithmetic == NULL)
    return FALSE;
  which = keyboard ? self->selected : shown_at (self, x, y, &cell);
  if (which < 0 || which >= lw_unit_figure_shown (&figure, shown))
    return FALSE;
  words = lw_unit_figure_products (&figure, shown[which]);
  gtk_tooltip_set_text (tooltip, words);
  return TRUE;
}

static void
released (GtkGestureClick *click, int n, double x, double y, LwUnitPicture *self)
{
  const LwUnitFigure figure = figure_of (self);
  int32_t shown[LW_UNIT_MOST_TERMS];
  int cell = -1, which = shown_at (self, x, y, &cell);

  (void)click;
  (void)n;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (which < 0)
    return;
  lw_unit_figure_shown (&figure, shown);
  g_signal_emit (self, signals[FOLLOWED], 0, (int)shown[which], cell);
}

static gboolean
move (GtkWidget *widget, GVariant *by, gpointer data)
{
  int rows, columns;

  (void)data;
  g_variant_get (by, "(ii)", &rows, &columns);
  g_signal_emit (widget, signals[MOVED], 0, rows, columns);
  return TRUE;
}

static gboolean
select_term (GtkWidget *widget, GVariant *by, gpointer data)
{
  LwUnitPicture *self = LW_UNIT_PICTURE (widget);
  const LwUnitFigure figure = figure_of (self);
  int32_t shown[LW_UNIT_MOST_TERMS];
  const int n = self->arithmetic != NULL ? lw_unit_figure_shown (&figure, shown) : 0;

  (void)data;
  if (n == 0)
    return FALSE;
  self->selected = CLAMP (self->selected + g_variant_get_int32 (by), 0, n - 1);
  describe (self);
  gtk_widget_queue_draw (widget);
  return TRUE;
}

static gboolean
follow (GtkWidget *widget, GVariant *none, gpointer data)
{
  (void)none;
  (void)data;
  g_signal_emit (widget, signals[FOLLOWED], 0, lw_unit_picture_term (LW_UNIT_PICTURE (widget)), -1);
  return TRUE;
}

static gboolean
go_back (GtkWidget *widget, GVariant *none, gpointer data)
{
  (void)none;
  (void)data;
  g_signal_emit (widget, signals[BACK], 0);
  return TRUE;
}

static void
lw_unit_picture_finalize (GObject *object)
{
  LwUnitPicture *self = LW_UNIT_PICTURE (object);

  g_clear_handle_id (&self->resize_id, g_source_remove);
  lw_unit_arithmetic_free (self->arithmetic);
  g_clear_pointer (&self->graph, lw_graph_unref);
  lw_text_free (self->text);
  G_OBJECT_CLASS (lw_unit_picture_parent_class)->finalize (object);
}

static void
bind_keys (GtkWidgetClass *klass)
{
  static const struct {
    guint key, pad;
    int rows, columns;
  } arrows[] = {
    { GDK_KEY_Left, GDK_KEY_KP_Left, 0, -1 },
    { GDK_KEY_Right, GDK_KEY_KP_Right, 0, 1 },
    { GDK_KEY_Up, GDK_KEY_KP_Up, -1, 0 },
    { GDK_KEY_Down, GDK_KEY_KP_Down, 1, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (arrows); i++) {
    gtk_widget_class_add_binding (klass, arrows[i].key, 0, move, "(ii)", arrows[i].rows,
                                  arrows[i].columns);
    gtk_widget_class_add_binding (klass, arrows[i].pad, 0, move, "(ii)", arrows[i].rows,
                                  arrows[i].columns);
  }
  gtk_widget_class_add_binding (klass, GDK_KEY_Left, GDK_CONTROL_MASK, select_term, "i", -1);
  gtk_widget_class_add_binding (klass, GDK_KEY_Right, GDK_CONTROL_MASK, select_term, "i", 1);
  gtk_widget_class_add_binding (klass, GDK_KEY_Return, 0, follow, NULL);
  gtk_widget_class_add_binding (klass, GDK_KEY_KP_Enter, 0, follow, NULL);
  gtk_widget_class_add_binding (klass, GDK_KEY_BackSpace, 0, go_back, NULL);
}

static void
lw_unit_picture_class_init (LwUnitPictureClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = lw_unit_picture_finalize;
  widget_class->snapshot = lw_unit_picture_snapshot;
  widget_class->get_request_mode = lw_unit_picture_request_mode;
  widget_class->measure = lw_unit_picture_measure;
  widget_class->size_allocate = lw_unit_picture_size_allocate;
  widget_class->query_tooltip = query_tip;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  bind_keys (widget_class);
  signals[MOVED] = g_signal_new ("moved", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_INT);
  signals[FOLLOWED] = g_signal_new ("followed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_INT);
  signals[BACK] = g_signal_new ("back", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 0);
}

static void
lw_unit_picture_init (LwUnitPicture *self)
{
  GtkGesture *click = gtk_gesture_click_new ();

  self->text = lw_text_new (NULL, NULL);
  self->selected = -1;
  self->width = 700;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("How this value comes about"), -1);
  g_signal_connect (click, "released", G_CALLBACK (released), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}

GtkWidget *
lw_unit_picture_new (void)
{
  return g_object_new (LW_TYPE_UNIT_PICTURE, NULL);
}
