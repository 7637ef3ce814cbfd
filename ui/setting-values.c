#include "ui/setting-values.h"

#include "engine/sweep.h"

#include <glib/gi18n.h>
#include <math.h>

char *
lw_setting_number_text (double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  /* Whole numbers with all their digits: a seed has up to ten. */
  return g_strdup (g_ascii_formatd (
      text, sizeof text, value == floor (value) && fabs (value) < 1e15 ? "%.0f" : "%.6g", value));
}

char *
lw_setting_list_text (const char *list)
{
  g_auto (GStrv) values = lw_sweep_values (list);
  const guint n = g_strv_length (values);

  return g_strdup_printf (ngettext ("%u value: one run", "%u values: one run each", n), n);
}

void
lw_setting_step_rate (GtkSpinButton *spin, double factor)
{
  const double value = gtk_spin_button_get_value (spin);
  const double decade = pow (10, floor (log10 (MAX (value, 1e-6)) + 1e-9));
  const double digit = value / decade;
  double next;

  if (factor > 1)
    next = digit < 3 - 1e-6 ? 3 * decade : 10 * decade;
  else
    next = digit > 3 + 1e-6 ? 3 * decade : digit > 1 + 1e-6 ? decade : 0.3 * decade;
  gtk_spin_button_set_value (spin, next);
}
