#include "ui/knobs-panel.h"

#include "engine/variant.h"
#include "ui/accessible.h"
#include "ui/explore-sizes.h"
#include "ui/knob-row.h"
#include "ui/paragraph.h"

#include <glib/gi18n.h>
#include <string.h>

#define MOST_OTHERS 8 /* knobs of other networks that are named */

struct _LwKnobsPanel {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  GtkWidget *content;     /* the scroller */
  GtkWidget *undo, *redo, *book, *groups, *others, *command, *run_note;
  GPtrArray *rows;      /* LwKnobRow, borrowed from `groups` */
  const LwModel *model; /* whose rows they are */
  bool refreshing;
};

G_DEFINE_FINAL_TYPE (LwKnobsPanel, lw_knobs_panel, GTK_TYPE_WIDGET)

/* --- rows --------------------------------------------------------------------------------------
 */

static const char *const group_titles[] = { N_ ("Data"), N_ ("Shape"), N_ ("Layers") };

/* Which of the groups: what comes in, how large the network is, what its layers are. */
static int
group_of (const LwKnob *knob)
{
  static const char *const data[] = { "input_size", "channels", "classes", NULL };
  static const char *const layers[] = { "activation", "normalization", "pooling",
                                        "dropout",    "shortcut",      NULL };

  return g_strv_contains (data, knob->name) ? 0 : g_strv_contains (layers, knob->name) ? 2 : 1;
}

static void
row_edited (LwKnobRow *row, LwKnobsPanel *self)
{
  g_autofree char *value = lw_knob_row_value (row);
  g_autoptr (GError) error = NULL;

  if (self->refreshing)
    return;
  if (!lw_workbench_turn (self->workbench, lw_knob_row_knob (row)->name, value, &error))
    lw_knob_row_set_error (row, error->message);
}

static void
row_settled (LwKnobsPanel *self)
{
  if (!self->refreshing)
    lw_workbench_settle (self->workbench);
}

static void
clear_rows (LwKnobsPanel *self)
{
  GtkWidget *child;

  g_ptr_array_set_size (self->rows, 0);
  while ((child = gtk_widget_get_first_child (self->groups)) != NULL)
    gtk_box_remove (GTK_BOX (self->groups), child);
}

/* What tensors are called matters to files of weights alone. */
static bool
is_hidden (const LwKnob *knob)
{
  return g_str_equal (knob->name, "names");
}

static void
make_rows (LwKnobsPanel *self, const LwModel *model)
{
  clear_rows (self);
  self->model = model;
  for (guint group = 0; group < G_N_ELEMENTS (group_titles); group++) {
    GtkWidget *heading = gtk_label_new (_ (group_titles[group]));
    GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

    gtk_widget_add_css_class (heading, "lw-heading");
    gtk_label_set_xalign (GTK_LABEL (heading), 0);
    gtk_widget_add_css_class (card, "lw-card");
    gtk_widget_add_css_class (card, "lw-knobs");
    for (const LwKnob *const *knob = model->knobs; *knob != NULL; knob++) {
      GtkWidget *row;

      if (group_of (*knob) != (int)group || is_hidden (*knob))
        continue;
      row = lw_knob_row_new (*knob);
      g_signal_connect (row, "edited", G_CALLBACK (row_edited), self);
      g_signal_connect_swapped (row, "settled", G_CALLBACK (row_settled), self);
      gtk_box_append (GTK_BOX (card), row);
      g_ptr_array_add (self->rows, row);
    }
    gtk_box_append (GTK_BOX (self->groups), heading);
    gtk_box_append (GTK_BOX (self->groups), card);
  }
}

/* --- "Not in AlexNet: …" -----------------------------------------------------------------------
 */

static char *
lower_first (const char *title)
{
  g_autofree char *first = g_utf8_substring (title, 0, 1);
  g_autofree char *lower = g_utf8_strdown (first, -1);

  return g_strconcat (lower, g_utf8_next_char (title), NULL);
}

/* Knobs that other networks have, each at the family that has it first; one knob in several
 * families under several titles is named once. */
static void
show_others (LwKnobsPanel *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GHashTable) named = g_hash_table_new (g_str_hash, g_str_equal);

  for (int32_t i = lw_n_book_models () - 1; i >= 0; i--) { /* the latest ideas first */
    const LwModel *other = lw_model (i);
    g_autoptr (GString) titles = g_string_new (NULL);

    if (g_hash_table_size (named) >= MOST_OTHERS ||
        g_str_equal (other->family, self->model->family))
      continue;
    for (const LwKnob *const *knob = other->knobs; *knob != NULL; knob++) {
      g_autofree char *title = lower_first (_ ((*knob)->title));

      if (lw_model_knob (self->model, (*knob)->name) != NULL || is_hidden (*knob) ||
          !g_hash_table_add (named, (gpointer)(*knob)->name))
        continue;
      g_string_append_printf (titles, "%s%s", titles->len > 0 ? ", " : "", title);
    }
    if (titles->len > 0)
      g_string_append_printf (text, "%s%s (%s)", text->len > 0 ? ", " : "", titles->str,
                              other->family);
  }
  if (text->len > 0) {
    g_autofree char *line = g_strdup_printf (_ ("Not in %s: %s."), self->model->title, text->str);

    gtk_label_set_text (GTK_LABEL (self->others), line);
  }
  gtk_widget_set_visible (gtk_widget_get_parent (self->others), text->len > 0);
}

/* --- following ---------------------------------------------------------------------------------
 */

static char *
error_of (LwKnobsPanel *self, const LwKnob *knob, const char *value)
{
  int nearest;
  const char *culprit = lw_workbench_culprit (self->workbench, &nearest);
  g_autofree char *in_use = NULL;

  if (lw_workbench_obstacle (self->workbench) == NULL || g_strcmp0 (culprit, knob->name) != 0)
    return NULL;
  in_use = lw_options_get (lw_workbench_settings (self->workbench)->options, knob->name);
  if (nearest <= 0 && knob->type != LW_KNOB_INTEGER)
    return g_strdup_printf (_ ("cannot work; %s is still in use"), in_use);
  return nearest > g_ascii_strtoll (value, NULL, 10)
             ? g_strdup_printf (_ ("at least %d; %s is still in use"), nearest, in_use)
             : g_strdup_printf (_ ("at most %d; %s is still in use"), nearest, in_use);
}

static void
refresh (LwKnobsPanel *self)
{
  const LwOptions *options = lw_workbench_knobs (self->workbench);
  g_autoptr (LwOptions) book = lw_options_new (lw_options_model (options));
  const bool run = lw_workbench_run (self->workbench) != NULL;
  g_autofree char *command = NULL;

  self->refreshing = true;
  if (self->model != lw_options_model (options)) {
    make_rows (self, lw_options_model (options));
    show_others (self);
  }
  for (guint i = 0; i < self->rows->len; i++) {
    LwKnobRow *row = g_ptr_array_index (self->rows, i);
    const LwKnob *knob = lw_knob_row_knob (row);
    g_autofree char *value = lw_options_get (options, knob->name);
    g_autofree char *standard = lw_options_get (book, knob->name);
    g_autofree char *error = error_of (self, knob, value);

    lw_knob_row_show (row, value, standard);
    lw_knob_row_set_error (row, error);
  }
  lw_set_sensitive (self->groups, !run);
  gtk_widget_set_visible (self->run_note, run);
  gtk_widget_set_sensitive (self->undo, lw_workbench_can_undo (self->workbench));
  gtk_widget_set_sensitive (self->redo, lw_workbench_can_redo (self->workbench));
  gtk_widget_set_sensitive (self->book, !run && !lw_options_equal (options, book));
  command = lw_options_command (options, "train");
  gtk_label_set_text (GTK_LABEL (self->command), command);
  self->refreshing = false;
}

static void
copy_command (LwKnobsPanel *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                          gtk_label_get_text (GTK_LABEL (self->command)));
}

static void
start_from_run (LwKnobsPanel *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);

  if (run != NULL)
    lw_workbench_use_settings (self->workbench, lw_run_item_settings (run));
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static GtkWidget *
icon_button (const char *icon, const char *name, GCallback clicked, gpointer data)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, name);
  lw_name_widget (button, name);
  g_signal_connect_swapped (button, "clicked", clicked, data);
  return button;
}

static GtkWidget *
make_head (LwKnobsPanel *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  GtkWidget *title = gtk_label_new (_ ("Knobs"));

  gtk_widget_add_css_class (title, "lw-strong");
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_set_hexpand (title, TRUE);
  self->undo = icon_button ("edit-undo-symbolic", _ ("Undo"), G_CALLBACK (lw_workbench_undo),
                            self->workbench);
  self->redo = icon_button ("edit-redo-symbolic", _ ("Redo"), G_CALLBACK (lw_workbench_redo),
                            self->workbench);
  self->book = gtk_button_new_with_label (_ ("Book"));
  gtk_widget_set_tooltip_text (self->book, _ ("All knobs as the book has them"));
  g_signal_connect_swapped (self->book, "clicked", G_CALLBACK (lw_workbench_reset_knobs),
                            self->workbench);
  gtk_box_append (GTK_BOX (head), title);
  gtk_box_append (GTK_BOX (head), self->undo);
  gtk_box_append (GTK_BOX (head), self->redo);
  gtk_box_append (GTK_BOX (head), self->book);
  return head;
}

static GtkWidget *
make_run_note (LwKnobsPanel *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *label = gtk_label_new (
      _ ("These are the knobs of the selected run. They stay as they are; a new run can start "
         "from them."));
  GtkWidget *button = gtk_button_new_with_label (_ ("Start From These"));

  gtk_widget_add_css_class (label, "lw-caption");
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_set_halign (button, GTK_ALIGN_START);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (start_from_run), self);
  gtk_box_append (GTK_BOX (box), lw_paragraph_new (label, 200));
  gtk_box_append (GTK_BOX (box), button);
  self->run_note = box;
  return box;
}

static GtkWidget *
action_button (const char *icon, const char *words, const char *action, const char *help)
{
  GtkWidget *button = gtk_button_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 7);

  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name (icon));
  gtk_box_append (GTK_BOX (box), gtk_label_new (words));
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_set_hexpand (button, TRUE);
  gtk_widget_set_tooltip_text (button, help);
  lw_name_widget (button, words);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  return button;
}

static GtkWidget *
make_foot (LwKnobsPanel *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  GtkWidget *heading = gtk_label_new (_ ("The same on the command line"));

  self->others = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->others, "lw-caption");
  gtk_label_set_xalign (GTK_LABEL (self->others), 0);
  gtk_label_set_wrap (GTK_LABEL (self->others), TRUE);
  gtk_box_set_homogeneous (GTK_BOX (buttons), TRUE);
  gtk_box_append (GTK_BOX (buttons),
                  action_button ("document-save-symbolic", _ ("Save as…"), "win.save-variant",
                                 _ ("Keep this network under a name")));
  gtk_box_append (GTK_BOX (buttons), action_button ("lw-train-symbolic", _ ("Train"), "win.train",
                                                    _ ("Train this network (Ctrl+Space)")));
  gtk_widget_add_css_class (heading, "lw-heading");
  gtk_label_set_xalign (GTK_LABEL (heading), 0);
  gtk_widget_set_margin_top (heading, 4);
  self->command = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->command, "lw-tensor");
  gtk_label_set_selectable (GTK_LABEL (self->command), TRUE);
  gtk_label_set_wrap (GTK_LABEL (self->command), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->command), 0);
  gtk_label_set_width_chars (GTK_LABEL (self->command), 20);
  gtk_label_set_max_width_chars (GTK_LABEL (self->command), 30);
  gtk_widget_set_hexpand (self->command, TRUE);
  gtk_box_append (GTK_BOX (line), self->command);
  gtk_box_append (GTK_BOX (line), icon_button ("edit-copy-symbolic", _ ("Copy the command"),
                                               G_CALLBACK (copy_command), self));
  gtk_box_append (GTK_BOX (column), lw_paragraph_new (self->others, 200));
  gtk_box_append (GTK_BOX (column), buttons);
  gtk_box_append (GTK_BOX (column), heading);
  gtk_box_append (GTK_BOX (column), line);
  return column;
}

static gboolean
undo_key (GtkWidget *widget, GVariant *redo, gpointer data)
{
  LwKnobsPanel *self = LW_KNOBS_PANEL (widget);

  (void)data;
  for (guint i = 0; i < self->rows->len; i++) /* the last digits are what is undone */
    lw_knob_row_take (self->rows->pdata[i]);
  if (g_variant_get_boolean (redo))
    lw_workbench_redo (self->workbench);
  else
    lw_workbench_undo (self->workbench);
  return TRUE;
}

/* Ctrl+Z in a number's field means the knob, not the digits: it is caught before the field. */
static void
catch_undo (LwKnobsPanel *self)
{
  static const char *const keys[] = { "<Control>z", "<Control><Shift>z" };
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_shortcut_controller_add_shortcut (
        GTK_SHORTCUT_CONTROLLER (controller),
        gtk_shortcut_new_with_arguments (gtk_shortcut_trigger_parse_string (keys[i]),
                                         gtk_callback_action_new (undo_key, NULL, NULL), "b",
                                         i == 1));
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}

GtkWidget *
lw_knobs_panel_new (LwWorkbench *workbench)
{
  LwKnobsPanel *self = g_object_new (LW_TYPE_KNOBS_PANEL, NULL);
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);

  self->workbench = workbench;
  self->groups = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  gtk_widget_set_margin_start (column, 14);
  gtk_widget_set_margin_end (column, 14);
  gtk_widget_set_margin_top (column, 9);
  gtk_widget_set_margin_bottom (column, 14);
  gtk_box_append (GTK_BOX (column), make_head (self));
  gtk_box_append (GTK_BOX (column), make_run_note (self));
  gtk_box_append (GTK_BOX (column), self->groups);
  gtk_box_append (GTK_BOX (column), make_foot (self));
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->content), column);
  g_signal_connect_object (workbench, "selection-changed", G_CALLBACK (refresh), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "draft-changed", G_CALLBACK (refresh), self,
                           G_CONNECT_SWAPPED);
  catch_undo (self);
  refresh (self);
  return GTK_WIDGET (self);
}

static void
lw_knobs_panel_dispose (GObject *object)
{
  LwKnobsPanel *self = LW_KNOBS_PANEL (object);

  self->refreshing = true;
  g_clear_pointer (&self->content, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_knobs_panel_parent_class)->dispose (object);
}

static void
lw_knobs_panel_finalize (GObject *object)
{
  g_ptr_array_unref (LW_KNOBS_PANEL (object)->rows);
  G_OBJECT_CLASS (lw_knobs_panel_parent_class)->finalize (object);
}

static void
lw_knobs_panel_class_init (LwKnobsPanelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_knobs_panel_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_knobs_panel_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_knobs_panel_init (LwKnobsPanel *self)
{
  self->rows = g_ptr_array_new ();
  self->content = gtk_scrolled_window_new ();
  gtk_widget_set_focusable (self->content, FALSE); /* it follows what has the focus */
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->content), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_widget_set_size_request (self->content, LW_KNOBS_WIDTH, -1);
  gtk_widget_set_parent (self->content, GTK_WIDGET (self));
  gtk_widget_add_css_class (GTK_WIDGET (self), "lw-knobs-panel");
}
