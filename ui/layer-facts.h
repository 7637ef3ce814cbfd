/* LwLayerFacts: everything that the inspector says about a layer, a block or the whole network, as
 * translated text: title, path, formula, the sums with their numbers put in, shapes, receptive
 * field, a lesson. Pure functions of the graph; free with lw_layer_facts_free. */
#pragma once

#include "engine/models.h"
#include "ui/draw/diagram-layout.h"

G_BEGIN_DECLS

typedef struct {
  char *title;      /* "Parameters", "FLOPs per image" */
  char *expression; /* "128·64·3·3 + 128", or NULL */
  char *result;     /* "= 73,856" */
  char *note;       /* "output · input · kernel + bias" */
} LwFactCard;

typedef struct {
  char *name, *value; /* "Input", "64 × 24 × 24" */
} LwFactRow;

#define LW_FACT_ROWS 6

typedef struct {
  char *title; /* "conv1" */
  char *pill;  /* "Convolution" */
  LwKind kind;
  char *path;    /* "Stage 2 › Residual 1"; "" at the top */
  char *paper;   /* a network's; or NULL */
  char *tensor;  /* "2.0.conv1": what the names of its tensors begin with; NULL without tensors */
  char *formula; /* Pango markup, monospace; or NULL */
  LwFactCard cards[2];
  LwFactRow rows[LW_FACT_ROWS];
  int n_rows;
  LwNodeId field_node; /* whose receptive field the picture shows; LW_NO_NODE: the plain image */
  char *field_title, *field_size, *field_text;
  char *lesson;
} LwLayerFacts;

LwLayerFacts *lw_layer_facts_new (const LwGraph *graph, LwNodeId id, LwCount count);
LwLayerFacts *lw_block_facts_new (const LwGraph *graph, LwBlockId id, LwCount count);
LwLayerFacts *lw_network_facts_new (const LwGraph *graph, const LwModel *model, LwCount count);
void lw_layer_facts_free (LwLayerFacts *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwLayerFacts, lw_layer_facts_free)

/* The square of the input that the middle unit of a layer sees, clamped to the image; pixels. */
void lw_facts_field_frame (const LwGraph *graph, LwNodeId id, cairo_rectangle_t *ret_frame);

/* For the files layer-facts*.c: cards that share their words, and the words of the field. */
/* Keeps "24 × 24" and "4.7 %" on one line; takes the text over. g_free. */
char *lw_facts_bind_words (char *text);
void lw_facts_add_row (LwLayerFacts *facts, const char *name, char *value);
void lw_facts_fill_field (LwLayerFacts *facts, const LwGraph *graph, LwNodeId id);
/* "= 11,178,378" with `macs` as the count says, and what it makes in the other unit. */
void lw_facts_fill_count_card (LwFactCard *card, LwCost cost, LwCount count);

G_END_DECLS
