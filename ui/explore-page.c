#include "ui/explore-page.h"

#include "ui/accessible.h"
#include "ui/change-view.h"
#include "ui/cost-table.h"
#include "ui/count-choice.h"
#include "ui/diagram-appearance.h"
#include "ui/diagram-minimap.h"
#include "ui/diagram-search.h"
#include "ui/diagram-view.h"
#include "ui/explore-panes.h"
#include "ui/export-dialog.h"
#include "ui/fold-buttons.h"
#include "ui/knobs-panel.h"
#include "ui/layer-inspector.h"
#include "ui/memory-view.h"
#include "ui/volumes-view.h"
#include "ui/zoom-controls.h"

#include <glib/gi18n.h>

/* Below this the toolbar leaves out what can be found elsewhere too. */
#define SHORT_TOOLBAR 860

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
  LwExportChoices export_choices; /* the last ones */
};

G_DEFINE_FINAL_TYPE (LwExplorePage, lw_explore_page, GTK_TYPE_WIDGET)

/* Where the toolbar has no room for a button to copy the table, the table's own menu has it. */
static gboolean
shorten_toolbar (gpointer data)
{
  LwExplorePage *self = data;

  if (self->copy != NULL)
    gtk_widget_set_visible (self->copy,
                            self->width >= SHORT_TOOLBAR && gtk_widget_get_visible (self->folding));
  return G_SOURCE_REMOVE;
}

static void
lw_explore_page_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  LwExplorePage *self = LW_EXPLORE_PAGE (widget);

  if (width != self->width || height != self->height) {
    GtkWidget *toolbar = gtk_widget_get_first_child (self->column);
    int toolbar_height;

    gtk_widget_measure (toolbar, GTK_ORIENTATION_VERTICAL, -1, NULL, &toolbar_height, NULL, NULL);
    if ((width >= SHORT_TOOLBAR) != (self->width >= SHORT_TOOLBAR) || self->width == 0)
      g_idle_add_full (G_PRIORITY_HIGH_IDLE, shorten_toolbar, g_object_ref (self), g_object_unref);
    self->width = width;
    self->height = height;
    lw_explore_panes_place (&self->panes, width, height - toolbar_height);
  }
  gtk_widget_size_allocate (self->column, &(GtkAllocation){ 0, 0, width, height }, baseline);
}

static void
lw_explore_page_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                         int *natural, int *minimum_baseline, int *natural_baseline)
{
  gtk_widget_measure (LW_EXPLORE_PAGE (widget)->column, orientation, for_size, minimum, natural,
                      minimum_baseline, natural_baseline);
}

/* --- toolbar -----------------------------------------------------------------------------------
 */

static void
count_changed (LwExplorePage *self)
{
  const LwCount count = lw_count_choice_count (LW_COUNT_CHOICE (self->count));

  lw_diagram_view_set_count (LW_DIAGRAM_VIEW (self->diagram), count);
  lw_cost_table_set_count (LW_COST_TABLE (self->table), count);
  lw_layer_inspector_set_count (LW_LAYER_INSPECTOR (self->inspector), count);
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
      if (drawings[i] != NULL) {
        gtk_stack_set_visible_child_name (GTK_STACK (self->drawing), drawings[i]);
        lw_explore_panes_turn (&self->panes, i == 1);
      }
      gtk_widget_set_visible (self->folding, drawings[i] != NULL);
      gtk_widget_set_visible (self->appearance, drawings[i] != NULL);
      gtk_stack_set_visible_child_name (GTK_STACK (self->tools), views[i]);
      shorten_toolbar (self);
    }
}

static void
knobs_toggled (LwExplorePage *self)
{
  const bool open = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->knobs_button));

  gtk_revealer_set_reveal_child (GTK_REVEALER (self->knobs), open);
  gtk_stack_set_visible_child_name (GTK_STACK (self->side), open ? "change" : "facts");
}

/* What is folded away takes no focus. */
static void
search_moved (LwExplorePage *self)
{
  GtkRevealer *search = GTK_REVEALER (self->search);

  gtk_widget_set_visible (self->search, gtk_revealer_get_reveal_child (search) ||
                                            gtk_revealer_get_child_revealed (search));
}

static void
search_toggled (LwExplorePage *self)
{
  const bool open = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->search_button));
  GtkWidget *row = gtk_revealer_get_child (GTK_REVEALER (self->search));

  gtk_revealer_set_reveal_child (GTK_REVEALER (self->search), open);
  search_moved (self);
  lw_diagram_search_set_active (LW_DIAGRAM_SEARCH (row), open);
  if (!open)
    gtk_widget_grab_focus (self->diagram);
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

  if (open && direction != 0) {
    lw_diagram_search_step (LW_DIAGRAM_SEARCH (row), direction);
    return;
  }
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->search_button), TRUE);
  lw_diagram_search_set_active (LW_DIAGRAM_SEARCH (row), true);
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

/* Copies the cost table. */
static GtkWidget *
copy_button (LwExplorePage *self)
{
  GtkWidget *button = gtk_menu_button_new ();
  g_autoptr (GMenuModel) menu = lw_cost_table_copy_menu ();

  gtk_widget_insert_action_group (button, "cost",
                                  lw_cost_table_actions (LW_COST_TABLE (self->table)));
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "edit-copy-symbolic");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), menu);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, _ ("Copy the table"));
  lw_name_widget (button, _ ("Copy the table"));
  return button;
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
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *space = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_add_css_class (row, "lw-toolbar");
  gtk_widget_set_hexpand (space, TRUE);
  self->count = lw_count_choice_new (self->workbench);
  g_signal_connect_swapped (self->count, "changed", G_CALLBACK (count_changed), self);
  self->search_button = icon_toggle ("system-search-symbolic", _ ("Search"));
  self->knobs_button = icon_toggle ("emblem-system-symbolic", _ ("Knobs"));
  g_signal_connect_swapped (self->search_button, "toggled", G_CALLBACK (search_toggled), self);
  g_signal_connect_swapped (self->knobs_button, "toggled", G_CALLBACK (knobs_toggled), self);
  self->folding = lw_fold_buttons_new (LW_DIAGRAM_VIEW (self->diagram));
  self->appearance = lw_diagram_appearance_new (LW_DIAGRAM_VIEW (self->diagram));
  gtk_box_append (GTK_BOX (row), self->search_button);
  gtk_box_append (GTK_BOX (row), self->folding);
  gtk_box_append (GTK_BOX (row),
                  make_choice (modes, modes_help, self->modes, G_CALLBACK (mode_toggled), self));
  gtk_box_append (GTK_BOX (row), self->appearance);
  gtk_box_append (GTK_BOX (row), space);
  self->tools = gtk_stack_new ();
  gtk_stack_set_hhomogeneous (GTK_STACK (self->tools), FALSE);
  gtk_stack_add_named (GTK_STACK (self->tools), self->count, "panes");
  gtk_stack_add_named (GTK_STACK (self->tools),
                       lw_memory_view_make_controls (LW_MEMORY_VIEW (self->memory)), "memory");
  self->copy = copy_button (self);
  gtk_box_append (GTK_BOX (row), self->tools);
  gtk_box_append (GTK_BOX (row), self->copy);
  gtk_box_append (GTK_BOX (row), self->knobs_button);
  return row;
}

/* --- keys that work anywhere on the page ---------------------------------------------------------
 */

static LwZoomable *
shown_drawing (LwExplorePage *self)
{
  return LW_ZOOMABLE (self->panes.flat ? self->volumes : self->diagram);
}

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
                                  .memory = self->memory };

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
  self->inspector = lw_layer_inspector_new (workbench);
  self->volumes = lw_volumes_view_new (workbench, LW_DIAGRAM_VIEW (self->diagram));
  overlay = with_controls (self->diagram, GTK_ALIGN_END);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay),
                           lw_diagram_minimap_new (LW_DIAGRAM_VIEW (self->diagram)));
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
  self->memory = lw_memory_view_new (workbench);
  gtk_stack_add_named (GTK_STACK (self->views), self->panes.columns, "panes");
  gtk_stack_add_named (GTK_STACK (self->views), self->memory, "memory");
  self->knobs = gtk_revealer_new ();
  gtk_revealer_set_transition_type (GTK_REVEALER (self->knobs),
                                    GTK_REVEALER_TRANSITION_TYPE_SLIDE_LEFT);
  gtk_revealer_set_child (GTK_REVEALER (self->knobs), lw_knobs_panel_new (workbench));
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
  LwExplorePage *self = LW_EXPLORE_PAGE (object);

  self->copy = NULL;
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
}

static void
lw_explore_page_init (LwExplorePage *self)
{
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
}
