/* Which algorithm computes a convolution on a device: chosen for a graph before its memory is
 * planned, by what a run did before, by what was measured here, in this program or an earlier one,
 * and where neither says anything by the device's fixed rule. A choice belongs to a shape, so
 * layers that are alike share it; it does not change while a session lives.
 *
 *   choice.c        keys, the choices of a device, the walk over a graph
 *   choice_cache.c  what was measured, on disk
 *
 * Measuring, and the algorithms, are the backend's own: to this folder they are names and pointers.
 * Private to the backends; one thread. */
#pragma once

#include "engine/backend.h"

G_BEGIN_DECLS

/* What the layer is behind a convolution of which an algorithm may do some of the work: then what
 * it saves there counts as well. */
typedef enum {
  LW_CONV_BEFORE_NOTHING,
  LW_CONV_BEFORE_NORM, /* the statistics of a batch normalization, in training */
  LW_CONV_BEFORE_SUM   /* a sum of two */
} LwConvBefore;

/* All that a convolution's speed depends on, on one device. */
typedef struct {
  int32_t batch, in, h, w, out, kernel, stride, padding, direction;
  int32_t before; /* LwConvBefore */
} LwConvKey;

/* Before nothing. */
LwConvKey lw_conv_key (const LwStep *step, LwDirection direction);
/* As the cache names it: "n128 c64 h56 w56 o128 k3 s1 p1 forward", with " + statistics" or " + sum"
 * behind where that counts; g_free. */
char *lw_conv_key_name (const LwConvKey *key);
/* By LwConvKey, which the table owns; `free_value` may be NULL. */
GHashTable *lw_conv_table_new (GDestroyNotify free_value);

/* A convolution whose algorithm is to be measured. `step` has shapes and no memory. */
typedef struct {
  LwStep step;
  LwDirection direction;
  const char *fastest; /* the answer, constant; NULL: not measured, the rule decides */
} LwConvQuestion;

/* Multiply-adds of an example. */
static inline double
lw_conv_question_macs (const LwConvQuestion *question)
{
  const LwStep *step = &question->step;
  const double kernel = step->node->window.kernel;

  return (double)lw_shape_size (step->y_shape) * step->x_shape[0].c * kernel * kernel;
}

/* What a backend brings. Texts and tables stay its own. */
typedef struct LwConvChooser LwConvChooser;
struct LwConvChooser {
  LwDevice *device;
  const LwDeviceOptions *options;
  GHashTable *choices; /* LwConvKey → algorithm: where the answers go */
  const void *data;    /* the backend's own */
  /* The algorithm of that name if it applies; NULL: there is none. */
  const void *(*find) (const LwConvChooser *chooser, const char *name, const LwStep *step,
                       LwDirection direction);
  /* (optional) What counts beside the convolution itself; NULL: nothing. */
  LwConvBefore (*before) (const LwConvChooser *chooser, const LwStep *step, LwDirection direction);
  /* Answers what it has time for. False: the device failed, and not for want of memory. */
  bool (*time) (const LwConvChooser *chooser, LwConvQuestion *questions, int32_t n, GError **error);
  /* What measurements depend on, names and values by turns, printable and without quotation marks
   * and backslashes; g_strfreev. NULL: it cannot be said, so nothing is kept. */
  char **(*circumstances) (const LwConvChooser *chooser);
};

/* As LwBackend's adapt. */
bool lw_conv_choose (const LwConvChooser *chooser, const LwGraph *graph, int32_t batch,
                     bool training, GError **error);
/* The algorithm for a step, before nothing, among the choices; NULL: nothing was chosen. */
const void *lw_conv_chosen (GHashTable *choices, const LwStep *step, LwDirection direction);

/* Makes a text one that the cache can hold: what it has no form for becomes '?'. */
void lw_conv_cache_clean (char *text);
/* The file for these circumstances; NULL: no folder is given. g_free. */
char *lw_conv_cache_path (const char *folder, char *const *circumstances);
/* Names of algorithms by names of keys; empty where there is no file or it is damaged. */
GHashTable *lw_conv_cache_read (const char *path, char *const *circumstances);
/* Beside what others have written since. A folder that cannot be written is nobody's trouble. */
void lw_conv_cache_write (const char *path, char *const *circumstances, GHashTable *names);

G_END_DECLS
