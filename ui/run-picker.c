#include "ui/run-picker.h"

#include "ui/accessible.h"

#include <glib/gi18n.h>

struct _LwRunPicker {
  GtkWidget parent;
  LwWorkbench *workbench;
  GtkWidget *drop;
  LwRunItem *run;
  GPtrArray *listed; /* LwRunItem of the entries after "Nothing"; empty until opened */
  bool filling;
};

G_DEFINE_FINAL_TYPE (LwRunPicker, lw_run_picker, GTK_TYPE_WIDGET)

static guint picked_signal;

/* "LeNet + BN · lr 0.9 · seed 42". */
static char *
words_of (LwRunItem *run)
{
  g_autofree char *subtitle = NULL;

  g_object_get (run, "subtitle", &subtitle, NULL);
  return g_strdup_printf ("%s · %s", lw_run_item_title (run), subtitle);
}

static void
set_entries (LwRunPicker *self, GtkStringList *entries, guint chosen)
{
  self->filling = true;
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->drop), G_LIST_MODEL (entries));
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->drop), chosen);
  self->filling = false;
}

/* Only what is chosen. */
static void
show_choice (LwRunPicker *self)
{
  g_autoptr (GtkStringList) entries = gtk_string_list_new (NULL);

  g_ptr_array_set_size (self->listed, 0);
  gtk_string_list_append (entries, _ ("Nothing"));
  if (self->run != NULL) {
    g_ptr_array_add (self->listed, g_object_ref (self->run));
    gtk_string_list_take (entries, words_of (self->run));
  }
  set_entries (self, entries, self->run != NULL ? 1 : 0);
}

static void
opened (LwRunPicker *self, GParamSpec *property, GtkToggleButton *button)
{
  GListModel *runs = lw_workbench_runs (self->workbench);
  g_autoptr (GtkStringList) entries = NULL;
  guint chosen = 0;

  (void)property;
  if (!gtk_toggle_button_get_active (button))
    return;
  entries = gtk_string_list_new (NULL);
  gtk_string_list_append (entries, _ ("Nothing"));
  g_ptr_array_set_size (self->listed, 0);
  for (guint i = 0; i < g_list_model_get_n_items (runs); i++) {
    g_autoptr (LwRunItem) run = g_list_model_get_item (runs, i);

    if (run == lw_workbench_run (self->workbench))
      continue;
    gtk_string_list_take (entries, words_of (run));
    g_ptr_array_add (self->listed, g_object_ref (run));
    if (run == self->run)
      chosen = self->listed->len;
  }
  set_entries (self, entries, chosen);
}

static void
choose (LwRunPicker *self, LwRunItem *run)
{
  if (!g_set_object (&self->run, run))
    return;
  g_signal_emit (self, picked_signal, 0);
}

static void
chosen (LwRunPicker *self)
{
  const guint at = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->drop));

  if (!self->filling)
    choose (self, at >= 1 && at <= self->listed->len ? self->listed->pdata[at - 1] : NULL);
}

static void
selection_changed (LwRunPicker *self)
{
  if (self->run != NULL && self->run == lw_workbench_run (self->workbench))
    lw_run_picker_set_run (self, NULL);
}

LwRunItem *
lw_run_picker_run (LwRunPicker *self)
{
  return self->run;
}

void
lw_run_picker_set_run (LwRunPicker *self, LwRunItem *run)
{
  choose (self, run);
  show_choice (self);
}

static void
lw_run_picker_dispose (GObject *object)
{
  LwRunPicker *self = LW_RUN_PICKER (object);

  g_clear_pointer (&self->drop, gtk_widget_unparent);
  g_clear_object (&self->run);
  G_OBJECT_CLASS (lw_run_picker_parent_class)->dispose (object);
}

static void
lw_run_picker_finalize (GObject *object)
{
  g_ptr_array_unref (LW_RUN_PICKER (object)->listed);
  G_OBJECT_CLASS (lw_run_picker_parent_class)->finalize (object);
}

static void
lw_run_picker_class_init (LwRunPickerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_run_picker_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_run_picker_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  picked_signal = g_signal_new ("picked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_run_picker_init (LwRunPicker *self)
{
  self->listed = g_ptr_array_new_with_free_func (g_object_unref);
  self->drop = gtk_drop_down_new (NULL, NULL);
  gtk_widget_set_parent (self->drop, GTK_WIDGET (self));
  gtk_widget_set_valign (self->drop, GTK_ALIGN_CENTER);
}

GtkWidget *
lw_run_picker_new (LwWorkbench *workbench, const char *name)
{
  LwRunPicker *self = g_object_new (LW_TYPE_RUN_PICKER, NULL);

  self->workbench = workbench;
  lw_name_drop_down (self->drop, name);
  show_choice (self);
  g_signal_connect_swapped (self->drop, "notify::selected", G_CALLBACK (chosen), self);
  /* Its one child is the button that opens the list. */
  g_signal_connect_swapped (gtk_widget_get_first_child (self->drop), "notify::active",
                            G_CALLBACK (opened), self);
  g_signal_connect_object (workbench, "selection-changed", G_CALLBACK (selection_changed), self,
                           G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
