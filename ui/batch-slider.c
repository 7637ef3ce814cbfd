#include "ui/batch-slider.h"

#include "engine/analysis.h"
#include "ui/accessible.h"

#include <glib/gi18n.h>
#include <math.h>

#define MOST_EXPONENT 16 /* 2¹⁶ = LW_LARGEST_BATCH */
#define LEAST_TOP     5  /* the slider goes to 32 at least */

struct _LwBatchSlider {
  GtkWidget parent;
  LwMemoryPlanner *planner;
  GtkWidget *box, *spin, *scale;
  int top;         /* exponent at the right end */
  int32_t largest; /* that the slider shows; −1: unknown */
  bool refreshing;
};

G_DEFINE_FINAL_TYPE (LwBatchSlider, lw_batch_slider, GTK_TYPE_WIDGET)

static int
exponent_above (int32_t batch)
{
  int exponent = 0;

  while (exponent < MOST_EXPONENT && (1 << exponent) < batch)
    exponent++;
  return exponent;
}

/* A number below every second power of two, counted from the right, and below 1. */
static void
mark_powers (LwBatchSlider *self)
{
  GtkScale *scale = GTK_SCALE (self->scale);

  gtk_scale_clear_marks (scale);
  for (int exponent = self->top; exponent > 1 || exponent == self->top; exponent -= 2) {
    g_autofree char *number = g_strdup_printf ("%d", 1 << exponent);

    gtk_scale_add_mark (scale, exponent, GTK_POS_BOTTOM, number);
  }
  gtk_scale_add_mark (scale, 0, GTK_POS_BOTTOM, "1");
  if (self->largest >= 0 && self->largest < LW_LARGEST_BATCH)
    gtk_scale_add_mark (scale, log2 (MAX (self->largest, 1)), GTK_POS_TOP, NULL);
}

static void
refresh (LwBatchSlider *self)
{
  const int32_t batch = lw_memory_planner_batch (self->planner);
  const int32_t largest = lw_memory_planner_largest (self->planner, LW_MODE_TRAINING);
  const int32_t shown = largest >= 0 ? largest : self->largest;
  int top;

  self->refreshing = true;
  /* One power of two above what fits, so that there is something red. */
  top = shown >= 0 ? exponent_above (MIN (shown, LW_LARGEST_BATCH - 1) + 1) : LEAST_TOP;
  top = MAX (MAX (top, exponent_above (batch)), LEAST_TOP);
  if (top != self->top || shown != self->largest) {
    self->top = top;
    self->largest = shown;
    gtk_range_set_range (GTK_RANGE (self->scale), 0, top);
    gtk_range_set_fill_level (GTK_RANGE (self->scale), shown >= 0 ? log2 (MAX (shown, 1)) : top);
    mark_powers (self);
  }
  if ((int32_t)round (exp2 (gtk_range_get_value (GTK_RANGE (self->scale)))) != batch)
    gtk_range_set_value (GTK_RANGE (self->scale), log2 (batch));
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->spin), batch);
  self->refreshing = false;
}

static void
slid (LwBatchSlider *self)
{
  if (self->refreshing)
    return;
  lw_memory_planner_set_batch (
      self->planner, (int32_t)round (exp2 (gtk_range_get_value (GTK_RANGE (self->scale)))));
  self->refreshing = true;
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->spin), lw_memory_planner_batch (self->planner));
  self->refreshing = false;
}

static void
typed (LwBatchSlider *self)
{
  if (self->refreshing)
    return;
  lw_memory_planner_set_batch (self->planner,
                               gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->spin)));
  refresh (self);
}

GtkWidget *
lw_batch_slider_new (LwMemoryPlanner *planner)
{
  LwBatchSlider *self = g_object_new (LW_TYPE_BATCH_SLIDER, NULL);

  self->planner = g_object_ref (planner);
  refresh (self);
  g_signal_connect_swapped (self->scale, "value-changed", G_CALLBACK (slid), self);
  g_signal_connect_swapped (self->spin, "value-changed", G_CALLBACK (typed), self);
  g_signal_connect_object (planner, "planned", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (planner, "limits", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

static void
lw_batch_slider_dispose (GObject *object)
{
  LwBatchSlider *self = LW_BATCH_SLIDER (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->planner);
  G_OBJECT_CLASS (lw_batch_slider_parent_class)->dispose (object);
}

static void
lw_batch_slider_class_init (LwBatchSliderClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_batch_slider_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_batch_slider_init (LwBatchSlider *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *title = gtk_label_new (_ ("Batch size"));

  self->largest = -1;
  self->spin = gtk_spin_button_new_with_range (1, LW_LARGEST_BATCH, 1);
  gtk_spin_button_set_numeric (GTK_SPIN_BUTTON (self->spin), TRUE);
  gtk_editable_set_width_chars (GTK_EDITABLE (self->spin), 5);
  gtk_editable_set_alignment (GTK_EDITABLE (self->spin), 1);
  gtk_widget_add_css_class (self->spin, "lw-number");
  lw_name_widget (self->spin, _ ("Batch size"));
  gtk_widget_add_css_class (title, "lw-strong");
  gtk_widget_set_hexpand (title, TRUE);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_box_append (GTK_BOX (head), title);
  gtk_box_append (GTK_BOX (head), self->spin);

  self->scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 0, MOST_EXPONENT, 0.25);
  gtk_scale_set_draw_value (GTK_SCALE (self->scale), FALSE);
  gtk_range_set_round_digits (GTK_RANGE (self->scale), -1);
  gtk_range_set_show_fill_level (GTK_RANGE (self->scale), TRUE);
  gtk_range_set_restrict_to_fill_level (GTK_RANGE (self->scale), FALSE);
  gtk_widget_add_css_class (self->scale, "lw-batch");
  gtk_widget_set_tooltip_text (self->scale,
                               _ ("Images in one batch; red does not fit into memory"));
  lw_name_widget (self->scale, _ ("Batch size, powers of two"));

  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  gtk_box_append (GTK_BOX (self->box), head);
  gtk_box_append (GTK_BOX (self->box), self->scale);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}
