#include "engine/formats/graph_torch.h"

#include "engine/analysis.h"
#include "engine/formats/torch_class.h"

#include <string.h>

#define WIDTH 88 /* of the text at the top */

/* "LeNet + BN" → "LeNetBN", "VGG-11 ÷4" → "VGG11". g_free. */
static char *
root_class_name (const LwGraph *graph)
{
  const char *title = lw_graph_title (graph);
  GString *name = g_string_new (NULL);
  bool begins = true;

  for (; *title != '\0' && g_ascii_isprint (*title); title++) {
    if (g_ascii_isalnum (*title))
      g_string_append_c (name, begins ? g_ascii_toupper (*title) : *title);
    begins = !g_ascii_isalnum (*title);
  }
  if (name->len == 0 || g_ascii_isdigit (name->str[0]))
    g_string_prepend (name, "Net");
  return g_string_free (name, FALSE);
}

/* " with width=0.5, activation=tanh": the knobs that are not the book's. */
static void
append_knobs (GString *python, const LwOptions *options)
{
  const char *before = " with ";

  for (const LwKnob *const *knob = lw_options_model (options)->knobs; *knob != NULL; knob++) {
    g_autofree char *value = NULL;

    if (lw_options_is_standard (options, (*knob)->name))
      continue;
    value = lw_options_get (options, (*knob)->name);
    g_string_append_printf (python, "%s%s=%s", before, (*knob)->name, value);
    before = ", ";
  }
}

/* Words up to the 88th column. */
static void
append_wrapped (GString *python, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  glong column = 0;

  for (int i = 0; words[i] != NULL; i++) {
    const glong length = g_utf8_strlen (words[i], -1);

    if (column > 0) {
      g_string_append_c (python, column + 1 + length > WIDTH ? '\n' : ' ');
      column = column + 1 + length > WIDTH ? 0 : column + 1;
    }
    g_string_append (python, words[i]);
    column += length;
  }
}

/* Nothing in it can end the text that it stands in. */
static void
append_plain (GString *python, const char *text)
{
  for (; *text != '\0'; text++)
    if (*text != '"' && *text != '\\' && (guchar)*text >= ' ')
      g_string_append_c (python, *text);
}

/* The fewest digits that read back as the same number. */
static void
append_float (GString *python, float number)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  for (int digits = 6; digits <= 9; digits++) {
    const char format[] = { '%', '.', (char)('0' + digits), 'g', '\0' };

    g_ascii_formatd (text, sizeof text, format, (double)number);
    if ((float)g_ascii_strtod (text, NULL) == number)
      break;
  }
  g_string_append (python, text);
}

/* "    mean = torch.tensor([0.286]).view(-1, 1, 1)": one number, or one a channel. */
static void
append_numbers (GString *python, const char *name, const float *numbers, int32_t n)
{
  g_string_append_printf (python, "    %s = torch.tensor([", name);
  for (int32_t i = 0; i < n; i++) {
    g_string_append (python, i > 0 ? ", " : "");
    append_float (python, numbers[i]);
  }
  g_string_append (python, "]).view(-1, 1, 1)\n");
}

/* How the network is called: it was trained on images that were normalized so. */
static void
append_call (GString *python, const LwGraph *graph)
{
  const LwShape input = lw_graph_input_shape (graph);
  const LwNormalization *normalization = lw_graph_normalization (graph);
  const bool normalized = normalization->n > 0;

  if (normalized) {
    append_numbers (python, "mean", normalization->mean, normalization->n);
    append_numbers (python, "deviation", normalization->deviation, normalization->n);
  }
  g_string_append_printf (python, "    logits = net(%s)  # [N, %d, %d, %d], pixels from 0 to 1\n",
                          normalized ? "(images - mean) / deviation" : "images", input.c, input.h,
                          input.w);
}

static void
append_top (GString *python, const LwGraph *graph, const LwOptions *options, const char *name,
            const char *body)
{
  const LwShape input = lw_graph_input_shape (graph);
  g_autofree char *shape = lw_shape_to_string (input);
  g_autofree char *parameters = lw_format_exact (lw_graph_cost (graph).parameters);

  g_string_append (python, "\"\"\"");
  append_plain (python, lw_graph_title (graph));
  g_string_append_printf (python, ": %s in, %d classes out, %s parameters.\n\n", shape,
                          lw_graph_classes (graph), parameters);
  if (options != NULL) {
    g_autoptr (GString) origin = g_string_new ("Written by Layerwise: ");

    g_string_append (origin, lw_options_model (options)->name);
    append_knobs (origin, options);
    append_wrapped (python, lw_options_model (options)->paper);
    g_string_append (python, ".\n\n");
    append_wrapped (python, origin->str);
    g_string_append (python, ".\n");
  }
  g_string_append_printf (python,
                          "Its modules have the names of the weights that Layerwise exports:\n\n"
                          "    from safetensors.torch import load_file\n\n"
                          "    net = %s()\n"
                          "    net.load_state_dict(load_file(\"weights.safetensors\"))\n"
                          "    net.eval()\n",
                          name);
  append_call (python, graph);
  g_string_append (python, "\"\"\"\n\n");
  if (strstr (body, "torch.") != NULL)
    g_string_append (python, "import torch\n");
  g_string_append (python, "from torch import nn\n");
  if (strstr (body, "F.") != NULL)
    g_string_append (python, "from torch.nn import functional as F\n");
}

static void
append_root (GString *python, const LwGraph *graph, const LwTorchModule *root, const char *name)
{
  LwTorchWriter writer = { .graph = graph,
                           .text = g_string_new (NULL),
                           .numbers = g_array_new (FALSE, FALSE, sizeof (LwTorchNumber)),
                           .shapes = true };

  lw_torch_methods (&writer, root);
  g_string_append_printf (python, "\n\nclass %s(nn.%s):\n", name,
                          root->form == LW_TORCH_SEQUENCE ? "Sequential" : "Module");
  lw_torch_fill (python, writer.text->str, writer.numbers, NULL);
  g_string_free (writer.text, TRUE);
  g_array_unref (writer.numbers);
}

char *
lw_graph_to_torch (const LwGraph *graph, const LwOptions *options, GError **error)
{
  g_autoptr (LwTorchModule) root = lw_torch_tree_new (graph, error);
  g_autofree char *name = root_class_name (graph);
  g_autoptr (GString) body = g_string_new (NULL);
  g_autoptr (GPtrArray) classes = NULL;
  GString *python;

  if (root == NULL)
    return NULL;
  classes = lw_torch_classes (graph, root, name);
  for (guint i = 0; i < classes->len; i++) {
    g_string_append (body, "\n\n");
    lw_torch_class_append (body, classes->pdata[i]);
  }
  append_root (body, graph, root, name);
  python = g_string_new (NULL);
  append_top (python, graph, options, name, body->str);
  g_string_append (python, body->str);
  return g_string_free (python, FALSE);
}
