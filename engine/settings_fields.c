#include "engine/settings_fields.h"

#include "engine/i18n.h"
#include "engine/number.h"

#include <string.h>

static const char *const optimizers[] = { "sgd", "adam", NULL };
static const char *const schedules[] = { "constant", "cosine", "step", NULL };
static const char *const precisions[] = { "fp32", "bf16", "tf32", NULL };
static const char *const algorithms[] = { "fixed", "timed", NULL };
static const char *const statistics[] = { "synchronized", "local", NULL };

#define AT(member) offsetof (LwSettings, member)

static const LwSettingsField fields[] = {
  { "data", LW_FIELD_TEXT, AT (data) },
  { "limit-train", LW_FIELD_INT32, AT (limit_train), 0, G_MAXINT32 },
  { "limit-test", LW_FIELD_INT32, AT (limit_test), 0, G_MAXINT32 },
  { "epochs", LW_FIELD_INT32, AT (epochs), 1, 1000000 },
  { "steps", LW_FIELD_INT64, AT (steps), 0, 1e12 },
  { "batch", LW_FIELD_INT32, AT (batch), 1, 65536 },
  { "learning-rate", LW_FIELD_REAL, AT (learning_rate), 0, 1e9 },
  { "seed", LW_FIELD_UINT64, AT (seed), 0, 0x1p64 },
  { "shuffle", LW_FIELD_BOOLEAN, AT (shuffle) },
  { "flip", LW_FIELD_BOOLEAN, AT (augmentation.flip) },
  { "crop-padding", LW_FIELD_INT32, AT (augmentation.crop_padding), 0, LW_LARGEST_PADDING },
  { "crop-area", LW_FIELD_REAL, AT (augmentation.crop_area), 0.01, 1 },
  { "brightness", LW_FIELD_REAL, AT (augmentation.brightness), 0, 10 },
  { "contrast", LW_FIELD_REAL, AT (augmentation.contrast), 0, 10 },
  { "saturation", LW_FIELD_REAL, AT (augmentation.saturation), 0, 10 },
  { "hue", LW_FIELD_REAL, AT (augmentation.hue), 0, 0.5 },
  { "normalize", LW_FIELD_TEXT, AT (normalize) },
  { "optimizer", LW_FIELD_CHOICE, AT (optimizer), .choices = optimizers },
  { "momentum", LW_FIELD_REAL, AT (momentum), 0, 1, .below_maximum = true },
  { "weight-decay", LW_FIELD_REAL, AT (weight_decay), 0, 1e6 },
  { "nesterov", LW_FIELD_BOOLEAN, AT (nesterov) },
  { "schedule", LW_FIELD_CHOICE, AT (schedule), .choices = schedules },
  { "warmup-epochs", LW_FIELD_REAL, AT (warmup_epochs), 0, 1e6 },
  { "patience", LW_FIELD_INT32, AT (patience), 0, 1000000 },
  { "init", LW_FIELD_TEXT, AT (init), .may_be_empty = true },
  { "init-partial", LW_FIELD_TEXT, AT (init_partial), .may_be_empty = true },
  { "device", LW_FIELD_TEXT, AT (device) },
  { "precision", LW_FIELD_CHOICE, AT (precision), .choices = precisions },
  { "threads", LW_FIELD_INT32, AT (threads), 0, 1024 },
  { "algorithms", LW_FIELD_CHOICE, AT (algorithms), .choices = algorithms },
  { "batch-norm-statistics", LW_FIELD_CHOICE, AT (batch_norm_statistics), .choices = statistics },
  { "checkpoint-every", LW_FIELD_INT32, AT (checkpoint_every), 0, 1000000000 },
  { "snapshots", LW_FIELD_INT32, AT (snapshots), 0, 1048576 },
};

/* Those that are no plain field, and other names. */
static const char *const others[] = { "resize", "input", "classes", "set", "lr", "augment" };

/* lw_settings_set stores an enum through an int. */
G_STATIC_ASSERT (sizeof (LwOptimizer) == sizeof (int));
G_STATIC_ASSERT (sizeof (LwScheduleKind) == sizeof (int));
G_STATIC_ASSERT (sizeof (LwPrecision) == sizeof (int));
G_STATIC_ASSERT (sizeof (LwAlgorithms) == sizeof (int));
G_STATIC_ASSERT (sizeof (LwNormStatistics) == sizeof (int));

const LwSettingsField *
lw_settings_fields (int32_t *ret_n)
{
  *ret_n = G_N_ELEMENTS (fields);
  return fields;
}

const LwSettingsField *
lw_settings_field (const char *name)
{
  if (strcmp (name, "lr") == 0)
    name = "learning-rate";
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    if (strcmp (fields[i].name, name) == 0)
      return &fields[i];
  return NULL;
}

static bool
fail_range (const LwSettingsField *field, const char *value, GError **error)
{
  char low[LW_NUMBER_SIZE], high[LW_NUMBER_SIZE];

  if (field->type == LW_FIELD_UINT64)
    g_strlcpy (high, "18446744073709551615", sizeof high);
  else
    g_ascii_formatd (high, sizeof high, "%.10g", field->maximum);
  g_ascii_formatd (low, sizeof low, "%.10g", field->minimum);
  g_set_error (
      error, LW_ERROR, LW_ERROR_INVALID,
      field->type != LW_FIELD_REAL ? _ ("%s must be a whole number from %s to %s, not \"%s\".")
      : field->below_maximum       ? _ ("%s must be a number from %s to less than %s, not \"%s\".")
                                   : _ ("%s must be a number from %s to %s, not \"%s\"."),
      field->name, low, high, value);
  return false;
}

static bool
set_integer (LwSettings *settings, const LwSettingsField *field, const char *value, GError **error)
{
  int64_t number = 0;

  if (!lw_number_parse_signed (value, &number) || number < field->minimum ||
      number > field->maximum)
    return fail_range (field, value, error);
  if (field->type == LW_FIELD_INT32)
    G_STRUCT_MEMBER (int32_t, settings, field->offset) = (int32_t)number;
  else
    G_STRUCT_MEMBER (int64_t, settings, field->offset) = number;
  return true;
}

static bool
set_unsigned (LwSettings *settings, const LwSettingsField *field, const char *value, GError **error)
{
  uint64_t number = 0;

  if (!lw_number_parse_unsigned (value, &number))
    return fail_range (field, value, error);
  G_STRUCT_MEMBER (uint64_t, settings, field->offset) = number;
  return true;
}

static bool
set_real (LwSettings *settings, const LwSettingsField *field, const char *value, GError **error)
{
  double number = 0;

  if (!lw_number_parse_real (value, &number) || number < field->minimum ||
      number > field->maximum || (field->below_maximum && number == field->maximum))
    return fail_range (field, value, error);
  G_STRUCT_MEMBER (double, settings, field->offset) = number;
  return true;
}

static bool
set_boolean (LwSettings *settings, const LwSettingsField *field, const char *value, GError **error)
{
  static const char *const yes[] = { "true", "yes", "on", "1", NULL };
  static const char *const no[] = { "false", "no", "off", "0", NULL };

  if (!g_strv_contains (yes, value) && !g_strv_contains (no, value)) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("%s must be true or false, not \"%s\"."),
                 field->name, value);
    return false;
  }
  G_STRUCT_MEMBER (bool, settings, field->offset) = g_strv_contains (yes, value);
  return true;
}

static bool
fail_choice (const LwSettingsField *field, const char *value, GError **error)
{
  g_autofree char *all = g_strjoinv (", ", (char **)field->choices);
  const char *nearest = lw_nearest_name (value, field->choices);

  if (nearest != NULL)
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("%s must be one of %s, not \"%s\"; did you mean %s?"), field->name, all, value,
                 nearest);
  else
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("%s must be one of %s, not \"%s\"."),
                 field->name, all, value);
  return false;
}

static bool
set_choice (LwSettings *settings, const LwSettingsField *field, const char *value, GError **error)
{
  for (int i = 0; field->choices[i] != NULL; i++)
    if (strcmp (field->choices[i], value) == 0) {
      G_STRUCT_MEMBER (int, settings, field->offset) = i;
      return true;
    }
  return fail_choice (field, value, error);
}

static bool
set_text (LwSettings *settings, const LwSettingsField *field, const char *value, GError **error)
{
  char **text = &G_STRUCT_MEMBER (char *, settings, field->offset);

  if (*value == '\0' && !field->may_be_empty) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("%s must not be empty."), field->name);
    return false;
  }
  if (!g_utf8_validate (value, -1, NULL)) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("%s must be text in UTF-8."), field->name);
    return false;
  }
  g_free (*text);
  *text = *value != '\0' ? g_strdup (value) : NULL;
  return true;
}

/* The options' input, channels kept, sides N × N. */
static bool
set_resize (LwSettings *settings, const char *value, GError **error)
{
  static const LwSettingsField field = {
    .name = "resize", .type = LW_FIELD_INT32, .minimum = 1, .maximum = 4096
  };
  LwShape shape = lw_options_input (settings->options);
  int64_t side = 0;

  if (!lw_number_parse_signed (value, &side) || side < 1 || side > 4096)
    return fail_range (&field, value, error);
  shape.h = shape.w = (int32_t)side;
  return lw_options_set_input (settings->options, shape, error);
}

static bool
set_input (LwSettings *settings, const char *value, GError **error)
{
  LwShape shape;

  return lw_shape_parse (value, &shape, error) &&
         lw_options_set_input (settings->options, shape, error);
}

/* Its name for one that has none says what is: nothing is set. */
static bool
set_augmentation (LwSettings *settings, const char *value, GError **error)
{
  const LwSettingsField field = { .name = "augment", .choices = lw_augmentation_names };

  return strcmp (value, "custom") == 0 || lw_augmentation_find (value, &settings->augmentation) ||
         fail_choice (&field, value, error);
}

static bool
set_normalization (LwSettings *settings, const char *value, GError **error)
{
  LwNormalization normalization;
  bool data;

  if (!lw_normalization_parse (value, &normalization, &data, error))
    return false;
  lw_options_set_normalization (settings->options, &normalization);
  g_free (settings->normalize);
  settings->normalize = g_strdup (value);
  return true;
}

static bool
fail_unknown (const char *name, GError **error)
{
  const char *names[G_N_ELEMENTS (fields) + G_N_ELEMENTS (others) + 1] = { NULL };
  const char *nearest;

  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    names[i] = fields[i].name;
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    names[G_N_ELEMENTS (fields) + i] = others[i];
  nearest = lw_nearest_name (name, names);
  if (nearest != NULL)
    g_set_error (error, LW_ERROR, LW_ERROR_UNKNOWN, _ ("unknown setting \"%s\"; did you mean %s?"),
                 name, nearest);
  else
    g_set_error (error, LW_ERROR, LW_ERROR_UNKNOWN, _ ("unknown setting \"%s\"."), name);
  return false;
}

static bool
set_field (LwSettings *settings, const char *field, const char *value, GError **error)
{
  const LwSettingsField *found = lw_settings_field (field);

  if (strcmp (field, "resize") == 0)
    return set_resize (settings, value, error);
  if (strcmp (field, "input") == 0)
    return set_input (settings, value, error);
  if (strcmp (field, "classes") == 0)
    return lw_options_set (settings->options, "classes", value, error);
  if (strcmp (field, "set") == 0)
    return lw_options_parse (settings->options, value, error);
  if (strcmp (field, "augment") == 0)
    return set_augmentation (settings, value, error);
  if (strcmp (field, "normalize") == 0)
    return set_normalization (settings, value, error);
  if (found == NULL)
    return fail_unknown (field, error);
  switch (found->type) {
  case LW_FIELD_INT32:
  case LW_FIELD_INT64:
    return set_integer (settings, found, value, error);
  case LW_FIELD_UINT64:
    return set_unsigned (settings, found, value, error);
  case LW_FIELD_REAL:
    return set_real (settings, found, value, error);
  case LW_FIELD_BOOLEAN:
    return set_boolean (settings, found, value, error);
  case LW_FIELD_CHOICE:
    return set_choice (settings, found, value, error);
  case LW_FIELD_TEXT:
    break;
  }
  return set_text (settings, found, value, error);
}

bool
lw_settings_set (LwSettings *settings, const char *field, const char *value, GError **error)
{
  return set_field (settings, field, value, error) || lw_error_make_plain (error);
}

char *
lw_settings_field_text (const LwSettings *settings, const LwSettingsField *field)
{
  gpointer base = (gpointer)settings;
  char buffer[LW_NUMBER_SIZE];

  switch (field->type) {
  case LW_FIELD_INT32:
    return g_strdup_printf ("%d", G_STRUCT_MEMBER (int32_t, base, field->offset));
  case LW_FIELD_INT64:
    return g_strdup_printf ("%" G_GINT64_FORMAT, G_STRUCT_MEMBER (int64_t, base, field->offset));
  case LW_FIELD_UINT64:
    return g_strdup_printf ("%" G_GUINT64_FORMAT, G_STRUCT_MEMBER (uint64_t, base, field->offset));
  case LW_FIELD_REAL:
    return g_strdup (lw_number_format (G_STRUCT_MEMBER (double, base, field->offset), buffer));
  case LW_FIELD_BOOLEAN:
    return g_strdup (G_STRUCT_MEMBER (bool, base, field->offset) ? "true" : "false");
  case LW_FIELD_CHOICE:
    return g_strdup (field->choices[G_STRUCT_MEMBER (int, base, field->offset)]);
  case LW_FIELD_TEXT:
    break;
  }
  return g_strdup (G_STRUCT_MEMBER (char *, base, field->offset) != NULL
                       ? G_STRUCT_MEMBER (char *, base, field->offset)
                       : "");
}

char *
lw_settings_get (const LwSettings *settings, const char *field)
{
  const LwSettingsField *found = lw_settings_field (field);

  if (strcmp (field, "resize") == 0)
    return g_strdup_printf ("%d", lw_options_input (settings->options).h);
  if (strcmp (field, "input") == 0) {
    const LwShape input = lw_options_input (settings->options);

    return g_strdup_printf ("%dx%dx%d", input.c, input.h, input.w);
  }
  if (strcmp (field, "augment") == 0)
    return g_strdup (lw_augmentation_name (&settings->augmentation));
  return found != NULL ? lw_settings_field_text (settings, found) : NULL;
}
