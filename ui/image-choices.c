#include "ui/image-choices.h"

#include "ui/accessible.h"
#include "ui/draw/shapes.h"
#include "ui/image-tile.h"

#include <glib/gi18n.h>

#define N_CHOICES 6
#define COLUMNS   3
#define GAP       9

struct _LwImageChoices {
  GtkWidget parent;
  LwWorkbench *workbench;
  LwImagePicker *picker;
  GtkWidget *grid, *choices[N_CHOICES];
  bool marked;
};

G_DEFINE_FINAL_TYPE (LwImageChoices, lw_image_choices, GTK_TYPE_WIDGET)

/* Whole pages, so that they stay while one steps through. */
static int
first_choice (LwImageChoices *self)
{
  return lw_image_picker_place (self->picker) / N_CHOICES * N_CHOICES;
}

void
lw_image_choices_show (LwImageChoices *self, bool marked)
{
  const int first = first_choice (self), n = lw_image_picker_n (self->picker);
  const bool train = lw_image_picker_split (self->picker) == LW_SPLIT_TRAIN;

  self->marked = marked;
  for (int i = 0; i < N_CHOICES; i++) {
    const bool there = first + i < n;
    g_autofree char *name = NULL;

    gtk_widget_set_opacity (self->choices[i], there ? 1 : 0);
    gtk_widget_set_sensitive (self->choices[i], there);
    gtk_widget_queue_draw (gtk_button_get_child (GTK_BUTTON (self->choices[i])));
    if (!there)
      continue;
    name = g_strdup_printf (train ? _ ("Training image %d") : _ ("Test image %d"),
                            lw_image_picker_at (self->picker, first + i));
    lw_name_widget (self->choices[i], name);
    gtk_widget_set_tooltip_text (self->choices[i], name);
  }
}

static int
place_of (LwImageChoices *self, gpointer widget)
{
  return first_choice (self) + GPOINTER_TO_INT (g_object_get_data (G_OBJECT (widget), "place"));
}

static void
clicked (GtkButton *button, LwImageChoices *self)
{
  const int place = place_of (self, button);

  if (place < lw_image_picker_n (self->picker))
    lw_image_picker_pick (self->picker, lw_image_picker_split (self->picker),
                          lw_image_picker_at (self->picker, place));
}

static void
draw_choice (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwImageChoices *self = data;
  LwDataset *dataset = lw_workbench_dataset (self->workbench);
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  const int place = place_of (self, area);
  int32_t index;
  LwTile tile;

  if (dataset == NULL || place >= lw_image_picker_n (self->picker))
    return;
  index = lw_image_picker_at (self->picker, place);
  tile = lw_example_tile (dataset, lw_image_picker_split (self->picker), index);
  lw_tile_paint (cr, theme, &tile, (cairo_rectangle_t){ 3, 3, width - 6, height - 6 }, 6);
  if (index == lw_image_picker_index (self->picker) && self->marked) {
    lw_set_colour (cr, theme->accent, 1);
    cairo_set_line_width (cr, 2.5);
    lw_path_rounded (cr, 1.5, 1.5, width - 3, height - 3, 7);
    cairo_stroke (cr);
  }
}

GtkWidget *
lw_image_choices_new (LwWorkbench *workbench, LwImagePicker *picker, int width)
{
  LwImageChoices *self = g_object_new (LW_TYPE_IMAGE_CHOICES, NULL);
  const int side = (width - (COLUMNS - 1) * GAP) / COLUMNS;

  self->workbench = workbench;
  self->picker = picker;
  for (int i = 0; i < N_CHOICES; i++) {
    GtkWidget *button = gtk_button_new (), *area = gtk_drawing_area_new ();

    gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (area), side);
    gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (area), side);
    gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), draw_choice, self, NULL);
    g_object_set_data (G_OBJECT (area), "place", GINT_TO_POINTER (i));
    g_object_set_data (G_OBJECT (button), "place", GINT_TO_POINTER (i));
    gtk_button_set_child (GTK_BUTTON (button), area);
    gtk_widget_add_css_class (button, "flat");
    gtk_widget_add_css_class (button, "lw-thumbnail");
    gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
    g_signal_connect (button, "clicked", G_CALLBACK (clicked), self);
    gtk_grid_attach (GTK_GRID (self->grid), button, i % COLUMNS, i / COLUMNS, 1, 1);
    self->choices[i] = button;
  }
  return GTK_WIDGET (self);
}

static void
lw_image_choices_dispose (GObject *object)
{
  g_clear_pointer (&LW_IMAGE_CHOICES (object)->grid, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_image_choices_parent_class)->dispose (object);
}

static void
lw_image_choices_class_init (LwImageChoicesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_image_choices_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_image_choices_init (LwImageChoices *self)
{
  self->grid = gtk_grid_new ();
  gtk_grid_set_row_spacing (GTK_GRID (self->grid), GAP);
  gtk_grid_set_column_spacing (GTK_GRID (self->grid), GAP);
  gtk_grid_set_column_homogeneous (GTK_GRID (self->grid), TRUE);
  gtk_widget_set_parent (self->grid, GTK_WIDGET (self));
}
