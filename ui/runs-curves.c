#include "ui/runs-curves.h"

#include "ui/accessible.h"
#include "ui/chart-toolbar.h"
#include "ui/run-groups.h"

#include <glib/gi18n.h>

struct _LwRunsCurves {
  GtkWidget parent;
  LwRunTicks *ticks;
  GtkWidget *column, *charts, *curves, *band, *smoothing;
  GPtrArray *runs;  /* LwRunItem */
  char **names;     /* of each */
  GPtrArray *shown; /* GPtrArray of LwRunItem: what each key of the legend stands for */
  bool showing;     /* what changes now is not a person's wish */
};

G_DEFINE_FINAL_TYPE (LwRunsCurves, lw_runs_curves, GTK_TYPE_WIDGET)

static LwChartCurves
chosen_curves (LwRunsCurves *self)
{
  static const LwChartCurves curves[] = { LW_CURVES_TEST, LW_CURVES_TRAIN, LW_CURVES_BOTH };
  const guint chosen = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->curves));

  return curves[MIN (chosen, 2)];
}

static GPtrArray *
one_each (const GPtrArray *runs)
{
  GPtrArray *sets = g_ptr_array_new_with_free_func ((GDestroyNotify)g_ptr_array_unref);

  for (guint i = 0; i < runs->len; i++) {
    GPtrArray *set = g_ptr_array_new_with_free_func (g_object_unref);

    g_ptr_array_add (set, g_object_ref (runs->pdata[i]));
    g_ptr_array_add (sets, set);
  }
  return sets;
}

static const char *
name_of (LwRunsCurves *self, LwRunItem *run)
{
  guint place = 0;

  return g_ptr_array_find (self->runs, run, &place) ? self->names[place] : lw_run_item_title (run);
}

/* Runs with one dash have other markers, see LwChartGroup. */
static int
series_of (LwRunsCurves *self, guint entry)
{
  const int dash =
      MAX (lw_run_ticks_dash (g_ptr_array_index ((GPtrArray *)self->shown->pdata[entry], 0)), 0);
  int series = dash;

  for (guint i = 0; i < entry; i++)
    if (lw_run_ticks_dash (g_ptr_array_index ((GPtrArray *)self->shown->pdata[i], 0)) == dash)
      series += LW_RUN_COLOURS;
  return series;
}

static void
show (LwRunsCurves *self)
{
  LwChartView *view = LW_CHART_VIEW (self->charts);
  g_autoptr (GPtrArray) sets = lw_runs_by_seed (self->runs);
  const bool repeated = sets->len < self->runs->len;
  const bool band = repeated && gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->band));
  g_autofree LwChartGroup *groups = NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  g_clear_pointer (&self->shown, g_ptr_array_unref);
  self->shown = band ? g_steal_pointer (&sets) : one_each (self->runs);
  groups = g_new0 (LwChartGroup, MAX (self->shown->len, 1));
  for (guint i = 0; i < self->shown->len; i++) {
    const GPtrArray *set = self->shown->pdata[i];
    const char *name = name_of (self, set->pdata[0]);

    g_ptr_array_add (names, set->len == 1
                                ? g_strdup (name)
                                : g_strdup_printf (_ ("%s, %u seeds"),
                                                   lw_run_item_title (set->pdata[0]), set->len));
    groups[i] = (LwChartGroup){ (LwRunItem *const *)set->pdata, (int)set->len, names->pdata[i],
                                series_of (self, i) };
  }
  self->showing = true;
  lw_chart_view_set_groups (view, groups, (int)self->shown->len, chosen_curves (self));
  for (guint i = 0; i < self->shown->len; i++) {
    const int colour =
        lw_run_ticks_colour (g_ptr_array_index ((GPtrArray *)self->shown->pdata[i], 0));

    if (colour >= 0 && lw_chart_view_style (view, (int)i).colour != colour)
      lw_chart_view_set_colour (view, (int)i, colour);
  }
  self->showing = false;
  gtk_widget_set_visible (self->band, repeated);
}

void
lw_runs_curves_set_runs (LwRunsCurves *self, const GPtrArray *runs, char *const *names)
{
  g_strfreev (self->names);
  self->names = g_new0 (char *, runs->len + 1);
  g_ptr_array_set_size (self->runs, 0);
  for (guint i = 0; i < runs->len; i++) {
    self->names[i] = g_strdup (names[i]);
    g_ptr_array_add (self->runs, g_object_ref (runs->pdata[i]));
  }
  show (self);
}

static void
styles_changed (LwRunsCurves *self)
{
  LwChartView *view = LW_CHART_VIEW (self->charts);

  if (self->showing || self->shown == NULL)
    return;
  for (guint i = 0; i < self->shown->len && i < (guint)lw_chart_view_n_keys (view); i++) {
    g_autoptr (GPtrArray) set = g_ptr_array_ref (self->shown->pdata[i]);
    const int colour = lw_chart_view_style (view, (int)i).colour;

    if (lw_run_ticks_colour (set->pdata[0]) == colour)
      continue;
    for (guint r = 0; r < set->len; r++)
      lw_run_ticks_set_colour (self->ticks, set->pdata[r], colour);
    return; /* all was shown anew */
  }
}

LwChartView *
lw_runs_curves_charts (LwRunsCurves *self)
{
  return LW_CHART_VIEW (self->charts);
}

void
lw_runs_curves_set_compact (LwRunsCurves *self, bool compact)
{
  gtk_widget_set_visible (self->smoothing, !compact);
}

/* --- set-up --------------------------------------------------------------------------------------
 */

static GtkWidget *
make_toolbar (LwRunsCurves *self)
{
  const char *const names[] = { _ ("Test"), _ ("Train"), _ ("Train and test"), NULL };
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *space = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  self->curves = gtk_drop_down_new_from_strings (names);
  lw_name_drop_down (self->curves, _ ("Curves"));
  gtk_widget_set_tooltip_text (self->curves, _ ("Which curves of each run are drawn"));
  gtk_widget_set_valign (self->curves, GTK_ALIGN_CENTER);
  self->band = gtk_toggle_button_new_with_label (_ ("Seeds as a band"));
  gtk_widget_set_tooltip_text (
      self->band, _ ("Runs that differ in their seed alone: their mean in a band from the lowest "
                     "to the highest"));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->band), TRUE);
  gtk_widget_set_valign (self->band, GTK_ALIGN_CENTER);
  self->smoothing = lw_chart_smoothing_new (LW_CHART_VIEW (self->charts));
  gtk_widget_set_hexpand (space, TRUE);
  gtk_widget_add_css_class (row, "lw-toolbar");
  gtk_widget_add_css_class (row, "lw-runs-tools");
  gtk_box_append (GTK_BOX (row), self->curves);
  gtk_box_append (GTK_BOX (row), self->band);
  gtk_box_append (GTK_BOX (row), space);
  gtk_box_append (GTK_BOX (row), self->smoothing);
  gtk_box_append (GTK_BOX (row), lw_chart_x_choice_new (LW_CHART_VIEW (self->charts)));
  g_signal_connect_swapped (self->curves, "notify::selected", G_CALLBACK (show), self);
  g_signal_connect_swapped (self->band, "toggled", G_CALLBACK (show), self);
  return row;
}

GtkWidget *
lw_runs_curves_new (LwRunTicks *ticks)
{
  LwRunsCurves *self = g_object_new (LW_TYPE_RUNS_CURVES, NULL);

  self->ticks = g_object_ref (ticks);
  gtk_box_append (GTK_BOX (self->column), make_toolbar (self));
  gtk_box_append (GTK_BOX (self->column), self->charts);
  g_signal_connect_object (self->charts, "styles-changed", G_CALLBACK (styles_changed), self,
                           G_CONNECT_SWAPPED);
  show (self);
  return GTK_WIDGET (self);
}

static void
lw_runs_curves_dispose (GObject *object)
{
  LwRunsCurves *self = LW_RUNS_CURVES (object);

  g_clear_pointer (&self->column, gtk_widget_unparent);
  g_clear_object (&self->ticks);
  G_OBJECT_CLASS (lw_runs_curves_parent_class)->dispose (object);
}

static void
lw_runs_curves_finalize (GObject *object)
{
  LwRunsCurves *self = LW_RUNS_CURVES (object);

  g_ptr_array_unref (self->runs);
  g_clear_pointer (&self->shown, g_ptr_array_unref);
  g_strfreev (self->names);
  G_OBJECT_CLASS (lw_runs_curves_parent_class)->finalize (object);
}

static void
lw_runs_curves_class_init (LwRunsCurvesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_runs_curves_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_runs_curves_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_runs_curves_init (LwRunsCurves *self)
{
  self->runs = g_ptr_array_new_with_free_func (g_object_unref);
  self->names = g_new0 (char *, 1);
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->charts = lw_chart_view_new ();
  gtk_widget_set_margin_start (self->charts, 14);
  gtk_widget_set_margin_end (self->charts, 10);
  gtk_widget_set_margin_bottom (self->charts, 4);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
}
