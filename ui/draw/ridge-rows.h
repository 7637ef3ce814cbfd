/* Rows of ridges: a layer a row, its name and badges at the left, a cell for each place in it
 * (before and after the activation) across; one panel, or two runs' beside each other. Plain
 * functions that a scrolled widget, an export and a test share. Threads: the LwText's; nothing is
 * kept. */
#pragma once

#include "ui/draw/ridges.h"

G_BEGIN_DECLS

enum {
  LW_RIDGE_COLUMNS = 3,
  LW_RIDGE_BADGES = 3,
  LW_RIDGE_BADGE_TEXT = 64,
  LW_RIDGE_ROW_HEIGHT = 112,
  LW_RIDGE_HEAD_HEIGHT = 48
};

typedef struct {
  char text[LW_RIDGE_BADGE_TEXT]; /* "45 % saturated" */
  bool warns;                     /* "!" instead of a tick */
} LwRidgeBadge;

typedef struct {
  const char *name, *place; /* "conv 1" and, below, "Stage 2 · Residual 1" or "" */
  LwRidgeBadge badges[LW_RIDGE_BADGES];
  int n_badges;
  LwRidges cells[LW_RIDGE_COLUMNS]; /* n = 0: nothing there */
} LwRidgeRow;

typedef struct {
  const char *title, *subtitle; /* "LeNet", "lr 0.9" */
  const char *remark;           /* at the right: "last test accuracy 0.814"; or NULL */
  const char *columns[LW_RIDGE_COLUMNS];
  int n_columns;
} LwRidgeHead;

typedef struct {
  double x, width; /* of the panel */
  double cell_x[LW_RIDGE_COLUMNS], cell_width;
  int n_columns;
} LwRidgePanel;

LwRidgePanel lw_ridge_panel (double x, double width, int n_columns);
/* A cell's place in the row whose top is `y`. */
cairo_rectangle_t lw_ridge_cell (const LwRidgePanel *panel, int column, double y);
/* The column at x, −1: none. */
int lw_ridge_column_at (const LwRidgePanel *panel, double x);

void lw_ridge_head_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwRidgeHead *head,
                          const LwRidgePanel *panel, double y);
/* `ruled`: a line above it. */
void lw_ridge_row_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwRidgeRow *row,
                         const LwRidgePanel *panel, double y, bool ruled);

G_END_DECLS
