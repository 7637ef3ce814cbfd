#include "ui/variant-item.h"

struct _LwVariantItem {
  GObject parent;
  LwVariant *variant;
};

enum { PROP_NAME = 1 };
static GParamSpec *name_property;

G_DEFINE_FINAL_TYPE (LwVariantItem, lw_variant_item, G_TYPE_OBJECT)

LwVariantItem *
lw_variant_item_new (LwVariant *variant)
{
  LwVariantItem *self = g_object_new (LW_TYPE_VARIANT_ITEM, NULL);

  self->variant = variant;
  return self;
}

const LwVariant *
lw_variant_item_variant (LwVariantItem *self)
{
  return self->variant;
}

bool
lw_variant_item_rename (LwVariantItem *self, const char *name, GError **error)
{
  if (!lw_variant_rename (self->variant, name, error))
    return false;
  g_object_notify_by_pspec (G_OBJECT (self), name_property);
  return true;
}

static void
lw_variant_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_NAME)
    g_value_set_string (value, LW_VARIANT_ITEM (object)->variant->name);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
lw_variant_item_finalize (GObject *object)
{
  lw_variant_free (LW_VARIANT_ITEM (object)->variant);
  G_OBJECT_CLASS (lw_variant_item_parent_class)->finalize (object);
}

static void
lw_variant_item_class_init (LwVariantItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_variant_item_finalize;
  G_OBJECT_CLASS (klass)->get_property = lw_variant_item_get_property;
  name_property =
      g_param_spec_string ("name", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property (G_OBJECT_CLASS (klass), PROP_NAME, name_property);
}

static void
lw_variant_item_init (LwVariantItem *self)
{
  (void)self;
}
