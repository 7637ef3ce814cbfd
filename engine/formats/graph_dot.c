#include "engine/formats/graph_dot.h"

#include "engine/analysis.h"
#include "engine/i18n.h"

/* The diagram's colours of each kind: fill and line. */
static const struct {
  const char *fill, *line;
} colours[2][LW_N_KINDS] = {
  {
      [LW_KIND_CONVOLUTION] = { "#e3eff7", "#0072b2" },
      [LW_KIND_NORMALIZATION] = { "#f2e9f5", "#8f4fa8" },
      [LW_KIND_ACTIVATION] = { "#fbf1dc", "#b37400" },
      [LW_KIND_POOLING] = { "#e0f2ec", "#00805e" },
      [LW_KIND_LINEAR] = { "#fbe9de", "#c24d00" },
      [LW_KIND_DROPOUT] = { "#eeeeee", "#6b6b6b" },
      [LW_KIND_JOIN] = { "#e9e8eb", "#3d3846" },
      [LW_KIND_DATA] = { "#f1f1f1", "#77767b" },
  },
  {
      [LW_KIND_CONVOLUTION] = { "#1c3547", "#62b0e8" },
      [LW_KIND_NORMALIZATION] = { "#382a3f", "#c89adb" },
      [LW_KIND_ACTIVATION] = { "#3e3218", "#f0b440" },
      [LW_KIND_POOLING] = { "#16382d", "#3fc79a" },
      [LW_KIND_LINEAR] = { "#432a1b", "#f2905a" },
      [LW_KIND_DROPOUT] = { "#333333", "#a6a6a6" },
      [LW_KIND_JOIN] = { "#3a393d", "#cfcdd4" },
      [LW_KIND_DATA] = { "#333333", "#b0afb5" },
  },
};

typedef struct {
  const LwGraph *graph;
  const LwDotOptions *options;
  GString *out;
} Dot;

/* A quoted ID. Graphviz reads \" as a quote, and in labels \n and the like as escapes, so that a
 * backslash of the text must be doubled. Control characters, which some of its outputs cannot hold,
 * become spaces. */
static void
append_quoted (GString *out, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  g_string_append_c (out, '"');
  for (const char *p = valid; *p != '\0'; p++) {
    if (*p == '"' || *p == '\\')
      g_string_append_c (out, '\\');
    g_string_append_c (out, (guchar)*p < 0x20 || *p == 0x7f ? ' ' : *p);
  }
  g_string_append_c (out, '"');
}

/* Several lines of a label, each escaped on its own. */
static void
append_label (GString *out, const char *const *lines)
{
  g_string_append (out, "label=");
  for (int i = 0; lines[i] != NULL; i++) {
    if (i > 0) { /* goes on in the same ID, after a line's end */
      g_string_truncate (out, out->len - 1);
      g_string_append (out, "\\n");
    }
    const gsize at = out->len;

    append_quoted (out, lines[i]);
    if (i > 0)
      g_string_erase (out, (gssize)at, 1);
  }
}

static bool
is_open (const Dot *dot, LwBlockId block)
{
  return dot->options->open == NULL || block == LW_ROOT_BLOCK || dot->options->open[block];
}

/* The outermost closed block around a node, or −1. */
static LwBlockId
closed_around (const Dot *dot, LwNodeId id)
{
  LwBlockId closed = -1;

  for (LwBlockId b = lw_graph_node (dot->graph, id)->block; b > LW_ROOT_BLOCK;
       b = lw_graph_block (dot->graph, b)->parent)
    if (!is_open (dot, b))
      closed = b;
  return closed;
}

/* Layers are named n0, n1 …, closed blocks b1, b2 …: short, and free of what names may hold. */
static void
append_name (const Dot *dot, LwNodeId id)
{
  const LwBlockId closed = closed_around (dot, id);

  if (closed >= 0)
    g_string_append_printf (dot->out, "b%d", closed);
  else
    g_string_append_printf (dot->out, "n%d", id);
}

static const char *
tr (const Dot *dot, const char *phrase)
{
  return dot->options->translate != NULL ? dot->options->translate (phrase) : phrase;
}

static char *
parameters_words (const Dot *dot, int64_t parameters)
{
  g_autofree char *number = lw_format_exact (parameters);

  return parameters > 0 ? g_strdup_printf (tr (dot, N_ ("%s parameters")), number) : NULL;
}

/* `path`: the name that code and tensors have for it, which drawings show when pointed at. */
static void
write_box (const Dot *dot, const char *name, const char *path, const char *what, LwShape shape,
           int64_t parameters, LwKind kind)
{
  g_autofree char *size = lw_shape_to_string (shape);
  g_autofree char *words =
      g_str_equal (what, name) ? g_strdup (size) : g_strconcat (what, " · ", size, NULL);
  g_autofree char *numbers = parameters_words (dot, parameters);
  const char *const lines[] = { name, words, numbers, NULL };

  append_label (dot->out, lines);
  g_string_append (dot->out, ", tooltip=");
  append_quoted (dot->out, path);
  g_string_append_printf (dot->out, ", fillcolor=\"%s\", color=\"%s\"];\n",
                          colours[dot->options->dark][kind].fill,
                          colours[dot->options->dark][kind].line);
}

static void
indent (const Dot *dot, int depth)
{
  g_string_append_printf (dot->out, "%*s", 2 * (depth + 1), "");
}

static void
write_layer (const Dot *dot, LwNodeId id, int depth)
{
  const LwNode *node = lw_graph_node (dot->graph, id);
  const LwOpInfo *op = lw_op_info (node->op);

  indent (dot, depth);
  g_string_append_printf (dot->out, "n%d [", id);
  write_box (dot, node->title, node->name, tr (dot, op->title), node->shape,
             lw_node_cost (dot->graph, id).parameters, op->kind);
}

static void
write_closed (const Dot *dot, LwBlockId id, int depth)
{
  const LwBlock *block = lw_graph_block (dot->graph, id);

  indent (dot, depth);
  g_string_append_printf (dot->out, "b%d [", id);
  write_box (dot, block->title, block->path, tr (dot, N_ ("block")),
             lw_graph_node (dot->graph, block->last)->shape,
             lw_block_cost (dot->graph, id).parameters, LW_KIND_JOIN);
}

static void write_block (const Dot *dot, LwBlockId id);

/* Layers and inner blocks in the order of computation. */
static void
write_content (const Dot *dot, LwBlockId id)
{
  const LwBlock *block = lw_graph_block (dot->graph, id);

  for (LwNodeId at = block->first; at <= block->last; at++) {
    LwBlockId inner = lw_graph_node (dot->graph, at)->block;

    if (inner == id) {
      write_layer (dot, at, block->depth);
      continue;
    }
    while (lw_graph_block (dot->graph, inner)->parent != id)
      inner = lw_graph_block (dot->graph, inner)->parent;
    if (is_open (dot, inner))
      write_block (dot, inner);
    else
      write_closed (dot, inner, block->depth);
    at = lw_graph_block (dot->graph, inner)->last;
  }
}

static void
write_block (const Dot *dot, LwBlockId id)
{
  const LwBlock *block = lw_graph_block (dot->graph, id);
  const char *const lines[] = { block->title, NULL };

  indent (dot, block->depth - 1);
  g_string_append_printf (dot->out, "subgraph cluster_%d {\n", id);
  indent (dot, block->depth);
  append_label (dot->out, lines);
  g_string_append (dot->out, ";\n");
  write_content (dot, id);
  indent (dot, block->depth - 1);
  g_string_append (dot->out, "}\n");
}

/* Several edges between the same two closed blocks are one. */
static void
write_edges (const Dot *dot)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (LwNodeId id = 0; id < lw_graph_n_nodes (dot->graph); id++) {
    const LwNode *node = lw_graph_node (dot->graph, id);

    for (int32_t i = 0; i < node->n_inputs; i++) {
      const LwNodeId from = node->inputs[i];
      const LwBlockId a = closed_around (dot, from), b = closed_around (dot, id);
      g_autofree char *shape = lw_shape_to_string (lw_graph_node (dot->graph, from)->shape);
      const char *const lines[] = { shape, NULL };

      if (a >= 0 && a == b)
        continue; /* within a closed block */
      if (!g_hash_table_add (seen, g_strdup_printf ("%d %d %d", from, b, b >= 0 ? -1 : id)))
        continue;
      g_string_append (dot->out, "  ");
      append_name (dot, from);
      g_string_append (dot->out, " -> ");
      append_name (dot, id);
      g_string_append (dot->out, " [");
      append_label (dot->out, lines);
      g_string_append (dot->out, "];\n");
    }
  }
}

char *
lw_graph_to_dot (const LwGraph *graph, const LwDotOptions *options)
{
  static const LwDotOptions standard = { 0 };
  const Dot dot = { graph, options != NULL ? options : &standard, g_string_new ("digraph ") };
  const char *title = dot.options->title != NULL ? dot.options->title : lw_graph_title (graph);
  const char *const lines[] = { title, NULL };
  const char *ground = dot.options->dark ? "#1e1e1e" : "#ffffff";
  const char *words = dot.options->dark ? "#ffffff" : "#333333";
  const char *line = dot.options->dark ? "#9a9996" : "#5e5c64";

  append_quoted (dot.out, lw_graph_title (graph));
  g_string_append (dot.out, " {\n");
  if (*title != '\0') {
    g_string_append (dot.out, "  ");
    append_label (dot.out, lines);
    g_string_append (dot.out, ";\n  labelloc=t;\n");
  }
  g_string_append_printf (dot.out,
                          "  rankdir=TB;\n"
                          "  bgcolor=\"%s\";\n"
                          "  color=\"%s\";\n"
                          "  fontcolor=\"%s\";\n"
                          "  fontname=\"sans-serif\";\n"
                          "  style=rounded;\n"
                          "  node [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\", "
                          "fontsize=11, fontcolor=\"%s\"];\n"
                          "  edge [fontname=\"sans-serif\", fontsize=10, fontcolor=\"%s\", "
                          "color=\"%s\", arrowsize=0.7];\n",
                          dot.options->transparent ? "transparent" : ground, line, words, words,
                          words, line);
  write_content (&dot, LW_ROOT_BLOCK);
  write_edges (&dot);
  g_string_append (dot.out, "}\n");
  return g_string_free (dot.out, FALSE);
}
