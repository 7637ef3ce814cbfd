#include "ui/memory-panel.h"

#include "engine/analysis.h"
#include "ui/accessible.h"
#include "ui/batch-slider.h"
#include "ui/draw/memory-split.h"

#include <glib/gi18n.h>

#define WIDTH      320
#define BAR_HEIGHT 20
#define SQUARE     14

struct _LwMemoryPanel {
  GtkWidget parent;
  LwMemoryPlanner *planner;
  GtkWidget *scroller;
  GtkWidget *free, *largest[LW_N_MODES], *trouble;
  GtkWidget *totals[LW_N_MODES], *bars[LW_N_MODES];
  GtkWidget *names[LW_N_MEMORY_PARTS], *cells[LW_N_MEMORY_PARTS + 1][LW_N_MODES];
  GtkWidget *plan, *images;
};

G_DEFINE_FINAL_TYPE (LwMemoryPanel, lw_memory_panel, GTK_TYPE_WIDGET)

static void
set_text (GtkWidget *label, const char *text)
{
  if (g_strcmp0 (gtk_label_get_text (GTK_LABEL (label)), text) != 0)
    gtk_label_set_text (GTK_LABEL (label), text);
}

static void
take_text (GtkWidget *label, char *text)
{
  set_text (label, text);
  g_free (text);
}

/* --- what fits ---------------------------------------------------------------------------------
 */

static char *
batch_text (int32_t batch)
{
  g_autofree char *number = lw_format_exact (batch);

  if (batch < 0)
    return g_strdup ("–");
  if (batch == LW_LARGEST_BATCH)
    return g_strdup_printf ("≥ %s", number);
  return batch == 0 ? g_strdup (_ ("none")) : g_steal_pointer (&number);
}

/* A batch that does not fit, said in a sentence with a sign. */
static void
show_trouble (LwMemoryPanel *self)
{
  const LwMemoryUse *use = lw_memory_planner_use (self->planner);
  const int64_t available = lw_memory_planner_available (self->planner);
  const int64_t needed = use != NULL ? lw_memory_use_needed (use, LW_MODE_TRAINING) : 0;
  g_autofree char *batch = lw_format_exact (lw_memory_planner_batch (self->planner));
  g_autofree char *needs = lw_format_bytes (needed), *has = lw_format_bytes (MAX (available, 0));
  g_autofree char *sentence = NULL;

  if (use == NULL)
    sentence = g_strdup (lw_memory_planner_error (self->planner));
  else if (available >= 0 && needed > available)
    sentence = g_strdup_printf (
        lw_memory_use_needed (use, LW_MODE_INFERENCE) <= available
            ? _ ("Training with a batch of %s needs %s, but %s are free; inference still fits.")
            : _ ("Neither training nor inference fits: a batch of %s needs %s, but %s are free."),
        batch, needs, has);
  gtk_widget_set_visible (self->trouble, sentence != NULL);
  if (sentence != NULL)
    take_text (self->trouble, g_strconcat ("! ", sentence, NULL));
}

static void
show_limits (LwMemoryPanel *self)
{
  const int64_t available = lw_memory_planner_available (self->planner);
  g_autofree char *bytes = lw_format_bytes (MAX (available, 0));

  take_text (self->free, available >= 0 ? g_strdup_printf (_ ("%s free"), bytes)
                                        : g_strdup (_ ("free memory unknown")));
  for (int mode = 0; mode < LW_N_MODES; mode++)
    take_text (self->largest[mode],
               batch_text (lw_memory_planner_largest (self->planner, (LwMode)mode)));
  show_trouble (self);
}

/* --- where it goes -----------------------------------------------------------------------------
 */

static char *
bytes_text (int64_t bytes)
{
  return bytes == 0 ? g_strdup ("0") : lw_format_bytes (bytes);
}

static const char *
optimizer_title (LwMemoryPanel *self)
{
  static const char *const names[] = { N_ ("Optimizer (SGD)"), N_ ("Momentum"),
                                       N_ ("Adam’s moments") };

  return _ (names[CLAMP (lw_memory_planner_slots (self->planner), 0, 2)]);
}

static void
show_sentences (LwMemoryPanel *self, const LwMemoryPass *training)
{
  const LwArenaSize arena = lw_plan_arena (training->plan);
  const double over = (double)arena.arena_bytes / (double)MAX (arena.bound_bytes, 1);
  g_autofree char *naive = lw_format_bytes (training->fixed + arena.naive_bytes);
  g_autofree char *images = lw_format_bytes (training->images);
  g_autofree char *saving = lw_format_bytes (training->saving);

  take_text (self->plan,
             arena.arena_bytes == arena.bound_bytes
                 ? g_strdup_printf (_ ("Without sharing addresses the same tensors would take %s. "
                                       "The plan’s arena is as small as the largest sum alive at "
                                       "one step, which no plan can beat."),
                                    naive)
                 : g_strdup_printf (_ ("Without sharing addresses the same tensors would take %s. "
                                       "The plan’s arena is %.2f times the largest sum alive at "
                                       "one step, which no plan can beat."),
                                    naive, MAX (over, 1.01)));
  take_text (
      self->images,
      training->saving == 0
          ? g_strdup_printf (_ ("Beside this the device keeps the images of a run: %s; the largest "
                                "batch counts them."),
                             images)
          : g_strdup_printf (_ ("Beside this a run takes %s for images of its next batches, and "
                                "%s for a copy while it saves; the largest batch counts both."),
                             images, saving));
}

static void
show_use (LwMemoryPanel *self)
{
  const LwMemoryUse *use = lw_memory_planner_use (self->planner);

  gtk_widget_set_visible (self->plan, use != NULL);
  gtk_widget_set_visible (self->images, use != NULL && use->pass[LW_MODE_TRAINING].images > 0);
  for (int mode = 0; mode < LW_N_MODES; mode++) {
    const LwMemoryPass *pass = use != NULL ? &use->pass[mode] : NULL;

    for (int part = 0; part < LW_N_MEMORY_PARTS; part++)
      take_text (self->cells[part][mode],
                 pass != NULL ? bytes_text (lw_memory_part_bytes (pass, (LwMemoryPart)part))
                              : g_strdup ("–"));
    take_text (self->cells[LW_N_MEMORY_PARTS][mode],
               pass != NULL ? lw_format_bytes (pass->total) : g_strdup ("–"));
    take_text (self->totals[mode], pass != NULL ? lw_format_bytes (pass->total) : g_strdup ("–"));
    gtk_widget_queue_draw (self->bars[mode]);
  }
  set_text (self->names[LW_MEMORY_PART_OPTIMIZER], optimizer_title (self));
  if (use != NULL)
    show_sentences (self, &use->pass[LW_MODE_TRAINING]);
  show_trouble (self);
}

/* --- drawings ----------------------------------------------------------------------------------
 */

static const LwTheme *
theme (void)
{
  return lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
}

static void
paint_bar (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwMemoryPanel *self = LW_MEMORY_PANEL (data);
  const LwMemoryUse *use = lw_memory_planner_use (self->planner);
  const LwMode mode =
      GTK_WIDGET (area) == self->bars[LW_MODE_TRAINING] ? LW_MODE_TRAINING : LW_MODE_INFERENCE;

  if (use != NULL)
    lw_memory_split_paint (
        cr, theme (), &use->pass[mode],
        MAX (use->pass[LW_MODE_TRAINING].total, use->pass[LW_MODE_INFERENCE].total),
        (cairo_rectangle_t){ 0, 0, width, height });
}

static void
paint_square (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer part)
{
  (void)area;
  lw_memory_part_paint (cr, theme (), (LwMemoryPart)GPOINTER_TO_INT (part),
                        (cairo_rectangle_t){ 0, 0, width, height });
}

static GtkWidget *
drawing (int width, int height, GtkDrawingAreaDrawFunc paint, gpointer data)
{
  GtkWidget *area = g_object_new (GTK_TYPE_DRAWING_AREA, "accessible-role",
                                  GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);

  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (area), width);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (area), height);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), paint, data, NULL);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), area, G_CONNECT_SWAPPED);
  return area;
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static GtkWidget *
label_new (const char *text, const char *style, double xalign)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_widget_add_css_class (label, style);
  gtk_label_set_xalign (GTK_LABEL (label), (float)xalign);
  return label;
}

static GtkWidget *
wrapped_new (const char *style)
{
  GtkWidget *label = label_new (NULL, style, 0);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_width_chars (GTK_LABEL (label), 20);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 20);
  return label;
}

/* A name at the left, a figure at the right. */
static GtkWidget *
pair_new (GtkWidget *left, GtkWidget *right)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  gtk_widget_set_hexpand (left, TRUE);
  gtk_box_append (GTK_BOX (row), left);
  gtk_box_append (GTK_BOX (row), right);
  return row;
}

static GtkWidget *
make_largest (LwMemoryPanel *self)
{
  static const char *const words[] = { N_ ("training"), N_ ("inference") };
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 5);

  gtk_widget_add_css_class (card, "lw-fact-card");
  self->free = label_new ("–", "lw-small", 1);
  gtk_widget_set_tooltip_text (self->free, _ ("What this machine can still give without swapping"));
  gtk_box_append (
      GTK_BOX (card),
      pair_new (label_new (_ ("Largest batch that fits"), "lw-heading", 0), self->free));
  for (int mode = 0; mode < LW_N_MODES; mode++) {
    GtkWidget *word = label_new (_ (words[mode]), "lw-small", 0);

    self->largest[mode] = label_new ("–", "lw-strip-value", 0);
    gtk_widget_set_valign (word, GTK_ALIGN_BASELINE);
    gtk_widget_set_valign (self->largest[mode], GTK_ALIGN_BASELINE);
    gtk_widget_set_margin_end (word, 14);
    gtk_box_append (GTK_BOX (row), self->largest[mode]);
    gtk_box_append (GTK_BOX (row), word);
  }
  gtk_box_append (GTK_BOX (card), row);
  return card;
}

static void
append_bar (LwMemoryPanel *self, GtkWidget *box, LwMode mode)
{
  GtkWidget *name = label_new (
      mode == LW_MODE_TRAINING ? _ ("training") : _ ("inference, same scale"), "lw-small", 0);
  GtkWidget *part = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  self->totals[mode] = label_new ("–", "lw-result", 1);
  self->bars[mode] = drawing (WIDTH - 28, BAR_HEIGHT, paint_bar, self);
  gtk_box_append (GTK_BOX (part), pair_new (name, self->totals[mode]));
  gtk_box_append (GTK_BOX (part), self->bars[mode]);
  gtk_box_append (GTK_BOX (box), part);
}

static void
attach_row (LwMemoryPanel *self, GtkGrid *grid, int row, GtkWidget *name, const char *style)
{
  GtkWidget *line = gtk_separator_new (GTK_ORIENTATION_HORIZONTAL);

  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (name, TRUE);
  gtk_grid_attach (grid, line, 0, 2 * row - 1, 4, 1);
  gtk_grid_attach (grid, name, 1, 2 * row, 1, 1);
  for (int mode = 0; mode < LW_N_MODES; mode++) {
    GtkWidget *cell = label_new ("–", style, 1);

    gtk_widget_add_css_class (cell, "lw-number");
    if (mode == LW_MODE_INFERENCE && row <= LW_N_MEMORY_PARTS)
      gtk_widget_add_css_class (cell, "lw-dim");
    self->cells[row - 1][mode] = cell;
    gtk_grid_attach (grid, cell, 2 + mode, 2 * row, 1, 1);
  }
}

static GtkWidget *
make_table (LwMemoryPanel *self)
{
  static const char *const help[LW_N_MEMORY_PARTS] = {
    N_ ("Weights, biases and running statistics"),
    N_ ("One number for each trained parameter"),
    N_ ("Copies of the parameters that the optimizer keeps from step to step"),
    N_ ("Outputs of layers, and what backward needs beside them"),
    N_ ("Gradients of outputs, while backward hands them on"),
    N_ ("Scratch memory of the kernels"),
    N_ ("What the plan cannot fill, since a tensor's address does not change"),
  };
  GtkWidget *grid = gtk_grid_new ();

  gtk_widget_add_css_class (grid, "lw-fact-card");
  gtk_widget_add_css_class (grid, "lw-memory-table");
  gtk_grid_set_column_spacing (GTK_GRID (grid), 6);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 2);
  gtk_grid_attach (GTK_GRID (grid), label_new (_ ("At the peak"), "lw-heading", 0), 0, 0, 2, 1);
  gtk_grid_attach (GTK_GRID (grid), label_new (_ ("training"), "lw-heading", 1), 2, 0, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), label_new (_ ("inference"), "lw-heading", 1), 3, 0, 1, 1);
  for (int part = 0; part < LW_N_MEMORY_PARTS; part++) {
    self->names[part] = label_new (lw_memory_part_title ((LwMemoryPart)part), "lw-facts", 0);
    gtk_widget_set_tooltip_text (self->names[part], _ (help[part]));
    attach_row (self, GTK_GRID (grid), part + 1, self->names[part], "lw-facts");
    gtk_grid_attach (GTK_GRID (grid),
                     drawing (SQUARE, SQUARE, paint_square, GINT_TO_POINTER (part)), 0,
                     2 * (part + 1), 1, 1);
  }
  attach_row (self, GTK_GRID (grid), LW_N_MEMORY_PARTS + 1, label_new (_ ("Total"), "lw-result", 0),
              "lw-result");
  return grid;
}

static GtkWidget *
make_legend (void)
{
  static const struct {
    LwMemoryPart part;
    const char *words;
  } entries[] = { { LW_MEMORY_PART_ACTIVATIONS,
                    NC_ ("what a layer puts out, in memory", "activation") },
                  { LW_MEMORY_PART_THEIR_GRADIENTS, N_ ("its gradient") },
                  { LW_MEMORY_PART_WORKSPACE, N_ ("workspace") } };
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  for (guint i = 0; i < G_N_ELEMENTS (entries); i++) {
    const char *word =
        entries[i].part == LW_MEMORY_PART_ACTIVATIONS
            ? g_dpgettext2 (NULL, "what a layer puts out, in memory", entries[i].words)
            : _ (entries[i].words);
    GtkWidget *words = label_new (word, "lw-small", 0);

    gtk_widget_set_margin_end (words, 6);
    gtk_box_append (GTK_BOX (row),
                    drawing (SQUARE, SQUARE, paint_square, GINT_TO_POINTER (entries[i].part)));
    gtk_box_append (GTK_BOX (row), words);
  }
  return row;
}

GtkWidget *
lw_memory_panel_new (LwMemoryPlanner *planner)
{
  LwMemoryPanel *self = g_object_new (LW_TYPE_MEMORY_PANEL, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *heading = label_new (_ ("Where the memory goes"), "lw-strong", 0);

  self->planner = g_object_ref (planner);
  gtk_widget_add_css_class (box, "lw-memory-panel");
  self->trouble = wrapped_new ("lw-error-text");
  gtk_widget_add_css_class (self->trouble, "lw-facts");
  gtk_widget_set_visible (self->trouble, FALSE);
  self->plan = wrapped_new ("lw-small");
  self->images = wrapped_new ("lw-small");
  gtk_widget_set_margin_top (heading, 6);
  gtk_box_append (GTK_BOX (box), lw_batch_slider_new (planner));
  gtk_box_append (GTK_BOX (box), self->trouble);
  gtk_box_append (GTK_BOX (box), make_largest (self));
  gtk_box_append (GTK_BOX (box), heading);
  append_bar (self, box, LW_MODE_TRAINING);
  append_bar (self, box, LW_MODE_INFERENCE);
  gtk_box_append (GTK_BOX (box), make_table (self));
  gtk_box_append (GTK_BOX (box), self->plan);
  gtk_box_append (GTK_BOX (box), self->images);
  gtk_box_append (GTK_BOX (box), make_legend ());
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), box);
  g_signal_connect_object (planner, "planned", G_CALLBACK (show_use), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (planner, "limits", G_CALLBACK (show_limits), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

static void
lw_memory_panel_dispose (GObject *object)
{
  LwMemoryPanel *self = LW_MEMORY_PANEL (object);

  g_clear_pointer (&self->scroller, gtk_widget_unparent);
  g_clear_object (&self->planner);
  G_OBJECT_CLASS (lw_memory_panel_parent_class)->dispose (object);
}

static void
lw_memory_panel_class_init (LwMemoryPanelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_memory_panel_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_memory_panel_init (LwMemoryPanel *self)
{
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_widget_set_size_request (self->scroller, WIDTH, -1);
  lw_name_widget (self->scroller, _ ("Where the memory goes"));
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
}
