/* LwOnnxChoices: what the network of a file gets to see and how its answers are called: the data
 * set whose examples are looked at, what images are normalized with, how much of a picture of one's
 * own is seen, and a file with the names of the classes; below, in a sentence, what that does to a
 * picture. Tells a viewer's workbench and a source. Main thread. */
#pragma once

#include "ui/activation-source.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_ONNX_CHOICES (lw_onnx_choices_get_type ())
G_DECLARE_FINAL_TYPE (LwOnnxChoices, lw_onnx_choices, LW, ONNX_CHOICES, GtkWidget)

/* `workbench`: a viewer (workbench-viewer.h). */
GtkWidget *lw_onnx_choices_new (LwWorkbench *workbench, LwActivationSource *source);
/* Beside the sentence. */
void lw_onnx_choices_add (LwOnnxChoices *self, GtkWidget *widget);
/* Reads a text file with a name a line; a sentence where it does not fit is `complained` of. */
void lw_onnx_choices_open_names (LwOnnxChoices *self, const char *path);
/* The sentence. */
const char *lw_onnx_choices_words (LwOnnxChoices *self);

G_END_DECLS
