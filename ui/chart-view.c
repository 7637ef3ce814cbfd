#include "ui/chart-view-private.h"

#include <glib/gi18n.h>
#include <math.h>

G_DEFINE_FINAL_TYPE (LwChartView, lw_chart_view, GTK_TYPE_WIDGET)

enum { PROP_ZOOMED = 1 };
static GParamSpec *zoomed_property;
static guint changed_signal, styles_signal;

static bool
is_dark (void)
{
  return adw_style_manager_get_dark (adw_style_manager_get_default ());
}

void
lw_chart_view_changed (LwChartView *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, changed_signal, 0);
}

/* --- the picture -------------------------------------------------------------------------------
 */

static LwRunPictureOptions
options_now (LwChartView *self)
{
  return (LwRunPictureOptions){ .entries = self->entries,
                                .by_role = self->by_role,
                                .curves = self->curves,
                                .styles = (const LwChartStyle *)(const void *)self->styles->data,
                                .axes = self->axes,
                                .x = self->x,
                                .range = self->zoom.range,
                                .rule_x = self->rule_x,
                                .pointer_y = self->pointer_y,
                                .pinned = self->pinned,
                                .highlighted = self->highlighted,
                                .no_legend = self->only != 0,
                                .only = self->only,
                                .queues = self->queues };
}

static gboolean
catch_up (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  (void)clock;
  (void)data;
  LW_CHART_VIEW (widget)->catch_up_id = 0;
  gtk_widget_queue_draw (widget);
  return G_SOURCE_REMOVE;
}

/* What is too much for a frame is taken in by the next ones. */
static void
update_entries (LwChartView *self)
{
  bool done = true;

  for (guint i = 0; i < self->entries->len; i++)
    done = lw_chart_entry_update (self->entries->pdata[i]) && done;
  if (!done && self->catch_up_id == 0)
    self->catch_up_id = gtk_widget_add_tick_callback (GTK_WIDGET (self), catch_up, NULL, NULL);
}

void
lw_chart_view_fill_for (LwChartView *self, const LwTheme *theme, bool no_legend,
                        LwRunPicture *picture)
{
  LwRunPictureOptions options = options_now (self);

  options.no_legend = no_legend;
  update_entries (self);
  lw_run_picture_fill (picture, &options, theme);
}

void
lw_chart_view_fill (LwChartView *self, const LwTheme *theme, LwRunPicture *picture)
{
  lw_chart_view_fill_for (self, theme, self->only != 0, picture);
}

static cairo_rectangle_t
area_of (LwChartView *self)
{
  return (cairo_rectangle_t){ 0, 0, gtk_widget_get_width (GTK_WIDGET (self)),
                              gtk_widget_get_height (GTK_WIDGET (self)) };
}

void
lw_chart_view_lay_out (LwChartView *self, LwRunPicture *picture, LwChartLayout *layout)
{
  lw_chart_view_fill (self, lw_theme (is_dark ()), picture);
  picture->stack.bounds = area_of (self);
  lw_charts_layout (&picture->stack, self->text, area_of (self), layout);
}

/* What a drag has marked, through all charts. */
static void
paint_drag (LwChartView *self, cairo_t *cr, const LwTheme *theme)
{
  const cairo_rectangle_t *top = &self->layout.plots[0].plot;
  const cairo_rectangle_t *last = &self->layout.plots[self->layout.n_plots - 1].plot;
  const double left = fmax (fmin (self->drag_from, self->drag_to), top->x);
  const double right = fmin (fmax (self->drag_from, self->drag_to), top->x + top->width);

  lw_set_colour (cr, theme->accent, 0.16);
  cairo_rectangle (cr, left, top->y, fmax (right - left, 0), last->y + last->height - top->y);
  cairo_fill (cr);
}

/* Around the widget, where its margins leave room. */
static void
paint_focus (LwChartView *self, GtkSnapshot *snapshot, const LwTheme *theme,
             const cairo_rectangle_t *area)
{
  cairo_t *cr;

  if (!gtk_widget_has_visible_focus (GTK_WIDGET (self)))
    return;
  cr = gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT (-14, -14, (float)area->width + 28, (float)area->height + 28));
  lw_paint_selection (cr, theme, -6, 2, area->width + 12, area->height - 4, 6, 0);
  cairo_destroy (cr);
}

static void
lw_chart_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwChartView *self = LW_CHART_VIEW (widget);
  const LwTheme *theme = lw_theme (is_dark ());
  const cairo_rectangle_t area = area_of (self);
  LwRunPicture picture = { 0 };
  cairo_t *cr;

  if (area.width < 1 || area.height < 1)
    return;
  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (widget));
  lw_chart_view_lay_out (self, &picture, &self->layout);
  cr = gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT (0, 0, (float)area.width, (float)area.height));
  lw_charts_paint (cr, theme, self->text, &picture.stack, &self->layout, theme->canvas);
  if (!isnan (self->drag_from) && self->layout.n_plots > 0)
    paint_drag (self, cr, theme);
  cairo_destroy (cr);
  paint_focus (self, snapshot, theme, &area);
  lw_run_picture_clear (&picture);
}

int
lw_chart_view_key_at (LwChartView *self, double x, double y)
{
  LwRunPicture picture = { 0 };
  int chart, line, key = -1;

  lw_chart_view_fill (self, lw_theme (is_dark ()), &picture);
  if (lw_charts_legend_at (&picture.stack, &self->layout, self->text, x, y, &chart, &line))
    key = picture.keys[chart][line];
  lw_run_picture_clear (&picture);
  return key;
}

/* --- how it is drawn ---------------------------------------------------------------------------
 */

void
lw_chart_view_set_smoothing (LwChartView *self, double weight)
{
  weight = isnan (weight) ? 0 : CLAMP (weight, 0, 0.999);
  if (weight == self->weight)
    return;
  self->weight = weight;
  for (guint i = 0; i < self->entries->len; i++)
    lw_chart_entry_set_smoothing (self->entries->pdata[i], weight);
  lw_chart_view_changed (self);
}

void
lw_chart_view_set_only (LwChartView *self, LwRunChart chart)
{
  self->only = 1 + (int)chart;
  lw_chart_view_changed (self);
}

double
lw_chart_view_smoothing (LwChartView *self)
{
  return self->weight;
}

void
lw_chart_view_set_x (LwChartView *self, LwChartX x)
{
  self->x_chosen = true;
  lw_chart_view_use_x (self, x);
  lw_chart_view_changed (self);
}

LwChartX
lw_chart_view_x (LwChartView *self)
{
  return self->x;
}

void
lw_chart_view_set_axes (LwChartView *self, const LwChartAxes *axes)
{
  const bool log_x_changed = axes->log_x != self->axes.log_x;

  self->axes = *axes;
  if (log_x_changed)
    lw_chart_view_fit (self);
  lw_chart_view_changed (self);
}

LwChartAxes
lw_chart_view_axes (LwChartView *self)
{
  LwChartAxes axes = self->axes;

  axes.loss.log = lw_chart_view_log_loss (self);
  return axes;
}

void
lw_chart_view_set_log_loss (LwChartView *self, bool log_loss)
{
  self->axes.loss.log = log_loss;
  self->axes.log_chosen = true;
  lw_chart_view_changed (self);
}

bool
lw_chart_view_log_loss (LwChartView *self)
{
  const LwRunPictureOptions options = options_now (self);

  return lw_run_picture_log_loss (&options);
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

  g_clear_pointer (&self->menu, gtk_widget_unparent);
  lw_chart_view_forget_entries (self);
  G_OBJECT_CLASS (lw_chart_view_parent_class)->dispose (object);
}

static void
lw_chart_view_finalize (GObject *object)
{
  LwChartView *self = LW_CHART_VIEW (object);

  g_ptr_array_unref (self->entries);
  g_array_unref (self->styles);
  lw_chart_zoom_clear (&self->zoom);
  lw_text_free (self->text);
  G_OBJECT_CLASS (lw_chart_view_parent_class)->finalize (object);
}

static void
lw_chart_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  LwChartView *self = LW_CHART_VIEW (widget);

  (void)width;
  (void)height;
  (void)baseline;
  if (self->menu != NULL)
    gtk_popover_present (GTK_POPOVER (self->menu));
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
  widget_class->size_allocate = lw_chart_view_size_allocate;
  zoomed_property =
      g_param_spec_boolean ("zoomed", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property (object_class, PROP_ZOOMED, zoomed_property);
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
  styles_signal = g_signal_new ("styles-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
lw_chart_view_init (LwChartView *self)
{
  self->text = lw_text_new (NULL, NULL);
  self->entries = g_ptr_array_new_with_free_func ((GDestroyNotify)lw_chart_entry_free);
  self->styles = g_array_new (FALSE, FALSE, sizeof (LwChartStyle));
  self->axes = lw_chart_axes_default ();
  self->curves = LW_CURVES_TEST;
  self->highlighted = -1;
  self->rule_x = self->pointer_x = self->pointer_y = self->drag_from = self->drag_to = NAN;
  lw_chart_zoom_init (&self->zoom);
  lw_chart_view_set_run (self, NULL);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Loss and accuracy charts"), -1);
  lw_chart_view_add_input (self);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}

GtkWidget *
lw_chart_view_new (void)
{
  return g_object_new (LW_TYPE_CHART_VIEW, NULL);
}

void
lw_chart_view_zoomed (LwChartView *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), zoomed_property);
  lw_chart_view_changed (self);
}

void
lw_chart_view_styles_changed (LwChartView *self)
{
  g_signal_emit (self, styles_signal, 0);
  lw_chart_view_changed (self);
}
