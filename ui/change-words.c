#include "ui/change-words.h"

#include "engine/analysis.h"

#include <glib/gi18n.h>
#include <math.h>

#define NEAR 0.03 /* two ratios are the same within this share */

static bool
is_near (double a, double b)
{
  return fabs (a - b) <= NEAR * b;
}

static double
ratio (int64_t book, int64_t yours)
{
  return book > 0 && yours > 0 ? (double)yours / (double)book : 0;
}

/* The knob that alone is changed; NULL: none or several. `ret_n`: how many are. */
static const LwKnob *
only_change (const LwOptions *options, int *ret_n)
{
  const LwKnob *changed = NULL;

  *ret_n = 0;
  for (const LwKnob *const *knob = lw_options_model (options)->knobs; *knob != NULL; knob++)
    if (!lw_options_is_standard (options, (*knob)->name)) {
      changed = *knob;
      (*ret_n)++;
    }
  return *ret_n == 1 ? changed : NULL;
}

/* --- width -------------------------------------------------------------------------------------
 */

/* "conv 1 and linear 3", at most three. */
static char *
layers_with_ratio (const LwChange *change, double wanted, int *ret_n)
{
  GString *names = g_string_new (NULL);

  *ret_n = 0;
  for (int32_t i = 0; i < change->n_rows; i++) {
    const LwChangeRow *row = &change->rows[i];

    if (row->kind == LW_KIND_NORMALIZATION || !is_near (ratio (row->book, row->yours), wanted))
      continue;
    if (++*ret_n == 2)
      g_string_append (names, _ (" and "));
    else if (*ret_n == 3)
      g_string_append (names, _ (" and others"));
    if (*ret_n <= 2)
      g_string_append (names, row->title);
  }
  return g_string_free (names, FALSE);
}

static char *
width_words (const LwOptions *yours, const LwChange *change)
{
  const LwKnob *knob = lw_model_knob (lw_options_model (yours), "width");
  const double factor = lw_options_real (yours, "width") / knob->standard;
  int n_both, n_one;
  g_autofree char *both = layers_with_ratio (change, factor * factor, &n_both);
  g_autofree char *one = layers_with_ratio (change, factor, &n_one);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *square = lw_change_factor ((int64_t)1e9, (int64_t)(1e9 * factor * factor));

  if (n_both == 0) {
    g_string_append_printf (text, _ ("Width × %g: each layer has so many times the outputs."),
                            factor);
  } else if (is_near (factor, 0.5)) {
    g_string_append (text, _ ("Half the width divides most layers by four: each has half the "
                              "inputs and half the outputs."));
  } else {
    g_string_append_printf (text,
                            _ ("The width's factor counts twice, for a layer's inputs and for its "
                               "outputs: most layers have %s the parameters."),
                            square);
  }
  if (n_both > 0 && n_one > 0)
    g_string_append_printf (text,
                            n_one == 1
                                ? _ (" %s has one fixed side, so it changes by × %g only.")
                                : _ (" %s have one fixed side, so they change by × %g only."),
                            one, factor);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* --- other knobs -------------------------------------------------------------------------------
 */

/* "Stage 4 · Residual 3 · conv2". */
static char *
row_words (const LwChangeRow *row)
{
  return row->group != NULL ? g_strdup_printf ("%s · %s", row->group, row->title)
                            : g_strdup (row->title);
}

/* The row whose parameters change most. */
static const LwChangeRow *
largest_change (const LwChange *change)
{
  const LwChangeRow *most = NULL;
  int64_t difference = 0;

  for (int32_t i = 0; i < change->n_rows; i++) {
    const LwChangeRow *row = &change->rows[i];
    const int64_t own = ABS (MAX (row->yours, 0) - MAX (row->book, 0));

    if (own > difference) {
      difference = own;
      most = row;
    }
  }
  return most;
}

static char *
number_words (int64_t value)
{
  return value >= 0 ? lw_format_short ((double)value) : g_strdup (_ ("none"));
}

static char *
input_words (const LwOptions *yours, const LwChange *change)
{
  const LwShape book = lw_options_model (yours)->input, own = lw_options_input (yours);
  g_autofree char *area = lw_change_factor ((int64_t)book.h * book.w, (int64_t)own.h * own.w);
  g_autofree char *macs = lw_change_factor (change->book.macs, change->yours.macs);
  const LwChangeRow *row = largest_change (change);

  if (row == NULL)
    return g_strdup_printf (
        _ ("The same weights slide over another area (%s): the parameters stay, the MACs follow "
           "(%s)."),
        area, macs);
  {
    g_autofree char *before = number_words (row->book), *after = number_words (row->yours);

    return g_strdup_printf (
        _ ("Convolutions keep their weights and slide over another area (%s). Only %s grows and "
           "shrinks with the map, because it reads all of it as one vector: %s → %s parameters."),
        area, row->title, before, after);
  }
}

static char *
depth_words (const LwChange *change)
{
  const int more = change->your_depth - change->book_depth;
  const LwChangeRow *row = largest_change (change);
  g_autofree char *factor = lw_change_factor (change->book.parameters, change->yours.parameters);
  g_autofree char *share = NULL, *name = NULL;
  int64_t of_row = row != NULL ? ABS (MAX (row->yours, 0) - MAX (row->book, 0)) : 0;
  const int64_t all = ABS (change->yours.parameters - change->book.parameters);

  if (row == NULL || all == 0)
    return g_strdup_printf (ngettext ("%d layer with weights more or less.",
                                      "%d layers with weights more or less.", (gulong)ABS (more)),
                            ABS (more));
  name = row_words (row);
  share = g_strdup_printf ("%d %%", (int)MIN (lround (100.0 * (double)of_row / (double)all), 100));
  return g_strdup_printf (
      more > 0
          ? ngettext ("%d layer deeper, parameters %s. The largest part of the difference, %s, "
                      "is in %s.",
                      "%d layers deeper, parameters %s. The largest part of the difference, "
                      "%s, is in %s.",
                      (gulong)ABS (more))
          : ngettext ("%d layer less, parameters %s. The largest part of the difference, %s, "
                      "is in %s.",
                      "%d layers less, parameters %s. The largest part of the difference, %s, "
                      "is in %s.",
                      (gulong)ABS (more)),
      ABS (more), factor, share, name);
}

static char *
normalization_words (const LwChange *change)
{
  const int64_t all = ABS (change->yours.parameters - change->book.parameters);
  g_autofree char *number = lw_format_exact (all);

  return g_strdup_printf (
      change->yours.parameters > change->book.parameters
          ? _ ("Batch normalization adds two parameters a channel, γ and β: %s in all. Hardly a "
               "cost, and the network learns at higher rates.")
          : _ ("Without batch normalization γ and β are gone, %s parameters. Hardly a saving, and "
               "the network needs a lower learning rate."),
      number);
}

static char *
shortcut_words (const LwChange *change)
{
  g_autofree char *number =
      lw_format_exact (ABS (change->book.parameters - change->yours.parameters));

  return g_strdup_printf (
      _ ("Shortcuts cost next to nothing: without them only their 1×1 convolutions go, %s "
         "parameters. Train this plain twin beside the book's and compare the curves."),
      number);
}

static char *
default_words (const LwChange *change)
{
  const LwChangeRow *row = largest_change (change);
  g_autofree char *parameters =
      lw_change_factor (change->book.parameters, change->yours.parameters);
  g_autofree char *macs = lw_change_factor (change->book.macs, change->yours.macs);
  g_autofree char *before = NULL, *after = NULL, *name = NULL;

  if (row == NULL && change->book.macs == change->yours.macs)
    return g_strdup (_ ("Shapes, parameters and MACs stay as they are; what changes is how the "
                        "network learns. Train it and compare."));
  if (row == NULL)
    return g_strdup_printf (_ ("The parameters stay; the MACs change (%s)."), macs);
  name = row_words (row);
  before = number_words (row->book);
  after = number_words (row->yours);
  return g_strdup_printf (
      _ ("Parameters %s, MACs %s. The largest difference is in %s: %s → %s parameters."),
      parameters, macs, name, before, after);
}

char *
lw_change_sentence (const LwOptions *yours, const LwChange *change)
{
  int n;
  const LwKnob *knob = only_change (yours, &n);
  const char *name = knob != NULL ? knob->name : "";
  const int depth = change->your_depth - change->book_depth;

  if (n == 0)
    return g_strdup (_ ("Nothing is changed yet: these are the book's numbers. Turn a knob, and "
                        "what it does stands here."));
  if (g_str_equal (name, "width"))
    return width_words (yours, change);
  if (g_str_equal (name, "input_size"))
    return input_words (yours, change);
  if (g_str_equal (name, "activation"))
    return g_strdup (_ ("An activation has no parameters: shapes and costs stay. What changes is "
                        "how well gradients pass through; train it and compare."));
  if (g_str_equal (name, "pooling"))
    return g_strdup (_ ("Pooling has no parameters: shapes and costs stay. The largest value keeps "
                        "the strongest sign of a feature, the mean how much of it there is."));
  if (g_str_equal (name, "dropout"))
    return g_strdup (_ ("Dropout has no parameters and works in training only: it sets values to "
                        "zero at random, so that no unit relies on another."));
  if (g_str_equal (name, "normalization"))
    return normalization_words (change);
  if (g_str_equal (name, "shortcut"))
    return shortcut_words (change);
  if (knob != NULL && depth != 0)
    return depth_words (change);
  return default_words (change);
}

char *
lw_change_knobs (const LwOptions *yours)
{
  const LwShape input = lw_options_input (yours);
  GString *text = g_string_new (NULL);

  for (const LwKnob *const *knob = lw_options_model (yours)->knobs; *knob != NULL; knob++) {
    g_autofree char *value = lw_options_get (yours, (*knob)->name);
    g_autofree char *title = g_utf8_strdown (_ ((*knob)->title), -1);

    if (g_str_equal ((*knob)->name, "input_size")) {
      g_string_append_printf (text, _ ("input %d × %d"), input.h, input.w);
      continue;
    }
    if (lw_options_is_standard (yours, (*knob)->name))
      continue;
    g_string_append_printf (
        text, (*knob)->type == LW_KNOB_REAL && (*knob)->minimum > 0 ? ", %s × %s" : ", %s %s",
        title, value);
  }
  return g_string_free (text, FALSE);
}

const char *
lw_knob_choice_title (const char *choice)
{
  static const struct {
    const char *choice, *title;
  } titles[] = { { "relu", N_ ("ReLU") },      { "sigmoid", N_ ("sigmoid") },
                 { "tanh", N_ ("tanh") },      { "none", N_ ("none") },
                 { "batch", N_ ("batch") },    { "max", N_ ("max") },
                 { "average", N_ ("average") } };

  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    if (g_str_equal (titles[i].choice, choice))
      return _ (titles[i].title);
  return choice;
}
