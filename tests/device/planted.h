/* Programs that do one thing wrong, and their right twins. One thread. */
#pragma once

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const char *name;
  bool (*run) (void); /* whether the numbers that came out are right */
  bool right;
  /* What must be said, where each access is looked at and where not. NULL: nothing is, but in some
   * order the numbers are wrong. "": it passes. */
  const char *checked, *fast;
} LwPlanted;

/* Up to a name of NULL. */
extern const LwPlanted lw_planted_kernels[], lw_planted_calls[], lw_planted_right[],
    lw_planted_tensor[], lw_planted_products[], lw_planted_runtime[], lw_planted_host[],
    lw_planted_sums[];

#ifdef __cplusplus
}
#endif
