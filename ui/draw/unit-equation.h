/* The equation of a unit's arithmetic as pieces that can be set in lines. */
#pragma once

#include "ui/draw/unit-arithmetic.h"

G_BEGIN_DECLS

typedef enum {
  LW_PIECE_NUMBER,
  LW_PIECE_SIGN,   /* + − · = and brackets */
  LW_PIECE_WORD,   /* "bias" */
  LW_PIECE_RESULT, /* bold */
} LwPieceKind;

typedef struct {
  LwPieceKind kind;
  int step; /* of a calculation in several lines, from 0 */
  char *words;
  char *caption; /* below it, or NULL */
} LwPiece;

/* LwPiece; free with g_ptr_array_unref. */
GPtrArray *lw_unit_pieces (const LwUnitFigure *figure);
/* Decimals that tell all numbers of the equation apart. */
int lw_unit_decimals (const LwUnitFigure *figure);
/* A number as the equation writes it. */
char *lw_unit_number (double value, int decimals);

G_END_DECLS
