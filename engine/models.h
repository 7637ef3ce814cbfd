/* The model library: nine networks of the "modern CNNs" chapter of Dive into Deep Learning and more
 * of their families, each a row of one table (name, paper, recipe, knobs) and a builder that reads
 * like the paper's table.
 * The command line's --set and the workbench's knob panel are both generated from the knob tables.
 * All of it is constant; LwOptions is a plain value object of one thread. */
#pragma once

#include "engine/graph.h"

G_BEGIN_DECLS

typedef enum { LW_KNOB_INTEGER, LW_KNOB_REAL, LW_KNOB_CHOICE, LW_KNOB_BOOLEAN } LwKnobType;

typedef struct {
  const char *name;  /* "growth_rate": the key of --set */
  const char *title; /* "Growth rate", N_() */
  LwKnobType type;
  double standard, minimum, maximum; /* of a choice: index of the default; booleans 0 and 1 */
  const char *const *choices;        /* of a choice, NULL-terminated */
  const char *help;                  /* one sentence, N_() */
} LwKnob;

/* The book's training settings. */
typedef struct {
  double learning_rate;
  int32_t epochs, batch_size;
} LwRecipe;

typedef struct LwOptions LwOptions;

typedef struct {
  const char *name;   /* "resnet18" */
  const char *title;  /* "ResNet-18" */
  const char *family; /* "ResNet" */
  int32_t year;
  const char *paper; /* authors, title, venue */
  const char *idea;  /* one sentence, N_() */
  LwShape input;     /* the book's */
  int32_t classes;   /* 10 */
  LwRecipe recipe;   /* of a relative: the book's for the family, with a batch that fits */
  bool relative;     /* not one of the book's nine, but of the same family */
  const LwKnob *const
      *knobs; /* NULL-terminated; the common ones first (input_size, channels, classes) */
  LwNodeId (*build) (LwGraph *graph, LwNodeId x,
                     const LwOptions *options); /* from input to logits */
} LwModel;

int32_t lw_n_models (void);
int32_t lw_n_book_models (void);         /* the first so many: the nine that the book trains */
const LwModel *lw_model (int32_t index); /* in the book's order, then the relatives by family */
/* NULL: the model has no such knob. */
const LwKnob *lw_model_knob (const LwModel *model, const char *name);
/* Fails with LW_ERROR_UNKNOWN: `unknown model "resnet19"; did you mean resnet18?` */
const LwModel *lw_model_find (const char *name, GError **error);

/* --- options: one value per knob of a model ----------------------------------------------------
 */

LwOptions *lw_options_new (const LwModel *model); /* the book's values */
LwOptions *lw_options_copy (const LwOptions *options);
void lw_options_free (LwOptions *options);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwOptions, lw_options_free)

const LwModel *lw_options_model (const LwOptions *options);
/* Sets a knob from text. Fails with a sentence that names the range, the choices, or the nearest
 * knob; the options are unchanged then. */
bool lw_options_set (LwOptions *options, const char *knob, const char *value, GError **error);
/* "KEY=VALUE", as in --set. */
bool lw_options_parse (LwOptions *options, const char *assignment, GError **error);
/* Channels × height × width, which may differ: 1 to 4096 channels, sides 1 to 4096. */
bool lw_options_set_input (LwOptions *options, LwShape shape, GError **error);
/* "1x96x96" or "1×96×96". */
bool lw_shape_parse (const char *text, LwShape *ret_shape, GError **error);

/* The knobs input_size and channels are part of this shape, which may lie beyond their ranges:
 * to keep options, keep the shape and the other knobs. */
LwShape lw_options_input (const LwOptions *options);
int lw_options_integer (const LwOptions *options, const char *knob);
double lw_options_real (const LwOptions *options, const char *knob);
bool lw_options_boolean (const LwOptions *options, const char *knob);
const char *lw_options_choice (const LwOptions *options, const char *knob);
/* The value as text that lw_options_set accepts; g_free. */
char *lw_options_get (const LwOptions *options, const char *knob);
bool lw_options_is_standard (const LwOptions *options, const char *knob);
/* The same model, input and knobs. */
bool lw_options_equal (const LwOptions *a, const LwOptions *b);

/* What the network's images are normalized with (none at first): it goes with the options into
 * graphs, as classes do, and is no knob. */
void lw_options_set_normalization (LwOptions *options, const LwNormalization *normalization);
const LwNormalization *lw_options_normalization (const LwOptions *options);

/* Builds the finished graph. Fails with the sentence of lw_graph_finish, which begins with the
 * layer's name and a space: "5 (max pool 2): its 3×3 window needs a map of at least 3×3 …". */
LwGraph *lw_model_build (const LwOptions *options, GError **error);
/* How the map shrinks on the way to the layer that cannot be built, for people:
 * "28 → 5 (conv 1) → 2 (max pool 1) → 2 (conv 2) → ?"; NULL when all can. g_free. */
char *lw_model_trail (const LwOptions *options);
/* The side of the least square input that these options build with, by trying; 0: none to 1024. */
int lw_model_smallest_input (const LwOptions *options);

/* For builders: `channels` × the `width` knob, rounded, at least 1. */
int lw_options_width (const LwOptions *options, int channels);
/* For builders: the `activation` knob as an op. */
LwOp lw_options_activation (const LwOptions *options);

G_END_DECLS
