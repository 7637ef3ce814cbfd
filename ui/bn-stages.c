#include "ui/bn-stages.h"

#include "engine/analysis.h"
#include "ui/accessible.h"
#include "ui/draw/histogram.h"
#include "ui/draw/ticks.h"

#include <glib/gi18n.h>
#include <math.h>

#define LEAST_WIDTH 140
#define PLOT_HEIGHT 72

typedef struct {
  GtkWidget *card, *formula, *plot, *wait;
  GtkWidget *names[2];                       /* of the rows */
  GtkWidget *heads[LW_N_BN_STATISTICS];      /* of the columns */
  GtkWidget *numbers[2][LW_N_BN_STATISTICS]; /* mean, deviation */
} Stage;

struct _LwBnStages {
  GtkWidget parent;
  LwText *text;
  GtkWidget *row, *arrows[LW_N_BN_STAGES];
  Stage stages[LW_N_BN_STAGES];
  bool known, compact;
  LwBnChannel channel;
  LwBnStatistics mode;
};

G_DEFINE_FINAL_TYPE (LwBnStages, lw_bn_stages, GTK_TYPE_WIDGET)

static const char *const titles[LW_N_BN_STAGES] = { N_ ("1 Arrives"), N_ ("2 Normalized"),
                                                    N_ ("3 Scaled and shifted") };

static void
draw (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwBnStages *self = data;
  const int index = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (area), "stage"));
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  const LwBnSpread *spread = &self->channel.stages[index];
  const LwBnStatistics ghost = self->mode == LW_BN_BATCH ? LW_BN_RUNNING : LW_BN_BATCH;
  const LwBnStatistics ways[] = { self->mode, ghost };
  LwHistogramShape shapes[2];
  LwHistogram histogram = { shapes, 2, spread->min, spread->max, false, false };

  if (!self->known)
    return;
  for (int i = 0; i < 2; i++)
    shapes[i] =
        (LwHistogramShape){ .form = i == 0 ? LW_HISTOGRAM_FILLED : LW_HISTOGRAM_OUTLINE,
                            .counts = spread->counts[ways[i]],
                            .n_bins = LW_BN_BINS,
                            .colour = theme->series[ways[i] == LW_BN_BATCH ? 0 : 1],
                            .mark = index == LW_BN_ARRIVES ? self->channel.mean[ways[i]] : NAN };
  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (GTK_WIDGET (area)));
  lw_histogram_paint (cr, theme, self->text, &histogram,
                      (cairo_rectangle_t){ 12, 6, width - 24, height - 6 });
}

/* In the colour of its way; two decimals, unless all at this stage is small. */
static void
set_number (GtkWidget *label, double value, LwBnStatistics way, bool small)
{
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  const LwColour colour = lw_colour_for_text (theme, theme->series[way == LW_BN_BATCH ? 0 : 1]);
  char words[LW_TICK_TEXT];
  g_autofree char *markup = NULL;

  if (small || !(fabs (value) < 1e4))
    lw_value_text (value, words);
  else
    lw_value_text_fixed (fabs (value) < 0.005 ? 0 : value, 2, words); /* no −0.00 */
  markup =
      g_strdup_printf ("<span color=\"#%02x%02x%02x\">%s</span>", (unsigned)lround (colour.r * 255),
                       (unsigned)lround (colour.g * 255), (unsigned)lround (colour.b * 255), words);
  gtk_label_set_markup (GTK_LABEL (label), markup);
}

static void
fill_numbers (LwBnStages *self)
{
  for (int s = 0; s < LW_N_BN_STAGES; s++) {
    const LwBnSpread *spread = &self->channel.stages[s];
    const bool small =
        fmax (spread->deviation[LW_BN_BATCH], spread->deviation[LW_BN_RUNNING]) < 0.05;

    for (int way = 0; way < LW_N_BN_STATISTICS; way++) {
      /* Above the first: what it is normalized with. */
      const bool first = s == LW_BN_ARRIVES;
      const double mean = first ? self->channel.mean[way] : spread->mean[way];
      const double deviation = first ? sqrt (self->channel.variance[way]) : spread->deviation[way];

      if (self->known) {
        set_number (self->stages[s].numbers[0][way], mean, (LwBnStatistics)way, small);
        set_number (self->stages[s].numbers[1][way], deviation, (LwBnStatistics)way, small);
      } else {
        gtk_label_set_text (GTK_LABEL (self->stages[s].numbers[0][way]), "–");
        gtk_label_set_text (GTK_LABEL (self->stages[s].numbers[1][way]), "–");
      }
    }
    gtk_widget_queue_draw (self->stages[s].plot);
  }
}

static void
describe (LwBnStages *self)
{
  for (int s = 0; s < LW_N_BN_STAGES; s++) {
    const LwBnSpread *spread = &self->channel.stages[s];
    g_autofree char *words = self->known
                                 ? lw_histogram_describe (_ (titles[s]), spread->mean[self->mode],
                                                          spread->deviation[self->mode])
                                 : g_strdup (_ (titles[s]));

    lw_name_widget (self->stages[s].plot, words);
  }
}

static char *
count_formula (const LwBnStages *self, const LwBnStudy *study)
{
  if (self->compact)
    return g_strdup_printf ("%d×%d×%d", study->images, study->shape.h, study->shape.w);
  if (study->shape.h * study->shape.w == 1)
    return g_strdup_printf (_ ("x, %d values"), study->images);
  return g_strdup_printf (_ ("x, %d × %d × %d values"), study->images, study->shape.h,
                          study->shape.w);
}

void
lw_bn_stages_show (LwBnStages *self, const LwBnStudy *study, int channel, const char *words)
{
  self->known = study != NULL && channel >= 0 && channel < study->shape.c;
  if (self->known) {
    g_autofree char *formula = count_formula (self, study);

    self->channel = study->channels[channel];
    gtk_label_set_text (GTK_LABEL (self->stages[LW_BN_ARRIVES].formula), formula);
  }
  for (int s = 0; s < LW_N_BN_STAGES; s++) {
    gtk_widget_set_visible (self->stages[s].wait, !self->known && words != NULL);
    gtk_label_set_text (GTK_LABEL (self->stages[s].wait), words != NULL && s == 1 ? words : "");
  }
  fill_numbers (self);
  describe (self);
}

/* The statistics that are in use are bold. */
static void
mark_mode (LwBnStages *self)
{
  for (int s = 0; s < LW_N_BN_STAGES; s++)
    for (int way = 0; way < LW_N_BN_STATISTICS; way++)
      for (int i = 0; i < 2; i++) {
        GtkWidget *number = self->stages[s].numbers[i][way];

        if (way == (int)self->mode)
          gtk_widget_add_css_class (number, "lw-total");
        else
          gtk_widget_remove_css_class (number, "lw-total");
      }
}

void
lw_bn_stages_set_mode (LwBnStages *self, LwBnStatistics mode)
{
  self->mode = mode;
  mark_mode (self);
  fill_numbers (self);
  describe (self);
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static GtkWidget *
make_label (const char *words, const char *css_class, float xalign)
{
  GtkWidget *label = gtk_label_new (words);

  gtk_label_set_xalign (GTK_LABEL (label), xalign);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

static void
set_names (Stage *stage, bool first, bool compact)
{
  const char *const names[] = { compact ? "μ"
                                : first ? _ ("mean μ")
                                        : _ ("mean"),
                                compact ? "σ"
                                : first ? _ ("deviation σ")
                                        : _ ("deviation") };

  for (int i = 0; i < 2; i++)
    gtk_label_set_text (GTK_LABEL (stage->names[i]), names[i]);
}

void
lw_bn_stages_set_compact (LwBnStages *self, bool compact)
{
  self->compact = compact;
  gtk_label_set_text (GTK_LABEL (self->stages[LW_BN_NORMALIZED].formula),
                      compact ? "(x−μ)/√(σ²+ε)" : "x̂ = (x − μ) / √(σ² + ε)");
  for (int s = 0; s < LW_N_BN_STAGES; s++) {
    set_names (&self->stages[s], s == LW_BN_ARRIVES, compact);
    if (self->arrows[s] != NULL)
      gtk_widget_set_visible (self->arrows[s], !compact);
  }
}

static GtkWidget *
make_numbers (Stage *stage, bool first)
{
  static const char *const columns[] = { N_ ("batch"), N_ ("running") };
  GtkWidget *grid = gtk_grid_new ();

  gtk_grid_set_column_spacing (GTK_GRID (grid), 10);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 2);
  for (int way = 0; way < LW_N_BN_STATISTICS; way++) {
    stage->heads[way] = make_label (_ (columns[way]), "lw-small", 1);
    gtk_grid_attach (GTK_GRID (grid), stage->heads[way], 1 + way, 0, 1, 1);
  }
  for (int i = 0; i < 2; i++) {
    stage->names[i] = make_label ("", "lw-small", 0);
    gtk_widget_set_hexpand (stage->names[i], TRUE);
    gtk_grid_attach (GTK_GRID (grid), stage->names[i], 0, 1 + i, 1, 1);
    for (int way = 0; way < LW_N_BN_STATISTICS; way++) {
      stage->numbers[i][way] = make_label ("–", "lw-facts", 1);
      gtk_widget_add_css_class (stage->numbers[i][way], "lw-number");
      gtk_widget_set_size_request (stage->numbers[i][way], 42, -1);
      gtk_grid_attach (GTK_GRID (grid), stage->numbers[i][way], 1 + way, 1 + i, 1, 1);
    }
  }
  set_names (stage, first, false);
  return grid;
}

static GtkWidget *
make_stage (LwBnStages *self, int index)
{
  static const char *const formulas[] = { "x", "x̂ = (x − μ) / √(σ² + ε)", "y = γ x̂ + β" };
  Stage *stage = &self->stages[index];
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *overlay = gtk_overlay_new ();

  stage->card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (stage->card, "lw-card");
  gtk_widget_set_hexpand (stage->card, TRUE);
  gtk_widget_set_size_request (stage->card, LEAST_WIDTH, -1);
  stage->formula = make_label (formulas[index], "lw-tensor", 0);
  gtk_label_set_ellipsize (GTK_LABEL (stage->formula), PANGO_ELLIPSIZE_END);
  stage->plot =
      g_object_new (GTK_TYPE_DRAWING_AREA, "accessible-role", GTK_ACCESSIBLE_ROLE_IMG, NULL);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (stage->plot), PLOT_HEIGHT);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (stage->plot), draw, self, NULL);
  gtk_widget_set_vexpand (stage->plot, TRUE);
  g_object_set_data (G_OBJECT (stage->plot), "stage", GINT_TO_POINTER (index));
  stage->wait = make_label ("", "lw-caption", 0.5f);
  gtk_label_set_wrap (GTK_LABEL (stage->wait), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (stage->wait), 22);
  gtk_label_set_justify (GTK_LABEL (stage->wait), GTK_JUSTIFY_CENTER);
  gtk_widget_set_halign (stage->wait, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (stage->wait, GTK_ALIGN_CENTER);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), stage->plot);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), stage->wait);
  gtk_box_append (GTK_BOX (box), make_label (_ (titles[index]), "lw-strong", 0));
  gtk_box_append (GTK_BOX (box), stage->formula);
  gtk_box_append (GTK_BOX (box), overlay);
  gtk_box_append (GTK_BOX (box), make_numbers (stage, index == LW_BN_ARRIVES));
  gtk_box_append (GTK_BOX (stage->card), box);
  return stage->card;
}

static void
theme_changed (LwBnStages *self)
{
  fill_numbers (self);
}

static void
lw_bn_stages_dispose (GObject *object)
{
  g_clear_pointer (&LW_BN_STAGES (object)->row, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_bn_stages_parent_class)->dispose (object);
}

static void
lw_bn_stages_finalize (GObject *object)
{
  lw_text_free (LW_BN_STAGES (object)->text);
  G_OBJECT_CLASS (lw_bn_stages_parent_class)->finalize (object);
}

static void
lw_bn_stages_class_init (LwBnStagesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_bn_stages_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_bn_stages_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_bn_stages_init (LwBnStages *self)
{
  self->text = lw_text_new (NULL, NULL);
  self->row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  for (int i = 0; i < LW_N_BN_STAGES; i++) {
    if (i > 0) {
      GtkWidget *arrow = gtk_image_new_from_icon_name ("go-next-symbolic");

      gtk_widget_add_css_class (arrow, "lw-dim");
      self->arrows[i] = arrow;
      gtk_box_append (GTK_BOX (self->row), arrow);
    }
    gtk_box_append (GTK_BOX (self->row), make_stage (self, i));
  }
  gtk_widget_set_parent (self->row, GTK_WIDGET (self));
  lw_bn_stages_set_mode (self, LW_BN_BATCH);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (theme_changed), self, G_CONNECT_SWAPPED);
}

GtkWidget *
lw_bn_stages_new (void)
{
  return g_object_new (LW_TYPE_BN_STAGES, NULL);
}
