#include "ui/distribution-detail.h"

#include "ui/draw/ticks.h"
#include "ui/pointer.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <math.h>

#define HEAD 46.0

struct _LwDistributionDetail {
  GtkWidget parent;
  LwText *text;
  LwDistributionPicture picture;
  int row, column;
  char *title, *numbers;
  LwPointer pointer;
};

G_DEFINE_FINAL_TYPE (LwDistributionDetail, lw_distribution_detail, GTK_TYPE_WIDGET)

static const LwTheme *
theme_now (void)
{
  return lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
}

static bool
cell_now (LwDistributionDetail *self, LwDistributionCell *cell)
{
  return self->picture.set != NULL && self->row >= 0 && self->column >= 0 &&
         lw_distribution_picture_cell (&self->picture, 0, self->row, self->column, theme_now (),
                                       cell);
}

static void
paint_words (LwDistributionDetail *self, cairo_t *cr, const LwTheme *theme)
{
  lw_text_paint (cr, self->text, LW_TEXT_NAME, self->title, 12, 14 + lw_text_middle (LW_TEXT_NAME),
                 0, theme->text, 1);
  lw_text_paint (cr, self->text, LW_TEXT_CAPTION, self->numbers, 12,
                 32 + lw_text_middle (LW_TEXT_CAPTION), 0, theme->dim, 1);
}

static void
lw_distribution_detail_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwDistributionDetail *self = LW_DISTRIBUTION_DETAIL (widget);
  const LwTheme *theme = theme_now ();
  const int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  const cairo_rectangle_t place = { 20, HEAD, width - 32.0, height - HEAD - 4 };
  g_autofree LwDistributionCell *cell = g_new0 (LwDistributionCell, 1);
  const char *labels[LW_RIDGES_SHOWN] = { NULL };
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  double value;
  cairo_t *cr;
  int ridge;

  if (width < 1 || height < 1)
    return;
  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (widget));
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  paint_words (self, cr, theme);
  if (cell_now (self, cell)) {
    for (int i = 0; i < cell->cell.n; i++) {
      g_ptr_array_add (words, lw_distribution_moment_words (&cell->moments[i]));
      labels[i] = words->pdata[i];
    }
    cell->cell.labels = labels;
    lw_ridges_paint (cr, theme, self->text, &cell->cell, place);
    ridge = isnan (self->pointer.x)
                ? -1
                : lw_ridges_at (&cell->cell, place, self->pointer.x, self->pointer.y, &value);
    if (ridge >= 0)
      lw_ridges_paint_hover (cr, theme, self->text, &cell->cell, place, ridge, value, labels[ridge],
                             (cairo_rectangle_t){ 0, 0, width, height });
  }
  cairo_destroy (cr);
}

static char *
numbers_of (const LwDistributionDetail *self, const LwDistributionCell *cell)
{
  const LwDistribution *d = &cell->ridges[cell->cell.n - 1];
  g_autofree char *moment = lw_distribution_moment_words (&cell->moments[cell->cell.n - 1]);
  char mean[LW_TICK_TEXT], deviation[LW_TICK_TEXT], min[LW_TICK_TEXT], max[LW_TICK_TEXT];
  GString *words = g_string_new (NULL);

  (void)self;
  lw_value_text ((double)d->mean, mean);
  lw_value_text ((double)d->deviation, deviation);
  lw_value_text ((double)d->min, min);
  lw_value_text ((double)d->max, max);
  g_string_append_printf (words, _ ("%s: mean %s, deviation %s, %s to %s"), moment, mean, deviation,
                          min, max);
  if (d->not_finite > 0)
    g_string_append_printf (words, _ (", %" PRId64 " are no finite numbers"), d->not_finite);
  if (cell->cell.other != NULL)
    g_string_append_printf (words, _ (" · dashed: %s"),
                            lw_run_item_title (lw_distribution_set_run (self->picture.other)));
  return g_string_free (words, FALSE);
}

static int
last_column (const LwDistributionSet *set, int row)
{
  for (int c = lw_distribution_set_n_columns (set) - 1; c >= 0; c--)
    if (lw_distribution_set_node (set, row, c) != LW_NO_NODE)
      return c;
  return -1;
}

static void
update_words (LwDistributionDetail *self)
{
  g_autofree LwDistributionCell *cell = g_new0 (LwDistributionCell, 1);

  g_free (self->title);
  g_free (self->numbers);
  if (cell_now (self, cell)) {
    self->title =
        g_strdup_printf (_ ("%s, %s"), lw_distribution_set_name (self->picture.set, self->row),
                         lw_distribution_set_column (self->picture.set, self->column));
    self->numbers = numbers_of (self, cell);
  } else {
    self->title = g_strdup (_ ("One layer, large"));
    self->numbers = g_strdup (_ ("Click a row to see it here."));
  }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, self->title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, self->numbers, -1);
}

void
lw_distribution_detail_show (LwDistributionDetail *self, const LwDistributionPicture *picture,
                             int row, int column)
{
  self->picture = picture != NULL ? *picture : (LwDistributionPicture){ 0 };
  self->picture.n_panels = 1; /* the other is an outline */
  self->picture.same_axis = false;
  self->row = self->picture.set != NULL ? row : -1;
  self->column = self->row >= 0 && column < 0 ? last_column (picture->set, row) : column;
  update_words (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

const char *
lw_distribution_detail_title (LwDistributionDetail *self)
{
  return self->title;
}

static void
lw_distribution_detail_finalize (GObject *object)
{
  LwDistributionDetail *self = LW_DISTRIBUTION_DETAIL (object);

  g_free (self->title);
  g_free (self->numbers);
  lw_text_free (self->text);
  G_OBJECT_CLASS (lw_distribution_detail_parent_class)->finalize (object);
}

static void
lw_distribution_detail_class_init (LwDistributionDetailClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_distribution_detail_finalize;
  GTK_WIDGET_CLASS (klass)->snapshot = lw_distribution_detail_snapshot;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_IMG);
}

static void
lw_distribution_detail_init (LwDistributionDetail *self)
{
  self->text = lw_text_new (NULL, NULL);
  self->row = self->column = -1;
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  update_words (self);
  lw_follow_pointer (GTK_WIDGET (self), &self->pointer);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}

GtkWidget *
lw_distribution_detail_new (void)
{
  return g_object_new (LW_TYPE_DISTRIBUTION_DETAIL, NULL);
}
