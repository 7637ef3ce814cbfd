/* GoogLeNet: Inception blocks look at their input through windows of four sizes at once and put
 * the results side by side.
 *
 * Christian Szegedy, Wei Liu, Yangqing Jia, Pierre Sermanet, Scott Reed, Dragomir Anguelov, Dumitru
 * Erhan, Vincent Vanhoucke, Andrew Rabinovich, "Going Deeper with Convolutions", CVPR 2015 (arXiv
 * 1409.4842, 2014), figure 2b and table 1; without the auxiliary classifiers, as in the book. */
#include "engine/models/knobs.h"
#include "engine/models/library.h"

#include "engine/i18n.h"

/* Channels of the four paths; table 1's columns #1×1, #3×3 reduce, #3×3, #5×5 reduce, #5×5 and
 * pool proj. */
typedef struct {
  const char *title;
  int p1, p2[2], p3[2], p4;
} Inception;

static const Inception block3[] = {
  { "3a", 64, { 96, 128 }, { 16, 32 }, 32 },
  { "3b", 128, { 128, 192 }, { 32, 96 }, 64 },
};
static const Inception block4[] = {
  { "4a", 192, { 96, 208 }, { 16, 48 }, 64 },    { "4b", 160, { 112, 224 }, { 24, 64 }, 64 },
  { "4c", 128, { 128, 256 }, { 24, 64 }, 64 },   { "4d", 112, { 144, 288 }, { 32, 64 }, 64 },
  { "4e", 256, { 160, 320 }, { 32, 128 }, 128 },
};
static const Inception block5[] = {
  { "5a", 256, { 160, 320 }, { 32, 128 }, 128 },
  { "5b", 384, { 192, 384 }, { 48, 128 }, 128 },
};

static const LwWindow halve = { 3, 2, 1 };

/* `name`: "p2_1"; its batch normalization, if any, and activation: "p2_1_bn", "p2_1_relu". */
static LwNodeId
conv (LwGraph *g, LwNodeId x, const char *name, int channels, LwWindow window,
      const LwOptions *options)
{
  g_autofree char *norm = name != NULL ? g_strconcat (name, "_bn", NULL) : NULL;
  g_autofree char *relu = name != NULL ? g_strconcat (name, "_relu", NULL) : NULL;

  x = lw_conv2d (g, x, name, lw_options_width (options, channels), window);
  x = lw_normalize (g, x, norm, options);
  return lw_activate (g, x, relu, options);
}

static LwNodeId
inception (LwGraph *g, LwNodeId x, const Inception *block, const LwOptions *options)
{
  const LwWindow one = { 1, 1, 0 }, three = { 3, 1, 1 }, five = { 5, 1, 2 };

  lw_graph_push_block (g, LW_BLOCK_INCEPTION, NULL, "Inception %s", block->title);
  LwNodeId p1 = conv (g, x, "p1_1", block->p1, one, options);
  LwNodeId p2 = conv (g, x, "p2_1", block->p2[0], one, options);
  p2 = conv (g, p2, "p2_2", block->p2[1], three, options);
  LwNodeId p3 = conv (g, x, "p3_1", block->p3[0], one, options);
  p3 = conv (g, p3, "p3_2", block->p3[1], five, options);
  LwNodeId p4 = lw_pool (g, x, "p4_1", three, options);
  p4 = conv (g, p4, "p4_2", block->p4, one, options);
  x = lw_concat (g, (LwNodeId[]){ p1, p2, p3, p4 }, 4, "concat");
  lw_graph_pop_block (g);
  return x;
}

/* The first blocks of a stage, as many as the knob allows. */
static LwNodeId
inceptions (LwGraph *g, LwNodeId x, const Inception *blocks, size_t n, const LwOptions *options)
{
  size_t most = (size_t)lw_options_integer (options, "inceptions");

  for (size_t i = 0; i < MIN (n, most); i++)
    x = inception (g, x, &blocks[i], options);
  return x;
}

static LwNodeId
build_googlenet (LwGraph *g, LwNodeId x, const LwOptions *options)
{
  lw_graph_push_block (g, LW_BLOCK_PLAIN, NULL, "Block 1");
  x = conv (g, x, NULL, 64, (LwWindow){ 7, 2, 3 }, options);
  x = lw_pool (g, x, NULL, halve, options);
  lw_graph_pop_block (g);

  lw_graph_push_block (g, LW_BLOCK_PLAIN, NULL, "Block 2");
  x = conv (g, x, NULL, 64, (LwWindow){ 1, 1, 0 }, options);
  x = conv (g, x, NULL, 192, (LwWindow){ 3, 1, 1 }, options);
  x = lw_pool (g, x, NULL, halve, options);
  lw_graph_pop_block (g);

  lw_graph_push_block (g, LW_BLOCK_PLAIN, NULL, "Block 3");
  x = inceptions (g, x, block3, G_N_ELEMENTS (block3), options);
  x = lw_pool (g, x, NULL, halve, options);
  lw_graph_pop_block (g);

  lw_graph_push_block (g, LW_BLOCK_PLAIN, NULL, "Block 4");
  x = inceptions (g, x, block4, G_N_ELEMENTS (block4), options);
  x = lw_pool (g, x, NULL, halve, options);
  lw_graph_pop_block (g);

  lw_graph_push_block (g, LW_BLOCK_PLAIN, NULL, "Block 5");
  x = inceptions (g, x, block5, G_N_ELEMENTS (block5), options);
  x = lw_global_avg_pool (g, x, NULL);
  x = lw_flatten (g, x, NULL);
  lw_graph_pop_block (g);

  return lw_linear (g, x, NULL, lw_options_integer (options, "classes"));
}

static const LwKnob knob_inceptions = {
  .name = "inceptions",
  .title = N_ ("Inceptions per block"),
  .type = LW_KNOB_INTEGER,
  .standard = 5,
  .minimum = 1,
  .maximum = 5,
  .help = N_ ("At most so many in each of the three blocks; the paper has 2, 5 and 2."),
};

const LwModel lw_model_googlenet = {
  .name = "googlenet",
  .title = "GoogLeNet",
  .family = "GoogLeNet",
  .year = 2014,
  .paper = "Christian Szegedy, Wei Liu, Yangqing Jia, Pierre Sermanet, Scott Reed, Dragomir "
           "Anguelov, Dumitru Erhan, Vincent Vanhoucke, Andrew Rabinovich: Going Deeper with "
           "Convolutions, CVPR, 2015",
  .idea = N_ ("Windows of several sizes side by side; 1×1 convolutions make the large ones cheap."),
  .input = { 1, 96, 96 },
  .classes = 10,
  .recipe = { 0.1, 10, 128 },
  .knobs = (const LwKnob *const[]){ &lw_knob_input_96, &lw_knob_channels, &lw_knob_classes,
                                    &lw_knob_width, &knob_inceptions, &lw_knob_relu, &lw_knob_plain,
                                    &lw_knob_max_pool, NULL },
  .build = build_googlenet,
};
