/* Which algorithm computes a convolution on a device: chosen for a graph before its memory is
 * planned, by what a run did before, by what was measured here, in this program or an earlier one,
 * and where neither says anything by the fixed rule. A choice belongs to a shape, so layers that
 * are alike share it; it does not change while a session lives.
 *
 *   choice.c         keys, the choices of a device, the walk over a graph
 *   choice_timing.c  measuring
 *   choice_cache.c   what was measured, on disk
 *
 * Private to this folder; one thread. */
#pragma once

#include "kernels/cpu/conv2d.h"

G_BEGIN_DECLS

/* All that a convolution's speed depends on, on one device. */
typedef struct {
  int32_t batch, in, h, w, out, kernel, stride, padding, direction;
} LwConvKey;

/* The algorithms of one instruction set, and the rule for when nothing was chosen. */
typedef struct {
  const char *instructions; /* "avx512" */
  const LwConvAlgorithm *const *algorithms;
  int n;
  const LwConvAlgorithm *(*fixed) (const LwStep *step, LwConvDirection direction);
} LwConvMethods;

LwConvKey lw_conv_key (const LwStep *step, LwConvDirection direction);
/* As the cache names it: "n128 c64 h56 w56 o128 k3 s1 p1 forward"; g_free. */
char *lw_conv_key_name (const LwConvKey *key);
/* By LwConvKey, which the table owns; `free_value` may be NULL. */
GHashTable *lw_conv_table_new (GDestroyNotify free_value);

/* The table's algorithm of that name if it applies; NULL: there is none. */
const LwConvAlgorithm *lw_conv_find (const LwConvMethods *methods, const char *name,
                                     const LwStep *step, LwConvDirection direction);

/* As LwBackend's adapt. */
void lw_conv_choose (LwDevice *device, const LwConvMethods *methods, const LwGraph *graph,
                     int32_t batch, bool training);
/* NULL: nothing was chosen. */
const LwConvAlgorithm *
lw_conv_chosen (const LwDevice *device, const LwStep *step, LwConvDirection direction);

/* A convolution whose algorithm is to be measured. `step` has shapes and no memory. */
typedef struct {
  LwStep step;
  LwConvDirection direction;
  const LwConvAlgorithm *fastest; /* the answer; NULL: there was no time left */
} LwConvQuestion;

/* In about two seconds, three at most. */
void
lw_conv_time (LwDevice *device, const LwConvMethods *methods, LwConvQuestion *questions, int32_t n);

/* The file for this processor, instruction set, number of threads, these algorithms and versions;
 * NULL: no folder is given. g_free. */
char *lw_conv_cache_path (const LwDevice *device, const LwConvMethods *methods);
/* Names of algorithms by names of keys; empty where there is no file or it is damaged. */
GHashTable *
lw_conv_cache_read (const char *path, const LwDevice *device, const LwConvMethods *methods);
/* Beside what others have written since. A folder that cannot be written is nobody's trouble. */
void lw_conv_cache_write (const char *path, const LwDevice *device, const LwConvMethods *methods,
                          GHashTable *names);

G_END_DECLS
