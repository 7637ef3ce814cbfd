#include "ui/onnx-predict.h"

#include "ui/layer-picker.h"
#include "ui/onnx-accuracy.h"
#include "ui/unit-panel.h"

#define COMPACT_WIDTH 930 /* as the Inspect page's */

struct _LwOnnxPredict {
  GtkWidget parent;
  GtkWidget *column, *choices, *picker, *maps, *unit;
  bool compact;
  guint arrange_id;
};

G_DEFINE_FINAL_TYPE (LwOnnxPredict, lw_onnx_predict, GTK_TYPE_WIDGET)

static void
layer_picked (LwOnnxPredict *self)
{
  lw_feature_maps_view_set_layer (LW_FEATURE_MAPS_VIEW (self->maps),
                                  lw_layer_picker_layer (LW_LAYER_PICKER (self->picker)));
}

static gboolean
move_layer (GtkWidget *widget, GVariant *by, gpointer data)
{
  (void)data;
  lw_layer_picker_move (LW_LAYER_PICKER (LW_ONNX_PREDICT (widget)->picker),
                        g_variant_get_int32 (by));
  return TRUE;
}

LwOnnxChoices *
lw_onnx_predict_choices (LwOnnxPredict *self)
{
  return LW_ONNX_CHOICES (self->choices);
}

LwFeatureMapsView *
lw_onnx_predict_maps (LwOnnxPredict *self)
{
  return LW_FEATURE_MAPS_VIEW (self->maps);
}

/* --- narrow windows --------------------------------------------------------------------------- */

static gboolean
arrange (gpointer data)
{
  LwOnnxPredict *self = LW_ONNX_PREDICT (data);

  self->arrange_id = 0;
  lw_feature_maps_view_set_compact (LW_FEATURE_MAPS_VIEW (self->maps), self->compact);
  lw_unit_panel_set_open (LW_UNIT_PANEL (self->unit), !self->compact);
  return G_SOURCE_REMOVE;
}

static void
lw_onnx_predict_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  LwOnnxPredict *self = LW_ONNX_PREDICT (widget);
  const bool compact = width < COMPACT_WIDTH;
  int least;

  /* Not in the midst of an allocation, when no least width may change. */
  if (compact != self->compact && self->arrange_id == 0)
    self->arrange_id = g_idle_add_full (GDK_PRIORITY_REDRAW - 1, arrange, self, NULL);
  self->compact = compact;
  gtk_widget_measure (self->column, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
  gtk_widget_size_allocate (self->column, &(GtkAllocation){ 0, 0, MAX (width, least), height },
                            baseline);
}

static void
lw_onnx_predict_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                         int *natural, int *minimum_baseline, int *natural_baseline)
{
  gtk_widget_measure (LW_ONNX_PREDICT (widget)->column, orientation, for_size, minimum, natural,
                      minimum_baseline, natural_baseline);
}

/* --- set-up ----------------------------------------------------------------------------------- */

GtkWidget *
lw_onnx_predict_new (LwWorkbench *workbench)
{
  LwOnnxPredict *self = g_object_new (LW_TYPE_ONNX_PREDICT, NULL);
  LwFeatureMapsView *maps;

  self->maps = lw_feature_maps_view_new (workbench);
  maps = LW_FEATURE_MAPS_VIEW (self->maps);
  self->unit = lw_unit_panel_new (workbench, maps);
  gtk_box_append (lw_feature_maps_view_slot (maps), self->unit);
  gtk_widget_set_vexpand (self->maps, TRUE);
  self->choices = lw_onnx_choices_new (workbench, lw_feature_maps_view_source (maps));
  self->picker = lw_layer_picker_new (workbench, LW_LAYERS_WITH_MAPS, true);
  g_signal_connect_swapped (self->picker, "picked", G_CALLBACK (layer_picked), self);
  lw_onnx_choices_add (LW_ONNX_CHOICES (self->choices), self->picker);
  gtk_box_append (GTK_BOX (self->column), self->choices);
  gtk_box_append (GTK_BOX (self->column), lw_onnx_accuracy_new (workbench));
  gtk_box_append (GTK_BOX (self->column), self->maps);
  layer_picked (self);
  return GTK_WIDGET (self);
}

static void
lw_onnx_predict_dispose (GObject *object)
{
  LwOnnxPredict *self = LW_ONNX_PREDICT (object);

  g_clear_handle_id (&self->arrange_id, g_source_remove);
  g_clear_pointer (&self->column, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_onnx_predict_parent_class)->dispose (object);
}

static void
lw_onnx_predict_class_init (LwOnnxPredictClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_onnx_predict_dispose;
  widget_class->size_allocate = lw_onnx_predict_size_allocate;
  widget_class->measure = lw_onnx_predict_measure;
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Page_Up, 0, move_layer, "i", -1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Page_Down, 0, move_layer, "i", 1);
}

static void
lw_onnx_predict_init (LwOnnxPredict *self)
{
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
}
