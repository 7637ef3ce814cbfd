#include "engine/formats/npy_header.h"
#include "engine/i18n.h"
#include <math.h>
#include <string.h>

#define MAX_COUNT (G_GINT64_CONSTANT (1) << 40)

int64_t
lw_npy_header_bytes (const uint8_t first[LW_NPY_FIRST_BYTES])
{
  if (memcmp (first, "\x93NUMPY", 6) != 0 || first[6] < 1 || first[6] > 3)
    return 0;
  if (first[6] == 1)
    return 10 + (first[8] | first[9] << 8);
  return 12 +
         (first[8] | (int64_t)first[9] << 8 | (int64_t)first[10] << 16 | (int64_t)first[11] << 24);
}

/* --- the dictionary --------------------------------------------------------------------------- */

typedef struct {
  const char *at, *end;
} Text;

static void
skip_blanks (Text *text)
{
  while (text->at < text->end && (*text->at == ' ' || *text->at == '\n' || *text->at == '\t'))
    text->at++;
}

static bool
take (Text *text, char c)
{
  skip_blanks (text);
  if (text->at == text->end || *text->at != c)
    return false;
  text->at++;
  return true;
}

static bool
take_word (Text *text, const char *word)
{
  const gsize length = strlen (word);

  skip_blanks (text);
  if ((gsize)(text->end - text->at) < length || memcmp (text->at, word, length) != 0)
    return false;
  text->at += length;
  return true;
}

/* A string without escapes, at most `size` − 1 bytes. */
static bool
take_string (Text *text, char *ret_string, gsize size)
{
  char quote;
  gsize length = 0;

  skip_blanks (text);
  if (text->at == text->end || (*text->at != '\'' && *text->at != '"'))
    return false;
  quote = *text->at++;
  while (text->at < text->end && *text->at != quote) {
    if (*text->at == '\\' || length + 1 >= size)
      return false;
    ret_string[length++] = *text->at++;
  }
  ret_string[length] = '\0';
  return take (text, quote);
}

/* (60000, 28, 28), (7,) or (); old versions of Python wrote 28L. */
static bool
take_shape (Text *text, LwNpyHeader *header)
{
  if (!take (text, '('))
    return false;
  header->rank = 0;
  header->count = 1;
  while (!take (text, ')')) {
    int64_t size = 0;
    const char *first;

    skip_blanks (text);
    for (first = text->at; text->at < text->end && g_ascii_isdigit (*text->at); text->at++) {
      size = 10 * size + (*text->at - '0');
      if (size > MAX_COUNT)
        return false;
    }
    if (text->at == first || header->rank == LW_NPY_MAX_RANK)
      return false;
    take (text, 'L');
    header->shape[header->rank++] = size;
    if (__builtin_mul_overflow (header->count, size, &header->count) || header->count > MAX_COUNT)
      return false;
    if (!take (text, ',')) {
      if (!take (text, ')'))
        return false;
      break;
    }
  }
  return true;
}

/* '<f4', '|u1', '>i8', '|b1'. */
static bool
read_type (const char *descr, LwNpyHeader *header)
{
  const bool floats = descr[0] != '\0' && descr[1] == 'f';
  gint64 bytes;

  if (strlen (descr) != 3 || strchr ("<>|=", descr[0]) == NULL || strchr ("uifb", descr[1]) == NULL)
    return false;
  bytes = descr[2] - '0';
  if (bytes != 8 && bytes != 4 && bytes != 2 && (bytes != 1 || floats))
    return false;
  if (descr[1] == 'b' && bytes != 1)
    return false;
  header->kind = descr[1];
  header->bytes = (int32_t)bytes;
  header->big_endian = descr[0] == '>' && bytes > 1;
  return true;
}

static bool
fail (GError **error, const char *name, const char *what)
{
  g_set_error (error, LW_ERROR, LW_ERROR_FORMAT, "%s: %s", name, what);
  return false;
}

bool
lw_npy_parse (const uint8_t *header, gsize length, const char *name, LwNpyHeader *ret_header,
              GError **error)
{
  const gsize before = header[6] == 1 ? 10 : 12;
  Text text = { (const char *)header + before, (const char *)header + length };
  char key[16], descr[64] = "";
  int seen = 0; /* a bit for each key */
  bool good;

  *ret_header = (LwNpyHeader){ 0 };
  good = take (&text, '{');
  while (good && !take (&text, '}')) {
    int bit = 0;

    good = take_string (&text, key, sizeof key) && take (&text, ':');
    if (good && strcmp (key, "descr") == 0) {
      bit = 1;
      if (!take_string (&text, descr, sizeof descr))
        return fail (error, name, _ ("its values are no plain numbers (a record, or objects)."));
    } else if (good && strcmp (key, "fortran_order") == 0) {
      bit = 2;
      ret_header->fortran = take_word (&text, "True");
      good = ret_header->fortran || take_word (&text, "False");
    } else if (good && strcmp (key, "shape") == 0) {
      bit = 4;
      good = take_shape (&text, ret_header);
    }
    good = good && bit != 0 && (seen & bit) == 0;
    seen |= bit;
    if (good && !take (&text, ',')) {
      good = take (&text, '}');
      break;
    }
  }
  if (!good || seen != 7)
    return fail (error, name, _ ("its header is damaged; save the array again with numpy."));
  if (!read_type (descr, ret_header))
    return fail (error, name,
                 _ ("its values are neither bytes, nor integers, nor floats of 16, 32 or 64 bits; "
                    "convert the array with astype before it is saved."));
  return true;
}

/* --- values ----------------------------------------------------------------------------------- */

static uint64_t
bits_at (const LwNpyHeader *header, const uint8_t *at)
{
  uint64_t bits = 0;

  for (int32_t i = 0; i < header->bytes; i++)
    bits |= (uint64_t)at[header->big_endian ? header->bytes - 1 - i : i] << (8 * i);
  return bits;
}

/* IEEE 754's binary16. */
static double
half (uint64_t bits)
{
  const int exponent = (int)(bits >> 10 & 31), fraction = (int)(bits & 1023);
  double value;

  if (exponent == 31)
    value = fraction ? (double)NAN : (double)INFINITY;
  else
    value = exponent == 0 ? ldexp (fraction, -24) : ldexp (1024 + fraction, exponent - 25);
  return bits & 0x8000 ? -value : value;
}

double
lw_npy_value (const LwNpyHeader *header, const uint8_t *values, int64_t index)
{
  const uint64_t bits = bits_at (header, values + index * header->bytes);
  const int unused = 64 - 8 * header->bytes;

  if (header->kind == 'i')
    return (double)((int64_t)(bits << unused) >> unused);
  if (header->kind == 'f' && header->bytes == 8) {
    double value;

    memcpy (&value, &bits, 8);
    return value;
  }
  if (header->kind == 'f' && header->bytes == 4) {
    const uint32_t low = (uint32_t)bits;
    float value;

    memcpy (&value, &low, 4);
    return (double)value;
  }
  return header->kind == 'f' ? half (bits) : (double)bits;
}
