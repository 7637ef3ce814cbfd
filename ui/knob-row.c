#include "ui/knob-row.h"

#include "ui/accessible.h"
#include "ui/change-words.h"
#include "ui/scrolled.h"

#include <glib/gi18n.h>
#include <math.h>

#define MOST_BUTTONS 3
#define TYPING_MS    300 /* a number is taken when nothing was typed for so long */
#define FACTOR_STEP  0.0625
#define SHARE_STEP   0.05

struct _LwKnobRow {
  GtkWidget parent;
  const LwKnob *knob;
  GtkWidget *column, *dot, *line, *control; /* spin, scale, box of buttons, list or switch */
  GtkWidget *buttons[MOST_BUTTONS];
  GtkWidget *factor; /* what a slider says */
  GtkWidget *below, *note, *reset;
  char *value, *standard;
  guint typing_id;
  bool showing;
};

G_DEFINE_FINAL_TYPE (LwKnobRow, lw_knob_row, GTK_TYPE_WIDGET)

enum { EDITED, SETTLED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* --- values ------------------------------------------------------------------------------------
 */

static bool
is_factor (const LwKnob *knob)
{
  return knob->type == LW_KNOB_REAL && knob->minimum > 0;
}

static char *
number_text (double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  return g_strdup (g_ascii_formatd (text, sizeof text, "%.6g", value));
}

static char *
control_value (LwKnobRow *self)
{
  guint which = 0;

  switch (self->knob->type) {
  case LW_KNOB_BOOLEAN:
    return g_strdup (gtk_switch_get_active (GTK_SWITCH (self->control)) ? "true" : "false");
  case LW_KNOB_CHOICE:
    if (GTK_IS_DROP_DOWN (self->control))
      which = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->control));
    else
      while (which + 1 < MOST_BUTTONS && self->buttons[which + 1] != NULL &&
             !gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->buttons[which])))
        which++;
    return g_strdup (self->knob->choices[which]);
  case LW_KNOB_INTEGER:
  case LW_KNOB_REAL:
    break;
  }
  return number_text (GTK_IS_RANGE (self->control)
                          ? gtk_range_get_value (GTK_RANGE (self->control))
                          : gtk_spin_button_get_value (GTK_SPIN_BUTTON (self->control)));
}

static void
set_control (LwKnobRow *self, const char *value)
{
  const double number = g_ascii_strtod (value, NULL);

  if (GTK_IS_SWITCH (self->control))
    gtk_switch_set_active (GTK_SWITCH (self->control), g_str_equal (value, "true"));
  else if (GTK_IS_RANGE (self->control))
    gtk_range_set_value (GTK_RANGE (self->control), number);
  else if (GTK_IS_SPIN_BUTTON (self->control))
    gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->control), number);
  else
    for (guint i = 0; self->knob->choices[i] != NULL; i++) {
      if (!g_str_equal (self->knob->choices[i], value))
        continue;
      if (GTK_IS_DROP_DOWN (self->control))
        gtk_drop_down_set_selected (GTK_DROP_DOWN (self->control), i);
      else
        gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->buttons[i]), TRUE);
    }
}

static char *
value_words (const LwKnob *knob, const char *value)
{
  if (knob->type == LW_KNOB_CHOICE)
    return g_strdup (lw_knob_choice_title (value));
  if (knob->type == LW_KNOB_BOOLEAN)
    return g_strdup (g_str_equal (value, "true") ? _ ("on") : _ ("off"));
  return g_strdup (value);
}

static void
show_state (LwKnobRow *self)
{
  const bool changed = g_strcmp0 (self->value, self->standard) != 0;
  const bool wrong = gtk_widget_has_css_class (self->note, "lw-error-text");

  gtk_widget_set_visible (self->dot, changed);
  gtk_widget_set_visible (self->reset, changed && !wrong);
  gtk_widget_set_visible (self->below, changed || wrong);
  if (changed && !wrong) {
    g_autofree char *words = value_words (self->knob, self->standard);
    g_autofree char *note = g_strdup_printf (_ ("book: %s"), words);

    gtk_label_set_text (GTK_LABEL (self->note), note);
  }
  if (self->factor != NULL) {
    g_autofree char *words = g_strdup_printf ("× %s", self->value);

    gtk_label_set_text (GTK_LABEL (self->factor), words);
  }
}

static void
changed (LwKnobRow *self)
{
  g_autofree char *value = control_value (self);

  g_clear_handle_id (&self->typing_id, g_source_remove);
  if (self->showing || g_strcmp0 (value, self->value) == 0)
    return;
  g_free (self->value);
  self->value = g_steal_pointer (&value);
  show_state (self);
  g_signal_emit (self, signals[EDITED], 0);
}

static void
settled (LwKnobRow *self)
{
  if (self->knob != NULL && !self->showing)
    g_signal_emit (self, signals[SETTLED], 0);
}

/* What is chosen at one stroke. */
static void
chosen (LwKnobRow *self)
{
  settled (self);
  changed (self);
  settled (self);
}

/* --- controls ----------------------------------------------------------------------------------
 */

static gboolean
typed_enough (gpointer data)
{
  LwKnobRow *self = LW_KNOB_ROW (data);

  self->typing_id = 0;
  gtk_spin_button_update (GTK_SPIN_BUTTON (self->control));
  return G_SOURCE_REMOVE;
}

/* Digits are followed once they make a number within the range that is written as we write it: "0."
 * is not finished, and 1 of 128 would become the least value. */
static void
typed (GtkEditable *editable, LwKnobRow *self)
{
  const char *text = gtk_editable_get_text (editable);
  const double number = g_ascii_strtod (text, NULL);
  g_autofree char *again = number_text (number);

  g_clear_handle_id (&self->typing_id, g_source_remove);
  if (!self->showing && g_str_equal (text, again) && number >= self->knob->minimum &&
      number <= self->knob->maximum && g_strcmp0 (text, self->value) != 0)
    self->typing_id = g_timeout_add (TYPING_MS, typed_enough, self);
}

static int
parse_number (GtkSpinButton *spin, double *value)
{
  g_autofree char *plain =
      g_strdelimit (g_strdup (gtk_editable_get_text (GTK_EDITABLE (spin))), ",", '.');
  char *end;

  *value = g_ascii_strtod (plain, &end);
  return end == plain ? GTK_INPUT_ERROR : TRUE;
}

static gboolean
print_number (GtkSpinButton *spin)
{
  g_autofree char *text = number_text (gtk_spin_button_get_value (spin));

  if (g_strcmp0 (text, gtk_editable_get_text (GTK_EDITABLE (spin))) != 0)
    gtk_editable_set_text (GTK_EDITABLE (spin), text);
  return TRUE;
}

static void
watch_focus (LwKnobRow *self, GtkWidget *widget)
{
  GtkEventController *focus = gtk_event_controller_focus_new ();

  g_signal_connect_swapped (focus, "leave", G_CALLBACK (settled), self);
  gtk_widget_add_controller (widget, focus);
}

static GtkWidget *
make_spin (LwKnobRow *self)
{
  const LwKnob *knob = self->knob;
  const double step = knob->type == LW_KNOB_INTEGER ? 1 : SHARE_STEP;
  GtkAdjustment *adjustment =
      gtk_adjustment_new (knob->standard, knob->minimum, knob->maximum, step, 8 * step, 0);
  GtkWidget *spin = gtk_spin_button_new (adjustment, 0, knob->type == LW_KNOB_INTEGER ? 0 : 4);

  gtk_editable_set_width_chars (GTK_EDITABLE (spin), 4);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (spin), 5);
  lw_leave_wheel (spin);
  g_signal_connect (spin, "input", G_CALLBACK (parse_number), NULL);
  g_signal_connect (spin, "output", G_CALLBACK (print_number), NULL);
  g_signal_connect_swapped (spin, "value-changed", G_CALLBACK (changed), self);
  g_signal_connect (spin, "changed", G_CALLBACK (typed), self);
  watch_focus (self, spin);
  return spin;
}

static void
slid (GtkRange *range, LwKnobRow *self)
{
  const double value = gtk_range_get_value (range);
  const double snapped = MAX (round (value / FACTOR_STEP) * FACTOR_STEP, self->knob->minimum);

  if (!self->showing && snapped != value)
    gtk_range_set_value (range, snapped); /* comes here again */
  else
    changed (self);
}

static GtkWidget *
make_slider (LwKnobRow *self)
{
  const LwKnob *knob = self->knob;
  GtkWidget *scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, knob->minimum,
                                               knob->maximum, FACTOR_STEP);

  gtk_widget_set_size_request (scale, 100, -1);
  lw_leave_wheel (scale);
  gtk_range_set_round_digits (GTK_RANGE (scale), -1);
  g_signal_connect (scale, "value-changed", G_CALLBACK (slid), self);
  watch_focus (self, scale);
  self->factor = gtk_label_new (NULL);
  gtk_label_set_width_chars (GTK_LABEL (self->factor), 7);
  gtk_label_set_xalign (GTK_LABEL (self->factor), 1);
  gtk_widget_add_css_class (self->factor, "lw-number");
  gtk_widget_add_css_class (self->factor, "lw-body");
  return scale;
}

static void
toggled (GtkToggleButton *button, LwKnobRow *self)
{
  if (gtk_toggle_button_get_active (button))
    chosen (self);
}

static GtkWidget *
make_buttons (LwKnobRow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_add_css_class (box, "linked");
  for (int i = 0; self->knob->choices[i] != NULL; i++) {
    const char *title = lw_knob_choice_title (self->knob->choices[i]);
    g_autofree char *name = g_strdup_printf ("%s: %s", _ (self->knob->title), title);

    self->buttons[i] = gtk_toggle_button_new_with_label (title);
    lw_name_widget (self->buttons[i], name);
    gtk_widget_add_css_class (self->buttons[i], "lw-knob-choice");
    if (i > 0)
      gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (self->buttons[i]),
                                   GTK_TOGGLE_BUTTON (self->buttons[0]));
    g_signal_connect (self->buttons[i], "toggled", G_CALLBACK (toggled), self);
    gtk_box_append (GTK_BOX (box), self->buttons[i]);
  }
  return box;
}

static GtkWidget *
make_list (LwKnobRow *self)
{
  GtkStringList *titles = gtk_string_list_new (NULL);
  GtkWidget *list;

  for (int i = 0; self->knob->choices[i] != NULL; i++)
    gtk_string_list_append (titles, lw_knob_choice_title (self->knob->choices[i]));
  list = gtk_drop_down_new (G_LIST_MODEL (titles), NULL);
  g_signal_connect_swapped (list, "notify::selected", G_CALLBACK (chosen), self);
  return list;
}

static GtkWidget *
make_control (LwKnobRow *self)
{
  const LwKnob *knob = self->knob;
  GtkWidget *control;
  int n = 0;

  if (knob->type == LW_KNOB_CHOICE)
    while (knob->choices[n] != NULL)
      n++;
  if (knob->type == LW_KNOB_BOOLEAN) {
    control = gtk_switch_new ();
    g_signal_connect_swapped (control, "notify::active", G_CALLBACK (chosen), self);
  } else if (knob->type == LW_KNOB_CHOICE) {
    control = n <= MOST_BUTTONS ? make_buttons (self) : make_list (self);
  } else {
    control = is_factor (knob) ? make_slider (self) : make_spin (self);
  }
  gtk_widget_set_valign (control, GTK_ALIGN_CENTER);
  if (GTK_IS_DROP_DOWN (control))
    lw_name_drop_down (control, _ (knob->title));
  else if (self->buttons[0] == NULL)
    lw_name_widget (control, _ (knob->title));
  gtk_accessible_update_property (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  _ (knob->help), -1);
  return control;
}

/* --- for the panel -----------------------------------------------------------------------------
 */

const LwKnob *
lw_knob_row_knob (LwKnobRow *self)
{
  return self->knob;
}

char *
lw_knob_row_value (LwKnobRow *self)
{
  return g_strdup (self->value);
}

void
lw_knob_row_show (LwKnobRow *self, const char *value, const char *standard)
{
  self->showing = true;
  g_clear_handle_id (&self->typing_id, g_source_remove);
  g_free (self->standard);
  self->standard = g_strdup (standard);
  if (g_strcmp0 (value, self->value) != 0) {
    g_free (self->value);
    self->value = g_strdup (value);
  }
  set_control (self, value); /* also when it is the same: digits may stand there that it is not */
  show_state (self);
  self->showing = false;
}

void
lw_knob_row_take (LwKnobRow *self)
{
  if (self->typing_id == 0)
    return;
  g_clear_handle_id (&self->typing_id, g_source_remove);
  gtk_spin_button_update (GTK_SPIN_BUTTON (self->control));
}

void
lw_knob_row_set_error (LwKnobRow *self, const char *sentence)
{
  if (sentence != NULL) {
    g_autofree char *note = g_strconcat ("! ", sentence, NULL);

    gtk_label_set_text (GTK_LABEL (self->note), note);
    gtk_widget_add_css_class (self->note, "lw-error-text");
    gtk_widget_add_css_class (self->control, "error");
  } else {
    gtk_widget_remove_css_class (self->note, "lw-error-text");
    gtk_widget_remove_css_class (self->control, "error");
  }
  gtk_accessible_update_state (
      GTK_ACCESSIBLE (self->control), GTK_ACCESSIBLE_STATE_INVALID,
      sentence != NULL ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
  show_state (self);
}

static void
reset (LwKnobRow *self)
{
  set_control (self, self->standard);
  settled (self);
}

/* --- set-up ------------------------------------------------------------------------------------
 */

GtkWidget *
lw_knob_row_new (const LwKnob *knob)
{
  LwKnobRow *self = g_object_new (LW_TYPE_KNOB_ROW, NULL);
  GtkWidget *title = gtk_label_new (_ (knob->title));
  g_autofree char *reset_name = g_strdup_printf (_ ("Reset: %s"), _ (knob->title));

  self->knob = knob;
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  self->line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 7);
  self->below = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), _ (knob->help));

  self->dot = gtk_label_new ("●");
  gtk_widget_add_css_class (self->dot, "lw-accent-text");
  gtk_widget_add_css_class (self->dot, "lw-knob-dot");
  gtk_widget_add_css_class (title, "lw-body");
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_wrap (GTK_LABEL (title), TRUE);
  gtk_widget_set_hexpand (title, TRUE);
  self->control = make_control (self);
  gtk_box_append (GTK_BOX (self->line), self->dot);
  gtk_box_append (GTK_BOX (self->line), title);
  gtk_box_append (GTK_BOX (self->line), self->control);
  if (self->factor != NULL)
    gtk_box_append (GTK_BOX (self->line), self->factor);

  self->note = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->note, "lw-caption");
  gtk_label_set_xalign (GTK_LABEL (self->note), 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->note), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (self->note, TRUE);
  self->reset = gtk_button_new_with_label (_ ("Reset"));
  lw_name_widget (self->reset, reset_name);
  gtk_widget_add_css_class (self->reset, "flat");
  gtk_widget_add_css_class (self->reset, "lw-link");
  g_signal_connect_swapped (self->reset, "clicked", G_CALLBACK (reset), self);
  gtk_box_append (GTK_BOX (self->below), self->note);
  gtk_box_append (GTK_BOX (self->below), self->reset);

  gtk_box_append (GTK_BOX (self->column), self->line);
  gtk_box_append (GTK_BOX (self->column), self->below);
  return GTK_WIDGET (self);
}

static void
lw_knob_row_dispose (GObject *object)
{
  LwKnobRow *self = LW_KNOB_ROW (object);

  self->showing = true; /* the focus leaves now, and nobody is to hear of it */
  g_clear_handle_id (&self->typing_id, g_source_remove);
  g_clear_pointer (&self->column, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_knob_row_parent_class)->dispose (object);
}

static void
lw_knob_row_finalize (GObject *object)
{
  g_free (LW_KNOB_ROW (object)->value);
  g_free (LW_KNOB_ROW (object)->standard);
  G_OBJECT_CLASS (lw_knob_row_parent_class)->finalize (object);
}

static void
lw_knob_row_class_init (LwKnobRowClass *klass)
{
  static const char *const names[] = { "edited", "settled" };

  G_OBJECT_CLASS (klass)->dispose = lw_knob_row_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_knob_row_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  for (int i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                               NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_knob_row_init (LwKnobRow *self)
{
  (void)self;
}
