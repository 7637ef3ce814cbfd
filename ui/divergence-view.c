#include "ui/divergence-view.h"

#include "engine/record_health.h"
#include "ui/accessible.h"
#include "ui/draw/divergence-table.h"
#include "ui/paragraph.h"

#include <glib/gi18n.h>

/* Of the table: six layers; of more one is cut in half, which shows that they scroll. */
#define MOST_HEIGHT 152
#define CUT_HEIGHT  140
#define COMPACT     96 /* three and a half */

struct _LwDivergenceView {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  GtkWidget *column, *scroller, *area, *words, *foot;
  LwRunItem *run;
  int64_t version; /* of the record that is shown */
  LwDivergence *divergence;
  LwText *text;
  bool compact;
};

G_DEFINE_FINAL_TYPE (LwDivergenceView, lw_divergence_view, GTK_TYPE_WIDGET)

static void
draw (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwDivergenceView *self = LW_DIVERGENCE_VIEW (data);

  (void)height;
  if (self->divergence == NULL || self->run == NULL)
    return;
  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (GTK_WIDGET (area)));
  lw_divergence_table_paint (
      cr, lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ())), self->text,
      lw_run_item_graph (self->run), self->divergence, width);
}

static char *
sentence (const LwDivergence *divergence, const LwGraph *graph)
{
  const LwDivergenceOrigin origin = lw_divergence_origin (divergence);
  g_autofree char *layer = NULL;

  if (origin.layer < 0)
    return g_strdup (_ ("Above 3.4·10³⁸ a 32-bit number is infinite, and ∞ − ∞ is NaN."));
  layer = lw_layer_path (graph, divergence->layers[origin.layer]);
  if (origin.layer == divergence->n_layers - 1)
    return g_strdup_printf (
        _ ("%s is the first to jump. Above 3.4·10³⁸ a 32-bit number is infinite, "
           "and ∞ − ∞ is NaN."),
        layer);
  return g_strdup_printf (_ ("%s is the first to jump; every later layer multiplies it. Above "
                             "3.4·10³⁸ a 32-bit number is infinite, and ∞ − ∞ is NaN."),
                          layer);
}

static void
fit (LwDivergenceView *self)
{
  const int height = (int)lw_divergence_table_height (self->divergence);

  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (self->area), height);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (self->scroller),
                                              self->compact          ? MIN (height, COMPACT)
                                              : height > MOST_HEIGHT ? CUT_HEIGHT
                                                                     : height);
  gtk_widget_set_visible (self->foot, !self->compact);
}

void
lw_divergence_view_set_compact (LwDivergenceView *self, bool compact)
{
  self->compact = compact;
  if (self->divergence != NULL)
    fit (self);
}

static void
show (LwDivergenceView *self)
{
  LwGraph *graph = lw_run_item_graph (self->run);
  g_autofree char *words = sentence (self->divergence, graph);
  g_autofree char *table = lw_divergence_table_describe (graph, self->divergence);

  gtk_label_set_text (GTK_LABEL (self->words), words);
  fit (self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->area), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  table, -1);
  gtk_widget_queue_draw (self->area);
}

bool
lw_divergence_view_update (LwDivergenceView *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);
  LwHealthRecord *record = NULL;
  int64_t version;

  if (run != NULL && lw_run_item_state (run) == LW_RUN_DIVERGED)
    record = lw_records_health (lw_run_item_records (run));
  version = lw_record_version ((LwRecord *)record);
  if (run != self->run || version != self->version) {
    g_set_object (&self->run, run);
    self->version = version;
    g_clear_pointer (&self->divergence, lw_divergence_free);
    if (record != NULL)
      self->divergence = lw_health_record_divergence (record);
    if (self->divergence != NULL)
      show (self);
  }
  gtk_widget_set_visible (GTK_WIDGET (self), self->divergence != NULL);
  return self->divergence != NULL;
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static GtkWidget *
make_head (void)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *title = gtk_label_new (_ ("Where it began"));
  GtkWidget *words = gtk_label_new (_ ("largest value each layer put out, by iteration"));

  gtk_widget_add_css_class (title, "lw-strong");
  gtk_widget_add_css_class (words, "lw-caption");
  gtk_label_set_ellipsize (GTK_LABEL (words), PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (head), title);
  gtk_box_append (GTK_BOX (head), words);
  return head;
}

static GtkWidget *
make_foot (LwDivergenceView *self)
{
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *icon = gtk_image_new_from_icon_name ("lw-lesson-symbolic"), *paragraph;

  self->words = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->words), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->words), 0);
  gtk_widget_add_css_class (self->words, "lw-caption");
  gtk_widget_add_css_class (icon, "lw-accent-text");
  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  paragraph = lw_paragraph_new (self->words, 200);
  gtk_widget_set_hexpand (paragraph, TRUE);
  gtk_box_append (GTK_BOX (foot), icon);
  gtk_box_append (GTK_BOX (foot), paragraph);
  return foot;
}

GtkWidget *
lw_divergence_view_new (LwWorkbench *workbench)
{
  LwDivergenceView *self = g_object_new (LW_TYPE_DIVERGENCE_VIEW, NULL);

  self->workbench = workbench;
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_set_margin_start (self->column, 14);
  gtk_widget_set_margin_end (self->column, 14);
  gtk_widget_set_margin_top (self->column, 8);
  gtk_widget_set_margin_bottom (self->column, 10);
  self->area = gtk_drawing_area_new ();
  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (self->area), 300);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->area), draw, self, NULL);
  gtk_widget_set_focusable (self->area, TRUE);
  lw_name_widget (self->area, _ ("Largest output of each layer in the last iterations"));
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), self->area);
  gtk_box_append (GTK_BOX (self->column), make_head ());
  gtk_box_append (GTK_BOX (self->column), self->scroller);
  self->foot = make_foot (self);
  gtk_box_append (GTK_BOX (self->column), self->foot);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self->area, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

static void
lw_divergence_view_dispose (GObject *object)
{
  LwDivergenceView *self = LW_DIVERGENCE_VIEW (object);

  g_clear_pointer (&self->column, gtk_widget_unparent);
  g_clear_object (&self->run);
  g_clear_pointer (&self->divergence, lw_divergence_free);
  G_OBJECT_CLASS (lw_divergence_view_parent_class)->dispose (object);
}

static void
lw_divergence_view_finalize (GObject *object)
{
  lw_text_free (LW_DIVERGENCE_VIEW (object)->text);
  G_OBJECT_CLASS (lw_divergence_view_parent_class)->finalize (object);
}

static void
lw_divergence_view_class_init (LwDivergenceViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_divergence_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_divergence_view_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_divergence_view_init (LwDivergenceView *self)
{
  self->text = lw_text_new (NULL, NULL);
}
