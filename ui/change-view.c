#include "ui/change-view.h"

#include "engine/analysis.h"
#include "engine/change.h"
#include "ui/accessible.h"
#include "ui/change-words.h"
#include "ui/draw/change-bars.h"
#include "ui/following.h"
#include "ui/kind-mark.h"
#include "ui/paragraph.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#define N_TOTALS 6

struct _LwChangeView {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  GtkWidget *content;     /* the scroller */
  GtkWidget *totals[N_TOTALS][3];
  GtkWidget *bars, *sentence, *lesson, *note;
  const LwModel *model; /* whose book network `book` is */
  LwGraph *book;
  LwChange *change;
  LwText *text;
};

G_DEFINE_FINAL_TYPE (LwChangeView, lw_change_view, GTK_TYPE_WIDGET)

/* --- totals ------------------------------------------------------------------------------------
 */

static void
show_total (LwChangeView *self, int row, int64_t book, int64_t yours, bool bytes)
{
  g_autofree char *before = bytes ? lw_format_bytes (book) : lw_format_short ((double)book);
  g_autofree char *after = bytes ? lw_format_bytes (yours) : lw_format_short ((double)yours);
  g_autofree char *arrow = g_strconcat (before, " →", NULL);
  g_autofree char *factor = lw_change_factor (book, yours);
  g_autofree char *exact_book = lw_format_exact (book), *exact = lw_format_exact (yours);
  g_autofree char *tooltip = g_strdup_printf ("%s → %s", exact_book, exact);

  gtk_label_set_text (GTK_LABEL (self->totals[row][0]), arrow);
  gtk_label_set_text (GTK_LABEL (self->totals[row][1]), after);
  gtk_label_set_text (GTK_LABEL (self->totals[row][2]), factor);
  gtk_widget_set_tooltip_text (self->totals[row][1], tooltip);
}

static void
show_totals (LwChangeView *self)
{
  const LwChange *c = self->change;

  show_total (self, 0, c->book.parameters, c->yours.parameters, false);
  show_total (self, 1, c->book.macs, c->yours.macs, false);
  show_total (self, 2, 2 * c->book.macs, 2 * c->yours.macs, false);
  show_total (self, 3, 4 * (c->book.parameters + c->book.buffers),
              4 * (c->yours.parameters + c->yours.buffers), true);
  show_total (self, 4, c->book_activations, c->your_activations, true);
  show_total (self, 5, c->book_depth, c->your_depth, false);
}

static GtkWidget *
make_totals (LwChangeView *self)
{
  static const char *const titles[N_TOTALS] = {
    N_ ("Parameters"),
    N_ ("MACs"),
    N_ ("FLOPs"),
    N_ ("Weights in memory"),
    N_ ("Activations, 1 image"),
    N_ ("Weighted layers"),
  };
  static const char *const classes[] = { "lw-dim", "lw-total", "lw-total" };
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkSizeGroup *columns[3];

  for (int i = 0; i < 3; i++)
    columns[i] = gtk_size_group_new (GTK_SIZE_GROUP_HORIZONTAL);
  gtk_widget_add_css_class (card, "lw-card");
  gtk_widget_add_css_class (card, "lw-totals");
  for (int row = 0; row < N_TOTALS; row++) {
    GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
    GtkWidget *title = gtk_label_new (_ (titles[row]));

    gtk_label_set_xalign (GTK_LABEL (title), 0);
    gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
    gtk_widget_set_hexpand (title, TRUE);
    gtk_box_append (GTK_BOX (line), title);
    for (int i = 0; i < 3; i++) {
      GtkWidget *label = gtk_label_new (NULL);

      gtk_widget_add_css_class (label, classes[i]);
      gtk_widget_add_css_class (label, "lw-number");
      gtk_label_set_xalign (GTK_LABEL (label), 1);
      if (i == 2)
        gtk_widget_set_margin_start (label, 6);
      gtk_size_group_add_widget (columns[i], label);
      gtk_box_append (GTK_BOX (line), label);
      self->totals[row][i] = label;
    }
    gtk_box_append (GTK_BOX (card), line);
  }
  for (int i = 0; i < 3; i++)
    g_object_unref (columns[i]);
  return card;
}

/* --- parameters by layer -----------------------------------------------------------------------
 */

static LwChangeBar *
change_bars (const LwChange *change)
{
  LwChangeBar *bars = g_new (LwChangeBar, (size_t)change->n_rows + 1);

  for (int32_t i = 0; i < change->n_rows; i++) {
    const LwChangeRow *row = &change->rows[i];

    bars[i] = (LwChangeBar){ row->title, row->group, row->kind, row->book, row->yours };
  }
  return bars;
}

static void
draw_bars (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwChangeView *self = LW_CHANGE_VIEW (data);
  g_autofree LwChangeBar *bars = NULL;

  (void)height;
  if (self->change == NULL)
    return;
  bars = change_bars (self->change);
  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (GTK_WIDGET (area)));
  lw_change_bars_paint (cr, self->text,
                        lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ())),
                        bars, self->change->n_rows, width);
}

static void
show_bars (LwChangeView *self)
{
  g_autofree LwChangeBar *bars = change_bars (self->change);
  g_autofree char *words = lw_change_bars_describe (bars, self->change->n_rows);

  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (self->bars),
                                       (int)lw_change_bars_height (bars, self->change->n_rows));
  gtk_widget_queue_draw (self->bars);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->bars), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Parameters by layer"), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  words, -1);
}

/* --- following ---------------------------------------------------------------------------------
 */

static void
update_book (LwChangeView *self, const LwModel *model)
{
  g_autoptr (LwOptions) book = NULL;

  if (self->model == model)
    return;
  book = lw_options_new (model);
  g_clear_pointer (&self->book, lw_graph_unref);
  self->book = lw_model_build (book, NULL); /* the book's values always build */
  self->model = model;
}

static void
refresh (GtkWidget *widget)
{
  LwChangeView *self = LW_CHANGE_VIEW (widget);
  const LwOptions *options = lw_workbench_settings (self->workbench)->options;
  const bool impossible = lw_workbench_obstacle (self->workbench) != NULL;
  g_autofree char *sentence = NULL, *knobs = NULL, *note = NULL;

  update_book (self, lw_options_model (options));
  g_clear_pointer (&self->change, lw_change_free);
  self->change = lw_change_new (self->book, lw_workbench_graph (self->workbench));
  show_totals (self);
  show_bars (self);
  sentence = lw_change_sentence (options, self->change);
  gtk_label_set_text (GTK_LABEL (self->sentence), sentence);
  /* What was changed last is what cannot work: the sentence would be about what was before. */
  gtk_widget_set_visible (self->lesson, !impossible);
  gtk_widget_set_visible (self->note, impossible);
  if (impossible) {
    knobs = lw_change_knobs (options);
    note = g_strdup_printf (_ ("These numbers belong to the last network that worked: %s."), knobs);
    gtk_label_set_text (GTK_LABEL (self->note), note);
  }
}

static void
draft_changed (GtkWidget *self)
{
  if (gtk_widget_get_mapped (self)) /* else it follows when it is shown */
    refresh (self);
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static GtkWidget *
make_heading (const char *title, GtkWidget *aside)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = gtk_label_new (title);

  gtk_widget_add_css_class (label, "lw-strong");
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_box_append (GTK_BOX (line), label);
  gtk_box_append (GTK_BOX (line), aside);
  return line;
}

static GtkWidget *
make_caption (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_widget_add_css_class (label, "lw-caption");
  return label;
}

static GtkWidget *
make_key (void)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 5);
  GtkWidget *outline = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *mark = lw_kind_mark_new ();

  lw_kind_mark_set_kind (LW_KIND_MARK (mark), LW_KIND_CONVOLUTION);
  gtk_widget_add_css_class (outline, "lw-outline-mark");
  gtk_widget_set_valign (outline, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (mark, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (line), outline);
  gtk_box_append (GTK_BOX (line), make_caption (_ ("book")));
  gtk_box_append (GTK_BOX (line), mark);
  gtk_box_append (GTK_BOX (line), make_caption (_ ("yours")));
  return line;
}

static GtkWidget *
make_lesson (LwChangeView *self)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *icon = gtk_image_new_from_icon_name ("lw-lesson-symbolic");

  gtk_widget_add_css_class (icon, "lw-accent-text");
  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  self->sentence = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->sentence, "lw-lesson");
  gtk_label_set_xalign (GTK_LABEL (self->sentence), 0);
  gtk_label_set_wrap (GTK_LABEL (self->sentence), TRUE);
  gtk_widget_set_hexpand (self->sentence, TRUE);
  gtk_box_append (GTK_BOX (line), icon);
  gtk_box_append (GTK_BOX (line), lw_paragraph_new (self->sentence, 200));
  self->lesson = line;
  return line;
}

GtkWidget *
lw_change_view_new (LwWorkbench *workbench)
{
  LwChangeView *self = g_object_new (LW_TYPE_CHANGE_VIEW, NULL);
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->workbench = workbench;
  self->bars = gtk_drawing_area_new ();
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->bars), draw_bars, self, NULL);
  gtk_widget_add_css_class (card, "lw-card");
  gtk_widget_add_css_class (card, "lw-bars");
  gtk_box_append (GTK_BOX (card), self->bars);
  self->note = make_caption (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->note), 0);
  gtk_label_set_wrap (GTK_LABEL (self->note), TRUE);

  gtk_widget_set_margin_start (column, 14);
  gtk_widget_set_margin_end (column, 14);
  gtk_widget_set_margin_top (column, 11);
  gtk_widget_set_margin_bottom (column, 14);
  gtk_box_append (GTK_BOX (column),
                  make_heading (_ ("What your change does"), make_caption (_ ("book → yours"))));
  gtk_box_append (GTK_BOX (column), make_totals (self));
  gtk_box_append (GTK_BOX (column), make_heading (_ ("Parameters by layer"), make_key ()));
  gtk_box_append (GTK_BOX (column), card);
  gtk_box_append (GTK_BOX (column), make_lesson (self));
  gtk_box_append (GTK_BOX (column), lw_paragraph_new (self->note, 200));
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->content), column);

  lw_follow_selection (GTK_WIDGET (self), workbench, refresh);
  g_signal_connect_object (workbench, "draft-changed", G_CALLBACK (draft_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect (self, "map", G_CALLBACK (refresh), NULL);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self->bars, G_CONNECT_SWAPPED);
  refresh (GTK_WIDGET (self));
  return GTK_WIDGET (self);
}

static void
lw_change_view_dispose (GObject *object)
{
  g_clear_pointer (&LW_CHANGE_VIEW (object)->content, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_change_view_parent_class)->dispose (object);
}

static void
lw_change_view_finalize (GObject *object)
{
  LwChangeView *self = LW_CHANGE_VIEW (object);

  g_clear_pointer (&self->change, lw_change_free);
  g_clear_pointer (&self->book, lw_graph_unref);
  g_clear_pointer (&self->text, lw_text_free);
  G_OBJECT_CLASS (lw_change_view_parent_class)->finalize (object);
}

static void
lw_change_view_class_init (LwChangeViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_change_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_change_view_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_change_view_init (LwChangeView *self)
{
  self->text = lw_text_new (NULL, NULL);
  self->content = gtk_scrolled_window_new ();
  /* Nothing in it takes the focus; if it did not either, Tab would not get past it. */
  lw_name_widget (self->content, _ ("What your change does"));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->content), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_widget_set_parent (self->content, GTK_WIDGET (self));
}
