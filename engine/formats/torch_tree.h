/* The tree of modules that a graph's names spell: "2.0.conv1" is the module conv1 of the module 0
 * of the module 2. For graph_torch.c and what belongs to it. One thread. */
#pragma once

#include "engine/graph.h"

G_BEGIN_DECLS

typedef enum {
  LW_TORCH_LAYER,
  LW_TORCH_SEQUENCE, /* numbered, each reads what the one before gives: nn.Sequential */
  LW_TORCH_LIST,     /* numbered, read one by one by the module around it: nn.ModuleList */
  LW_TORCH_CLASS,    /* all else: a class with a forward of its own */
} LwTorchForm;

typedef struct LwTorchModule LwTorchModule;
struct LwTorchModule {
  char *name; /* "conv1"; "" of the root */
  LwTorchModule *parent;
  GPtrArray *children; /* LwTorchModule, in the order of execution; NULL of a layer */
  LwTorchForm form;
  LwNodeId node;          /* a layer's, else LW_NO_NODE */
  LwBlockId block;        /* the block of this path, or -1 */
  LwNodeId input, output; /* the one value that it reads, and the one that others read of it;
                             LW_NO_NODE: none or several. Of a sum or concat the first input */
  int depth;
  gpointer klass; /* of a LW_TORCH_CLASS: torch_class.h */
  GArray *values; /* its numbers; belongs to torch_class.c */
};

/* NULL with LW_ERROR_UNSUPPORTED where the names cannot be a module's. */
LwTorchModule *lw_torch_tree_new (const LwGraph *graph, GError **error);
void lw_torch_tree_free (LwTorchModule *root);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwTorchModule, lw_torch_tree_free)

bool lw_torch_is_number (const char *name);
/* Can name a module or a variable. */
bool lw_torch_is_identifier (const char *name);
/* A function of the Python code, without a module: sums, concats, activations, flatten. In a
 * sequence the last two are modules all the same. */
bool lw_torch_is_function (LwOp op);
/* The least index of its tensors, or G_MAXINT32. */
int32_t lw_torch_first_tensor (const LwGraph *graph, const LwTorchModule *module);

G_END_DECLS
