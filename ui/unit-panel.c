#include "ui/unit-panel.h"

#include "ui/accessible.h"
#include "ui/draw/unit-arithmetic.h"
#include "engine/tensor_part.h"
#include "ui/unit-source.h"

#include <glib/gi18n.h>

#define NARROW 680
#define TRAIL  4 /* layers of the trail that are buttons */

struct _LwUnitPanel {
  GtkWidget parent;
  LwWorkbench *workbench;
  LwFeatureMapsView *view;
  GtkWidget *column, *title, *caption, *trail, *sources, *back, *forward, *copy, *fold;
  GtkWidget *body, *scroller, *picture, *absence;
  GArray *behind, *ahead; /* LwUnit */
  LwGraph *graph;         /* whose units they are */
  LwUnit shown;           /* node LW_NO_NODE: none */
  LwUnit pixel;           /* of the picture, looked at instead of the view's unit */
  LwUnit pixel_of;        /* the view's unit then */
  bool going;
};

G_DEFINE_FINAL_TYPE (LwUnitPanel, lw_unit_panel, GTK_TYPE_WIDGET)

static void refresh (LwUnitPanel *self);

static bool
same_unit (LwUnit a, LwUnit b)
{
  return a.node == b.node && a.channel == b.channel && a.row == b.row && a.column == b.column;
}

LwUnitPicture *
lw_unit_panel_picture (LwUnitPanel *self)
{
  return LW_UNIT_PICTURE (self->picture);
}

/* --- walking -------------------------------------------------------------------------------------
 */

static void
go (LwUnitPanel *self, LwUnit unit)
{
  LwGraph *graph = lw_workbench_graph (self->workbench);

  self->pixel.node = LW_NO_NODE;
  self->going = true;
  if (lw_graph_node (graph, unit.node)->op == LW_OP_INPUT &&
      lw_feature_maps_view_unit (self->view, &self->pixel_of))
    self->pixel = unit;
  lw_feature_maps_view_go (self->view, unit);
  self->going = false;
  refresh (self);
}

static void
follow (LwUnitPanel *self, int term, int cell)
{
  const LwUnitArithmetic *unit = lw_unit_picture_arithmetic (lw_unit_panel_picture (self));
  LwGraph *graph = lw_workbench_graph (self->workbench);
  LwUnit origin, from;

  if (unit == NULL || unit->n_terms == 0)
    return;
  if (term < 0)
    term = unit->largest[0];
  if (!lw_unit_origin (graph, unit, term, cell, &origin))
    return;
  from = unit->unit;
  g_array_append_val (self->behind, from);
  g_array_set_size (self->ahead, 0);
  go (self, origin);
}

static void
step_trail (LwUnitPanel *self, GArray *from, GArray *to)
{
  LwUnit unit;

  if (from->len == 0 || self->shown.node == LW_NO_NODE)
    return;
  unit = g_array_index (from, LwUnit, from->len - 1);
  g_array_set_size (from, from->len - 1);
  g_array_append_val (to, self->shown);
  go (self, unit);
}

static void
go_back (LwUnitPanel *self)
{
  step_trail (self, self->behind, self->ahead);
}

static void
go_forward (LwUnitPanel *self)
{
  step_trail (self, self->ahead, self->behind);
}

/* Rows and columns of a map; of a vector, units. */
static void
move_unit (LwUnitPanel *self, int rows, int columns)
{
  LwGraph *graph = lw_workbench_graph (self->workbench);
  LwUnit unit = self->shown;

  if (unit.node == LW_NO_NODE)
    return;
  if (lw_graph_node (graph, unit.node)->shape.flat)
    unit.channel += rows + columns;
  unit.row += lw_graph_node (graph, unit.node)->shape.flat ? 0 : rows;
  unit.column += lw_graph_node (graph, unit.node)->shape.flat ? 0 : columns;
  if (lw_unit_exists (graph, unit))
    go (self, unit);
}

/* --- the head ------------------------------------------------------------------------------------
 */

static bool
is_narrow (LwUnitPanel *self)
{
  const int width = gtk_widget_get_width (GTK_WIDGET (self));

  return width > 0 && width < NARROW;
}

static void
clear_box (GtkWidget *box)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (box)) != NULL)
    gtk_box_remove (GTK_BOX (box), child);
}

static void
trail_pressed (GtkButton *button, LwUnitPanel *self)
{
  const guint index = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "index"));

  while (self->behind->len > index + 1) { /* what is between lies ahead again */
    const LwUnit last = g_array_index (self->behind, LwUnit, self->behind->len - 1);

    g_array_append_val (self->ahead, self->shown);
    self->shown = last;
    g_array_set_size (self->behind, self->behind->len - 1);
  }
  go_back (self);
}

static GtkWidget *
small_button (const char *words)
{
  GtkWidget *button = gtk_button_new_with_label (words);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "lw-trail");
  return button;
}

static void
show_trail (LwUnitPanel *self)
{
  LwGraph *graph = lw_workbench_graph (self->workbench);
  const guint n = self->behind->len, most = is_narrow (self) ? 1 : TRAIL;
  const guint first = n > most ? n - most : 0;

  clear_box (self->trail);
  for (guint i = first; i < n; i++) {
    const LwUnit unit = g_array_index (self->behind, LwUnit, i);
    g_autofree char *words = lw_unit_words (graph, unit);
    GtkWidget *button = small_button (lw_graph_node (graph, unit.node)->title);
    GtkWidget *arrow = gtk_label_new ("›");

    g_object_set_data (G_OBJECT (button), "index", GUINT_TO_POINTER (i));
    gtk_widget_set_tooltip_text (button, words);
    g_signal_connect (button, "clicked", G_CALLBACK (trail_pressed), self);
    gtk_widget_add_css_class (arrow, "lw-caption");
    gtk_box_append (GTK_BOX (self->trail), button);
    gtk_box_append (GTK_BOX (self->trail), arrow);
  }
  gtk_widget_set_visible (self->trail, n > 0);
  gtk_widget_set_sensitive (self->back, n > 0);
  gtk_widget_set_sensitive (self->forward, self->ahead->len > 0);
}

static void
source_pressed (GtkButton *button, LwUnitPanel *self)
{
  follow (self, GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "term")) - 1, -1);
}

/* Where the value comes from: the largest contribution, or one of a few numbers. */
static void
show_sources (LwUnitPanel *self, const LwUnitArithmetic *unit)
{
  LwGraph *graph = lw_workbench_graph (self->workbench);
  const bool pictures = unit != NULL && unit->n_terms > 0 &&
                        (unit->rows * unit->columns > 1 || unit->terms[0].kernel != NULL);
  const int n = unit == NULL || unit->n_terms == 0 ? 0 : pictures ? 1 : MIN (unit->n_terms, 4);

  clear_box (self->sources);
  for (int i = 0; i < n; i++) {
    LwUnit origin;
    g_autofree char *words = NULL, *tip = NULL, *name = NULL;
    GtkWidget *button;

    if (!lw_unit_origin (graph, unit, pictures ? unit->largest[0] : i, -1, &origin))
      continue;
    words = lw_unit_words (graph, origin);
    tip = pictures ? g_strdup_printf (_ ("Go to the largest contribution: %s (Enter)"), words)
                   : g_strdup_printf (_ ("Go to %s"), words);
    name = g_strdup_printf (_ ("From %s"), lw_graph_node (graph, origin.node)->title);
    button = gtk_button_new_with_label (name);
    gtk_widget_add_css_class (button, "lw-trail");
    gtk_widget_set_tooltip_text (button, tip);
    g_object_set_data (G_OBJECT (button), "term", GINT_TO_POINTER (pictures ? 0 : i + 1));
    g_signal_connect (button, "clicked", G_CALLBACK (source_pressed), self);
    gtk_box_append (GTK_BOX (self->sources), button);
  }
}

static void
show_head (LwUnitPanel *self, const LwUnitArithmetic *unit)
{
  LwGraph *graph = lw_workbench_graph (self->workbench);
  g_autofree char *words = NULL, *caption = NULL;

  if (unit != NULL)
    words = lw_unit_words (graph, unit->unit);
  caption = lw_unit_picture_caption (lw_unit_panel_picture (self));
  gtk_label_set_text (GTK_LABEL (self->title), words != NULL ? words : "");
  gtk_label_set_text (GTK_LABEL (self->caption), caption != NULL ? caption : "");
  gtk_widget_set_tooltip_text (self->caption, caption);
  gtk_widget_set_opacity (self->caption, is_narrow (self) ? 0 : 1);
  gtk_label_set_max_width_chars (GTK_LABEL (self->caption), is_narrow (self) ? 1 : -1);
  gtk_widget_set_sensitive (self->copy, unit != NULL);
  show_trail (self);
}

/* The selection has gone to another network: units of the one before mean nothing in it. */
static void
forget_other_graph (LwUnitPanel *self)
{
  LwGraph *graph = lw_workbench_graph (self->workbench);

  if (graph == self->graph)
    return;
  g_clear_pointer (&self->graph, lw_graph_unref);
  self->graph = lw_graph_ref (graph);
  g_array_set_size (self->behind, 0);
  g_array_set_size (self->ahead, 0);
  self->pixel.node = LW_NO_NODE;
  lw_unit_picture_show (lw_unit_panel_picture (self), graph, NULL);
}

static bool
chosen_unit (LwUnitPanel *self, LwUnit *ret_unit)
{
  LwUnit unit;

  if (!lw_feature_maps_view_unit (self->view, &unit))
    return false;
  if (self->pixel.node != LW_NO_NODE && !same_unit (unit, self->pixel_of))
    self->pixel.node = LW_NO_NODE; /* the student has chosen another one since */
  *ret_unit = self->pixel.node != LW_NO_NODE ? self->pixel : unit;
  return lw_unit_exists (lw_workbench_graph (self->workbench), *ret_unit);
}

/* The arithmetic of the unit before stays until the weights of another one of the layer are there:
 * the panel neither blinks nor changes its height on the way. */
static bool
may_stay (LwUnitPanel *self, LwUnit unit)
{
  const LwUnitArithmetic *before = lw_unit_picture_arithmetic (lw_unit_panel_picture (self));

  return before != NULL && before->unit.node == unit.node &&
         lw_layer_has_rows (lw_workbench_graph (self->workbench), unit.node);
}

/* Whether another unit is shown than `unit`. */
static bool
shows_another (LwUnitPanel *self, LwUnit unit)
{
  const LwUnitArithmetic *before = lw_unit_picture_arithmetic (lw_unit_panel_picture (self));

  return before == NULL || !same_unit (unit, before->unit);
}

static void
refresh (LwUnitPanel *self)
{
  LwUnit unit;
  LwUnitArithmetic *arithmetic = NULL;
  bool chosen, moved;

  if (self->going)
    return;
  forget_other_graph (self);
  chosen = chosen_unit (self, &unit);
  if (chosen)
    lw_unit_source_ask (lw_feature_maps_view_source (self->view),
                        lw_workbench_graph (self->workbench), unit);
  if (chosen && !chosen_unit (self, &unit)) /* a live training begins a new frame */
    return;
  if (chosen)
    arithmetic = lw_unit_source_compute (lw_feature_maps_view_source (self->view),
                                         lw_workbench_graph (self->workbench), unit);
  moved = !chosen || shows_another (self, unit);
  self->shown = chosen ? unit : (LwUnit){ .node = LW_NO_NODE };
  gtk_widget_set_visible (self->column, chosen);
  if (chosen && arithmetic == NULL && may_stay (self, unit))
    return;
  lw_unit_picture_show (lw_unit_panel_picture (self), lw_workbench_graph (self->workbench),
                        arithmetic);
  gtk_widget_set_visible (self->scroller, arithmetic != NULL);
  gtk_widget_set_visible (self->absence, arithmetic == NULL);
  show_head (self, arithmetic);
  if (moved || gtk_widget_get_first_child (self->sources) == NULL)
    show_sources (self, arithmetic);
}

/* --- around it -----------------------------------------------------------------------------------
 */

static void
copy_text (LwUnitPanel *self)
{
  g_autofree char *text = lw_unit_picture_text (lw_unit_panel_picture (self));

  if (text == NULL)
    return;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  g_signal_emit_by_name (self->workbench, "complained", _ ("Copied the arithmetic of this unit"));
}

void
lw_unit_panel_set_open (LwUnitPanel *self, bool open)
{
  gtk_widget_set_visible (self->body, open);
  gtk_button_set_icon_name (GTK_BUTTON (self->fold),
                            open ? "pan-down-symbolic" : "pan-up-symbolic");
  gtk_widget_set_tooltip_text (self->fold,
                               open ? _ ("Hide the arithmetic") : _ ("Show the arithmetic"));
  lw_name_widget (self->fold, open ? _ ("Hide the arithmetic") : _ ("Show the arithmetic"));
}

static void
fold_pressed (LwUnitPanel *self)
{
  lw_unit_panel_set_open (self, !gtk_widget_get_visible (self->body));
}

static void
unit_activated (LwUnitPanel *self)
{
  lw_unit_panel_set_open (self, true);
  refresh (self);
}

static GtkWidget *
icon_button (LwUnitPanel *self, const char *icon, const char *tip, GCallback pressed)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, tip);
  if (tip != NULL)
    lw_name_widget (button, tip);
  gtk_widget_add_css_class (button, "flat");
  g_signal_connect_swapped (button, "clicked", pressed, self);
  return button;
}

static GtkWidget *
make_label (const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

static GtkWidget *
make_head (LwUnitPanel *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->back =
      icon_button (self, "go-previous-symbolic", _ ("Back (Backspace)"), G_CALLBACK (go_back));
  self->forward = icon_button (self, "go-next-symbolic", _ ("Forward"), G_CALLBACK (go_forward));
  self->trail = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2);
  self->title = make_label ("lw-strong");
  self->caption = make_label ("lw-caption");
  gtk_widget_set_hexpand (self->caption, TRUE);
  self->sources = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  self->copy = icon_button (self, "edit-copy-symbolic", _ ("Copy the arithmetic as text"),
                            G_CALLBACK (copy_text));
  self->fold = icon_button (self, "pan-down-symbolic", NULL, G_CALLBACK (fold_pressed));
  gtk_widget_add_css_class (head, "lw-unit-head");
  gtk_widget_set_valign (self->trail, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (self->sources, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (head), self->back);
  gtk_box_append (GTK_BOX (head), self->forward);
  gtk_box_append (GTK_BOX (head), self->trail);
  gtk_box_append (GTK_BOX (head), self->title);
  gtk_box_append (GTK_BOX (head), self->caption);
  gtk_box_append (GTK_BOX (head), self->sources);
  gtk_box_append (GTK_BOX (head), self->copy);
  gtk_box_append (GTK_BOX (head), self->fold);
  return head;
}

GtkWidget *
lw_unit_panel_new (LwWorkbench *workbench, LwFeatureMapsView *view)
{
  LwUnitPanel *self = g_object_new (LW_TYPE_UNIT_PANEL, NULL);

  self->workbench = workbench;
  self->view = view;
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
  self->body = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->picture = lw_unit_picture_new ();
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (self->scroller), TRUE);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (self->scroller), 64);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (self->scroller), 260);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), self->picture);
  gtk_widget_set_focusable (self->scroller, FALSE);
  self->absence = make_label ("lw-caption");
  gtk_label_set_text (GTK_LABEL (self->absence), _ ("Computing…"));
  gtk_box_append (GTK_BOX (self->column), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (self->column), make_head (self));
  gtk_box_append (GTK_BOX (self->body), self->absence);
  gtk_box_append (GTK_BOX (self->body), self->scroller);
  gtk_widget_add_css_class (self->body, "lw-unit-body");
  gtk_box_append (GTK_BOX (self->column), self->body);
  lw_unit_panel_set_open (self, true);
  g_signal_connect_swapped (self->picture, "moved", G_CALLBACK (move_unit), self);
  g_signal_connect_swapped (self->picture, "followed", G_CALLBACK (follow), self);
  g_signal_connect_swapped (self->picture, "back", G_CALLBACK (go_back), self);
  g_signal_connect_object (view, "unit-changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (view, "unit-activated", G_CALLBACK (unit_activated), self,
                           G_CONNECT_SWAPPED);
  refresh (self);
  return GTK_WIDGET (self);
}

static void
lw_unit_panel_dispose (GObject *object)
{
  g_clear_pointer (&LW_UNIT_PANEL (object)->column, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_unit_panel_parent_class)->dispose (object);
}

static void
lw_unit_panel_finalize (GObject *object)
{
  g_array_unref (LW_UNIT_PANEL (object)->behind);
  g_array_unref (LW_UNIT_PANEL (object)->ahead);
  g_clear_pointer (&LW_UNIT_PANEL (object)->graph, lw_graph_unref);
  G_OBJECT_CLASS (lw_unit_panel_parent_class)->finalize (object);
}

static void
lw_unit_panel_class_init (LwUnitPanelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_unit_panel_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_unit_panel_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_unit_panel_init (LwUnitPanel *self)
{
  self->behind = g_array_new (FALSE, FALSE, sizeof (LwUnit));
  self->ahead = g_array_new (FALSE, FALSE, sizeof (LwUnit));
  self->shown.node = self->pixel.node = LW_NO_NODE;
}
