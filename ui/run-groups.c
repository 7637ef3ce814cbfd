#include "ui/run-groups.h"

/* What a run is but for its seed, as text. */
static char *
key_of (LwRunItem *run)
{
  g_autoptr (LwSettings) settings = lw_settings_copy (lw_run_item_settings (run));
  g_autofree char *json = NULL;

  settings->seed = 0;
  json = lw_settings_to_json (settings);
  return g_strdup_printf (
      "%s\n%s", lw_run_item_group (run)->id != NULL ? lw_run_item_group (run)->id : "", json);
}

static void
free_set (gpointer set)
{
  g_ptr_array_unref (set);
}

GPtrArray *
lw_runs_by_seed (const GPtrArray *runs)
{
  GPtrArray *sets = g_ptr_array_new_with_free_func (free_set);
  g_autoptr (GHashTable) of_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < runs->len; i++) {
    g_autofree char *key = key_of (runs->pdata[i]);
    /* A run without a group stands for itself: that another has its settings is chance. */
    const bool grouped = lw_run_item_group (runs->pdata[i])->id != NULL;
    GPtrArray *set = grouped ? g_hash_table_lookup (of_key, key) : NULL;

    if (set == NULL) {
      set = g_ptr_array_new_with_free_func (g_object_unref);
      g_ptr_array_add (sets, set);
      if (grouped)
        g_hash_table_insert (of_key, g_steal_pointer (&key), set);
    }
    g_ptr_array_add (set, g_object_ref (runs->pdata[i]));
  }
  return sets;
}

GPtrArray *
lw_runs_with_other_seeds (LwWorkbench *workbench, LwRunItem *run)
{
  const char *group = lw_run_item_group (run)->id;
  g_autoptr (GPtrArray) all = group != NULL ? lw_workbench_group_runs (workbench, group) : NULL;
  g_autofree char *key = all != NULL ? key_of (run) : NULL;
  GPtrArray *set = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; all != NULL && i < all->len; i++) {
    g_autofree char *other = key_of (all->pdata[i]);

    if (g_str_equal (other, key))
      g_ptr_array_add (set, g_object_ref (all->pdata[i]));
  }
  if (set->len == 0)
    g_ptr_array_add (set, g_object_ref (run));
  return set;
}
