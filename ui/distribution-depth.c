#include "ui/distribution-depth.h"

#include "ui/draw/depth-chart.h"

#include <glib/gi18n.h>
#include <math.h>

struct _LwDistributionDepth {
  GtkWidget parent;
  LwWorkbench *workbench;
  LwText *text;
  LwDistributionPicture picture;
  int *rows; /* those with weights, in order */
  int n_rows;
  const char **names;
  GPtrArray *full; /* with their blocks */
  double *values[2];
  char *title, *titles[2];
  int hovered;
};

G_DEFINE_FINAL_TYPE (LwDistributionDepth, lw_distribution_depth, GTK_TYPE_WIDGET)

static const LwTheme *
theme_now (void)
{
  return lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
}

static void
forget (LwDistributionDepth *self)
{
  g_clear_pointer (&self->rows, g_free);
  g_clear_pointer (&self->names, g_free);
  g_ptr_array_set_size (self->full, 0);
  g_clear_pointer (&self->title, g_free);
  for (int i = 0; i < 2; i++) {
    g_clear_pointer (&self->values[i], g_free);
    g_clear_pointer (&self->titles[i], g_free);
  }
  self->n_rows = 0;
  self->hovered = -1;
}

static int
marked_layer (LwDistributionDepth *self)
{
  const int row =
      self->picture.set != NULL
          ? lw_distribution_set_find (self->picture.set, lw_workbench_layer (self->workbench), NULL)
          : -1;

  for (int i = 0; i < self->n_rows; i++)
    if (self->rows[i] == row)
      return i;
  return -1;
}

typedef struct {
  LwDepthLine lines[2];
  LwDepthChart chart;
  cairo_rectangle_t place;
} Picture;

static void
chart_now (LwDistributionDepth *self, const LwTheme *theme, Picture *ret)
{
  const bool two = self->values[1] != NULL;

  for (int i = 0; i < (two ? 2 : 1); i++)
    ret->lines[i] = (LwDepthLine){ .name = self->titles[i],
                                   .values = self->values[i],
                                   .colour = theme->series[i == 0 ? 0 : 3],
                                   .dash = i == 0 ? 0 : 2,
                                   .marker = LW_MARKER_CIRCLE };
  ret->chart = (LwDepthChart){ .title = self->title,
                               .layers = self->names,
                               .full = (const char *const *)self->full->pdata,
                               .n_layers = self->n_rows,
                               .lines = ret->lines,
                               .n_lines = self->n_rows == 0 ? 0
                                          : two             ? 2
                                                            : 1,
                               .marked = marked_layer (self),
                               .hovered = self->hovered,
                               .ground = theme->canvas };
  ret->place = (cairo_rectangle_t){ 12, 6, gtk_widget_get_width (GTK_WIDGET (self)) - 20.0,
                                    gtk_widget_get_height (GTK_WIDGET (self)) - 10.0 };
}

static void
lw_distribution_depth_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwDistributionDepth *self = LW_DISTRIBUTION_DEPTH (widget);
  const int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  Picture picture;
  cairo_t *cr;

  if (width < 1 || height < 1 || self->title == NULL)
    return;
  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (widget));
  chart_now (self, theme_now (), &picture);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  lw_depth_chart_paint (cr, theme_now (), self->text, &picture.chart, picture.place);
  cairo_destroy (cr);
}

static void
describe (LwDistributionDepth *self)
{
  g_autofree char *words = NULL;
  Picture picture;

  chart_now (self, theme_now (), &picture);
  words = lw_depth_chart_describe (&picture.chart);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words,
                                  -1);
}

static void
read_values (LwDistributionDepth *self)
{
  const LwDistributionSet *set = self->picture.set, *other = self->picture.other;
  const double *norms = lw_distribution_set_norms (set);
  const int n = lw_distribution_set_n_rows (set);

  self->rows = g_new (int, MAX (n, 1));
  self->names = g_new0 (const char *, (gsize)MAX (n, 1));
  self->values[0] = g_new (double, MAX (n, 1));
  self->values[1] = other != NULL ? g_new (double, MAX (n, 1)) : NULL;
  for (int i = 0; i < n; i++) {
    if (isnan (norms[i]))
      continue;
    self->rows[self->n_rows] = i;
    self->names[self->n_rows] = lw_distribution_set_name (set, i);
    g_ptr_array_add (self->full,
                     lw_distribution_set_place (set, i)[0] == '\0'
                         ? g_strdup (self->names[self->n_rows])
                         : g_strdup_printf ("%s · %s", lw_distribution_set_place (set, i),
                                            self->names[self->n_rows]));
    self->values[0][self->n_rows] = norms[i];
    if (other != NULL)
      self->values[1][self->n_rows] =
          self->picture.other_rows[i] >= 0
              ? lw_distribution_set_norms (other)[self->picture.other_rows[i]]
              : (double)NAN;
    self->n_rows++;
  }
}

void
lw_distribution_depth_show (LwDistributionDepth *self, const LwDistributionPicture *picture)
{
  LwDistributionMoment newest;
  g_autofree char *moment = NULL;

  forget (self);
  self->picture = picture != NULL ? *picture : (LwDistributionPicture){ 0 };
  if (self->picture.set != NULL) {
    read_values (self);
    lw_distribution_set_moments (self->picture.set, &newest);
    moment = lw_distribution_moment_words (&newest);
    self->title = g_strdup_printf (_ ("Gradient norm by depth, %s"), moment);
    for (int i = 0; i < (self->picture.other != NULL ? 2 : 1); i++)
      self->titles[i] = g_strdup (lw_run_item_title (
          lw_distribution_set_run (lw_distribution_picture_set (&self->picture, i))));
    describe (self);
  }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static int
layer_at (LwDistributionDepth *self, double x, double y)
{
  Picture picture;

  if (self->title == NULL)
    return -1;
  chart_now (self, theme_now (), &picture);
  return lw_depth_chart_at (&picture.chart, picture.place, x, y);
}

static void
motion (GtkEventControllerMotion *controller, double x, double y, LwDistributionDepth *self)
{
  (void)controller;
  self->hovered = layer_at (self, x, y);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
leave (GtkEventControllerMotion *controller, LwDistributionDepth *self)
{
  (void)controller;
  self->hovered = -1;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
pressed (GtkGestureClick *gesture, int n, double x, double y, LwDistributionDepth *self)
{
  const int layer = layer_at (self, x, y);

  (void)gesture;
  (void)n;
  if (layer >= 0)
    lw_workbench_select_layer (self->workbench,
                               lw_distribution_set_row_node (self->picture.set, self->rows[layer]));
}

static void
lw_distribution_depth_finalize (GObject *object)
{
  LwDistributionDepth *self = LW_DISTRIBUTION_DEPTH (object);

  forget (self);
  g_ptr_array_unref (self->full);
  lw_text_free (self->text);
  G_OBJECT_CLASS (lw_distribution_depth_parent_class)->finalize (object);
}

static void
lw_distribution_depth_class_init (LwDistributionDepthClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_distribution_depth_finalize;
  GTK_WIDGET_CLASS (klass)->snapshot = lw_distribution_depth_snapshot;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_IMG);
}

static void
lw_distribution_depth_init (LwDistributionDepth *self)
{
  GtkEventController *pointer = gtk_event_controller_motion_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  self->text = lw_text_new (NULL, NULL);
  self->full = g_ptr_array_new_with_free_func (g_free);
  self->hovered = -1;
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Gradient norm by depth"), -1);
  g_signal_connect (pointer, "motion", G_CALLBACK (motion), self);
  g_signal_connect (pointer, "leave", G_CALLBACK (leave), self);
  gtk_widget_add_controller (GTK_WIDGET (self), pointer);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}

GtkWidget *
lw_distribution_depth_new (LwWorkbench *workbench)
{
  LwDistributionDepth *self = g_object_new (LW_TYPE_DISTRIBUTION_DEPTH, NULL);

  self->workbench = workbench;
  g_signal_connect_object (workbench, "layer-selected", G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
