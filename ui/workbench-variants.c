/* The saved variants: a list, the one that the draft came from, saving and deleting. */
#include "ui/workbench-private.h"

#include <glib/gi18n.h>

void
lw_workbench_read_variants (LwWorkbench *self)
{
  g_autofree char *folder = lw_variants_folder ();
  g_autoptr (GPtrArray) variants = lw_variants_read (folder, self->variant_problems);

  for (guint i = 0; i < variants->len; i++) {
    g_autoptr (LwVariantItem) item =
        lw_variant_item_new (lw_variant_copy (g_ptr_array_index (variants, i)));

    g_list_store_append (self->variants, item);
  }
}

char *
lw_workbench_variant_problem (LwWorkbench *self)
{
  return self->variant_problems->len > 0 ? g_strdup (g_ptr_array_index (self->variant_problems, 0))
                                         : NULL;
}

GListModel *
lw_workbench_variants (LwWorkbench *self)
{
  return G_LIST_MODEL (self->variants);
}

LwVariantItem *
lw_workbench_variant (LwWorkbench *self)
{
  return self->run == NULL ? self->variant : NULL;
}

void
lw_workbench_select_variant (LwWorkbench *self, LwVariantItem *item)
{
  if (lw_workbench_variant (self) == item)
    return;
  lw_workbench_take_options (self, lw_variant_item_variant (item)->options, item);
}

static gint
by_name (gconstpointer a, gconstpointer b, gpointer data)
{
  (void)data;
  return g_utf8_collate (lw_variant_item_variant (LW_VARIANT_ITEM ((gpointer)a))->name,
                         lw_variant_item_variant (LW_VARIANT_ITEM ((gpointer)b))->name);
}

/* Somebody else deleted a variant's file, and now another has its name or its file. */
static void
leave_out_like (LwWorkbench *self, const LwVariant *variant)
{
  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->variants)); i-- > 0;) {
    g_autoptr (LwVariantItem) item = g_list_model_get_item (G_LIST_MODEL (self->variants), i);
    const LwVariant *other = lw_variant_item_variant (item);

    if (g_str_equal (other->path, variant->path) || g_str_equal (other->name, variant->name))
      g_list_store_remove (self->variants, i);
  }
}

/* A new file in the folder and its item in the list, which keeps it. */
static LwVariantItem *
add (LwWorkbench *self, const char *name, const LwOptions *options, bool selected, GError **error)
{
  g_autofree char *folder = lw_variants_folder ();
  LwVariant *variant = lw_variant_save (folder, name, options, error);
  g_autoptr (LwVariantItem) item = NULL;

  if (variant == NULL)
    return NULL;
  leave_out_like (self, variant);
  item = lw_variant_item_new (variant);
  if (selected)
    g_set_object (&self->variant, item);
  g_list_store_insert_sorted (self->variants, item, by_name, NULL);
  return item;
}

LwVariantItem *
lw_workbench_save_variant (LwWorkbench *self, const char *name, GError **error)
{
  LwVariantItem *item = add (self, name, lw_workbench_knobs (self), self->run == NULL, error);

  if (item != NULL)
    lw_workbench_draft_changed (self);
  return item;
}

bool
lw_workbench_delete_variant (LwWorkbench *self, LwVariantItem *item, GError **error)
{
  guint position;

  if (!lw_variant_delete (lw_variant_item_variant (item), error))
    return false;
  if (self->variant == item)
    g_clear_object (&self->variant); /* its knobs stay, as a changed network of the book */
  if (g_list_store_find (self->variants, item, &position))
    g_list_store_remove (self->variants, position);
  lw_workbench_draft_changed (self);
  return true;
}

bool
lw_workbench_restore_variant (LwWorkbench *self, LwVariantItem *item, GError **error)
{
  const LwVariant *variant = lw_variant_item_variant (item);

  return add (self, variant->name, variant->options, false, error) != NULL;
}
