#include "ui/inspect-page.h"

#include "ui/bn-view.h"
#include "ui/distributions-view.h"
#include "ui/feature-maps-view.h"
#include "ui/layer-picker.h"
#include "ui/predictions-view.h"
#include "ui/unit-panel.h"

#include <glib/gi18n.h>

/* Below this width the views are arranged for a narrow window. */
#define COMPACT_WIDTH 930

struct _LwInspectPage {
  GtkWidget parent;
  LwWorkbench *workbench;
  GtkWidget *column, *stack, *pickers, *caption;
  GtkWidget *maps, *maps_picker, *unit;
  GtkWidget *bn, *bn_picker;
  bool compact; /* a narrow window: the pickers have no caption */
  guint arrange_id;
  GtkWidget *distributions;
  GtkWidget *predictions;
};

G_DEFINE_FINAL_TYPE (LwInspectPage, lw_inspect_page, GTK_TYPE_WIDGET)

/* NULL: the view that is shown is of the whole network. */
static LwLayerPicker *
visible_picker (LwInspectPage *self)
{
  GtkWidget *picker = gtk_stack_get_visible_child (GTK_STACK (self->pickers));

  return gtk_widget_get_visible (self->pickers) ? LW_LAYER_PICKER (picker) : NULL;
}

static void
view_changed (LwInspectPage *self)
{
  const char *name = gtk_stack_get_visible_child_name (GTK_STACK (self->stack));
  GtkWidget *picker = gtk_stack_get_child_by_name (GTK_STACK (self->pickers), name);

  /* Where there is nothing to choose from, a page says so. */
  const bool any = picker != NULL && lw_layer_picker_n_layers (LW_LAYER_PICKER (picker)) > 0;

  gtk_widget_set_visible (self->pickers, any);
  gtk_widget_set_visible (self->caption, any && !self->compact);
  if (picker != NULL)
    gtk_stack_set_visible_child (GTK_STACK (self->pickers), picker);
}

static void
maps_layer_picked (LwInspectPage *self)
{
  lw_feature_maps_view_set_layer (LW_FEATURE_MAPS_VIEW (self->maps),
                                  lw_layer_picker_layer (LW_LAYER_PICKER (self->maps_picker)));
  view_changed (self);
}

static void
bn_layer_picked (LwInspectPage *self)
{
  lw_bn_view_set_layer (LW_BN_VIEW (self->bn),
                        lw_layer_picker_layer (LW_LAYER_PICKER (self->bn_picker)));
  view_changed (self);
}

static gboolean
move_layer (GtkWidget *widget, GVariant *by, gpointer data)
{
  LwLayerPicker *picker = visible_picker (LW_INSPECT_PAGE (widget));

  (void)data;
  if (picker == NULL)
    return FALSE;
  lw_layer_picker_move (picker, g_variant_get_int32 (by));
  return TRUE;
}

static gboolean
arrange (gpointer data)
{
  LwInspectPage *self = LW_INSPECT_PAGE (data);

  self->arrange_id = 0;
  view_changed (self);
  gtk_stack_page_set_title (gtk_stack_get_page (GTK_STACK (self->stack), self->maps),
                            self->compact ? _ ("Maps") : _ ("Feature Maps"));
  lw_feature_maps_view_set_compact (LW_FEATURE_MAPS_VIEW (self->maps), self->compact);
  lw_unit_panel_set_open (LW_UNIT_PANEL (self->unit), !self->compact);
  lw_bn_view_set_compact (LW_BN_VIEW (self->bn), self->compact);
  lw_predictions_view_set_compact (LW_PREDICTIONS_VIEW (self->predictions), self->compact);
  return G_SOURCE_REMOVE;
}

/* Called in the midst of allocations, when no least width may change. */
void
lw_inspect_page_set_width (LwInspectPage *self, int width)
{
  const bool compact = width < COMPACT_WIDTH;

  if (compact == self->compact)
    return;
  self->compact = compact;
  if (self->arrange_id == 0)
    self->arrange_id = g_idle_add_full (GDK_PRIORITY_REDRAW - 1, arrange, self, NULL);
}

void
lw_inspect_page_show (LwInspectPage *self, const char *view)
{
  if (gtk_stack_get_child_by_name (GTK_STACK (self->stack), view) != NULL)
    gtk_stack_set_visible_child_name (GTK_STACK (self->stack), view);
}

bool
lw_inspect_page_export_distributions (LwInspectPage *self, const char *path, GError **error)
{
  return lw_distributions_view_export (LW_DISTRIBUTIONS_VIEW (self->distributions), path, error);
}

GtkWidget *
lw_inspect_page_new (LwWorkbench *workbench)
{
  LwInspectPage *self = g_object_new (LW_TYPE_INSPECT_PAGE, NULL);
  GtkWidget *toolbar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *switcher = gtk_stack_switcher_new (),
            *space = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  self->workbench = workbench;
  self->caption = gtk_label_new (_ ("Layer"));
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));

  self->maps = lw_feature_maps_view_new (workbench);
  self->unit = lw_unit_panel_new (workbench, LW_FEATURE_MAPS_VIEW (self->maps));
  gtk_box_append (lw_feature_maps_view_slot (LW_FEATURE_MAPS_VIEW (self->maps)), self->unit);
  self->bn = lw_bn_view_new (workbench);
  self->stack = gtk_stack_new ();
  gtk_widget_set_vexpand (self->stack, TRUE);
  gtk_stack_add_titled (GTK_STACK (self->stack), self->maps, "maps", _ ("Feature Maps"));
  gtk_stack_add_titled (GTK_STACK (self->stack), self->bn, "bn", _ ("Batch Norm"));
  self->distributions = lw_distributions_view_new (workbench);
  gtk_stack_add_titled (GTK_STACK (self->stack), self->distributions, "distributions",
                        _ ("Distributions"));
  self->predictions = lw_predictions_view_new (workbench);
  gtk_stack_add_titled (GTK_STACK (self->stack), self->predictions, "predictions",
                        _ ("Predictions"));
  gtk_stack_switcher_set_stack (GTK_STACK_SWITCHER (switcher), GTK_STACK (self->stack));
  gtk_widget_set_valign (switcher, GTK_ALIGN_CENTER);
  gtk_box_layout_set_homogeneous (GTK_BOX_LAYOUT (gtk_widget_get_layout_manager (switcher)), FALSE);

  self->maps_picker = lw_layer_picker_new (workbench, LW_LAYERS_WITH_MAPS, true);
  self->bn_picker = lw_layer_picker_new (workbench, LW_LAYERS_BATCH_NORM, true);
  self->pickers = gtk_stack_new ();
  gtk_stack_set_hhomogeneous (GTK_STACK (self->pickers), FALSE);
  gtk_stack_add_named (GTK_STACK (self->pickers), self->maps_picker, "maps");
  gtk_stack_add_named (GTK_STACK (self->pickers), self->bn_picker, "bn");
  g_signal_connect_swapped (self->maps_picker, "picked", G_CALLBACK (maps_layer_picked), self);
  g_signal_connect_swapped (self->bn_picker, "picked", G_CALLBACK (bn_layer_picked), self);
  g_signal_connect_swapped (self->stack, "notify::visible-child", G_CALLBACK (view_changed), self);

  gtk_widget_add_css_class (toolbar, "lw-toolbar");
  gtk_widget_add_css_class (self->caption, "lw-caption");
  gtk_widget_set_hexpand (space, TRUE);
  gtk_box_append (GTK_BOX (toolbar), switcher);
  gtk_box_append (GTK_BOX (toolbar), space);
  gtk_box_append (GTK_BOX (toolbar), self->caption);
  gtk_box_append (GTK_BOX (toolbar), self->pickers);
  gtk_box_append (GTK_BOX (self->column), toolbar);
  gtk_box_append (GTK_BOX (self->column), self->stack);
  maps_layer_picked (self);
  bn_layer_picked (self);
  return GTK_WIDGET (self);
}

static void
lw_inspect_page_dispose (GObject *object)
{
  LwInspectPage *self = LW_INSPECT_PAGE (object);

  g_clear_handle_id (&self->arrange_id, g_source_remove);
  g_clear_pointer (&self->column, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_inspect_page_parent_class)->dispose (object);
}

static void
lw_inspect_page_class_init (LwInspectPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_inspect_page_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Page_Up, 0, move_layer, "i", -1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Page_Down, 0, move_layer, "i", 1);
}

static void
lw_inspect_page_init (LwInspectPage *self)
{
  (void)self;
}
