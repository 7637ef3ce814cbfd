#include "ui/bn-block.h"

#include "engine/analysis.h"
#include "ui/accessible.h"
#include "ui/draw/glyphs.h"
#include "ui/paragraph.h"

#include <glib/gi18n.h>

#define HEIGHT 108

struct _LwBnBlock {
  GtkWidget parent;
  LwText *text;
  GtkWidget *column, *area, *words;
  LwBatchBlock block;
};

G_DEFINE_FINAL_TYPE (LwBnBlock, lw_bn_block, GTK_TYPE_WIDGET)

static void
draw (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwBnBlock *self = data;

  if (self->block.channels < 1)
    return;
  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (GTK_WIDGET (area)));
  lw_batch_block_paint (cr,
                        lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ())),
                        self->text, &self->block, (cairo_rectangle_t){ 0, 0, width, height });
}

void
lw_bn_block_show (LwBnBlock *self, LwShape shape, int images, int channel)
{
  const LwBatchBlock block = { images, shape.c, shape.h, shape.w, channel };
  g_autofree char *all = lw_format_exact ((int64_t)images * shape.h * shape.w);
  g_autofree char *name = lw_batch_block_describe (&block);
  g_autofree char *words = NULL;

  if (shape.h * shape.w == 1)
    words =
        g_strdup_printf (_ ("%d of them: unit %d in every image of the batch."), images, channel);
  else
    words = g_strdup_printf (
        _ ("%d × %d × %d = %s of them: every pixel of channel %d in every image of the batch."),
        images, shape.h, shape.w, all, channel);
  self->block = block;
  gtk_label_set_text (GTK_LABEL (self->words), words);
  lw_name_widget (self->area, name);
  gtk_widget_queue_draw (self->area);
}

static void
lw_bn_block_dispose (GObject *object)
{
  g_clear_pointer (&LW_BN_BLOCK (object)->column, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_bn_block_parent_class)->dispose (object);
}

static void
lw_bn_block_finalize (GObject *object)
{
  lw_text_free (LW_BN_BLOCK (object)->text);
  G_OBJECT_CLASS (lw_bn_block_parent_class)->finalize (object);
}

static void
lw_bn_block_class_init (LwBnBlockClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_bn_block_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_bn_block_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_bn_block_init (LwBnBlock *self)
{
  GtkWidget *heading = gtk_label_new (_ ("Which values share one μ and one σ²?"));

  self->text = lw_text_new (NULL, NULL);
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  self->area =
      g_object_new (GTK_TYPE_DRAWING_AREA, "accessible-role", GTK_ACCESSIBLE_ROLE_IMG, NULL);
  self->words = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (heading), 0);
  gtk_widget_add_css_class (heading, "lw-heading");
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (self->area), HEIGHT);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->area), draw, self, NULL);
  gtk_label_set_xalign (GTK_LABEL (self->words), 0);
  gtk_label_set_wrap (GTK_LABEL (self->words), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (self->words), 38);
  gtk_widget_add_css_class (self->words, "lw-caption");
  gtk_box_append (GTK_BOX (self->column), heading);
  gtk_box_append (GTK_BOX (self->column), self->area);
  gtk_box_append (GTK_BOX (self->column), lw_paragraph_new (self->words, 236));
  gtk_widget_set_margin_start (self->column, 14);
  gtk_widget_set_margin_end (self->column, 14);
  gtk_widget_set_margin_bottom (self->column, 12);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self->area, G_CONNECT_SWAPPED);
}

GtkWidget *
lw_bn_block_new (void)
{
  return g_object_new (LW_TYPE_BN_BLOCK, NULL);
}
