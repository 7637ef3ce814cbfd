/* Numbers for people, the same in every locale: a point before decimals, commas between
 * thousands. */
#include "engine/analysis.h"

#include <math.h>

char *
lw_format_exact (int64_t value)
{
  g_autofree char *digits = g_strdup_printf ("%" G_GINT64_FORMAT, value);
  GString *text = g_string_new (digits);
  gssize first = value < 0 ? 1 : 0;
  for (gssize at = (gssize)text->len - 3; at > first; at -= 3)
    g_string_insert_c (text, at, ',');
  if (value < 0)
    g_string_replace (text, "-", "−", 1);
  return g_string_free (text, FALSE);
}

/* Three significant digits of a number from 0 to below 10,000. */
static char *
three_digits (double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  /* Compared after rounding: 9.996 is "10.0", not "10.00". */
  const char *format = value < 9.995 ? "%.2f" : value < 99.95 ? "%.1f" : "%.0f";
  return g_strdup (g_ascii_formatd (text, sizeof text, format, value));
}

static char *
with_unit (double value, double base, const char *const *units, int n_units)
{
  int unit = 0;
  while (unit < n_units - 1 && value >= (base == 1000 ? 999.5 : base)) {
    value /= base;
    unit++;
  }
  g_autofree char *digits = three_digits (value);
  return g_strdup_printf ("%s %s", digits, units[unit]);
}

char *
lw_format_short (double value)
{
  static const char *const units[] = { "k", "M", "G", "T", "P", "E" };
  double size = fabs (value);
  g_autofree char *text = NULL;
  if (!isfinite (value))
    return g_strdup ("–");
  if (size >= 999.5)
    text = with_unit (size / 1000, 1000, units, G_N_ELEMENTS (units));
  else if (size == floor (size))
    text = g_strdup_printf ("%d", (int)size);
  else if (size >= 1)
    text = three_digits (size);
  else {
    char digits[G_ASCII_DTOSTR_BUF_SIZE];
    text = g_strdup (g_ascii_formatd (digits, sizeof digits, "%.3g", size));
  }
  return g_strconcat (value < 0 ? "−" : "", text, NULL);
}

char *
lw_format_bytes (int64_t bytes)
{
  static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
  if (bytes < 1024)
    return g_strdup_printf ("%" G_GINT64_FORMAT " B", bytes);
  return with_unit ((double)bytes / 1024, 1024, units, G_N_ELEMENTS (units));
}
