/* What the files of LwChartView share. */
#pragma once

#include "ui/chart-view.h"

G_BEGIN_DECLS

struct _LwChartView {
  GtkWidget parent;
  LwText *text;
  GPtrArray *entries; /* LwChartEntry */
  bool by_role;
  LwChartCurves curves;
  int only;       /* as in LwRunPictureOptions */
  bool queues;    /* the same */
  GArray *styles; /* LwChartStyle, of each key */

  double weight;
  LwChartAxes axes;
  LwChartX x;
  bool x_chosen;
  LwChartZoom zoom;

  LwChartLayout layout; /* of the last frame */
  double rule_x, pointer_x, pointer_y;
  bool pinned;
  int highlighted;                   /* key under the pointer; −1 */
  double press_x;                    /* of the press that goes on */
  bool press_inside;                 /* in the plots */
  double drag_from, drag_to;         /* pixels while a zoom is dragged; NAN: none */
  bool dragged, panning, was_pinned; /* of the press that goes on; pinned before it */
  LwChartRange pan_from;
  gint64 moved_us;
  GtkWidget *menu; /* the legend's popover while it is open */
  int described_epoch;
  guint catch_up_id;
};

void lw_chart_view_fill (LwChartView *self, const LwTheme *theme, LwRunPicture *picture);
/* With a legend or without, whatever the view has. */
void lw_chart_view_fill_for (LwChartView *self, const LwTheme *theme, bool no_legend,
                             LwRunPicture *picture);
/* The picture as it is now, and where its parts lie. */
void lw_chart_view_lay_out (LwChartView *self, LwRunPicture *picture, LwChartLayout *layout);
/* After what changes how it is drawn. */
void lw_chart_view_changed (LwChartView *self);
/* After the zoom changed. */
void lw_chart_view_zoomed (LwChartView *self);
/* After a style changed. */
void lw_chart_view_styles_changed (LwChartView *self);
/* The key of the legend's entry under a point, or −1. */
int lw_chart_view_key_at (LwChartView *self, double x, double y);

/* --- chart-view-runs.c */
void lw_chart_view_forget_entries (LwChartView *self);
/* Chooses x where nobody did. */
void lw_chart_view_use_x (LwChartView *self, LwChartX x);

/* --- chart-view-input.c */
void lw_chart_view_add_input (LwChartView *self);
bool lw_chart_view_has_plots (LwChartView *self);
/* `at`: the share of the axis that stays; `factor` < 1 shows less. */
void lw_chart_view_scale (LwChartView *self, double at, double factor);
void lw_chart_view_pan (LwChartView *self, double share);
/* What the rule reads out, for those who do not see it. */
void lw_chart_view_say_readout (LwChartView *self);

/* --- chart-view-keys.c */
gboolean
lw_chart_view_key_pressed (LwChartView *self, guint key, guint code, GdkModifierType state);

G_END_DECLS
