/* LwProbe: the newest copy of something large that the trainer computes (a layer's activations for
 * a chosen image, a batch normalization's statistics). The trainer writes frame after frame into a
 * triple buffer; the reader takes the newest, never waits, and never sees a half-written frame.
 * One writer thread, one reader thread; the hand-over is one atomic exchange. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct LwProbe LwProbe;

typedef struct {
  int64_t step;  /* optimizer steps done when it was taken */
  int64_t size;  /* floats */
  float *values; /* [size] */
} LwProbeFrame;

/* `size`: floats a frame. All memory is taken here; NULL where there is not enough. */
LwProbe *lw_probe_new (int64_t size);
LwProbe *lw_probe_ref (LwProbe *probe);
void lw_probe_unref (LwProbe *probe);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwProbe, lw_probe_unref)

LwProbeFrame *lw_probe_begin (LwProbe *probe); /* writer: the frame to fill */
void lw_probe_publish (LwProbe *probe);        /* writer: hands it over */
/* Reader: the newest frame if there is one since the last call, else NULL; valid until the next
 * call. Of no probe (NULL) there is none. */
const LwProbeFrame *lw_probe_take (LwProbe *probe);

G_END_DECLS
