/* The three small pictures of the welcome page: curves of a training, a residual block, and two
 * networks' parameters as bars. Decoration that says what is behind a card; only the bars carry
 * numbers. Threads: the LwText's. */
#pragma once

#include "ui/draw/text.h"

G_BEGIN_DECLS

typedef enum {
  LW_WELCOME_CURVES,
  LW_WELCOME_BLOCK,
  LW_WELCOME_BARS,
  LW_N_WELCOME_PICTURES
} LwWelcomePicture;

/* A network of the bars: what its convolutions and its linear layers hold. */
typedef struct {
  const char *title;
  const char *words; /* "46.8 M parameters" */
  double convolution, linear;
} LwWelcomeBar;

/* Into a card's top of this size, its ground included; `bars`: two, read by LW_WELCOME_BARS. */
void
lw_welcome_picture_paint (cairo_t *cr, const LwTheme *theme, LwText *text, LwWelcomePicture which,
                          const LwWelcomeBar bars[2], double width, double height);

G_END_DECLS
