#include "ui/compare-set.h"

#include <glib/gi18n.h>

struct _LwCompareSet {
  GObject parent;
  int n;
  LwOptions *options[LW_COMPARE_MOST];
  char *titles[LW_COMPARE_MOST];
  LwComparison *comparison;
  int row;
  bool *open; /* [rows] */
};

G_DEFINE_FINAL_TYPE (LwCompareSet, lw_compare_set, G_TYPE_OBJECT)

enum { CHANGED, ROW_SELECTED, N_SIGNALS };
static guint signals[N_SIGNALS];

static const char *
translated (const char *phrase)
{
  return g_dgettext (GETTEXT_PACKAGE, phrase);
}

static void
clear (LwCompareSet *self)
{
  for (int i = 0; i < LW_COMPARE_MOST; i++) {
    g_clear_pointer (&self->options[i], lw_options_free);
    g_clear_pointer (&self->titles[i], g_free);
  }
  g_clear_pointer (&self->comparison, lw_comparison_free);
  g_clear_pointer (&self->open, g_free);
  self->n = 0;
}

/* Copies of these, when all of them can be built. */
static bool
take (LwCompareSet *self, const LwOptions *const *options, int n, GError **error)
{
  LwGraph *graphs[LW_COMPARE_MOST] = { NULL };
  LwOptions *copies[LW_COMPARE_MOST] = { NULL };
  LwComparison *comparison = NULL;
  bool built = true;

  for (int i = 0; i < n && built; i++) {
    graphs[i] = lw_model_build (options[i], error);
    built = graphs[i] != NULL;
  }
  if (built)
    comparison = lw_comparison_new (graphs, n, translated, error);
  for (int i = 0; i < n; i++)
    g_clear_pointer (&graphs[i], lw_graph_unref);
  if (comparison == NULL)
    return false;
  for (int i = 0; i < n; i++) /* before the old ones go, which these may be */
    copies[i] = lw_options_copy (options[i]);
  clear (self);
  for (int i = 0; i < n; i++) {
    self->options[i] = copies[i];
    self->titles[i] = lw_compare_title (copies[i]);
  }
  self->n = n;
  self->comparison = comparison;
  self->open = g_new0 (bool, lw_comparison_n_rows (comparison));
  self->row = -1;
  g_signal_emit (self, signals[CHANGED], 0);
  return true;
}

int
lw_compare_set_n (LwCompareSet *self)
{
  return self->n;
}

const LwOptions *
lw_compare_set_options (LwCompareSet *self, int index)
{
  return self->options[index];
}

const char *const *
lw_compare_set_titles (LwCompareSet *self)
{
  return (const char *const *)self->titles;
}

const LwComparison *
lw_compare_set_comparison (LwCompareSet *self)
{
  return self->comparison;
}

const LwReadyComparison *
lw_compare_set_ready (LwCompareSet *self)
{
  return lw_ready_comparison_of (self->options, self->n);
}

void
lw_compare_set_open (LwCompareSet *self, const LwReadyComparison *ready)
{
  LwOptions *options[LW_COMPARE_MOST] = { NULL };
  int n = 0;

  for (; n < LW_COMPARE_MOST && ready->specs[n] != NULL; n++)
    options[n] = lw_compare_options (ready->specs[n], NULL);
  take (self, (const LwOptions *const *)options, n, NULL);
  for (int i = 0; i < n; i++)
    lw_options_free (options[i]);
}

bool
lw_compare_set_replace (LwCompareSet *self, int index, const LwOptions *options, GError **error)
{
  const LwOptions *next[LW_COMPARE_MOST] = { NULL };

  g_return_val_if_fail (index >= 0 && index <= self->n && index < LW_COMPARE_MOST, false);
  for (int i = 0; i < self->n; i++)
    next[i] = self->options[i];
  next[index] = options;
  return take (self, next, MAX (self->n, index + 1), error);
}

void
lw_compare_set_remove (LwCompareSet *self, int index)
{
  const LwOptions *next[LW_COMPARE_MOST] = { NULL };
  int n = 0;

  if (self->n <= 2)
    return;
  for (int i = 0; i < self->n; i++)
    if (i != index)
      next[n++] = self->options[i];
  take (self, next, n, NULL);
}

/* --- rows ----------------------------------------------------------------------------------------
 */

int
lw_compare_set_row (LwCompareSet *self)
{
  return self->row;
}

void
lw_compare_set_select (LwCompareSet *self, int row)
{
  if (row == self->row || row >= lw_comparison_n_rows (self->comparison))
    return;
  self->row = row;
  g_signal_emit (self, signals[ROW_SELECTED], 0);
}

const bool *
lw_compare_set_open_rows (LwCompareSet *self)
{
  return self->open;
}

void
lw_compare_set_toggle (LwCompareSet *self, int row)
{
  if (row < 0 || row >= lw_comparison_n_rows (self->comparison))
    return;
  self->open[row] = !self->open[row];
  g_signal_emit (self, signals[ROW_SELECTED], 0);
}

/* --- set-up --------------------------------------------------------------------------------------
 */

static void
lw_compare_set_finalize (GObject *object)
{
  clear (LW_COMPARE_SET (object));
  G_OBJECT_CLASS (lw_compare_set_parent_class)->finalize (object);
}

static void
lw_compare_set_class_init (LwCompareSetClass *klass)
{
  static const char *const names[] = { "changed", "row-selected" };

  G_OBJECT_CLASS (klass)->finalize = lw_compare_set_finalize;
  for (int i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                               NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_compare_set_init (LwCompareSet *self)
{
  const LwReadyComparison *first = lw_ready_comparison (0);

  for (int i = 0; i < lw_n_ready_comparisons (); i++)
    if (g_str_equal (lw_ready_comparison (i)->name, "alexnet-nin"))
      first = lw_ready_comparison (i);
  lw_compare_set_open (self, first);
}

LwCompareSet *
lw_compare_set_new (void)
{
  return g_object_new (LW_TYPE_COMPARE_SET, NULL);
}
