#include "ui/setting-row.h"

#include "engine/sweep.h"
#include "ui/accessible.h"
#include "ui/paragraph.h"
#include "ui/scrolled.h"
#include "ui/setting-values.h"

#include <glib/gi18n.h>
#include <math.h>

#define FIELD_CHARS 6 /* of a number */

struct _LwSettingRow {
  GtkWidget parent;
  const LwSettingSpec *spec;
  GtkWidget *column, *line, *dot, *control, *help, *reset;
  char *standard;
  char *own_help; /* instead of the spec's; or NULL */
  char *entered;  /* text that was taken last */
  char *list;     /* several values, as they were typed; or NULL */
  bool showing;
  bool out_of_range; /* what was typed: the control says so, and has the nearest */
  bool list_edited;  /* by a person, and nobody was told yet */
};

G_DEFINE_FINAL_TYPE (LwSettingRow, lw_setting_row, GTK_TYPE_WIDGET)

static guint edited_signal;

bool
lw_setting_row_is_edited (LwSettingRow *self)
{
  g_autofree char *value = lw_setting_row_value (self);

  return self->standard != NULL && g_strcmp0 (value, self->standard) != 0;
}

static void
show_edited (LwSettingRow *self)
{
  const bool edited = lw_setting_row_is_edited (self);

  gtk_widget_set_visible (self->dot, edited);
  gtk_widget_set_visible (self->reset, edited && gtk_widget_get_sensitive (self->control));
}

static void
edited (LwSettingRow *self)
{
  if (self->showing)
    return;
  g_signal_emit (self, edited_signal, 0);
  show_edited (self);
}

/* A list has the room of the two buttons, which have nothing to step. */
static void
make_room_for_list (LwSettingRow *self)
{
  const int wide = self->list != NULL ? 11 : FIELD_CHARS;

  if (!GTK_IS_SPIN_BUTTON (self->control))
    return;
  gtk_editable_set_width_chars (GTK_EDITABLE (self->control), wide);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (self->control), wide);
  for (GtkWidget *part = gtk_widget_get_first_child (self->control); part != NULL;
       part = gtk_widget_get_next_sibling (part))
    if (GTK_IS_BUTTON (part))
      gtk_widget_set_visible (part, self->list == NULL);
}

static void
show_help (LwSettingRow *self)
{
  g_autofree char *of_list = self->list != NULL ? lw_setting_list_text (self->list) : NULL;

  make_room_for_list (self);
  if (!gtk_widget_has_css_class (self->help, "lw-error-text"))
    gtk_label_set_text (GTK_LABEL (self->help), of_list != NULL          ? of_list
                                                : self->own_help != NULL ? self->own_help
                                                                         : _ (self->spec->help));
}

static void
set_list (LwSettingRow *self, const char *list)
{
  if (g_strcmp0 (list, self->list) == 0)
    return;
  g_free (self->list);
  self->list = g_strdup (list);
  self->list_edited = !self->showing;
  gtk_widget_set_tooltip_text (self->control, list);
  show_help (self);
}

/* Another value has come. */
static void
forget_range (LwSettingRow *self)
{
  if (!self->out_of_range)
    return;
  self->out_of_range = false;
  lw_setting_row_set_error (self, NULL);
}

/* A number, or several: the control has the first of them. What is no number, or out of range, is
 * said below the field, which has the nearest it can. */
static int
parse_number (GtkSpinButton *spin, double *value, LwSettingRow *self)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (spin))));
  const bool list = lw_sweep_is_list (self->spec->field, text);
  g_autofree char *plain = g_strdelimit (g_strdup (text), ",;", list ? ' ' : '.');
  char *end;

  *value = g_ascii_strtod (plain, &end);
  while (g_ascii_isspace (*end))
    end++;
  if (end == plain || (*end != '\0' && !list) || isnan (*value)) {
    g_autofree char *sentence = g_strdup_printf (_ ("“%s” is no number."), text);

    lw_setting_row_set_error (self, sentence);
    *value = gtk_spin_button_get_value (spin); /* taken all the same: it stays as it was */
    return GTK_INPUT_ERROR;
  }
  if (*value < self->spec->minimum || *value > self->spec->maximum) {
    g_autofree char *low = lw_setting_number_text (self->spec->minimum);
    g_autofree char *high = lw_setting_number_text (self->spec->maximum);
    g_autofree char *sentence = g_strdup_printf (_ ("It has to be from %s to %s."), low, high);

    lw_setting_row_set_error (self, sentence);
    self->out_of_range = true;
  } else {
    forget_range (self);
  }
  set_list (self, list ? text : NULL);
  return TRUE;
}

static double
first_of (const char *list)
{
  return g_ascii_strtod (list, NULL);
}

static gboolean
print_number (GtkSpinButton *spin, LwSettingRow *self)
{
  const double value = gtk_spin_button_get_value (spin);
  g_autofree char *text = NULL;

  /* The buttons or the arrow keys made it another number. */
  if (self->list != NULL && fabs (value - first_of (self->list)) > 1e-9 * fabs (value))
    set_list (self, NULL);
  if (value > self->spec->minimum && value < self->spec->maximum)
    forget_range (self);
  text = self->list != NULL ? g_strdup (self->list) : lw_setting_number_text (value);
  if (g_strcmp0 (text, gtk_editable_get_text (GTK_EDITABLE (spin))) != 0)
    gtk_editable_set_text (GTK_EDITABLE (spin), text);
  if (self->list_edited) { /* perhaps without another value: nothing else would tell */
    self->list_edited = false;
    edited (self);
  }
  return TRUE;
}

static gboolean
rate_key (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
          GtkSpinButton *spin)
{
  (void)controller;
  (void)code;
  (void)state;
  if (key != GDK_KEY_Up && key != GDK_KEY_Down)
    return FALSE;
  lw_setting_step_rate (spin, key == GDK_KEY_Up ? 3 : 1.0 / 3);
  return TRUE;
}

/* The − and + of a spin button step by addition; a learning rate wants factors, so the adjustment's
 * jump of one step is turned into the next rate. */
static void
rate_changed (GtkAdjustment *adjustment, LwSettingRow *self)
{
  const double last = *(double *)g_object_get_data (G_OBJECT (adjustment), "last");
  const double value = gtk_adjustment_get_value (adjustment);
  const double step = gtk_adjustment_get_step_increment (adjustment);

  if (!self->showing && fabs (fabs (value - last) - step) < 1e-12) {
    self->showing = true;
    gtk_adjustment_set_value (adjustment, last);
    lw_setting_step_rate (GTK_SPIN_BUTTON (self->control), value > last ? 3 : 1.0 / 3);
    self->showing = false;
  }
  *(double *)g_object_get_data (G_OBJECT (adjustment), "last") =
      gtk_adjustment_get_value (adjustment);
  gtk_adjustment_set_step_increment (adjustment, 1e-7);
  edited (self);
}

static GtkWidget *
make_number (LwSettingRow *self)
{
  const LwSettingSpec *spec = self->spec;
  const bool rate = spec->step == 0;
  GtkAdjustment *adjustment = gtk_adjustment_new (spec->minimum, spec->minimum, spec->maximum,
                                                  rate ? 1e-7 : spec->step, 10 * spec->step, 0);
  GtkWidget *spin = gtk_spin_button_new (adjustment, 0, 7);

  gtk_editable_set_width_chars (GTK_EDITABLE (spin), FIELD_CHARS);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (spin), FIELD_CHARS);
  lw_leave_wheel (spin);
  g_signal_connect (spin, "input", G_CALLBACK (parse_number), self);
  g_signal_connect (spin, "output", G_CALLBACK (print_number), self);
  if (rate) {
    GtkEventController *keys = gtk_event_controller_key_new ();

    g_object_set_data_full (G_OBJECT (adjustment), "last", g_new0 (double, 1), g_free);
    g_signal_connect (adjustment, "value-changed", G_CALLBACK (rate_changed), self);
    gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
    g_signal_connect (keys, "key-pressed", G_CALLBACK (rate_key), spin);
    gtk_widget_add_controller (spin, keys);
  } else {
    g_signal_connect_swapped (spin, "value-changed", G_CALLBACK (edited), self);
  }
  return spin;
}

static GtkWidget *
make_choice (LwSettingRow *self)
{
  g_autoptr (GPtrArray) titles = g_ptr_array_new ();
  GtkWidget *drop;

  for (int i = 0; self->spec->choices[i] != NULL; i++)
    g_ptr_array_add (titles, (gpointer)_ (self->spec->choice_titles[i]));
  g_ptr_array_add (titles, NULL);
  drop = gtk_drop_down_new_from_strings ((const char *const *)titles->pdata);
  g_signal_connect_swapped (drop, "notify::selected", G_CALLBACK (edited), self);
  return drop;
}

static GtkWidget *
make_switch (LwSettingRow *self)
{
  GtkWidget *widget = gtk_switch_new ();

  g_signal_connect_swapped (widget, "notify::active", G_CALLBACK (edited), self);
  return widget;
}

/* With Enter, or when the focus goes elsewhere. */
static void
text_entered (LwSettingRow *self)
{
  g_autofree char *text = lw_setting_row_value (self);

  if (!self->showing && g_strcmp0 (text, self->entered) != 0)
    lw_setting_row_enter (self, text);
}

static GtkWidget *
make_text (LwSettingRow *self)
{
  GtkWidget *entry = gtk_entry_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();

  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 9);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (entry), 9);
  g_signal_connect_swapped (entry, "activate", G_CALLBACK (text_entered), self);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (text_entered), self);
  gtk_widget_add_controller (entry, focus);
  return entry;
}

char *
lw_setting_row_value (LwSettingRow *self)
{
  if (self->spec->is_text)
    return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->control))));
  if (self->spec->is_switch)
    return g_strdup (gtk_switch_get_active (GTK_SWITCH (self->control)) ? "true" : "false");
  if (self->spec->choices[0] != NULL)
    return g_strdup (
        self->spec->choices[gtk_drop_down_get_selected (GTK_DROP_DOWN (self->control))]);
  if (self->list != NULL)
    return g_strdup (self->list);
  return lw_setting_number_text (gtk_spin_button_get_value (GTK_SPIN_BUTTON (self->control)));
}

static void
set_value (LwSettingRow *self, const char *value)
{
  if (self->spec->is_text) {
    g_free (self->entered);
    self->entered = g_strdup (value);
    if (!g_str_equal (self->entered, gtk_editable_get_text (GTK_EDITABLE (self->control))))
      gtk_editable_set_text (GTK_EDITABLE (self->control), self->entered);
    gtk_widget_set_tooltip_text (self->control, *self->entered != '\0' ? self->entered : NULL);
  } else if (self->spec->is_switch) {
    gtk_switch_set_active (GTK_SWITCH (self->control), g_str_equal (value, "true"));
  } else if (self->spec->choices[0] != NULL) {
    for (guint i = 0; self->spec->choices[i] != NULL; i++)
      if (g_str_equal (self->spec->choices[i], value))
        gtk_drop_down_set_selected (GTK_DROP_DOWN (self->control), i);
  } else {
    set_list (self, lw_sweep_is_list (self->spec->field, value) ? value : NULL);
    gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->control), first_of (value));
  }
}

void
lw_setting_row_enter (LwSettingRow *self, const char *text)
{
  set_value (self, text);
  edited (self);
}

void
lw_setting_row_show (LwSettingRow *self, const char *value, const char *standard)
{
  forget_range (self);
  self->showing = true;
  if (standard != self->standard) {
    g_free (self->standard);
    self->standard = g_strdup (standard);
  }
  set_value (self, value);
  self->showing = false;
  show_edited (self);
}

static void
reset (LwSettingRow *self)
{
  if (self->standard == NULL)
    return;
  set_value (self, self->standard);
  if (self->spec->is_text)
    edited (self); /* the others' controls tell */
}

void
lw_setting_row_set_help (LwSettingRow *self, const char *sentence)
{
  const char *help = sentence != NULL ? sentence : _ (self->spec->help);

  g_free (self->own_help);
  self->own_help = g_strdup (sentence);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->control),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, help, -1);
  show_help (self);
}

void
lw_setting_row_set_error (LwSettingRow *self, const char *sentence)
{
  if (sentence == NULL && self->out_of_range)
    return; /* the value that was taken instead is sound, but not what was typed */
  if (sentence != NULL) {
    gtk_label_set_text (GTK_LABEL (self->help), sentence);
    gtk_widget_add_css_class (self->help, "lw-error-text");
    gtk_widget_add_css_class (self->control, "error");
  } else {
    gtk_widget_remove_css_class (self->help, "lw-error-text");
    gtk_widget_remove_css_class (self->control, "error");
    show_help (self);
  }
}

void
lw_setting_row_set_editable (LwSettingRow *self, bool editable)
{
  lw_set_sensitive (self->control, editable);
  show_edited (self);
}

bool
lw_setting_row_is_editable (LwSettingRow *self)
{
  return gtk_widget_get_sensitive (self->control);
}

void
lw_setting_row_add (LwSettingRow *self, GtkWidget *widget)
{
  gtk_widget_set_valign (widget, GTK_ALIGN_CENTER);
  gtk_box_insert_child_after (GTK_BOX (self->line), widget,
                              gtk_widget_get_prev_sibling (self->control));
}

const LwSettingSpec *
lw_setting_row_spec (LwSettingRow *self)
{
  return self->spec;
}

GtkWidget *
lw_setting_row_new (const LwSettingSpec *spec)
{
  LwSettingRow *self = g_object_new (LW_TYPE_SETTING_ROW, NULL);
  GtkWidget *line = self->line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *bottom = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *title = gtk_label_new (_ (spec->title)), *head = gtk_overlay_new ();
  g_autofree char *reset_name = g_strdup_printf (_ ("Reset: %s"), _ (spec->title));

  self->spec = spec;
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));

  self->dot = gtk_label_new ("●");
  gtk_widget_add_css_class (self->dot, "lw-accent-text");
  gtk_widget_set_tooltip_text (self->dot, _ ("Edited"));
  gtk_widget_set_visible (self->dot, FALSE);
  gtk_widget_add_css_class (title, "lw-body");
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_set_hexpand (title, TRUE);
  self->control = spec->is_text              ? make_text (self)
                  : spec->is_switch          ? make_switch (self)
                  : spec->choices[0] != NULL ? make_choice (self)
                                             : make_number (self);
  gtk_widget_set_valign (self->control, GTK_ALIGN_CENTER);
  if (GTK_IS_DROP_DOWN (self->control))
    lw_name_drop_down (self->control, _ (spec->title));
  else
    lw_name_widget (self->control, _ (spec->title));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->control),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, _ (spec->help), -1);
  /* The dot stands in the margin, so that a row is no wider with it. */
  gtk_widget_add_css_class (self->dot, "lw-margin-dot");
  gtk_widget_set_halign (self->dot, GTK_ALIGN_START);
  gtk_widget_set_valign (self->dot, GTK_ALIGN_CENTER);
  gtk_overlay_set_child (GTK_OVERLAY (head), title);
  gtk_overlay_add_overlay (GTK_OVERLAY (head), self->dot);
  gtk_box_append (GTK_BOX (line), head);
  gtk_box_append (GTK_BOX (line), self->control);

  self->help = gtk_label_new (_ (spec->help));
  gtk_widget_add_css_class (self->help, "lw-caption");
  gtk_label_set_xalign (GTK_LABEL (self->help), 0);
  gtk_label_set_wrap (GTK_LABEL (self->help), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (self->help), 24);
  gtk_widget_set_hexpand (self->help, TRUE);
  self->reset = gtk_button_new_with_label (_ ("Reset"));
  lw_name_widget (self->reset, reset_name);
  gtk_widget_add_css_class (self->reset, "flat");
  gtk_widget_add_css_class (self->reset, "lw-caption");
  gtk_widget_set_valign (self->reset, GTK_ALIGN_START);
  gtk_widget_set_visible (self->reset, FALSE);
  g_signal_connect_swapped (self->reset, "clicked", G_CALLBACK (reset), self);
  gtk_box_append (GTK_BOX (bottom), lw_paragraph_new (self->help, 120));
  gtk_box_append (GTK_BOX (bottom), self->reset);

  gtk_box_append (GTK_BOX (self->column), line);
  gtk_box_append (GTK_BOX (self->column), bottom);
  return GTK_WIDGET (self);
}

static void
lw_setting_row_dispose (GObject *object)
{
  LwSettingRow *self = LW_SETTING_ROW (object);

  g_clear_pointer (&self->column, gtk_widget_unparent);
  g_clear_pointer (&self->standard, g_free);
  g_clear_pointer (&self->own_help, g_free);
  g_clear_pointer (&self->list, g_free);
  g_clear_pointer (&self->entered, g_free);
  G_OBJECT_CLASS (lw_setting_row_parent_class)->dispose (object);
}

static void
lw_setting_row_class_init (LwSettingRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_setting_row_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  edited_signal = g_signal_new ("edited", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_setting_row_init (LwSettingRow *self)
{
  (void)self;
}
