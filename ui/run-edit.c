#include "ui/run-edit.h"

#include "ui/accessible.h"

#include <glib/gi18n.h>

#define WIDTH  320
#define HEIGHT 120

static LwRunItem *
run_of (GtkWidget *popover)
{
  return g_object_get_data (G_OBJECT (popover), "run");
}

static gboolean
remove_popover (gpointer popover)
{
  gtk_widget_unparent (popover);
  g_object_unref (popover);
  return G_SOURCE_REMOVE;
}

/* Not while it closes: its buttons are still at work. */
static void
closed (GtkWidget *popover)
{
  g_idle_add (remove_popover, g_object_ref (popover));
}

static GtkWidget *
open_popover (LwRunItem *run, GtkWidget *parent, const GdkRectangle *place, GtkWidget *content,
              const char *name)
{
  GtkWidget *popover = gtk_popover_new ();

  g_object_set_data_full (G_OBJECT (popover), "run", g_object_ref (run), g_object_unref);
  gtk_popover_set_child (GTK_POPOVER (popover), content);
  gtk_popover_set_position (GTK_POPOVER (popover), GTK_POS_BOTTOM);
  gtk_popover_set_pointing_to (GTK_POPOVER (popover), place);
  lw_name_widget (popover, name);
  gtk_widget_set_parent (popover, parent);
  g_signal_connect (popover, "closed", G_CALLBACK (closed), NULL);
  gtk_popover_popup (GTK_POPOVER (popover));
  return popover;
}

static GtkWidget *
make_buttons (GtkWidget **ret_cancel, GtkWidget **ret_save, const char *word)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  *ret_cancel = gtk_button_new_with_mnemonic (_ ("_Cancel"));
  *ret_save = gtk_button_new_with_mnemonic (word);
  lw_name_by_words (*ret_cancel);
  lw_name_by_words (*ret_save);
  gtk_widget_add_css_class (*ret_save, "suggested-action");
  gtk_widget_set_halign (row, GTK_ALIGN_END);
  gtk_box_append (GTK_BOX (row), *ret_cancel);
  gtk_box_append (GTK_BOX (row), *ret_save);
  return row;
}

static GtkWidget *
make_content (const char *heading)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8), *title = gtk_label_new (heading);

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (title), 38);
  gtk_widget_add_css_class (title, "lw-heading");
  gtk_box_append (GTK_BOX (box), title);
  return box;
}

/* --- the name ------------------------------------------------------------------------------------
 */

static void
renamed (GtkWidget *popover)
{
  LwRunItem *run = run_of (popover);
  GtkEditable *entry = g_object_get_data (G_OBJECT (popover), "entry");
  LwRunNotes notes = lw_run_notes_copy (lw_run_item_notes (run));

  lw_run_notes_set_name (&notes, gtk_editable_get_text (entry));
  if (g_strcmp0 (notes.name, lw_run_item_network (run)) == 0)
    lw_run_notes_set_name (&notes, NULL); /* as without one */
  lw_run_item_set_notes (run, &notes);
  lw_run_notes_clear (&notes);
  gtk_popover_popdown (GTK_POPOVER (popover));
}

void
lw_run_rename (LwRunItem *run, GtkWidget *parent, const GdkRectangle *place)
{
  GtkWidget *box = make_content (_ ("Name of the run")), *entry = gtk_entry_new ();
  GtkWidget *popover, *cancel, *save;

  gtk_editable_set_text (GTK_EDITABLE (entry), lw_run_item_title (run));
  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), lw_run_item_network (run));
  gtk_entry_set_max_length (GTK_ENTRY (entry), LW_RUN_NAME_LENGTH);
  gtk_widget_set_size_request (entry, WIDTH, -1);
  lw_name_widget (entry, _ ("Name of the run"));
  gtk_box_append (GTK_BOX (box), entry);
  gtk_box_append (GTK_BOX (box), make_buttons (&cancel, &save, _ ("_Rename")));
  popover = open_popover (run, parent, place, box, _ ("Rename"));
  g_object_set_data (G_OBJECT (popover), "entry", entry);
  g_signal_connect_swapped (entry, "activate", G_CALLBACK (renamed), popover);
  g_signal_connect_swapped (save, "clicked", G_CALLBACK (renamed), popover);
  g_signal_connect_swapped (cancel, "clicked", G_CALLBACK (gtk_popover_popdown), popover);
  gtk_widget_grab_focus (entry);
  gtk_editable_select_region (GTK_EDITABLE (entry), 0, -1);
}

/* --- the note ------------------------------------------------------------------------------------
 */

static void
noted (GtkWidget *popover)
{
  LwRunItem *run = run_of (popover);
  GtkTextBuffer *buffer = g_object_get_data (G_OBJECT (popover), "buffer");
  LwRunNotes notes = lw_run_notes_copy (lw_run_item_notes (run));
  GtkTextIter start, end;
  g_autofree char *text = NULL;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  text = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  lw_run_notes_set_note (&notes, text);
  lw_run_item_set_notes (run, &notes);
  lw_run_notes_clear (&notes);
  gtk_popover_popdown (GTK_POPOVER (popover));
}

static gboolean
note_key (GtkWidget *popover, guint key, guint code, GdkModifierType state)
{
  (void)code;
  if ((key != GDK_KEY_Return && key != GDK_KEY_KP_Enter) || (state & GDK_CONTROL_MASK) == 0)
    return FALSE;
  noted (popover);
  return TRUE;
}

void
lw_run_edit_note (LwRunItem *run, GtkWidget *parent, const GdkRectangle *place)
{
  g_autofree char *heading = g_strdup_printf (_ ("Note on %s"), lw_run_item_title (run));
  const char *note = lw_run_item_notes (run)->note;
  GtkWidget *box = make_content (heading), *view = gtk_text_view_new ();
  GtkWidget *scroller = gtk_scrolled_window_new (), *popover, *cancel, *save;
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (view));

  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (view), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (view), FALSE);
  gtk_widget_add_css_class (view, "lw-note");
  gtk_text_buffer_set_text (buffer, note != NULL ? note : "", -1);
  lw_name_widget (view, heading);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), view);
  gtk_scrolled_window_set_has_frame (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_widget_set_focusable (scroller, FALSE);
  gtk_widget_set_size_request (scroller, WIDTH, HEIGHT);
  gtk_box_append (GTK_BOX (box), scroller);
  gtk_box_append (GTK_BOX (box), make_buttons (&cancel, &save, _ ("_Save")));
  gtk_widget_set_tooltip_text (save, _ ("Ctrl+Enter"));
  popover = open_popover (run, parent, place, box, _ ("Note"));
  g_object_set_data (G_OBJECT (popover), "buffer", buffer);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (note_key), popover);
  gtk_widget_add_controller (view, keys);
  g_signal_connect_swapped (save, "clicked", G_CALLBACK (noted), popover);
  g_signal_connect_swapped (cancel, "clicked", G_CALLBACK (gtk_popover_popdown), popover);
  gtk_widget_grab_focus (view);
}

void
lw_runs_toggle_star (LwRunItem *const *runs, guint n)
{
  bool all = true;

  for (guint i = 0; i < n; i++)
    all = all && lw_run_item_notes (runs[i])->star;
  for (guint i = 0; i < n; i++) {
    LwRunNotes notes = lw_run_notes_copy (lw_run_item_notes (runs[i]));

    notes.star = !all;
    lw_run_item_set_notes (runs[i], &notes);
    lw_run_notes_clear (&notes);
  }
}
