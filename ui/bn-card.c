#include "ui/bn-card.h"

#include "engine/analysis.h"
#include "ui/accessible.h"
#include "ui/draw/shapes.h"
#include "ui/paragraph.h"

#include <glib/gi18n.h>
#include <math.h>

#define WORDS_WIDTH 236
#define BAR_WIDTH   70

struct _LwBnCard {
  GtkWidget parent;
  LwBnMeasuring *measuring;
  int64_t step;
  bool past;
  GtkWidget *card, *title, *rows, *sentence, *moment, *button, *busy, *bar;
  GtkWidget *bars[LW_N_BN_WAYS], *numbers[LW_N_BN_WAYS];
};

G_DEFINE_FINAL_TYPE (LwBnCard, lw_bn_card, GTK_TYPE_WIDGET)

char *
lw_bn_sentence (const LwBnAccuracies *accuracies)
{
  const double batch = accuracies->accuracy[LW_BN_WITH_BATCH];
  const double running = accuracies->accuracy[LW_BN_WITH_RUNNING];
  const double fresh = accuracies->accuracy[LW_BN_WITH_FRESH];

  switch (lw_bn_verdict (accuracies)) {
  case LW_BN_AGREE:
    return g_strdup (_ ("Both modes agree: the running averages describe the batches well."));
  case LW_BN_LAG:
    if (fabs (fresh - batch) < 0.01)
      return g_strdup_printf (
          _ ("With the running values measured afresh on training images it is %.3f again: the "
             "weights are fine, but the running averages lag behind them."),
          fresh);
    return g_strdup_printf (
        _ ("With the running values measured afresh on training images it is %.3f instead of "
           "%.3f: the weights are better than they look, the running averages lag behind them."),
        fresh, running);
  case LW_BN_NOISE:
    return g_strdup_printf (
        _ ("The batches’ own statistics are the worse ones: a mean and a variance of %d images "
           "are rough guesses, and the running ones average over many."),
        accuracies->batch);
  case LW_BN_SMALL:
  default:
    return g_strdup_printf (
        _ ("Measuring the running values afresh does not repair it (%.3f): batches of %d images "
           "are small, or the training images are unlike the test images."),
        fresh, accuracies->batch);
  }
}

/* --- the bars */

static LwColour
way_colour (const LwTheme *theme, int way)
{
  return theme->series[way == LW_BN_WITH_BATCH ? 0 : way == LW_BN_WITH_RUNNING ? 1 : 5];
}

static void
draw_bar (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwBnCard *self = data;
  const int way = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (area), "way"));
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  const LwBnAccuracies *result = lw_bn_measuring_result (self->measuring);
  const double top = (height - 8) / 2.0;

  lw_path_rounded (cr, 0, top, width, 8, 4);
  lw_set_colour (cr, theme->text, 0.09);
  cairo_fill (cr);
  if (result == NULL)
    return;
  lw_path_rounded (cr, 0, top, MAX (8, width * result->accuracy[way]), 8, 4);
  lw_set_colour (cr, way_colour (theme, way), 1);
  cairo_fill (cr);
}

static void
fill_rows (LwBnCard *self, const LwBnAccuracies *result)
{
  for (int way = 0; way < LW_N_BN_WAYS; way++) {
    g_autofree char *words =
        result != NULL ? g_strdup_printf ("%.3f", result->accuracy[way]) : g_strdup ("–");

    gtk_label_set_text (GTK_LABEL (self->numbers[way]), words);
    gtk_widget_queue_draw (self->bars[way]);
  }
}

static void
refresh (LwBnCard *self)
{
  const LwBnAccuracies *result = lw_bn_measuring_result (self->measuring);
  const char *problem = lw_bn_measuring_problem (self->measuring);
  double share = 0;
  const bool busy = lw_bn_measuring_is_busy (self->measuring, &share);
  const bool other = result != NULL && (result->step != self->step || self->past);
  g_autofree char *sentence = result != NULL ? lw_bn_sentence (result) : NULL;

  if (result != NULL) {
    g_autofree char *images = lw_format_exact (result->images);
    g_autofree char *title = g_strdup_printf (_ ("%s test images, same weights"), images);

    gtk_label_set_text (GTK_LABEL (self->title), title);
  } else {
    gtk_label_set_text (GTK_LABEL (self->title), _ ("Accuracy three ways"));
  }
  fill_rows (self, result);
  gtk_label_set_text (
      GTK_LABEL (self->sentence),
      problem != NULL ? problem
      : sentence != NULL
          ? sentence
          : _ ("The same test images and weights, normalized by each batch’s own statistics, by "
               "the running ones, and by running ones measured afresh on training images."));
  gtk_widget_set_visible (self->moment, other);
  if (other) {
    g_autofree char *number = lw_format_exact (result->step);
    g_autofree char *words = g_strdup_printf (_ ("Measured after iteration %s."), number);

    gtk_label_set_text (GTK_LABEL (self->moment), words);
  }
  gtk_button_set_label (GTK_BUTTON (self->button),
                        result != NULL ? _ ("Measure Again") : _ ("Measure"));
  gtk_widget_set_visible (self->button, !busy && (result == NULL || result->step != self->step));
  gtk_widget_set_visible (self->busy, busy);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->bar), share);
}

void
lw_bn_card_set_step (LwBnCard *self, int64_t step, bool past)
{
  if (step == self->step && past == self->past)
    return;
  self->step = step;
  self->past = past;
  refresh (self);
}

/* --- set-up */

static GtkWidget *
make_rows (LwBnCard *self)
{
  static const char *const names[LW_N_BN_WAYS] = { N_ ("batch statistics"),
                                                   N_ ("running statistics"),
                                                   N_ ("running, recomputed") };
  GtkWidget *grid = gtk_grid_new ();

  gtk_grid_set_column_spacing (GTK_GRID (grid), 10);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 4);
  for (int way = 0; way < LW_N_BN_WAYS; way++) {
    GtkWidget *name = gtk_label_new (_ (names[way]));

    gtk_label_set_xalign (GTK_LABEL (name), 0);
    gtk_widget_add_css_class (name, "lw-facts");
    self->bars[way] = gtk_drawing_area_new ();
    gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (self->bars[way]), BAR_WIDTH);
    gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (self->bars[way]), 12);
    gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->bars[way]), draw_bar, self, NULL);
    gtk_widget_set_hexpand (self->bars[way], TRUE);
    g_object_set_data (G_OBJECT (self->bars[way]), "way", GINT_TO_POINTER (way));
    lw_name_widget (self->bars[way], _ (names[way]));
    self->numbers[way] = gtk_label_new ("–");
    gtk_label_set_xalign (GTK_LABEL (self->numbers[way]), 1);
    gtk_widget_set_size_request (self->numbers[way], 38, -1);
    gtk_widget_add_css_class (self->numbers[way], "lw-result");
    gtk_grid_attach (GTK_GRID (grid), name, 0, way, 1, 1);
    gtk_grid_attach (GTK_GRID (grid), self->bars[way], 1, way, 1, 1);
    gtk_grid_attach (GTK_GRID (grid), self->numbers[way], 2, way, 1, 1);
  }
  return grid;
}

static GtkWidget *
make_busy (LwBnCard *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *cancel = gtk_button_new_with_label (_ ("Cancel"));

  self->bar = gtk_progress_bar_new ();
  gtk_widget_set_hexpand (self->bar, TRUE);
  gtk_widget_set_valign (self->bar, GTK_ALIGN_CENTER);
  lw_name_widget (self->bar, _ ("Measuring the accuracy"));
  gtk_widget_add_css_class (cancel, "lw-bn-lesson");
  lw_name_widget (cancel, _ ("Cancel measuring"));
  g_signal_connect_swapped (cancel, "clicked", G_CALLBACK (lw_bn_measuring_cancel),
                            self->measuring);
  gtk_box_append (GTK_BOX (box), self->bar);
  gtk_box_append (GTK_BOX (box), cancel);
  return box;
}

static GtkWidget *
small_label (void)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 38);
  gtk_widget_add_css_class (label, "lw-caption");
  return label;
}

GtkWidget *
lw_bn_card_new (LwBnMeasuring *measuring)
{
  LwBnCard *self = g_object_new (LW_TYPE_BN_CARD, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  self->measuring = g_object_ref (measuring);
  self->title = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->title), 0);
  gtk_widget_add_css_class (self->title, "lw-strong");
  self->rows = make_rows (self);
  self->sentence = small_label ();
  self->moment = small_label ();
  self->button = gtk_button_new_with_label (_ ("Measure"));
  gtk_widget_add_css_class (self->button, "lw-bn-lesson");
  self->busy = make_busy (self);
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (lw_bn_measuring_start), measuring);
  gtk_box_append (GTK_BOX (box), self->title);
  gtk_box_append (GTK_BOX (box), self->rows);
  gtk_box_append (GTK_BOX (box), lw_paragraph_new (self->sentence, WORDS_WIDTH));
  gtk_box_append (GTK_BOX (box), self->moment);
  gtk_box_append (GTK_BOX (box), self->button);
  gtk_box_append (GTK_BOX (box), self->busy);
  self->card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (self->card, "lw-card");
  gtk_box_append (GTK_BOX (self->card), box);
  gtk_widget_set_parent (self->card, GTK_WIDGET (self));
  g_signal_connect_object (measuring, "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  refresh (self);
  return GTK_WIDGET (self);
}

static void
lw_bn_card_dispose (GObject *object)
{
  LwBnCard *self = LW_BN_CARD (object);

  g_clear_pointer (&self->card, gtk_widget_unparent);
  g_clear_object (&self->measuring);
  G_OBJECT_CLASS (lw_bn_card_parent_class)->dispose (object);
}

static void
lw_bn_card_class_init (LwBnCardClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_bn_card_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_bn_card_init (LwBnCard *self)
{
  self->step = -1;
}
