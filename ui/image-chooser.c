#include "ui/image-chooser.h"

#include "ui/accessible.h"
#include "ui/class-bars.h"
#include "ui/draw/shapes.h"
#include "ui/image-choices.h"
#include "ui/image-tile.h"
#include "ui/workbench-viewer.h"

#include <glib/gi18n.h>
#include <math.h>

#define N_GUESSES 5
#define SIDE      192 /* of the image; what is below is as wide */

struct _LwImageChooser {
  GtkWidget parent;
  LwWorkbench *workbench;
  LwActivationSource *source;
  double frame_x, frame_y, frame_side;
  GtkWidget *column, *caption, *stack, *image, *field, *picker, *choices, *own, *bars;
};

G_DEFINE_FINAL_TYPE (LwImageChooser, lw_image_chooser, GTK_TYPE_WIDGET)

static guint complained_signal;

static const LwTheme *
theme_now (void)
{
  return lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
}

static LwImagePicker *
picker_of (LwImageChooser *self)
{
  return LW_IMAGE_PICKER (self->picker);
}

/* --- the picture ---------------------------------------------------------------------------------
 */

/* Where a picture can be dropped. */
static void
draw_empty (cairo_t *cr, int width, int height)
{
  static const double dashes[] = { 6, 5 };

  lw_set_colour (cr, theme_now ()->border, 1);
  cairo_set_line_width (cr, 1.5);
  cairo_set_dash (cr, dashes, 2, 0);
  lw_path_rounded (cr, 1, 1, width - 2, height - 2, 8);
  cairo_stroke (cr);
}

/* An example as it is in the set; a picture of one's own as the network reads it. */
static void
draw_image (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwImageChooser *self = data;
  LwDataset *dataset = lw_workbench_dataset (self->workbench);
  const LwShape input = lw_graph_input_shape (lw_workbench_graph (self->workbench));
  const float *values = lw_activation_source_input (self->source);
  const bool own = lw_activation_source_own (self->source) != NULL;
  cairo_rectangle_t place = { 0, 0, width, height };
  double scale = 1;
  LwTile tile;

  (void)area;
  if (own ? values == NULL : dataset == NULL) {
    draw_empty (cr, width, height);
    return;
  }
  if (own) {
    tile = lw_input_tile (values, input);
  } else {
    tile = lw_example_tile (dataset, lw_image_picker_split (picker_of (self)),
                            lw_image_picker_index (picker_of (self)));
    scale = (double)tile.columns / input.w;
  }
  if (tile.rows != tile.columns)
    place = lw_tile_fit (&tile, place);
  lw_tile_paint (cr, theme_now (), &tile, place, 6);
  if (self->frame_side > 0)
    lw_tile_paint_field (cr, &tile, place, (int)floor (self->frame_y * scale),
                         (int)floor (self->frame_x * scale), (int)ceil (self->frame_side * scale),
                         (int)ceil (self->frame_side * scale));
}

static void
show_caption (LwImageChooser *self)
{
  LwDataset *dataset = lw_workbench_dataset (self->workbench);
  LwOwnPicture *own = lw_activation_source_own (self->source);
  const LwSplit split = lw_image_picker_split (picker_of (self));
  const int32_t index = lw_image_picker_index (picker_of (self));
  g_autofree char *words = NULL;

  if (own != NULL)
    words = g_strdup (lw_own_picture_name (own));
  else if (dataset != NULL)
    words = g_strdup_printf (
        split == LW_SPLIT_TEST ? _ ("test %d · %s") : _ ("train %d · %s"), index,
        _ (lw_dataset_class_name (dataset, lw_dataset_label (dataset, split, index))));
  gtk_label_set_text (GTK_LABEL (self->caption), words != NULL ? words : "");
  gtk_widget_set_tooltip_text (self->caption, words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->image), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  words != NULL ? words : "", -1);
  gtk_widget_set_visible (lw_picture_chooser_invert (LW_PICTURE_CHOOSER (self->own)), own != NULL);
}

static const char *
class_name (gpointer data, int label)
{
  return lw_workbench_class_name (LW_WORKBENCH (data), label);
}

static void
show_prediction (LwImageChooser *self)
{
  LwDataset *dataset = lw_workbench_dataset (self->workbench);
  const int classes = lw_graph_classes (lw_workbench_graph (self->workbench));
  /* What stands beside a file's network has its labels only where it has as many classes. */
  const bool labelled =
      lw_activation_source_own (self->source) == NULL && dataset != NULL &&
      (lw_workbench_network (self->workbench) == NULL || lw_dataset_classes (dataset) == classes);
  g_autofree char *heading = lw_prediction_heading (self->source);

  lw_class_bars_show (
      LW_CLASS_BARS (self->bars), heading, lw_activation_source_probabilities (self->source),
      classes, class_name, self->workbench,
      labelled ? lw_dataset_label (dataset, lw_image_picker_split (picker_of (self)),
                                   lw_image_picker_index (picker_of (self)))
               : -1);
}

static void
redraw (LwImageChooser *self)
{
  const bool examples = lw_workbench_network (self->workbench) == NULL ||
                        lw_workbench_dataset (self->workbench) != NULL;

  show_caption (self);
  gtk_widget_set_visible (self->picker, examples);
  gtk_widget_set_visible (self->choices,
                          examples && !lw_picture_chooser_draws (LW_PICTURE_CHOOSER (self->own)));
  lw_image_choices_show (LW_IMAGE_CHOICES (self->choices),
                         lw_activation_source_own (self->source) == NULL);
  show_prediction (self);
  gtk_widget_queue_draw (self->image);
}

void
lw_image_chooser_frame (LwImageChooser *self, double x, double y, double side)
{
  const LwShape input = lw_graph_input_shape (lw_workbench_graph (self->workbench));
  g_autofree char *words = NULL;

  if (side >= MAX (input.h, input.w))
    words = g_strdup (_ ("Framed: what the chosen unit sees of the image"));
  else if (side > 0)
    words = g_strdup_printf (_ ("Framed: the %d × %d pixels that the chosen unit sees"), (int)side,
                             (int)side);
  gtk_label_set_text (GTK_LABEL (self->field), words != NULL ? words : "");
  self->frame_x = x;
  self->frame_y = y;
  self->frame_side = side;
  gtk_widget_queue_draw (self->image);
}

/* --- examples ------------------------------------------------------------------------------------
 */

/* The canvas takes the place of the image while it is drawn on. */
static void
show_canvas (LwImageChooser *self)
{
  LwPictureChooser *own = LW_PICTURE_CHOOSER (self->own);
  const bool draws = lw_picture_chooser_draws (own);

  gtk_stack_set_visible_child (GTK_STACK (self->stack),
                               draws ? lw_picture_chooser_canvas (own) : self->image);
}

static void
picked (LwImageChooser *self)
{
  lw_picture_chooser_drop (LW_PICTURE_CHOOSER (self->own));
  show_canvas (self);
  lw_activation_source_set_example (self->source, lw_image_picker_split (picker_of (self)),
                                    lw_image_picker_index (picker_of (self)));
  redraw (self);
}

static void
mistake_asked (LwImagePicker *picker, int by, LwImageChooser *self)
{
  picked (self);
  lw_activation_source_find_mistake (self->source, by, lw_image_picker_class (picker));
  lw_image_picker_set_searching (picker, lw_activation_source_is_searching (self->source));
}

static void
mistake_found (LwActivationSource *source, int index, LwImageChooser *self)
{
  const char *problem = lw_activation_source_problem (source);

  lw_image_picker_set_searching (picker_of (self), lw_activation_source_is_searching (source));
  if (index >= 0)
    lw_image_picker_pick (picker_of (self), lw_image_picker_split (picker_of (self)), index);
  else if (index == -1)
    g_signal_emit (self, complained_signal, 0, _ ("There is no mistake among these images."));
  else if (problem != NULL)
    g_signal_emit (self, complained_signal, 0, problem);
}

/* --- pictures of one's own -----------------------------------------------------------------------
 */

static void
own_changed (LwImageChooser *self)
{
  LwPictureChooser *own = LW_PICTURE_CHOOSER (self->own);
  LwOwnPicture *picture = lw_picture_chooser_picture (own);

  if (picture == NULL) {
    picked (self); /* the example again */
    return;
  }
  show_canvas (self);
  lw_activation_source_set_own (self->source, picture, lw_picture_chooser_inverts (own));
  redraw (self);
}

static void
own_complained (LwImageChooser *self, const char *sentence)
{
  g_signal_emit (self, complained_signal, 0, sentence);
}

LwPictureChooser *
lw_image_chooser_own (LwImageChooser *self)
{
  return LW_PICTURE_CHOOSER (self->own);
}

/* --- set-up --------------------------------------------------------------------------------------
 */

static void
make_image (LwImageChooser *self)
{
  self->image =
      g_object_new (GTK_TYPE_DRAWING_AREA, "accessible-role", GTK_ACCESSIBLE_ROLE_IMG, NULL);
  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (self->image), SIDE);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (self->image), SIDE);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->image), draw_image, self, NULL);
  gtk_widget_set_halign (self->image, GTK_ALIGN_CENTER);
  lw_name_widget (self->image, _ ("The chosen image"));
  self->own = lw_picture_chooser_new (self->workbench);
  g_signal_connect_swapped (self->own, "changed", G_CALLBACK (own_changed), self);
  g_signal_connect_swapped (self->own, "complained", G_CALLBACK (own_complained), self);
  self->stack = gtk_stack_new ();
  gtk_stack_set_vhomogeneous (GTK_STACK (self->stack), FALSE);
  gtk_stack_add_child (GTK_STACK (self->stack), self->image);
  gtk_stack_add_child (GTK_STACK (self->stack),
                       lw_picture_chooser_canvas (LW_PICTURE_CHOOSER (self->own)));
  self->field = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->field, "lw-caption");
  gtk_label_set_wrap (GTK_LABEL (self->field), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->field), 0);
  gtk_label_set_max_width_chars (GTK_LABEL (self->field), 22);
  gtk_label_set_yalign (GTK_LABEL (self->field), 0);
  gtk_widget_set_size_request (self->field, -1, 33); /* what is below stays where it is */
}

GtkWidget *
lw_image_chooser_new (LwWorkbench *workbench, LwActivationSource *source)
{
  LwImageChooser *self = g_object_new (LW_TYPE_IMAGE_CHOOSER, NULL);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6),
            *title = gtk_label_new (_ ("Image"));

  self->workbench = workbench;
  self->source = source;
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  gtk_widget_set_size_request (self->column, SIDE, -1);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
  self->caption = gtk_label_new (NULL);
  gtk_widget_add_css_class (title, "lw-strong");
  gtk_widget_add_css_class (self->caption, "lw-caption");
  gtk_label_set_ellipsize (GTK_LABEL (self->caption), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (self->caption), 1);
  gtk_widget_set_hexpand (self->caption, TRUE);
  gtk_box_append (GTK_BOX (head), title);
  gtk_box_append (GTK_BOX (head), self->caption);
  make_image (self);
  self->picker = lw_image_picker_new (workbench);
  g_signal_connect_swapped (self->picker, "picked", G_CALLBACK (picked), self);
  g_signal_connect (self->picker, "mistake-asked", G_CALLBACK (mistake_asked), self);
  self->bars = lw_class_bars_new (N_GUESSES);
  self->choices = lw_image_choices_new (workbench, picker_of (self), SIDE);
  gtk_box_append (GTK_BOX (self->column), head);
  gtk_box_append (GTK_BOX (self->column), self->stack);
  gtk_box_append (GTK_BOX (self->column),
                  lw_picture_chooser_invert (LW_PICTURE_CHOOSER (self->own)));
  gtk_box_append (GTK_BOX (self->column), self->field);
  gtk_box_append (GTK_BOX (self->column), self->picker);
  gtk_box_append (GTK_BOX (self->column), self->choices);
  gtk_box_append (GTK_BOX (self->column), self->own);
  gtk_box_append (GTK_BOX (self->column), self->bars);
  if (lw_workbench_network (workbench) != NULL) /* the answer is what a file is opened for */
    gtk_box_reorder_child_after (GTK_BOX (self->column), self->bars, self->stack);
  g_signal_connect_object (workbench, "dataset-changed", G_CALLBACK (redraw), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "classes-named", G_CALLBACK (redraw), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (source, "updated", G_CALLBACK (redraw), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (source, "found", G_CALLBACK (mistake_found), self, 0);
  redraw (self);
  return GTK_WIDGET (self);
}

static void
lw_image_chooser_dispose (GObject *object)
{
  g_clear_pointer (&LW_IMAGE_CHOOSER (object)->column, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_image_chooser_parent_class)->dispose (object);
}

static void
lw_image_chooser_class_init (LwImageChooserClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_image_chooser_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  complained_signal = g_signal_new ("complained", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
lw_image_chooser_init (LwImageChooser *self)
{
  (void)self;
}
