/* Tensor cores: what the lanes of a warp hold of a matrix (PTX ISA 9.2, "Matrix Fragments for
 * mma.m16n8k16 with floating point type", "Matrix Fragments for mma.m16n8k8", "ldmatrix"; the
 * layout is written down in kernels/cuda/tensor.cuh). All 32 lanes must come to the same
 * instruction.
 *
 * The products are summed one after another in float32 and then added to the accumulator. Real
 * tensor cores have an order and a rounding of their own, of which NVIDIA says nothing. */
#include "tests/device/emulation/internal.hpp"

namespace lw_emulation {

enum { WARP = 32, M = 16, N = 8, MAX_K = 16 };

static void
check_device (const char *name, Site site)
{
  if (!has_tensor_cores ())
    refuse ("%s:%d: %s on a device without tensor cores for it: it needs compute capability 8.0",
            site.file, site.line, name);
}

/* What a lane brings to an instruction and takes from it. */
struct Lane {
  float *d;
  const uint32_t *a;
  uint32_t b[2];
};

static float
float_of (uint32_t bits)
{
  return value_of<float> (bits);
}

/* d += a · b, with matrices put together from the lanes' parts. */
static void
multiply (void *const *lanes, const float (&a)[M][MAX_K], const float (&b)[MAX_K][N], int k)
{
  for (int i = 0; i < M; i++)
    for (int j = 0; j < N; j++) {
      float *d = static_cast<Lane *> (lanes[i % 8 * 4 + j / 2])->d + i / 8 * 2 + j % 2;
      float sum = 0;

      for (int at = 0; at < k; at++)
        sum += a[i][at] * b[at][j];
      *d += sum;
    }
}

static void
multiply_bf16 (void *const *lanes)
{
  float a[M][MAX_K], b[MAX_K][N];

  for (int lane = 0; lane < WARP; lane++) {
    const Lane &part = *static_cast<const Lane *> (lanes[lane]);
    const int g = lane / 4, t = lane % 4;

    for (int half = 0; half < 2; half++) {
      const int shift = half == 0 ? 16 : 0; /* a bf16 is the upper half of a float */
      const auto number = [&] (uint32_t bits) { return float_of (bits << shift & 0xffff0000u); };

      for (int i = 0; i < 4; i++)
        a[g + i % 2 * 8][2 * t + half + i / 2 * 8] = number (part.a[i]);
      for (int i = 0; i < 2; i++)
        b[2 * t + half + i * 8][g] = number (part.b[i]);
    }
  }
  multiply (lanes, a, b, 16);
}

static void
multiply_tf32 (void *const *lanes)
{
  float a[M][MAX_K], b[MAX_K][N];

  for (int lane = 0; lane < WARP; lane++) {
    const Lane &part = *static_cast<const Lane *> (lanes[lane]);
    const int g = lane / 4, t = lane % 4;

    for (int i = 0; i < 4; i++)
      a[g + i % 2 * 8][t + i / 2 * 4] = float_of (part.a[i]);
    for (int i = 0; i < 2; i++)
      b[t + i * 4][g] = float_of (part.b[i]);
  }
  multiply (lanes, a, b, 8);
}

void
multiply_bf16 (float *d, const uint32_t *a, uint32_t b0, uint32_t b1, Site site)
{
  Lane lane = { d, a, { b0, b1 } };

  check_device ("mma.m16n8k16", site);
  warp_together (multiply_bf16, &lane, "mma.m16n8k16", site);
}

/* What a multiplication does with bits that TF32 does not have, PTX leaves open. */
static void
check_tf32 (uint32_t bits, Site site)
{
  if ((bits & 0x1fff) != 0 && std::isfinite (float_of (bits)))
    refuse ("%s:%d: mma.m16n8k8 with %.9g, which is no TF32 number: round with lw_tf32", site.file,
            site.line, double (float_of (bits)));
}

void
multiply_tf32 (float *d, const uint32_t *a, uint32_t b0, uint32_t b1, Site site)
{
  Lane lane = { d, a, { b0, b1 } };

  check_device ("mma.m16n8k8", site);
  for (int i = 0; i < 4; i++)
    check_tf32 (a[i], site);
  check_tf32 (b0, site);
  check_tf32 (b1, site);
  warp_together (multiply_tf32, &lane, "mma.m16n8k8", site);
}

/* 10 bits of 23 stay; ties go away from zero (PTX ISA 9.2, "cvt": .rna). The carry may reach the
 * exponent, as it should, and infinity. */
uint32_t
round_tf32 (float value)
{
  return std::isnan (value) ? 0x7fffffffu : (uint32_t (bits_of (value)) + 0x1000u) & ~0x1fffu;
}

/* --- ldmatrix --------------------------------------------------------------------------------- */

struct Row {
  uint16_t numbers[8];
  uint32_t *fragment;
};

template <bool transposed>
static void
exchange (void *const *lanes)
{
  for (int lane = 0; lane < WARP; lane++)
    for (int j = 0; j < 4; j++) {
      uint32_t bits = 0;

      for (int half = 0; half < 2; half++) {
        const int along = lane % 4 * 2 + half, across = lane / 4;
        const int row = transposed ? along : across, column = transposed ? across : along;

        bits |= uint32_t (static_cast<const Row *> (lanes[8 * j + row])->numbers[column])
                << 16 * half;
      }
      static_cast<Row *> (lanes[lane])->fragment[j] = bits;
    }
}

void
load_matrices (uint32_t *fragment, const void *row, bool transposed, Site site)
{
  Row lane = { {}, fragment };

  if (!shared_holds (row))
    refuse ("%s:%d: ldmatrix from %p, which is not in shared memory", site.file, site.line, row);
  if (reinterpret_cast<uintptr_t> (row) % 16 != 0)
    refuse ("%s:%d: ldmatrix: a row's address must be a multiple of 16: %s", site.file, site.line,
            shared_describe (static_cast<const char *> (row)).c_str ());
  if (is_poisoned (row, 16))
    refuse ("%s:%d: ldmatrix reads out of bounds, or what cp.async copies, before its thread has "
            "waited for it: %s",
            site.file, site.line, shared_describe (static_cast<const char *> (row)).c_str ());
  kernel_reads (row, 16);
  memcpy (lane.numbers, row, 16);
  warp_together (transposed ? exchange<true> : exchange<false>, &lane,
                 transposed ? "ldmatrix.trans" : "ldmatrix", site);
}

} // namespace lw_emulation
