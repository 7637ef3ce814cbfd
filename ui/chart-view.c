#include "ui/chart-view.h"

#include "ui/draw/export.h"
#include "ui/run-picture.h"

#include <glib/gi18n.h>
#include <math.h>

struct _LwChartView {
  GtkWidget parent;
  LwRunItem *run;
  gulong synced_id;
  LwText *text;
  LwSmoothing *smoothing[LW_N_CURVES];
  double weight;
  bool log_loss, log_chosen;

  double x_min, x_max; /* the zoom; NAN: fit */
  double rule_x, pointer_y;
  double drag_from, drag_to; /* pixels while a zoom is dragged; NAN: none */
  int described_epoch;
};

G_DEFINE_FINAL_TYPE (LwChartView, lw_chart_view, GTK_TYPE_WIDGET)

enum { PROP_ZOOMED = 1 };
static GParamSpec *zoomed_property;

static void
fill (LwChartView *self, const LwTheme *theme, LwRunPicture *picture)
{
  const LwRunPictureOptions options = { .run = self->run,
                                        .smoothing = self->smoothing,
                                        .log_loss = self->log_loss,
                                        .log_chosen = self->log_chosen,
                                        .x_min = self->x_min,
                                        .x_max = self->x_max,
                                        .rule_x = self->rule_x,
                                        .pointer_y = self->pointer_y };

  lw_run_picture_fill (picture, &options, theme);
}

static cairo_rectangle_t
area_of (LwChartView *self)
{
  return (cairo_rectangle_t){ 0, 0, gtk_widget_get_width (GTK_WIDGET (self)),
                              gtk_widget_get_height (GTK_WIDGET (self)) };
}

/* The picture as it is now, and where its parts lie. */
static void
layout_now (LwChartView *self, LwRunPicture *picture, LwChartLayout *layout)
{
  fill (self, lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ())), picture);
  picture->stack.bounds = area_of (self);
  lw_charts_layout (&picture->stack, self->text, area_of (self), layout);
}

static void
lw_chart_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwChartView *self = LW_CHART_VIEW (widget);
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  const cairo_rectangle_t area = area_of (self);
  LwRunPicture picture = { 0 };
  LwChartLayout layout;
  cairo_t *cr;

  if (area.width < 1 || area.height < 1)
    return;
  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (widget));
  layout_now (self, &picture, &layout);
  cr = gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT (0, 0, (float)area.width, (float)area.height));
  lw_charts_paint (cr, theme, self->text, &picture.stack, &layout, theme->canvas);
  if (!isnan (self->drag_from) && layout.n_plots > 0) {
    const cairo_rectangle_t *top = &layout.plots[0].plot,
                            *last = &layout.plots[layout.n_plots - 1].plot;

    lw_set_colour (cr, theme->accent, 0.16);
    cairo_rectangle (cr, fmin (self->drag_from, self->drag_to), top->y,
                     fabs (self->drag_to - self->drag_from), last->y + last->height - top->y);
    cairo_fill (cr);
  }
  cairo_destroy (cr);
  lw_run_picture_clear (&picture);
}

/* --- pointer -----------------------------------------------------------------------------------
 */

static void
point_at (LwChartView *self, double x, double y)
{
  LwRunPicture picture = { 0 };
  LwChartLayout layout;

  layout_now (self, &picture, &layout);
  lw_run_picture_clear (&picture);
  if (self->run != NULL && layout.n_plots > 0 && x >= layout.plots[0].plot.x &&
      x <= layout.plots[0].plot.x + layout.plots[0].plot.width) {
    self->rule_x = lw_chart_data_x (&layout, x);
    self->pointer_y = y;
  } else {
    self->rule_x = NAN;
  }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
motion (GtkEventControllerMotion *controller, double x, double y, LwChartView *self)
{
  (void)controller;
  if (isnan (self->drag_from))
    point_at (self, x, y);
}

static void
leave (GtkEventControllerMotion *controller, LwChartView *self)
{
  (void)controller;
  self->rule_x = self->pointer_y = NAN;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
set_zoom (LwChartView *self, double x_min, double x_max)
{
  self->x_min = x_min;
  self->x_max = x_max;
  g_object_notify_by_pspec (G_OBJECT (self), zoomed_property);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
drag_update (GtkGestureDrag *gesture, double dx, double dy, LwChartView *self)
{
  double x, y;

  (void)dy;
  gtk_gesture_drag_get_start_point (gesture, &x, &y);
  if (fabs (dx) < 6)
    return;
  self->drag_from = x;
  self->drag_to = x + dx;
  self->rule_x = NAN;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
drag_end (GtkGestureDrag *gesture, double dx, double dy, LwChartView *self)
{
  LwRunPicture picture = { 0 };
  LwChartLayout layout;
  const double begin = fmin (self->drag_from, self->drag_to),
               end = fmax (self->drag_from, self->drag_to);

  (void)gesture;
  (void)dx;
  (void)dy;
  self->drag_from = self->drag_to = NAN;
  if (isnan (begin) || end - begin < 6)
    return;
  layout_now (self, &picture, &layout);
  lw_run_picture_clear (&picture);
  set_zoom (self, fmax (0, lw_chart_data_x (&layout, begin)), lw_chart_data_x (&layout, end));
}

static void
clicked (GtkGestureClick *gesture, int n, double x, double y, LwChartView *self)
{
  (void)gesture;
  (void)x;
  (void)y;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (n == 2)
    lw_chart_view_fit (self);
}

/* --- content -----------------------------------------------------------------------------------
 */

char *
lw_chart_view_describe (LwChartView *self)
{
  LwRunPicture picture = { 0 };
  g_autofree char *loss = NULL, *accuracy = NULL;

  fill (self, lw_theme (false), &picture);
  loss = lw_chart_describe (&picture.stack, LW_RUN_CHART_LOSS);
  accuracy = lw_chart_describe (&picture.stack, LW_RUN_CHART_ACCURACY);
  lw_run_picture_clear (&picture);
  return g_strdup_printf ("%s. %s.", loss, accuracy);
}

/* Assistive tools hear of the charts once an epoch, not at each step. */
static void
describe_when_due (LwChartView *self)
{
  const int epoch = self->run != NULL ? (int)lw_run_item_progress (self->run).epoch : -1;
  g_autofree char *words = NULL;

  if (epoch == self->described_epoch)
    return;
  self->described_epoch = epoch;
  words = lw_chart_view_describe (self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words,
                                  -1);
}

static void
synced (LwChartView *self)
{
  describe_when_due (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
lw_chart_view_set_run (LwChartView *self, LwRunItem *run)
{
  if (self->run == run)
    return;
  if (self->run != NULL)
    g_clear_signal_handler (&self->synced_id, self->run);
  g_set_object (&self->run, run);
  if (run != NULL)
    self->synced_id = g_signal_connect_swapped (run, "synced", G_CALLBACK (synced), self);
  self->rule_x = NAN;
  self->described_epoch = -2;
  describe_when_due (self);
  set_zoom (self, NAN, NAN);
}

void
lw_chart_view_set_smoothing (LwChartView *self, double weight)
{
  self->weight = weight;
  for (int i = 0; i < LW_N_CURVES; i++)
    lw_smoothing_set_weight (self->smoothing[i], weight);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
lw_chart_view_set_log_loss (LwChartView *self, bool log_loss)
{
  self->log_loss = log_loss;
  self->log_chosen = true;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

bool
lw_chart_view_log_loss (LwChartView *self)
{
  return lw_run_picture_log_loss (&(LwRunPictureOptions){
      .run = self->run, .log_loss = self->log_loss, .log_chosen = self->log_chosen });
}

void
lw_chart_view_fit (LwChartView *self)
{
  set_zoom (self, NAN, NAN);
}

bool
lw_chart_view_is_zoomed (LwChartView *self)
{
  return !isnan (self->x_max);
}

typedef struct {
  LwChartView *self;
  LwRunPicture *picture;
  char *heading, *subheading;
} Document;

#define EXPORT_WIDTH  900
#define EXPORT_HEIGHT 640

static void
paint_document (cairo_t *cr, gpointer data)
{
  const Document *document = data;

  lw_charts_paint_document (cr, document->self->text, &document->picture->stack, EXPORT_WIDTH,
                            EXPORT_HEIGHT, document->heading, document->subheading);
}

bool
lw_chart_view_export (LwChartView *self, const char *path, GError **error)
{
  LwRunPicture picture = { 0 };
  Document document = { .self = self, .picture = &picture };
  bool done;

  if (self->run == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("Choose a run in the sidebar first."));
    return false;
  }
  fill (self, lw_theme (false), &picture);
  document.heading = g_strdup (lw_run_item_title (self->run));
  g_object_get (self->run, "subtitle", &document.subheading, NULL);
  done = lw_export_picture (path, EXPORT_WIDTH, EXPORT_HEIGHT, 2, paint_document, &document, error);
  g_free (document.heading);
  g_free (document.subheading);
  lw_run_picture_clear (&picture);
  return done;
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static void
lw_chart_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  if (id == PROP_ZOOMED)
    g_value_set_boolean (value, lw_chart_view_is_zoomed (LW_CHART_VIEW (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
lw_chart_view_dispose (GObject *object)
{
  LwChartView *self = LW_CHART_VIEW (object);

  if (self->run != NULL)
    g_clear_signal_handler (&self->synced_id, self->run);
  g_clear_object (&self->run);
  G_OBJECT_CLASS (lw_chart_view_parent_class)->dispose (object);
}

static void
lw_chart_view_finalize (GObject *object)
{
  LwChartView *self = LW_CHART_VIEW (object);

  for (int i = 0; i < LW_N_CURVES; i++)
    lw_smoothing_free (self->smoothing[i]);
  lw_text_free (self->text);
  G_OBJECT_CLASS (lw_chart_view_parent_class)->finalize (object);
}

static void
lw_chart_view_class_init (LwChartViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = lw_chart_view_get_property;
  object_class->dispose = lw_chart_view_dispose;
  object_class->finalize = lw_chart_view_finalize;
  widget_class->snapshot = lw_chart_view_snapshot;
  zoomed_property =
      g_param_spec_boolean ("zoomed", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property (object_class, PROP_ZOOMED, zoomed_property);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
lw_chart_view_init (LwChartView *self)
{
  GtkEventController *pointer = gtk_event_controller_motion_new ();
  GtkGesture *drag = gtk_gesture_drag_new (), *click = gtk_gesture_click_new ();

  self->text = lw_text_new (NULL, NULL);
  self->x_min = self->x_max = self->rule_x = self->pointer_y = self->drag_from = self->drag_to =
      NAN;
  for (int i = 0; i < LW_N_CURVES; i++)
    self->smoothing[i] = lw_smoothing_new (0);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Loss and accuracy charts"), -1);
  g_signal_connect (pointer, "motion", G_CALLBACK (motion), self);
  g_signal_connect (pointer, "leave", G_CALLBACK (leave), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (drag_end), self);
  g_signal_connect (click, "pressed", G_CALLBACK (clicked), self);
  gtk_widget_add_controller (GTK_WIDGET (self), pointer);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}

GtkWidget *
lw_chart_view_new (void)
{
  return g_object_new (LW_TYPE_CHART_VIEW, NULL);
}
