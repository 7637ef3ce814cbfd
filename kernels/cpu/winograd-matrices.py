"""Prints winograd_tables.h: the matrices of Winograd's minimal filtering algorithms F(m, r).

Cook-Toom: a polynomial of degree m + r - 2 is known from its values at the alpha - 1 = m + r - 2
points p below and from its leading coefficient ("the value at infinity").  With

    M(x) = product of (x - p)        L_i(x) = M(x) / (x - p_i)        N_i = L_i(p_i)

the algorithm y = A^T [(G g) * (B^T d)] that correlates alpha inputs d with r weights g has

    A^T[j][i] = p_i^j                      and the last column (0, ..., 0, 1)
    G[i][j]   = p_i^j / N_i                and the last row (0, ..., 0, 1)
    B^T[i]    = coefficients of L_i(x)     and the last row those of M(x)

(Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", arXiv 1509.09308; how the
matrices follow from the points: Blahut, "Fast Algorithms for Signal Processing", chapter 5.)  Small
points with few bits keep the rounding errors small.  Every table is checked here in exact fractions
against the definition y_k = sum over j of g_j d_(k+j).

Points come in pairs p and -p, with 0 before them or without it.  Where no other point is added, M is
odd or even, so that the rows of a pair agree in even columns and are opposite in odd ones, or the
other way round; then both factors of the second row change their signs.  The code computes both
halves once.  In float32 the second point is 1, where A^T adds up what it is given: the bias's
gradient is read there.

F(6, 2), F(4, 2) and F(3, 2) are for kernels of 3 weights and stride 2 (winograd.h).  Their phases
of one weight, (w, 0), have no value at infinity: the last row of G is (0, 1).

Where the factors are rounded to bfloat16, each product brings an error in proportion to its size.
With inputs and weights that are independent and alike, the relative error of all three directions
is in proportion to the product, over both axes of the image, of the square root of

    sum over i of |B^T[i]|^2 |G[i]|^2 |A[i]|^2, divided by m r

(measured: about 2.5e-3 times that product).  The points of those tables make the sum small, among
fractions with few bits: 4.8 for F(4, 3), where 0, 1, -1, 2, -2 have 11; 2.6 for F(3, 3); 9.7 for
F(3, 5).  For F(6, 3) nothing is better than the usual points' 20.6.

    python3 kernels/cpu/winograd-matrices.py > kernels/cpu/winograd_tables.h
"""
import random
from fractions import Fraction as F

def pairs_of(*points):
    return [sign * F(point) for point in points for sign in (1, -1)]


TABLES = (
    ("f63", 6, 3, [0] + pairs_of(1, 2, F(1, 2))),
    ("f43", 4, 3, [0] + pairs_of(1, 2)),
    ("f33", 3, 3, [0] + pairs_of(1) + [2]),
    ("f45", 4, 5, [0] + pairs_of(1, 2, F(1, 2))),
    ("f62", 6, 2, pairs_of(-1, 2, F(1, 2))),
    ("f42", 4, 2, pairs_of(-1, F(1, 2))),
    ("f32", 3, 2, [0] + pairs_of(1)),
    ("bf16_f43", 4, 3, [0] + pairs_of(F(5, 8), F(3, 2))),
    ("bf16_f33", 3, 3, pairs_of(F(3, 8), F(5, 4))),
    ("bf16_f35", 3, 5, pairs_of(F(1, 4), F(7, 8), F(7, 4))),
)

HEAD = """/* Made by winograd-matrices.py, whose comment explains the numbers. Row i belongs to point i. */
#pragma once

typedef struct {
  int m, r, alpha; /* outputs, weights, inputs = points */
  int first;       /* the first row of a pair */
  int pairs;       /* of rows, equal in even columns, opposite in odd ones */
  float bt[8][8];  /* Bᵀ [alpha][alpha] */
  float g[8][8];   /* G [alpha][r] */
  float a[8][8];   /* A [alpha][m] */
} LwWinogradTable;

/* clang-format off */"""


def product(points):
    """Coefficients of the product of (x - p), lowest power first."""
    result = [F(1)]
    for point in points:
        shifted = [F(0)] + result
        for power, value in enumerate(result):
            shifted[power] -= point * value
        result = shifted
    return result


def matrices(m, r, points):
    alpha = m + r - 1
    bt, g, a = [], [], []
    for i, point in enumerate(points):
        others = points[:i] + points[i + 1:]
        scale = F(1)
        for other in others:
            scale *= point - other
        bt.append(product(others) + [F(0)])
        g.append([F(point) ** j / scale for j in range(r)])
        a.append([F(point) ** j for j in range(m)])
    bt.append(product(points))
    g.append([F(0)] * (r - 1) + [F(1)])
    a.append([F(0)] * (m - 1) + [F(1)])
    if 0 not in points and -points[0] in points:
        for i in range(1, len(points), 2):
            bt[i] = [-value for value in bt[i]]
            g[i] = [-value for value in g[i]]
    check(m, r, alpha, bt, g, a)
    return bt, g, a


def dot(row, column):
    return sum(x * y for x, y in zip(row, column))


def check(m, r, alpha, bt, g, a):
    draw = random.Random(1)
    d = [F(draw.randint(-99, 99)) for _ in range(alpha)]
    weights = [F(draw.randint(-99, 99)) for _ in range(r)]
    products = [dot(g[i], weights) * dot(bt[i], d) for i in range(alpha)]
    y = [sum(a[i][k] * products[i] for i in range(alpha)) for k in range(m)]
    assert y == [dot(weights, d[k:]) for k in range(m)]


def mirrored(matrix, first, pairs):
    return all(matrix[first + 2 * q][j] * (-1) ** j == matrix[first + 2 * q + 1][j]
               for q in range(pairs) for j in range(len(matrix[0])))


def number(value):
    if value.denominator & (value.denominator - 1) == 0:
        return f"{float(value):.9g}" + ("f" if value.denominator > 1 else "")
    return f"{value.numerator}.0f / {value.denominator}"


def main():
    print(HEAD)
    for name, m, r, points in TABLES:
        points = [F(point) for point in points]
        tables = matrices(m, r, points)
        first = int(points[0] == 0)
        pairs = (len(points) - first) // 2
        if not all(mirrored(matrix, first, pairs) for matrix in tables):
            pairs = 0
        print(f"static const LwWinogradTable lw_winograd_{name} __attribute__ ((unused)) = {{\n"
              f"  .m = {m}, .r = {r}, .alpha = {m + r - 1}, .first = {first}, .pairs = {pairs},")
        for label, matrix in zip(("bt", "g", "a"), tables):
            print(f"  .{label} = {{")
            for row in matrix:
                print("    { " + ", ".join(number(value) for value in row) + " },")
            print("  },")
        print("};\n")
    print("/* clang-format on */")


main()
