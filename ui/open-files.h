/* What the window is handed by the desktop or on its command line: runs, folders of runs, data
 * sets, files of weights, ONNX files. Looked at on a thread; what it is decides what happens, and
 * what cannot be opened is said in a toast. Main thread. */
#pragma once

#include "ui/main-window.h"

G_BEGIN_DECLS

/* A run (its folder, or its run.json) is selected and shown on the page Train once it is read, and
 * the folder around it becomes a folder of runs; a folder of runs becomes one; a safetensors file
 * becomes the draft's first weights, with the network that it fits; an ONNX file is shown in a
 * window of its own; a .npz file and any other folder are opened as a data set. */
void lw_open_files (LwMainWindow *window, GFile *const *files, int n);

G_END_DECLS
