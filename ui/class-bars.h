/* LwClassBars: a card with the most probable classes of an image: name, bar, probability. Hidden
 * while there is none. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_CLASS_BARS (lw_class_bars_get_type ())
G_DECLARE_FINAL_TYPE (LwClassBars, lw_class_bars, LW, CLASS_BARS, GtkWidget)

/* `n`: classes shown. */
GtkWidget *lw_class_bars_new (int n);
/* `probabilities` [classes], or NULL; `name` gives a class's, NULL: it has none; `label`: the true
 * class, marked; −1: not known. */
void
lw_class_bars_show (LwClassBars *self, const char *heading, const float *probabilities, int classes,
                    const char *(*name) (gpointer data, int label), gpointer data, int label);

G_END_DECLS
