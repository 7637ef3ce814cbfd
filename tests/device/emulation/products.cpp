/* Products of matrices, stored by columns. Sums are added in eight parts in float32, as some order
 * must be taken and cuBLAS promises none. Where tensor cores would work on float32, the factors are
 * rounded to TF32 first. */
#include "tests/device/emulation/products.hpp"

#include <cuda_bf16.h>

namespace lw_emulation {

static size_t
size_of (cudaDataType type)
{
  return type == CUDA_R_16BF ? 2 : 4;
}

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

/* Numbers from the first to the last. */
static size_t
extent (const Matrix &matrix)
{
  return size_t (matrix.ld) * size_t (stored_columns (matrix) - 1) + size_t (stored_rows (matrix));
}

static void
check_matrix (const Product &product, const Matrix &matrix, long long stride, const char *name)
{
  char text[96];
  const size_t n = extent (matrix) + size_t (stride) * size_t (product.batch - 1);

  snprintf (text, sizeof text, "matrix %s of %s", name, product.name);
  if (matrix.ld < stored_rows (matrix))
    refuse ("%s: its columns have %d numbers and stand %d apart", text, stored_rows (matrix),
            matrix.ld);
  if (stride < 0)
    refuse ("%s: stride %lld", text, stride);
  if (reinterpret_cast<uintptr_t> (matrix.at) % size_of (matrix.type) != 0)
    refuse ("%s: %p is not aligned as its type must be", text, static_cast<void *> (matrix.at));
  memory_check_range (matrix.at, n * size_of (matrix.type), text);
}

static Matrix
matrix_of_batch (Matrix matrix, long long stride, int i)
{
  matrix.at += stride * i * (long long)(size_of (matrix.type));
  return matrix;
}

static void
touch_matrix (const Matrix &matrix, Kind kind)
{
  const size_t size = size_of (matrix.type);

  for (int column = 0; column < stored_columns (matrix); column++)
    shadow_range (matrix.at + size_t (column) * size_t (matrix.ld) * size,
                  size_t (stored_rows (matrix)) * size, kind);
}

static float
load (const Matrix &matrix, size_t i)
{
  if (matrix.type == CUDA_R_16BF)
    return __bfloat162float (reinterpret_cast<const __nv_bfloat16 *> (matrix.at)[i]);
  return reinterpret_cast<const float *> (matrix.at)[i];
}

static void
store (const Matrix &matrix, size_t i, float value)
{
  if (matrix.type == CUDA_R_16BF)
    reinterpret_cast<__nv_bfloat16 *> (matrix.at)[i] = __float2bfloat16_rn (value);
  else
    reinterpret_cast<float *> (matrix.at)[i] = value;
}

/* Rows of op (X) one after another; with `columns`, its columns. */
static std::vector<float>
unroll (const Matrix &matrix, bool columns, bool tf32)
{
  const int outer = columns ? matrix.columns : matrix.rows;
  const int inner = columns ? matrix.rows : matrix.columns;
  std::vector<float> values (size_t (outer) * size_t (inner));

  for (int i = 0; i < outer; i++)
    for (int j = 0; j < inner; j++) {
      const size_t row = size_t (columns ? j : i), column = size_t (columns ? i : j);
      const float value = load (matrix, matrix.transposed ? column + row * size_t (matrix.ld)
                                                          : row + column * size_t (matrix.ld));

      values[size_t (i) * size_t (inner) + size_t (j)] =
          tf32 ? value_of<float> (round_tf32 (value)) : value;
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

static float
finish (const Product &product, int row, float value)
{
  if (product.bias != nullptr)
    value += product.bias[row];
  return product.relu && value < 0 ? 0 : value;
}

/* `columns`: B's, one after another. */
static void
sum_columns (const std::vector<float> &columns, const Matrix &b, float *sums)
{
  const std::vector<float> ones (size_t (b.rows), 1.0f);

  for (int j = 0; j < b.columns; j++)
    sums[j] = dot (columns.data () + size_t (j) * size_t (b.rows), ones.data (), b.rows);
  shadow_range (sums, sizeof *sums * size_t (b.columns), Kind::WRITE);
}

/* With β = 0, C is not read: it may hold NaN. */
static void
multiply (const Product &product, const Matrix &a, const Matrix &b, const Matrix &c)
{
  touch_matrix (a, Kind::READ);
  touch_matrix (b, Kind::READ);
  if (product.beta != 0)
    touch_matrix (c, Kind::READ);

  const std::vector<float> rows = unroll (a, false, product.tf32);
  const std::vector<float> columns = unroll (b, true, product.tf32);

  for (int j = 0; j < b.columns; j++)
    for (int i = 0; i < a.rows; i++) {
      const size_t at = size_t (i) + size_t (j) * size_t (c.ld);
      const float sum = dot (rows.data () + size_t (i) * size_t (a.columns),
                             columns.data () + size_t (j) * size_t (a.columns), a.columns);

      store (c, at,
             finish (product, i,
                     product.alpha * sum + (product.beta != 0 ? product.beta * load (c, at) : 0)));
    }
  touch_matrix (c, Kind::WRITE);
  if (product.sums != nullptr)
    sum_columns (columns, b, product.sums);
}

/* Two products at a time must not have one workspace; its first bytes stand for all. */
void
product_run (const Product &product)
{
  if (product.workspace != nullptr)
    shadow_range (product.workspace, WORKSPACE_MARK, Kind::WRITE);
  if (product.bias != nullptr)
    shadow_range (product.bias, sizeof *product.bias * size_t (product.c.rows), Kind::READ);
  for (int i = 0; i < product.batch; i++)
    multiply (product, matrix_of_batch (product.a, product.stride_a, i),
              matrix_of_batch (product.b, product.stride_b, i),
              matrix_of_batch (product.c, product.stride_c, i));
}

void
product_check (const Product &product)
{
  const int m = product.c.rows, n = product.c.columns, k = product.a.columns;

  if (m <= 0 || n <= 0 || k <= 0 || product.batch <= 0)
    refuse ("%s: %d products of %d × %d by %d × %d", product.name, product.batch, m, k, k, n);
  check_matrix (product, product.a, product.stride_a, "A");
  check_matrix (product, product.b, product.stride_b, "B");
  check_matrix (product, product.c, product.stride_c, "C");
  if (product.batch > 1 && product.stride_c < (long long)(extent (product.c)))
    refuse ("%s: the results stand %lld apart and have %zu numbers", product.name, product.stride_c,
            extent (product.c));
}

} // namespace lw_emulation
