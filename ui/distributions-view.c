#include "ui/distributions-view.h"

#include "ui/accessible.h"
#include "ui/distribution-depth.h"
#include "ui/distribution-detail.h"
#include "ui/distribution-rows.h"
#include "ui/paragraph.h"
#include "ui/run-picker.h"

#include <glib/gi18n.h>

#define BELOW_HEIGHT 170

/* A run that is shown, and what of it. */
typedef struct {
  LwRunItem *run;
  gulong synced_id;
  LwDistributionSet *set; /* NULL: none, or not read yet */
} Shown;

struct _LwDistributionsView {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  LwText *text;
  Shown shown, other;
  LwDistributionOf of;
  bool same_axis[LW_N_DISTRIBUTIONS];
  gsize n_tests; /* that the head has been drawn with */
  GtkWidget *stack, *status, *status_button, *note, *head, *rows, *depth, *detail;
  GtkWidget *kinds[LW_N_DISTRIBUTIONS], *axis_button, *picker;
};

G_DEFINE_FINAL_TYPE (LwDistributionsView, lw_distributions_view, GTK_TYPE_WIDGET)

static const LwTheme *
theme_now (void)
{
  return lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
}

/* --- what is shown -------------------------------------------------------------------------------
 */

static void
show_status (LwDistributionsView *self, const char *title, const char *words, bool offer_training)
{
  adw_status_page_set_title (ADW_STATUS_PAGE (self->status), title);
  adw_status_page_set_description (ADW_STATUS_PAGE (self->status), words);
  gtk_widget_set_visible (self->status_button, offer_training);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "status");
}

static void
show_absence (LwDistributionsView *self)
{
  LwRunItem *run = self->shown.run;

  if (run == NULL)
    show_status (self, _ ("No Distributions Yet"),
                 _ ("Train this network, and the spread of each layer's outputs, weights and "
                    "gradients appears here as it changes."),
                 true);
  else if (lw_run_item_records (run) == NULL)
    show_status (self, _ ("Reading the Run"), _ ("Its distributions appear in a moment."), false);
  else if (self->shown.set != NULL || lw_run_item_is_live (run))
    show_status (self, _ ("Nothing Measured Yet"),
                 _ ("The first distributions appear after the first step of the training."), false);
  else
    show_status (self, _ ("This Run Has No Distributions"),
                 _ ("It was made before they were kept, or ended before it was saved. Continue it "
                    "or train it again, and they appear here."),
                 false);
}

/* What the curves are, once for all. */
static void
show_note (LwDistributionsView *self)
{
  LwDistributionMoment newest;
  const int n = lw_distribution_set_moments (self->shown.set, &newest);
  g_autofree char *sentence =
      self->of == LW_OF_OUTPUTS
          ? g_strdup_printf (_ ("%d test images in evaluation mode: batch normalization uses its "
                                "running statistics."),
                             lw_distribution_set_images (self->shown.set))
      : self->of == LW_OF_WEIGHTS ? g_strdup (_ ("Without biases."))
                                  : g_strdup (_ ("Of the last step before each moment."));
  g_autofree char *newest_words = lw_distribution_moment_words (&newest);
  g_autofree char *words =
      n > 1 ? g_strdup_printf (_ ("The oldest behind and palest, %s in front. Heights: square "
                                  "root. %s"),
                               newest_words, sentence)
            : g_strdup_printf (_ ("Heights: square root. %s"), sentence);

  gtk_label_set_text (GTK_LABEL (self->note), words);
}

static void
show_detail (LwDistributionsView *self)
{
  const LwDistributionPicture *picture =
      lw_distribution_rows_picture (LW_DISTRIBUTION_ROWS (self->rows));
  int column = -1, row = -1;

  if (picture->set != NULL)
    row = lw_distribution_set_find (picture->set, lw_workbench_layer (self->workbench), &column);
  if (picture->set != NULL && row < 0 && lw_distribution_set_n_rows (picture->set) > 0)
    row = 0;
  lw_distribution_detail_show (LW_DISTRIBUTION_DETAIL (self->detail), picture, row, column);
}

/* Everything anew from the sets. */
static void
show_sets (LwDistributionsView *self)
{
  const bool any =
      self->shown.set != NULL && lw_distribution_set_moments (self->shown.set, NULL) > 0;
  LwDistributionSet *other =
      self->other.set != NULL && lw_distribution_set_moments (self->other.set, NULL) > 0
          ? self->other.set
          : NULL;

  lw_distribution_rows_show (LW_DISTRIBUTION_ROWS (self->rows), any ? self->shown.set : NULL, other,
                             self->same_axis[self->of]);
  lw_distribution_depth_show (LW_DISTRIBUTION_DEPTH (self->depth),
                              any ? lw_distribution_rows_picture (LW_DISTRIBUTION_ROWS (self->rows))
                                  : NULL);
  show_detail (self);
  gtk_widget_queue_draw (self->head);
  if (!any) {
    show_absence (self);
    return;
  }
  show_note (self);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "values");
}

/* Looks for what is new; whether there was something. */
static bool
look (LwDistributionsView *self, Shown *shown)
{
  const bool had = shown->set != NULL;

  if (shown->run == NULL)
    return false;
  if (!had)
    shown->set = lw_distribution_set_new (shown->run);
  if (shown->set == NULL)
    return false;
  lw_distribution_set_show (shown->set, self->of);
  return lw_distribution_set_refresh (shown->set) || !had;
}

static void
refresh (LwDistributionsView *self)
{
  look (self, &self->shown);
  look (self, &self->other);
  show_sets (self);
}

/* How many tests the head could say the last of. */
static gsize
tests_of (LwDistributionsView *self)
{
  const Shown *const all[] = { &self->shown, &self->other };
  gsize n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    if (all[i]->run != NULL)
      n += lw_series_length (lw_run_item_series (all[i]->run, LW_CURVE_TEST_ACCURACY));
  return n;
}

static void
synced (LwDistributionsView *self)
{
  bool fresh;

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  fresh = look (self, &self->shown);
  fresh |= look (self, &self->other);
  if (fresh)
    show_sets (self);
  else if (self->shown.set == NULL)
    show_absence (self);
  else if (tests_of (self) != self->n_tests)
    gtk_widget_queue_draw (self->head); /* the accuracy */
  self->n_tests = tests_of (self);
}

/* Lets go of a run before anybody draws of it again. */
static void
set_run (LwDistributionsView *self, Shown *shown, LwRunItem *run)
{
  g_autoptr (LwDistributionSet) old = g_steal_pointer (&shown->set);

  if (shown->run != NULL)
    g_clear_signal_handler (&shown->synced_id, shown->run);
  g_set_object (&shown->run, run);
  if (run != NULL)
    shown->synced_id = g_signal_connect_swapped (run, "synced", G_CALLBACK (synced), self);
  show_sets (self);
}

static void
selection_changed (LwDistributionsView *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);

  if (run != self->shown.run)
    set_run (self, &self->shown, run);
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    refresh (self);
}

static void
run_picked (LwDistributionsView *self)
{
  set_run (self, &self->other, lw_run_picker_run (LW_RUN_PICKER (self->picker)));
  refresh (self);
}

static void
lw_distributions_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (lw_distributions_view_parent_class)->map (widget);
  refresh (LW_DISTRIBUTIONS_VIEW (widget));
}

/* --- by hand -------------------------------------------------------------------------------------
 */

static void
kind_toggled (LwDistributionsView *self)
{
  for (int i = 0; i < LW_N_DISTRIBUTIONS; i++)
    if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->kinds[i])))
      lw_distributions_view_show (self, (LwDistributionOf)i);
}

void
lw_distributions_view_show (LwDistributionsView *self, LwDistributionOf of)
{
  if (of == self->of)
    return;
  self->of = of;
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->kinds[of]), TRUE);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->axis_button), self->same_axis[of]);
  refresh (self);
}

static void
axis_toggled (LwDistributionsView *self)
{
  const bool same = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->axis_button));

  if (same == self->same_axis[self->of])
    return;
  self->same_axis[self->of] = same;
  show_sets (self);
}

void
lw_distributions_view_compare (LwDistributionsView *self, LwRunItem *run)
{
  lw_run_picker_set_run (LW_RUN_PICKER (self->picker), run);
}

/* --- export --------------------------------------------------------------------------------------
 */

bool
lw_distributions_view_export (LwDistributionsView *self, const char *path, GError **error)
{
  const LwDistributionPicture *picture =
      lw_distribution_rows_picture (LW_DISTRIBUTION_ROWS (self->rows));

  if (picture->set != NULL)
    return lw_distribution_picture_export (picture, self->text, path, error);
  g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
               _ ("There are no distributions to export; choose a run that has some."));
  return false;
}

/* --- set-up --------------------------------------------------------------------------------------
 */

static void
draw_head (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwDistributionsView *self = data;
  const LwDistributionPicture *picture =
      lw_distribution_rows_picture (LW_DISTRIBUTION_ROWS (self->rows));

  (void)width;
  (void)height;
  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (GTK_WIDGET (area)));
  if (picture->set != NULL)
    lw_distribution_picture_head (picture, cr, theme_now (), self->text);
}

static GtkWidget *
make_toolbar (LwDistributionsView *self)
{
  static const char *const words[LW_N_DISTRIBUTIONS] = { N_ ("Activations"), N_ ("Weights"),
                                                         N_ ("Gradients") };
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *kinds = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0),
            *space = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0),
            *caption = gtk_label_new (_ ("Beside"));

  gtk_widget_add_css_class (bar, "lw-toolbar");
  gtk_widget_add_css_class (kinds, "linked");
  gtk_widget_set_valign (kinds, GTK_ALIGN_CENTER);
  for (int i = 0; i < LW_N_DISTRIBUTIONS; i++) {
    self->kinds[i] = gtk_toggle_button_new_with_label (_ (words[i]));
    if (i > 0)
      gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (self->kinds[i]),
                                   GTK_TOGGLE_BUTTON (self->kinds[0]));
    gtk_box_append (GTK_BOX (kinds), self->kinds[i]);
  }
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->kinds[self->of]), TRUE);
  self->axis_button = gtk_toggle_button_new_with_label (_ ("Same Axis"));
  gtk_widget_set_valign (self->axis_button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (self->axis_button,
                               _ ("All layers of a column over one axis, or each over its own"));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->axis_button), self->same_axis[self->of]);
  self->picker = lw_run_picker_new (self->workbench, _ ("Run beside"));
  gtk_widget_set_hexpand (space, TRUE);
  gtk_widget_add_css_class (caption, "lw-caption");
  gtk_box_append (GTK_BOX (bar), kinds);
  gtk_box_append (GTK_BOX (bar), self->axis_button);
  gtk_box_append (GTK_BOX (bar), space);
  gtk_box_append (GTK_BOX (bar), caption);
  gtk_box_append (GTK_BOX (bar), self->picker);
  for (int i = 0; i < LW_N_DISTRIBUTIONS; i++)
    g_signal_connect_swapped (self->kinds[i], "toggled", G_CALLBACK (kind_toggled), self);
  g_signal_connect_swapped (self->axis_button, "toggled", G_CALLBACK (axis_toggled), self);
  g_signal_connect_swapped (self->picker, "picked", G_CALLBACK (run_picked), self);
  return bar;
}

static void
head_stale (LwDistributionsView *self)
{
  gtk_widget_queue_draw (self->head);
}

static GtkWidget *
make_rows (LwDistributionsView *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0),
            *scroller = gtk_scrolled_window_new (), *note;

  self->note = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->note), 0);
  gtk_label_set_wrap (GTK_LABEL (self->note), TRUE);
  gtk_widget_add_css_class (self->note, "lw-caption");
  note = lw_paragraph_new (self->note, 300);
  gtk_widget_set_margin_start (note, 12);
  gtk_widget_set_margin_end (note, 12);
  gtk_widget_set_margin_top (note, 8);
  self->head = gtk_drawing_area_new ();
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (self->head), LW_RIDGE_HEAD_HEIGHT);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->head), draw_head, self, NULL);
  self->rows = lw_distribution_rows_new (self->workbench);
  g_signal_connect_object (self->rows, "arranged", G_CALLBACK (head_stale), self,
                           G_CONNECT_SWAPPED);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->rows);
  gtk_widget_set_focusable (scroller, FALSE); /* the rows take the keys */
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (box), note);
  gtk_box_append (GTK_BOX (box), self->head);
  gtk_box_append (GTK_BOX (box), scroller);
  return box;
}

static GtkWidget *
make_values (LwDistributionsView *self)
{
  GtkWidget *paned = gtk_paned_new (GTK_ORIENTATION_VERTICAL),
            *below = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_paned_set_start_child (GTK_PANED (paned), make_rows (self));
  self->depth = lw_distribution_depth_new (self->workbench);
  self->detail = lw_distribution_detail_new ();
  gtk_box_set_homogeneous (GTK_BOX (below), TRUE);
  gtk_box_append (GTK_BOX (below), self->depth);
  gtk_box_append (GTK_BOX (below), self->detail);
  gtk_widget_set_size_request (below, -1, BELOW_HEIGHT);
  gtk_paned_set_end_child (GTK_PANED (paned), below);
  gtk_paned_set_resize_end_child (GTK_PANED (paned), FALSE);
  gtk_paned_set_shrink_start_child (GTK_PANED (paned), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (paned), FALSE);
  gtk_widget_set_vexpand (paned, TRUE);
  gtk_widget_add_css_class (paned, "lw-canvas");
  return paned;
}

GtkWidget *
lw_distributions_view_new (LwWorkbench *workbench)
{
  LwDistributionsView *self = g_object_new (LW_TYPE_DISTRIBUTIONS_VIEW, NULL);
  GtkWidget *values = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->workbench = workbench;
  self->stack = gtk_stack_new ();
  self->status = adw_status_page_new ();
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (self->status), "lw-inspect-symbolic");
  self->status_button = gtk_button_new_with_mnemonic (_ ("_Train"));
  lw_name_by_words (self->status_button);
  gtk_widget_add_css_class (self->status_button, "suggested-action");
  gtk_widget_add_css_class (self->status_button, "pill");
  gtk_widget_set_halign (self->status_button, GTK_ALIGN_CENTER);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->status_button), "win.train");
  adw_status_page_set_child (ADW_STATUS_PAGE (self->status), self->status_button);
  gtk_stack_add_named (GTK_STACK (self->stack), self->status, "status");
  gtk_box_append (GTK_BOX (values), make_toolbar (self));
  gtk_box_append (GTK_BOX (values), make_values (self));
  gtk_stack_add_named (GTK_STACK (self->stack), values, "values");
  gtk_widget_set_parent (self->stack, GTK_WIDGET (self));
  g_signal_connect_object (workbench, "selection-changed", G_CALLBACK (selection_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "layer-selected", G_CALLBACK (show_detail), self,
                           G_CONNECT_SWAPPED);
  selection_changed (self);
  show_sets (self);
  return GTK_WIDGET (self);
}

static void
clear (Shown *shown)
{
  if (shown->run != NULL)
    g_clear_signal_handler (&shown->synced_id, shown->run);
  g_clear_object (&shown->run);
  g_clear_pointer (&shown->set, lw_distribution_set_free);
}

static void
lw_distributions_view_dispose (GObject *object)
{
  LwDistributionsView *self = LW_DISTRIBUTIONS_VIEW (object);

  g_clear_pointer (&self->stack, gtk_widget_unparent);
  clear (&self->shown);
  clear (&self->other);
  G_OBJECT_CLASS (lw_distributions_view_parent_class)->dispose (object);
}

static void
lw_distributions_view_finalize (GObject *object)
{
  lw_text_free (LW_DISTRIBUTIONS_VIEW (object)->text);
  G_OBJECT_CLASS (lw_distributions_view_parent_class)->finalize (object);
}

static void
lw_distributions_view_class_init (LwDistributionsViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_distributions_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_distributions_view_finalize;
  GTK_WIDGET_CLASS (klass)->map = lw_distributions_view_map;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_distributions_view_init (LwDistributionsView *self)
{
  self->text = lw_text_new (NULL, NULL);
  self->same_axis[LW_OF_OUTPUTS] = true;
}
