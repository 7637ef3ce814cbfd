#include "ui/schedule-view.h"

#include "ui/accessible.h"
#include "ui/draw/schedule-plot.h"
#include "ui/paragraph.h"

#include <glib/gi18n.h>

#define MOST_POINTS 400
#define WIDTH       420
#define HEIGHT      220
/* Of a set that is not read yet: only the shape of the curve is right. */
#define UNKNOWN_EXAMPLES 60000

struct _LwScheduleView {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  LwRunItem *run;
  gulong synced_id;
  GtkWidget *column, *area, *sentence, *log_button;
  LwText *text;
  GArray *points; /* of LwRatePoint */
  GArray *events; /* of LwEvent */
  LwSchedulePlot plot;
  bool updating, log_chosen;
};

G_DEFINE_FINAL_TYPE (LwScheduleView, lw_schedule_view, GTK_TYPE_WIDGET)

static void
draw (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwScheduleView *self = data;
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));

  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (GTK_WIDGET (area)));
  lw_schedule_plot_paint (cr, self->text, theme, &self->plot, width, height);
}

/* A run's own steps; of a draft, those of the data set. */
static LwSchedule
schedule_of (LwScheduleView *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);
  LwDataset *dataset = lw_workbench_dataset (self->workbench);
  LwSchedule schedule = { .settings = lw_workbench_settings (self->workbench) };

  if (run != NULL) {
    const LwRunProgress progress = lw_run_item_progress (run);

    schedule.changes = lw_run_item_changes (run, &schedule.n_changes);
    schedule.total_steps = progress.total_steps;
    schedule.steps_per_epoch = progress.steps_per_epoch;
  }
  if (schedule.total_steps < 1 || schedule.steps_per_epoch < 1)
    lw_settings_steps (schedule.settings,
                       dataset != NULL ? lw_dataset_size (dataset, LW_SPLIT_TRAIN)
                                       : UNKNOWN_EXAMPLES,
                       &schedule.total_steps, &schedule.steps_per_epoch);
  return schedule;
}

static void
update (LwScheduleView *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);
  const LwSchedule schedule = schedule_of (self);
  g_autofree char *words = NULL;

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  g_clear_pointer (&self->points, g_array_unref);
  self->points = lw_schedule_points (&schedule, MOST_POINTS);
  g_array_set_size (self->events, 0);
  if (schedule.n_changes > 0)
    g_array_append_vals (self->events, schedule.changes, schedule.n_changes);
  self->plot.points = (const LwRatePoint *)(void *)self->points->data;
  self->plot.n_points = (int)self->points->len;
  self->plot.events = (const LwEvent *)(void *)self->events->data;
  self->plot.n_events = self->events->len;
  self->plot.now = run != NULL ? lw_run_item_progress (run).epoch : -1;
  if (!self->log_chosen)
    self->plot.log = lw_schedule_plot_wants_log (&self->plot);
  self->updating = true;
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->log_button), self->plot.log);
  self->updating = false;
  words = lw_schedule_plot_describe (&self->plot);
  if (g_strcmp0 (words, gtk_label_get_text (GTK_LABEL (self->sentence))) != 0) {
    gtk_label_set_text (GTK_LABEL (self->sentence), words);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->area),
                                    GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words, -1);
  }
  gtk_widget_queue_draw (self->area);
}

static void
selection_changed (LwScheduleView *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);

  if (self->run != run) {
    if (self->run != NULL)
      g_clear_signal_handler (&self->synced_id, self->run);
    g_set_object (&self->run, run);
    if (run != NULL)
      self->synced_id = g_signal_connect_swapped (run, "synced", G_CALLBACK (update), self);
    self->log_chosen = false;
  }
  update (self);
}

static void
log_toggled (GtkToggleButton *button, LwScheduleView *self)
{
  if (self->updating)
    return;
  self->log_chosen = true;
  self->plot.log = gtk_toggle_button_get_active (button);
  gtk_widget_queue_draw (self->area);
}

static void
make (LwScheduleView *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *title = gtk_label_new (_ ("Learning rate over the run"));

  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_add_css_class (self->column, "lw-schedule");
  gtk_widget_add_css_class (title, "lw-strong");
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_set_hexpand (title, TRUE);
  self->log_button = gtk_toggle_button_new_with_label (_ ("Log"));
  gtk_widget_set_tooltip_text (self->log_button, _ ("Logarithmic axis for the learning rate"));
  g_signal_connect (self->log_button, "toggled", G_CALLBACK (log_toggled), self);
  gtk_box_append (GTK_BOX (head), title);
  gtk_box_append (GTK_BOX (head), self->log_button);

  self->area = g_object_new (GTK_TYPE_DRAWING_AREA, "accessible-role", GTK_ACCESSIBLE_ROLE_IMG,
                             "focusable", TRUE, NULL);
  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (self->area), WIDTH);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (self->area), HEIGHT);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->area), draw, self, NULL);
  lw_name_widget (self->area, _ ("Learning rate over the run"));
  self->sentence = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->sentence, "lw-caption");
  gtk_label_set_xalign (GTK_LABEL (self->sentence), 0);
  gtk_label_set_wrap (GTK_LABEL (self->sentence), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (self->sentence), 50);
  gtk_box_append (GTK_BOX (self->column), head);
  gtk_box_append (GTK_BOX (self->column), self->area);
  gtk_box_append (GTK_BOX (self->column), lw_paragraph_new (self->sentence, 200));
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
}

GtkWidget *
lw_schedule_view_new (LwWorkbench *workbench)
{
  LwScheduleView *self = g_object_new (LW_TYPE_SCHEDULE_VIEW, NULL);

  self->workbench = workbench;
  make (self);
  g_signal_connect_object (workbench, "selection-changed", G_CALLBACK (selection_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "draft-changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "dataset-changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self->area, G_CONNECT_SWAPPED);
  selection_changed (self);
  return GTK_WIDGET (self);
}

GtkWidget *
lw_schedule_button_new (LwWorkbench *workbench)
{
  GtkWidget *button = gtk_menu_button_new (), *popover = gtk_popover_new ();

  gtk_popover_set_child (GTK_POPOVER (popover), lw_schedule_view_new (workbench));
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (button), popover);
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "lw-train-symbolic");
  gtk_widget_set_tooltip_text (button, _ ("Draw the learning rate over the run"));
  lw_name_widget (button, _ ("Draw the learning rate over the run"));
  return button;
}

static void
lw_schedule_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (lw_schedule_view_parent_class)->map (widget);
  update (LW_SCHEDULE_VIEW (widget));
}

static void
lw_schedule_view_dispose (GObject *object)
{
  LwScheduleView *self = LW_SCHEDULE_VIEW (object);

  if (self->run != NULL)
    g_clear_signal_handler (&self->synced_id, self->run);
  g_clear_object (&self->run);
  g_clear_pointer (&self->column, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_schedule_view_parent_class)->dispose (object);
}

static void
lw_schedule_view_finalize (GObject *object)
{
  LwScheduleView *self = LW_SCHEDULE_VIEW (object);

  g_clear_pointer (&self->points, g_array_unref);
  g_array_unref (self->events);
  lw_text_free (self->text);
  G_OBJECT_CLASS (lw_schedule_view_parent_class)->finalize (object);
}

static void
lw_schedule_view_class_init (LwScheduleViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_schedule_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_schedule_view_finalize;
  GTK_WIDGET_CLASS (klass)->map = lw_schedule_view_map;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_schedule_view_init (LwScheduleView *self)
{
  self->text = lw_text_new (NULL, NULL);
  self->events = g_array_new (FALSE, FALSE, sizeof (LwEvent));
}
