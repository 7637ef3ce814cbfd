/* Small painted signs of tables and headings, in the colours of the visual language: LwKindMark, a
 * square in a layer kind's colour; LwShareBar, a share of a whole; LwKindPill, a word on a kind's
 * tint. They follow light and dark. */
#pragma once

#include "ui/draw/theme.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_KIND_MARK (lw_kind_mark_get_type ())
G_DECLARE_FINAL_TYPE (LwKindMark, lw_kind_mark, LW, KIND_MARK, GtkWidget)

GtkWidget *lw_kind_mark_new (void);
void lw_kind_mark_set_kind (LwKindMark *self, LwKind kind);

#define LW_TYPE_SHARE_BAR (lw_share_bar_get_type ())
G_DECLARE_FINAL_TYPE (LwShareBar, lw_share_bar, LW, SHARE_BAR, GtkWidget)

/* `series`: 0 or 1, the colour. */
GtkWidget *lw_share_bar_new (int series);
void lw_share_bar_set_share (LwShareBar *self, int64_t part, int64_t whole);

#define LW_TYPE_KIND_PILL (lw_kind_pill_get_type ())
G_DECLARE_FINAL_TYPE (LwKindPill, lw_kind_pill, LW, KIND_PILL, GtkWidget)

GtkWidget *lw_kind_pill_new (void);
void lw_kind_pill_set (LwKindPill *self, const char *text, LwKind kind);

G_END_DECLS
