/* How much memory of this process is in RAM, as the kernel counts it. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  int64_t bytes; /* in RAM at the beginning; 0: unknown */
  int64_t files; /* of these, pages of the program's and its libraries' files; 0: unknown */
  bool forgot;   /* the largest size before does not count */
} LwResident;

/* Gives unused memory back and begins to watch. */
LwResident lw_resident_begin (void);
/* The most that was there more than at the beginning; where the kernel cannot forget what was
 * before, what is there more now. 0: unknown. */
int64_t lw_resident_growth (const LwResident *since);
/* The same without the pages of files that came into RAM meanwhile, those of libraries used for the
 * first time above all. 0: unknown. */
int64_t lw_resident_growth_without_files (const LwResident *since);
