/* The calls of cublasLt that the engine makes. What is described must fit together: a product runs
 * with an algorithm that heuristics gave, or a check allowed, for just that. Vectors of epilogues
 * have D's type (cublasLt.h, CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE); for others there is no
 * algorithm. */
#include "tests/device/emulation/products.hpp"
#include "tests/device/emulation/stream.hpp"

#include <cstring>
#include <cublasLt.h>

namespace lw_emulation {

struct Description : cublasLtMatmulDescOpaque_t {
  cublasComputeType_t compute;
  int32_t transpose_a, transpose_b, vector_type;
  uint32_t epilogue;
  void *vector;
};

struct Layout : cublasLtMatrixLayoutOpaque_t {
  cudaDataType type;
  int rows, columns, ld;
};

struct Preference : cublasLtMatmulPreferenceOpaque_t {
  uint64_t workspace;
  uint32_t schemes, alignment;
};

/* What an algorithm is for. */
struct Algorithm {
  uint32_t mark, alignment;
  int32_t m, n, k, types, operations, compute;
  uint32_t epilogue;
};

enum : uint32_t { MARK = 0x4c744c74 };

static bool offers = true;

static_assert (sizeof (Algorithm) <= sizeof (cublasLtMatmulAlgo_t), "it is kept there");

static Description *
description_of (cublasLtMatmulDesc_t description)
{
  return static_cast<Description *> (description);
}

static const Layout *
layout_of (cublasLtMatrixLayout_t layout)
{
  return static_cast<const Layout *> (layout);
}

template <class T>
static void
take (T *to, const void *value, size_t bytes, const char *what)
{
  if (value == nullptr || bytes != sizeof *to)
    refuse ("%s: %zu bytes, where the attribute has %zu", what, bytes, sizeof *to);
  memcpy (to, value, bytes);
}

/* op (X) of a layout. */
static Matrix
matrix_of (const void *at, const Layout *layout, int32_t operation)
{
  const bool transposed = operation != CUBLAS_OP_N;

  return { static_cast<char *> (const_cast<void *> (at)),
           layout->type,
           transposed,
           transposed ? layout->columns : layout->rows,
           transposed ? layout->rows : layout->columns,
           layout->ld };
}

static Product
product_of (const char *name, const Description *work, const void *a, const Layout *a_layout,
            const void *b, const Layout *b_layout, void *d, const Layout *d_layout)
{
  const Product product = { name,
                            matrix_of (a, a_layout, work->transpose_a),
                            matrix_of (b, b_layout, work->transpose_b),
                            matrix_of (d, d_layout, CUBLAS_OP_N),
                            1,
                            0,
                            work->compute == CUBLAS_COMPUTE_32F_FAST_TF32,
                            1,
                            0,
                            0,
                            0,
                            nullptr };

  if (product.a.rows != product.c.rows || product.b.columns != product.c.columns ||
      product.a.columns != product.b.rows)
    refuse ("%s: %d × %d by %d × %d is not %d × %d", name, product.a.rows, product.a.columns,
            product.b.rows, product.b.columns, product.c.rows, product.c.columns);
  return product;
}

static Algorithm
algorithm_for (const Description *work, const Product &product, uint32_t alignment)
{
  return { MARK,
           alignment,
           product.c.rows,
           product.c.columns,
           product.a.columns,
           int32_t (product.a.type) << 16 | int32_t (product.b.type) << 8 |
               int32_t (product.c.type),
           work->transpose_a << 8 | work->transpose_b,
           int32_t (work->compute),
           work->epilogue };
}

/* Sums in float32 only, and what goes together with that. */
static bool
is_supported (const Description *work, const Product &product)
{
  const bool floats =
      product.a.type == CUDA_R_32F && product.b.type == CUDA_R_32F && product.c.type == CUDA_R_32F;
  const bool bf16 = product.a.type == CUDA_R_16BF && product.b.type == CUDA_R_16BF &&
                    (product.c.type == CUDA_R_16BF || product.c.type == CUDA_R_32F);
  const bool computes = work->compute == CUBLAS_COMPUTE_32F ||
                        (floats && work->compute == CUBLAS_COMPUTE_32F_FAST_TF32);
  const bool epilogue = work->epilogue == CUBLASLT_EPILOGUE_BIAS ||
                        work->epilogue == CUBLASLT_EPILOGUE_RELU_BIAS ||
                        work->epilogue == CUBLASLT_EPILOGUE_BGRADB;
  const int32_t type = work->vector_type >= 0 ? work->vector_type : int32_t (product.c.type);

  return offers && (floats || bf16) && computes && epilogue && type == int32_t (product.c.type) &&
         product.c.type == CUDA_R_32F;
}

static void
check_alignment (const void *at, uint32_t alignment, const char *name)
{
  if (reinterpret_cast<uintptr_t> (at) % alignment != 0)
    refuse ("cublasLtMatmul: %s at %p, where the algorithm was promised multiples of %u", name, at,
            alignment);
}

/* Reads `work` now: it may be another's when the product runs. */
static void
set_epilogue (Product *product, const Description *work)
{
  const bool sums = work->epilogue == CUBLASLT_EPILOGUE_BGRADB;

  memory_check_range (work->vector,
                      sizeof (float) * size_t (sums ? product->c.columns : product->c.rows),
                      "vector of cublasLtMatmul's epilogue");
  if (sums)
    product->sums = static_cast<float *> (work->vector);
  else
    product->bias = static_cast<const float *> (work->vector);
  product->relu = work->epilogue == CUBLASLT_EPILOGUE_RELU_BIAS;
}

} // namespace lw_emulation

using namespace lw_emulation;

void
lw_emulation_offer_epilogues (bool offer)
{
  offers = offer;
}

extern "C" {

cublasStatus_t
cublasLtMatmulDescCreate (cublasLtMatmulDesc_t *ret, cublasComputeType_t compute,
                          cudaDataType_t scale)
{
  LW_ALONE;
  LW_CUBLAS_CALL;
  if (scale != CUDA_R_32F)
    refuse ("cublasLtMatmulDescCreate: scale type %d is not emulated", int (scale));
  *ret = new Description{ {},     compute, CUBLAS_OP_N, CUBLAS_OP_N, -1, CUBLASLT_EPILOGUE_DEFAULT,
                          nullptr };
  count_live (&LwEmulationLive::handles, 1);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasLtMatmulDescDestroy (cublasLtMatmulDesc_t description)
{
  LW_ALONE;
  delete description_of (description);
  count_live (&LwEmulationLive::handles, -1);
  LW_CUBLAS_CALL;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasLtMatmulDescSetAttribute (cublasLtMatmulDesc_t description,
                                cublasLtMatmulDescAttributes_t what, const void *value,
                                size_t bytes)
{
  LW_ALONE;
  Description *work = description_of (description);
  const char *name = "cublasLtMatmulDescSetAttribute";

  LW_CUBLAS_CALL;
  switch (what) {
  case CUBLASLT_MATMUL_DESC_TRANSA:
    take (&work->transpose_a, value, bytes, name);
    break;
  case CUBLASLT_MATMUL_DESC_TRANSB:
    take (&work->transpose_b, value, bytes, name);
    break;
  case CUBLASLT_MATMUL_DESC_EPILOGUE:
    take (&work->epilogue, value, bytes, name);
    break;
  case CUBLASLT_MATMUL_DESC_BIAS_POINTER:
    take (&work->vector, value, bytes, name);
    break;
  case CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE:
    take (&work->vector_type, value, bytes, name);
    break;
  default:
    refuse ("%s: attribute %d is not emulated", name, int (what));
  }
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasLtMatrixLayoutCreate (cublasLtMatrixLayout_t *ret, cudaDataType type, uint64_t rows,
                            uint64_t columns, int64_t ld)
{
  LW_ALONE;
  LW_CUBLAS_CALL;
  if (rows == 0 || columns == 0 || ld < int64_t (rows))
    refuse ("cublasLtMatrixLayoutCreate: columns of %llu numbers stand %lld apart",
            (unsigned long long)(rows), (long long)(ld));
  *ret = new Layout{ {}, type, int (rows), int (columns), int (ld) };
  count_live (&LwEmulationLive::handles, 1);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasLtMatrixLayoutDestroy (cublasLtMatrixLayout_t layout)
{
  LW_ALONE;
  delete layout_of (layout);
  count_live (&LwEmulationLive::handles, -1);
  LW_CUBLAS_CALL;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasLtMatmulPreferenceCreate (cublasLtMatmulPreference_t *ret)
{
  LW_ALONE;
  LW_CUBLAS_CALL;
  *ret = new Preference{ {}, 0, CUBLASLT_REDUCTION_SCHEME_MASK, 256 };
  count_live (&LwEmulationLive::handles, 1);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasLtMatmulPreferenceDestroy (cublasLtMatmulPreference_t preference)
{
  LW_ALONE;
  delete static_cast<Preference *> (preference);
  count_live (&LwEmulationLive::handles, -1);
  LW_CUBLAS_CALL;
  return CUBLAS_STATUS_SUCCESS;
}

/* All matrices are promised alike. */
cublasStatus_t
cublasLtMatmulPreferenceSetAttribute (cublasLtMatmulPreference_t preference,
                                      cublasLtMatmulPreferenceAttributes_t what, const void *value,
                                      size_t bytes)
{
  LW_ALONE;
  Preference *own = static_cast<Preference *> (preference);
  const char *name = "cublasLtMatmulPreferenceSetAttribute";

  LW_CUBLAS_CALL;
  if (what == CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES)
    take (&own->workspace, value, bytes, name);
  else if (what == CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK)
    take (&own->schemes, value, bytes, name);
  else if (what >= CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES &&
           what <= CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES)
    take (&own->alignment, value, bytes, name);
  else
    refuse ("%s: attribute %d is not emulated", name, int (what));
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasLtMatmulAlgoGetHeuristic (cublasLtHandle_t, cublasLtMatmulDesc_t description,
                                cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                                cublasLtMatmulPreference_t preference, int most,
                                cublasLtMatmulHeuristicResult_t *ret, int *ret_n)
{
  LW_ALONE;
  const Description *work = description_of (description);
  const Preference *own = static_cast<const Preference *> (preference);

  LW_CUBLAS_CALL;
  if (c != d || most < 1)
    refuse ("cublasLtMatmulAlgoGetHeuristic: C that is not D is not emulated");

  const Product product =
      product_of ("cublasLtMatmulAlgoGetHeuristic", work, nullptr, layout_of (a), nullptr,
                  layout_of (b), nullptr, layout_of (d));
  const Algorithm algorithm = algorithm_for (work, product, own->alignment);

  *ret_n = 0;
  if (!is_supported (work, product) || own->workspace < WORKSPACE_MARK)
    return CUBLAS_STATUS_NOT_SUPPORTED;
  if ((own->schemes & CUBLASLT_REDUCTION_SCHEME_INPLACE) != 0)
    refuse ("cublasLtMatmulAlgoGetHeuristic: sums in place, whose order differs, are allowed");
  *ret = {};
  memcpy (&ret->algo, &algorithm, sizeof algorithm);
  ret->workspaceSize = WORKSPACE_MARK;
  ret->state = CUBLAS_STATUS_SUCCESS;
  *ret_n = 1;
  return CUBLAS_STATUS_SUCCESS;
}

/* Of one that is for another epilogue, it becomes one for both. */
cublasStatus_t
cublasLtMatmulAlgoCheck (cublasLtHandle_t, cublasLtMatmulDesc_t description,
                         cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b, cublasLtMatrixLayout_t,
                         cublasLtMatrixLayout_t d, const cublasLtMatmulAlgo_t *algo,
                         cublasLtMatmulHeuristicResult_t *ret)
{
  LW_ALONE;
  const Description *work = description_of (description);

  LW_CUBLAS_CALL;

  const Product product = product_of ("cublasLtMatmulAlgoCheck", work, nullptr, layout_of (a),
                                      nullptr, layout_of (b), nullptr, layout_of (d));
  *ret = {};
  ret->algo = *algo;
  ret->workspaceSize = WORKSPACE_MARK;
  return is_supported (work, product) ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_NOT_SUPPORTED;
}

cublasStatus_t
cublasLtMatmul (cublasLtHandle_t handle, cublasLtMatmulDesc_t description, const void *alpha,
                const void *a, cublasLtMatrixLayout_t a_layout, const void *b,
                cublasLtMatrixLayout_t b_layout, const void *beta, const void *c,
                cublasLtMatrixLayout_t, void *d, cublasLtMatrixLayout_t d_layout,
                const cublasLtMatmulAlgo_t *algo, void *workspace, size_t bytes,
                cudaStream_t stream)
{
  LW_ALONE;
  const Description *work = description_of (description);
  const char *name = "cublasLtMatmul";
  Algorithm algorithm, wanted;

  LW_CUBLAS_CALL;

  Product product = product_of (name, work, a, layout_of (a_layout), b, layout_of (b_layout), d,
                                layout_of (d_layout));

  memcpy (&algorithm, algo, sizeof algorithm);
  wanted = algorithm_for (work, product, algorithm.alignment);
  /* ReLU's algorithm is the bias's as well. */
  wanted.epilogue |= algorithm.epilogue & CUBLASLT_EPILOGUE_RELU;
  if (memcmp (&algorithm, &wanted, sizeof wanted) != 0)
    refuse ("%s: the algorithm was not given for this product", name);
  if (!is_supported (work, product))
    refuse ("%s: epilogue %u with types %d, %d, %d and a vector of type %d does not exist", name,
            work->epilogue, int (product.a.type), int (product.b.type), int (product.c.type),
            work->vector_type);
  if (workspace == nullptr || bytes < WORKSPACE_MARK ||
      reinterpret_cast<uintptr_t> (workspace) % 256 != 0)
    refuse (
        "%s: a workspace of %zu bytes at %p, where the algorithm needs %zu at a multiple of 256",
        name, bytes, workspace, size_t (WORKSPACE_MARK));
  if (c != d)
    refuse ("%s: C that is not D is not emulated", name);
  if (device_of (reinterpret_cast<cublasHandle_t> (handle)) != current_device ())
    refuse ("%s: the handle is of another device than number %d, which is current", name,
            current_device ());
  check_alignment (a, algorithm.alignment, "A");
  check_alignment (b, algorithm.alignment, "B");
  check_alignment (d, algorithm.alignment, "D");
  memory_check_range (workspace, bytes, "workspace of cublasLtMatmul");
  product.alpha = *static_cast<const float *> (alpha);
  product.beta = *static_cast<const float *> (beta);
  product.workspace = workspace;
  set_epilogue (&product, work);
  product_check (product);
  enqueue (stream, name, [=] { product_run (product); });
  return CUBLAS_STATUS_SUCCESS;
}

} // extern "C"
