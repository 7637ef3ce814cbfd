#include "ui/run-trash.h"

#include "engine/run_record.h"
#include "engine/run_remove.h"
#include "ui/accessible.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

#define TOAST_S 8

/* What one Delete took. */
typedef struct {
  GPtrArray *runs;      /* LwRunItem */
  GPtrArray *untrashed; /* those that no trash takes; of the thread until it has ended */
  char *problem;        /* a sentence, of the thread too */
  bool for_good;
} Deletion;

static void
deletion_free (gpointer data)
{
  Deletion *deletion = data;

  g_ptr_array_unref (deletion->runs);
  g_ptr_array_unref (deletion->untrashed);
  g_free (deletion->problem);
  g_free (deletion);
}

/* Those of a window that can still be undone. */
static GPtrArray *
pending (LwMainWindow *window)
{
  GPtrArray *all = g_object_get_data (G_OBJECT (window), "deletions");

  if (all == NULL) {
    all = g_ptr_array_new ();
    g_object_set_data_full (G_OBJECT (window), "deletions", all, (GDestroyNotify)g_ptr_array_unref);
  }
  return all;
}

static void
put_back (LwMainWindow *window, const GPtrArray *runs)
{
  for (guint i = 0; i < runs->len; i++)
    lw_workbench_unhide_run (lw_main_window_workbench (window), runs->pdata[i]);
}

/* --- on a thread ---------------------------------------------------------------------------------
 */

static void
note_problem (Deletion *deletion, LwRunItem *run, const char *why)
{
  if (deletion->problem == NULL)
    deletion->problem =
        g_strdup_printf (_ ("%s was not deleted: %s"), lw_run_item_title (run), why);
}

/* Keeps in `untrashed` those that are still there. */
static void
delete_all (Deletion *deletion)
{
  for (guint i = 0; i < deletion->runs->len; i++) {
    LwRunItem *run = deletion->runs->pdata[i];
    const char *folder = lw_run_item_folder (run);
    g_autoptr (GFile) file = g_file_new_for_path (folder);
    g_autoptr (GError) error = NULL;

    if (lw_run_is_trained (folder)) {
      note_problem (deletion, run, _ ("it is being trained."));
      g_ptr_array_add (deletion->untrashed, g_object_ref (run));
    } else if (!(deletion->for_good ? lw_run_remove (folder, &error)
                                    : g_file_trash (file, NULL, &error))) {
      if (deletion->for_good || !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
        note_problem (deletion, run, error->message);
      g_ptr_array_add (deletion->untrashed, g_object_ref (run));
    }
  }
}

static void
delete_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  (void)source;
  (void)cancellable;
  delete_all (data);
  g_task_return_boolean (task, TRUE);
}

static void start (Deletion *deletion, LwMainWindow *window);

/* --- for good ------------------------------------------------------------------------------------
 */

static void
answered (AdwMessageDialog *dialog, const char *answer, LwMainWindow *window)
{
  GPtrArray *runs = g_object_get_data (G_OBJECT (dialog), "runs");

  if (g_str_equal (answer, "delete")) {
    Deletion *deletion = g_new0 (Deletion, 1);

    *deletion = (Deletion){ .runs = g_ptr_array_ref (runs),
                            .untrashed = g_ptr_array_new_with_free_func (g_object_unref),
                            .for_good = true };
    start (deletion, window);
  } else {
    put_back (window, runs);
  }
}

static void
ask_for_good (LwMainWindow *window, GPtrArray *runs)
{
  g_autofree char *heading =
      runs->len == 1
          ? g_strdup_printf (_ ("Delete “%s” for good?"), lw_run_item_title (runs->pdata[0]))
          : g_strdup_printf (
                ngettext ("Delete %u run for good?", "Delete %u runs for good?", runs->len),
                runs->len);
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (window), heading,
      _ ("The file system that it lies in has no trash: weights, curves and notes cannot be "
         "brought back."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Keep"), "delete",
                                    _ ("_Delete"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "delete",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  lw_name_all_by_words (dialog);
  g_object_set_data_full (G_OBJECT (dialog), "runs", g_ptr_array_ref (runs),
                          (GDestroyNotify)g_ptr_array_unref);
  g_signal_connect_object (dialog, "response", G_CALLBACK (answered), window, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- from the lists to the trash -----------------------------------------------------------------
 */

static void
deleted (GObject *source, GAsyncResult *result, gpointer data)
{
  LwMainWindow *window = LW_MAIN_WINDOW (source);
  Deletion *deletion = g_task_get_task_data (G_TASK (result));

  (void)data;
  if (gtk_widget_in_destruction (GTK_WIDGET (window)) || deletion->untrashed->len == 0)
    return;
  if (deletion->problem == NULL) {
    ask_for_good (window, deletion->untrashed);
    return;
  }
  put_back (window, deletion->untrashed);
  lw_main_window_say (window, deletion->problem);
}

static void
start (Deletion *deletion, LwMainWindow *window)
{
  g_autoptr (GTask) task = g_task_new (window, NULL, deleted, NULL);

  g_task_set_task_data (task, deletion, deletion_free);
  g_task_run_in_thread (task, delete_in_thread);
}

/* Also after Undo: then there is nothing left to do. */
static void
dismissed (AdwToast *toast, LwMainWindow *window)
{
  Deletion *deletion = g_object_get_data (G_OBJECT (toast), "deletion");

  if (g_ptr_array_remove (pending (window), deletion))
    start (deletion, window);
}

static void
undo_clicked (AdwToast *toast, LwMainWindow *window)
{
  Deletion *deletion = g_object_get_data (G_OBJECT (toast), "deletion");

  if (!g_ptr_array_remove (pending (window), deletion))
    return;
  put_back (window, deletion->runs);
  deletion_free (deletion);
}

static void
offer_undo (LwMainWindow *window, Deletion *deletion)
{
  const GPtrArray *runs = deletion->runs;
  g_autofree char *words =
      runs->len == 1
          ? g_strdup_printf (_ ("Deleted “%s”"), lw_run_item_title (runs->pdata[0]))
          : g_strdup_printf (ngettext ("Deleted %u run", "Deleted %u runs", runs->len), runs->len);
  g_autofree char *escaped = g_markup_escape_text (words, -1);
  AdwToast *toast = adw_toast_new (escaped);

  adw_toast_set_button_label (toast, _ ("Undo"));
  adw_toast_set_timeout (toast, TOAST_S);
  g_object_set_data (G_OBJECT (toast), "deletion", deletion);
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (undo_clicked), window, 0);
  g_signal_connect_object (toast, "dismissed", G_CALLBACK (dismissed), window, 0);
  lw_main_window_show_toast (window, toast);
}

void
lw_run_trash_put (LwMainWindow *window, const GPtrArray *runs)
{
  Deletion *deletion = g_new0 (Deletion, 1);
  guint refused = 0;

  deletion->runs = g_ptr_array_new_with_free_func (g_object_unref);
  deletion->untrashed = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < runs->len; i++) {
    LwRunItem *run = runs->pdata[i];

    if (lw_run_item_is_live (run) || lw_run_item_is_elsewhere (run) ||
        lw_run_item_followed (run) != NULL)
      refused++;
    else
      g_ptr_array_add (deletion->runs, g_object_ref (run));
  }
  if (refused > 0)
    lw_main_window_say (window,
                        _ ("A run that is being trained cannot be deleted; stop it first."));
  if (deletion->runs->len == 0) {
    deletion_free (deletion);
    return;
  }
  for (guint i = 0; i < deletion->runs->len; i++)
    lw_workbench_hide_run (lw_main_window_workbench (window), deletion->runs->pdata[i]);
  g_ptr_array_add (pending (window), deletion);
  offer_undo (window, deletion);
}

void
lw_run_trash_finish (LwMainWindow *window)
{
  GPtrArray *all = pending (window);

  while (all->len > 0) {
    Deletion *deletion = g_ptr_array_steal_index (all, all->len - 1);

    delete_all (deletion);
    deletion_free (deletion);
  }
}
