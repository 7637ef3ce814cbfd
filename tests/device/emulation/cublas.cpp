/* The products of cuBLAS that the engine asks for. Matrices are stored by columns. Sums are added
 * in eight parts, as some order must be taken and cuBLAS promises none. */
#include "tests/device/emulation/internal.hpp"

#include <cublas_v2.h>

struct cublasContext {
  cudaStream_t stream;
};

namespace lw_emulation {

/* op (X) where X has leading dimension `ld`: [rows][columns] of op (X). */
struct Matrix {
  const float *at;
  bool transposed;
  int rows, columns, ld;
};

static int
stored_rows (const Matrix &matrix)
{
  return matrix.transposed ? matrix.columns : matrix.rows;
}

static int
stored_columns (const Matrix &matrix)
{
  return matrix.transposed ? matrix.rows : matrix.columns;
}

static void
check_matrix (const Matrix &matrix, const char *name)
{
  char text[64];
  const size_t n =
      size_t (matrix.ld) * size_t (stored_columns (matrix) - 1) + size_t (stored_rows (matrix));

  snprintf (text, sizeof text, "matrix %s of cublasSgemm", name);
  if (matrix.ld < stored_rows (matrix))
    refuse ("%s: its columns have %d numbers and stand %d apart", text, stored_rows (matrix),
            matrix.ld);
  memory_check_range (matrix.at, n * sizeof (float), text);
}

static void
touch_matrix (const Matrix &matrix, Kind kind)
{
  for (int column = 0; column < stored_columns (matrix); column++)
    shadow_range (matrix.at + size_t (column) * size_t (matrix.ld),
                  size_t (stored_rows (matrix)) * sizeof (float), kind);
}

/* Rows of op (X) one after another; with `columns`, its columns. */
static std::vector<float>
unroll (const Matrix &matrix, bool columns)
{
  const int outer = columns ? matrix.columns : matrix.rows;
  const int inner = columns ? matrix.rows : matrix.columns;
  std::vector<float> values (size_t (outer) * size_t (inner));

  for (int i = 0; i < outer; i++)
    for (int j = 0; j < inner; j++) {
      const size_t row = size_t (columns ? j : i), column = size_t (columns ? i : j);

      values[size_t (i) * size_t (inner) + size_t (j)] =
          matrix.transposed ? matrix.at[column + row * size_t (matrix.ld)]
                            : matrix.at[row + column * size_t (matrix.ld)];
    }
  return values;
}

static float
dot (const float *a, const float *b, int n)
{
  float parts[8] = {}, rest = 0;
  int i = 0;

  for (; i + 8 <= n; i += 8)
    for (int part = 0; part < 8; part++)
      parts[part] += a[i + part] * b[i + part];
  for (; i < n; i++)
    rest += a[i] * b[i];
  return rest + ((parts[0] + parts[4]) + (parts[1] + parts[5])) +
         ((parts[2] + parts[6]) + (parts[3] + parts[7]));
}

/* With β = 0, C is not read: it may hold NaN. */
static void
multiply (float alpha, const Matrix &a, const Matrix &b, float beta, float *c, int ld)
{
  const Matrix target = { c, false, a.rows, b.columns, ld };

  touch_matrix (a, Kind::READ);
  touch_matrix (b, Kind::READ);
  if (beta != 0)
    touch_matrix (target, Kind::READ);

  const std::vector<float> rows = unroll (a, false), columns = unroll (b, true);

  for (int j = 0; j < b.columns; j++)
    for (int i = 0; i < a.rows; i++) {
      float *at = c + i + size_t (j) * size_t (ld);
      const float product = dot (rows.data () + size_t (i) * size_t (a.columns),
                                 columns.data () + size_t (j) * size_t (a.columns), a.columns);

      *at = alpha * product + (beta != 0 ? beta * *at : 0);
    }
  touch_matrix (target, Kind::WRITE);
}

} // namespace lw_emulation

using namespace lw_emulation;

/* It launches kernels, so the runtime has its errors too. */
#define LW_CUBLAS_CALL                                                                             \
  do {                                                                                             \
    if (lw_emulation::call_fails ()) {                                                             \
      lw_emulation::remember (cudaErrorLaunchFailure);                                             \
      return CUBLAS_STATUS_EXECUTION_FAILED;                                                       \
    }                                                                                              \
  } while (0)

extern "C" {

cublasStatus_t
cublasCreate_v2 (cublasHandle_t *ret_handle)
{
  LW_CUBLAS_CALL;
  *ret_handle = new cublasContext{ nullptr };
  count_live (&LwEmulationLive::handles, 1);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasDestroy_v2 (cublasHandle_t handle)
{
  delete handle;
  count_live (&LwEmulationLive::handles, -1);
  LW_CUBLAS_CALL;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasSetStream_v2 (cublasHandle_t handle, cudaStream_t stream)
{
  LW_CUBLAS_CALL;
  handle->stream = stream;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasSetMathMode (cublasHandle_t, cublasMath_t mode)
{
  LW_CUBLAS_CALL;
  if (mode != CUBLAS_PEDANTIC_MATH && mode != CUBLAS_DEFAULT_MATH)
    refuse ("cublasSetMathMode: mode %d is not emulated", int (mode));
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasGetVersion_v2 (cublasHandle_t, int *ret_version)
{
  LW_CUBLAS_CALL;
  *ret_version = CUBLAS_VERSION;
  return CUBLAS_STATUS_SUCCESS;
}

const char *
cublasGetStatusString (cublasStatus_t status)
{
  return status == CUBLAS_STATUS_SUCCESS ? "success" : "the function failed to launch on the GPU";
}

cublasStatus_t
cublasSgemm_v2 (cublasHandle_t handle, cublasOperation_t transpose_a, cublasOperation_t transpose_b,
                int m, int n, int k, const float *alpha, const float *a, int lda, const float *b,
                int ldb, const float *beta, float *c, int ldc)
{
  const Matrix first = { a, transpose_a != CUBLAS_OP_N, m, k, lda };
  const Matrix second = { b, transpose_b != CUBLAS_OP_N, k, n, ldb };
  const float scale = *alpha, keep = *beta;

  LW_CUBLAS_CALL;
  if (m <= 0 || n <= 0 || k <= 0)
    refuse ("cublasSgemm: a product of %d × %d by %d × %d", m, k, k, n);
  check_matrix (first, "A");
  check_matrix (second, "B");
  check_matrix ({ c, false, m, n, ldc }, "C");
  enqueue (handle->stream, "cublasSgemm", [=] { multiply (scale, first, second, keep, c, ldc); });
  return CUBLAS_STATUS_SUCCESS;
}

} // extern "C"
