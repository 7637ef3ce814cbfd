/* Classes of blocks: blocks with the same text share one, and the numbers in which they differ are
 * its arguments. One thread. */
#pragma once

#include "engine/formats/torch_write.h"

G_BEGIN_DECLS

typedef struct {
  char *name; /* "Inception" */
  char *text; /* of its methods, with places */
  LwBlockKind kind;
  bool joins;         /* a sum reads what comes into the block */
  GPtrArray *modules; /* LwTorchModule, whose `values` are their numbers */
  char **arguments;   /* [n_numbers]: which argument stands in a place; NULL: the number itself */
  GArray *argument_order; /* guint: the first place of each */
} LwTorchClass;

/* All classes below the root, those that others use first: LwTorchClass; g_ptr_array_unref. Sets
 * their modules' `klass`. */
GPtrArray *lw_torch_classes (const LwGraph *graph, LwTorchModule *root, const char *root_name);
/* Appends "class Inception(nn.Module):" and all of it. */
void lw_torch_class_append (GString *python, const LwTorchClass *klass);
/* Appends text with its places filled; `klass` NULL: by the numbers. */
void
lw_torch_fill (GString *python, const char *text, const GArray *numbers, const LwTorchClass *klass);

G_END_DECLS
