#include "ui/layer-inspector.h"

#include "ui/accessible.h"
#include "ui/field-picture.h"
#include "ui/following.h"
#include "ui/kind-mark.h"
#include "ui/layer-facts.h"
#include "ui/layer-speed.h"
#include "ui/paragraph.h"
#include "ui/story-view.h"

#include <glib/gi18n.h>

/* Names of rows up to this length stay on one line. */
#define LONG_NAME  26
#define LONG_VALUE 12 /* "1 × 28 × 28" stays in one line */

typedef struct {
  GtkWidget *box, *title, *expression, *result, *note;
} Card;

struct _LwLayerInspector {
  GtkWidget parent;
  LwWorkbench *workbench;
  LwCount count;

  GtkWidget *scroller;
  GtkWidget *title, *pill, *path, *tensor, *copy;
  GtkWidget *paper; /* a network's: on a line of its own */
  GtkWidget *formula;
  Card cards[2];
  GtkWidget *details; /* rows beside the picture */
  GtkWidget *column, *speed;
  GtkWidget *names[LW_FACT_ROWS], *values[LW_FACT_ROWS];
  GtkWidget *picture, *field_title, *field_size, *field_text;
  GtkWidget *lesson_box, *lesson, *story; /* `story`: the button that opens it in full */
};

G_DEFINE_FINAL_TYPE (LwLayerInspector, lw_layer_inspector, GTK_TYPE_WIDGET)

/* --- showing --------------------------------------------------------------------------------- */

/* Empty words take no room. */
static void
set_words (GtkWidget *label, const char *words)
{
  gtk_label_set_text (GTK_LABEL (label), words != NULL ? words : "");
  gtk_widget_set_visible (label, words != NULL && *words != '\0');
}

static void
show_card (Card *card, const LwFactCard *facts)
{
  set_words (card->title, facts->title);
  set_words (card->expression, facts->expression);
  set_words (card->result, facts->result);
  set_words (card->note, facts->note);
}

static void
show (LwLayerInspector *self, LwGraph *graph, const LwLayerFacts *facts)
{
  set_words (self->title, facts->title);
  lw_kind_pill_set (LW_KIND_PILL (self->pill), facts->pill, facts->kind);
  gtk_label_set_text (GTK_LABEL (self->path), facts->path);
  set_words (self->paper, facts->paper);
  set_words (self->tensor, facts->tensor);
  gtk_widget_set_visible (self->copy, facts->tensor != NULL);
  if (facts->formula != NULL)
    gtk_label_set_markup (GTK_LABEL (self->formula), facts->formula);
  gtk_widget_set_visible (self->formula, facts->formula != NULL);
  for (int i = 0; i < 2; i++)
    show_card (&self->cards[i], &facts->cards[i]);
  for (int i = 0; i < LW_FACT_ROWS; i++) {
    const bool there = i < facts->n_rows;

    set_words (self->names[i], there ? facts->rows[i].name : NULL);
    gtk_label_set_wrap (GTK_LABEL (self->names[i]),
                        there && g_utf8_strlen (facts->rows[i].name, -1) > LONG_NAME);
    set_words (self->values[i], there ? facts->rows[i].value : NULL);
    gtk_label_set_wrap (GTK_LABEL (self->values[i]),
                        there && g_utf8_strlen (facts->rows[i].value, -1) > LONG_VALUE);
  }
  lw_field_picture_set_layer (LW_FIELD_PICTURE (self->picture), graph, facts->field_node);
  set_words (self->field_title, facts->field_title);
  set_words (self->field_size, facts->field_size);
  set_words (self->field_text, facts->field_text);
  gtk_label_set_text (GTK_LABEL (self->lesson), facts->lesson != NULL ? facts->lesson : "");
  gtk_widget_set_visible (self->lesson_box, facts->lesson != NULL && *facts->lesson != '\0');
}

/* "gemm", or "forward: direct, weights' gradient: gemm": by which algorithms a run computes the
 * layer. */
static char *
algorithm_words (const LwAlgorithmChoice *choice)
{
  const char *const directions[] = { _ ("forward"), _ ("input's gradient"),
                                     _ ("weights' gradient") };
  const char *first = choice->names[LW_FORWARD];
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);
  bool same = true;

  for (int d = 0; d < LW_N_DIRECTIONS; d++) {
    const char *name = choice->names[d];

    if (name == NULL)
      continue;
    same &= g_strcmp0 (name, first) == 0;
    g_ptr_array_add (parts, g_strdup_printf ("%s: %s", directions[d], name));
  }
  g_ptr_array_add (parts, NULL);
  return same ? g_strdup (first) : g_strjoinv (", ", (char **)parts->pdata);
}

static void
add_algorithm (LwLayerInspector *self, LwLayerFacts *facts, LwNodeId node)
{
  LwRunItem *run = lw_workbench_run (self->workbench);
  const LwAlgorithmList *list = run != NULL ? lw_run_item_algorithms (run) : NULL;
  const char *layer = lw_graph_node (lw_workbench_graph (self->workbench), node)->name;
  const LwAlgorithmChoice *choice = list != NULL ? lw_algorithm_list_find (list, layer) : NULL;

  if (choice != NULL && facts->n_rows < LW_FACT_ROWS)
    lw_facts_add_row (facts, _ ("Algorithm"), algorithm_words (choice));
}

static void
update (LwLayerInspector *self)
{
  LwGraph *graph = lw_workbench_graph (self->workbench);
  const LwNodeId node = lw_workbench_layer (self->workbench);
  const LwBlockId block = lw_workbench_block (self->workbench);
  g_autoptr (LwLayerFacts) facts = NULL;

  if (node != LW_NO_NODE) {
    facts = lw_layer_facts_new (graph, node, self->count);
    add_algorithm (self, facts, node);
  } else if (block > LW_ROOT_BLOCK)
    facts = lw_block_facts_new (graph, block, self->count);
  else {
    facts = lw_network_facts_new (graph, lw_workbench_model (self->workbench), self->count);
    if (lw_workbench_dataset (self->workbench) ==
        NULL) /* it speaks of an image that is not there */
      g_clear_pointer (&facts->field_text, g_free);
  }
  show (self, graph, facts);
  lw_layer_speed_show (LW_LAYER_SPEED (self->speed), node);
  /* Networks of files have no story. */
  gtk_widget_set_visible (self->story, node == LW_NO_NODE && block <= LW_ROOT_BLOCK &&
                                           lw_workbench_model (self->workbench)->year > 0);
}

static void
read_story (LwLayerInspector *self)
{
  lw_story_view_present (GTK_WIDGET (self), self->workbench);
}

static void
update_image (LwLayerInspector *self)
{
  lw_field_picture_set_image (LW_FIELD_PICTURE (self->picture),
                              lw_workbench_dataset (self->workbench),
                              lw_graph_input_shape (lw_workbench_graph (self->workbench)));
}

static void
follow (GtkWidget *widget)
{
  LwLayerInspector *self = LW_LAYER_INSPECTOR (widget);

  update_image (self);
  update (self);
}

static void
layer_selected (LwLayerInspector *self)
{
  GtkAdjustment *top = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scroller));

  update (self);
  gtk_adjustment_set_value (top, 0);
}

static void
copy_tensor (LwLayerInspector *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                          gtk_label_get_text (GTK_LABEL (self->tensor)));
}

void
lw_layer_inspector_set_count (LwLayerInspector *self, LwCount count)
{
  self->count = count;
  update (self);
}

void
lw_layer_inspector_set_narrow (LwLayerInspector *self, bool narrow)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->details),
                                  narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
}

const char *
lw_layer_inspector_title (LwLayerInspector *self)
{
  return gtk_label_get_text (GTK_LABEL (self->title));
}

const char *
lw_layer_inspector_lesson (LwLayerInspector *self)
{
  return gtk_label_get_text (GTK_LABEL (self->lesson));
}

/* --- set-up ---------------------------------------------------------------------------------- */

static GtkWidget *
words_new (const char *css_class, bool wrap)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_widget_add_css_class (label, css_class);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  if (wrap) {
    gtk_label_set_wrap (GTK_LABEL (label), TRUE);
    gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  }
  return label;
}

static GtkWidget *
make_heading (LwLayerInspector *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);

  self->title = words_new ("lw-title", false);
  self->pill = lw_kind_pill_new ();
  self->path = words_new ("lw-caption", false);
  self->tensor = words_new ("lw-tensor", false);
  self->copy = gtk_button_new_from_icon_name ("edit-copy-symbolic");
  gtk_label_set_ellipsize (GTK_LABEL (self->title), PANGO_ELLIPSIZE_END);
  gtk_label_set_ellipsize (GTK_LABEL (self->path), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (self->path, TRUE);
  gtk_widget_add_css_class (self->copy, "flat");
  gtk_widget_set_valign (self->copy, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (self->copy, _ ("Copy the name of its tensors"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->copy), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Copy the name of its tensors"), -1);
  g_signal_connect_swapped (self->copy, "clicked", G_CALLBACK (copy_tensor), self);
  gtk_box_append (GTK_BOX (row), self->title);
  gtk_box_append (GTK_BOX (row), self->pill);
  gtk_box_append (GTK_BOX (row), self->path);
  gtk_box_append (GTK_BOX (row), self->tensor);
  self->story = gtk_button_new_with_label (_ ("Read the story"));
  gtk_widget_add_css_class (self->story, "flat");
  gtk_widget_add_css_class (self->story, "lw-link");
  gtk_widget_set_valign (self->story, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (self->story, "clicked", G_CALLBACK (read_story), self);
  gtk_box_append (GTK_BOX (row), self->copy);
  gtk_box_append (GTK_BOX (row), self->story);
  gtk_widget_add_css_class (row, "lw-inspector-heading");
  return row;
}

static GtkWidget *
make_card (Card *card)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  card->title = words_new ("lw-heading", true);
  card->expression = words_new ("lw-formula", true);
  card->result = words_new ("lw-result", true);
  card->note = words_new ("lw-small", true);
  gtk_widget_add_css_class (box, "lw-fact-card");
  gtk_box_append (GTK_BOX (box), card->title);
  gtk_box_append (GTK_BOX (box), card->expression);
  gtk_box_append (GTK_BOX (box), card->result);
  gtk_box_append (GTK_BOX (box), card->note);
  gtk_widget_set_hexpand (box, TRUE);
  card->box = box;
  return box;
}

static GtkWidget *
make_rows (LwLayerInspector *self)
{
  GtkWidget *grid = gtk_grid_new ();

  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 4);
  gtk_widget_set_hexpand (grid, TRUE);
  gtk_widget_set_valign (grid, GTK_ALIGN_START);
  gtk_widget_add_css_class (grid, "lw-facts");
  for (int i = 0; i < LW_FACT_ROWS; i++) {
    self->names[i] = words_new ("lw-dim", true);
    self->values[i] = words_new ("lw-number", true);
    gtk_widget_set_hexpand (self->names[i], TRUE);
    gtk_label_set_xalign (GTK_LABEL (self->values[i]), 1);
    gtk_label_set_justify (GTK_LABEL (self->values[i]), GTK_JUSTIFY_RIGHT);
    gtk_grid_attach (GTK_GRID (grid), self->names[i], 0, i, 1, 1);
    gtk_grid_attach (GTK_GRID (grid), self->values[i], 1, i, 1, 1);
  }
  return grid;
}

static GtkWidget *
make_field (LwLayerInspector *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 14);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);

  self->picture = lw_field_picture_new ();
  self->field_title = words_new ("lw-heading", true);
  self->field_size = words_new ("lw-field-size", true);
  self->field_text = words_new ("lw-small", true);
  gtk_label_set_width_chars (GTK_LABEL (self->field_size), 10); /* it may stand alone */
  gtk_label_set_width_chars (GTK_LABEL (self->field_text), 17);
  gtk_label_set_max_width_chars (GTK_LABEL (self->field_text), 19);
  gtk_box_append (GTK_BOX (words), self->field_title);
  gtk_box_append (GTK_BOX (words), self->field_size);
  gtk_box_append (GTK_BOX (words), self->field_text);
  gtk_box_append (GTK_BOX (row), self->picture);
  gtk_box_append (GTK_BOX (row), words);
  return row;
}

static GtkWidget *
make_lesson (LwLayerInspector *self)
{
  GtkWidget *icon = gtk_image_new_from_icon_name ("lw-lesson-symbolic");

  self->lesson_box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  self->lesson = words_new ("lw-lesson", true);
  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  gtk_widget_add_css_class (icon, "lw-accent-text");
  gtk_widget_set_hexpand (self->lesson, TRUE);
  gtk_widget_add_css_class (self->lesson_box, "lw-lesson-box");
  gtk_box_append (GTK_BOX (self->lesson_box), icon);
  gtk_box_append (GTK_BOX (self->lesson_box), lw_paragraph_new (self->lesson, 160));
  return self->lesson_box;
}

GtkWidget *
lw_layer_inspector_new (LwWorkbench *workbench, LwLayerValues *values)
{
  LwLayerInspector *self = g_object_new (LW_TYPE_LAYER_INSPECTOR, NULL);

  self->workbench = workbench;
  self->speed = lw_layer_speed_new (workbench, values);
  gtk_box_insert_child_after (GTK_BOX (self->column), self->speed, self->details);
  lw_follow_selection (GTK_WIDGET (self), workbench, follow);
  g_signal_connect_object (workbench, "layer-selected", G_CALLBACK (layer_selected), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "dataset-changed", G_CALLBACK (follow), self,
                           G_CONNECT_SWAPPED);
  follow (GTK_WIDGET (self));
  return GTK_WIDGET (self);
}

static void
lw_layer_inspector_dispose (GObject *object)
{
  g_clear_pointer (&LW_LAYER_INSPECTOR (object)->scroller, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_layer_inspector_parent_class)->dispose (object);
}

static void
lw_layer_inspector_class_init (LwLayerInspectorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_layer_inspector_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_layer_inspector_init (LwLayerInspector *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *cards = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  self->column = column;
  self->details = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 14);
  self->paper = words_new ("lw-small", true);
  self->formula = words_new ("lw-fact-card", true);
  gtk_label_set_selectable (GTK_LABEL (self->formula), TRUE);
  gtk_widget_add_css_class (self->formula, "lw-formula");
  gtk_box_set_homogeneous (GTK_BOX (cards), TRUE);
  gtk_box_append (GTK_BOX (cards), make_card (&self->cards[0]));
  gtk_box_append (GTK_BOX (cards), make_card (&self->cards[1]));
  gtk_box_append (GTK_BOX (self->details), make_rows (self));
  gtk_box_append (GTK_BOX (self->details), make_field (self));

  gtk_widget_add_css_class (column, "lw-inspector");
  gtk_box_append (GTK_BOX (column), make_heading (self));
  gtk_box_append (GTK_BOX (column), self->paper);
  gtk_box_append (GTK_BOX (column), self->formula);
  gtk_box_append (GTK_BOX (column), cards);
  gtk_box_append (GTK_BOX (column), self->details);
  gtk_box_append (GTK_BOX (column), make_lesson (self));

  self->scroller = gtk_scrolled_window_new ();
  lw_name_widget (self->scroller, _ ("Inspector"));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), column);
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
  gtk_widget_add_css_class (GTK_WIDGET (self), "lw-pane");
}
