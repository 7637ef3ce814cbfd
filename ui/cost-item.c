#include "ui/cost-item-private.h"

G_DEFINE_FINAL_TYPE (LwCostItem, lw_cost_item, G_TYPE_OBJECT)

static void
lw_cost_item_finalize (GObject *object)
{
  LwCostItem *self = LW_COST_ITEM (object);

  g_free (self->title);
  g_free (self->suffix);
  g_free (self->output);
  g_free (self->window);
  g_clear_object (&self->children);
  G_OBJECT_CLASS (lw_cost_item_parent_class)->finalize (object);
}

static void
lw_cost_item_class_init (LwCostItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_cost_item_finalize;
}

static void
lw_cost_item_init (LwCostItem *self)
{
  self->spot = LW_NO_SPOT;
  self->first = self->last = LW_NO_NODE;
}

int64_t
lw_cost_value (LwCost cost, LwCount count)
{
  switch (count) {
  case LW_COUNT_MACS:
    return cost.macs;
  case LW_COUNT_FLOPS:
    return 2 * cost.macs;
  case LW_COUNT_OPERATIONS:
    break;
  }
  return cost.operations;
}

/* --- reading --------------------------------------------------------------------------------- */

LwDiagramSpot
lw_cost_item_spot (LwCostItem *self)
{
  return self->spot;
}

const char *
lw_cost_item_title (LwCostItem *self)
{
  return self->title;
}

const char *
lw_cost_item_suffix (LwCostItem *self)
{
  return self->suffix;
}

bool
lw_cost_item_is_group (LwCostItem *self)
{
  return self->children != NULL;
}

LwKind
lw_cost_item_kind (LwCostItem *self)
{
  return self->kind;
}

const char *
lw_cost_item_output (LwCostItem *self)
{
  return self->output;
}

const char *
lw_cost_item_window (LwCostItem *self)
{
  return self->window;
}

int32_t
lw_cost_item_field (LwCostItem *self)
{
  return self->field;
}

void
lw_cost_item_nodes (LwCostItem *self, LwNodeId *ret_first, LwNodeId *ret_last)
{
  *ret_first = self->first;
  *ret_last = self->last;
}

LwCost
lw_cost_item_cost (LwCostItem *self)
{
  return self->cost;
}

GListModel *
lw_cost_item_children (LwCostItem *self)
{
  return self->children != NULL ? G_LIST_MODEL (self->children) : NULL;
}

bool
lw_cost_item_shows (LwCostItem *self, LwDiagramSpot spot)
{
  if (lw_diagram_spot_equal (self->spot, spot))
    return true;
  return self->first != self->last && spot.node >= self->first && spot.node <= self->last;
}

bool
lw_cost_item_holds (LwCostItem *self, LwDiagramSpot spot)
{
  GListModel *children = lw_cost_item_children (self);

  if (lw_cost_item_shows (self, spot))
    return true;
  for (guint i = 0; children != NULL && i < g_list_model_get_n_items (children); i++) {
    g_autoptr (LwCostItem) child = g_list_model_get_item (children, i);

    if (lw_cost_item_holds (child, spot))
      return true;
  }
  return false;
}

int
lw_cost_item_group_id (LwCostItem *self)
{
  if (self->children == NULL)
    return 0;
  return self->spot.block >= 0 ? self->spot.block : -1 - (int)self->kind;
}
