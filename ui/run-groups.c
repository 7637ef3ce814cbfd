#include "ui/run-groups.h"

#include <math.h>

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

bool
lw_runs_differ_in_seed_only (LwRunItem *a, LwRunItem *b)
{
  g_autofree char *x = key_of (a), *y = key_of (b);

  return g_str_equal (x, y);
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
  GPtrArray *set = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; all != NULL && i < all->len; i++)
    if (all->pdata[i] == run || lw_runs_differ_in_seed_only (all->pdata[i], run))
      g_ptr_array_add (set, g_object_ref (all->pdata[i]));
  if (set->len == 0)
    g_ptr_array_add (set, g_object_ref (run));
  return set;
}

GArray *
lw_runs_mean (const GPtrArray *runs, LwCurve curve, int missing)
{
  g_autofree LwSampledCurve *curves = g_new (LwSampledCurve, MAX (runs->len, 1));

  for (guint i = 0; i < runs->len; i++) {
    const LwSeries *series = lw_run_item_series (runs->pdata[i], curve);

    curves[i] =
        (LwSampledCurve){ lw_series_x (series), lw_series_y (series), lw_series_length (series) };
  }
  return lw_mean_curve (curves, (int)runs->len, (int)runs->len - missing);
}

int
lw_runs_best_accuracy (const GPtrArray *runs, double *ret_mean, double *ret_deviation)
{
  double sum = 0, squares = 0;
  int n = 0;

  for (guint i = 0; i < runs->len; i++) {
    const LwRunProgress p = lw_run_item_progress (runs->pdata[i]);

    if (p.best_epoch > 0) {
      sum += p.best_test_accuracy;
      n++;
    }
  }
  *ret_mean = n > 0 ? sum / n : 0;
  for (guint i = 0; i < runs->len; i++) {
    const LwRunProgress p = lw_run_item_progress (runs->pdata[i]);

    if (p.best_epoch > 0)
      squares += (p.best_test_accuracy - *ret_mean) * (p.best_test_accuracy - *ret_mean);
  }
  *ret_deviation = n > 1 ? sqrt (squares / (n - 1)) : 0;
  return n;
}
