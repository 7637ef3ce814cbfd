/* The rows of ResNet. resnet18 and its plain twin are the book's, with the knob `form` for
 * torchvision's; the deeper ones, which the book does not have, are torchvision's. Blocks of each
 * stage: table 1 of the paper (resnet.c). */
#include "engine/models/knobs.h"
#include "engine/models/library.h"
#include "engine/models/resnet.h"

#include "engine/i18n.h"

static const LwKnob knob_residuals = {
  .name = "residuals",
  .title = N_ ("Blocks per stage"),
  .type = LW_KNOB_INTEGER,
  .standard = 2,
  .minimum = 1,
  .maximum = 8,
  .help = N_ ("Residual blocks in each of the four stages; two make 18 layers with weights."),
};

#define SHORTCUT(value)                                                                            \
  {                                                                                                \
    .name = "shortcut", .title = N_ ("Shortcuts"), .type = LW_KNOB_BOOLEAN, .standard = value,     \
    .minimum = 0, .maximum = 1,                                                                    \
    .help = N_ ("Adds each block's input to its output; without them deep networks train badly.")  \
  }

static const LwKnob knob_shortcut = SHORTCUT (1);
static const LwKnob knob_no_shortcut = SHORTCUT (0);

static const char *const forms[] = { "book", "torchvision", NULL };
#define FORM(index)                                                                                \
  {                                                                                                \
    .name = "form", .title = N_ ("Form"), .type = LW_KNOB_CHOICE, .standard = index, .minimum = 0, \
    .maximum = 1, .choices = forms,                                                                \
    .help = N_ ("The book gives each convolution a bias; torchvision none, but a normalization "   \
                "to shortcuts, as in published weights.")                                          \
  }

static const LwKnob knob_form_book = FORM (0);
static const LwKnob knob_form_torchvision = FORM (1);

/* Of one stage. */
#define STAGE(key, label, sentence, blocks)                                                        \
  {                                                                                                \
    .name = key, .title = label, .type = LW_KNOB_INTEGER, .standard = blocks, .minimum = 1,        \
    .maximum = 48, .help = sentence                                                                \
  }
#define STAGES(a, b, c, d)                                                                         \
  {                                                                                                \
    STAGE ("stage1", N_ ("Blocks in stage 1"),                                                     \
           N_ ("Residual blocks of the first stage, on the largest maps."), a),                    \
        STAGE ("stage2", N_ ("Blocks in stage 2"),                                                 \
               N_ ("Residual blocks of the second stage, on maps half as wide."), b),              \
        STAGE ("stage3", N_ ("Blocks in stage 3"),                                                 \
               N_ ("Residual blocks of the third stage, where deep ResNets have most."), c),       \
        STAGE ("stage4", N_ ("Blocks in stage 4"),                                                 \
               N_ ("Residual blocks of the fourth stage, with most channels."), d)                 \
  }

static const LwKnob stages34[] = STAGES (3, 4, 6, 3); /* 50-layer too */
static const LwKnob stages101[] = STAGES (3, 4, 23, 3);
static const LwKnob stages152[] = STAGES (3, 8, 36, 3);

#define BOOK_KNOBS(shortcut)                                                                       \
  (const LwKnob *const[])                                                                          \
  {                                                                                                \
    &lw_knob_input_96, &lw_knob_channels, &lw_knob_classes, &lw_knob_width, &knob_residuals,       \
        &shortcut, &lw_knob_relu, &lw_knob_batch_norm, &lw_knob_max_pool, &knob_form_book,         \
        &lw_knob_names, NULL                                                                       \
  }
#define KNOBS(stages, shortcut)                                                                    \
  (const LwKnob *const[])                                                                          \
  {                                                                                                \
    &lw_knob_input_96, &lw_knob_channels, &lw_knob_classes, &lw_knob_width, &stages[0],            \
        &stages[1], &stages[2], &stages[3], &shortcut, &lw_knob_relu, &lw_knob_batch_norm,         \
        &lw_knob_max_pool, &knob_form_torchvision, &lw_knob_names, NULL                            \
  }

/* What all have in common. */
#define ROW                                                                                        \
  .family = "ResNet", .year = 2015, .input = { 1, 96, 96 }, .classes = 10,                         \
  .paper = "Kaiming He, Xiangyu Zhang, Shaoqing Ren, Jian Sun: Deep Residual Learning for Image "  \
           "Recognition, CVPR, 2016"

const LwModel lw_model_resnet18 = {
  ROW,
  .name = "resnet18",
  .title = "ResNet-18",
  .idea = N_ ("Shortcuts carry the input past each block, so a deeper network is never harder to "
              "train."),
  .recipe = { 0.05, 10, 256 },
  .knobs = BOOK_KNOBS (knob_shortcut),
  .build = lw_resnet_equal_stages,
};

const LwModel lw_model_resnet34 = {
  ROW,
  .name = "resnet34",
  .title = "ResNet-34",
  .idea = N_ ("Twice the layers of ResNet-18 for twice the cost, and with shortcuts they help."),
  .recipe = { 0.05, 10, 256 },
  .relative = true,
  .knobs = KNOBS (stages34, knob_shortcut),
  .build = lw_resnet_stages,
};

const LwModel lw_model_resnet50 = {
  ROW,
  .name = "resnet50",
  .title = "ResNet-50",
  .idea = N_ ("Bottlenecks: a 1×1 convolution narrows the map, a 3×3 works on it, a 1×1 widens it "
              "again."),
  .recipe = { 0.05, 10, 128 },
  .relative = true,
  .knobs = KNOBS (stages34, knob_shortcut),
  .build = lw_resnet_bottlenecks,
};

const LwModel lw_model_resnet101 = {
  ROW,
  .name = "resnet101",
  .title = "ResNet-101",
  .idea = N_ ("ResNet-50 with 17 more bottlenecks, all of them in the third stage."),
  .recipe = { 0.05, 10, 128 },
  .relative = true,
  .knobs = KNOBS (stages101, knob_shortcut),
  .build = lw_resnet_bottlenecks,
};

const LwModel lw_model_resnet152 = {
  ROW,
  .name = "resnet152",
  .title = "ResNet-152",
  .idea = N_ ("Eight times as deep as VGG-19 and still cheaper: part of the ensemble that won "
              "ImageNet 2015."),
  .recipe = { 0.05, 10, 128 },
  .relative = true,
  .knobs = KNOBS (stages152, knob_shortcut),
  .build = lw_resnet_bottlenecks,
};

/* --- plain twins: section 3.3, figure 3, middle; of bottlenecks the paper has none -------------
 */

const LwModel lw_model_resnet18_plain = {
  ROW,
  .name = "resnet18-plain",
  .title = "ResNet-18 without shortcuts",
  .idea = N_ ("The same 18 layers in a row: compare its curves with those of ResNet-18."),
  .recipe = { 0.05, 10, 256 },
  .relative = true,
  .knobs = BOOK_KNOBS (knob_no_shortcut),
  .build = lw_resnet_equal_stages,
};

const LwModel lw_model_resnet34_plain = {
  ROW,
  .name = "resnet34-plain",
  .title = "ResNet-34 without shortcuts",
  .idea = N_ ("The paper's riddle: 34 plain layers learn worse than 18, even the training images."),
  .recipe = { 0.05, 10, 256 },
  .relative = true,
  .knobs = KNOBS (stages34, knob_no_shortcut),
  .build = lw_resnet_stages,
};

const LwModel lw_model_resnet50_plain = {
  ROW,
  .name = "resnet50-plain",
  .title = "ResNet-50 without shortcuts",
  .idea = N_ ("Bottlenecks in a row: what is narrowed away can no longer come back by a shortcut."),
  .recipe = { 0.05, 10, 128 },
  .relative = true,
  .knobs = KNOBS (stages34, knob_no_shortcut),
  .build = lw_resnet_bottlenecks,
};

const LwModel lw_model_resnet101_plain = {
  ROW,
  .name = "resnet101-plain",
  .title = "ResNet-101 without shortcuts",
  .idea = N_ ("A hundred layers in a row: watch how little of a gradient reaches the first."),
  .recipe = { 0.05, 10, 128 },
  .relative = true,
  .knobs = KNOBS (stages101, knob_no_shortcut),
  .build = lw_resnet_bottlenecks,
};

const LwModel lw_model_resnet152_plain = {
  ROW,
  .name = "resnet152-plain",
  .title = "ResNet-152 without shortcuts",
  .idea = N_ ("The deepest without shortcuts, to see what 50 of them are good for."),
  .recipe = { 0.05, 10, 128 },
  .relative = true,
  .knobs = KNOBS (stages152, knob_no_shortcut),
  .build = lw_resnet_bottlenecks,
};
