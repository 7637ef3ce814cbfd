#include "ui/picture-chooser.h"

#include "ui/accessible.h"
#include "ui/picture-input.h"
#include "ui/sketch-pad.h"

#include <glib/gi18n.h>

struct _LwPictureChooser {
  GtkWidget parent;
  LwWorkbench *workbench;
  LwOwnPicture *picture;
  GtkWidget *row, *draw, *canvas, *invert;
  bool filling;
};

G_DEFINE_FINAL_TYPE (LwPictureChooser, lw_picture_chooser, GTK_TYPE_WIDGET)

enum { CHANGED, COMPLAINED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
set_picture (LwPictureChooser *self, LwOwnPicture *picture)
{
  if (picture != NULL)
    lw_own_picture_ref (picture);
  g_clear_pointer (&self->picture, lw_own_picture_unref);
  self->picture = picture;
}

/* Both buttons, without their signals. */
static void
press (LwPictureChooser *self, bool draws, bool inverts)
{
  self->filling = true;
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->draw), draws);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->invert), inverts);
  self->filling = false;
}

void
lw_picture_chooser_use (LwPictureChooser *self, LwOwnPicture *picture)
{
  const int channels = lw_graph_input_shape (lw_workbench_graph (self->workbench)).c;

  press (self, false, channels == 1 && lw_own_picture_is_light (picture));
  set_picture (self, picture);
  g_signal_emit (self, signals[CHANGED], 0);
}

void
lw_picture_chooser_drop (LwPictureChooser *self)
{
  press (self, false, lw_picture_chooser_inverts (self));
  set_picture (self, NULL);
}

static void
came_in (GtkWidget *widget, LwOwnPicture *picture, const char *problem)
{
  if (picture != NULL)
    lw_picture_chooser_use (LW_PICTURE_CHOOSER (widget), picture);
  else
    g_signal_emit (widget, signals[COMPLAINED], 0, problem);
}

void
lw_picture_chooser_open (LwPictureChooser *self, GFile *file)
{
  lw_picture_open (GTK_WIDGET (self), file, came_in);
}

void
lw_picture_chooser_paste (LwPictureChooser *self)
{
  lw_picture_paste (GTK_WIDGET (self), came_in);
}

static void
choose_file (LwPictureChooser *self)
{
  lw_picture_choose_file (GTK_WIDGET (self), came_in);
}

static void
sketched (LwPictureChooser *self)
{
  const LwSketch *sketch = lw_sketch_pad_sketch (LW_SKETCH_PAD (self->canvas));
  const gsize area = (gsize)LW_SKETCH_SIDE * LW_SKETCH_SIDE;
  g_autofree uint8_t *planes = g_malloc (3 * area);
  g_autoptr (LwOwnPicture) picture = NULL;

  for (gsize i = 0; i < 3 * area; i++)
    planes[i] = lw_sketch_pixels (sketch)[i % area];
  picture = lw_own_picture_new (planes, LW_SKETCH_SIDE, LW_SKETCH_SIDE, _ ("your drawing"));
  set_picture (self, picture);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
draw_toggled (LwPictureChooser *self)
{
  if (self->filling)
    return;
  if (lw_picture_chooser_draws (self)) {
    press (self, true, false);
    sketched (self);
    gtk_widget_grab_focus (lw_sketch_pad_canvas (LW_SKETCH_PAD (self->canvas)));
  } else {
    set_picture (self, NULL);
    g_signal_emit (self, signals[CHANGED], 0);
  }
}

static void
invert_toggled (LwPictureChooser *self)
{
  if (!self->filling && self->picture != NULL)
    g_signal_emit (self, signals[CHANGED], 0);
}

LwOwnPicture *
lw_picture_chooser_picture (LwPictureChooser *self)
{
  return self->picture;
}

bool
lw_picture_chooser_inverts (LwPictureChooser *self)
{
  return gtk_check_button_get_active (GTK_CHECK_BUTTON (self->invert));
}

bool
lw_picture_chooser_draws (LwPictureChooser *self)
{
  return gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->draw));
}

GtkWidget *
lw_picture_chooser_canvas (LwPictureChooser *self)
{
  return self->canvas;
}

GtkWidget *
lw_picture_chooser_invert (LwPictureChooser *self)
{
  return self->invert;
}

/* --- set-up --------------------------------------------------------------------------------------
 */

static void
make_buttons (LwPictureChooser *self)
{
  GtkWidget *open = gtk_button_new_with_label (_ ("Open…"));
  GtkWidget *paste = gtk_button_new_from_icon_name ("edit-paste-symbolic");

  self->row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->draw = gtk_toggle_button_new_with_label (_ ("Draw"));
  gtk_box_set_homogeneous (GTK_BOX (self->row), TRUE);
  gtk_widget_set_tooltip_text (open,
                               _ ("Look at a picture of your own; it can be dropped here, too"));
  lw_name_widget (open, _ ("Open…"));
  gtk_widget_set_tooltip_text (self->draw, _ ("Draw a picture of 28 × 28 pixels"));
  lw_name_widget (self->draw, _ ("Draw"));
  gtk_widget_set_tooltip_text (paste, _ ("Paste a picture (Ctrl+V)"));
  lw_name_widget (paste, _ ("Paste a picture"));
  g_signal_connect_swapped (open, "clicked", G_CALLBACK (choose_file), self);
  g_signal_connect_swapped (self->draw, "toggled", G_CALLBACK (draw_toggled), self);
  g_signal_connect_swapped (paste, "clicked", G_CALLBACK (lw_picture_chooser_paste), self);
  for (GtkWidget **button = (GtkWidget *[]){ open, self->draw, paste, NULL }; *button != NULL;
       button++) {
    gtk_widget_add_css_class (*button, "lw-small-button");
    gtk_box_append (GTK_BOX (self->row), *button);
  }
}

static void
lw_picture_chooser_dispose (GObject *object)
{
  LwPictureChooser *self = LW_PICTURE_CHOOSER (object);

  g_clear_pointer (&self->row, gtk_widget_unparent);
  g_clear_object (&self->canvas);
  g_clear_object (&self->invert);
  set_picture (self, NULL);
  G_OBJECT_CLASS (lw_picture_chooser_parent_class)->dispose (object);
}

static void
lw_picture_chooser_class_init (LwPictureChooserClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_picture_chooser_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  signals[COMPLAINED] = g_signal_new ("complained", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                      NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
lw_picture_chooser_init (LwPictureChooser *self)
{
  make_buttons (self);
  gtk_widget_set_parent (self->row, GTK_WIDGET (self));
  self->canvas = g_object_ref_sink (lw_sketch_pad_new ());
  g_signal_connect_object (self->canvas, "changed", G_CALLBACK (sketched), self, G_CONNECT_SWAPPED);
  self->invert =
      g_object_ref_sink (gtk_check_button_new_with_label (_ ("Invert: light becomes dark")));
  gtk_widget_add_css_class (self->invert, "lw-caption");
  g_signal_connect_object (self->invert, "toggled", G_CALLBACK (invert_toggled), self,
                           G_CONNECT_SWAPPED);
}

GtkWidget *
lw_picture_chooser_new (LwWorkbench *workbench)
{
  LwPictureChooser *self = g_object_new (LW_TYPE_PICTURE_CHOOSER, NULL);

  self->workbench = workbench;
  return GTK_WIDGET (self);
}
