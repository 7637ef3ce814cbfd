#include "ui/diagram-tip.h"

#include "engine/analysis.h"
#include "ui/field-picture.h"
#include "ui/layer-facts.h"

#include <glib/gi18n.h>

struct _LwDiagramTip {
  GtkWidget parent;
  GtkWidget *column, *numbers, *note, *row, *picture, *size, *words;
  LwGraph *graph; /* what it shows */
  LwDiagramSpot spot;
};

G_DEFINE_FINAL_TYPE (LwDiagramTip, lw_diagram_tip, GTK_TYPE_WIDGET)

static void
show_field (LwDiagramTip *self, const LwGraph *graph, LwNodeId node)
{
  g_autoptr (LwLayerFacts) facts = g_new0 (LwLayerFacts, 1);

  lw_facts_fill_field (facts, graph, node);
  lw_field_picture_set_layer (LW_FIELD_PICTURE (self->picture), graph, node);
  gtk_label_set_text (GTK_LABEL (self->size), facts->field_size);
  gtk_label_set_text (GTK_LABEL (self->words), facts->field_text);
}

char *
lw_diagram_tip_words (const LwGraph *graph, LwDiagramSpot spot)
{
  const LwCost cost =
      spot.block >= 0 ? lw_block_cost (graph, spot.block) : lw_node_cost (graph, spot.node);
  g_autofree char *parameters = lw_format_exact (cost.parameters);
  g_autofree char *macs = lw_format_exact (cost.macs);

  return g_strdup_printf (_ ("%s: %s parameters, %s MACs"),
                          spot.block >= 0 ? lw_graph_block (graph, spot.block)->title
                                          : lw_graph_node (graph, spot.node)->title,
                          parameters, macs);
}

void
lw_diagram_tip_show (LwDiagramTip *self, LwGraph *graph, LwDiagramSpot spot, LwDataset *dataset,
                     const char *note)
{
  const LwNodeId node = spot.block >= 0 ? lw_graph_block (graph, spot.block)->last : spot.node;
  g_autofree char *text = NULL;

  lw_field_picture_set_image (LW_FIELD_PICTURE (self->picture), dataset,
                              lw_graph_input_shape (graph));
  gtk_label_set_text (GTK_LABEL (self->note), note);
  gtk_widget_set_visible (self->note, note != NULL);
  if (graph == self->graph && lw_diagram_spot_equal (spot, self->spot))
    return;
  if (graph != self->graph)
    g_clear_pointer (&self->graph, lw_graph_unref);
  if (self->graph == NULL)
    self->graph = lw_graph_ref (graph);
  self->spot = spot;
  text = lw_diagram_tip_words (graph, spot);
  gtk_label_set_text (GTK_LABEL (self->numbers), text);
  /* one pixel of the image itself would say nothing */
  gtk_widget_set_visible (self->row, lw_graph_node (graph, node)->op != LW_OP_INPUT);
  show_field (self, graph, node);
}

static GtkWidget *
make_words (LwDiagramTip *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *title = gtk_label_new (_ ("Receptive field"));

  self->size = gtk_label_new (NULL);
  self->words = gtk_label_new (NULL);
  gtk_widget_add_css_class (title, "lw-tip-words");
  gtk_widget_add_css_class (self->size, "lw-strong");
  gtk_widget_add_css_class (self->words, "lw-tip-words");
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_xalign (GTK_LABEL (self->size), 0);
  gtk_label_set_xalign (GTK_LABEL (self->words), 0);
  gtk_label_set_wrap (GTK_LABEL (self->words), TRUE);
  gtk_label_set_width_chars (GTK_LABEL (self->words), 24);
  gtk_label_set_max_width_chars (GTK_LABEL (self->words), 26);
  gtk_box_append (GTK_BOX (column), title);
  gtk_box_append (GTK_BOX (column), self->size);
  gtk_box_append (GTK_BOX (column), self->words);
  return column;
}

static void
lw_diagram_tip_dispose (GObject *object)
{
  g_clear_pointer (&LW_DIAGRAM_TIP (object)->column, gtk_widget_unparent);
  g_clear_pointer (&LW_DIAGRAM_TIP (object)->graph, lw_graph_unref);
  G_OBJECT_CLASS (lw_diagram_tip_parent_class)->dispose (object);
}

static void
lw_diagram_tip_class_init (LwDiagramTipClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_diagram_tip_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_diagram_tip_init (LwDiagramTip *self)
{
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  self->numbers = gtk_label_new (NULL);
  self->note = gtk_label_new (NULL);
  self->row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  self->picture = lw_field_picture_new ();
  self->spot = LW_NO_SPOT;
  gtk_label_set_xalign (GTK_LABEL (self->numbers), 0);
  gtk_label_set_xalign (GTK_LABEL (self->note), 0);
  gtk_box_append (GTK_BOX (self->row), self->picture);
  gtk_box_append (GTK_BOX (self->row), make_words (self));
  gtk_box_append (GTK_BOX (self->column), self->numbers);
  gtk_box_append (GTK_BOX (self->column), self->note);
  gtk_box_append (GTK_BOX (self->column), self->row);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
}

GtkWidget *
lw_diagram_tip_new (void)
{
  return g_object_new (LW_TYPE_DIAGRAM_TIP, NULL);
}
