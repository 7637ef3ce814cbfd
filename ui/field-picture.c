#include "ui/field-picture.h"

#include "ui/draw/theme.h"
#include "ui/input-image.h"
#include "ui/layer-facts.h"

#include <glib/gi18n.h>
#include <math.h>

#define SIDE   108
#define RADIUS 6

struct _LwFieldPicture {
  GtkWidget parent;
  GdkTexture *image;
  LwDataset *dataset; /* that the image is from */
  LwShape input;
  cairo_rectangle_t frame; /* pixels of the input; width 0: none */
};

G_DEFINE_FINAL_TYPE (LwFieldPicture, lw_field_picture, GTK_TYPE_WIDGET)

static GdkTexture *
make_texture (const LwDataset *dataset, LwShape input)
{
  g_autoptr (GBytes) bytes = lw_input_image_pixels (dataset, input);

  return gdk_memory_texture_new (input.w, input.h, GDK_MEMORY_R8G8B8, bytes, (gsize)input.w * 3);
}

void
lw_field_picture_set_image (LwFieldPicture *self, LwDataset *dataset, LwShape input)
{
  if (dataset == self->dataset && lw_shape_equal (input, self->input))
    return;
  g_clear_object (&self->image);
  g_clear_pointer (&self->dataset, lw_dataset_unref);
  self->input = input;
  if (dataset != NULL && lw_dataset_size (dataset, LW_SPLIT_TEST) > 0) {
    self->dataset = lw_dataset_ref (dataset);
    self->image = make_texture (dataset, input);
  }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  self->image != NULL ? _ ("First test image") : _ ("Input"), -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
lw_field_picture_set_layer (LwFieldPicture *self, const LwGraph *graph, LwNodeId id)
{
  self->frame = (cairo_rectangle_t){ 0 };
  if (id != LW_NO_NODE)
    lw_facts_field_frame (graph, id, &self->frame);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* The image keeps its proportions inside the square; where there is none, its plane is grey, as
 * the diagram's input is: black would be an image, too. */
static void
lw_field_picture_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  static const GdkRGBA black = { 0, 0, 0, 1 };
  LwFieldPicture *self = LW_FIELD_PICTURE (widget);
  const LwTheme *theme = lw_theme (true); /* its ground is always dark */
  const LwColour line = theme->kind_line[LW_KIND_CONVOLUTION],
                 fill = theme->kind_fill[LW_KIND_DATA];
  const GdkRGBA grey = { (float)fill.r, (float)fill.g, (float)fill.b, 1 };
  const double scale = (double)SIDE / MAX (MAX (self->input.w, self->input.h), 1);
  const double width = self->input.w * scale, height = self->input.h * scale;
  const double x = (SIDE - width) / 2, y = (SIDE - height) / 2;
  const graphene_rect_t square = GRAPHENE_RECT_INIT (0, 0, SIDE, SIDE);
  const graphene_rect_t plane =
      GRAPHENE_RECT_INIT ((float)x, (float)y, (float)width, (float)height);
  GskRoundedRect outline;
  cairo_t *cr;

  gsk_rounded_rect_init_from_rect (&outline, &square, RADIUS);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  gtk_snapshot_append_color (snapshot, &black, &square);
  if (self->image != NULL)
    gtk_snapshot_append_texture (snapshot, self->image, &plane);
  else
    gtk_snapshot_append_color (snapshot, &grey, &plane);
  gtk_snapshot_pop (snapshot);
  if (self->frame.width <= 0)
    return;
  cr = gtk_snapshot_append_cairo (snapshot, &square);
  lw_set_colour (cr, line, 1);
  cairo_set_line_width (cr, 2);
  cairo_rectangle (cr, x + self->frame.x * scale + 1, y + self->frame.y * scale + 1,
                   fmax (self->frame.width * scale - 2, 1),
                   fmax (self->frame.height * scale - 2, 1));
  cairo_stroke (cr);
  cairo_destroy (cr);
}

static void
lw_field_picture_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                          int *natural, int *minimum_baseline, int *natural_baseline)
{
  (void)widget;
  (void)orientation;
  (void)for_size;
  *minimum = *natural = SIDE;
  *minimum_baseline = *natural_baseline = -1;
}

static void
lw_field_picture_finalize (GObject *object)
{
  LwFieldPicture *self = LW_FIELD_PICTURE (object);

  g_clear_object (&self->image);
  g_clear_pointer (&self->dataset, lw_dataset_unref);
  G_OBJECT_CLASS (lw_field_picture_parent_class)->finalize (object);
}

static void
lw_field_picture_class_init (LwFieldPictureClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_field_picture_finalize;
  GTK_WIDGET_CLASS (klass)->snapshot = lw_field_picture_snapshot;
  GTK_WIDGET_CLASS (klass)->measure = lw_field_picture_measure;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_IMG);
}

static void
lw_field_picture_init (LwFieldPicture *self)
{
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_START);
  gtk_widget_set_halign (GTK_WIDGET (self), GTK_ALIGN_START);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("First test image"), -1);
}

GtkWidget *
lw_field_picture_new (void)
{
  return g_object_new (LW_TYPE_FIELD_PICTURE, NULL);
}
