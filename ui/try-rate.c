#include "ui/try-rate.h"

#include <glib/gi18n.h>
#include <math.h>

double
lw_run_rate (LwRunItem *run)
{
  guint n;
  const LwEvent *changes = lw_run_item_changes (run, &n);

  return n > 0 ? (double)changes[n - 1].learning_rate : lw_run_item_settings (run)->learning_rate;
}

/* The book's for the run's network; infinite for optimizers that the book does not use. */
static double
book_rate (LwRunItem *run)
{
  const LwSettings *settings = lw_run_item_settings (run);
  g_autoptr (LwSettings) book =
      lw_settings_new (lw_options_new (lw_options_model (settings->options)));

  return settings->optimizer == LW_OPTIMIZER_SGD ? book->learning_rate : INFINITY;
}

double
lw_advised_rate (LwRunItem *run, double factor)
{
  const double rate = lw_run_rate (run) * factor;

  return factor < 1 ? MIN (rate, book_rate (run)) : rate;
}

double
lw_unstuck_rate (LwRunItem *run, bool dead)
{
  const double book = book_rate (run), rate = lw_run_rate (run);

  if (dead)
    return MIN (rate / 10, book);
  return isfinite (book) && fabs (rate - book) > 1e-3 * book ? book : 0;
}

char *
lw_try_rate_words (double rate)
{
  return g_strdup_printf (_ ("Try Learning Rate %.3g"), rate);
}

typedef struct {
  GtkWidget *widget; /* weak */
  LwWorkbench *workbench;
  LwSettings *settings;
  double rate;
  gulong ended;
} LwTrial;

static void
free_trial (LwTrial *trial)
{
  g_clear_weak_pointer (&trial->widget);
  g_object_unref (trial->workbench);
  lw_settings_free (trial->settings);
  g_free (trial);
}

static gboolean
train (gpointer data)
{
  LwTrial *trial = data;
  char rate[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (rate, sizeof rate, "%.3g", trial->rate);
  lw_workbench_use_settings (trial->workbench, trial->settings);
  lw_workbench_set (trial->workbench, "learning-rate", rate, NULL);
  /* While another run trains, Train would pause that one. */
  if (trial->widget != NULL)
    gtk_widget_activate_action (
        trial->widget, lw_workbench_is_busy (trial->workbench) ? "win.queue" : "win.train", NULL);
  free_trial (trial);
  return G_SOURCE_REMOVE;
}

/* The workbench lets go of the run after it has said so. */
static void
run_ended (LwWorkbench *workbench, LwRunItem *run, LwTrial *trial)
{
  (void)run;
  g_signal_handler_disconnect (workbench, trial->ended);
  g_idle_add (train, trial);
}

void
lw_try_rate (GtkWidget *widget, LwWorkbench *workbench, LwRunItem *run, double rate)
{
  LwTrial *trial = g_new0 (LwTrial, 1);

  g_set_weak_pointer (&trial->widget, widget);
  trial->workbench = g_object_ref (workbench);
  trial->settings = lw_settings_copy (lw_run_item_settings (run));
  trial->rate = rate;
  if (lw_workbench_live_run (workbench) == run && lw_run_item_trainer (run) != NULL) {
    trial->ended = g_signal_connect (workbench, "run-ended", G_CALLBACK (run_ended), trial);
    lw_trainer_stop (lw_run_item_trainer (run));
  } else
    train (trial);
}
