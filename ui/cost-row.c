#include "ui/cost-row.h"

#include "ui/accessible.h"
#include "ui/kind-mark.h"

#include <glib/gi18n.h>

#define PAD_LEFT    8
#define PAD_RIGHT   16
#define GAP         12 /* between a number and its share */
#define COLUMN_GAP  14 /* between columns */
#define SHARE_WIDTH 54
/* A name narrower than this costs the shares their place. */
#define LEAST_NAME 124

struct _LwCostRow {
  GtkWidget parent;
  const LwCostColumns *columns;
  GtkWidget *name; /* a tree expander, or the head's label */
  GtkWidget *mark, *title, *suffix;
  GtkWidget *output, *parameters, *parameters_share, *value, *value_share;
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

static void
show_suffix (LwCostRow *self)
{
  const char *suffix = lw_cost_item_suffix (self->item);
  const bool open =
      lw_cost_item_is_block (self->item) && gtk_tree_list_row_get_expanded (self->row);

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

/* The list's own widget around the row, and the expander, take the focus; neither has a name. */
static void
name_row (LwCostRow *self, LwCostItem *item, int64_t parameters, int64_t value)
{
  GtkWidget *list_item = gtk_widget_get_parent (GTK_WIDGET (self));
  g_autofree char *n = lw_format_exact (parameters), *cost = lw_format_exact (value);
  g_autofree char *words =
      g_strdup_printf (_ ("%s, output %s, %s parameters, cost %s"), lw_cost_item_title (item),
                       lw_cost_item_output (item), n, cost);

  lw_name_widget (self->name, lw_cost_item_title (item));
  if (list_item != NULL)
    lw_name_widget (list_item, words);
}

void
lw_cost_row_bind (LwCostRow *self, GtkTreeListRow *row)
{
  g_autoptr (LwCostItem) item = gtk_tree_list_row_get_item (row);
  const LwCost cost = lw_cost_item_cost (item);
  const int64_t value = lw_cost_value (cost, self->columns->count);

  lw_cost_row_unbind (self);
  self->row = g_object_ref (row);
  self->item = g_object_ref (item);
  self->expanded_id =
      g_signal_connect_swapped (row, "notify::expanded", G_CALLBACK (show_suffix), self);
  gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (self->name), row);
  lw_kind_mark_set_kind (LW_KIND_MARK (self->mark), lw_cost_item_kind (item));
  gtk_widget_set_visible (self->mark, !lw_cost_item_is_block (item));
  gtk_label_set_text (GTK_LABEL (self->title), lw_cost_item_title (item));
  show_suffix (self);
  gtk_label_set_text (GTK_LABEL (self->output), lw_cost_item_output (item));
  name_row (self, item, cost.parameters, value);
  set_number (self->parameters, cost.parameters);
  set_number (self->value, value);
  lw_share_bar_set_share (LW_SHARE_BAR (self->parameters_share), cost.parameters,
                          self->columns->parameters);
  lw_share_bar_set_share (LW_SHARE_BAR (self->value_share), value, self->columns->value);
}

void
lw_cost_row_unbind (LwCostRow *self)
{
  if (self->row == NULL)
    return;
  g_clear_signal_handler (&self->expanded_id, self->row);
  gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (self->name), NULL);
  g_clear_object (&self->row);
  g_clear_object (&self->item);
}

/* --- layout ---------------------------------------------------------------------------------- */

static int
natural_width (const LwCostRow *self, bool shares)
{
  const LwCostColumns *c = self->columns;

  return PAD_LEFT + c->output_width + COLUMN_GAP + c->parameters_width + COLUMN_GAP +
         c->value_width + PAD_RIGHT + (shares ? 2 * (GAP + SHARE_WIDTH) : 0);
}

static void
lw_cost_row_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                     int *natural, int *minimum_baseline, int *natural_baseline)
{
  LwCostRow *self = LW_COST_ROW (widget);

  (void)for_size;
  *minimum_baseline = *natural_baseline = -1;
  if (orientation == GTK_ORIENTATION_HORIZONTAL) {
    *minimum = natural_width (self, false) + 90;
    *natural = natural_width (self, true) + LEAST_NAME;
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

static void
lw_cost_row_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  LwCostRow *self = LW_COST_ROW (widget);
  const LwCostColumns *c = self->columns;
  const bool shares = width >= natural_width (self, true) + LEAST_NAME;
  int x = width - PAD_RIGHT, output;

  (void)baseline;
  gtk_widget_set_child_visible (self->parameters_share, shares);
  gtk_widget_set_child_visible (self->value_share, shares);
  if (shares) {
    x -= SHARE_WIDTH;
    put (self->value_share, x, SHARE_WIDTH, height);
    x -= GAP;
  }
  x -= c->value_width;
  put (self->value, x, c->value_width, height);
  x -= COLUMN_GAP;
  if (shares) {
    x -= SHARE_WIDTH;
    put (self->parameters_share, x, SHARE_WIDTH, height);
    x -= GAP;
  }
  x -= c->parameters_width;
  put (self->parameters, x, c->parameters_width, height);
  /* What the output leaves of its column, the name may have. */
  gtk_widget_measure (self->output, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &output, NULL, NULL);
  output = MIN (output, c->output_width);
  x -= COLUMN_GAP + output;
  put (self->output, x, output, height);
  put (self->name, PAD_LEFT, MAX (x - PAD_LEFT - 6, 1), height);
}

/* --- set-up ---------------------------------------------------------------------------------- */

static const char *
value_title (LwCount count)
{
  switch (count) {
  case LW_COUNT_MACS:
    return _ ("MACs");
  case LW_COUNT_FLOPS:
    return _ ("FLOPs");
  case LW_COUNT_OPERATIONS:
    break;
  }
  return _ ("Operations");
}

void
lw_cost_row_update_head (LwCostRow *self)
{
  gtk_label_set_text (GTK_LABEL (self->value), value_title (self->columns->count));
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

GtkWidget *
lw_cost_row_new_head (const LwCostColumns *columns)
{
  LwCostRow *self = g_object_new (LW_TYPE_COST_ROW, NULL);

  self->columns = columns;
  gtk_widget_add_css_class (GTK_WIDGET (self), "lw-cost-head");
  self->name = label_new (self, _ ("Layer"), 0, "lw-heading");
  gtk_widget_set_margin_start (self->name, 20);
  self->output = label_new (self, _ ("Output"), 1, "lw-heading");
  self->parameters = label_new (self, _ ("Parameters"), 1, "lw-heading");
  self->parameters_share = label_new (self, _ ("share"), 0, "lw-caption");
  self->value = label_new (self, value_title (columns->count), 1, "lw-heading");
  self->value_share = label_new (self, _ ("share"), 0, "lw-caption");
  return GTK_WIDGET (self);
}

GtkWidget *
lw_cost_row_new (const LwCostColumns *columns)
{
  LwCostRow *self = g_object_new (LW_TYPE_COST_ROW, NULL);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  self->columns = columns;
  self->name = gtk_tree_expander_new ();
  gtk_widget_set_parent (self->name, GTK_WIDGET (self));
  gtk_tree_expander_set_child (GTK_TREE_EXPANDER (self->name), words);
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

  self->output = label_new (self, NULL, 1, "lw-dim");
  self->parameters = label_new (self, NULL, 1, "lw-number");
  self->parameters_share = lw_share_bar_new (0);
  self->value = label_new (self, NULL, 1, "lw-number");
  self->value_share = lw_share_bar_new (1);
  gtk_widget_add_css_class (self->output, "lw-number");
  gtk_widget_set_parent (self->parameters_share, GTK_WIDGET (self));
  gtk_widget_set_parent (self->value_share, GTK_WIDGET (self));
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
