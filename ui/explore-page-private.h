/* What the files of the Explore page share: explore-page.c and explore-toolbar.c only. */
#pragma once

#include "ui/explore-page.h"
#include "ui/explore-panes.h"
#include "ui/export-dialog.h"

/* Below this the toolbar leaves out what can be found elsewhere too. */
#define LW_SHORT_TOOLBAR 860

struct _LwExplorePage {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  GtkWidget *column;      /* toolbar and panes */
  LwExplorePanes panes;
  GtkWidget *diagram, *volumes, *table, *inspector;
  GtkWidget *count;
  GtkWidget *search, *search_button, *knobs, *knobs_button;
  GtkWidget *copy;
  GtkWidget *modes[3];
  GtkWidget *views;   /* panes, or memory */
  GtkWidget *drawing; /* the left pane: diagram or volumes */
  GtkWidget *memory;
  GtkWidget *folding, *appearance; /* parts of the toolbar that are the diagram's */
  GtkWidget *tools;                /* its end: how costs are counted, or what memory is for */
  GtkWidget *side;   /* the right pane: table and inspector, or what the knobs change */
  int width, height; /* that the panes were placed for */
  bool fits_memory_panel;
  double wanted_zoom;             /* of the diagram, once it has a place */
  guint toolbar_id;               /* until the toolbar fits its width */
  guint side_id;                  /* until the right pane is shown or hidden */
  LwExportChoices export_choices; /* the last ones */
};

/* explore-page.c: the buttons of search and knobs. */
void lw_explore_page_search_toggled (LwExplorePage *self);
void lw_explore_page_knobs_toggled (LwExplorePage *self);

/* explore-toolbar.c */
GtkWidget *lw_explore_page_make_toolbar (LwExplorePage *self);
/* A source function, in idle time: for the page's width. */
gboolean lw_explore_page_shorten_toolbar (gpointer self);
