/* Which runs LwChartView shows. */
#include "ui/chart-view-private.h"

#include <glib/gi18n.h>
#include <math.h>

static LwRunItem *
only_run (LwChartView *self)
{
  return self->by_role && self->entries->len > 0 &&
                 lw_chart_entry_n_runs (self->entries->pdata[0]) == 1
             ? lw_run_curves_run (lw_chart_entry_run (self->entries->pdata[0], 0))
             : NULL;
}

char *
lw_chart_view_describe (LwChartView *self)
{
  LwRunPicture picture = { 0 };
  g_autofree char *loss = NULL, *accuracy = NULL;

  lw_chart_view_fill (self, lw_theme (false), &picture);
  loss = lw_chart_describe (&picture.stack, LW_RUN_CHART_LOSS);
  accuracy = lw_chart_describe (&picture.stack, LW_RUN_CHART_ACCURACY);
  lw_run_picture_clear (&picture);
  return g_strdup_printf ("%s. %s.", loss, accuracy);
}

/* Assistive tools hear of the charts once an epoch, not at each step. */
static void
describe_when_due (LwChartView *self)
{
  LwRunItem *run = only_run (self);
  const int epoch = run != NULL ? (int)lw_run_item_progress (run).epoch : -1;
  g_autofree char *words = NULL;

  if (epoch == self->described_epoch)
    return;
  self->described_epoch = epoch;
  words = lw_chart_view_describe (self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words,
                                  -1);
}

void
lw_chart_view_use_x (LwChartView *self, LwChartX x)
{
  for (guint i = 0; i < self->entries->len; i++)
    lw_chart_entry_set_x (self->entries->pdata[i], x);
  if (x == self->x)
    return;
  self->x = x;
  self->rule_x = NAN;
  self->pinned = false;
  lw_chart_zoom_reset (&self->zoom);
  lw_chart_view_zoomed (self);
}

/* By epoch a run that diverged after seven steps would be a line at the left edge. */
static void
choose_x (LwChartView *self)
{
  LwRunItem *run = only_run (self);

  if (self->x_chosen)
    return;
  lw_chart_view_use_x (self, run != NULL && lw_run_item_state (run) == LW_RUN_DIVERGED &&
                                     lw_run_item_progress (run).epoch < 1
                                 ? LW_X_STEP
                                 : LW_X_EPOCH);
}

static void
synced (LwChartView *self)
{
  choose_x (self);
  describe_when_due (self);
  lw_chart_view_changed (self);
}

void
lw_chart_view_forget_entries (LwChartView *self)
{
  for (guint e = 0; e < self->entries->len; e++) {
    LwChartEntry *entry = self->entries->pdata[e];

    for (int r = 0; r < lw_chart_entry_n_runs (entry); r++)
      g_signal_handlers_disconnect_by_data (lw_run_curves_run (lw_chart_entry_run (entry, r)),
                                            self);
  }
  g_ptr_array_set_size (self->entries, 0);
}

static void
add_entry (LwChartView *self, const LwChartGroup *group)
{
  LwChartEntry *entry = lw_chart_entry_new (group);

  lw_chart_entry_set_x (entry, self->x);
  lw_chart_entry_set_smoothing (entry, self->weight);
  for (int i = 0; i < group->n_runs; i++)
    g_signal_connect_swapped (group->runs[i], "synced", G_CALLBACK (synced), self);
  g_ptr_array_add (self->entries, entry);
}

static void
show_anew (LwChartView *self)
{
  self->rule_x = NAN;
  self->pinned = false;
  self->highlighted = -1;
  self->described_epoch = -2;
  if (self->menu != NULL)
    gtk_popover_popdown (GTK_POPOVER (self->menu));
  lw_chart_zoom_reset (&self->zoom);
  choose_x (self);
  describe_when_due (self);
  lw_chart_view_zoomed (self);
}

static bool
same_runs (const LwChartEntry *entry, LwRunItem *const *runs, int n)
{
  if (lw_chart_entry_n_runs (entry) != n)
    return false;
  for (int r = 0; r < n; r++)
    if (lw_run_curves_run (lw_chart_entry_run (entry, r)) != runs[r])
      return false;
  return true;
}

void
lw_chart_view_set_run (LwChartView *self, LwRunItem *run)
{
  lw_chart_view_set_repeated (self, &run, run != NULL ? 1 : 0);
}

void
lw_chart_view_set_repeated (LwChartView *self, LwRunItem *const *runs, int n)
{
  if (self->by_role &&
      (self->entries->len == 0 ? n == 0 : same_runs (self->entries->pdata[0], runs, n)))
    return;
  if (!self->by_role) {
    self->by_role = true;
    g_array_set_size (self->styles, 0);
    for (int key = 0; key < 2; key++)
      g_array_append_val (self->styles, ((LwChartStyle){ .colour = key }));
  }
  lw_chart_view_forget_entries (self);
  if (n > 0)
    add_entry (self, &(LwChartGroup){ .runs = runs, .n_runs = n });
  show_anew (self);
}

void
lw_chart_view_set_queues (LwChartView *self, bool queues)
{
  if (queues == self->queues)
    return;
  self->queues = queues;
  lw_chart_view_changed (self);
}

void
lw_chart_view_set_runs (LwChartView *self, const LwChartRun *runs, int n, LwChartCurves curves)
{
  g_autofree LwChartGroup *groups = g_new0 (LwChartGroup, MAX (n, 1));

  for (int i = 0; i < n; i++)
    groups[i] = (LwChartGroup){ &runs[i].run, 1, runs[i].name, runs[i].series };
  lw_chart_view_set_groups (self, groups, n, curves);
}

static bool
same_entries (LwChartView *self, const LwChartGroup *groups, int n)
{
  if (self->by_role || self->entries->len != (guint)n)
    return false;
  for (int e = 0; e < n; e++) {
    LwChartEntry *entry = self->entries->pdata[e];

    if (!same_runs (entry, groups[e].runs, groups[e].n_runs) ||
        lw_chart_entry_series (entry) != groups[e].series)
      return false;
  }
  return true;
}

void
lw_chart_view_set_groups (LwChartView *self, const LwChartGroup *groups, int n,
                          LwChartCurves curves)
{
  const bool same = same_entries (self, groups, n);

  self->curves = curves;
  for (int i = 0; i < n && same; i++)
    lw_chart_entry_set_name (self->entries->pdata[i], &groups[i]);
  if (!same) {
    lw_chart_view_forget_entries (self);
    self->by_role = false;
    g_array_set_size (self->styles, 0);
    for (int i = 0; i < n; i++) {
      add_entry (self, &groups[i]);
      g_array_append_val (self->styles, ((LwChartStyle){ .colour = groups[i].series % 6 }));
    }
    show_anew (self);
  }
  lw_chart_view_changed (self);
}
