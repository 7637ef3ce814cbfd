/* Where Explore's panes stand: the diagram beside table and inspector, which lie one above the
 * other; or the volumes above both, which then stand side by side. What was dragged is remembered
 * for each. Main thread. */
#pragma once

#include <gtk/gtk.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define LW_VOLUMES_LEAST 200 /* height */

/* Part of the page, zeroed at first. */
typedef struct {
  GtkWidget *columns; /* a GtkPaned: the drawing, then `rows` or what takes its place */
  GtkWidget *rows;    /* a GtkPaned: table, inspector */
  GtkWidget *inspector;
  int right, below;  /* sizes that were dragged; 0: none */
  int lower, beside; /* the same under the volumes */
  bool flat;         /* the volumes are shown */
  bool dragging;     /* a button is held down on the panes */
  guint narrow_id;   /* until the inspector is arranged for another width */
  bool knobs;        /* their panel is open, and the right pane says what they change */
} LwExplorePanes;

/* Remembers from now on what is dragged; `self` must live as long as the widgets. */
void lw_explore_panes_watch (LwExplorePanes *self);
/* The widgets go. */
void lw_explore_panes_clear (LwExplorePanes *self);
/* Before the panes are given this size. */
void lw_explore_panes_place (LwExplorePanes *self, int width, int height);
/* For the volumes, or for the diagram. */
void lw_explore_panes_turn (LwExplorePanes *self, bool flat);

G_END_DECLS
