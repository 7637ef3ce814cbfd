#include "ui/image-chooser.h"

#include "ui/draw/shapes.h"
#include "ui/image-tile.h"

#include <glib/gi18n.h>
#include <math.h>

#define N_CHOICES  12
#define N_GUESSES  3
#define SIDE       172 /* of the image; the choices below it are as wide */
#define CHOICE     54
#define CHOICE_GAP ((SIDE - 3 * CHOICE) / 2)

struct _LwImageChooser {
  GtkWidget parent;
  LwWorkbench *workbench;
  int32_t index;
  double frame_x, frame_y, frame_side;
  GtkWidget *column, *caption, *image, *choices[N_CHOICES];
  GtkWidget *card, *heading, *names[N_GUESSES], *bars[N_GUESSES], *values[N_GUESSES];
};

G_DEFINE_FINAL_TYPE (LwImageChooser, lw_image_chooser, GTK_TYPE_WIDGET)

static guint chosen_signal;

static const LwTheme *
theme_now (void)
{
  return lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
}

static void
draw_image (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwImageChooser *self = data;
  LwDataset *dataset = lw_workbench_dataset (self->workbench);
  const cairo_rectangle_t place = { 0, 0, width, height };

  (void)area;
  if (dataset == NULL)
    return;
  const LwTile tile = lw_image_tile (dataset, self->index);

  lw_tile_paint (cr, theme_now (), &tile, place, 6);
  if (self->frame_side > 0)
    lw_tile_paint_field (cr, &tile, place, (int)floor (self->frame_y), (int)floor (self->frame_x),
                         (int)ceil (self->frame_side), (int)ceil (self->frame_side));
}

static void
draw_choice (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwImageChooser *self = data;
  LwDataset *dataset = lw_workbench_dataset (self->workbench);
  const int index = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (area), "index"));
  const LwTheme *theme = theme_now ();

  if (dataset == NULL || index >= lw_dataset_size (dataset, LW_SPLIT_TEST))
    return;
  const LwTile tile = lw_image_tile (dataset, index);

  lw_tile_paint (cr, theme, &tile, (cairo_rectangle_t){ 3, 3, width - 6, height - 6 }, 6);
  if (index == self->index) {
    lw_set_colour (cr, theme->accent, 1);
    cairo_set_line_width (cr, 2.5);
    lw_path_rounded (cr, 1.5, 1.5, width - 3, height - 3, 7);
    cairo_stroke (cr);
  }
}

static void
show_caption (LwImageChooser *self)
{
  LwDataset *dataset = lw_workbench_dataset (self->workbench);
  g_autofree char *words = NULL;

  if (dataset != NULL)
    words = g_strdup_printf (
        _ ("test %d · %s"), self->index,
        lw_dataset_class_name (dataset, lw_dataset_label (dataset, LW_SPLIT_TEST, self->index)));
  gtk_label_set_text (GTK_LABEL (self->caption), words != NULL ? words : "");
}

static void
redraw (LwImageChooser *self)
{
  LwDataset *dataset = lw_workbench_dataset (self->workbench);

  if (dataset != NULL)
    self->index = MIN (self->index, lw_dataset_size (dataset, LW_SPLIT_TEST) - 1);
  show_caption (self);
  gtk_widget_queue_draw (self->image);
  for (int i = 0; i < N_CHOICES; i++)
    gtk_widget_queue_draw (gtk_button_get_child (GTK_BUTTON (self->choices[i])));
}

static void
choice_clicked (GtkButton *button, LwImageChooser *self)
{
  self->index = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "index"));
  redraw (self);
  g_signal_emit (self, chosen_signal, 0);
}

int32_t
lw_image_chooser_index (LwImageChooser *self)
{
  return self->index;
}

void
lw_image_chooser_frame (LwImageChooser *self, double x, double y, double side)
{
  self->frame_x = x;
  self->frame_y = y;
  self->frame_side = side;
  gtk_widget_queue_draw (self->image);
}

void
lw_image_chooser_show_prediction (LwImageChooser *self, const char *heading,
                                  const float *probabilities)
{
  LwDataset *dataset = lw_workbench_dataset (self->workbench);
  const int classes = lw_graph_classes (lw_workbench_graph (self->workbench));
  bool used[1024] = { false };

  gtk_widget_set_visible (self->card, probabilities != NULL && dataset != NULL);
  if (probabilities == NULL || dataset == NULL)
    return;
  gtk_label_set_text (GTK_LABEL (self->heading), heading);
  for (int i = 0; i < N_GUESSES; i++) {
    int best = -1;
    g_autofree char *value = NULL;

    for (int label = 0; label < MIN (classes, 1024); label++)
      if (!used[label] && (best < 0 || probabilities[label] > probabilities[best]))
        best = label;
    gtk_widget_set_visible (gtk_widget_get_parent (self->names[i]), best >= 0);
    if (best < 0)
      continue;
    used[best] = true;
    value = g_strdup_printf ("%.3f", probabilities[best]);
    gtk_label_set_text (GTK_LABEL (self->names[i]), best < lw_dataset_classes (dataset)
                                                        ? lw_dataset_class_name (dataset, best)
                                                        : "–");
    gtk_label_set_text (GTK_LABEL (self->values[i]), value);
    gtk_level_bar_set_value (GTK_LEVEL_BAR (self->bars[i]), CLAMP (probabilities[best], 0, 1));
  }
}

static GtkWidget *
make_choices (LwImageChooser *self)
{
  GtkWidget *grid = gtk_grid_new ();

  gtk_grid_set_row_spacing (GTK_GRID (grid), CHOICE_GAP);
  gtk_grid_set_column_spacing (GTK_GRID (grid), CHOICE_GAP);
  gtk_grid_set_column_homogeneous (GTK_GRID (grid), TRUE);
  for (int i = 0; i < N_CHOICES; i++) {
    GtkWidget *button = gtk_button_new (), *area = gtk_drawing_area_new ();
    g_autofree char *name = g_strdup_printf (_ ("Test image %d"), i);

    gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (area), CHOICE);
    gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (area), CHOICE);
    gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), draw_choice, self, NULL);
    g_object_set_data (G_OBJECT (area), "index", GINT_TO_POINTER (i));
    g_object_set_data (G_OBJECT (button), "index", GINT_TO_POINTER (i));
    gtk_button_set_child (GTK_BUTTON (button), area);
    gtk_widget_add_css_class (button, "flat");
    gtk_widget_add_css_class (button, "lw-thumbnail");
    gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                    -1);
    g_signal_connect (button, "clicked", G_CALLBACK (choice_clicked), self);
    gtk_grid_attach (GTK_GRID (grid), button, i % 3, i / 3, 1, 1);
    self->choices[i] = button;
  }
  return grid;
}

static GtkWidget *
make_card (LwImageChooser *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);

  self->heading = gtk_label_new (NULL);
  self->card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (self->card, "lw-card");
  gtk_widget_add_css_class (self->heading, "lw-heading");
  gtk_label_set_xalign (GTK_LABEL (self->heading), 0);
  gtk_label_set_wrap (GTK_LABEL (self->heading), TRUE);
  gtk_box_append (GTK_BOX (box), self->heading);
  for (int i = 0; i < N_GUESSES; i++) {
    GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

    self->names[i] = gtk_label_new (NULL);
    self->bars[i] = gtk_level_bar_new ();
    self->values[i] = gtk_label_new (NULL);
    gtk_label_set_xalign (GTK_LABEL (self->names[i]), 0);
    gtk_label_set_ellipsize (GTK_LABEL (self->names[i]), PANGO_ELLIPSIZE_END);
    gtk_widget_set_hexpand (self->names[i], TRUE);
    gtk_widget_set_size_request (self->bars[i], 34, -1);
    gtk_widget_set_valign (self->bars[i], GTK_ALIGN_CENTER);
    /* One colour, not a judgement of the value. */
    gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (self->bars[i]), GTK_LEVEL_BAR_OFFSET_LOW);
    gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (self->bars[i]), GTK_LEVEL_BAR_OFFSET_HIGH);
    gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (self->bars[i]), GTK_LEVEL_BAR_OFFSET_FULL);
    gtk_widget_add_css_class (self->names[i], "lw-caption");
    gtk_widget_add_css_class (self->values[i], "lw-caption");
    gtk_widget_add_css_class (self->values[i], "lw-number");
    gtk_box_append (GTK_BOX (row), self->names[i]);
    gtk_box_append (GTK_BOX (row), self->bars[i]);
    gtk_box_append (GTK_BOX (row), self->values[i]);
    gtk_box_append (GTK_BOX (box), row);
  }
  gtk_box_append (GTK_BOX (self->card), box);
  return self->card;
}

GtkWidget *
lw_image_chooser_new (LwWorkbench *workbench)
{
  LwImageChooser *self = g_object_new (LW_TYPE_IMAGE_CHOOSER, NULL);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6),
            *title = gtk_label_new (_ ("Image"));

  self->workbench = workbench;
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
  self->caption = gtk_label_new (NULL);
  gtk_widget_add_css_class (title, "lw-strong");
  gtk_widget_add_css_class (self->caption, "lw-caption");
  gtk_label_set_ellipsize (GTK_LABEL (self->caption), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (self->caption), 1);
  gtk_widget_set_hexpand (self->caption, TRUE);
  gtk_box_append (GTK_BOX (head), title);
  gtk_box_append (GTK_BOX (head), self->caption);
  self->image = gtk_drawing_area_new ();
  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (self->image), SIDE);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (self->image), SIDE);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->image), draw_image, self, NULL);
  gtk_widget_set_halign (self->image, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->image), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("The chosen test image"), -1);
  gtk_box_append (GTK_BOX (self->column), head);
  gtk_box_append (GTK_BOX (self->column), self->image);
  gtk_box_append (GTK_BOX (self->column), make_choices (self));
  gtk_box_append (GTK_BOX (self->column), make_card (self));
  g_signal_connect_object (workbench, "dataset-changed", G_CALLBACK (redraw), self,
                           G_CONNECT_SWAPPED);
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
  chosen_signal = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_image_chooser_init (LwImageChooser *self)
{
  (void)self;
}
