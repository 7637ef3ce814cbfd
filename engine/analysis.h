/* What a finished graph costs: per node, per block and in total, with the formulas for people.
 * Pure functions of the graph, callable from any thread. */
#pragma once

#include "engine/op.h"

G_BEGIN_DECLS

LwCost lw_node_cost (const LwGraph *graph, LwNodeId id);
LwCost lw_block_cost (const LwGraph *graph, LwBlockId id); /* sums over its nodes */
LwCost lw_graph_cost (const LwGraph *graph);
/* Convolutions and linear layers on the path that has most of them: ResNet-18 has 18. */
int32_t lw_graph_depth (const LwGraph *graph);

/* How a node's parameters come about: "96·1·11·11 + 96 = 11,712"; NULL without parameters. g_free.
 * `ret_words` (may be NULL): "output · input · kernel + bias" (constant, N_()). */
char *lw_node_parameters_formula (const LwGraph *graph, LwNodeId id, const char **ret_words);
/* "96·54·54 · 1·11·11 = 33,872,256" (MACs); NULL where there are none. g_free. */
char *lw_node_macs_formula (const LwGraph *graph, LwNodeId id);
/* The op's formula with this node's stride and padding put in; g_free. */
char *lw_node_formula (const LwGraph *graph, LwNodeId id);
/* How the output's sides come about where a pooling rounds them up: "⌈(112 − 3)/2⌉ + 1 = 56", of
 * height and width where they differ; NULL elsewhere. g_free. */
char *lw_node_sides_formula (const LwGraph *graph, LwNodeId id);

/* The square of input pixels that one output unit sees, and how far it moves from one unit to its
 * neighbour (Araujo, Norris, Sim, "Computing Receptive Fields of Convolutional Neural Networks",
 * Distill 2019). Over several paths: the box around all. Not clamped to the image, except that
 * after a global pooling, flattening or linear layer `size` is the whole input's larger side and
 * `jump` is 0. `start`: the first pixel that unit 0 sees, ≤ 0 with padding. */
typedef struct {
  int32_t size, jump, start;
} LwReceptiveField;

LwReceptiveField lw_node_receptive_field (const LwGraph *graph, LwNodeId id);
/* All at once, [n_nodes], g_free. */
LwReceptiveField *lw_graph_receptive_fields (const LwGraph *graph);

/* Bytes for training and inference at a batch size (float32), from the memory plan. */
typedef struct {
  int64_t parameters, gradients, optimizer; /* optimizer: extra copies, 0 for plain SGD */
  int64_t activations;                      /* the planned arena of a training step */
  int64_t inference_activations;
  int64_t workspace;
  int64_t training_total, inference_total;
} LwMemory;

/* `optimizer_slots`: float32 copies of the parameters that the optimizer keeps: 0 SGD, 1 momentum,
 * 2 Adam. Fails when the batch is out of range (1 to 65536). */
bool lw_graph_memory (const LwGraph *graph, int32_t batch, int optimizer_slots,
                      LwMemory *ret_memory, GError **error);

/* "11,178,378"; "11.2 M", "319 M", "417 k" (three significant digits); "72.0 KiB". g_free. */
char *lw_format_exact (int64_t value);
char *lw_format_short (double value);
char *lw_format_bytes (int64_t bytes);

G_END_DECLS
