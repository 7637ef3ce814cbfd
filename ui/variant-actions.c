#include "ui/variant-actions.h"

#include "ui/accessible.h"

#include <glib/gi18n.h>

/* --- a dialog that asks for a name -------------------------------------------------------------
 */

typedef struct {
  LwMainWindow *window;
  GtkWidget *dialog, *entry, *problem;
  LwVariantItem *item; /* to be renamed; NULL: a new one */
} Asking;

static void
asking_free (gpointer data)
{
  Asking *asking = data;

  g_clear_object (&asking->item);
  g_free (asking);
}

/* Says at once what is wrong with the name. */
static void
check_name (Asking *asking)
{
  g_autofree char *folder = lw_variants_folder ();
  g_autofree char *name =
      g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (asking->entry))));
  const LwVariant *own = asking->item != NULL ? lw_variant_item_variant (asking->item) : NULL;
  g_autoptr (GError) error = NULL;
  const bool good = lw_variant_check_name (folder, name, own, &error);

  adw_message_dialog_set_response_enabled (ADW_MESSAGE_DIALOG (asking->dialog), "save", good);
  gtk_label_set_text (GTK_LABEL (asking->problem), good || name[0] == '\0' ? "" : error->message);
}

static void
answered (AdwMessageDialog *dialog, const char *answer, Asking *asking)
{
  LwWorkbench *workbench = lw_main_window_workbench (asking->window);
  g_autofree char *name =
      g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (asking->entry))));
  g_autofree char *sentence = NULL;
  g_autoptr (GError) error = NULL;
  bool done;

  (void)dialog;
  if (!g_str_equal (answer, "save"))
    return;
  if (asking->item != NULL) {
    done = lw_variant_item_rename (asking->item, name, &error);
  } else {
    done = lw_workbench_save_variant (workbench, name, &error) != NULL;
    if (done)
      sentence = g_strdup_printf (_ ("Saved “%s”"), name);
  }
  if (!done)
    sentence = g_strdup (error->message);
  if (sentence != NULL)
    lw_main_window_say (asking->window, sentence);
}

static void
ask_name (LwMainWindow *window, LwVariantItem *item, const char *heading, const char *name)
{
  Asking *asking = g_new0 (Asking, 1);
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (window), heading, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  asking->window = window;
  asking->item = item != NULL ? g_object_ref (item) : NULL;
  asking->dialog = dialog;
  asking->entry = gtk_entry_new ();
  asking->problem = gtk_label_new (NULL);
  g_object_set_data_full (G_OBJECT (dialog), "asking", asking, asking_free);
  gtk_widget_set_size_request (asking->entry, 320, -1);
  gtk_editable_set_text (GTK_EDITABLE (asking->entry), name);
  gtk_entry_set_activates_default (GTK_ENTRY (asking->entry), TRUE);
  lw_name_widget (asking->entry, _ ("Name"));
  gtk_widget_add_css_class (asking->problem, "lw-caption");
  gtk_widget_add_css_class (asking->problem, "lw-error-text");
  gtk_label_set_wrap (GTK_LABEL (asking->problem), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (asking->problem), 44);
  gtk_box_append (GTK_BOX (box), asking->entry);
  gtk_box_append (GTK_BOX (box), asking->problem);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), box);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "save",
                                    item != NULL ? _ ("_Rename") : _ ("_Save"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "save",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "save");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  lw_name_all_by_words (dialog);
  g_signal_connect_swapped (asking->entry, "changed", G_CALLBACK (check_name), asking);
  g_signal_connect (dialog, "response", G_CALLBACK (answered), asking);
  check_name (asking);
  gtk_window_present (GTK_WINDOW (dialog));
  gtk_widget_grab_focus (asking->entry);
}

/* --- actions -----------------------------------------------------------------------------------
 */

static LwVariantItem *
find_variant (LwMainWindow *window, GVariant *name)
{
  GListModel *variants = lw_workbench_variants (lw_main_window_workbench (window));

  for (guint i = 0; i < g_list_model_get_n_items (variants); i++) {
    g_autoptr (LwVariantItem) item = g_list_model_get_item (variants, i);

    if (g_str_equal (lw_variant_item_variant (item)->name, g_variant_get_string (name, NULL)))
      return item; /* the list keeps it */
  }
  return NULL;
}

static void
save_variant (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwMainWindow *window = LW_MAIN_WINDOW (data);
  g_autofree char *name =
      lw_variant_suggest_name (lw_workbench_knobs (lw_main_window_workbench (window)));

  (void)action;
  (void)parameter;
  ask_name (window, NULL, _ ("Save This Network"), name);
}

static void
rename_variant (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwVariantItem *item = find_variant (LW_MAIN_WINDOW (data), parameter);

  (void)action;
  if (item != NULL)
    ask_name (LW_MAIN_WINDOW (data), item, _ ("Rename the Variant"),
              lw_variant_item_variant (item)->name);
}

static void
restore (AdwToast *toast, LwMainWindow *window)
{
  LwVariantItem *item = g_object_get_data (G_OBJECT (toast), "variant");
  g_autoptr (GError) error = NULL;

  if (!lw_workbench_restore_variant (lw_main_window_workbench (window), item, &error))
    lw_main_window_say (window, error->message);
}

static void
delete_variant (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwMainWindow *window = LW_MAIN_WINDOW (data);
  LwVariantItem *found = find_variant (window, parameter);
  g_autoptr (LwVariantItem) item = found != NULL ? g_object_ref (found) : NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *sentence = NULL;
  AdwToast *toast;

  (void)action;
  if (item == NULL)
    return;
  if (!lw_workbench_delete_variant (lw_main_window_workbench (window), item, &error)) {
    lw_main_window_say (window, error->message);
    return;
  }
  sentence = g_markup_printf_escaped (_ ("Deleted “%s”"), lw_variant_item_variant (item)->name);
  toast = adw_toast_new (sentence);
  adw_toast_set_button_label (toast, _ ("Undo"));
  g_object_set_data_full (G_OBJECT (toast), "variant", g_steal_pointer (&item), g_object_unref);
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (restore), window, 0);
  lw_main_window_show_toast (window, toast);
}

void
lw_variant_actions_update (LwMainWindow *window)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (window), "save-variant");

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action),
                               lw_workbench_obstacle (lw_main_window_workbench (window)) == NULL);
}

void
lw_variant_actions_install (LwMainWindow *window)
{
  static const GActionEntry entries[] = {
    { .name = "save-variant", .activate = save_variant },
    { .name = "rename-variant", .activate = rename_variant, .parameter_type = "s" },
    { .name = "delete-variant", .activate = delete_variant, .parameter_type = "s" },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (window), entries, G_N_ELEMENTS (entries), window);
}
