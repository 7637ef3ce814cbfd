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

bool
lw_number_parse_real (const char *text, double *ret_value)
{
  char *end = NULL;

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
