#include "ui/cost-row.h"

#include "ui/accessible.h"
#include "ui/cost-hint.h"
#include "ui/kind-mark.h"

#include <glib/gi18n.h>

#define PAD_LEFT    8
#define PAD_RIGHT   20
#define GAP         12 /* between a number and its share */
#define COLUMN_GAP  14 /* between columns; a head's arrow stands in it */
#define SHARE_WIDTH 54
#define SHARE_LEAST 30 /* the head's word fits */
#define HEAD_INDENT 20 /* an expander's place */
#define MENU_WIDTH  18 /* at the right: at the left the pane's handle takes the clicks */
#define LEAST_NAME  90
/* A name narrower than this costs the shares their place. */
#define LEAST_NAME_WITH_SHARES 124

struct _LwCostRow {
  GtkWidget parent;
  const LwCostColumns *columns;
  GtkWidget *menu;                /* of the head */
  GtkWidget *cells[LW_N_COLUMNS]; /* that of the layer is a tree expander; the head's are buttons */
  GtkWidget *shares[2];
  GtkWidget *mark, *title, *suffix;
  GtkWidget *labels[LW_N_COLUMNS], *arrows[LW_N_COLUMNS]; /* within the head's buttons */
  GtkTreeListRow *row;
  LwCostItem *item; /* the row forgets it when its model goes */
  gulong expanded_id;
};

G_DEFINE_FINAL_TYPE (LwCostRow, lw_cost_row, GTK_TYPE_WIDGET)

static GtkWidget *
label_new (LwCostRow *self, const char *text, float xalign, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), xalign);
  gtk_label_set_single_line_mode (GTK_LABEL (label), TRUE);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  if (self != NULL)
    gtk_widget_set_parent (label, GTK_WIDGET (self));
  return label;
}

/* --- filling --------------------------------------------------------------------------------- */

static void
show_suffix (LwCostRow *self)
{
  const char *suffix = lw_cost_item_suffix (self->item);
  const bool open = lw_cost_item_is_group (self->item) &&
                    lw_cost_item_spot (self->item).block >= 0 &&
                    gtk_tree_list_row_get_expanded (self->row);

  gtk_label_set_text (GTK_LABEL (self->suffix), suffix != NULL ? suffix : "");
  gtk_widget_set_visible (self->suffix, suffix != NULL && !open);
}

static void
set_number (GtkWidget *label, int64_t number)
{
  g_autofree char *text = lw_format_exact (number);

  gtk_label_set_text (GTK_LABEL (label), text);
  if (number == 0)
    gtk_widget_add_css_class (label, "lw-dim");
  else
    gtk_widget_remove_css_class (label, "lw-dim");
}

static void
fill_cells (LwCostRow *self, LwCostItem *item)
{
  const LwCost cost = lw_cost_item_cost (item);
  const int64_t value = lw_cost_value (cost, self->columns->rows.count);
  const int32_t field = lw_cost_item_field (item);
  g_autofree char *pixels = field > 0 ? g_strdup_printf ("%d", field) : NULL;
  g_autofree char *bytes = lw_format_bytes (cost.output_bytes);

  gtk_label_set_text (GTK_LABEL (self->cells[LW_COLUMN_OUTPUT]), lw_cost_item_output (item));
  gtk_label_set_text (GTK_LABEL (self->cells[LW_COLUMN_WINDOW]), lw_cost_item_window (item));
  gtk_label_set_text (GTK_LABEL (self->cells[LW_COLUMN_FIELD]), pixels != NULL ? pixels : "");
  gtk_label_set_text (GTK_LABEL (self->cells[LW_COLUMN_MEMORY]), bytes);
  set_number (self->cells[LW_COLUMN_PARAMETERS], cost.parameters);
  set_number (self->cells[LW_COLUMN_VALUE], value);
  lw_share_bar_set_share (LW_SHARE_BAR (self->shares[0]), cost.parameters,
                          self->columns->parameters);
  lw_share_bar_set_share (LW_SHARE_BAR (self->shares[1]), value, self->columns->value);
}

/* The list's own widget around the row, and the expander, take the focus; neither has a name. */
static void
name_row (LwCostRow *self, LwCostItem *item)
{
  GtkWidget *list_item = gtk_widget_get_parent (GTK_WIDGET (self));
  const LwCost cost = lw_cost_item_cost (item);
  g_autofree char *n = lw_format_exact (cost.parameters);
  g_autofree char *value = lw_format_exact (lw_cost_value (cost, self->columns->rows.count));
  g_autofree char *words =
      *lw_cost_item_output (item) != '\0'
          ? g_strdup_printf (_ ("%s, output %s, %s parameters, cost %s"), lw_cost_item_title (item),
                             lw_cost_item_output (item), n, value)
          : g_strdup_printf (_ ("%s, %s parameters, cost %s"), lw_cost_item_title (item), n, value);

  lw_name_widget (self->cells[LW_COLUMN_LAYER], lw_cost_item_title (item));
  if (list_item != NULL)
    lw_name_widget (list_item, words);
}

void
lw_cost_row_bind (LwCostRow *self, GtkTreeListRow *row)
{
  g_autoptr (LwCostItem) item = gtk_tree_list_row_get_item (row);

  lw_cost_row_unbind (self);
  self->row = g_object_ref (row);
  self->item = g_object_ref (item);
  self->expanded_id =
      g_signal_connect_swapped (row, "notify::expanded", G_CALLBACK (show_suffix), self);
  gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (self->cells[LW_COLUMN_LAYER]), row);
  lw_kind_mark_set_kind (LW_KIND_MARK (self->mark), lw_cost_item_kind (item));
  gtk_widget_set_visible (self->mark, lw_cost_item_spot (item).block < 0);
  gtk_label_set_text (GTK_LABEL (self->title), lw_cost_item_title (item));
  show_suffix (self);
  fill_cells (self, item);
  name_row (self, item);
}

void
lw_cost_row_unbind (LwCostRow *self)
{
  if (self->row == NULL)
    return;
  g_clear_signal_handler (&self->expanded_id, self->row);
  gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (self->cells[LW_COLUMN_LAYER]), NULL);
  g_clear_object (&self->row);
  g_clear_object (&self->item);
}

/* --- layout ---------------------------------------------------------------------------------- */

static int
natural_width (const LwCostColumns *columns, bool shares)
{
  int width = PAD_LEFT + PAD_RIGHT - COLUMN_GAP;

  for (int i = LW_COLUMN_OUTPUT; i < LW_N_COLUMNS; i++)
    if (columns->shown[i])
      width += columns->widths[i] + COLUMN_GAP;
  return width + (shares ? 2 * (GAP + SHARE_WIDTH) : 0);
}

/* Of a row this wide; 0: there is no room for them. */
static int
share_width (const LwCostColumns *columns, int width)
{
  const int room = width - natural_width (columns, false) - LEAST_NAME_WITH_SHARES;
  const int share = MIN (room / 2 - GAP, SHARE_WIDTH);

  return share >= SHARE_LEAST ? share : 0;
}

int
lw_cost_columns_least (const LwCostColumns *columns)
{
  return natural_width (columns, false) + LEAST_NAME;
}

static void
lw_cost_row_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                     int *natural, int *minimum_baseline, int *natural_baseline)
{
  LwCostRow *self = LW_COST_ROW (widget);

  (void)for_size;
  *minimum_baseline = *natural_baseline = -1;
  if (orientation == GTK_ORIENTATION_HORIZONTAL) {
    *minimum = lw_cost_columns_least (self->columns);
    *natural = natural_width (self->columns, true) + LEAST_NAME_WITH_SHARES;
    return;
  }
  *minimum = *natural = 0;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    int height;

    gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, -1, NULL, &height, NULL, NULL);
    *minimum = *natural = MAX (*natural, height);
  }
}

static void
put (GtkWidget *child, int x, int width, int height)
{
  gtk_widget_size_allocate (child, &(GtkAllocation){ x, 0, width, height }, -1);
}

/* Puts a column left of `right` and returns its left edge. A head's button covers the gap too. */
static int
put_column (LwCostRow *self, LwCostColumn column, int right, int height)
{
  const int width = self->columns->widths[column];
  const int gap = self->labels[column] != NULL ? COLUMN_GAP : 0;

  put (self->cells[column], right - width - gap, width + gap, height);
  return right - width;
}

static void
lw_cost_row_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  LwCostRow *self = LW_COST_ROW (widget);
  const LwCostColumns *c = self->columns;
  const int shares = share_width (c, width);
  const int left = self->menu != NULL ? PAD_LEFT + HEAD_INDENT : PAD_LEFT;
  int x = width - PAD_RIGHT, output;

  (void)baseline;
  if (self->menu != NULL)
    put (self->menu, width - MENU_WIDTH, MENU_WIDTH, height);
  gtk_widget_set_child_visible (self->shares[0], shares > 0);
  gtk_widget_set_child_visible (self->shares[1], shares > 0);
  for (int i = LW_N_COLUMNS - 1; i > LW_COLUMN_OUTPUT; i--) {
    GtkWidget *share = i == LW_COLUMN_VALUE        ? self->shares[1]
                       : i == LW_COLUMN_PARAMETERS ? self->shares[0]
                                                   : NULL;

    gtk_widget_set_child_visible (self->cells[i], c->shown[i]);
    if (!c->shown[i])
      continue;
    if (shares > 0 && share != NULL) {
      x -= shares;
      put (share, x, shares, height);
      x -= GAP;
    }
    x = put_column (self, (LwCostColumn)i, x, height) - COLUMN_GAP;
  }
  /* What the output leaves of its column, the name may have. */
  gtk_widget_measure (self->cells[LW_COLUMN_OUTPUT], GTK_ORIENTATION_HORIZONTAL, -1, NULL, &output,
                      NULL, NULL);
  output = MIN (output, c->widths[LW_COLUMN_OUTPUT]);
  if (self->labels[LW_COLUMN_OUTPUT] != NULL)
    output = c->widths[LW_COLUMN_OUTPUT];
  x -= output;
  put (self->cells[LW_COLUMN_OUTPUT], x, output, height);
  put (self->cells[LW_COLUMN_LAYER], left, MAX (x - left - 6, 1), height);
}

/* --- hints ----------------------------------------------------------------------------------- */

static gboolean
query_tooltip (LwCostRow *self, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  g_autofree char *hint = NULL;

  (void)y;
  if (keyboard || self->item == NULL)
    return FALSE;
  for (int i = 0; i < LW_N_COLUMNS && hint == NULL; i++) {
    graphene_rect_t bounds;

    if (self->columns->shown[i] &&
        gtk_widget_compute_bounds (self->cells[i], GTK_WIDGET (self), &bounds) &&
        (float)x >= bounds.origin.x && (float)x < bounds.origin.x + bounds.size.width)
      hint = lw_cost_hint (self->columns->graph, self->item, (LwCostColumn)i,
                           self->columns->rows.count);
  }
  gtk_tooltip_set_text (tooltip, hint);
  return hint != NULL;
}

/* --- set-up ---------------------------------------------------------------------------------- */

/* What a head's button says under the pointer. */
static const char *
column_help (LwCostColumn column)
{
  static const char *const help[LW_N_COLUMNS] = {
    [LW_COLUMN_LAYER] = N_ ("Sort by name"),
    [LW_COLUMN_OUTPUT] = N_ ("Channels × height × width of the output. Sort by how many numbers"),
    [LW_COLUMN_WINDOW] = N_ ("Kernel, stride, padding. Sort by the kernel"),
    [LW_COLUMN_FIELD] =
        N_ ("Receptive field: pixels of the image that one output unit sees, a side. Sort by it"),
    [LW_COLUMN_MEMORY] = N_ ("Memory of the output for an image. Sort by it"),
    [LW_COLUMN_PARAMETERS] = N_ ("Sort by parameters"),
    [LW_COLUMN_VALUE] = N_ ("Sort by what is counted"),
  };

  return _ (help[column]);
}

void
lw_cost_row_update_head (LwCostRow *self)
{
  const LwCostRows *rows = &self->columns->rows;

  for (int i = 0; i < LW_N_COLUMNS; i++) {
    const bool sorted = rows->order != LW_ORDER_GRAPH && (int)rows->sorted_by == i;
    const bool up = rows->order == LW_ORDER_ASCENDING;
    const char *title = lw_cost_column_title ((LwCostColumn)i, rows->count);

    gtk_widget_set_visible (self->cells[i], self->columns->shown[i]);
    gtk_label_set_text (GTK_LABEL (self->labels[i]), title);
    lw_name_widget (self->cells[i], title);
    gtk_image_set_from_icon_name (GTK_IMAGE (self->arrows[i]),
                                  up ? "pan-up-symbolic" : "pan-down-symbolic");
    gtk_widget_set_opacity (self->arrows[i], sorted ? 1 : 0);
    gtk_widget_set_visible (self->arrows[i], sorted || i != LW_COLUMN_LAYER);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->cells[i]),
                                    GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                    !sorted ? ""
                                    : up    ? _ ("sorted, smallest first")
                                            : _ ("sorted, largest first"),
                                    -1);
  }
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

/* The arrow stands where numbers leave room: left of their title, right of the name's. */
static GtkWidget *
head_button (LwCostRow *self, LwCostColumn column)
{
  GtkWidget *button = gtk_button_new (), *content = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  g_autofree char *action = g_strdup_printf ("cost.sort(%d)", (int)column);

  self->labels[column] = label_new (NULL, NULL, column == LW_COLUMN_LAYER ? 0 : 1, "lw-heading");
  self->arrows[column] = gtk_image_new ();
  gtk_image_set_pixel_size (GTK_IMAGE (self->arrows[column]), COLUMN_GAP - 2);
  gtk_widget_set_margin_end (self->arrows[column], 2);
  gtk_box_append (GTK_BOX (content), self->labels[column]);
  if (column == LW_COLUMN_LAYER)
    gtk_box_append (GTK_BOX (content), self->arrows[column]);
  else
    gtk_box_prepend (GTK_BOX (content), self->arrows[column]);
  gtk_widget_set_halign (content, column == LW_COLUMN_LAYER ? GTK_ALIGN_START : GTK_ALIGN_END);
  gtk_button_set_child (GTK_BUTTON (button), content);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "lw-cost-sort");
  gtk_widget_set_tooltip_text (button, column_help (column));
  gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_parent (button, GTK_WIDGET (self));
  return button;
}

GtkWidget *
lw_cost_row_new_head (const LwCostColumns *columns, GtkWidget *menu)
{
  LwCostRow *self = g_object_new (LW_TYPE_COST_ROW, NULL);

  self->columns = columns;
  self->menu = menu;
  gtk_widget_set_parent (menu, GTK_WIDGET (self));
  gtk_widget_add_css_class (GTK_WIDGET (self), "lw-cost-head");
  for (int i = 0; i < LW_N_COLUMNS; i++)
    self->cells[i] = head_button (self, (LwCostColumn)i);
  for (int i = 0; i < 2; i++)
    self->shares[i] = label_new (self, _ ("share"), 0, "lw-caption");
  lw_cost_row_update_head (self);
  return GTK_WIDGET (self);
}

GtkWidget *
lw_cost_row_new (const LwCostColumns *columns)
{
  LwCostRow *self = g_object_new (LW_TYPE_COST_ROW, NULL);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *name = gtk_tree_expander_new ();

  self->columns = columns;
  self->cells[LW_COLUMN_LAYER] = name;
  gtk_widget_set_parent (name, GTK_WIDGET (self));
  gtk_tree_expander_set_child (GTK_TREE_EXPANDER (name), words);
  self->mark = lw_kind_mark_new ();
  gtk_widget_set_margin_end (self->mark, 8);
  self->title = label_new (NULL, NULL, 0, NULL);
  gtk_label_set_ellipsize (GTK_LABEL (self->title), PANGO_ELLIPSIZE_END);
  self->suffix = label_new (NULL, NULL, 0, "lw-small");
  gtk_label_set_ellipsize (GTK_LABEL (self->suffix), PANGO_ELLIPSIZE_END);
  gtk_widget_set_margin_start (self->suffix, 4);
  gtk_box_append (GTK_BOX (words), self->mark);
  gtk_box_append (GTK_BOX (words), self->title);
  gtk_box_append (GTK_BOX (words), self->suffix);

  for (int i = LW_COLUMN_OUTPUT; i < LW_N_COLUMNS; i++) {
    self->cells[i] = label_new (self, NULL, 1, "lw-number");
    if (i < LW_COLUMN_PARAMETERS)
      gtk_widget_add_css_class (self->cells[i], "lw-dim");
  }
  for (int i = 0; i < 2; i++) {
    self->shares[i] = lw_share_bar_new (i);
    gtk_widget_set_parent (self->shares[i], GTK_WIDGET (self));
  }
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  g_signal_connect (self, "query-tooltip", G_CALLBACK (query_tooltip), NULL);
  return GTK_WIDGET (self);
}

static void
lw_cost_row_dispose (GObject *object)
{
  LwCostRow *self = LW_COST_ROW (object);
  GtkWidget *child;

  if (self->row != NULL)
    lw_cost_row_unbind (self);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (lw_cost_row_parent_class)->dispose (object);
}

static void
lw_cost_row_class_init (LwCostRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_cost_row_dispose;
  widget_class->measure = lw_cost_row_measure;
  widget_class->size_allocate = lw_cost_row_size_allocate;
  gtk_widget_class_set_css_name (widget_class, "costrow");
}

static void
lw_cost_row_init (LwCostRow *self)
{
  (void)self;
}
