#include "ui/feature-strip.h"

#include "ui/accessible.h"
#include "ui/activation-source.h"
#include "ui/image-tile.h"
#include "ui/layer-picker.h"

#include <glib/gi18n.h>

#define TILE        100
#define TILE_MIN    72 /* tiles shrink to this before maps are left out */
#define TILE_GAP    5
#define CAPTION     20
#define BAR_WIDTH   64
#define WORDS_CHARS 21

struct _LwFeatureStrip {
  GtkWidget parent;
  LwWorkbench *workbench;
  LwActivationSource *source;
  LwText *text;
  GtkWidget *column, *picker, *images, *words, *bar, *row;
  bool filling;
};

G_DEFINE_FINAL_TYPE (LwFeatureStrip, lw_feature_strip, GTK_TYPE_WIDGET)

static const LwTheme *
theme_now (void)
{
  return lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
}

static void
paint_caption (LwFeatureStrip *self, cairo_t *cr, const LwTheme *theme, double x, double side,
               const char *caption)
{
  lw_text_paint (cr, self->text, LW_TEXT_DETAIL, caption, x + side / 2,
                 side + CAPTION / 2.0 + lw_text_middle (LW_TEXT_DETAIL), 0.5, theme->dim, 1);
}

static void
draw_row (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwFeatureStrip *self = data;
  const LwTheme *theme = theme_now ();
  LwDataset *dataset = lw_workbench_dataset (self->workbench);
  LwShape shape;
  const float *values = lw_activation_source_values (self->source, &shape);
  const int wanted = values != NULL && shape.h * shape.w > 1 ? shape.c + 1 : 1;
  const double fitting = (width + TILE_GAP) / (double)wanted - TILE_GAP;
  const double side = MIN (height - CAPTION, MAX (fitting, TILE_MIN));
  double x = 0;

  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (GTK_WIDGET (area)));
  if (dataset == NULL || side < 8)
    return;
  const LwTile input = lw_image_tile (dataset, lw_activation_source_image (self->source));

  lw_tile_paint (cr, theme, &input, (cairo_rectangle_t){ x, 0, side, side }, 6);
  paint_caption (self, cr, theme, x, side, _ ("Input"));
  if (values == NULL) {
    const char *problem = lw_activation_source_problem (self->source);

    lw_text_paint (cr, self->text, LW_TEXT_CAPTION, problem != NULL ? problem : _ ("Computing…"),
                   side + 14, side / 2, 0, theme->dim, 1);
    return;
  }
  const LwTileGrid grid = lw_activation_grid (values, shape);

  if (grid.n == 1 && grid.rows == 1) { /* a vector: folded into one tile */
    LwTile tile = lw_tile_grid_tile (&grid, 0);

    tile.count = grid.columns;
    lw_tile_fold (grid.columns, &tile.rows, &tile.columns);
    lw_tile_paint (cr, theme, &tile,
                   lw_tile_fit (&tile, (cairo_rectangle_t){ side + TILE_GAP, 0, side * 1.6, side }),
                   6);
    return;
  }
  x = side + TILE_GAP;
  for (int map = 0; map < grid.n && x + side <= width + 0.5; map++, x += side + TILE_GAP) {
    const LwTile tile = lw_tile_grid_tile (&grid, map);
    g_autofree char *caption = g_strdup_printf ("%d", map);

    lw_tile_paint (cr, theme, &tile, (cairo_rectangle_t){ x, 0, side, side }, 6);
    paint_caption (self, cr, theme, x, side, caption);
  }
}

static void
draw_bar (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwFeatureStrip *self = data;
  LwShape shape;
  const float *values = lw_activation_source_values (self->source, &shape);

  (void)area;
  if (values == NULL)
    return;
  const LwScale scale = lw_scale_for (values, (size_t)lw_shape_size (shape));

  lw_colour_bar_paint (cr, theme_now (), self->text, &scale, width, height / 2.0, BAR_WIDTH, 1);
}

static void
updated (LwFeatureStrip *self)
{
  g_autofree char *words = lw_activation_source_words (self->source);
  LwShape shape;
  const bool any = lw_activation_source_values (self->source, &shape) != NULL;

  gtk_label_set_text (GTK_LABEL (self->words), any ? words : "");
  gtk_widget_queue_draw (self->row);
  gtk_widget_queue_draw (self->bar);
}

static void
fill_images (LwFeatureStrip *self)
{
  LwDataset *dataset = lw_workbench_dataset (self->workbench);
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  guint selected = 0;

  self->filling = true;
  for (int32_t label = 0; dataset != NULL && label < lw_dataset_classes (dataset); label++) {
    gtk_string_list_append (names, _ (lw_dataset_class_name (dataset, label)));
    if (label == lw_dataset_label (dataset, LW_SPLIT_TEST, 0))
      selected = (guint)label; /* the first test image is shown at first */
  }
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->images), G_LIST_MODEL (names));
  if (dataset != NULL)
    gtk_drop_down_set_selected (GTK_DROP_DOWN (self->images), selected);
  self->filling = false;
}

static void
image_chosen (LwFeatureStrip *self)
{
  LwDataset *dataset = lw_workbench_dataset (self->workbench);
  const guint label = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->images));

  if (!self->filling && dataset != NULL && label != GTK_INVALID_LIST_POSITION)
    lw_activation_source_set_image (self->source,
                                    lw_first_image_of_class (dataset, (int32_t)label));
}

static void
layer_picked (LwFeatureStrip *self)
{
  lw_activation_source_set_layer (self->source,
                                  lw_layer_picker_layer (LW_LAYER_PICKER (self->picker)));
}

static GtkWidget *
make_head (LwFeatureStrip *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *titles = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0),
            *title = gtk_label_new (_ ("Feature maps")),
            *space = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_add_css_class (title, "lw-strong");
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  self->picker = lw_layer_picker_new (self->workbench, LW_LAYERS_WITH_MAPS, false);
  self->images = gtk_drop_down_new (
      NULL, gtk_property_expression_new (GTK_TYPE_STRING_OBJECT, NULL, "string"));
  lw_name_drop_down (self->images, _ ("Test image"));
  self->words = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->words, "lw-caption");
  gtk_label_set_xalign (GTK_LABEL (self->words), 0);
  /* As wide as its longest words: the controls beside it stay where they are. */
  gtk_label_set_width_chars (GTK_LABEL (self->words), WORDS_CHARS);
  gtk_box_append (GTK_BOX (titles), title);
  gtk_box_append (GTK_BOX (titles), self->words);
  gtk_widget_set_valign (titles, GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (space, TRUE);
  self->bar = gtk_drawing_area_new ();
  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (self->bar), BAR_WIDTH + 84);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->bar), draw_bar, self, NULL);
  gtk_box_append (GTK_BOX (head), titles);
  gtk_box_append (GTK_BOX (head), self->picker);
  gtk_box_append (GTK_BOX (head), self->images);
  gtk_box_append (GTK_BOX (head), space);
  gtk_box_append (GTK_BOX (head), self->bar);
  return head;
}

void
lw_feature_strip_set_compact (LwFeatureStrip *self, bool compact)
{
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (self->row),
                                       (compact ? TILE_MIN : TILE) + CAPTION);
}

GtkWidget *
lw_feature_strip_new (LwWorkbench *workbench)
{
  LwFeatureStrip *self = g_object_new (LW_TYPE_FEATURE_STRIP, NULL);

  self->workbench = workbench;
  self->source = lw_activation_source_new (workbench);
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  gtk_widget_set_margin_start (self->column, 14);
  gtk_widget_set_margin_end (self->column, 14);
  gtk_widget_set_margin_top (self->column, 8);
  gtk_widget_set_margin_bottom (self->column, 4);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
  self->row = gtk_drawing_area_new ();
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (self->row), TILE + CAPTION);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->row), draw_row, self, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Feature maps of the chosen layer"), -1);
  gtk_box_append (GTK_BOX (self->column), make_head (self));
  gtk_box_append (GTK_BOX (self->column), self->row);
  fill_images (self);
  g_signal_connect_swapped (self->picker, "picked", G_CALLBACK (layer_picked), self);
  g_signal_connect_swapped (self->images, "notify::selected", G_CALLBACK (image_chosen), self);
  g_signal_connect_object (self->source, "updated", G_CALLBACK (updated), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "dataset-changed", G_CALLBACK (fill_images), self,
                           G_CONNECT_SWAPPED);
  layer_picked (self);
  return GTK_WIDGET (self);
}

static void
lw_feature_strip_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (lw_feature_strip_parent_class)->map (widget);
  lw_activation_source_set_active (LW_FEATURE_STRIP (widget)->source, true);
}

static void
lw_feature_strip_unmap (GtkWidget *widget)
{
  lw_activation_source_set_active (LW_FEATURE_STRIP (widget)->source, false);
  GTK_WIDGET_CLASS (lw_feature_strip_parent_class)->unmap (widget);
}

static void
lw_feature_strip_dispose (GObject *object)
{
  LwFeatureStrip *self = LW_FEATURE_STRIP (object);

  g_clear_pointer (&self->column, gtk_widget_unparent);
  g_clear_object (&self->source);
  G_OBJECT_CLASS (lw_feature_strip_parent_class)->dispose (object);
}

static void
lw_feature_strip_finalize (GObject *object)
{
  lw_text_free (LW_FEATURE_STRIP (object)->text);
  G_OBJECT_CLASS (lw_feature_strip_parent_class)->finalize (object);
}

static void
lw_feature_strip_class_init (LwFeatureStripClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_feature_strip_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_feature_strip_finalize;
  widget_class->map = lw_feature_strip_map;
  widget_class->unmap = lw_feature_strip_unmap;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
lw_feature_strip_init (LwFeatureStrip *self)
{
  self->text = lw_text_new (NULL, NULL);
}
