#include "ui/explain-own.h"

#include "ui/accessible.h"
#include "ui/class-bars.h"

#include <glib/gi18n.h>

#define N_GUESSES 5

struct _LwExplainOwn {
  GtkWidget parent;
  LwPredictionsSource *source;
  GtkWidget *column, *chooser, *row, *bars;
};

G_DEFINE_FINAL_TYPE (LwExplainOwn, lw_explain_own, GTK_TYPE_WIDGET)

static guint changed_signal;

LwPictureChooser *
lw_explain_own_chooser (LwExplainOwn *self)
{
  return LW_PICTURE_CHOOSER (self->chooser);
}

const char *
lw_explain_own_name (LwExplainOwn *self)
{
  LwOwnPicture *picture = lw_picture_chooser_picture (lw_explain_own_chooser (self));

  return picture != NULL ? lw_own_picture_name (picture) : NULL;
}

float *
lw_explain_own_input (LwExplainOwn *self, LwShape shape)
{
  LwPictureChooser *chooser = lw_explain_own_chooser (self);
  const LwDataset *dataset = lw_workbench_dataset (lw_predictions_source_workbench (self->source));
  g_autofree float *input = g_new (float, lw_shape_size (shape));

  return lw_own_picture_convert (lw_picture_chooser_picture (chooser), shape,
                                 lw_dataset_picture_fit (dataset),
                                 lw_picture_chooser_inverts (chooser), input)
             ? g_steal_pointer (&input)
             : NULL;
}

static const char *
class_name (gpointer source, int label)
{
  return lw_predictions_source_names (source)[label];
}

void
lw_explain_own_show (LwExplainOwn *self, const float *probabilities, int classes)
{
  const bool there = lw_explain_own_name (self) != NULL;

  lw_class_bars_show (LW_CLASS_BARS (self->bars), _ ("Probability of each class"),
                      there ? probabilities : NULL, classes, class_name, self->source, -1);
}

static void
arrange (LwExplainOwn *self)
{
  LwPictureChooser *chooser = lw_explain_own_chooser (self);

  gtk_widget_set_visible (self->row, lw_explain_own_name (self) != NULL);
  gtk_widget_set_visible (lw_picture_chooser_canvas (chooser), lw_picture_chooser_draws (chooser));
}

static void
picture_changed (LwExplainOwn *self)
{
  arrange (self);
  g_signal_emit (self, changed_signal, 0);
}

void
lw_explain_own_drop (LwExplainOwn *self)
{
  lw_picture_chooser_drop (lw_explain_own_chooser (self));
  arrange (self);
}

static void
go_back (LwExplainOwn *self)
{
  lw_explain_own_drop (self);
  g_signal_emit (self, changed_signal, 0);
}

static void
complained (LwExplainOwn *self, const char *sentence)
{
  g_signal_emit_by_name (lw_predictions_source_workbench (self->source), "complained", sentence);
}

/* --- set-up -------------------------------------------------------------------------------------
 */

GtkWidget *
lw_explain_own_new (LwPredictionsSource *source)
{
  LwExplainOwn *self = g_object_new (LW_TYPE_EXPLAIN_OWN, NULL);
  GtkWidget *beside = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *back = gtk_button_new_with_label (_ ("Back to the Test Image"));
  LwPictureChooser *chooser;

  self->source = g_object_ref (source);
  self->chooser = lw_picture_chooser_new (lw_predictions_source_workbench (source));
  chooser = lw_explain_own_chooser (self);
  self->bars = lw_class_bars_new (N_GUESSES);
  gtk_widget_add_css_class (back, "lw-small-button");
  gtk_widget_set_hexpand (beside, TRUE);
  gtk_box_append (GTK_BOX (beside), self->bars);
  gtk_box_append (GTK_BOX (beside), lw_picture_chooser_invert (chooser));
  gtk_box_append (GTK_BOX (beside), back);
  self->row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  gtk_widget_set_valign (lw_picture_chooser_canvas (chooser), GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (self->row), lw_picture_chooser_canvas (chooser));
  gtk_box_append (GTK_BOX (self->row), beside);
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  gtk_box_append (GTK_BOX (self->column), self->chooser);
  gtk_box_append (GTK_BOX (self->column), self->row);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
  g_signal_connect_swapped (self->chooser, "changed", G_CALLBACK (picture_changed), self);
  g_signal_connect_swapped (self->chooser, "complained", G_CALLBACK (complained), self);
  g_signal_connect_swapped (back, "clicked", G_CALLBACK (go_back), self);
  lw_explain_own_show (self, NULL, 0);
  arrange (self);
  return GTK_WIDGET (self);
}

static void
lw_explain_own_dispose (GObject *object)
{
  g_clear_pointer (&LW_EXPLAIN_OWN (object)->column, gtk_widget_unparent);
  g_clear_object (&LW_EXPLAIN_OWN (object)->source);
  G_OBJECT_CLASS (lw_explain_own_parent_class)->dispose (object);
}

static void
lw_explain_own_class_init (LwExplainOwnClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_explain_own_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_explain_own_init (LwExplainOwn *self)
{
  (void)self;
}
