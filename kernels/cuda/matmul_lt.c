/* Products of linear layers with what is behind them in the same kernel, by cublasLt's epilogues
 * (cublasLt.h, "cublasLtEpilogue_t"). To cuBLAS, which stores by columns, our C [m][n] is D = Cᵀ of
 * n rows and m columns, and the operands change places (matmul.c):
 *
 *   BIAS, RELU_BIAS   a number for each row of D, an output each, is added; then max (0, ·)
 *   BGRADB            beside D, Σ over k of each column of its second factor, dY: bias gradients
 *
 * Both only where the vector is of D's type (CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE). Ours is float32,
 * so in bfloat16 the forward bias stays a pass of its own, and the gradient of weights, which is
 * float32, takes BGRADB in every precision. BGRADB overwrites, where gradients are added to: it
 * writes to the workspace, from which bias.cu adds. DRELU is not here: it would need a mask of bits
 * from forward, and between two linear layers of the networks stands dropout, or another
 * activation.
 *
 * Heuristics are asked once for each shape and answer for the device's life. One answer serves BIAS
 * and RELU_BIAS, so that sums are the same with links and without: it is asked for the latter and
 * checked for the former. Sums in parts may be added up in float32 and in the workspace only. Where
 * there is no answer, or an address is no multiple of 16, nothing is done here and cuBLAS and the
 * kernels take over. What emulation cannot show: which shapes and types are answered on which card,
 * and whether BGRADB sees dY before or after that is rounded to TF32 (there: after). */
#include "kernels/cuda/device.h"

#include <cublasLt.h>
#include <string.h>

typedef struct {
  int32_t m, n, k;
  int32_t sums; /* BGRADB, or else a bias */
} Key;

typedef struct {
  cublasLtMatmulDesc_t work;
  cublasLtMatrixLayout_t a, b, c;
  cublasLtMatmulAlgo_t algorithm;
  bool offered;
} Plan;

/* Of the addresses that we promise. */
enum { ALIGNMENT = 16 };

/* --- plans ------------------------------------------------------------------------------------ */

static guint
hash_key (const void *data)
{
  const Key *key = data;

  return (((guint)key->m * 31 + (guint)key->n) * 31 + (guint)key->k) * 2 + (guint)key->sums;
}

static gboolean
equal_keys (const void *a, const void *b)
{
  return memcmp (a, b, sizeof (Key)) == 0;
}

static void
plan_free (void *data)
{
  Plan *plan = data;

  if (plan->work != NULL)
    lw_cuda_check_blas (cublasLtMatmulDescDestroy (plan->work), "cublasLtMatmulDescDestroy", NULL);
  for (int i = 0; i < 3; i++) {
    cublasLtMatrixLayout_t layout = i == 0 ? plan->a : i == 1 ? plan->b : plan->c;

    if (layout != NULL)
      lw_cuda_check_blas (cublasLtMatrixLayoutDestroy (layout), "cublasLtMatrixLayoutDestroy",
                          NULL);
  }
  g_free (plan);
}

/* Any handle of cuBLAS is one of cublasLt (cuBLAS manual, "cublasLtHandle_t"). */
static cublasLtHandle_t
handle_of (const LwDevice *device)
{
  return (cublasLtHandle_t)device->blas;
}

static bool
set (Plan *plan, cublasLtMatmulDescAttributes_t what, const void *value, size_t bytes,
     GError **error)
{
  return lw_cuda_check_blas (cublasLtMatmulDescSetAttribute (plan->work, what, value, bytes),
                             "cublasLtMatmulDescSetAttribute", error);
}

/* What is behind the product. */
static bool
set_epilogue (Plan *plan, cublasLtEpilogue_t epilogue, const void *vector, GError **error)
{
  const uint32_t value = epilogue;

  return set (plan, CUBLASLT_MATMUL_DESC_EPILOGUE, &value, sizeof value, error) &&
         set (plan, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &vector, sizeof vector, error);
}

static bool
describe (const LwDevice *device, Plan *plan, const LwCudaProduct *p, GError **error)
{
  const cudaDataType type = device->bf16 ? CUDA_R_16BF : CUDA_R_32F;
  const cudaDataType c_type = p->exact ? CUDA_R_32F : type;
  const int32_t bias_type = CUDA_R_32F;
  const cublasComputeType_t compute =
      device->precision == LW_PRECISION_TF32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
  const int32_t transpose_a = p->transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N;
  const int32_t transpose_b = p->transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N;
  /* As they are stored, by columns. */
  const int32_t a_rows = p->transpose_b ? p->k : p->n, a_columns = p->transpose_b ? p->n : p->k;
  const int32_t b_rows = p->transpose_a ? p->m : p->k, b_columns = p->transpose_a ? p->k : p->m;

  return lw_cuda_check_blas (cublasLtMatmulDescCreate (&plan->work, compute, CUDA_R_32F),
                             "cublasLtMatmulDescCreate", error) &&
         set (plan, CUBLASLT_MATMUL_DESC_TRANSA, &transpose_a, sizeof transpose_a, error) &&
         set (plan, CUBLASLT_MATMUL_DESC_TRANSB, &transpose_b, sizeof transpose_b, error) &&
         set (plan, CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, &bias_type, sizeof bias_type, error) &&
         lw_cuda_check_blas (cublasLtMatrixLayoutCreate (&plan->a, type, (uint64_t)a_rows,
                                                         (uint64_t)a_columns, a_rows),
                             "cublasLtMatrixLayoutCreate", error) &&
         lw_cuda_check_blas (cublasLtMatrixLayoutCreate (&plan->b, type, (uint64_t)b_rows,
                                                         (uint64_t)b_columns, b_rows),
                             "cublasLtMatrixLayoutCreate", error) &&
         lw_cuda_check_blas (
             cublasLtMatrixLayoutCreate (&plan->c, c_type, (uint64_t)p->n, (uint64_t)p->m, p->n),
             "cublasLtMatrixLayoutCreate", error);
}

static bool
set_preferences (const LwDevice *device, cublasLtMatmulPreference_t preference, GError **error)
{
  static const cublasLtMatmulPreferenceAttributes_t alignments[] = {
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES
  };
  const uint64_t bytes = device->blas_workspace_bytes;
  const uint32_t schemes = CUBLASLT_REDUCTION_SCHEME_NONE | CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE;
  const uint32_t alignment = ALIGNMENT;
  const char *what = "cublasLtMatmulPreferenceSetAttribute";

  for (size_t i = 0; i < G_N_ELEMENTS (alignments); i++)
    if (!lw_cuda_check_blas (cublasLtMatmulPreferenceSetAttribute (preference, alignments[i],
                                                                   &alignment, sizeof alignment),
                             what, error))
      return false;
  return lw_cuda_check_blas (
             cublasLtMatmulPreferenceSetAttribute (
                 preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &bytes, sizeof bytes),
             what, error) &&
         lw_cuda_check_blas (
             cublasLtMatmulPreferenceSetAttribute (
                 preference, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, &schemes, sizeof schemes),
             what, error);
}

/* Whether that worked; that there is none is an answer as well. */
static bool
ask (const LwDevice *device, Plan *plan, cublasLtMatmulPreference_t preference, GError **error)
{
  cublasLtMatmulHeuristicResult_t answer = { 0 };
  int n = 0;
  const cublasStatus_t status =
      cublasLtMatmulAlgoGetHeuristic (handle_of (device), plan->work, plan->a, plan->b, plan->c,
                                      plan->c, preference, 1, &answer, &n);

  /* Either says so, by what it is that does not go together. */
  if (status == CUBLAS_STATUS_NOT_SUPPORTED || status == CUBLAS_STATUS_INVALID_VALUE)
    return true;
  if (!lw_cuda_check_blas (status, "cublasLtMatmulAlgoGetHeuristic", error))
    return false;
  plan->offered = n > 0 && answer.state == CUBLAS_STATUS_SUCCESS;
  plan->algorithm = answer.algo;
  return true;
}

/* The same one without max (0, ·). */
static bool
check_bias_alone (const LwDevice *device, Plan *plan, const void *bias, GError **error)
{
  cublasLtMatmulHeuristicResult_t answer = { 0 };
  cublasStatus_t status;

  if (!set_epilogue (plan, CUBLASLT_EPILOGUE_BIAS, bias, error))
    return false;
  status = cublasLtMatmulAlgoCheck (handle_of (device), plan->work, plan->a, plan->b, plan->c,
                                    plan->c, &plan->algorithm, &answer);
  if (status == CUBLAS_STATUS_NOT_SUPPORTED || status == CUBLAS_STATUS_INVALID_VALUE ||
      status == CUBLAS_STATUS_ARCH_MISMATCH)
    plan->offered = false;
  else if (!lw_cuda_check_blas (status, "cublasLtMatmulAlgoCheck", error))
    return false;
  plan->offered &= answer.workspaceSize <= device->blas_workspace_bytes;
  return true;
}

static bool
make (const LwDevice *device, Plan *plan, const LwCudaProduct *p, const void *vector, bool sums,
      GError **error)
{
  const cublasLtEpilogue_t epilogue = sums ? CUBLASLT_EPILOGUE_BGRADB : CUBLASLT_EPILOGUE_RELU_BIAS;
  cublasLtMatmulPreference_t preference = NULL;
  bool made;

  if (!describe (device, plan, p, error) || !set_epilogue (plan, epilogue, vector, error) ||
      !lw_cuda_check_blas (cublasLtMatmulPreferenceCreate (&preference),
                           "cublasLtMatmulPreferenceCreate", error))
    return false;
  made = set_preferences (device, preference, error) && ask (device, plan, preference, error) &&
         (sums || !plan->offered || check_bias_alone (device, plan, vector, error));
  lw_cuda_check_blas (cublasLtMatmulPreferenceDestroy (preference),
                      "cublasLtMatmulPreferenceDestroy", NULL);
  return made;
}

static Plan *
plan_of (LwDevice *device, const LwCudaProduct *p, const void *vector, bool sums, GError **error)
{
  const Key key = { p->m, p->n, p->k, sums };
  Plan *plan;

  if (device->products == NULL)
    device->products = g_hash_table_new_full (hash_key, equal_keys, g_free, plan_free);
  plan = g_hash_table_lookup (device->products, &key);
  if (plan != NULL)
    return plan;
  plan = g_new0 (Plan, 1);
  if (!make (device, plan, p, vector, sums, error)) {
    plan_free (plan);
    return NULL;
  }
  g_hash_table_insert (device->products, g_memdup2 (&key, sizeof key), plan);
  return plan;
}

void
lw_cuda_close_products (LwDevice *device)
{
  g_clear_pointer (&device->products, g_hash_table_unref);
}

/* --- products --------------------------------------------------------------------------------- */

static bool
is_aligned (const void *at)
{
  return (uintptr_t)at % ALIGNMENT == 0;
}

static bool
multiply (LwDevice *device, const LwCudaProduct *p, cublasLtEpilogue_t epilogue, const void *vector,
          bool *ret_done, GError **error)
{
  const bool sums = epilogue == CUBLASLT_EPILOGUE_BGRADB;
  const float one = 1;
  Plan *plan;

  *ret_done = false;
  if (!is_aligned (p->a) || !is_aligned (p->b) || !is_aligned (p->c) || !is_aligned (vector))
    return true;
  plan = plan_of (device, p, vector, sums, error);
  if (plan == NULL || !plan->offered)
    return plan != NULL;
  *ret_done = true;
  return set_epilogue (plan, epilogue, vector, error) &&
         lw_cuda_check_blas (cublasLtMatmul (handle_of (device), plan->work, &one, p->b, plan->a,
                                             p->a, plan->b, &p->keep, p->c, plan->c, p->c, plan->c,
                                             &plan->algorithm, device->blas_workspace,
                                             device->blas_workspace_bytes, device->stream),
                             "cublasLtMatmul", error);
}

bool
lw_cuda_matmul_bias (LwDevice *device, const LwCudaProduct *product, const float *bias, bool relu,
                     bool *ret_done, GError **error)
{
  *ret_done = false;
  return bias == NULL || device->bf16 ||
         multiply (device, product, relu ? CUBLASLT_EPILOGUE_RELU_BIAS : CUBLASLT_EPILOGUE_BIAS,
                   bias, ret_done, error);
}

bool
lw_cuda_matmul_sums (LwDevice *device, const LwCudaProduct *product, float *sums, bool *ret_done,
                     GError **error)
{
  return multiply (device, product, CUBLASLT_EPILOGUE_BGRADB, sums, ret_done, error);
}
