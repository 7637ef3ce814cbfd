/* kernels/cuda/tensor.cuh for the processor: the same functions. Included by device.hpp. */
#pragma once

#include "tests/device/emulation/device.hpp"

namespace lw_emulation {

void multiply_bf16 (float *d, const uint32_t *a, uint32_t b0, uint32_t b1, Site site);
void multiply_tf32 (float *d, const uint32_t *a, uint32_t b0, uint32_t b1, Site site);
uint32_t round_tf32 (float value);
void load_matrices (uint32_t *fragment, const void *row, bool transposed, Site site);
void copy_async (void *shared, const void *global, int bytes, int present, Site site);
void copy_commit ();
void copy_wait (int n);

} // namespace lw_emulation

#define LW_HAS_TENSOR 1

inline void
lw_mma_bf16 (float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1, LW_SITE_PARAMETERS)
{
  lw_emulation::multiply_bf16 (d, a, b0, b1, LW_SITE);
}

inline void
lw_mma_tf32 (float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1, LW_SITE_PARAMETERS)
{
  lw_emulation::multiply_tf32 (d, a, b0, b1, LW_SITE);
}

inline uint32_t
lw_tf32 (float value)
{
  return lw_emulation::round_tf32 (value);
}

inline uint32_t
lw_tf32 (uint32_t bits)
{
  return lw_emulation::round_tf32 (lw_emulation::value_of<float> (bits));
}

inline void
lw_load_matrices (uint32_t (&fragment)[4], const void *row, LW_SITE_PARAMETERS)
{
  lw_emulation::load_matrices (fragment, row, false, LW_SITE);
}

inline void
lw_load_matrices_transposed (uint32_t (&fragment)[4], const void *row, LW_SITE_PARAMETERS)
{
  lw_emulation::load_matrices (fragment, row, true, LW_SITE);
}

template <int bytes>
inline void
lw_copy_async (void *shared, const void *global, int present = bytes, LW_SITE_PARAMETERS)
{
  static_assert (bytes == 4 || bytes == 8 || bytes == 16, "what cp.async copies");
  lw_emulation::copy_async (shared, global, bytes, present, LW_SITE);
}

inline void
lw_copy_commit ()
{
  lw_emulation::copy_commit ();
}

template <int n>
inline void
lw_copy_wait ()
{
  static_assert (n >= 0, "how many groups may be on their way");
  lw_emulation::copy_wait (n);
}
