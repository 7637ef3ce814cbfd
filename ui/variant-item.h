/* LwVariantItem: a saved variant as an entry of lists. Property `name`. Main thread. */
#pragma once

#include "engine/variant.h"
#include <gio/gio.h>

G_BEGIN_DECLS

#define LW_TYPE_VARIANT_ITEM (lw_variant_item_get_type ())
G_DECLARE_FINAL_TYPE (LwVariantItem, lw_variant_item, LW, VARIANT_ITEM, GObject)

/* Takes ownership. */
LwVariantItem *lw_variant_item_new (LwVariant *variant);
const LwVariant *lw_variant_item_variant (LwVariantItem *self);
bool lw_variant_item_rename (LwVariantItem *self, const char *name, GError **error);

G_END_DECLS
