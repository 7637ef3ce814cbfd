#include "engine/number.h"

#include <errno.h>
#include <math.h>

const char *
lw_number_format (double value, char buffer[LW_NUMBER_SIZE])
{
  static const char *const formats[] = { "%.15g", "%.16g", "%.17g" };

  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++) {
    g_ascii_formatd (buffer, LW_NUMBER_SIZE, formats[i], value);
    if (g_ascii_strtod (buffer, NULL) == value)
      break;
  }
  return buffer;
}

/* A digit must come first (after a sign, and for reals perhaps a point), so that spaces, "nan",
 * "inf" and hexadecimal notation are no numbers. */
static bool
starts_like_a_number (const char *text, bool real)
{
  if (*text == '-' || *text == '+')
    text++;
  if (real && *text == '.')
    text++;
  return g_ascii_isdigit (text[0]) && text[1] != 'x' && text[1] != 'X';
}

/* Numbers of up to 15 digits, as almost all in files are, times or over a power of ten up to 10²²:
 * both are exact in a double, so their one operation is rounded as strtod rounds, in a twentieth of
 * its time (W. D. Clinger, How to Read Floating Point Numbers Accurately, PLDI 1990). */
static bool
parse_short (const char *text, double *ret_value)
{
  static const double powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
  const bool negative = *text == '-';
  int64_t mantissa = 0;
  int digits = 0, exponent = 0, power = 0;

  text += negative || *text == '+';
  for (; g_ascii_isdigit (*text); text++, digits++)
    mantissa = digits < 15 ? mantissa * 10 + (*text - '0') : 0;
  if (*text == '.')
    for (text++; g_ascii_isdigit (*text); text++, digits++, exponent--)
      mantissa = digits < 15 ? mantissa * 10 + (*text - '0') : 0;
  if (digits == 0 || digits > 15)
    return false;
  if (*text == 'e' || *text == 'E') {
    const bool below = text[1] == '-';

    text += 1 + (below || text[1] == '+');
    if (!g_ascii_isdigit (*text))
      return false;
    for (; g_ascii_isdigit (*text); text++)
      power = MIN (power * 10 + (*text - '0'), 1000);
    exponent += below ? -power : power;
  }
  if (*text != '\0' || exponent < -22 || exponent > 22)
    return false;
  *ret_value =
      exponent < 0 ? (double)mantissa / powers[-exponent] : (double)mantissa * powers[exponent];
  if (negative)
    *ret_value = -*ret_value;
  return true;
}

bool
lw_number_parse_real (const char *text, double *ret_value)
{
  char *end = NULL;

  if (parse_short (text, ret_value))
    return true;
  if (!starts_like_a_number (text, true))
    return false;
  *ret_value = g_ascii_strtod (text, &end);
  return *end == '\0' && isfinite (*ret_value);
}

bool
lw_number_parse_signed (const char *text, int64_t *ret_value)
{
  char *end = NULL;

  if (!starts_like_a_number (text, false))
    return false;
  errno = 0;
  *ret_value = g_ascii_strtoll (text, &end, 10);
  return *end == '\0' && errno == 0;
}

bool
lw_number_parse_unsigned (const char *text, uint64_t *ret_value)
{
  char *end = NULL;

  if (*text == '-' || !starts_like_a_number (text, false))
    return false;
  errno = 0;
  *ret_value = g_ascii_strtoull (text, &end, 10);
  return *end == '\0' && errno == 0;
}
