#include "ui/run-settings.h"

#include "engine/settings_fields.h"

#include <glib/gi18n.h>

static const struct {
  const char *field, *title;
  bool place;
} titles[] = {
  { "data", N_ ("Data"), false },
  { "limit-train", N_ ("Training images"), false },
  { "limit-test", N_ ("Test images"), false },
  { "epochs", N_ ("Epochs"), false },
  { "steps", N_ ("Steps"), false },
  { "batch", N_ ("Batch size"), false },
  { "learning-rate", N_ ("Learning rate"), false },
  { "seed", N_ ("Seed"), false },
  { "shuffle", N_ ("Shuffle"), false },
  { "flip", N_ ("Flip"), false },
  { "crop-padding", N_ ("Crop padding"), false },
  { "crop-area", N_ ("Crop area"), false },
  { "brightness", N_ ("Brightness"), false },
  { "contrast", N_ ("Contrast"), false },
  { "saturation", N_ ("Saturation"), false },
  { "hue", N_ ("Hue"), false },
  { "normalize", N_ ("Normalization"), false },
  { "optimizer", N_ ("Optimizer"), false },
  { "momentum", N_ ("Momentum"), false },
  { "weight-decay", N_ ("Weight decay"), false },
  { "nesterov", N_ ("Nesterov momentum"), false },
  { "schedule", N_ ("Schedule"), false },
  { "warmup-epochs", N_ ("Warm-up epochs"), false },
  { "init", N_ ("First weights"), false },
  { "device", N_ ("Device"), true },
  { "precision", N_ ("Precision"), false },
  { "threads", N_ ("Threads"), true },
  { "algorithms", N_ ("Algorithms"), true },
  { "batch-norm-statistics", N_ ("Batch norm over workers"), false },
  { "checkpoint-every", N_ ("Checkpoint every"), true },
};

static guint
title_of (const char *field)
{
  guint i = 0;

  while (i < G_N_ELEMENTS (titles) && !g_str_equal (titles[i].field, field))
    i++;
  return i;
}

/* For people: no limit of images is all of them. */
static char *
field_text (const LwSettings *settings, const LwSettingsField *field)
{
  g_autofree char *text = lw_settings_field_text (settings, field);

  if (field->type == LW_FIELD_BOOLEAN)
    return g_strdup (g_str_equal (text, "true") ? _ ("yes") : _ ("no"));
  if (g_str_has_prefix (field->name, "limit-") && g_str_equal (text, "0"))
    return g_strdup (_ ("all"));
  return g_steal_pointer (&text);
}

static void
setting_free (gpointer data)
{
  LwRunSetting *setting = data;

  g_free (setting->value);
  g_free (setting);
}

static void
add (GPtrArray *list, const char *name, char *value, bool book, bool place)
{
  LwRunSetting *setting = g_new (LwRunSetting, 1);

  *setting = (LwRunSetting){ name, value, book, place };
  g_ptr_array_add (list, setting);
}

GPtrArray *
lw_run_settings_list (const LwSettings *settings)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (setting_free);
  const LwModel *model = lw_options_model (settings->options);
  g_autoptr (LwSettings) book = lw_settings_new (lw_options_new (model));
  const LwShape input = lw_options_input (settings->options);
  const LwShape book_input = lw_options_input (book->options);
  int32_t n;
  const LwSettingsField *fields = lw_settings_fields (&n);

  add (list, _ ("Network"), g_strdup (model->title), false, false);
  add (list, _ ("Input"), lw_shape_to_string (input),
       input.c == book_input.c && input.h == book_input.h && input.w == book_input.w, false);
  for (int32_t i = 0; i < n; i++) {
    const guint t = title_of (fields[i].name);
    char *value = field_text (settings, &fields[i]);
    g_autofree char *standard = field_text (book, &fields[i]);

    add (list, t < G_N_ELEMENTS (titles) ? _ (titles[t].title) : fields[i].name, value,
         g_str_equal (value, standard), t < G_N_ELEMENTS (titles) && titles[t].place);
  }
  for (int i = 0; model->knobs[i] != NULL; i++) {
    const char *name = model->knobs[i]->name;

    if (g_str_equal (name, "input_size") || g_str_equal (name, "channels"))
      continue; /* they are the input */
    add (list, _ (model->knobs[i]->title), lw_options_get (settings->options, name),
         lw_options_is_standard (settings->options, name), false);
  }
  return list;
}

const char *
lw_run_settings_value (const GPtrArray *list, const char *name)
{
  for (guint i = 0; i < list->len; i++) {
    const LwRunSetting *setting = list->pdata[i];

    if (g_str_equal (setting->name, name))
      return setting->value;
  }
  return NULL;
}

const char *
lw_run_settings_others (LwRunItem *run)
{
  static const char *const own[] = { N_ ("Network"), N_ ("Learning rate"), N_ ("Batch size"),
                                     N_ ("Seed") };
  const char *known = g_object_get_data (G_OBJECT (run), "other-settings");
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GString) words = g_string_new (NULL);

  if (known != NULL)
    return known;
  list = lw_run_settings_list (lw_run_item_settings (run));
  for (guint i = 0; i < list->len; i++) {
    const LwRunSetting *setting = list->pdata[i];
    bool skip = setting->book || setting->place;

    for (guint k = 0; k < G_N_ELEMENTS (own); k++)
      skip = skip || g_str_equal (setting->name, _ (own[k]));
    if (skip)
      continue;
    g_string_append_printf (words, "%s%s %s", words->len > 0 ? ", " : "", setting->name,
                            setting->value);
  }
  g_object_set_data_full (G_OBJECT (run), "other-settings", g_strdup (words->str), g_free);
  return g_object_get_data (G_OBJECT (run), "other-settings");
}

/* --- differences -------------------------------------------------------------------------------
 */

static void
difference_free (gpointer data)
{
  LwSettingDifference *difference = data;

  g_strfreev (difference->values);
  g_free (difference);
}

static void
add_if_different (GPtrArray *all, GPtrArray *const *lists, guint n, const char *name)
{
  LwSettingDifference *difference = g_new0 (LwSettingDifference, 1);
  bool differs = false;

  difference->name = name;
  difference->values = g_new0 (char *, n + 1);
  for (guint r = 0; r < n; r++) {
    const char *value = lw_run_settings_value (lists[r], name);

    difference->values[r] = g_strdup (value != NULL ? value : "–");
    differs = differs || !g_str_equal (difference->values[r], difference->values[0]);
  }
  if (differs)
    g_ptr_array_add (all, difference);
  else
    difference_free (difference);
}

GPtrArray *
lw_run_settings_differences (LwRunItem *const *runs, guint n)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (difference_free);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) lists = g_ptr_array_new_with_free_func ((GDestroyNotify)g_ptr_array_unref);

  for (guint r = 0; r < n; r++)
    g_ptr_array_add (lists, lw_run_settings_list (lw_run_item_settings (runs[r])));
  for (guint r = 0; r < n; r++) {
    const GPtrArray *list = lists->pdata[r];

    for (guint i = 0; i < list->len; i++) {
      const LwRunSetting *setting = list->pdata[i];

      if (g_hash_table_add (seen, (gpointer)setting->name))
        add_if_different (all, (GPtrArray *const *)lists->pdata, n, setting->name);
    }
  }
  return all;
}
