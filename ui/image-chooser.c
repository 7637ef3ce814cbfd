#include "ui/image-chooser.h"

#include "ui/accessible.h"
#include "ui/class-bars.h"
#include "ui/draw/shapes.h"
#include "ui/image-picker.h"
#include "ui/image-tile.h"
#include "ui/sketch-pad.h"

#include <glib/gi18n.h>
#include <math.h>

#define N_CHOICES  9
#define N_GUESSES  5
#define SIDE       172 /* of the image; what is below is as wide */
#define CHOICE     54
#define CHOICE_GAP ((SIDE - 3 * CHOICE) / 2)

struct _LwImageChooser {
  GtkWidget parent;
  LwWorkbench *workbench;
  LwActivationSource *source;
  double frame_x, frame_y, frame_side;
  GtkWidget *column, *caption, *stack, *image, *field, *sketch, *picker, *choices[N_CHOICES], *grid;
  GtkWidget *draw, *invert, *bars;
  bool filling;
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
  if (own ? values == NULL : dataset == NULL)
    return;
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
    words = g_strdup_printf (split == LW_SPLIT_TEST ? _ ("test %d · %s") : _ ("train %d · %s"),
                             index,
                             lw_dataset_class_name (dataset,
                                                    lw_dataset_label (dataset, split, index)));
  gtk_label_set_text (GTK_LABEL (self->caption), words != NULL ? words : "");
  gtk_widget_set_tooltip_text (self->caption, words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->image), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  words != NULL ? words : "", -1);
  gtk_widget_set_visible (self->invert, own != NULL);
}

/* The nine around the picked one: whole pages, so that they stay while one steps through. */
static int
first_choice (LwImageChooser *self)
{
  return lw_image_picker_place (picker_of (self)) / N_CHOICES * N_CHOICES;
}

static void
show_choices (LwImageChooser *self)
{
  const int first = first_choice (self), n = lw_image_picker_n (picker_of (self));
  const bool train = lw_image_picker_split (picker_of (self)) == LW_SPLIT_TRAIN;

  for (int i = 0; i < N_CHOICES; i++) {
    const bool there = first + i < n;
    g_autofree char *name = NULL;

    gtk_widget_set_opacity (self->choices[i], there ? 1 : 0);
    gtk_widget_set_sensitive (self->choices[i], there);
    gtk_widget_queue_draw (gtk_button_get_child (GTK_BUTTON (self->choices[i])));
    if (!there)
      continue;
    name = g_strdup_printf (train ? _ ("Training image %d") : _ ("Test image %d"),
                            lw_image_picker_at (picker_of (self), first + i));
    lw_name_widget (self->choices[i], name);
    gtk_widget_set_tooltip_text (self->choices[i], name);
  }
}

static const char *
class_name (gpointer data, int label)
{
  LwDataset *dataset = lw_workbench_dataset (LW_WORKBENCH (data));

  return dataset != NULL && label < lw_dataset_classes (dataset)
             ? lw_dataset_class_name (dataset, label)
             : NULL;
}

static void
show_prediction (LwImageChooser *self)
{
  LwDataset *dataset = lw_workbench_dataset (self->workbench);
  const bool own = lw_activation_source_own (self->source) != NULL;
  g_autofree char *heading = lw_prediction_heading (self->source);

  lw_class_bars_show (LW_CLASS_BARS (self->bars), heading,
                      lw_activation_source_probabilities (self->source),
                      lw_graph_classes (lw_workbench_graph (self->workbench)), class_name,
                      self->workbench,
                      own || dataset == NULL
                          ? -1
                          : lw_dataset_label (dataset, lw_image_picker_split (picker_of (self)),
                                              lw_image_picker_index (picker_of (self))));
}

static void
redraw (LwImageChooser *self)
{
  show_caption (self);
  show_choices (self);
  show_prediction (self);
  gtk_widget_queue_draw (self->image);
}

void
lw_image_chooser_frame (LwImageChooser *self, double x, double y, double side)
{
  g_autofree char *words = NULL;

  if (side > 0)
    words = g_strdup_printf (_ ("Framed: the %d × %d pixels that the chosen unit sees"), (int)side,
                             (int)side);
  gtk_label_set_text (GTK_LABEL (self->field), words != NULL ? words : "");
  gtk_widget_set_visible (self->field, words != NULL);
  self->frame_x = x;
  self->frame_y = y;
  self->frame_side = side;
  gtk_widget_queue_draw (self->image);
}

/* --- examples ------------------------------------------------------------------------------------
 */

static void
picked (LwImageChooser *self)
{
  lw_image_chooser_draw (self, false);
  lw_activation_source_set_example (self->source, lw_image_picker_split (picker_of (self)),
                                    lw_image_picker_index (picker_of (self)));
  redraw (self);
}

static void
mistake_asked (LwImagePicker *picker, int by, LwImageChooser *self)
{
  picked (self);
  lw_image_picker_set_searching (picker, true);
  lw_activation_source_find_mistake (self->source, by, lw_image_picker_class (picker));
}

static void
mistake_found (LwActivationSource *source, int index, LwImageChooser *self)
{
  (void)source;
  lw_image_picker_set_searching (picker_of (self), false);
  if (index >= 0)
    lw_image_picker_pick (picker_of (self), lw_image_picker_split (picker_of (self)), index);
  else
    g_signal_emit (self, complained_signal, 0, _ ("There is no mistake among these images."));
}

static void
choice_clicked (GtkButton *button, LwImageChooser *self)
{
  const int place = first_choice (self) +
                    GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "place"));

  if (place < lw_image_picker_n (picker_of (self)))
    lw_image_picker_pick (picker_of (self), lw_image_picker_split (picker_of (self)),
                          lw_image_picker_at (picker_of (self), place));
}

static void
draw_choice (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwImageChooser *self = data;
  LwDataset *dataset = lw_workbench_dataset (self->workbench);
  const int place =
      first_choice (self) + GPOINTER_TO_INT (g_object_get_data (G_OBJECT (area), "place"));
  const LwTheme *theme = theme_now ();
  int32_t index;
  LwTile tile;

  if (dataset == NULL || place >= lw_image_picker_n (picker_of (self)))
    return;
  index = lw_image_picker_at (picker_of (self), place);
  tile = lw_example_tile (dataset, lw_image_picker_split (picker_of (self)), index);
  lw_tile_paint (cr, theme, &tile, (cairo_rectangle_t){ 3, 3, width - 6, height - 6 }, 6);
  if (index == lw_image_picker_index (picker_of (self)) &&
      lw_activation_source_own (self->source) == NULL) {
    lw_set_colour (cr, theme->accent, 1);
    cairo_set_line_width (cr, 2.5);
    lw_path_rounded (cr, 1.5, 1.5, width - 3, height - 3, 7);
    cairo_stroke (cr);
  }
}

/* --- pictures of one's own -----------------------------------------------------------------------
 */

/* A light ground becomes dark for a network of one channel: its images are light on black. */
static void
set_own (LwImageChooser *self, LwOwnPicture *picture, bool invert)
{
  self->filling = true;
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->invert), invert);
  self->filling = false;
  lw_activation_source_set_own (self->source, picture, invert);
  redraw (self);
}

void
lw_image_chooser_use (LwImageChooser *self, LwOwnPicture *picture)
{
  const int channels = lw_graph_input_shape (lw_workbench_graph (self->workbench)).c;

  lw_image_chooser_draw (self, false);
  set_own (self, picture, channels == 1 && lw_own_picture_is_light (picture));
}

static void
invert_toggled (LwImageChooser *self)
{
  LwOwnPicture *own = lw_activation_source_own (self->source);

  if (!self->filling && own != NULL)
    set_own (self, own, gtk_check_button_get_active (GTK_CHECK_BUTTON (self->invert)));
}

static void
opened (GObject *file, GAsyncResult *result, gpointer data)
{
  g_autoptr (LwImageChooser) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOwnPicture) picture = lw_own_picture_load_finish (result, &error);

  (void)file;
  if (self->column == NULL) /* the window has gone */
    return;
  if (picture != NULL)
    lw_image_chooser_use (self, picture);
  else
    g_signal_emit (self, complained_signal, 0, error->message);
}

void
lw_image_chooser_open (LwImageChooser *self, GFile *file)
{
  lw_own_picture_load_async (file, opened, g_object_ref (self));
}

static void
file_chosen (GtkNativeDialog *dialog, int response, LwImageChooser *self)
{
  if (response == GTK_RESPONSE_ACCEPT) {
    g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));

    if (file != NULL)
      lw_image_chooser_open (self, file);
  }
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

static void
choose_file (LwImageChooser *self)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      _ ("Open a Picture"), GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
      GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Open"), NULL);
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _ ("Pictures"));
  gtk_file_filter_add_pixbuf_formats (filter);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  g_signal_connect_object (dialog, "response", G_CALLBACK (file_chosen), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
pasted (GObject *clipboard, GAsyncResult *result, gpointer data)
{
  g_autoptr (LwImageChooser) self = data;
  g_autoptr (GdkTexture) texture =
      gdk_clipboard_read_texture_finish (GDK_CLIPBOARD (clipboard), result, NULL);
  g_autoptr (LwOwnPicture) picture =
      texture != NULL ? lw_own_picture_from_texture (texture, _ ("from the clipboard")) : NULL;

  if (self->column == NULL)
    return;
  if (picture != NULL)
    lw_image_chooser_use (self, picture);
  else
    g_signal_emit (self, complained_signal, 0, _ ("There is no picture on the clipboard."));
}

void
lw_image_chooser_paste (LwImageChooser *self)
{
  gdk_clipboard_read_texture_async (gtk_widget_get_clipboard (GTK_WIDGET (self)), NULL, pasted,
                                    g_object_ref (self));
}

static void
sketched (LwImageChooser *self)
{
  const LwSketch *sketch = lw_sketch_pad_sketch (LW_SKETCH_PAD (self->sketch));
  const gsize area = (gsize)LW_SKETCH_SIDE * LW_SKETCH_SIDE;
  g_autofree uint8_t *planes = g_malloc (3 * area);
  g_autoptr (LwOwnPicture) picture = NULL;

  for (gsize i = 0; i < 3 * area; i++)
    planes[i] = lw_sketch_pixels (sketch)[i % area];
  picture = lw_own_picture_new (planes, LW_SKETCH_SIDE, LW_SKETCH_SIDE, _ ("your drawing"));
  set_own (self, picture, gtk_check_button_get_active (GTK_CHECK_BUTTON (self->invert)));
}

void
lw_image_chooser_draw (LwImageChooser *self, bool draws)
{
  const bool now = gtk_stack_get_visible_child (GTK_STACK (self->stack)) == self->sketch;

  if (now == draws)
    return;
  gtk_stack_set_visible_child (GTK_STACK (self->stack), draws ? self->sketch : self->image);
  gtk_widget_set_visible (self->grid, !draws);
  self->filling = true;
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->draw), draws);
  if (draws)
    gtk_check_button_set_active (GTK_CHECK_BUTTON (self->invert), FALSE);
  self->filling = false;
  if (!draws)
    return;
  sketched (self);
  gtk_widget_grab_focus (lw_sketch_pad_canvas (LW_SKETCH_PAD (self->sketch)));
}

static void
draw_toggled (LwImageChooser *self)
{
  if (self->filling)
    return;
  if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->draw)))
    lw_image_chooser_draw (self, true);
  else
    picked (self); /* the example again */
}

/* --- set-up --------------------------------------------------------------------------------------
 */

static GtkWidget *
make_choices (LwImageChooser *self)
{
  GtkWidget *grid = gtk_grid_new ();

  gtk_grid_set_row_spacing (GTK_GRID (grid), CHOICE_GAP);
  gtk_grid_set_column_spacing (GTK_GRID (grid), CHOICE_GAP);
  gtk_grid_set_column_homogeneous (GTK_GRID (grid), TRUE);
  for (int i = 0; i < N_CHOICES; i++) {
    GtkWidget *button = gtk_button_new (), *area = gtk_drawing_area_new ();

    gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (area), CHOICE);
    gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (area), CHOICE);
    gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), draw_choice, self, NULL);
    g_object_set_data (G_OBJECT (area), "place", GINT_TO_POINTER (i));
    g_object_set_data (G_OBJECT (button), "place", GINT_TO_POINTER (i));
    gtk_button_set_child (GTK_BUTTON (button), area);
    gtk_widget_add_css_class (button, "flat");
    gtk_widget_add_css_class (button, "lw-thumbnail");
    g_signal_connect (button, "clicked", G_CALLBACK (choice_clicked), self);
    gtk_grid_attach (GTK_GRID (grid), button, i % 3, i / 3, 1, 1);
    self->choices[i] = button;
  }
  return grid;
}

static GtkWidget *
make_own (LwImageChooser *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *open = gtk_button_new_with_label (_ ("Open…"));
  GtkWidget *paste = gtk_button_new_from_icon_name ("edit-paste-symbolic");

  self->draw = gtk_toggle_button_new_with_label (_ ("Draw"));
  gtk_box_set_homogeneous (GTK_BOX (row), TRUE);
  gtk_widget_set_tooltip_text (open, _ ("Look at a picture of your own; it can be dropped here, too"));
  lw_name_by_words (open);
  gtk_widget_set_tooltip_text (self->draw, _ ("Draw a picture of 28 × 28 pixels"));
  lw_name_by_words (self->draw);
  gtk_widget_set_tooltip_text (paste, _ ("Paste a picture (Ctrl+V)"));
  lw_name_widget (paste, _ ("Paste a picture"));
  g_signal_connect_swapped (open, "clicked", G_CALLBACK (choose_file), self);
  g_signal_connect_swapped (self->draw, "toggled", G_CALLBACK (draw_toggled), self);
  g_signal_connect_swapped (paste, "clicked", G_CALLBACK (lw_image_chooser_paste), self);
  for (GtkWidget **button = (GtkWidget *[]){ open, self->draw, paste, NULL }; *button != NULL;
       button++) {
    gtk_widget_add_css_class (*button, "lw-small-button");
    gtk_box_append (GTK_BOX (row), *button);
  }
  return row;
}

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
  self->sketch = lw_sketch_pad_new ();
  g_signal_connect_swapped (self->sketch, "changed", G_CALLBACK (sketched), self);
  self->stack = gtk_stack_new ();
  gtk_stack_set_vhomogeneous (GTK_STACK (self->stack), FALSE);
  gtk_stack_add_child (GTK_STACK (self->stack), self->image);
  gtk_stack_add_child (GTK_STACK (self->stack), self->sketch);
  self->field = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->field, "lw-caption");
  gtk_label_set_wrap (GTK_LABEL (self->field), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->field), 0);
  gtk_label_set_max_width_chars (GTK_LABEL (self->field), 22);
  self->invert = gtk_check_button_new_with_label (_ ("Invert: light becomes dark"));
  gtk_widget_add_css_class (self->invert, "lw-caption");
  g_signal_connect_swapped (self->invert, "toggled", G_CALLBACK (invert_toggled), self);
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
  self->grid = make_choices (self);
  gtk_box_append (GTK_BOX (self->column), head);
  gtk_box_append (GTK_BOX (self->column), self->stack);
  gtk_box_append (GTK_BOX (self->column), self->invert);
  gtk_box_append (GTK_BOX (self->column), self->field);
  gtk_box_append (GTK_BOX (self->column), self->bars);
  gtk_box_append (GTK_BOX (self->column), self->picker);
  gtk_box_append (GTK_BOX (self->column), self->grid);
  gtk_box_append (GTK_BOX (self->column), make_own (self));
  g_signal_connect_object (workbench, "dataset-changed", G_CALLBACK (redraw), self,
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
