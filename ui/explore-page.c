#include "ui/explore-page-private.h"

#include "ui/change-view.h"
#include "ui/cost-table.h"
#include "ui/diagram-minimap.h"
#include "ui/diagram-search.h"
#include "ui/diagram-view.h"
#include "ui/explore-sizes.h"
#include "ui/knobs-panel.h"
#include "ui/layer-inspector.h"
#include "ui/memory-view.h"
#include "ui/obstacle-callout.h"
#include "ui/volumes-view.h"
#include "ui/zoom-controls.h"

#include <glib/gi18n.h>

G_DEFINE_FINAL_TYPE (LwExplorePage, lw_explore_page, GTK_TYPE_WIDGET)

static bool
knobs_open (const LwExplorePage *self)
{
  return gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->knobs_button));
}

/* Table and inspector, or what the knobs change; beside the diagram there may be no room. */
static bool
has_side (const LwExplorePage *self, int width)
{
  return self->panes.flat || lw_explore_has_right (width, knobs_open (self));
}

static void
show_what_fits (LwExplorePage *self, int width)
{
  self->fits_memory_panel = lw_explore_has_memory_panel (width, knobs_open (self));
  gtk_widget_set_visible (self->side, has_side (self, width));
  lw_memory_view_show_panel (LW_MEMORY_VIEW (self->memory), self->fits_memory_panel);
}

/* Not in the midst of an allocation: the page's least width changes with it. */
static gboolean
show_side (gpointer data)
{
  LwExplorePage *self = LW_EXPLORE_PAGE (data);

  self->side_id = 0;
  show_what_fits (self, self->width);
  self->width = 0; /* the panes are placed again */
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  return G_SOURCE_REMOVE;
}

static void
lw_explore_page_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  LwExplorePage *self = LW_EXPLORE_PAGE (widget);
  int least;

  if (width != self->width || height != self->height) {
    GtkWidget *toolbar = gtk_widget_get_first_child (self->column);
    int toolbar_height;

    gtk_widget_measure (toolbar, GTK_ORIENTATION_VERTICAL, -1, NULL, &toolbar_height, NULL, NULL);
    if (self->toolbar_id == 0 &&
        ((width >= LW_SHORT_TOOLBAR) != (self->width >= LW_SHORT_TOOLBAR) || self->width == 0))
      self->toolbar_id =
          g_idle_add_full (G_PRIORITY_HIGH_IDLE, lw_explore_page_shorten_toolbar, self, NULL);
    self->width = width;
    self->height = height;
    lw_explore_panes_place (&self->panes, width, height - toolbar_height);
  }
  if (self->side_id == 0 &&
      (gtk_widget_get_visible (self->side) != has_side (self, width) ||
       self->fits_memory_panel != lw_explore_has_memory_panel (width, knobs_open (self))))
    self->side_id = g_idle_add_full (GDK_PRIORITY_REDRAW - 1, show_side, self, NULL);
  gtk_widget_measure (self->column, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
  gtk_widget_size_allocate (self->column, &(GtkAllocation){ 0, 0, MAX (width, least), height },
                            baseline);
}

static void
lw_explore_page_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                         int *natural, int *minimum_baseline, int *natural_baseline)
{
  LwExplorePage *self = LW_EXPLORE_PAGE (widget);
  int toolbar;

  gtk_widget_measure (self->column, orientation, for_size, minimum, natural, minimum_baseline,
                      natural_baseline);
  if (orientation != GTK_ORIENTATION_HORIZONTAL || !knobs_open (self))
    return;
  gtk_widget_measure (gtk_widget_get_first_child (self->column), orientation, -1, &toolbar, NULL,
                      NULL, NULL);
  *minimum = MIN (*minimum, MAX (toolbar, LW_DIAGRAM_LEAST + LW_KNOBS_WIDTH));
}

/* --- what the toolbar opens ---------------------------------------------------------------------
 */

void
lw_explore_page_knobs_toggled (LwExplorePage *self)
{
  const bool open = knobs_open (self);

  if (open)
    gtk_widget_set_visible (self->knobs, TRUE);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->knobs), open);
  gtk_stack_set_visible_child_name (GTK_STACK (self->side), open ? "change" : "facts");
  self->panes.knobs = open;
  show_what_fits (self, self->width);
  self->width = 0; /* the panes are placed again */
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

/* What is not shown is not there: assistive tools would list it. */
static void
knobs_revealed (LwExplorePage *self)
{
  if (!gtk_revealer_get_child_revealed (GTK_REVEALER (self->knobs)) && !knobs_open (self))
    gtk_widget_set_visible (self->knobs, FALSE);
}

static gboolean
undo_key (GtkWidget *widget, GVariant *redo, gpointer data)
{
  LwExplorePage *self = LW_EXPLORE_PAGE (widget);

  (void)data;
  if (!knobs_open (self))
    return FALSE;
  if (g_variant_get_boolean (redo))
    lw_workbench_redo (self->workbench);
  else
    lw_workbench_undo (self->workbench);
  return TRUE;
}

static LwZoomable *
shown_drawing (LwExplorePage *self)
{
  return LW_ZOOMABLE (self->panes.flat ? self->volumes : self->diagram);
}

/* What is folded away takes no focus. */
static void
search_moved (LwExplorePage *self)
{
  GtkRevealer *search = GTK_REVEALER (self->search);

  gtk_widget_set_visible (self->search, gtk_revealer_get_reveal_child (search) ||
                                            gtk_revealer_get_child_revealed (search));
}

/* Layers are found in a drawing of them. */
static void
leave_memory (LwExplorePage *self)
{
  if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->modes[2])))
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->modes[self->panes.flat ? 1 : 0]), TRUE);
}

void
lw_explore_page_search_toggled (LwExplorePage *self)
{
  const bool open = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->search_button));
  GtkWidget *row = gtk_revealer_get_child (GTK_REVEALER (self->search));

  if (open)
    leave_memory (self);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->search), open);
  search_moved (self);
  lw_diagram_search_set_active (LW_DIAGRAM_SEARCH (row), open);
  if (!open)
    gtk_widget_grab_focus (GTK_WIDGET (shown_drawing (self)));
}

static void
close_search (LwExplorePage *self)
{
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->search_button), FALSE);
}

void
lw_explore_page_search (LwExplorePage *self, int direction)
{
  GtkWidget *row = gtk_revealer_get_child (GTK_REVEALER (self->search));
  const bool open = gtk_revealer_get_reveal_child (GTK_REVEALER (self->search));

  leave_memory (self);
  if (open && direction != 0) {
    lw_diagram_search_step (LW_DIAGRAM_SEARCH (row), direction);
    return;
  }
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->search_button), TRUE);
  lw_diagram_search_set_active (LW_DIAGRAM_SEARCH (row), true);
}

/* --- how it was left ---------------------------------------------------------------------------
 */

void
lw_explore_page_get_sizes (LwExplorePage *self, LwExploreSizes *ret_sizes)
{
  *ret_sizes =
      (LwExploreSizes){ self->panes.right, self->panes.below, self->panes.lower, self->panes.beside,
                        self->wanted_zoom > 0 /* it was never shown */
                            ? self->wanted_zoom
                            : lw_zoomable_zoom (LW_ZOOMABLE (self->diagram)) };
}

static gboolean
take_zoom (GtkWidget *diagram, GdkFrameClock *clock, gpointer data)
{
  LwExplorePage *self = LW_EXPLORE_PAGE (data);
  const double zoom = self->wanted_zoom;

  (void)clock;
  if (gtk_widget_get_width (diagram) <= 0)
    return G_SOURCE_CONTINUE;
  self->wanted_zoom = 0;
  lw_zoomable_zoom_to (LW_ZOOMABLE (diagram), zoom);
  return G_SOURCE_REMOVE;
}

void
lw_explore_page_set_sizes (LwExplorePage *self, const LwExploreSizes *sizes)
{
  self->panes.right = sizes->right;
  self->panes.below = sizes->below;
  self->panes.lower = sizes->lower;
  self->panes.beside = sizes->beside;
  self->wanted_zoom = sizes->zoom;
  if (sizes->zoom > 0)
    gtk_widget_add_tick_callback (self->diagram, take_zoom, self, NULL);
}

/* --- keys that work anywhere on the page ---------------------------------------------------------
 */

static gboolean
zoom_key (GtkWidget *widget, GVariant *direction, gpointer data)
{
  LwZoomable *drawing = shown_drawing (LW_EXPLORE_PAGE (widget));
  const int step = g_variant_get_int32 (direction);

  (void)data;
  if (step == 0)
    lw_zoomable_zoom_to (drawing, 1);
  else
    lw_zoomable_zoom_by (drawing, step);
  return TRUE;
}

static gboolean
escape_key (GtkWidget *widget, GVariant *unused, gpointer data)
{
  LwExplorePage *self = LW_EXPLORE_PAGE (widget);

  (void)unused;
  (void)data;
  if (!gtk_revealer_get_reveal_child (GTK_REVEALER (self->search)))
    return FALSE;
  close_search (self);
  return TRUE;
}

static gboolean
fit_key (GtkWidget *widget, GVariant *unused, gpointer data)
{
  (void)unused;
  (void)data;
  lw_zoomable_fit (shown_drawing (LW_EXPLORE_PAGE (widget)));
  return TRUE;
}

/* --- set-up -------------------------------------------------------------------------------------
 */

bool
lw_explore_page_export (LwExplorePage *self, const char *path, GError **error)
{
  if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->modes[2])))
    return lw_memory_view_export (LW_MEMORY_VIEW (self->memory), path, error);
  return lw_diagram_view_export (LW_DIAGRAM_VIEW (self->diagram), path, error);
}

static bool
write_memory (gpointer memory, const char *path, GError **error)
{
  return lw_memory_view_export (memory, path, error);
}

GtkWidget *
lw_explore_page_export_dialog (LwExplorePage *self, const char *name)
{
  const LwExportSource source = { .diagram = LW_DIAGRAM_VIEW (self->diagram),
                                  .volumes = LW_VOLUMES_VIEW (self->volumes),
                                  .write_memory = write_memory,
                                  .memory = self->memory,
                                  .workbench = self->workbench };

  if (!self->export_choices.chosen) {
    self->export_choices.style = self->panes.flat ? LW_FIGURE_VOLUMES : LW_FIGURE_BLOCKS;
    self->export_choices.memory = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->modes[2]));
  }
  return lw_export_dialog_new (&source, &self->export_choices, name);
}

/* A drawing with the zoom buttons over one of its corners. */
static GtkWidget *
with_controls (GtkWidget *drawing, GtkAlign valign)
{
  GtkWidget *overlay = gtk_overlay_new ();
  GtkWidget *controls = lw_zoom_controls_new (LW_ZOOMABLE (drawing));

  gtk_widget_set_valign (controls, valign);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), drawing);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), controls);
  return overlay;
}

GtkWidget *
lw_explore_page_new (LwWorkbench *workbench)
{
  LwExplorePage *self = g_object_new (LW_TYPE_EXPLORE_PAGE, NULL);
  GtkWidget *left, *body, *overlay, *row;

  self->workbench = workbench;
  self->diagram = lw_diagram_view_new (workbench);
  self->table = lw_cost_table_new (workbench);
  self->inspector = lw_layer_inspector_new (
      workbench, lw_diagram_view_layer_values (LW_DIAGRAM_VIEW (self->diagram)));
  self->volumes = lw_volumes_view_new (workbench, LW_DIAGRAM_VIEW (self->diagram));
  overlay = with_controls (self->diagram, GTK_ALIGN_END);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay),
                           lw_diagram_minimap_new (LW_DIAGRAM_VIEW (self->diagram)));
  lw_obstacle_callout_add (GTK_OVERLAY (overlay), workbench, LW_DIAGRAM_VIEW (self->diagram));
  gtk_widget_set_size_request (overlay, LW_DIAGRAM_LEAST, -1);
  row = with_controls (self->volumes, GTK_ALIGN_START); /* what is summed stands below */
  gtk_widget_add_css_class (row, "lw-volumes");
  gtk_widget_set_size_request (row, -1, LW_VOLUMES_LEAST);

  self->drawing = gtk_stack_new ();
  gtk_widget_set_vexpand (self->drawing, TRUE);
  gtk_stack_add_named (GTK_STACK (self->drawing), overlay, "blocks");
  gtk_stack_add_named (GTK_STACK (self->drawing), row, "volumes");
  self->search = gtk_revealer_new ();
  gtk_revealer_set_child (GTK_REVEALER (self->search),
                          lw_diagram_search_new (LW_DIAGRAM_VIEW (self->diagram)));
  gtk_widget_set_visible (self->search, FALSE);
  g_signal_connect_swapped (self->search, "notify::child-revealed", G_CALLBACK (search_moved),
                            self);
  g_signal_connect_swapped (gtk_revealer_get_child (GTK_REVEALER (self->search)), "closed",
                            G_CALLBACK (close_search), self);
  left = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (left), self->search);
  gtk_box_append (GTK_BOX (left), self->drawing);

  self->panes.rows = gtk_paned_new (GTK_ORIENTATION_VERTICAL);
  gtk_paned_set_start_child (GTK_PANED (self->panes.rows), self->table);
  gtk_paned_set_end_child (GTK_PANED (self->panes.rows), self->inspector);
  gtk_paned_set_resize_end_child (GTK_PANED (self->panes.rows), FALSE);
  gtk_paned_set_shrink_start_child (GTK_PANED (self->panes.rows), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (self->panes.rows), FALSE);

  self->side = gtk_stack_new ();
  gtk_stack_set_hhomogeneous (GTK_STACK (self->side), FALSE);
  gtk_stack_add_named (GTK_STACK (self->side), self->panes.rows, "facts");
  gtk_stack_add_named (GTK_STACK (self->side), lw_change_view_new (workbench), "change");

  self->panes.columns = gtk_paned_new (GTK_ORIENTATION_HORIZONTAL);
  gtk_paned_set_start_child (GTK_PANED (self->panes.columns), left);
  gtk_paned_set_end_child (GTK_PANED (self->panes.columns), self->side);
  gtk_paned_set_resize_end_child (GTK_PANED (self->panes.columns), FALSE);
  gtk_paned_set_shrink_start_child (GTK_PANED (self->panes.columns), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (self->panes.columns), FALSE);
  gtk_widget_set_vexpand (self->panes.columns, TRUE);
  self->panes.inspector = self->inspector;
  lw_explore_panes_watch (&self->panes);

  self->views = gtk_stack_new ();
  gtk_widget_set_hexpand (self->views, TRUE);
  gtk_stack_set_hhomogeneous (GTK_STACK (self->views), FALSE);
  self->memory = lw_memory_view_new (workbench);
  self->fits_memory_panel = true;
  gtk_stack_add_named (GTK_STACK (self->views), self->panes.columns, "panes");
  gtk_stack_add_named (GTK_STACK (self->views), self->memory, "memory");
  self->knobs = gtk_revealer_new ();
  gtk_revealer_set_transition_type (GTK_REVEALER (self->knobs),
                                    GTK_REVEALER_TRANSITION_TYPE_SLIDE_LEFT);
  gtk_revealer_set_child (GTK_REVEALER (self->knobs), lw_knobs_panel_new (workbench));
  gtk_widget_set_visible (self->knobs, FALSE);
  g_signal_connect_swapped (self->knobs, "notify::child-revealed", G_CALLBACK (knobs_revealed),
                            self);
  body = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_box_append (GTK_BOX (body), self->views);
  gtk_box_append (GTK_BOX (body), self->knobs);

  gtk_box_append (GTK_BOX (self->column), lw_explore_page_make_toolbar (self));
  gtk_box_append (GTK_BOX (self->column), body);
  return GTK_WIDGET (self);
}

static void
lw_explore_page_dispose (GObject *object)
{
  LwExplorePage *self = LW_EXPLORE_PAGE (object);

  g_clear_handle_id (&self->side_id, g_source_remove);
  g_clear_handle_id (&self->toolbar_id, g_source_remove);
  lw_explore_panes_clear (&self->panes);
  g_clear_pointer (&self->column, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_explore_page_parent_class)->dispose (object);
}

static void
lw_explore_page_class_init (LwExplorePageClass *klass)
{
  static const struct {
    guint key;
    int step;
  } zooms[] = { { GDK_KEY_plus, 1 },   { GDK_KEY_equal, 1 },        { GDK_KEY_KP_Add, 1 },
                { GDK_KEY_minus, -1 }, { GDK_KEY_KP_Subtract, -1 }, { GDK_KEY_0, 0 },
                { GDK_KEY_KP_0, 0 } };
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_explore_page_dispose;
  widget_class->size_allocate = lw_explore_page_size_allocate;
  widget_class->measure = lw_explore_page_measure;
  for (guint i = 0; i < G_N_ELEMENTS (zooms); i++)
    gtk_widget_class_add_binding (widget_class, zooms[i].key, GDK_CONTROL_MASK, zoom_key, "i",
                                  zooms[i].step);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_f, 0, fit_key, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Escape, 0, escape_key, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_z, GDK_CONTROL_MASK, undo_key, "b", FALSE);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_z, GDK_CONTROL_MASK | GDK_SHIFT_MASK,
                                undo_key, "b", TRUE);
}

static void
lw_explore_page_init (LwExplorePage *self)
{
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
}
