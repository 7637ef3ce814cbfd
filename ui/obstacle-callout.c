#include "ui/obstacle-callout.h"

#include "ui/accessible.h"
#include "ui/draw/shapes.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#define WIDTH           338
#define MARGIN          8 /* to the edges of the diagram */
#define GAP             9 /* between the ringed box and the arrow's tip */
#define ARROW           9 /* its height, and half its width */
#define RADIUS          12
#define LINE            2
#define PILL_MARGIN     12
#define CONTROLS_WIDTH  158 /* the zoom buttons, with their margin */
#define CONTROLS_HEIGHT 44
#define PILL_ROOM       98 /* pill and buttons one above the other */

struct _LwObstacleCallout {
  GtkWidget parent;
  LwWorkbench *workbench;
  LwDiagramView *diagram;
  GtkWidget *column, *title, *text, *trail, *use, *undo, *pill;
  double tip; /* x of the arrow; < 0: none */
  bool above; /* the callout stands above the layer */
};

G_DEFINE_FINAL_TYPE (LwObstacleCallout, lw_obstacle_callout, GTK_TYPE_WIDGET)

/* --- words -------------------------------------------------------------------------------------
 */

static const LwKnob *
culprit_knob (LwObstacleCallout *self, int *ret_nearest)
{
  const char *name = lw_workbench_culprit (self->workbench, ret_nearest);
  const LwModel *model = lw_options_model (lw_workbench_knobs (self->workbench));

  return name != NULL ? lw_model_knob (model, name) : NULL;
}

static char *
title_words (LwObstacleCallout *self, const LwKnob *knob)
{
  const LwOptions *options = lw_workbench_knobs (self->workbench);
  const LwShape input = lw_options_input (options);
  g_autofree char *value = NULL;

  if (knob == NULL)
    return g_strdup (_ ("This network cannot be built"));
  if (g_str_equal (knob->name, "input_size"))
    return g_strdup_printf (_ ("Input %d × %d is too small"), input.h, input.w);
  value = lw_options_get (options, knob->name);
  return g_strdup_printf (_ ("%s %s cannot work with input %d × %d"), _ (knob->title), value,
                          input.h, input.w);
}

/* The layer's title in the network that is shown, if it has it, with the block that may hide it:
 * "max pool (Block 5)". */
static char *
layer_title (LwObstacleCallout *self, const LwObstacle *obstacle)
{
  const LwGraph *graph = lw_workbench_graph (self->workbench);
  const LwNodeId node = lw_graph_find_node (graph, obstacle->layer);
  const LwBlockId block = node != LW_NO_NODE ? lw_graph_node (graph, node)->block : LW_ROOT_BLOCK;

  if (node == LW_NO_NODE)
    return g_markup_escape_text (obstacle->title, -1);
  if (block == LW_ROOT_BLOCK)
    return g_markup_escape_text (lw_graph_node (graph, node)->title, -1);
  return g_markup_printf_escaped ("%s (%s)", lw_graph_node (graph, node)->title,
                                  lw_graph_block (graph, block)->title);
}

static char *
text_words (LwObstacleCallout *self, const LwObstacle *obstacle)
{
  g_autofree char *layer = NULL, *giver = NULL, *gets = NULL;

  if (obstacle->layer == NULL || obstacle->needs == 0)
    return g_markup_escape_text (obstacle->sentence, -1);
  layer = layer_title (self, obstacle);
  giver = g_markup_escape_text (obstacle->giver, -1);
  gets = lw_diagram_shape_words (obstacle->gets);
  return g_strdup_printf (
      _ ("%s needs a map of at least <b>%d × %d</b>, but %s hands it <b>%s</b>."), layer,
      obstacle->needs, obstacle->needs, giver, gets);
}

static char *
use_words (const LwKnob *knob, int nearest)
{
  if (g_str_equal (knob->name, "input_size"))
    return g_strdup_printf (_ ("Use %d × %d, the smallest"), nearest, nearest);
  return g_strdup_printf (_ ("Use %s %d"), _ (knob->title), nearest);
}

static void
refresh (LwObstacleCallout *self)
{
  const LwObstacle *obstacle = lw_workbench_obstacle (self->workbench);
  const bool changed = gtk_widget_get_visible (GTK_WIDGET (self)) != (obstacle != NULL);
  int nearest = 0;
  const LwKnob *knob;
  g_autofree char *title = NULL, *text = NULL, *trail = NULL, *use = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self), obstacle != NULL);
  gtk_widget_set_visible (self->pill, obstacle != NULL);
  if (obstacle == NULL)
    return;
  knob = culprit_knob (self, &nearest);
  title = title_words (self, knob);
  text = text_words (self, obstacle);
  trail = lw_model_trail (lw_workbench_knobs (self->workbench));
  gtk_label_set_text (GTK_LABEL (self->title), title);
  gtk_label_set_markup (GTK_LABEL (self->text), text);
  gtk_widget_set_visible (self->trail, trail != NULL && obstacle->needs > 0);
  if (trail != NULL)
    gtk_label_set_text (GTK_LABEL (self->trail), trail);
  gtk_widget_set_visible (self->use, knob != NULL && nearest > 0);
  if (knob != NULL && nearest > 0) {
    use = use_words (knob, nearest);
    gtk_button_set_label (GTK_BUTTON (self->use), use);
    lw_name_widget (self->use, use);
  }
  gtk_widget_set_sensitive (self->undo, lw_workbench_can_undo (self->workbench));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, obstacle->sentence, -1);
  if (changed)
    gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
use_nearest (LwObstacleCallout *self)
{
  int nearest;
  const char *culprit = lw_workbench_culprit (self->workbench, &nearest);
  g_autofree char *value = g_strdup_printf ("%d", nearest);

  lw_workbench_settle (self->workbench); /* a step of its own */
  if (culprit != NULL)
    lw_workbench_turn (self->workbench, culprit, value, NULL);
  lw_workbench_settle (self->workbench);
}

/* --- place -------------------------------------------------------------------------------------
 */

/* In the bottom left corner, above the zoom buttons where there is no room beside them. */
static gboolean
place_pill (GtkWidget *overlay, GtkWidget *pill, GdkRectangle *place)
{
  const int height = gtk_widget_get_height (overlay);
  bool beside;

  gtk_widget_measure (pill, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &place->width, NULL, NULL);
  beside = gtk_widget_get_width (overlay) >= place->width + 2 * PILL_MARGIN + CONTROLS_WIDTH;
  gtk_widget_measure (pill, GTK_ORIENTATION_VERTICAL, -1, NULL, &place->height, NULL, NULL);
  place->x = PILL_MARGIN;
  place->y = height - place->height - PILL_MARGIN - (beside ? 0 : CONTROLS_HEIGHT);
  return TRUE;
}

static gboolean
place (GtkOverlay *overlay, GtkWidget *child, GdkRectangle *place, LwObstacleCallout *self)
{
  const int width = gtk_widget_get_width (GTK_WIDGET (overlay));
  const int height = gtk_widget_get_height (GTK_WIDGET (overlay));
  cairo_rectangle_t layer;
  double middle = width / 2.0;
  int least, most = MIN (WIDTH, width - 2 * MARGIN);

  if (child == self->pill)
    return place_pill (GTK_WIDGET (overlay), child, place);
  if (child != GTK_WIDGET (self))
    return FALSE;
  gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
  place->width = MAX (most, least);
  gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, place->width, NULL, &place->height, NULL,
                      NULL);
  self->tip = -1;
  place->y = (height - place->height) / 2;
  if (lw_diagram_view_obstacle_rect (self->diagram, &layer)) {
    const double below = layer.y + layer.height + GAP, above = layer.y - GAP - place->height;

    middle = layer.x + layer.width / 2;
    self->above = below + place->height > height - PILL_ROOM && above >= MARGIN;
    place->y = (int)(self->above ? above : below);
    if (layer.y + layer.height > 0 && layer.y < height)
      self->tip = middle;
  }
  place->y = CLAMP (place->y, MARGIN, MAX (height - place->height - MARGIN, MARGIN));
  place->x = CLAMP ((int)(middle - place->width / 2.0), MARGIN,
                    MAX (width - place->width - MARGIN, MARGIN));
  if (self->tip >= 0)
    self->tip = CLAMP (self->tip - place->x, RADIUS + 2 * ARROW, place->width - RADIUS - 2 * ARROW);
  return TRUE;
}

static void
diagram_moved (LwObstacleCallout *self)
{
  if (gtk_widget_get_visible (GTK_WIDGET (self)))
    gtk_widget_queue_allocate (gtk_widget_get_parent (GTK_WIDGET (self)));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* --- the bubble --------------------------------------------------------------------------------
 */

static void
lw_obstacle_callout_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwObstacleCallout *self = LW_OBSTACLE_CALLOUT (widget);
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  const double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  const double half = LINE / 2.0, top = ARROW + half, bottom = height - ARROW - half;
  cairo_t *cr = gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT (-4, -4, (float)width + 8, (float)height + 8));

  lw_path_rounded (cr, half, top, width - LINE, bottom - top, RADIUS);
  lw_set_colour (cr, theme->card, 1);
  cairo_fill_preserve (cr);
  lw_set_colour (cr, theme->error, 1);
  cairo_set_line_width (cr, LINE);
  cairo_stroke (cr);
  if (self->tip >= 0) {
    const double edge = self->above ? bottom : top, tip = self->above ? height - 1 : 1;
    const double inside = self->above ? -LINE : LINE;

    cairo_move_to (cr, self->tip - ARROW, edge + inside);
    cairo_line_to (cr, self->tip - ARROW, edge);
    cairo_line_to (cr, self->tip, tip);
    cairo_line_to (cr, self->tip + ARROW, edge);
    cairo_line_to (cr, self->tip + ARROW, edge + inside);
    lw_set_colour (cr, theme->card, 1);
    cairo_fill (cr);
    cairo_move_to (cr, self->tip - ARROW, edge);
    cairo_line_to (cr, self->tip, tip);
    cairo_line_to (cr, self->tip + ARROW, edge);
    lw_set_colour (cr, theme->error, 1);
    cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
    cairo_stroke (cr);
  }
  cairo_destroy (cr);
  gtk_widget_snapshot_child (widget, self->column, snapshot);
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static GtkWidget *
make_label (const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_widget_add_css_class (label, css_class);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  return label;
}

static GtkWidget *
make_pill (void)
{
  GtkWidget *pill = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *icon = gtk_image_new_from_icon_name ("dialog-warning-symbolic");

  gtk_widget_add_css_class (icon, "lw-warning-text");
  gtk_widget_add_css_class (pill, "lw-obstacle-pill");
  gtk_box_append (GTK_BOX (pill), icon);
  gtk_box_append (GTK_BOX (pill), gtk_label_new (_ ("Dimmed: the last network that worked")));
  gtk_widget_set_halign (pill, GTK_ALIGN_START);
  gtk_widget_set_valign (pill, GTK_ALIGN_END);
  gtk_widget_set_can_target (pill, FALSE);
  return pill;
}

void
lw_obstacle_callout_add (GtkOverlay *overlay, LwWorkbench *workbench, LwDiagramView *diagram)
{
  LwObstacleCallout *self = g_object_new (LW_TYPE_OBSTACLE_CALLOUT, NULL);

  self->workbench = workbench;
  self->diagram = diagram;
  self->pill = make_pill ();
  gtk_overlay_add_overlay (overlay, self->pill);
  gtk_overlay_add_overlay (overlay, GTK_WIDGET (self));
  g_signal_connect_object (overlay, "get-child-position", G_CALLBACK (place), self, 0);
  g_signal_connect_object (diagram, "moved", G_CALLBACK (diagram_moved), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "draft-changed", G_CALLBACK (refresh), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "selection-changed", G_CALLBACK (refresh), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_swapped (self->undo, "clicked", G_CALLBACK (lw_workbench_undo), workbench);
  refresh (self);
}

static void
lw_obstacle_callout_dispose (GObject *object)
{
  g_clear_pointer (&LW_OBSTACLE_CALLOUT (object)->column, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_obstacle_callout_parent_class)->dispose (object);
}

static void
lw_obstacle_callout_class_init (LwObstacleCalloutClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_obstacle_callout_dispose;
  widget_class->snapshot = lw_obstacle_callout_snapshot;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
lw_obstacle_callout_init (LwObstacleCallout *self)
{
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  self->tip = -1;
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 5);
  self->title = make_label ("lw-strong");
  gtk_widget_add_css_class (self->title, "lw-error-text");
  self->text = make_label ("lw-callout-text");
  self->trail = make_label ("lw-caption");
  self->use = gtk_button_new_with_label ("");
  self->undo = gtk_button_new_with_label (_ ("Undo"));
  lw_name_widget (self->undo, _ ("Undo the change that cannot work"));
  gtk_widget_add_css_class (self->use, "lw-strong");
  g_signal_connect_swapped (self->use, "clicked", G_CALLBACK (use_nearest), self);
  gtk_box_append (GTK_BOX (buttons), self->use);
  gtk_box_append (GTK_BOX (buttons), self->undo);
  gtk_widget_set_margin_top (buttons, 4);
  gtk_box_append (GTK_BOX (self->column), self->title);
  gtk_box_append (GTK_BOX (self->column), self->text);
  gtk_box_append (GTK_BOX (self->column), self->trail);
  gtk_box_append (GTK_BOX (self->column), buttons);
  gtk_widget_add_css_class (self->column, "lw-callout");
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
}
