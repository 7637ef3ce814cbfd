#include "ui/file-chooser.h"

#include <glib/gi18n.h>

typedef struct {
  LwPathFunc chosen;
  GWeakRef object;
  gconstpointer what;
} Question;

static void
question_free (gpointer data, GClosure *closure)
{
  Question *question = data;

  (void)closure;
  g_weak_ref_clear (&question->object);
  g_free (question);
}

static void
answered (GtkNativeDialog *chooser, int response, Question *question)
{
  g_autoptr (GObject) object = g_weak_ref_get (&question->object);

  if (response == GTK_RESPONSE_ACCEPT && object != NULL) {
    g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
    g_autofree char *path = g_file_get_path (file);

    if (path != NULL)
      question->chosen (object, path, question->what);
  }
  gtk_native_dialog_destroy (chooser);
  g_object_unref (chooser);
}

static void
ask (GtkFileChooserNative *chooser, LwPathFunc chosen, gpointer object, gconstpointer what)
{
  Question *question = g_new (Question, 1);

  question->chosen = chosen;
  question->what = what;
  g_weak_ref_init (&question->object, object);
  g_signal_connect_data (chooser, "response", G_CALLBACK (answered), question, question_free, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

void
lw_choose_file (GtkWindow *window, const char *title, const char *name, const char *const *endings,
                LwPathFunc chosen, gpointer object, gconstpointer what)
{
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (
      title, window, GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Export"), NULL);

  for (int i = 0; endings[i] != NULL; i++) {
    g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
    g_autofree char *kind = g_ascii_strup (endings[i], -1);

    gtk_file_filter_set_name (filter, kind);
    gtk_file_filter_add_suffix (filter, endings[i]);
    gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (chooser), filter);
  }
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), name);
  ask (chooser, chosen, object, what);
}

void
lw_choose_folder (GtkWindow *window, const char *title, LwPathFunc chosen, gpointer object)
{
  ask (gtk_file_chooser_native_new (title, window, GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
                                    _ ("_Open"), NULL),
       chosen, object, NULL);
}
