/* LwExplainOwn: a picture of the student's own in the place of the marked test image: how it comes
 * in (picture-chooser.h), a way back, and which classes the network takes it for. Signal `changed`:
 * another picture, or the test image again. Main thread only. */
#pragma once

#include "ui/picture-chooser.h"
#include "ui/predictions-source.h"

G_BEGIN_DECLS

#define LW_TYPE_EXPLAIN_OWN (lw_explain_own_get_type ())
G_DECLARE_FINAL_TYPE (LwExplainOwn, lw_explain_own, LW, EXPLAIN_OWN, GtkWidget)

GtkWidget *lw_explain_own_new (LwPredictionsSource *source);
LwPictureChooser *lw_explain_own_chooser (LwExplainOwn *self);
/* The name of the picture; NULL: there is none. */
const char *lw_explain_own_name (LwExplainOwn *self);
/* As a network reads it, [C][H][W]; g_free. NULL: not with so many channels. */
float *lw_explain_own_input (LwExplainOwn *self, LwShape shape);
/* `probabilities` [classes], or NULL: not known yet. */
void lw_explain_own_show (LwExplainOwn *self, const float *probabilities, int classes);
/* The test image again, without `changed`. */
void lw_explain_own_drop (LwExplainOwn *self);

G_END_DECLS
