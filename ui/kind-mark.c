#include "ui/kind-mark.h"

#include <adwaita.h>

#define SQUARE     9
#define BAR_HEIGHT 7

static const LwTheme *
theme_now (void)
{
  return lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
}

static GdkRGBA
rgba (LwColour colour)
{
  return (GdkRGBA){ (float)colour.r, (float)colour.g, (float)colour.b, (float)colour.a };
}

static void
fill_rounded (GtkSnapshot *snapshot, double x, double y, double width, double height, double radius,
              GdkRGBA colour)
{
  GskRoundedRect outline;
  graphene_rect_t rect = GRAPHENE_RECT_INIT ((float)x, (float)y, (float)width, (float)height);

  gsk_rounded_rect_init_from_rect (&outline, &rect, (float)radius);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  gtk_snapshot_append_color (snapshot, &colour, &rect);
  gtk_snapshot_pop (snapshot);
}

static void
follow_theme (gpointer widget, GCallback callback)
{
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", callback, widget,
                           G_CONNECT_SWAPPED);
}

/* --- the square ------------------------------------------------------------------------------ */

struct _LwKindMark {
  GtkWidget parent;
  LwKind kind;
};

G_DEFINE_FINAL_TYPE (LwKindMark, lw_kind_mark, GTK_TYPE_WIDGET)

static void
lw_kind_mark_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  const int height = gtk_widget_get_height (widget);

  fill_rounded (snapshot, 0, (height - SQUARE) / 2, SQUARE, SQUARE, 2,
                rgba (theme_now ()->kind_line[LW_KIND_MARK (widget)->kind]));
}

static void
lw_kind_mark_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                      int *natural, int *minimum_baseline, int *natural_baseline)
{
  (void)widget;
  (void)orientation;
  (void)for_size;
  *minimum = *natural = SQUARE;
  *minimum_baseline = *natural_baseline = -1;
}

static void
lw_kind_mark_class_init (LwKindMarkClass *klass)
{
  GTK_WIDGET_CLASS (klass)->snapshot = lw_kind_mark_snapshot;
  GTK_WIDGET_CLASS (klass)->measure = lw_kind_mark_measure;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
lw_kind_mark_init (LwKindMark *self)
{
  follow_theme (self, G_CALLBACK (gtk_widget_queue_draw));
}

GtkWidget *
lw_kind_mark_new (void)
{
  return g_object_new (LW_TYPE_KIND_MARK, NULL);
}

void
lw_kind_mark_set_kind (LwKindMark *self, LwKind kind)
{
  self->kind = kind;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* --- the bar --------------------------------------------------------------------------------- */

struct _LwShareBar {
  GtkWidget parent;
  int series;
  double share;
};

G_DEFINE_FINAL_TYPE (LwShareBar, lw_share_bar, GTK_TYPE_WIDGET)

static void
lw_share_bar_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwShareBar *self = LW_SHARE_BAR (widget);
  const LwTheme *theme = theme_now ();
  const int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  const double y = (height - BAR_HEIGHT) / 2;
  GdkRGBA trough = rgba (theme->text);
  GskRoundedRect outline;
  graphene_rect_t rect = GRAPHENE_RECT_INIT (0, (float)y, (float)width, BAR_HEIGHT);

  trough.alpha = theme->dark ? 0.08f : 0.05f;
  gsk_rounded_rect_init_from_rect (&outline, &rect, BAR_HEIGHT / 2.0f);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  gtk_snapshot_append_color (snapshot, &trough, &rect);
  if (self->share > 0) {
    const GdkRGBA colour = rgba (theme->series[self->series]);

    rect.size.width = (float)MAX (1.2, self->share * width); /* what is there is seen */
    gtk_snapshot_append_color (snapshot, &colour, &rect);
  }
  gtk_snapshot_pop (snapshot);
}

static void
lw_share_bar_class_init (LwShareBarClass *klass)
{
  GTK_WIDGET_CLASS (klass)->snapshot = lw_share_bar_snapshot;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_IMG);
}

static void
lw_share_bar_init (LwShareBar *self)
{
  follow_theme (self, G_CALLBACK (gtk_widget_queue_draw));
}

GtkWidget *
lw_share_bar_new (int series)
{
  LwShareBar *self = g_object_new (LW_TYPE_SHARE_BAR, NULL);

  self->series = series;
  return GTK_WIDGET (self);
}

void
lw_share_bar_set_share (LwShareBar *self, int64_t part, int64_t whole)
{
  g_autofree char *percent = NULL;

  self->share = whole > 0 ? (double)part / (double)whole : 0;
  percent = g_strdup_printf ("%.1f %%", 100 * self->share);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, percent,
                                  -1);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), percent);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* --- the pill -------------------------------------------------------------------------------- */

struct _LwKindPill {
  GtkWidget parent;
  GtkWidget *label;
  LwKind kind;
};

G_DEFINE_FINAL_TYPE (LwKindPill, lw_kind_pill, GTK_TYPE_WIDGET)

static void
lw_kind_pill_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwKindPill *self = LW_KIND_PILL (widget);
  const int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);

  fill_rounded (snapshot, 0, 0, width, height, height / 2.0,
                rgba (theme_now ()->kind_fill[self->kind]));
  GTK_WIDGET_CLASS (lw_kind_pill_parent_class)->snapshot (widget, snapshot);
}

static void
colour_label (LwKindPill *self)
{
  const LwTheme *theme = theme_now ();
  const LwColour colour = lw_colour_for_text (theme, theme->kind_line[self->kind]);
  PangoAttrList *attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_foreground_new ((guint16)(colour.r * 65535),
                                                                 (guint16)(colour.g * 65535),
                                                                 (guint16)(colour.b * 65535)));
  gtk_label_set_attributes (GTK_LABEL (self->label), attributes);
  pango_attr_list_unref (attributes);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
lw_kind_pill_dispose (GObject *object)
{
  g_clear_pointer (&LW_KIND_PILL (object)->label, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_kind_pill_parent_class)->dispose (object);
}

static void
lw_kind_pill_class_init (LwKindPillClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_kind_pill_dispose;
  GTK_WIDGET_CLASS (klass)->snapshot = lw_kind_pill_snapshot;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_kind_pill_init (LwKindPill *self)
{
  self->label = gtk_label_new (NULL);
  gtk_widget_set_parent (self->label, GTK_WIDGET (self));
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (self->label, "lw-pill");
  follow_theme (self, G_CALLBACK (colour_label));
}

GtkWidget *
lw_kind_pill_new (void)
{
  return g_object_new (LW_TYPE_KIND_PILL, NULL);
}

void
lw_kind_pill_set (LwKindPill *self, const char *text, LwKind kind)
{
  gtk_label_set_text (GTK_LABEL (self->label), text);
  self->kind = kind;
  colour_label (self);
}
