#include "ui/run-ticks.h"

#include <string.h>

#define TICKED_AT_FIRST LW_RUN_COLOURS
#define BY_ITSELF       "newest:" /* in what is remembered */
#define SETTLE_MS       150       /* saved runs arrive a few each time */

typedef enum { UNTICKED, TICKED, TICKED_BY_ITSELF } Tick;

struct _LwRunTicks {
  GObject parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  GHashTable *ticks;      /* folder → Tick, of all that were decided */
  int64_t decided_until;  /* seconds since 1970: older runs are not ticked unless they are there */
  guint decide_id;
};

G_DEFINE_FINAL_TYPE (LwRunTicks, lw_run_ticks, G_TYPE_OBJECT)

static guint changed_signal;

bool
lw_run_ticks_has (LwRunTicks *self, LwRunItem *run)
{
  return g_hash_table_lookup (self->ticks, lw_run_item_folder (run)) != NULL;
}

static void
put (LwRunTicks *self, LwRunItem *run, Tick tick)
{
  g_hash_table_insert (self->ticks, g_strdup (lw_run_item_folder (run)), GINT_TO_POINTER (tick));
}

int
lw_run_ticks_colour (LwRunItem *run)
{
  return lw_run_item_notes (run)->colour;
}

int
lw_run_ticks_dash (LwRunItem *run)
{
  return lw_run_item_notes (run)->dash;
}

GPtrArray *
lw_run_ticks_runs (LwRunTicks *self)
{
  GListModel *all = lw_workbench_runs (self->workbench);
  GPtrArray *runs = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (all); i++) {
    g_autoptr (LwRunItem) run = g_list_model_get_item (all, i);

    if (lw_run_ticks_has (self, run))
      g_ptr_array_add (runs, g_object_ref (run));
  }
  return runs;
}

/* --- looks ---------------------------------------------------------------------------------------
 */

/* The first colour that no other ticked run has; of none left, the one that the fewest have. */
static int
free_look (const GPtrArray *ticked, LwRunItem *run)
{
  int n[LW_RUN_COLOURS] = { 0 }, best = 0;

  for (guint i = 0; i < ticked->len; i++) {
    const int colour = lw_run_ticks_colour (ticked->pdata[i]);

    if (ticked->pdata[i] != run && colour >= 0)
      n[colour]++;
  }
  for (int i = 1; i < LW_RUN_COLOURS; i++)
    best = n[i] < n[best] ? i : best;
  return best;
}

static bool
is_taken (const GPtrArray *ticked, LwRunItem *run, int colour)
{
  for (guint i = 0; i < ticked->len; i++)
    if (ticked->pdata[i] != run && lw_run_ticks_colour (ticked->pdata[i]) == colour)
      return true;
  return false;
}

/* A colour that was only given, not chosen, gives way to another run's. */
static void
give_looks (LwRunTicks *self, LwRunItem *const *runs, guint n)
{
  g_autoptr (GPtrArray) ticked = lw_run_ticks_runs (self);

  for (guint i = 0; i < n; i++) {
    const int colour = lw_run_ticks_colour (runs[i]), dash = lw_run_ticks_dash (runs[i]);
    const bool chosen = lw_run_item_notes (runs[i])->chosen;
    int look;

    if ((chosen && dash >= 0) || (colour >= 0 && dash >= 0 && !is_taken (ticked, runs[i], colour)))
      continue;
    look = free_look (ticked, runs[i]);
    if (chosen)
      lw_run_item_set_look (runs[i], colour, look);
    else if (colour < 0 || dash < 0 || !is_taken (ticked, runs[i], look))
      lw_run_item_set_look (runs[i], look, look);
  }
}

void
lw_run_ticks_set_colour (LwRunTicks *self, LwRunItem *run, int colour)
{
  lw_run_item_choose_colour (run, colour);
  g_signal_emit (self, changed_signal, 0);
}

void
lw_run_ticks_set (LwRunTicks *self, LwRunItem *const *runs, guint n, bool ticked)
{
  for (guint i = 0; i < n; i++)
    put (self, runs[i], ticked ? TICKED : UNTICKED);
  if (ticked)
    give_looks (self, runs, n);
  g_signal_emit (self, changed_signal, 0);
}

/* --- the first ticks -----------------------------------------------------------------------------
 */

/* There is nothing to plot of a run that never came to a test, unless it is at work. */
static bool
can_be_decided (LwRunItem *run)
{
  return lw_run_item_is_live (run) || lw_run_item_progress (run).best_epoch > 0;
}

/* A run that comes joins the ticked, and the oldest of those that nobody chose leaves. */
static void
keep_some (LwRunTicks *self, const GPtrArray *ticked)
{
  bool newest = true;

  for (guint i = 0; i < ticked->len; i++) {
    LwRunItem *run = ticked->pdata[i];

    if (GPOINTER_TO_INT (g_hash_table_lookup (self->ticks, lw_run_item_folder (run))) !=
        TICKED_BY_ITSELF)
      continue;
    if (i >= TICKED_AT_FIRST && !newest)
      put (self, run, UNTICKED);
    newest = false;
  }
}

static gboolean
decide (gpointer data)
{
  LwRunTicks *self = data;
  GListModel *all = lw_workbench_runs (self->workbench);
  g_autoptr (GPtrArray) ticked = NULL;
  g_autoptr (GPtrArray) plain = g_ptr_array_new (); /* those without a colour */

  self->decide_id = 0;
  for (guint i = 0; i < g_list_model_get_n_items (all); i++) {
    g_autoptr (LwRunItem) run = g_list_model_get_item (all, i);

    if (g_hash_table_contains (self->ticks, lw_run_item_folder (run)))
      continue;
    if (lw_run_item_started (run) <= self->decided_until)
      put (self, run, UNTICKED);
    else if (can_be_decided (run))
      put (self, run, TICKED_BY_ITSELF);
  }
  ticked = lw_run_ticks_runs (self);
  keep_some (self, ticked);
  for (guint i = 0; i < ticked->len; i++)
    if (lw_run_ticks_has (self, ticked->pdata[i]) &&
        (lw_run_ticks_colour (ticked->pdata[i]) < 0 || lw_run_ticks_dash (ticked->pdata[i]) < 0))
      g_ptr_array_add (plain, ticked->pdata[i]);
  give_looks (self, (LwRunItem *const *)plain->pdata, plain->len);
  g_signal_emit (self, changed_signal, 0);
  return G_SOURCE_REMOVE;
}

static void
decide_later (LwRunTicks *self)
{
  if (self->decide_id == 0)
    self->decide_id = g_timeout_add (SETTLE_MS, decide, self);
}

/* --- the next start ------------------------------------------------------------------------------
 */

char *
lw_run_ticks_save (LwRunTicks *self)
{
  GListModel *all = lw_workbench_runs (self->workbench);
  g_autoptr (GString) text = g_string_new (NULL);
  GHashTableIter iterator;
  gpointer folder, ticked;
  int64_t newest = self->decided_until;

  for (guint i = 0; i < g_list_model_get_n_items (all); i++) {
    g_autoptr (LwRunItem) run = g_list_model_get_item (all, i);

    newest = MAX (newest, lw_run_item_started (run));
  }
  g_string_append_printf (text, "%" G_GINT64_FORMAT, newest);
  g_hash_table_iter_init (&iterator, self->ticks);
  while (g_hash_table_iter_next (&iterator, &folder, &ticked))
    if (GPOINTER_TO_INT (ticked) != UNTICKED)
      g_string_append_printf (text, "\n%s%s",
                              GPOINTER_TO_INT (ticked) == TICKED_BY_ITSELF ? BY_ITSELF : "",
                              (const char *)folder);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

void
lw_run_ticks_restore (LwRunTicks *self, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  if (lines[0] == NULL)
    return;
  self->decided_until = g_ascii_strtoll (lines[0], NULL, 10);
  for (int i = 1; lines[i] != NULL; i++) {
    const bool by_itself = g_str_has_prefix (lines[i], BY_ITSELF);
    const char *folder = lines[i] + (by_itself ? strlen (BY_ITSELF) : 0);

    if (g_path_is_absolute (folder))
      g_hash_table_insert (self->ticks, g_strdup (folder),
                           GINT_TO_POINTER (by_itself ? TICKED_BY_ITSELF : TICKED));
  }
  decide_later (self);
}

/* --- set-up --------------------------------------------------------------------------------------
 */

LwRunTicks *
lw_run_ticks_new (LwWorkbench *workbench)
{
  LwRunTicks *self = g_object_new (LW_TYPE_RUN_TICKS, NULL);

  self->workbench = workbench;
  self->decided_until = G_MININT64;
  g_signal_connect_object (lw_workbench_runs (workbench), "items-changed",
                           G_CALLBACK (decide_later), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "run-ended", G_CALLBACK (decide_later), self,
                           G_CONNECT_SWAPPED);
  decide_later (self);
  return self;
}

static void
lw_run_ticks_finalize (GObject *object)
{
  LwRunTicks *self = LW_RUN_TICKS (object);

  g_clear_handle_id (&self->decide_id, g_source_remove);
  g_hash_table_unref (self->ticks);
  G_OBJECT_CLASS (lw_run_ticks_parent_class)->finalize (object);
}

static void
lw_run_ticks_class_init (LwRunTicksClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_run_ticks_finalize;
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_run_ticks_init (LwRunTicks *self)
{
  self->ticks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}
