#include "ui/explore-page.h"

#include "ui/change-view.h"
#include "ui/cost-table.h"
#include "ui/diagram-appearance.h"
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

struct _LwExplorePage {
  GtkWidget parent;
  LwWorkbench *workbench;             /* borrowed: it lives longer */
  GtkWidget *column, *columns, *rows; /* toolbar and panes; left and right; table and inspector */
  GtkWidget *diagram, *table, *inspector;
  GtkWidget *counts[3];
  GtkWidget *search, *search_button, *knobs, *knobs_button;
  GtkWidget *modes[3];
  GtkWidget *views;   /* panes, or memory */
  GtkWidget *drawing; /* the left pane: diagram or volumes */
  GtkWidget *side;    /* the right pane: table and inspector, or what the knobs change */
  int width, height;  /* that the panes were placed for */
  int right, below;   /* sizes that were dragged; 0: none */
  bool dragging;      /* a button is held down on the panes */
  guint side_id;      /* until the right pane is shown or hidden */
};

G_DEFINE_FINAL_TYPE (LwExplorePage, lw_explore_page, GTK_TYPE_WIDGET)

/* --- panes ------------------------------------------------------------------------------------ */

static bool
knobs_open (const LwExplorePage *self)
{
  return gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->knobs_button));
}

/* Gives the end child `size` of the pane's `next` length. With its next allocation the pane adds to
 * the position by how much it has grown, so the position is set for the length that it has `now`.
 */
static void
set_end_size (GtkWidget *pane, int now, int next, int size)
{
  gtk_paned_set_position (GTK_PANED (pane), MAX ((now > 0 ? now : next) - size, 0));
}

/* The panes keep their proportions, and what was dragged keeps its size. */
static void
place_panes (LwExplorePage *self, int width, int height)
{
  const int right = lw_explore_right_width (width, self->right, knobs_open (self));
  const int below = lw_explore_inspector_height (height, self->below);

  set_end_size (self->columns, gtk_widget_get_width (self->columns), width, right);
  set_end_size (self->rows, gtk_widget_get_height (self->rows), height, below);
  lw_layer_inspector_set_narrow (LW_LAYER_INSPECTOR (self->inspector), right < LW_INSPECTOR_NARROW);
}

/* A pane's position also changes when its content asks for more room; only what happens while a
 * button is held is somebody's wish. */
static gboolean
watch_button (GtkEventControllerLegacy *controller, GdkEvent *event, LwExplorePage *self)
{
  const GdkEventType type = gdk_event_get_event_type (event);

  (void)controller;
  if (type == GDK_BUTTON_PRESS)
    self->dragging = true;
  else if (type == GDK_BUTTON_RELEASE)
    self->dragging = false;
  return GDK_EVENT_PROPAGATE;
}

static void
columns_dragged (LwExplorePage *self)
{
  const int width = gtk_widget_get_width (self->columns);

  if (!self->dragging || width == 0 || knobs_open (self))
    return; /* the pane moves with its size and content, nobody drags it */
  self->right = width - gtk_paned_get_position (GTK_PANED (self->columns));
  lw_layer_inspector_set_narrow (LW_LAYER_INSPECTOR (self->inspector),
                                 self->right < LW_INSPECTOR_NARROW);
}

static void
rows_dragged (LwExplorePage *self)
{
  const int height = gtk_widget_get_height (self->rows);

  if (self->dragging && height > 0)
    self->below = height - gtk_paned_get_position (GTK_PANED (self->rows));
}

/* Not in the midst of an allocation: the page's least width changes with it. */
static gboolean
show_side (gpointer data)
{
  LwExplorePage *self = LW_EXPLORE_PAGE (data);

  self->side_id = 0;
  gtk_widget_set_visible (self->side, lw_explore_has_right (self->width, knobs_open (self)));
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
    self->width = width;
    self->height = height;
    place_panes (self, width, height - toolbar_height);
  }
  if (self->side_id == 0 &&
      gtk_widget_get_visible (self->side) != lw_explore_has_right (width, knobs_open (self)))
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

/* --- toolbar -----------------------------------------------------------------------------------
 */

static void
count_toggled (GtkToggleButton *button, LwExplorePage *self)
{
  if (!gtk_toggle_button_get_active (button))
    return;
  for (int i = 0; i < 3; i++)
    if (self->counts[i] == GTK_WIDGET (button)) {
      lw_diagram_view_set_count (LW_DIAGRAM_VIEW (self->diagram), (LwCount)i);
      lw_cost_table_set_count (LW_COST_TABLE (self->table), (LwCount)i);
      lw_layer_inspector_set_count (LW_LAYER_INSPECTOR (self->inspector), (LwCount)i);
    }
}

static GtkWidget *
icon_button (const char *icon, const char *name, GCallback callback, gpointer data)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect_swapped (button, "clicked", callback, data);
  return button;
}

/* Several views of one network, and one of them shown. */
static void
mode_toggled (GtkToggleButton *button, LwExplorePage *self)
{
  static const char *const views[] = { "panes", "panes", "memory" };
  static const char *const drawings[] = { "blocks", "volumes", NULL };

  if (!gtk_toggle_button_get_active (button))
    return;
  for (int i = 0; i < 3; i++)
    if (self->modes[i] == GTK_WIDGET (button)) {
      gtk_stack_set_visible_child_name (GTK_STACK (self->views), views[i]);
      if (drawings[i] != NULL)
        gtk_stack_set_visible_child_name (GTK_STACK (self->drawing), drawings[i]);
    }
}

static void
knobs_toggled (LwExplorePage *self)
{
  const bool open = knobs_open (self);

  if (open)
    gtk_widget_set_visible (self->knobs, TRUE);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->knobs), open);
  gtk_stack_set_visible_child_name (GTK_STACK (self->side), open ? "change" : "facts");
  gtk_widget_set_visible (self->side, lw_explore_has_right (self->width, knobs_open (self)));
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

static GtkWidget *
icon_toggle (const char *icon, const char *name)
{
  GtkWidget *button = gtk_toggle_button_new ();

  gtk_button_set_icon_name (GTK_BUTTON (button), icon);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  return button;
}

/* Joined buttons of which one is pressed. */
static GtkWidget *
make_choice (const char *const names[3], const char *const help[3], GtkWidget *buttons[3],
             GCallback toggled, gpointer data)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_add_css_class (box, "linked");
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  for (int i = 0; i < 3; i++) {
    buttons[i] = gtk_toggle_button_new_with_label (_ (names[i]));
    gtk_widget_set_tooltip_text (buttons[i], _ (help[i]));
    if (i > 0)
      gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (buttons[i]), GTK_TOGGLE_BUTTON (buttons[0]));
    gtk_box_append (GTK_BOX (box), buttons[i]);
  }
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (buttons[0]), TRUE);
  for (int i = 0; i < 3; i++)
    g_signal_connect (buttons[i], "toggled", toggled, data);
  return box;
}

static GtkWidget *
make_toolbar (LwExplorePage *self)
{
  static const char *const modes[] = { N_ ("Blocks"), N_ ("Volumes"), N_ ("Memory") };
  static const char *const modes_help[] = {
    N_ ("The layers as boxes and what runs between them"),
    N_ ("Each layer as large as what leaves it"),
    N_ ("What lies in memory while a batch is computed"),
  };
  static const char *const names[] = { N_ ("MACs"), N_ ("FLOPs"), N_ ("All operations") };
  static const char *const help[] = {
    N_ ("Multiply-accumulates of convolutions and linear layers"),
    N_ ("Floating-point operations of convolutions and linear layers: 2 × MACs"),
    N_ ("Bias, normalization, activation and pooling counted too"),
  };
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *folding = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *space = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *title = gtk_label_new (_ ("Count"));

  gtk_widget_add_css_class (row, "lw-toolbar");
  gtk_widget_add_css_class (folding, "linked");
  gtk_widget_add_css_class (title, "lw-caption");
  gtk_widget_set_valign (folding, GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (space, TRUE);
  gtk_box_append (GTK_BOX (folding),
                  icon_button ("lw-unfold-symbolic", _ ("Unfold all"),
                               G_CALLBACK (lw_diagram_view_unfold_all), self->diagram));
  gtk_box_append (GTK_BOX (folding),
                  icon_button ("lw-fold-symbolic", _ ("Fold all"),
                               G_CALLBACK (lw_diagram_view_fold_all), self->diagram));
  self->search_button = icon_toggle ("system-search-symbolic", _ ("Search"));
  self->knobs_button = icon_toggle ("emblem-system-symbolic", _ ("Knobs"));
  g_object_bind_property (self->search_button, "active", self->search, "reveal-child",
                          G_BINDING_BIDIRECTIONAL);
  g_signal_connect_swapped (self->knobs_button, "toggled", G_CALLBACK (knobs_toggled), self);
  gtk_box_append (GTK_BOX (row), self->search_button);
  gtk_box_append (GTK_BOX (row), folding);
  gtk_box_append (GTK_BOX (row),
                  make_choice (modes, modes_help, self->modes, G_CALLBACK (mode_toggled), self));
  gtk_box_append (GTK_BOX (row), lw_diagram_appearance_new (LW_DIAGRAM_VIEW (self->diagram)));
  gtk_box_append (GTK_BOX (row), space);
  gtk_box_append (GTK_BOX (row), title);
  gtk_box_append (GTK_BOX (row),
                  make_choice (names, help, self->counts, G_CALLBACK (count_toggled), self));
  gtk_box_append (GTK_BOX (row), self->knobs_button);
  return row;
}

/* --- keys that work anywhere on the page ---------------------------------------------------------
 */

static gboolean
zoom_key (GtkWidget *widget, GVariant *direction, gpointer data)
{
  LwDiagramView *diagram = LW_DIAGRAM_VIEW (LW_EXPLORE_PAGE (widget)->diagram);
  const int step = g_variant_get_int32 (direction);

  (void)data;
  if (step == 0)
    lw_diagram_view_zoom_to (diagram, 1);
  else
    lw_diagram_view_zoom_by (diagram, step);
  return TRUE;
}

static gboolean
fit_key (GtkWidget *widget, GVariant *unused, gpointer data)
{
  (void)unused;
  (void)data;
  lw_diagram_view_fit (LW_DIAGRAM_VIEW (LW_EXPLORE_PAGE (widget)->diagram));
  return TRUE;
}

/* --- set-up -------------------------------------------------------------------------------------
 */

bool
lw_explore_page_export (LwExplorePage *self, const char *path, GError **error)
{
  return lw_diagram_view_export (LW_DIAGRAM_VIEW (self->diagram), path, error);
}

GtkWidget *
lw_explore_page_new (LwWorkbench *workbench)
{
  LwExplorePage *self = g_object_new (LW_TYPE_EXPLORE_PAGE, NULL);
  GtkWidget *overlay = gtk_overlay_new ();
  GtkWidget *left, *body;
  GtkEventController *buttons;

  self->workbench = workbench;
  self->diagram = lw_diagram_view_new (workbench);
  self->table = lw_cost_table_new (workbench);
  self->inspector = lw_layer_inspector_new (workbench);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), self->diagram);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay),
                           lw_zoom_controls_new (LW_DIAGRAM_VIEW (self->diagram)));
  lw_obstacle_callout_add (GTK_OVERLAY (overlay), workbench, LW_DIAGRAM_VIEW (self->diagram));
  gtk_widget_set_size_request (overlay, LW_DIAGRAM_LEAST, -1);

  self->drawing = gtk_stack_new ();
  gtk_widget_set_vexpand (self->drawing, TRUE);
  gtk_stack_add_named (GTK_STACK (self->drawing), overlay, "blocks");
  gtk_stack_add_named (GTK_STACK (self->drawing), lw_volumes_view_new (workbench), "volumes");
  self->search = gtk_revealer_new ();
  gtk_revealer_set_child (GTK_REVEALER (self->search),
                          lw_diagram_search_new (LW_DIAGRAM_VIEW (self->diagram)));
  left = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (left), self->search);
  gtk_box_append (GTK_BOX (left), self->drawing);

  self->rows = gtk_paned_new (GTK_ORIENTATION_VERTICAL);
  gtk_paned_set_start_child (GTK_PANED (self->rows), self->table);
  gtk_paned_set_end_child (GTK_PANED (self->rows), self->inspector);
  gtk_paned_set_resize_end_child (GTK_PANED (self->rows), FALSE);
  gtk_paned_set_shrink_start_child (GTK_PANED (self->rows), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (self->rows), FALSE);

  self->side = gtk_stack_new ();
  gtk_stack_set_hhomogeneous (GTK_STACK (self->side), FALSE);
  gtk_stack_add_named (GTK_STACK (self->side), self->rows, "facts");
  gtk_stack_add_named (GTK_STACK (self->side), lw_change_view_new (workbench), "change");

  buttons = gtk_event_controller_legacy_new ();
  gtk_event_controller_set_propagation_phase (buttons, GTK_PHASE_CAPTURE);
  g_signal_connect (buttons, "event", G_CALLBACK (watch_button), self);
  self->columns = gtk_paned_new (GTK_ORIENTATION_HORIZONTAL);
  gtk_widget_add_controller (self->columns, buttons);
  gtk_paned_set_start_child (GTK_PANED (self->columns), left);
  gtk_paned_set_end_child (GTK_PANED (self->columns), self->side);
  gtk_paned_set_resize_end_child (GTK_PANED (self->columns), FALSE);
  gtk_paned_set_shrink_start_child (GTK_PANED (self->columns), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (self->columns), FALSE);
  gtk_widget_set_vexpand (self->columns, TRUE);
  g_signal_connect_swapped (self->columns, "notify::position", G_CALLBACK (columns_dragged), self);
  g_signal_connect_swapped (self->rows, "notify::position", G_CALLBACK (rows_dragged), self);

  self->views = gtk_stack_new ();
  gtk_widget_set_hexpand (self->views, TRUE);
  gtk_stack_add_named (GTK_STACK (self->views), self->columns, "panes");
  gtk_stack_add_named (GTK_STACK (self->views), lw_memory_view_new (workbench), "memory");
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

  gtk_box_append (GTK_BOX (self->column), make_toolbar (self));
  gtk_box_append (GTK_BOX (self->column), body);
  return GTK_WIDGET (self);
}

static void
lw_explore_page_dispose (GObject *object)
{
  g_clear_handle_id (&LW_EXPLORE_PAGE (object)->side_id, g_source_remove);
  g_clear_pointer (&LW_EXPLORE_PAGE (object)->column, gtk_widget_unparent);
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
