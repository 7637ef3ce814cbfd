#include "ui/layer-picker.h"

#include "engine/op.h"
#include "ui/accessible.h"

#include <glib/gi18n.h>

/* A drop-down makes a row for each of its items at once, and a network may have hundreds of layers:
 * it gets them all when its list is opened, until then only the one that is chosen. */
struct _LwLayerPicker {
  GtkWidget parent;
  LwWorkbench *workbench;
  LwLayerSort sort;
  GtkWidget *box, *drop, *before, *after;
  GArray *layers; /* LwNodeId, in the order of the list */
  guint choice;   /* of `layers`, when there are any */
  bool listed;    /* the drop-down has them all */
  bool filling;
};

G_DEFINE_FINAL_TYPE (LwLayerPicker, lw_layer_picker, GTK_TYPE_WIDGET)

static guint picked_signal;

static bool
is_of_sort (LwLayerSort sort, const LwNode *node)
{
  switch (sort) {
  case LW_LAYERS_BATCH_NORM:
    return node->op == LW_OP_BATCH_NORM;
  case LW_LAYERS_WITH_MAPS:
    return node->op != LW_OP_INPUT && node->op != LW_OP_FLATTEN && node->op != LW_OP_DROPOUT;
  }
  return false;
}

static char *
layer_text (LwLayerPicker *self, LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);
  g_autofree char *shape = lw_shape_to_string (node->shape);

  if (self->sort == LW_LAYERS_BATCH_NORM)
    return g_strdup_printf (_ ("%s · %s · %d channels"), node->name, lw_node_torch_type (graph, id),
                            node->shape.c);
  return g_strdup_printf ("%s · %s · %s", node->name, lw_node_torch_type (graph, id), shape);
}

static void
show_buttons (LwLayerPicker *self)
{
  gtk_widget_set_sensitive (self->before, self->choice > 0);
  gtk_widget_set_sensitive (self->after, self->choice + 1 < self->layers->len);
}

/* The drop-down shows the choice; without emitting anything. */
static void
show_choice (LwLayerPicker *self)
{
  GtkDropDown *drop = GTK_DROP_DOWN (self->drop);
  LwGraph *graph = lw_workbench_graph (self->workbench);

  self->filling = true;
  if (self->listed) {
    gtk_drop_down_set_selected (drop, self->choice);
  } else {
    g_autoptr (GtkStringList) only = gtk_string_list_new (NULL);

    if (self->layers->len > 0)
      gtk_string_list_take (
          only, layer_text (self, graph, g_array_index (self->layers, LwNodeId, self->choice)));
    gtk_drop_down_set_model (drop, G_LIST_MODEL (only));
  }
  self->filling = false;
  gtk_widget_set_sensitive (self->drop, self->layers->len > 0);
  show_buttons (self);
}

static void
list_all (LwLayerPicker *self)
{
  LwGraph *graph = lw_workbench_graph (self->workbench);
  g_autoptr (GtkStringList) names = NULL;

  if (self->listed)
    return;
  names = gtk_string_list_new (NULL);
  for (guint i = 0; i < self->layers->len; i++)
    gtk_string_list_take (names,
                          layer_text (self, graph, g_array_index (self->layers, LwNodeId, i)));
  self->listed = true;
  self->filling = true;
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->drop), G_LIST_MODEL (names));
  self->filling = false;
  show_choice (self);
}

/* The first activation of maps shows most; else the first layer. */
static guint
first_choice (LwLayerPicker *self, LwGraph *graph)
{
  const LwNodeId marked = lw_workbench_layer (self->workbench);
  guint choice = 0;
  bool found = false;

  for (guint i = 0; i < self->layers->len; i++) {
    const LwNodeId id = g_array_index (self->layers, LwNodeId, i);
    const LwNode *node = lw_graph_node (graph, id);

    if (id == marked)
      return i;
    if (!found && lw_op_info (node->op)->kind == LW_KIND_ACTIVATION && !node->shape.flat) {
      choice = i;
      found = true;
    }
  }
  return choice;
}

static void
fill (LwLayerPicker *self)
{
  LwGraph *graph = lw_workbench_graph (self->workbench);

  g_array_set_size (self->layers, 0);
  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++)
    if (is_of_sort (self->sort, lw_graph_node (graph, id)))
      g_array_append_val (self->layers, id);
  self->choice = self->layers->len > 0 ? first_choice (self, graph) : 0;
  self->listed = false;
  show_choice (self);
  g_signal_emit (self, picked_signal, 0);
}

static void
choose (LwLayerPicker *self, guint choice)
{
  if (choice == self->choice || choice >= self->layers->len)
    return;
  self->choice = choice;
  show_choice (self);
  g_signal_emit (self, picked_signal, 0);
  lw_workbench_select_layer (self->workbench, lw_layer_picker_layer (self));
}

static void
chosen (LwLayerPicker *self)
{
  if (!self->filling)
    choose (self, gtk_drop_down_get_selected (GTK_DROP_DOWN (self->drop)));
}

static void
layer_selected (LwLayerPicker *self)
{
  const LwNodeId marked = lw_workbench_layer (self->workbench);

  for (guint i = 0; i < self->layers->len; i++)
    if (g_array_index (self->layers, LwNodeId, i) == marked)
      choose (self, i);
}

LwNodeId
lw_layer_picker_layer (LwLayerPicker *self)
{
  return self->layers->len > 0 ? g_array_index (self->layers, LwNodeId, self->choice) : LW_NO_NODE;
}

int
lw_layer_picker_n_layers (LwLayerPicker *self)
{
  return (int)self->layers->len;
}

void
lw_layer_picker_move (LwLayerPicker *self, int by)
{
  const int wanted = (int)self->choice + by;

  if (wanted >= 0)
    choose (self, (guint)wanted);
}

static void
move_before (LwLayerPicker *self)
{
  lw_layer_picker_move (self, -1);
}

static void
move_after (LwLayerPicker *self)
{
  lw_layer_picker_move (self, 1);
}

static GtkWidget *
make_button (LwLayerPicker *self, const char *icon, const char *name, GCallback clicked)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, name);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect_swapped (button, "clicked", clicked, self);
  return button;
}

GtkWidget *
lw_layer_picker_new (LwWorkbench *workbench, LwLayerSort sort, bool with_buttons)
{
  LwLayerPicker *self = g_object_new (LW_TYPE_LAYER_PICKER, NULL);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  self->workbench = workbench;
  self->sort = sort;
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  self->drop = gtk_drop_down_new (
      NULL, gtk_property_expression_new (GTK_TYPE_STRING_OBJECT, NULL, "string"));
  gtk_drop_down_set_enable_search (GTK_DROP_DOWN (self->drop), TRUE);
  gtk_widget_set_valign (self->drop, GTK_ALIGN_CENTER);
  lw_name_drop_down (self->drop, _ ("Layer"));
  g_signal_connect_swapped (self->drop, "notify::selected", G_CALLBACK (chosen), self);
  /* Its one child is the button that opens the list. */
  g_signal_connect_swapped (gtk_widget_get_first_child (self->drop), "notify::active",
                            G_CALLBACK (list_all), self);
  self->before =
      make_button (self, "go-previous-symbolic", _ ("Previous layer"), G_CALLBACK (move_before));
  self->after = make_button (self, "go-next-symbolic", _ ("Next layer"), G_CALLBACK (move_after));
  gtk_widget_add_css_class (buttons, "linked");
  gtk_box_append (GTK_BOX (buttons), self->before);
  gtk_box_append (GTK_BOX (buttons), self->after);
  gtk_widget_set_visible (buttons, with_buttons);
  gtk_box_append (GTK_BOX (self->box), self->drop);
  gtk_box_append (GTK_BOX (self->box), buttons);
  g_signal_connect_object (workbench, "selection-changed", G_CALLBACK (fill), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "layer-selected", G_CALLBACK (layer_selected), self,
                           G_CONNECT_SWAPPED);
  fill (self);
  return GTK_WIDGET (self);
}

static void
lw_layer_picker_dispose (GObject *object)
{
  g_clear_pointer (&LW_LAYER_PICKER (object)->box, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_layer_picker_parent_class)->dispose (object);
}

static void
lw_layer_picker_finalize (GObject *object)
{
  g_array_unref (LW_LAYER_PICKER (object)->layers);
  G_OBJECT_CLASS (lw_layer_picker_parent_class)->finalize (object);
}

static void
lw_layer_picker_class_init (LwLayerPickerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_layer_picker_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_layer_picker_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  picked_signal = g_signal_new ("picked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_layer_picker_init (LwLayerPicker *self)
{
  self->layers = g_array_new (FALSE, FALSE, sizeof (LwNodeId));
}
