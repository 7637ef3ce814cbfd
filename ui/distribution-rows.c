#include "ui/distribution-rows-private.h"

#include "ui/scrolled.h"

#include <glib/gi18n.h>
#include <math.h>

#define PAINT_US    7000 /* of a frame, for rows that are painted anew */
#define LEAST_WIDTH 320

/* A painted row. */
typedef struct {
  GdkTexture *texture;
  guint generation;
} RowPicture;

G_DEFINE_FINAL_TYPE (LwDistributionRows, lw_distribution_rows, GTK_TYPE_WIDGET)

static guint arranged_signal;

static const LwTheme *
theme_now (void)
{
  return lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
}

static int
n_rows (LwDistributionRows *self)
{
  return self->picture.set != NULL ? lw_distribution_set_n_rows (self->picture.set) : 0;
}

static void
free_row_picture (gpointer data)
{
  RowPicture *picture = data;

  g_clear_object (&picture->texture);
  g_free (picture);
}

/* --- painting ------------------------------------------------------------------------------------
 */

static GdkTexture *
paint_row (LwDistributionRows *self, int panel, int row)
{
  const int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  LwDistributionPicture shifted = self->picture;
  const double x = shifted.panels[panel].x;
  const int width = (int)ceil (shifted.panels[panel].width) * scale,
            height = LW_RIDGE_ROW_HEIGHT * scale;
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  const int stride = cairo_image_surface_get_stride (surface);
  cairo_t *cr = cairo_create (surface);
  g_autoptr (GBytes) bytes = NULL;

  cairo_scale (cr, scale, scale);
  cairo_translate (cr, -x, 0);
  lw_distribution_picture_paint (&shifted, panel, row, cr, theme_now (), self->text, 0);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  bytes = g_bytes_new_with_free_func (cairo_image_surface_get_data (surface),
                                      (gsize)stride * (gsize)height,
                                      (GDestroyNotify)cairo_surface_destroy, surface);
  self->painted++;
  return gdk_memory_texture_new (width, height, GDK_MEMORY_DEFAULT, bytes, (gsize)stride);
}

/* The row's picture: as it was, if there is no time in this frame to paint it again; NULL likewise
 * where there is none yet. */
static GdkTexture *
row_texture (LwDistributionRows *self, int panel, int row, gint64 end, bool *ret_late)
{
  gpointer key = GINT_TO_POINTER (2 * row + panel);
  RowPicture *picture = g_hash_table_lookup (self->pictures, key);

  if (picture != NULL && picture->generation == self->generation)
    return picture->texture;
  if (g_get_monotonic_time () > end) {
    *ret_late = true;
    return picture != NULL ? picture->texture : NULL;
  }
  if (picture == NULL) {
    picture = g_new0 (RowPicture, 1);
    g_hash_table_insert (self->pictures, key, picture);
  }
  g_clear_object (&picture->texture);
  picture->texture = paint_row (self, panel, row);
  picture->generation = self->generation;
  return picture->texture;
}

static void
visible_rows (LwDistributionRows *self, int *ret_first, int *ret_last, graphene_rect_t *ret_area)
{
  const cairo_rectangle_t seen = lw_seen_of (GTK_WIDGET (self));

  *ret_first = CLAMP ((int)floor (seen.y / LW_RIDGE_ROW_HEIGHT), 0, MAX (n_rows (self) - 1, 0));
  *ret_last = MIN ((int)floor ((seen.y + seen.height) / LW_RIDGE_ROW_HEIGHT), n_rows (self) - 1);
  graphene_rect_init (ret_area, 0, (float)seen.y, (float)gtk_widget_get_width (GTK_WIDGET (self)),
                      (float)seen.height);
}

static gboolean
is_far (gpointer key, gpointer value, gpointer data)
{
  const int row = GPOINTER_TO_INT (key) / 2, *limits = data;

  (void)value;
  return row < limits[0] - 10 || row > limits[1] + 10;
}

static gboolean
draw_again (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  (void)clock;
  (void)data;
  gtk_widget_queue_draw (widget);
  return G_SOURCE_REMOVE;
}

static void
snapshot_selection (LwDistributionRows *self, GtkSnapshot *snapshot)
{
  const int row = lw_distribution_rows_selected (self);
  const LwTheme *theme = theme_now ();
  const GdkRGBA colour = { (float)theme->accent.r, (float)theme->accent.g, (float)theme->accent.b,
                           gtk_widget_has_focus (GTK_WIDGET (self)) ? 0.16f : 0.09f };

  for (int p = 0; row >= 0 && p < self->picture.n_panels; p++)
    gtk_snapshot_append_color (
        snapshot, &colour,
        &GRAPHENE_RECT_INIT ((float)self->picture.panels[p].x, (float)(row * LW_RIDGE_ROW_HEIGHT),
                             (float)self->picture.panels[p].width, LW_RIDGE_ROW_HEIGHT));
}

static void
snapshot_hover (LwDistributionRows *self, GtkSnapshot *snapshot, const graphene_rect_t *area)
{
  const LwDistributionSpot *spot = &self->spot;
  g_autofree LwDistributionCell *cell = g_new (LwDistributionCell, 1);
  g_autofree char *heading = NULL;
  cairo_rectangle_t place;
  double value;
  cairo_t *cr;
  int ridge;

  if (spot->column < 0 || spot->row >= n_rows (self) || spot->panel >= self->picture.n_panels ||
      !lw_distribution_picture_cell (&self->picture, spot->panel, spot->row, spot->column,
                                     theme_now (), cell))
    return;
  place = lw_ridge_cell (&self->picture.panels[spot->panel], spot->column,
                         spot->row * (double)LW_RIDGE_ROW_HEIGHT);
  ridge = lw_ridges_at (&cell->cell, place, spot->x, spot->y, &value);
  if (ridge < 0)
    return;
  heading = lw_distribution_moment_words (&cell->moments[ridge]);
  cr = gtk_snapshot_append_cairo (snapshot, area);
  lw_ridges_paint_hover (cr, theme_now (), self->text, &cell->cell, place, ridge, value, heading,
                         (cairo_rectangle_t){ (double)area->origin.x, (double)area->origin.y,
                                              (double)area->size.width,
                                              (double)area->size.height });
  cairo_destroy (cr);
}

static void
lw_distribution_rows_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwDistributionRows *self = LW_DISTRIBUTION_ROWS (widget);
  const gint64 end = g_get_monotonic_time () + PAINT_US;
  graphene_rect_t area;
  bool late = false;
  int rows[2];

  if (self->picture.set == NULL || self->picture.n_panels == 0)
    return;
  visible_rows (self, &rows[0], &rows[1], &area);
  snapshot_selection (self, snapshot);
  for (int row = rows[0]; row <= rows[1]; row++)
    for (int p = 0; p < self->picture.n_panels; p++) {
      GdkTexture *texture = row_texture (self, p, row, end, &late);

      if (texture != NULL)
        gtk_snapshot_append_texture (
            snapshot, texture,
            &GRAPHENE_RECT_INIT ((float)self->picture.panels[p].x,
                                 (float)(row * LW_RIDGE_ROW_HEIGHT),
                                 (float)ceil (self->picture.panels[p].width), LW_RIDGE_ROW_HEIGHT));
    }
  snapshot_hover (self, snapshot, &area);
  g_hash_table_foreach_remove (self->pictures, is_far, rows);
  if (late)
    gtk_widget_add_tick_callback (widget, draw_again, NULL, NULL);
}

/* --- what is shown -------------------------------------------------------------------------------
 */

static void
arrange (LwDistributionRows *self)
{
  lw_distribution_picture_lay_out (&self->picture, self->width);
  self->generation++;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, arranged_signal, 0);
}

static void
describe (LwDistributionRows *self)
{
  const int row = lw_distribution_rows_selected (self);
  LwRidgeBadge badges[LW_RIDGE_BADGES];
  GString *words;

  if (self->picture.set == NULL)
    return;
  words = g_string_new (row >= 0 ? lw_distribution_set_name (self->picture.set, row)
                                 : _ ("No layer selected"));
  if (row >= 0) {
    const int n = lw_distribution_set_badges (self->picture.set, row, badges);

    for (int i = 0; i < n; i++)
      g_string_append_printf (words, ", %s", badges[i].text);
  }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  words->str, -1);
  g_string_free (words, TRUE);
}

void
lw_distribution_rows_show (LwDistributionRows *self, LwDistributionSet *set,
                           LwDistributionSet *other, bool same_axis)
{
  const int before = n_rows (self);

  if (set != self->matched[0] || other != self->matched[1]) {
    g_free (self->other_rows);
    self->other_rows = set != NULL && other != NULL ? lw_distribution_match (set, other) : NULL;
    self->matched[0] = set;
    self->matched[1] = other;
    g_hash_table_remove_all (self->pictures);
    self->spot.column = -1;
  }
  self->picture.set = set;
  self->picture.other = other;
  self->picture.other_rows = self->other_rows;
  self->picture.same_axis = same_axis;
  if (n_rows (self) != before)
    gtk_widget_queue_resize (GTK_WIDGET (self));
  arrange (self);
  describe (self);
}

const LwDistributionPicture *
lw_distribution_rows_picture (LwDistributionRows *self)
{
  return &self->picture;
}

int
lw_distribution_rows_selected (LwDistributionRows *self)
{
  return self->picture.set != NULL
             ? lw_distribution_set_find (self->picture.set, lw_workbench_layer (self->workbench),
                                         NULL)
             : -1;
}

guint
lw_distribution_rows_painted (LwDistributionRows *self)
{
  return self->painted;
}

static void
layer_selected (LwDistributionRows *self)
{
  const int row = lw_distribution_rows_selected (self);
  GtkAdjustment *scroll = lw_scroll_of (GTK_WIDGET (self), GTK_ORIENTATION_VERTICAL);

  describe (self);
  if (row >= 0 && scroll != NULL)
    gtk_adjustment_clamp_page (scroll, row * LW_RIDGE_ROW_HEIGHT, (row + 1) * LW_RIDGE_ROW_HEIGHT);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* --- set-up --------------------------------------------------------------------------------------
 */

static void
lw_distribution_rows_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                              int *least, int *natural, int *least_baseline, int *natural_baseline)
{
  (void)for_size;
  (void)least_baseline;
  (void)natural_baseline;
  *least = *natural = orientation == GTK_ORIENTATION_HORIZONTAL
                          ? LEAST_WIDTH
                          : n_rows (LW_DISTRIBUTION_ROWS (widget)) * LW_RIDGE_ROW_HEIGHT;
}

static void
lw_distribution_rows_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  LwDistributionRows *self = LW_DISTRIBUTION_ROWS (widget);

  (void)height;
  (void)baseline;
  if (width == self->width)
    return;
  self->width = width;
  arrange (self);
}

static void
theme_changed (LwDistributionRows *self)
{
  self->generation++;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
lw_distribution_rows_finalize (GObject *object)
{
  LwDistributionRows *self = LW_DISTRIBUTION_ROWS (object);

  g_hash_table_unref (self->pictures);
  g_free (self->other_rows);
  lw_text_free (self->text);
  G_OBJECT_CLASS (lw_distribution_rows_parent_class)->finalize (object);
}

static void
lw_distribution_rows_class_init (LwDistributionRowsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = lw_distribution_rows_finalize;
  widget_class->snapshot = lw_distribution_rows_snapshot;
  widget_class->measure = lw_distribution_rows_measure;
  widget_class->size_allocate = lw_distribution_rows_size_allocate;
  lw_distribution_rows_bind_keys (widget_class);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  arranged_signal = g_signal_new ("arranged", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_distribution_rows_init (LwDistributionRows *self)
{
  self->text = lw_text_new (NULL, NULL);
  self->pictures = g_hash_table_new_full (NULL, NULL, NULL, free_row_picture);
  self->spot.column = -1;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  lw_redraw_when_scrolled (GTK_WIDGET (self));
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Distributions by layer"), -1);
  lw_distribution_rows_add_input (self);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (theme_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self, "notify::scale-factor", G_CALLBACK (theme_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect (self, "notify::has-focus", G_CALLBACK (gtk_widget_queue_draw), NULL);
}

GtkWidget *
lw_distribution_rows_new (LwWorkbench *workbench)
{
  LwDistributionRows *self = g_object_new (LW_TYPE_DISTRIBUTION_ROWS, NULL);

  self->workbench = workbench;
  g_signal_connect_object (workbench, "layer-selected", G_CALLBACK (layer_selected), self,
                           G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
