#include "ui/compare-side.h"

#include "ui/accessible.h"
#include "ui/compare-tables.h"
#include "ui/draw/compare.h"
#include "ui/group-training.h"
#include "ui/paragraph.h"
#include "ui/run-queue.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#define TEXT_LEAST 200 /* width of paragraphs, at least */

struct _LwCompareSide {
  GtkWidget parent;
  LwCompareSet *set;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  LwGroupTraining *training;
  LwText *text;
  GtkWidget *scroller;
  GtkWidget *differences; /* a box with the table */
  GtkWidget *cards;       /* the question, or the marked row */
  GtkWidget *question, *bars, *answer;
  GtkWidget *row_card, *row_heading, *row_table;
  GtkWidget *look_row, *look, *experiment;
  GtkWidget *train, *status;
};

G_DEFINE_FINAL_TYPE (LwCompareSide, lw_compare_side, GTK_TYPE_WIDGET)

static const LwTheme *
theme_now (void)
{
  return lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
}

static bool
by_macs (LwCompareSide *self)
{
  const LwReadyComparison *ready = lw_compare_set_ready (self->set);

  return ready != NULL && ready->by_macs;
}

static void
draw_bars (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwCompareSide *self = data;

  (void)area;
  (void)height;
  lw_compare_paint_bars (cr, lw_compare_set_comparison (self->set), theme_now (), self->text,
                         lw_compare_set_titles (self->set), by_macs (self), width);
}

/* Puts a fresh widget in the place of what the box holds. */
static void
put (GtkWidget *box, GtkWidget *child)
{
  GtkWidget *old;

  while ((old = gtk_widget_get_first_child (box)) != NULL)
    gtk_box_remove (GTK_BOX (box), old);
  gtk_box_append (GTK_BOX (box), child);
}

/* --- what the set says ---------------------------------------------------------------------------
 */

static void
row_selected (LwCompareSide *self)
{
  const bool any = lw_compare_set_row (self->set) >= 0;

  gtk_widget_set_visible (self->row_card, any);
  gtk_stack_set_visible_child_name (GTK_STACK (self->cards), any ? "row" : "question");
  if (any) {
    g_autofree char *heading = lw_compare_row_heading (self->set);

    gtk_label_set_text (GTK_LABEL (self->row_heading), heading);
    put (self->row_table, lw_compare_row_table (self->set));
  }
}

static void
show_advice (LwCompareSide *self, const LwReadyComparison *ready)
{
  g_autofree char *experiment =
      g_markup_escape_text (ready != NULL ? _ (ready->experiment)
                                          : _ ("guess which of them learns more in the same time, "
                                               "then train them with Quick settings."),
                            -1);
  g_autofree char *markup = g_strdup_printf (_ ("<b>Try:</b> %s"), experiment);

  gtk_widget_set_visible (self->look_row, ready != NULL);
  gtk_label_set_text (GTK_LABEL (self->look), ready != NULL ? _ (ready->look) : "");
  gtk_label_set_markup (GTK_LABEL (self->experiment), markup);
}

static void
show_training (LwCompareSide *self)
{
  g_autofree char *status = lw_group_training_status (self->training);
  const int n = lw_compare_set_n (self->set);
  GtkWidget *content = gtk_button_get_child (GTK_BUTTON (self->train));

  adw_button_content_set_label (ADW_BUTTON_CONTENT (content),
                                n == 2 ? _ ("Train both") : _ ("Train all"));
  gtk_widget_set_sensitive (self->train, lw_workbench_dataset (self->workbench) != NULL &&
                                             !lw_group_training_is_busy (self->training));
  gtk_widget_set_visible (self->status, status != NULL);
  gtk_label_set_text (GTK_LABEL (self->status), status != NULL ? status : "");
}

static void
set_changed (LwCompareSide *self)
{
  const LwReadyComparison *ready = lw_compare_set_ready (self->set);
  const LwComparison *comparison = lw_compare_set_comparison (self->set);
  const char *const *titles = lw_compare_set_titles (self->set);
  g_autofree char *answer = lw_compare_answer (self->set);
  g_autofree char *bars = lw_compare_describe_bars (comparison, titles, by_macs (self));

  put (self->differences, lw_compare_difference_table (self->set));
  gtk_label_set_text (GTK_LABEL (self->question),
                      ready != NULL ? _ (ready->question) : _ ("Where do the parameters go?"));
  gtk_label_set_markup (GTK_LABEL (self->answer), answer);
  gtk_drawing_area_set_content_height (
      GTK_DRAWING_AREA (self->bars),
      (int)ceil (lw_compare_paint_bars (NULL, comparison, theme_now (), self->text, titles,
                                        by_macs (self), TEXT_LEAST)));
  gtk_widget_queue_draw (self->bars);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->bars), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  by_macs (self) ? _ ("MACs by kind of layer")
                                                 : _ ("Parameters by kind of layer"),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, bars, -1);
  show_advice (self, ready);
  show_training (self);
  row_selected (self);
}

/* --- buttons -------------------------------------------------------------------------------------
 */

/* Each network with its Quick settings. Sizes of the input, channels and classes are left to Quick
 * and to the data. */
static void
train_clicked (LwCompareSide *self)
{
  g_autoptr (GPtrArray) runs = g_ptr_array_new_with_free_func ((GDestroyNotify)lw_sweep_run_free);
  g_autoptr (GString) name = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < lw_compare_set_n (self->set); i++) {
    const LwOptions *options = lw_compare_set_options (self->set, i);
    LwSweepRun *run = g_new0 (LwSweepRun, 1);

    run->settings = lw_workbench_recipe (self->workbench, options, true);
    run->label = lw_compare_title (options);
    g_string_append_printf (name, i > 0 ? _ (" and %s") : "%s", run->label);
    g_ptr_array_add (runs, run);
  }
  if (lw_group_training_start (self->training, runs, name->str, &error))
    gtk_widget_activate_action (GTK_WIDGET (self), "win.page", "s", "train");
  else
    g_signal_emit_by_name (self->workbench, "complained", error->message);
}

static void
close_row (LwCompareSide *self)
{
  lw_compare_set_select (self->set, -1);
}

static GtkWidget *
button (const char *icon, const char *label)
{
  GtkWidget *widget = gtk_button_new (), *content = adw_button_content_new ();

  adw_button_content_set_icon_name (ADW_BUTTON_CONTENT (content), icon);
  adw_button_content_set_label (ADW_BUTTON_CONTENT (content), label);
  gtk_widget_set_halign (content, GTK_ALIGN_CENTER);
  gtk_button_set_child (GTK_BUTTON (widget), content);
  gtk_widget_set_hexpand (widget, TRUE);
  return widget;
}

/* --- set-up --------------------------------------------------------------------------------------
 */

static GtkWidget *
wrapped (const char *css)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  if (css != NULL)
    gtk_widget_add_css_class (label, css);
  return label;
}

static GtkWidget *
card (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);

  gtk_widget_add_css_class (box, "lw-compare-card");
  return box;
}

static GtkWidget *
question_card (LwCompareSide *self)
{
  GtkWidget *box = card ();

  self->question = wrapped ("lw-strong");
  self->bars =
      g_object_new (GTK_TYPE_DRAWING_AREA, "accessible-role", GTK_ACCESSIBLE_ROLE_IMG, NULL);
  self->answer = wrapped ("lw-lesson");
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->bars), draw_bars, self, NULL);
  gtk_box_append (GTK_BOX (box), self->question);
  gtk_box_append (GTK_BOX (box), self->bars);
  gtk_box_append (GTK_BOX (box), lw_paragraph_new (self->answer, TEXT_LEAST));
  return box;
}

static GtkWidget *
row_card (LwCompareSide *self)
{
  GtkWidget *box = card (), *top = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *close = gtk_button_new_from_icon_name ("window-close-symbolic");

  self->row_heading = wrapped ("lw-strong");
  self->row_table = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_hexpand (self->row_heading, TRUE);
  gtk_widget_add_css_class (close, "flat");
  gtk_widget_add_css_class (close, "circular");
  gtk_widget_set_valign (close, GTK_ALIGN_START);
  gtk_widget_set_tooltip_text (close, _ ("Back to the question"));
  lw_name_widget (close, _ ("Back to the question"));
  g_signal_connect_swapped (close, "clicked", G_CALLBACK (close_row), self);
  gtk_box_append (GTK_BOX (top), self->row_heading);
  gtk_box_append (GTK_BOX (top), close);
  gtk_box_append (GTK_BOX (box), top);
  gtk_box_append (GTK_BOX (box), self->row_table);
  return box;
}

/* An icon beside a paragraph. */
static GtkWidget *
hint (const char *icon, GtkWidget *label)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *image = gtk_image_new_from_icon_name (icon);
  GtkWidget *paragraph = lw_paragraph_new (label, TEXT_LEAST);

  gtk_widget_set_valign (image, GTK_ALIGN_START);
  gtk_widget_add_css_class (image, "lw-accent-text");
  gtk_widget_set_hexpand (paragraph, TRUE);
  gtk_widget_set_margin_start (row, 6);
  gtk_widget_set_margin_end (row, 6);
  gtk_box_append (GTK_BOX (row), image);
  gtk_box_append (GTK_BOX (row), paragraph);
  return row;
}

static GtkWidget *
make_buttons (LwCompareSide *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *export_button = button ("document-save-symbolic", _ ("Export…"));

  gtk_box_set_homogeneous (GTK_BOX (row), TRUE);
  self->train = button ("media-playback-start-symbolic", _ ("Train both"));
  gtk_widget_add_css_class (self->train, "suggested-action");
  gtk_widget_set_tooltip_text (self->train, _ ("One after the other, with their Quick settings"));
  g_signal_connect_swapped (self->train, "clicked", G_CALLBACK (train_clicked), self);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (export_button), "win.export-comparison");
  gtk_widget_set_tooltip_text (export_button, _ ("The comparison as SVG, PDF or PNG"));
  gtk_box_append (GTK_BOX (row), self->train);
  gtk_box_append (GTK_BOX (row), export_button);
  return row;
}

static void
follow (LwCompareSide *self)
{
  static const char *const of_workbench[] = { "dataset-changed", "run-started", "run-ended" };

  g_signal_connect_object (self->set, "changed", G_CALLBACK (set_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->set, "row-selected", G_CALLBACK (row_selected), self,
                           G_CONNECT_SWAPPED);
  for (guint i = 0; i < G_N_ELEMENTS (of_workbench); i++)
    g_signal_connect_object (self->workbench, of_workbench[i], G_CALLBACK (show_training), self,
                             G_CONNECT_SWAPPED);
  g_signal_connect_object (self->training, "changed", G_CALLBACK (show_training), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self->bars, G_CONNECT_SWAPPED);
}

GtkWidget *
lw_compare_side_new (LwCompareSet *set, LwWorkbench *workbench)
{
  LwCompareSide *self = g_object_new (LW_TYPE_COMPARE_SIDE, NULL);
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  self->set = g_object_ref (set);
  self->workbench = workbench;
  self->training = lw_group_training_new (workbench);
  self->differences = card ();
  self->cards = gtk_stack_new ();
  gtk_stack_set_vhomogeneous (GTK_STACK (self->cards), FALSE);
  gtk_stack_add_named (GTK_STACK (self->cards), question_card (self), "question");
  self->row_card = row_card (self);
  gtk_stack_add_named (GTK_STACK (self->cards), self->row_card, "row");
  self->look = wrapped ("lw-lesson");
  self->experiment = wrapped ("lw-lesson");
  self->look_row = hint ("lw-inspect-symbolic", self->look);
  self->status = wrapped ("lw-caption");
  gtk_box_append (GTK_BOX (column), self->differences);
  gtk_box_append (GTK_BOX (column), self->cards);
  gtk_box_append (GTK_BOX (column), self->look_row);
  gtk_box_append (GTK_BOX (column), hint ("lw-lesson-symbolic", self->experiment));
  gtk_box_append (GTK_BOX (column), make_buttons (self));
  gtk_box_append (GTK_BOX (column), self->status);
  gtk_widget_add_css_class (column, "lw-compare-side");

  self->scroller = gtk_scrolled_window_new ();
  gtk_widget_set_focusable (self->scroller, FALSE); /* it follows what has the focus */
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), column);
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
  follow (self);
  set_changed (self);
  return GTK_WIDGET (self);
}

static void
lw_compare_side_dispose (GObject *object)
{
  LwCompareSide *self = LW_COMPARE_SIDE (object);

  g_clear_pointer (&self->scroller, gtk_widget_unparent);
  g_clear_object (&self->training);
  g_clear_object (&self->set);
  g_clear_pointer (&self->text, lw_text_free);
  G_OBJECT_CLASS (lw_compare_side_parent_class)->dispose (object);
}

static void
lw_compare_side_class_init (LwCompareSideClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_compare_side_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_compare_side_init (LwCompareSide *self)
{
  self->text = lw_text_new (NULL, NULL);
}
