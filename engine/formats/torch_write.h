/* Python text with places for numbers. Blocks of one kind differ in numbers alone (channels,
 * strides); so a block's text is written with a place where each number stands, and blocks of the
 * same text share one class (torch_class.h). One thread. */
#pragma once

#include "engine/formats/torch_tree.h"

G_BEGIN_DECLS

typedef enum {
  LW_TORCH_IN,
  LW_TORCH_OUT,
  LW_TORCH_KERNEL,
  LW_TORCH_STRIDE,
  LW_TORCH_PADDING,
  LW_TORCH_COUNT,    /* of layers in a loop */
  LW_TORCH_STEP,     /* what each of them adds */
  LW_TORCH_ARGUMENT, /* of a class inside; called as there */
} LwTorchRole;

typedef struct {
  int64_t value;
  LwTorchRole role;
  const char *name; /* of the layer, or the argument */
} LwTorchNumber;

typedef struct {
  const LwGraph *graph;
  GString *text;
  GArray *numbers; /* LwTorchNumber, in the order of their places */
  bool shapes;     /* comments say what leaves the layers */
} LwTorchWriter;

/* A place is PLACE n ";" , an optional argument OPTION n ":" default ";" … OPTION_END: left out
 * where the number is the default. */
#define LW_TORCH_PLACE      '\x01'
#define LW_TORCH_OPTION     '\x02'
#define LW_TORCH_OPTION_END '\x03'
#define LW_TORCH_PARAMETERS '\x04' /* after "self" */

void lw_torch_number (LwTorchWriter *writer, int64_t value, LwTorchRole role, const char *name);
/* "nn.Conv2d(1, 6, 5)"; lines after the first begin `indent` to the right. */
void lw_torch_constructor (LwTorchWriter *writer, const LwTorchModule *module, int indent);
/* The methods of a LW_TORCH_CLASS, or of a root of any form. */
void lw_torch_methods (LwTorchWriter *writer, const LwTorchModule *module);
/* torch_forward.c */
void lw_torch_forward (LwTorchWriter *writer, const LwTorchModule *module);
/* torch_loop.c: a dense block as a loop over its layers. False: it is none, nothing is written. */
bool lw_torch_loop (LwTorchWriter *writer, const LwTorchModule *module);

G_END_DECLS
