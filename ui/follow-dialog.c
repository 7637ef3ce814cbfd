#include "ui/follow-dialog.h"

#include "ui/accessible.h"
#include "ui/paragraph.h"
#include "ui/recent-addresses.h"

#include <glib/gi18n.h>

#define WIDTH       460
#define HEIGHT      420
#define MOST_SHOWN  200 /* runs of a folder, the newest */
#define LEAST_WIDTH 300

struct _LwFollowDialog {
  AdwWindow parent;
  LwWorkbench *workbench;
  LwFollowedRun *run; /* that is being connected to, or NULL */
  gulong changed_id;
  GtkWidget *stack; /* "address", "waiting", "runs" */
  GtkWidget *back, *next;
  GtkWidget *address, *problem, *recent_title, *recent;
  GtkWidget *spinner, *waiting;
  GtkWidget *runs_title, *runs, *runs_more;
};

G_DEFINE_FINAL_TYPE (LwFollowDialog, lw_follow_dialog, ADW_TYPE_WINDOW)

static guint following_signal;

/* --- which page ---------------------------------------------------------------------------------
 */

static const char *
page (LwFollowDialog *self)
{
  return gtk_stack_get_visible_child_name (GTK_STACK (self->stack));
}

static void
update_next (LwFollowDialog *self)
{
  const bool asks = g_str_equal (page (self), "address");
  const bool chooses = g_str_equal (page (self), "runs");
  const bool ready =
      asks ? *gtk_editable_get_text (GTK_EDITABLE (self->address)) != '\0'
           : chooses && gtk_list_box_get_selected_row (GTK_LIST_BOX (self->runs)) != NULL;

  gtk_widget_set_sensitive (self->next, ready);
}

static void
show_page (LwFollowDialog *self, const char *name)
{
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), name);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), g_str_equal (name, "waiting"));
  if (g_str_equal (name, "address"))
    gtk_widget_grab_focus (self->address);
  update_next (self);
}

static void
show_problem (LwFollowDialog *self, const char *sentence)
{
  gtk_label_set_text (GTK_LABEL (self->problem), sentence != NULL ? sentence : "");
  gtk_widget_set_visible (self->problem, sentence != NULL);
  if (sentence != NULL)
    gtk_widget_add_css_class (self->address, "error");
  else
    gtk_widget_remove_css_class (self->address, "error");
}

/* --- the connection -----------------------------------------------------------------------------
 */

/* Ends it, unless it follows by now. */
static void
let_go (LwFollowDialog *self, bool keep)
{
  if (self->run == NULL)
    return;
  g_clear_signal_handler (&self->changed_id, self->run);
  if (!keep)
    lw_workbench_unfollow (self->workbench, self->run);
  g_clear_object (&self->run);
}

static char *
when_text (int64_t unix_s)
{
  g_autoptr (GDateTime) when = g_date_time_new_from_unix_local (unix_s);

  return when != NULL ? g_date_time_format (when, "%x %X") : g_strdup ("–");
}

static void
inset (GtkWidget *content)
{
  gtk_widget_set_margin_top (content, 8);
  gtk_widget_set_margin_bottom (content, 8);
  gtk_widget_set_margin_start (content, 12);
  gtk_widget_set_margin_end (content, 12);
}

static GtkWidget *
run_row (const char *name, int64_t written)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  g_autofree char *shown = g_utf8_make_valid (name, -1), *when = when_text (written);
  g_autofree char *spoken = NULL;
  GtkWidget *title, *time = gtk_label_new (when);

  g_strdelimit (shown, "\n\r\t", ' ');
  title = gtk_label_new (shown);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_hexpand (title, TRUE);
  gtk_widget_add_css_class (time, "lw-caption");
  gtk_widget_add_css_class (time, "lw-number");
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), time);
  inset (box);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  g_object_set_data_full (G_OBJECT (row), "name", g_strdup (name), g_free);
  /* A run, a time. */
  spoken = g_strdup_printf (_ ("%s, last written %s"), shown, when);
  lw_name_widget (row, spoken);
  return row;
}

static void
show_choices (LwFollowDialog *self)
{
  const guint n = lw_followed_run_n_choices (self->run);
  g_autofree char *title = g_strdup_printf (ngettext ("%u run on %s", "%u runs on %s", n), n,
                                            lw_followed_run_host (self->run));
  GtkListBoxRow *first;

  if (g_str_equal (page (self), "runs"))
    return;
  gtk_label_set_text (GTK_LABEL (self->runs_title), title);
  for (guint i = 0; i < MIN (n, MOST_SHOWN); i++) {
    int64_t written;
    const char *name = lw_followed_run_choice (self->run, i, &written);

    gtk_list_box_append (GTK_LIST_BOX (self->runs), run_row (name, written));
  }
  gtk_widget_set_visible (self->runs_more, n > MOST_SHOWN);
  first = gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->runs), 0);
  show_page (self, "runs");
  gtk_list_box_select_row (GTK_LIST_BOX (self->runs), first);
  gtk_widget_grab_focus (GTK_WIDGET (first));
}

static void
show_state (LwFollowDialog *self)
{
  const LwFollowState *state = lw_followed_run_state (self->run);
  g_autofree char *words = NULL, *detail = NULL;

  switch (state->phase) {
  case LW_FOLLOW_CHOOSING:
    show_choices (self);
    break;
  case LW_FOLLOW_FAILED:
    show_problem (self, state->sentence);
    let_go (self, false);
    show_page (self, "address");
    break;
  case LW_FOLLOW_FOLLOWING:
    lw_recent_addresses_add (lw_followed_run_address (self->run));
    g_signal_emit (self, following_signal, 0, self->run);
    let_go (self, true);
    gtk_window_close (GTK_WINDOW (self));
    break;
  default:
    words = lw_followed_run_words (self->run, &detail);
    gtk_label_set_text (GTK_LABEL (self->waiting), words);
    show_page (self, "waiting");
  }
}

static void
run_changed (LwFollowDialog *self)
{
  g_autoptr (LwFollowDialog) kept = g_object_ref (self);

  show_state (self);
}

static void
clear_runs (LwFollowDialog *self)
{
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->runs), 0)) != NULL)
    gtk_list_box_remove (GTK_LIST_BOX (self->runs), GTK_WIDGET (row));
}

static void
connect_to (LwFollowDialog *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwRemoteAddress) address =
      lw_remote_address_parse (gtk_editable_get_text (GTK_EDITABLE (self->address)), &error);
  LwRunItem *known;

  if (address == NULL) {
    show_problem (self, error->message);
    return;
  }
  known = lw_workbench_followed_at (self->workbench, address->text);
  if (known != NULL) {
    lw_workbench_select_run (self->workbench, known);
    g_signal_emit (self, following_signal, 0, lw_run_item_followed (known));
    gtk_window_close (GTK_WINDOW (self));
    return;
  }
  show_problem (self, NULL);
  clear_runs (self);
  let_go (self, false);
  self->run = g_object_ref (lw_workbench_follow (self->workbench, address));
  self->changed_id =
      g_signal_connect_swapped (self->run, "changed", G_CALLBACK (run_changed), self);
  show_state (self);
}

/* --- buttons ------------------------------------------------------------------------------------
 */

static void
go_on (LwFollowDialog *self)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (GTK_LIST_BOX (self->runs));

  if (g_str_equal (page (self), "address"))
    connect_to (self);
  else if (g_str_equal (page (self), "runs") && row != NULL && self->run != NULL)
    lw_followed_run_choose (self->run, g_object_get_data (G_OBJECT (row), "name"));
}

/* From a connection to the address, from there out. */
static void
go_back (LwFollowDialog *self)
{
  if (g_str_equal (page (self), "address")) {
    gtk_window_close (GTK_WINDOW (self));
    return;
  }
  let_go (self, false);
  show_page (self, "address");
}

static void
address_changed (LwFollowDialog *self)
{
  show_problem (self, NULL);
  update_next (self);
}

static void
recent_activated (LwFollowDialog *self, GtkListBoxRow *row)
{
  gtk_editable_set_text (GTK_EDITABLE (self->address),
                         g_object_get_data (G_OBJECT (row), "address"));
  connect_to (self);
}

static void
run_activated (LwFollowDialog *self)
{
  go_on (self);
}

static gboolean
lw_follow_dialog_close_request (GtkWindow *window)
{
  let_go (LW_FOLLOW_DIALOG (window), false);
  return GTK_WINDOW_CLASS (lw_follow_dialog_parent_class)->close_request (window);
}

/* --- set-up -------------------------------------------------------------------------------------
 */

static GtkWidget *
make_header (LwFollowDialog *self)
{
  GtkWidget *header = adw_header_bar_new ();

  self->back = gtk_button_new_with_mnemonic (_ ("_Cancel"));
  self->next = gtk_button_new_with_mnemonic (_ ("_Follow"));
  lw_name_by_words (self->back);
  lw_name_by_words (self->next);
  gtk_widget_add_css_class (self->next, "suggested-action");
  g_signal_connect_swapped (self->back, "clicked", G_CALLBACK (go_back), self);
  g_signal_connect_swapped (self->next, "clicked", G_CALLBACK (go_on), self);
  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_show_start_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), self->back);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->next);
  return header;
}

static GtkWidget *
make_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

static GtkWidget *
make_list (const char *name)
{
  GtkWidget *list = gtk_list_box_new ();

  gtk_widget_add_css_class (list, "boxed-list");
  lw_name_widget (list, name);
  return list;
}

static GtkWidget *
scrolled (GtkWidget *content)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  gtk_widget_set_margin_top (content, 18);
  gtk_widget_set_margin_bottom (content, 18);
  gtk_widget_set_margin_start (content, 18);
  gtk_widget_set_margin_end (content, 18);
  gtk_widget_set_focusable (scroller, FALSE);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), content);
  gtk_widget_set_vexpand (scroller, TRUE);
  return scroller;
}

static void
fill_recent (LwFollowDialog *self)
{
  g_auto (GStrv) addresses = lw_recent_addresses_read ();

  for (int i = 0; addresses[i] != NULL; i++) {
    GtkWidget *row = gtk_list_box_row_new (), *label = gtk_label_new (addresses[i]);

    gtk_label_set_xalign (GTK_LABEL (label), 0);
    gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
    inset (label);
    gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), label);
    lw_name_widget (row, addresses[i]);
    g_object_set_data_full (G_OBJECT (row), "address", g_strdup (addresses[i]), g_free);
    gtk_list_box_append (GTK_LIST_BOX (self->recent), row);
  }
  gtk_widget_set_visible (self->recent, addresses[0] != NULL);
  gtk_widget_set_visible (self->recent_title, addresses[0] != NULL);
}

static GtkWidget *
make_address_page (LwFollowDialog *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);

  self->address = gtk_entry_new ();
  gtk_entry_set_placeholder_text (GTK_ENTRY (self->address), "user@host:runs/lenet-bn");
  gtk_entry_set_activates_default (GTK_ENTRY (self->address), TRUE);
  lw_name_widget (self->address, _ ("Address"));
  g_signal_connect_swapped (self->address, "changed", G_CALLBACK (address_changed), self);
  self->problem = g_object_new (GTK_TYPE_LABEL, "accessible-role", GTK_ACCESSIBLE_ROLE_ALERT,
                                "xalign", 0.0, "wrap", TRUE, "wrap-mode", PANGO_WRAP_WORD_CHAR,
                                "selectable", TRUE, "focusable", FALSE, NULL);
  gtk_widget_add_css_class (self->problem, "lw-error-text");
  self->recent_title = make_label (_ ("Followed before"), "lw-heading");
  gtk_widget_set_margin_top (self->recent_title, 10);
  self->recent = make_list (_ ("Followed before"));
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->recent), GTK_SELECTION_NONE);
  g_signal_connect_swapped (self->recent, "row-activated", G_CALLBACK (recent_activated), self);

  gtk_box_append (GTK_BOX (column), make_label (_ ("Address"), "lw-heading"));
  gtk_box_append (GTK_BOX (column), self->address);
  gtk_box_append (GTK_BOX (column), lw_paragraph_new (self->problem, LEAST_WIDTH));
  gtk_box_append (
      GTK_BOX (column),
      lw_paragraph_new (
          make_label (_ ("The folder of a run on another machine, or one of several runs, as scp "
                         "takes it. Hosts, ports and keys are those of ssh (~/.ssh/config); it is "
                         "asked for no password. The run is only read."),
                      "lw-caption"),
          LEAST_WIDTH));
  gtk_box_append (GTK_BOX (column), self->recent_title);
  gtk_box_append (GTK_BOX (column), self->recent);
  fill_recent (self);
  return scrolled (column);
}

static GtkWidget *
make_waiting_page (LwFollowDialog *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 14);

  self->spinner = gtk_spinner_new ();
  self->waiting = gtk_label_new (NULL);
  gtk_label_set_ellipsize (GTK_LABEL (self->waiting), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_size_request (self->spinner, 32, 32);
  gtk_widget_set_valign (column, GTK_ALIGN_CENTER);
  gtk_widget_set_vexpand (column, TRUE);
  gtk_box_append (GTK_BOX (column), self->spinner);
  gtk_box_append (GTK_BOX (column), self->waiting);
  return column;
}

static GtkWidget *
make_runs_page (LwFollowDialog *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);

  self->runs_title = make_label (NULL, "lw-heading");
  self->runs = make_list (_ ("Runs"));
  self->runs_more =
      make_label (_ ("There are older ones; add the name of one to the address."), "lw-caption");
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->runs), GTK_SELECTION_BROWSE);
  gtk_list_box_set_activate_on_single_click (GTK_LIST_BOX (self->runs), FALSE);
  g_signal_connect_swapped (self->runs, "row-activated", G_CALLBACK (run_activated), self);
  g_signal_connect_swapped (self->runs, "row-selected", G_CALLBACK (update_next), self);
  gtk_box_append (GTK_BOX (column), self->runs_title);
  gtk_box_append (GTK_BOX (column), self->runs);
  gtk_box_append (GTK_BOX (column), lw_paragraph_new (self->runs_more, LEAST_WIDTH));
  return scrolled (column);
}

GtkWidget *
lw_follow_dialog_new (LwWorkbench *workbench, const char *address)
{
  LwFollowDialog *self =
      g_object_new (LW_TYPE_FOLLOW_DIALOG, "title", _ ("Follow a Run over SSH"), "modal", TRUE,
                    "default-width", WIDTH, "default-height", HEIGHT, NULL);

  self->workbench = g_object_ref (workbench);
  gtk_window_set_default_widget (GTK_WINDOW (self), self->next);
  show_page (self, "address");
  if (address != NULL) {
    gtk_editable_set_text (GTK_EDITABLE (self->address), address);
    connect_to (self);
  }
  return GTK_WIDGET (self);
}

static void
lw_follow_dialog_dispose (GObject *object)
{
  LwFollowDialog *self = LW_FOLLOW_DIALOG (object);

  let_go (self, false);
  if (self->runs != NULL) /* the list lets go of its selection as it goes */
    g_signal_handlers_disconnect_by_data (self->runs, self);
  self->runs = NULL;
  g_clear_object (&self->workbench);
  G_OBJECT_CLASS (lw_follow_dialog_parent_class)->dispose (object);
}

static void
lw_follow_dialog_class_init (LwFollowDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_follow_dialog_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = lw_follow_dialog_close_request;
  following_signal = g_signal_new ("following", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 1, LW_TYPE_FOLLOWED_RUN);
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

static void
lw_follow_dialog_init (LwFollowDialog *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *header = make_header (self);

  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), make_address_page (self), "address");
  gtk_stack_add_named (GTK_STACK (self->stack), make_waiting_page (self), "waiting");
  gtk_stack_add_named (GTK_STACK (self->stack), make_runs_page (self), "runs");
  show_problem (self, NULL);
  gtk_box_append (GTK_BOX (column), header);
  gtk_box_append (GTK_BOX (column), self->stack);
  adw_window_set_content (ADW_WINDOW (self), column);
}
