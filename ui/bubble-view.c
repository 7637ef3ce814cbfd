#include "ui/bubble-view.h"

#include "ui/accessible.h"

#include <glib/gi18n.h>

/* More bubbles than these are a cloud: grey ones have no words then, and the worst none at all. */
#define MOST_LABELS  16
#define MOST_BUBBLES 300

struct _LwBubbleView {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  LwText *text;
  GtkWidget *chart;
  GPtrArray *runs, *names; /* of each bubble */
  GArray *bubbles;         /* LwBubble */
  LwBubbleX x;
  int hovered;
  char *description;
};

G_DEFINE_FINAL_TYPE (LwBubbleView, lw_bubble_view, GTK_TYPE_WIDGET)

static LwBubbleChart
chart_now (LwBubbleView *self)
{
  return (LwBubbleChart){ (const LwBubble *)(const void *)self->bubbles->data,
                          (int)self->bubbles->len, self->x, self->hovered };
}

static void
draw_chart (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwBubbleView *self = data;
  const LwBubbleChart chart = chart_now (self);

  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (GTK_WIDGET (area)));
  lw_bubbles_paint (cr, &chart,
                    lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ())),
                    self->text, width, height);
}

static void
add_bubble (LwBubbleView *self, LwRunItem *run, const char *name, bool ticked, bool label)
{
  const LwRunProgress p = lw_run_item_progress (run);
  LwBubble bubble = { .name = g_strdup (name),
                      .x = { (double)lw_run_item_macs (run), (double)lw_run_item_parameters (run),
                             p.elapsed_s },
                      .accuracy = (double)p.best_test_accuracy,
                      .series = ticked ? lw_run_ticks_colour (run) : -1 };

  bubble.label = label ? bubble.name : NULL;
  g_ptr_array_add (self->names, (char *)bubble.name);
  g_ptr_array_add (self->runs, g_object_ref (run));
  g_array_append_val (self->bubbles, bubble);
}

void
lw_bubble_view_set_runs (LwBubbleView *self, const GPtrArray *runs, char *const *names,
                         guint n_ticked)
{
  LwBubbleChart chart;

  g_array_set_size (self->bubbles, 0);
  g_ptr_array_set_size (self->names, 0);
  g_ptr_array_set_size (self->runs, 0);
  self->hovered = -1;
  for (guint i = 0; i < runs->len && self->bubbles->len < MOST_BUBBLES; i++)
    if (lw_run_item_progress (runs->pdata[i]).best_epoch > 0)
      add_bubble (self, runs->pdata[i], names[i], i < n_ticked,
                  i < n_ticked || runs->len <= MOST_LABELS);
  chart = chart_now (self);
  g_free (self->description);
  self->description = lw_bubbles_describe (&chart);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->chart), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Best test accuracy by cost"),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, self->description, -1);
  gtk_widget_queue_draw (self->chart);
}

void
lw_bubble_view_set_x (LwBubbleView *self, LwBubbleX x)
{
  self->x = x;
  gtk_widget_queue_draw (self->chart);
}

const char *
lw_bubble_view_description (LwBubbleView *self)
{
  return self->description;
}

/* --- pointer -------------------------------------------------------------------------------------
 */

static int
bubble_at (LwBubbleView *self, double x, double y)
{
  const LwBubbleChart chart = chart_now (self);
  g_autofree LwBubblePlace *places = g_new0 (LwBubblePlace, MAX (chart.n, 1));
  LwBubbleScale scale;

  lw_bubbles_place (&chart, self->text, gtk_widget_get_width (self->chart),
                    gtk_widget_get_height (self->chart), &scale, places);
  return lw_bubbles_hit (places, chart.n, x, y);
}

static void
set_hovered (LwBubbleView *self, int at)
{
  if (at == self->hovered)
    return;
  self->hovered = at;
  gtk_widget_queue_draw (self->chart);
}

static void
hover (GtkEventControllerMotion *controller, double x, double y, LwBubbleView *self)
{
  (void)controller;
  set_hovered (self, bubble_at (self, x, y));
}

static void
leave (LwBubbleView *self)
{
  set_hovered (self, -1);
}

static gboolean
query_tooltip (GtkWidget *chart, int x, int y, gboolean keyboard, GtkTooltip *tooltip,
               LwBubbleView *self)
{
  const int at = keyboard ? -1 : bubble_at (self, x, y);
  g_autofree char *words = NULL;

  (void)chart;
  if (at < 0)
    return FALSE;
  words = lw_bubble_words (&g_array_index (self->bubbles, LwBubble, at));
  gtk_tooltip_set_text (tooltip, words);
  return TRUE;
}

static void
clicked (GtkGestureClick *gesture, int n_press, double x, double y, LwBubbleView *self)
{
  const int at = bubble_at (self, x, y);

  (void)gesture;
  (void)n_press;
  if (at >= 0)
    lw_workbench_select_run (self->workbench, self->runs->pdata[at]);
}

/* --- set-up --------------------------------------------------------------------------------------
 */

GtkWidget *
lw_bubble_view_new (LwWorkbench *workbench)
{
  LwBubbleView *self = g_object_new (LW_TYPE_BUBBLE_VIEW, NULL);

  self->workbench = workbench;
  return GTK_WIDGET (self);
}

static void
lw_bubble_view_dispose (GObject *object)
{
  g_clear_pointer (&LW_BUBBLE_VIEW (object)->chart, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_bubble_view_parent_class)->dispose (object);
}

static void
lw_bubble_view_finalize (GObject *object)
{
  LwBubbleView *self = LW_BUBBLE_VIEW (object);

  g_ptr_array_unref (self->runs);
  g_ptr_array_unref (self->names);
  g_array_unref (self->bubbles);
  lw_text_free (self->text);
  g_free (self->description);
  G_OBJECT_CLASS (lw_bubble_view_parent_class)->finalize (object);
}

static void
lw_bubble_view_class_init (LwBubbleViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_bubble_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_bubble_view_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_bubble_view_init (LwBubbleView *self)
{
  GtkEventController *move = gtk_event_controller_motion_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  self->text = lw_text_new (NULL, NULL);
  self->runs = g_ptr_array_new_with_free_func (g_object_unref);
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->bubbles = g_array_new (FALSE, FALSE, sizeof (LwBubble));
  self->hovered = -1;
  self->chart =
      g_object_new (GTK_TYPE_DRAWING_AREA, "accessible-role", GTK_ACCESSIBLE_ROLE_IMG, NULL);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->chart), draw_chart, self, NULL);
  gtk_widget_set_hexpand (self->chart, TRUE);
  gtk_widget_set_vexpand (self->chart, TRUE);
  gtk_widget_set_has_tooltip (self->chart, TRUE);
  gtk_widget_set_focusable (self->chart, TRUE);
  g_signal_connect (self->chart, "query-tooltip", G_CALLBACK (query_tooltip), self);
  g_signal_connect (move, "motion", G_CALLBACK (hover), self);
  g_signal_connect_swapped (move, "leave", G_CALLBACK (leave), self);
  g_signal_connect (click, "released", G_CALLBACK (clicked), self);
  gtk_widget_add_controller (self->chart, move);
  gtk_widget_add_controller (self->chart, GTK_EVENT_CONTROLLER (click));
  gtk_widget_set_parent (self->chart, GTK_WIDGET (self));
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self->chart, G_CONNECT_SWAPPED);
}
