#include "ui/chart-axes.h"

#include "ui/accessible.h"

#include <glib/gi18n.h>
#include <math.h>

enum { X, LOSS, ACCURACY, N_AXES };

typedef struct {
  LwChartView *charts;
  GtkWidget *button, *sentence;
  GtkWidget *from[N_AXES], *to[N_AXES], *log[N_AXES], *zero[N_AXES];
  bool showing;
} Axes;

static LwChartAxis *
axis_of (LwChartAxes *axes, int which)
{
  return which == LOSS ? &axes->loss : &axes->accuracy;
}

static void
show_number (GtkWidget *field, double value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE] = "";

  if (isfinite (value))
    g_ascii_formatd (number, sizeof number, "%.6g", value);
  gtk_widget_remove_css_class (field, "error");
  if (g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (field)), number) != 0)
    gtk_editable_set_text (GTK_EDITABLE (field), number);
}

static void
show (Axes *self)
{
  LwChartAxes axes = lw_chart_view_axes (self->charts);

  self->showing = true;
  for (int which = LOSS; which < N_AXES; which++) {
    const LwChartAxis *axis = axis_of (&axes, which);

    show_number (self->from[which], axis->min);
    show_number (self->to[which], axis->max);
    gtk_check_button_set_active (GTK_CHECK_BUTTON (self->log[which]), axis->log);
    gtk_check_button_set_active (GTK_CHECK_BUTTON (self->zero[which]), axis->zero && !axis->log);
    gtk_widget_set_sensitive (self->zero[which], !axis->log);
  }
  if (lw_chart_view_is_zoomed (self->charts)) {
    const LwChartRange shown = lw_chart_view_shown (self->charts);

    show_number (self->from[X], shown.min);
    show_number (self->to[X], shown.max);
  } else {
    show_number (self->from[X], NAN);
    show_number (self->to[X], NAN);
  }
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->log[X]), axes.log_x);
  gtk_widget_set_visible (self->sentence, FALSE);
  self->showing = false;
}

/* "": from the data. False for what is no number. */
static bool
read_number (GtkWidget *field, double *ret_value)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (field))));
  char *end;

  *ret_value = NAN;
  if (text[0] == '\0')
    return true;
  for (char *c = text; *c != '\0'; c++)
    *c = *c == ',' ? '.' : *c;
  *ret_value = g_ascii_strtod (text, &end);
  return *end == '\0' && end != text && isfinite (*ret_value);
}

static bool
refuse (Axes *self, GtkWidget *field, const char *sentence)
{
  gtk_widget_add_css_class (field, "error");
  gtk_label_set_text (GTK_LABEL (self->sentence), sentence);
  gtk_widget_set_visible (self->sentence, TRUE);
  return false;
}

/* Both ends of an axis, or a sentence that says what is wrong. */
static bool
read_ends (Axes *self, int which, bool log, double *ret_min, double *ret_max)
{
  gtk_widget_remove_css_class (self->from[which], "error");
  gtk_widget_remove_css_class (self->to[which], "error");
  gtk_widget_set_visible (self->sentence, FALSE);
  if (!read_number (self->from[which], ret_min))
    return refuse (self, self->from[which], _ ("Type a number, or nothing for automatic."));
  if (!read_number (self->to[which], ret_max))
    return refuse (self, self->to[which], _ ("Type a number, or nothing for automatic."));
  if (log && *ret_min <= 0)
    return refuse (self, self->from[which], _ ("A logarithmic axis starts above 0."));
  if (log && *ret_max <= 0)
    return refuse (self, self->to[which], _ ("A logarithmic axis ends above 0."));
  if (*ret_min >= *ret_max)
    return refuse (self, self->to[which], _ ("The end has to be above the beginning."));
  return true;
}

static void
apply_x (Axes *self, const LwChartAxes *axes)
{
  const LwChartRange shown = lw_chart_view_shown (self->charts);
  double min, max;

  if (!read_ends (self, X, axes->log_x, &min, &max))
    return;
  if (isnan (min) && isnan (max)) {
    if (lw_chart_view_is_zoomed (self->charts))
      lw_chart_view_fit (self->charts);
    return;
  }
  /* The other end stays where it is shown. */
  min = isnan (min) ? shown.min : min;
  max = isnan (max) ? shown.max : max;
  if (min >= max)
    refuse (self, self->to[X], _ ("The end has to be above the beginning."));
  else if (fabs (min - shown.min) > 1e-6 * fabs (max - min) ||
           fabs (max - shown.max) > 1e-6 * fabs (max - min))
    lw_chart_view_zoom_to (self->charts, min, max);
}

static void
apply (Axes *self, int which)
{
  LwChartAxes axes = lw_chart_view_axes (self->charts);
  LwChartAxis *axis = axis_of (&axes, which);
  double min, max;

  if (self->showing || !gtk_widget_get_mapped (self->button))
    return;
  if (which == X) {
    apply_x (self, &axes);
    return;
  }
  if (!read_ends (self, which, axis->log, &min, &max) ||
      ((min == axis->min || (isnan (min) && isnan (axis->min))) &&
       (max == axis->max || (isnan (max) && isnan (axis->max)))))
    return;
  axis->min = min;
  axis->max = max;
  lw_chart_view_set_axes (self->charts, &axes);
}

static int
axis_of_widget (gpointer widget)
{
  return GPOINTER_TO_INT (g_object_get_data (G_OBJECT (widget), "axis"));
}

static void
field_done (GtkWidget *field, Axes *self)
{
  apply (self, axis_of_widget (field));
}

static void
field_left (GtkEventController *focus, Axes *self)
{
  field_done (gtk_event_controller_get_widget (focus), self);
}

static void
log_toggled (GtkCheckButton *check, Axes *self)
{
  LwChartAxes axes = lw_chart_view_axes (self->charts);
  const int which = axis_of_widget (check);
  const bool log = gtk_check_button_get_active (check);

  if (self->showing)
    return;
  if (which == X) {
    axes.log_x = log;
  } else {
    LwChartAxis *axis = axis_of (&axes, which);

    axis->log = log;
    if (which == LOSS)
      axes.log_chosen = true;
    if (log && axis->min <= 0)
      axis->min = NAN;
    if (!log && which == ACCURACY && axis->zero && isnan (axis->min) && axis->max == 1)
      axis->min = 0;
  }
  lw_chart_view_set_axes (self->charts, &axes);
  show (self);
}

/* Accuracy lies between 0 and 1; without the zero its range comes from the data. */
static void
zero_toggled (GtkCheckButton *check, Axes *self)
{
  LwChartAxes axes = lw_chart_view_axes (self->charts);
  const int which = axis_of_widget (check);
  LwChartAxis *axis = axis_of (&axes, which);

  if (self->showing)
    return;
  axis->zero = gtk_check_button_get_active (check);
  if (which == ACCURACY && !axis->zero && axis->min == 0 && axis->max == 1)
    axis->min = axis->max = NAN;
  else if (which == ACCURACY && axis->zero && isnan (axis->min) && isnan (axis->max))
    axis->min = 0, axis->max = 1;
  else if (axis->zero && axis->min > 0)
    axis->min = NAN;
  lw_chart_view_set_axes (self->charts, &axes);
  show (self);
}

static void
reset (Axes *self)
{
  const LwChartAxes axes = lw_chart_axes_default ();

  lw_chart_view_set_axes (self->charts, &axes);
  lw_chart_view_fit (self->charts);
  show (self);
}

static GtkWidget *
make_field (Axes *self, GtkWidget *grid, int which, int column, const char *name)
{
  GtkWidget *field = gtk_entry_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();

  gtk_editable_set_width_chars (GTK_EDITABLE (field), 8);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (field), 8);
  gtk_entry_set_placeholder_text (GTK_ENTRY (field), _ ("auto"));
  gtk_widget_add_css_class (field, "lw-number");
  lw_name_widget (field, name);
  g_object_set_data (G_OBJECT (field), "axis", GINT_TO_POINTER (which));
  g_signal_connect (field, "activate", G_CALLBACK (field_done), self);
  g_signal_connect (focus, "leave", G_CALLBACK (field_left), self);
  gtk_widget_add_controller (field, focus);
  gtk_grid_attach (GTK_GRID (grid), field, column, which + 1, 1, 1);
  return field;
}

static GtkWidget *
make_check (Axes *self, GtkWidget *grid, int which, int column, const char *name, GCallback toggled)
{
  GtkWidget *check = gtk_check_button_new ();

  gtk_widget_set_halign (check, GTK_ALIGN_CENTER);
  lw_name_widget (check, name);
  gtk_widget_set_tooltip_text (check, name);
  g_object_set_data (G_OBJECT (check), "axis", GINT_TO_POINTER (which));
  g_signal_connect (check, "toggled", toggled, self);
  gtk_grid_attach (GTK_GRID (grid), check, column, which + 1, 1, 1);
  return check;
}

static void
add_words (GtkWidget *grid, const char *words, int column, int row, const char *style)
{
  GtkWidget *label = gtk_label_new (words);

  gtk_widget_add_css_class (label, style);
  gtk_label_set_xalign (GTK_LABEL (label), column == 0 ? 0 : 0.5f);
  gtk_grid_attach (GTK_GRID (grid), label, column, row, 1, 1);
}

static GtkWidget *
make_grid (Axes *self)
{
  static const char *const names[N_AXES] = { N_ ("x axis"), N_ ("Loss"), N_ ("Accuracy") };
  static const char *const heads[] = { N_ ("from"), N_ ("to"), N_ ("log"), N_ ("zero") };
  GtkWidget *grid = gtk_grid_new ();

  gtk_grid_set_column_spacing (GTK_GRID (grid), 10);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 6);
  for (int i = 0; i < 4; i++)
    add_words (grid, _ (heads[i]), i + 1, 0, "lw-small");
  for (int which = 0; which < N_AXES; which++) {
    const char *axis = _ (names[which]);
    g_autofree char *from = g_strdup_printf (_ ("%s, from"), axis);
    g_autofree char *to = g_strdup_printf (_ ("%s, to"), axis);
    g_autofree char *log = g_strdup_printf (_ ("%s, logarithmic"), axis);
    g_autofree char *zero = g_strdup_printf (_ ("%s, include zero"), axis);

    add_words (grid, axis, 0, which + 1, "lw-body");
    self->from[which] = make_field (self, grid, which, 1, from);
    self->to[which] = make_field (self, grid, which, 2, to);
    self->log[which] = make_check (self, grid, which, 3, log, G_CALLBACK (log_toggled));
    if (which != X)
      self->zero[which] = make_check (self, grid, which, 4, zero, G_CALLBACK (zero_toggled));
  }
  return grid;
}

GtkWidget *
lw_chart_axes_button_new (LwChartView *charts)
{
  Axes *self = g_new0 (Axes, 1);
  GtkWidget *popover = gtk_popover_new (), *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  GtkWidget *standard = gtk_button_new_with_label (_ ("Automatic"));

  self->charts = charts;
  self->button = gtk_menu_button_new ();
  self->sentence = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->sentence), 0);
  gtk_widget_add_css_class (self->sentence, "lw-error-text");
  gtk_widget_set_tooltip_text (standard, _ ("Loss from 0, accuracy from 0 to 1, all of x"));
  gtk_widget_set_halign (standard, GTK_ALIGN_END);
  g_signal_connect_swapped (standard, "clicked", G_CALLBACK (reset), self);
  gtk_box_append (GTK_BOX (column), make_grid (self));
  gtk_box_append (GTK_BOX (column), self->sentence);
  gtk_box_append (GTK_BOX (column), standard);
  gtk_widget_add_css_class (column, "lw-axes");
  gtk_popover_set_child (GTK_POPOVER (popover), column);
  lw_name_widget (popover, _ ("Axes"));
  g_signal_connect_swapped (popover, "map", G_CALLBACK (show), self);
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (self->button), "lw-axes-symbolic");
  lw_name_widget (self->button, _ ("Axes"));
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->button), popover);
  gtk_widget_set_valign (self->button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (self->button, _ ("Axes: ranges, logarithms, zero"));
  g_object_set_data_full (G_OBJECT (self->button), "axes", self, g_free);
  show (self);
  return self->button;
}
