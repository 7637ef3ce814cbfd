/* A workbench that only shows the network of an ONNX file: no runs, nothing to train; data only to
 * look at examples, so the network never follows them. Main thread. */
#pragma once

#include "onnx/onnx.h"
#include "ui/workbench.h"

G_BEGIN_DECLS

/* Takes a reference to the network. One of Layerwise's own has the library's knobs. */
LwWorkbench *lw_workbench_new_viewer (const LwBackend *const *backends, LwOnnxNetwork *network);
/* Whose weights they are that the network is looked into with; NULL: the workbench is no viewer. */
LwOnnxNetwork *lw_workbench_network (LwWorkbench *self);

/* What images are normalized with before the network gets them. */
void lw_workbench_set_normalization (LwWorkbench *self, const LwNormalization *normalization);
/* `names`: of each class; NULL: as the file's metadata say. Emits `classes-named`. */
void lw_workbench_set_class_names (LwWorkbench *self, const char *const *names);
/* Whose examples are looked at; NULL: no set's. */
void lw_workbench_view_data (LwWorkbench *self, const char *name_or_folder);

/* Of any workbench: what a class is called, for people; NULL: by its number. A file's names win
 * over a data set's, whose names are those of a file's network only where it has as many. */
const char *lw_workbench_class_name (LwWorkbench *self, int label);

G_END_DECLS
