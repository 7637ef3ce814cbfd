#include "ui/health-popover.h"

#include "ui/accessible.h"
#include "ui/health-chart.h"
#include "ui/draw/health-words.h"
#include "ui/paragraph.h"
#include "ui/try-rate.h"

#include <glib/gi18n.h>
#include <math.h>

#define WORDS_WIDTH  384
#define MOST_HEIGHT  340
#define LEAST_HEIGHT 60

/* Words or, for `markup`, Pango markup. */
static GtkWidget *
make_paragraph (const char *words, bool markup, const char *css, int width)
{
  GtkWidget *label = gtk_label_new (NULL);

  if (markup)
    gtk_label_set_markup (GTK_LABEL (label), words);
  else
    gtk_label_set_text (GTK_LABEL (label), words);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, css);
  return lw_paragraph_new (label, width);
}

/* A popover asks for its height at a width with its shadow, where paragraphs need fewer lines than
 * at the one that they get; so it is told. */
static GtkWidget *
make_popover (GtkWidget *box)
{
  GtkWidget *popover = gtk_popover_new ();
  int width, height;

  gtk_widget_measure (box, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &width, NULL, NULL);
  gtk_widget_measure (box, GTK_ORIENTATION_VERTICAL, width, NULL, &height, NULL, NULL);
  gtk_widget_set_size_request (box, width, height);
  gtk_widget_set_margin_start (box, 8);
  gtk_widget_set_margin_end (box, 8);
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 6);
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  return popover;
}

/* --- one finding -------------------------------------------------------------------------------
 */

/* After a divergence the weights' growth says more than moments before it. */
static GtkWidget *
make_growth_chart (const LwDivergence *divergence, LwNodeId layer)
{
  double steps[LW_DIVERGENCE_STEPS];
  float lengths[LW_DIVERGENCE_STEPS];

  for (int32_t l = 0; l < divergence->n_layers; l++) {
    if (divergence->layers[l] != layer)
      continue;
    for (int32_t t = 0; t < divergence->n_steps; t++) {
      steps[t] = (double)divergence->steps[t];
      lengths[t] = lw_divergence_weight (divergence, l, t);
    }
    return lw_health_chart_new (_ ("Length of its weights"), _ ("iteration"), steps, lengths,
                                divergence->n_steps, NAN, NAN, true);
  }
  return NULL;
}

static GtkWidget *
make_chart (LwHealthRecord *record, const LwFinding *finding)
{
  const LwSymptomChart chart = lw_symptom_chart (finding->symptom);
  g_autoptr (LwDivergence) divergence = lw_health_record_divergence (record);
  double epochs[LW_HEALTH_MOMENTS];
  float values[LW_HEALTH_MOMENTS];
  int32_t n;

  if (finding->symptom == LW_SYMPTOM_EXPLODING && divergence != NULL)
    return make_growth_chart (divergence, finding->layer);
  n = lw_health_record_series (record, finding->row, chart.field, NULL, epochs, values);
  if (n == 0)
    return NULL;
  return lw_health_chart_new (chart.title, _ ("epoch"), epochs, values, n, chart.low, chart.high,
                              chart.log);
}

typedef struct {
  LwWorkbench *workbench; /* borrowed: it lives longer */
  LwRunItem *run;
  LwNodeId layer;
  double rate;
} LwFindingActions;

static void
free_actions (gpointer data, GClosure *closure)
{
  LwFindingActions *actions = data;

  (void)closure;
  g_object_unref (actions->run);
  g_free (actions);
}

static void
popdown (GtkWidget *button)
{
  GtkWidget *popover = gtk_widget_get_ancestor (button, GTK_TYPE_POPOVER);

  if (popover != NULL)
    gtk_popover_popdown (GTK_POPOVER (popover));
}

static void
show_layer (GtkWidget *button, LwFindingActions *actions)
{
  popdown (button);
  lw_workbench_select_layer (actions->workbench, actions->layer);
  gtk_widget_activate_action (button, "win.page", "s", "explore");
}

static void
try_rate (GtkWidget *button, LwFindingActions *actions)
{
  popdown (button);
  lw_try_rate (GTK_WIDGET (gtk_widget_get_root (button)), actions->workbench, actions->run,
               actions->rate);
}

static GtkWidget *
make_button (const char *words, GCallback clicked, const LwFindingActions *actions)
{
  GtkWidget *button = gtk_button_new_with_label (words);
  LwFindingActions *own = g_memdup2 (actions, sizeof *actions);

  g_object_ref (own->run);
  g_signal_connect_data (button, "clicked", clicked, own, free_actions, 0);
  return button;
}

static GtkWidget *
make_buttons (LwWorkbench *workbench, LwRunItem *run, const LwFinding *finding)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  const double factor = lw_symptom_rate_factor (finding->symptom);
  const double rate = finding->symptom == LW_SYMPTOM_NOT_LEARNING
                          ? lw_unstuck_rate (run, finding->value < LW_HEALTH_CONSTANT)
                      : factor != 1 ? lw_advised_rate (run, factor)
                                    : 0;
  const LwFindingActions actions = { workbench, run, finding->layer, rate };

  gtk_widget_set_halign (box, GTK_ALIGN_END);
  gtk_widget_set_margin_top (box, 4);
  if (finding->layer != LW_NO_NODE) {
    const char *title = lw_graph_node (lw_run_item_graph (run), finding->layer)->title;
    g_autofree char *words = g_strdup_printf (_ ("Show %s"), title);

    gtk_box_append (GTK_BOX (box), make_button (words, G_CALLBACK (show_layer), &actions));
  }
  if (rate > 0) {
    g_autofree char *words = lw_try_rate_words (actions.rate);
    GtkWidget *button = make_button (words, G_CALLBACK (try_rate), &actions);

    gtk_widget_add_css_class (button, "suggested-action");
    gtk_box_append (GTK_BOX (box), button);
  }
  return box;
}

GtkWidget *
lw_finding_popover_new (LwWorkbench *workbench, LwRunItem *run, LwHealthRecord *record,
                        const LwFinding *finding)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  g_autofree char *words = lw_finding_words (finding, lw_run_item_graph (run));
  g_autofree char *title = g_strdup (lw_symptom_name (finding->symptom));
  GtkWidget *chart = make_chart (record, finding);

  *title = g_ascii_toupper (*title);
  gtk_box_append (GTK_BOX (box), make_paragraph (title, false, "lw-strong", WORDS_WIDTH));
  gtk_box_append (GTK_BOX (box), make_paragraph (words, false, "lw-health-words", WORDS_WIDTH));
  if (chart != NULL)
    gtk_box_append (GTK_BOX (box), chart);
  gtk_box_append (GTK_BOX (box),
                  make_paragraph (_ ("What to try"), false, "lw-heading", WORDS_WIDTH));
  gtk_box_append (GTK_BOX (box), make_paragraph (lw_symptom_cure (finding->symptom), false,
                                                 "lw-health-words", WORDS_WIDTH));
  gtk_box_append (GTK_BOX (box), make_buttons (workbench, run, finding));
  return make_popover (box);
}

/* --- all layers --------------------------------------------------------------------------------
 */

typedef struct {
  LwHealthTable table;
  LwText *text;
} LwTableDrawing;

static void
free_drawing (gpointer data)
{
  LwTableDrawing *drawing = data;

  lw_health_table_clear (&drawing->table);
  lw_text_free (drawing->text);
  g_free (drawing);
}

static void
draw_table (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwTableDrawing *drawing = data;

  (void)height;
  lw_text_set_scale (drawing->text, gtk_widget_get_scale_factor (GTK_WIDGET (area)));
  lw_health_table_paint (cr,
                         lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ())),
                         drawing->text, &drawing->table, width);
}

static GtkWidget *
make_table (const LwHealthReport *report, const LwGraph *graph, int *ret_width)
{
  GtkWidget *scroller = gtk_scrolled_window_new (), *area = gtk_drawing_area_new ();
  LwTableDrawing *drawing = g_new0 (LwTableDrawing, 1);
  g_autofree char *words = NULL;
  int height;

  lw_health_words_table (report, graph, &drawing->table);
  drawing->text = lw_text_new (NULL, NULL);
  *ret_width = MAX ((int)lw_health_table_width (&drawing->table, drawing->text), WORDS_WIDTH);
  height = (int)lw_health_table_height (&drawing->table);
  words = lw_health_table_describe (&drawing->table);
  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (area), *ret_width);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (area), height);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), draw_table, drawing, free_drawing);
  gtk_widget_set_margin_end (area, height > MOST_HEIGHT ? 12 : 0); /* beside the scroll bar */
  gtk_accessible_update_property (GTK_ACCESSIBLE (area), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Health by layer"), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words,
                                  -1);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scroller),
                                              CLAMP (height, LEAST_HEIGHT, MOST_HEIGHT));
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), MOST_HEIGHT);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), area);
  lw_name_widget (scroller, _ ("Health by layer"));
  return scroller;
}

/* What the columns mean; those that the network has. */
static GtkWidget *
make_rules (const LwHealthReport *report, int width)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (int c = 0; c < LW_N_CHECKS; c++) {
    g_autofree char *line = NULL;
    bool any = false;

    for (int32_t l = 0; l < report->n_layers; l++)
      any |= report->badges[l][c].level != LW_LEVEL_NONE;
    if (!any)
      continue;
    line = g_markup_printf_escaped ("%s<b>%s</b>: %s", text->len > 0 ? "\n" : "",
                                    lw_check_title ((LwHealthCheck)c),
                                    lw_check_rule ((LwHealthCheck)c));
    g_string_append (text, line);
  }
  return make_paragraph (text->str, true, "lw-caption", width);
}

static bool
warns (const LwHealthReport *report)
{
  for (int32_t l = 0; l < report->n_layers; l++)
    for (int c = 0; c < LW_N_CHECKS; c++)
      if (report->badges[l][c].level >= LW_LEVEL_WARNING)
        return true;
  return false;
}

GtkWidget *
lw_health_popover_new (LwRunItem *run, const LwHealthReport *report)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  g_autoptr (GString) title = g_string_new (NULL);
  int width;
  GtkWidget *table = make_table (report, lw_run_item_graph (run), &width);

  if (report->n_findings == 0)
    g_string_append (title, warns (report)
                                ? _ ("Healthy, though some numbers are out of the usual range")
                                : _ ("Healthy: nothing to worry about"));
  for (int32_t i = 0; i < report->n_findings; i++)
    g_string_append_printf (title, "%s%s", i > 0 ? ", " : "",
                            lw_symptom_name (report->findings[i].symptom));
  *title->str = g_ascii_toupper (*title->str);
  gtk_box_append (GTK_BOX (box), make_paragraph (title->str, false, "lw-strong", width));
  gtk_box_append (GTK_BOX (box), table);
  gtk_box_append (GTK_BOX (box), make_rules (report, width));
  return make_popover (box);
}
