#include "ui/draw/ticks.h"

#include <math.h>
#include <string.h>

int
lw_ticks_room (double length, double spacing)
{
  double room = length / spacing + 1.0;

  return room >= 8.0 ? 8 : room >= 2.0 ? (int)room : 2;
}

/* How many multiples of `step` lie within [0, range] when 0 is one of them. */
static double
ticks_over (double range, double step)
{
  return floor (range / step * (1.0 + 1e-9)) + 1.0;
}

double
lw_ticks_step (double range, int most, bool whole)
{
  static const double mantissas[] = { 1.0, 2.0, 2.5, 5.0, 10.0 };
  double decade = pow (10.0, floor (log10 (range / most)) - 1.0);

  /* Starts two decades low: 1 × decade is always too fine. */
  for (int k = 0; k < 4; k++, decade *= 10.0) {
    for (guint i = 0; i < G_N_ELEMENTS (mantissas) - 1; i++) {
      double step = mantissas[i] * decade;

      if (whole && (step < 1.0 - 1e-9 || fabs (step - round (step)) > 1e-9))
        continue;
      if (ticks_over (range, step) <= most)
        return step;
    }
  }
  /* Only where whole numbers are asked of a range below 1. */
  return whole ? MAX (1.0, decade) : decade;
}

/* Decimals that write `step` exactly: 2 for 0.25. */
static int
decimals_of (double step)
{
  for (int decimals = 0; decimals < 15; decimals++) {
    double scaled = step * pow (10.0, decimals);

    if (fabs (scaled - round (scaled)) <= 1e-6 * scaled)
      return decimals;
  }
  return 15;
}

/* Thousands are separated by commas, as everywhere in the workbench; the C library's own grouping
 * follows the locale, which pictures must not. */
static void
write_plain (double value, int decimals, char ret_text[LW_TICK_TEXT])
{
  char format[8], number[G_ASCII_DTOSTR_BUF_SIZE];
  const char *digits;
  size_t whole, out = 0;

  g_snprintf (format, sizeof format, "%%.%df", CLAMP (decimals, 0, 15));
  g_ascii_formatd (number, sizeof number, format, fabs (value));
  digits = number;
  whole = strcspn (digits, ".");
  /* "−0.00" says nothing that "0.00" does not. */
  if (value < 0.0 && strspn (digits, "0.") < strlen (digits)) {
    memcpy (ret_text, "−", strlen ("−"));
    out = strlen ("−");
  }
  for (size_t i = 0; digits[i] != '\0' && out < LW_TICK_TEXT - 2; i++) {
    if (i > 0 && i < whole && whole > 3 && (whole - i) % 3 == 0)
      ret_text[out++] = ',';
    ret_text[out++] = digits[i];
  }
  ret_text[out] = '\0';
}

static void
write_superscript (int exponent, GString *text)
{
  static const char *const digits[10] = { "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹" };
  char number[16];

  g_snprintf (number, sizeof number, "%d", exponent);
  for (const char *c = number; *c != '\0'; c++)
    g_string_append (text, *c == '-' ? "⁻" : digits[*c - '0']);
}

/* "2.5·10⁷"; the mantissa without trailing zeros, and no mantissa at all for 1. */
static void
write_power (double value, int mantissa_decimals, char ret_text[LW_TICK_TEXT])
{
  g_autoptr (GString) text = g_string_new (NULL);
  int exponent = value != 0.0 ? (int)floor (log10 (fabs (value)) + 1e-12) : 0;
  double mantissa = fabs (value) / pow (10.0, exponent);
  double unit = pow (10.0, mantissa_decimals);

  mantissa = round (mantissa * unit) / unit;
  if (mantissa >= 10.0) {
    mantissa /= 10.0;
    exponent++;
  }
  if (value == 0.0) {
    g_string_assign (text, "0");
  } else {
    char number[LW_TICK_TEXT];

    if (value < 0.0)
      g_string_append (text, "−");
    if (mantissa != 1.0) {
      write_plain (mantissa, MIN (mantissa_decimals, decimals_of (mantissa)), number);
      g_string_append_printf (text, "%s·", number);
    }
    g_string_append (text, "10");
    write_superscript (exponent, text);
  }
  g_strlcpy (ret_text, text->str, LW_TICK_TEXT);
}

void
lw_ticks_linear (double min, double max, int most, bool whole, bool trim, LwTicks *ret_ticks)
{
  double step = lw_ticks_step (max - min, most, whole);
  double largest = MAX (fabs (min), fabs (max));
  double first = ceil (min / step - 1e-9);
  int decimals = decimals_of (step);
  /* Five decimals or seven digits are more than an axis has room for. */
  bool power = decimals > 4 || largest >= 1e6;

  ret_ticks->n = 0;
  ret_ticks->step = step;
  for (double k = first; ret_ticks->n < LW_MAX_TICKS && k * step <= max + 1e-9 * step; k++) {
    LwTick *tick = &ret_ticks->tick[ret_ticks->n++];

    tick->value = k * step;
    if (power)
      write_power (tick->value, 3, tick->text);
    else
      write_plain (tick->value, trim ? MIN (decimals, decimals_of (fabs (tick->value))) : decimals,
                   tick->text);
    /* Beyond 2^53 steps from zero a step no longer changes the number. */
    if (k + 1.0 == k)
      break;
  }
}

static void
add_log_tick (LwTicks *ticks, double value, bool labelled, bool plain)
{
  LwTick *tick;

  if (ticks->n == LW_MAX_TICKS)
    return;
  tick = &ticks->tick[ticks->n++];
  tick->value = value;
  tick->text[0] = '\0';
  if (labelled && plain)
    write_plain (value, decimals_of (value), tick->text);
  else if (labelled && value == 1.0)
    g_strlcpy (tick->text, "1", LW_TICK_TEXT);
  else if (labelled)
    write_power (value, 0, tick->text);
}

void
lw_ticks_log (double min, double max, int most, LwTicks *ret_ticks)
{
  int first, last, decades, every = 1, marks = 0;
  bool plain, label_2_5;

  ret_ticks->n = 0;
  ret_ticks->step = 0.0;
  if (!(min > 0) || !isfinite (max)) /* such an axis has no decades */
    return;
  first = (int)ceil (log10 (min) - 1e-9);
  last = (int)floor (log10 (max) + 1e-9);
  decades = last - first + 1;
  plain = first >= -4 && last <= 4;
  label_2_5 = log10 (max / min) < 2.0;
  for (int e = first - 1; e <= last; e++) {
    for (double m = 1.0; m <= 5.0; m = m == 1.0 ? 2.0 : m + 3.0) {
      double value = m * pow (10.0, e);

      marks += value >= min * (1.0 - 1e-9) && value <= max * (1.0 + 1e-9);
    }
  }
  /* A short stretch, such as 0.31 to 0.44, has no round powers in it: linear ticks then. */
  if (marks < 2) {
    lw_ticks_linear (min, max, most, false, false, ret_ticks);
    return;
  }
  while (decades > most * every)
    every = every == 1 ? 2 : every == 2 ? 3 : every == 3 ? 5 : every == 5 ? 10 : every + 10;
  label_2_5 = label_2_5 && marks <= most + 1;
  /* Where decades are left out, powers say so more plainly than zeros do. */
  plain = plain && every == 1;
  for (int e = first - 1; e <= last; e++) {
    for (double m = 1.0; m <= 5.0; m = m == 1.0 ? 2.0 : m + 3.0) {
      double value = m * pow (10.0, e);

      if (value < min * (1.0 - 1e-9) || value > max * (1.0 + 1e-9))
        continue;
      if (m == 1.0 && e % every == 0)
        add_log_tick (ret_ticks, value, true, plain);
      else if (m != 1.0 && every == 1 && decades <= 5)
        add_log_tick (ret_ticks, value, label_2_5, plain);
    }
  }
}

void
lw_ticks_round_linear (double *min, double *max, int most)
{
  /* Rounding outwards can add a tick at either end, so ask for a step with room for it. */
  for (int fewer = most; fewer >= 2; fewer--) {
    double step = lw_ticks_step (*max - *min, fewer, false);
    double low = floor (*min / step + 1e-9), high = ceil (*max / step - 1e-9);

    if (high - low + 1.0 <= most || fewer == 2) {
      *min = low * step;
      *max = high * step;
      return;
    }
  }
}

void
lw_ticks_round_log (double *min, double *max)
{
  static const double mantissas[] = { 1.0, 2.0, 5.0, 10.0 };
  double low = pow (10.0, floor (log10 (*min) + 1e-9));
  double high = pow (10.0, floor (log10 (*max) - 1e-9));
  bool decades = log10 (*max / *min) > 2.0;
  double new_min = low, new_max = high * 10.0;

  for (int i = 0; i < 3 && !decades; i++) {
    if (low * mantissas[i] <= *min * (1.0 + 1e-9))
      new_min = low * mantissas[i];
  }
  for (int i = 3; i >= 1 && !decades; i--) {
    if (high * mantissas[i] >= *max * (1.0 - 1e-9))
      new_max = high * mantissas[i];
  }
  *min = new_min;
  *max = new_max;
}

void
lw_value_text (double value, char ret_text[LW_TICK_TEXT])
{
  double size = fabs (value);

  if (isnan (value))
    g_strlcpy (ret_text, "NaN", LW_TICK_TEXT);
  else if (isinf (value))
    g_strlcpy (ret_text, value < 0.0 ? "−∞" : "∞", LW_TICK_TEXT);
  else if (value == 0.0)
    g_strlcpy (ret_text, "0", LW_TICK_TEXT);
  else if (size < 0.001 || size >= 99999.5)
    write_power (value, 1, ret_text);
  else
    write_plain (value, size < 9.9995 ? 3 : size < 99.995 ? 2 : size < 999.95 ? 1 : 0, ret_text);
}

void
lw_value_text_fixed (double value, int decimals, char ret_text[LW_TICK_TEXT])
{
  if (!isfinite (value) || fabs (value) >= 1e6)
    lw_value_text (value, ret_text);
  else
    write_plain (value, decimals, ret_text);
}

void
lw_position_text (double value, char ret_text[LW_TICK_TEXT])
{
  if (!isfinite (value) || fabs (value) >= 1e12)
    lw_value_text (value, ret_text);
  else
    write_plain (value, fabs (value - round (value)) < 1e-9 ? 0 : 2, ret_text);
}
