#include "engine/compare_ready.h"

#include "engine/error.h"
#include "engine/i18n.h"

#include <string.h>

/* Sources: LeCun et al. 1998, figure 2; Krizhevsky et al. 2012, sections 3 and 4; Simonyan and
 * Zisserman 2014, table 1; Lin et al. 2013, section 3; He et al. 2015, section 4.1 and table 2. */
static const LwReadyComparison ready[] = {
  { .name = "lenet-alexnet",
    .title = N_ ("LeNet beside AlexNet"),
    .specs = { "lenet", "alexnet" },
    .look = N_ ("Look at the first window, at what follows each convolution, and at the width of "
                "the linear layers."),
    .question = N_ ("What changed in fourteen years?"),
    .answer = N_ ("The plan stayed: convolutions and pooling, then three linear layers. AlexNet "
                  "reads images with 64 times as many pixels, so its first window is large and "
                  "moves by 4. ReLU takes the place of the sigmoid, maximum that of the mean, "
                  "three 3×3 convolutions stand in a row, and dropout guards the wide linear "
                  "layers."),
    .experiment = N_ ("guess by which factor the parameters grew before you look at the table, "
                      "then train both with Quick settings."),
    .shares = true },
  { .name = "vgg11-quarter",
    .title = N_ ("VGG-11 with and without a quarter of the channels"),
    .specs = { "vgg11", "vgg11-small" },
    .look = N_ ("Look at how each convolution's parameters change, and at which layers do not "
                "change at all."),
    .question = N_ ("What does a quarter of the channels save?"),
    .answer = N_ ("A convolution's cost goes with channels in × channels out: a quarter of both "
                  "leaves a sixteenth. The first keeps the image's channel and shrinks 4-fold "
                  "only. The first linear layer shrinks 4-fold too, since its 4,096 outputs stay; "
                  "the other two stay as they are, and now most parameters are in linear layers "
                  "more than ever."),
    .experiment = N_ ("predict which of the two learns more in the same minute, then train both "
                      "with Quick settings."),
    .by_macs = true,
    .shares = true },
  { .name = "alexnet-nin",
    .title = N_ ("AlexNet beside NiN"),
    .specs = { "alexnet", "nin" },
    .look = N_ ("Look at the end: what stands in NiN where AlexNet has its linear layers?"),
    .question = N_ ("Where do the parameters go?"),
    .answer = N_ ("NiN has no linear layer: 1×1 convolutions mix the channels at every pixel, the "
                  "last block has one channel per class, and global average pooling, which has "
                  "no parameters, turns each channel into a score."),
    .experiment = N_ ("predict which of the two trains faster per epoch before you look at the "
                      "MACs, then train both with Quick settings."),
    .shares = true },
  { .name = "resnet18-plain",
    .title = N_ ("ResNet-18 beside its plain twin"),
    .specs = { "resnet18", "resnet18:shortcut=false" },
    .look = N_ ("Look at how little differs: only where a block changes the shape does its "
                "shortcut have parameters."),
    .question = N_ ("What does a shortcut cost?"),
    .answer = N_ ("Next to nothing: an identity shortcut adds no parameters and one addition per "
                  "value; a 1×1 convolution is needed only where the shape changes. What it buys "
                  "shows in training: in the paper (section 4.1) both reach much the same "
                  "accuracy at 18 layers, and the one with shortcuts gets there sooner; at 34 "
                  "layers the plain one ends worse than at 18."),
    .experiment = N_ ("train both with Quick settings and compare how the loss falls in the first "
                      "epoch.") },
};

int
lw_n_ready_comparisons (void)
{
  return (int)G_N_ELEMENTS (ready);
}

const LwReadyComparison *
lw_ready_comparison (int index)
{
  g_return_val_if_fail (index >= 0 && index < lw_n_ready_comparisons (), NULL);
  return &ready[index];
}

const LwReadyComparison *
lw_ready_comparison_of (LwOptions *const *options, int n)
{
  for (guint i = 0; i < G_N_ELEMENTS (ready); i++) {
    int same = 0;
    for (int k = 0; k < LW_COMPARE_MOST; k++) {
      g_autoptr (LwOptions) wanted =
          ready[i].specs[k] != NULL ? lw_compare_options (ready[i].specs[k], NULL) : NULL;
      same +=
          (wanted == NULL) == (k >= n) && (wanted == NULL || lw_options_equal (wanted, options[k]));
    }
    if (same == LW_COMPARE_MOST)
      return &ready[i];
  }
  return NULL;
}

LwOptions *
lw_compare_options (const char *spec, GError **error)
{
  const char *colon = strchr (spec, ':');
  g_autofree char *name = colon != NULL ? g_strndup (spec, (gsize)(colon - spec)) : g_strdup (spec);
  const LwModel *model = lw_model_find (name, error);
  if (model == NULL)
    return NULL;
  g_autoptr (LwOptions) options = lw_options_new (model);
  g_auto (GStrv) assignments = g_strsplit (colon != NULL ? colon + 1 : "", ",", -1);
  for (int i = 0; assignments[i] != NULL; i++)
    if (!lw_options_parse (options, g_strstrip (assignments[i]), error)) {
      g_prefix_error (error, "%s: ", spec);
      return NULL;
    }
  return g_steal_pointer (&options);
}

char *
lw_compare_title (const LwOptions *options)
{
  const LwModel *model = lw_options_model (options);
  const LwShape input = lw_options_input (options);
  GString *title = g_string_new (model->title);
  if (input.h != model->input.h || input.w != model->input.w)
    g_string_append_printf (title, ", %d×%d", input.h, input.w);
  for (int i = 0; model->knobs[i] != NULL; i++) {
    const LwKnob *knob = model->knobs[i];
    if (lw_options_is_standard (options, knob->name) || g_str_equal (knob->name, "input_size"))
      continue;
    g_autofree char *value = lw_options_get (options, knob->name);
    g_autofree char *name = g_strdelimit (g_strdup (knob->name), "_", ' ');
    if (knob->type == LW_KNOB_BOOLEAN)
      g_string_append_printf (title, ", %s %s", g_str_equal (value, "true") ? "with" : "no", name);
    else if (knob->type == LW_KNOB_CHOICE && !g_str_equal (value, "none"))
      g_string_append_printf (title, ", %s", value);
    else
      g_string_append_printf (title, ", %s %s", name, value);
  }
  return g_string_free (title, FALSE);
}
