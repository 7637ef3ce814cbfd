#include "engine/error.h"
#include "engine/i18n.h"
#include "engine/models.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define MAX_KNOBS 24

struct LwOptions {
  const LwModel *model;
  LwShape input; /* the knobs input_size and channels are kept here */
  LwNormalization normalization;
  double values[MAX_KNOBS];
};

#define LARGEST_CHANNELS 4096
#define LARGEST_SIDE     4096

static int
n_knobs (const LwModel *model)
{
  int n = 0;
  while (model->knobs[n] != NULL)
    n++;
  return n;
}

static int
find_knob (const LwModel *model, const char *name)
{
  for (int i = 0; model->knobs[i] != NULL; i++)
    if (g_str_equal (model->knobs[i]->name, name))
      return i;
  return -1;
}

LwOptions *
lw_options_new (const LwModel *model)
{
  g_return_val_if_fail (model != NULL && n_knobs (model) <= MAX_KNOBS, NULL);
  LwOptions *options = g_new0 (LwOptions, 1);
  options->model = model;
  options->input = model->input;
  for (int i = 0; model->knobs[i] != NULL; i++)
    options->values[i] = model->knobs[i]->standard;
  return options;
}

LwOptions *
lw_options_copy (const LwOptions *options)
{
  return g_memdup2 (options, sizeof *options);
}

void
lw_options_free (LwOptions *options)
{
  g_free (options);
}

const LwModel *
lw_options_model (const LwOptions *options)
{
  return options->model;
}

/* --- reading -------------------------------------------------------------------------------- */

LwShape
lw_options_input (const LwOptions *options)
{
  return options->input;
}

/* The value, whatever the type; a name that the model does not have is a programmer's slip. */
static double
knob_value (const LwOptions *options, const char *name, LwKnobType type)
{
  int i = find_knob (options->model, name);
  g_return_val_if_fail (i >= 0 && options->model->knobs[i]->type == type, 0);
  if (g_str_equal (name, "input_size"))
    return options->input.h;
  if (g_str_equal (name, "channels"))
    return options->input.c;
  return options->values[i];
}

int
lw_options_integer (const LwOptions *options, const char *knob)
{
  return (int)knob_value (options, knob, LW_KNOB_INTEGER);
}

double
lw_options_real (const LwOptions *options, const char *knob)
{
  return knob_value (options, knob, LW_KNOB_REAL);
}

bool
lw_options_boolean (const LwOptions *options, const char *knob)
{
  return knob_value (options, knob, LW_KNOB_BOOLEAN) != 0;
}

const char *
lw_options_choice (const LwOptions *options, const char *knob)
{
  int i = find_knob (options->model, knob);
  g_return_val_if_fail (i >= 0, NULL);
  return options->model->knobs[i]->choices[(int)knob_value (options, knob, LW_KNOB_CHOICE)];
}

static char *
knob_text (const LwKnob *knob, double value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  switch (knob->type) {
  case LW_KNOB_INTEGER:
    return g_strdup_printf ("%d", (int)value);
  case LW_KNOB_CHOICE:
    return g_strdup (knob->choices[(int)value]);
  case LW_KNOB_BOOLEAN:
    return g_strdup (value != 0 ? "true" : "false");
  case LW_KNOB_REAL:
    break;
  }
  /* The shortest text that reads back as the same value: 0.1, not 0.10000000000000001. */
  for (int digits = 1; digits <= 17; digits++) {
    char format[8];
    g_snprintf (format, sizeof format, "%%.%dg", digits);
    g_ascii_formatd (number, sizeof number, format, value);
    if (g_ascii_strtod (number, NULL) == value)
      break;
  }
  return g_strdup (number);
}

char *
lw_options_get (const LwOptions *options, const char *knob)
{
  int i = find_knob (options->model, knob);
  g_return_val_if_fail (i >= 0, NULL);
  const LwKnob *info = options->model->knobs[i];
  return knob_text (info, knob_value (options, knob, info->type));
}

bool
lw_options_is_standard (const LwOptions *options, const char *knob)
{
  int i = find_knob (options->model, knob);
  g_return_val_if_fail (i >= 0, true);
  const LwKnob *info = options->model->knobs[i];
  if (g_str_equal (knob, "input_size") && options->input.w != options->input.h)
    return false;
  return knob_value (options, knob, info->type) == info->standard;
}

bool
lw_options_equal (const LwOptions *a, const LwOptions *b)
{
  if (a->model != b->model || !lw_shape_equal (a->input, b->input))
    return false;
  for (int i = 0; a->model->knobs[i] != NULL; i++) {
    const char *name = a->model->knobs[i]->name;
    const LwKnobType type = a->model->knobs[i]->type;
    if (knob_value (a, name, type) != knob_value (b, name, type))
      return false;
  }
  return true;
}

const LwNormalization *
lw_options_normalization (const LwOptions *options)
{
  return &options->normalization;
}

void
lw_options_set_normalization (LwOptions *options, const LwNormalization *normalization)
{
  options->normalization = *normalization;
}

/* --- setting -------------------------------------------------------------------------------- */

static bool refuse (GError **error, LwError code, const char *format, ...) G_GNUC_PRINTF (3, 4);

static bool
refuse (GError **error, LwError code, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  if (error != NULL)
    *error = g_error_new_valist (LW_ERROR, (gint)code, format, arguments);
  va_end (arguments);
  return lw_error_make_plain (error);
}

static bool
parse_number (const LwKnob *knob, const char *text, double *ret_value, GError **error)
{
  g_autofree char *least = knob_text (knob, knob->minimum);
  g_autofree char *most = knob_text (knob, knob->maximum);
  const char *what = knob->type == LW_KNOB_INTEGER ? _ ("a whole number") : _ ("a number");
  g_autofree char *word = g_strstrip (g_strdup (text));
  char *end = word;
  double value = g_ascii_strtod (word, &end);
  if (end == word || *end != '\0' || !isfinite (value) ||
      (knob->type == LW_KNOB_INTEGER && value != floor (value)))
    return refuse (error, LW_ERROR_INVALID, _ ("%s must be %s from %s to %s, not \"%s\""),
                   knob->name, what, least, most, text);
  if (value < knob->minimum || value > knob->maximum)
    return refuse (error, LW_ERROR_INVALID, _ ("%s must be from %s to %s, not %s"), knob->name,
                   least, most, word);
  *ret_value = value;
  return true;
}

static bool
parse_choice (const LwKnob *knob, const char *text, double *ret_value, GError **error)
{
  for (int i = 0; knob->choices[i] != NULL; i++)
    if (g_ascii_strcasecmp (knob->choices[i], text) == 0) {
      *ret_value = i;
      return true;
    }
  g_autofree char *list = g_strjoinv (", ", (char **)knob->choices);
  const char *nearest = lw_nearest_name (text, knob->choices);
  if (nearest != NULL)
    return refuse (error, LW_ERROR_UNKNOWN, _ ("%s has no choice \"%s\"; did you mean %s?"),
                   knob->name, text, nearest);
  return refuse (error, LW_ERROR_UNKNOWN, _ ("%s has no choice \"%s\"; it can be %s"), knob->name,
                 text, list);
}

static bool
parse_boolean (const LwKnob *knob, const char *text, double *ret_value, GError **error)
{
  static const char *const words[] = { "false", "true", "off", "on", "no", "yes", "0", "1" };
  for (size_t i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_ascii_strcasecmp (words[i], text) == 0) {
      *ret_value = i % 2;
      return true;
    }
  return refuse (error, LW_ERROR_INVALID, _ ("%s must be true or false, not \"%s\""), knob->name,
                 text);
}

bool
lw_options_set (LwOptions *options, const char *knob, const char *value, GError **error)
{
  const LwModel *model = options->model;
  int i = find_knob (model, knob);
  if (i < 0) {
    const char *names[MAX_KNOBS + 1] = { NULL };
    for (int k = 0; model->knobs[k] != NULL; k++)
      names[k] = model->knobs[k]->name;
    const char *nearest = lw_nearest_name (knob, names);
    g_autofree char *list = g_strjoinv (", ", (char **)names);
    if (nearest != NULL)
      return refuse (error, LW_ERROR_UNKNOWN, _ ("%s has no knob \"%s\"; did you mean %s?"),
                     model->title, knob, nearest);
    return refuse (error, LW_ERROR_UNKNOWN, _ ("%s has no knob \"%s\"; it has %s"), model->title,
                   knob, list);
  }
  const LwKnob *info = model->knobs[i];
  double number = 0;
  bool ok = info->type == LW_KNOB_CHOICE    ? parse_choice (info, value, &number, error)
            : info->type == LW_KNOB_BOOLEAN ? parse_boolean (info, value, &number, error)
                                            : parse_number (info, value, &number, error);
  if (!ok)
    return false;
  if (g_str_equal (knob, "input_size"))
    options->input.h = options->input.w = (int32_t)number;
  else if (g_str_equal (knob, "channels"))
    options->input.c = (int32_t)number;
  else
    options->values[i] = number;
  return true;
}

bool
lw_options_parse (LwOptions *options, const char *assignment, GError **error)
{
  const char *equals = strchr (assignment, '=');
  if (equals == NULL)
    return refuse (error, LW_ERROR_INVALID, _ ("\"%s\" is not of the form KEY=VALUE"), assignment);
  g_autofree char *key = g_strstrip (g_strndup (assignment, (gsize)(equals - assignment)));
  g_autofree char *value = g_strstrip (g_strdup (equals + 1));
  return lw_options_set (options, key, value, error);
}

static bool
check_input (LwShape shape, GError **error)
{
  if (!shape.flat && shape.c >= 1 && shape.h >= 1 && shape.w >= 1 && shape.c <= LARGEST_CHANNELS &&
      shape.h <= LARGEST_SIDE && shape.w <= LARGEST_SIDE)
    return true;
  return refuse (
      error, LW_ERROR_INVALID,
      _ ("the input is channels × height × width, 1 to %d channels and sides of 1 to %d"),
      LARGEST_CHANNELS, LARGEST_SIDE);
}

bool
lw_options_set_input (LwOptions *options, LwShape shape, GError **error)
{
  if (!check_input (shape, error))
    return false;
  options->input = shape;
  return true;
}

bool
lw_shape_parse (const char *text, LwShape *ret_shape, GError **error)
{
  gint64 sides[3];
  const char *at = text;
  for (int i = 0; i < 3; i++) {
    char *end;
    sides[i] = g_ascii_isdigit (*at) ? g_ascii_strtoll (at, &end, 10) : -1;
    if (sides[i] < 0)
      goto malformed;
    at = end;
    if (i == 2)
      break;
    if (g_str_has_prefix (at, "×"))
      at += strlen ("×");
    else if (*at == 'x' || *at == 'X')
      at++;
    else
      goto malformed;
  }
  if (*at != '\0')
    goto malformed;
  for (int i = 0; i < 3; i++)
    sides[i] = MIN (sides[i], G_MAXINT32);
  LwShape shape = { (int32_t)sides[0], (int32_t)sides[1], (int32_t)sides[2], false };
  if (!check_input (shape, error))
    return false;
  *ret_shape = shape;
  return true;

malformed:
  return refuse (error, LW_ERROR_INVALID,
                 _ ("\"%s\" is no input shape; write CHANNELSxHEIGHTxWIDTH, such as 1x28x28"),
                 text);
}

/* --- for builders --------------------------------------------------------------------------- */

int
lw_options_width (const LwOptions *options, int channels)
{
  return MAX ((int)lround (channels * lw_options_real (options, "width")), 1);
}

LwOp
lw_options_activation (const LwOptions *options)
{
  const char *name = lw_options_choice (options, "activation");
  return g_str_equal (name, "sigmoid") ? LW_OP_SIGMOID
         : g_str_equal (name, "tanh")  ? LW_OP_TANH
                                       : LW_OP_RELU;
}
