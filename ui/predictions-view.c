#include "ui/predictions-view.h"

#include "engine/analysis.h"
#include "ui/accessible.h"
#include "ui/answers-pane.h"
#include "ui/confusion-export.h"
#include "ui/confusion-view.h"
#include "ui/epoch-bar.h"
#include "ui/explain-view.h"
#include "ui/predict-now.h"
#include "ui/predictions-source.h"

#include <glib/gi18n.h>
#include <math.h>

struct _LwPredictionsView {
  GtkWidget parent;
  LwPredictionsSource *source;
  GtkWidget *stack, *status, *train, *now, *spinner;
  GtkWidget *row, *left, *right, *divider, *pages, *matrix_page;
  GtkWidget *accuracy, *words, *matrix, *epochs;
  bool compact;
};

G_DEFINE_FINAL_TYPE (LwPredictionsView, lw_predictions_view, GTK_TYPE_WIDGET)

/* --- the head, the matrix, the epochs -----------------------------------------------------------
 */

static void
show_accuracy (LwPredictionsView *self)
{
  const int moment = lw_predictions_source_moment (self->source);
  const LwPredictionSet *set = lw_predictions_source_set (self->source);
  int n;
  const LwPredictionMoment *moments = lw_predictions_source_moments (self->source, &n);
  g_autofree char *words = NULL, *wrong = NULL, *all = NULL;

  if (set == NULL || moment < 0)
    return;
  wrong = lw_format_exact (set->n - moments[moment].correct);
  all = lw_format_exact (set->n);
  words = g_strdup_printf (_ ("test accuracy <b>%.3f</b> · %s of %s wrong"),
                           (double)moments[moment].correct / set->n, wrong, all);
  gtk_label_set_markup (GTK_LABEL (self->accuracy), words);
}

static void
show_epochs (LwPredictionsView *self)
{
  const int left_out = lw_predictions_source_left_out (self->source);
  int n;
  const LwPredictionMoment *moments = lw_predictions_source_moments (self->source, &n);
  g_autofree double *epochs = g_new (double, MAX (n, 1));
  g_autofree char *note = NULL;

  for (int i = 0; i < n; i++)
    epochs[i] = moments[i].epoch;
  if (left_out > 0)
    note = g_strdup_printf (
        ngettext ("%d epoch is left out, so that predictions take no more memory",
                  "%d epochs are left out, so that predictions take no more memory",
                  (gulong)left_out),
        left_out);
  lw_epoch_bar_set_epochs (
      LW_EPOCH_BAR (self->epochs), epochs, n, lw_predictions_source_best (self->source),
      (double)NAN, lw_run_item_progress (lw_predictions_source_run (self->source)).epochs, note);
  lw_epoch_bar_set_place (LW_EPOCH_BAR (self->epochs), lw_predictions_source_moment (self->source));
}

static void
epoch_moved (LwPredictionsView *self)
{
  lw_predictions_source_show (self->source, lw_epoch_bar_place (LW_EPOCH_BAR (self->epochs)));
}

static gboolean
play (GtkWidget *widget, GVariant *none, gpointer data)
{
  (void)none;
  (void)data;
  lw_epoch_bar_toggle_play (LW_EPOCH_BAR (LW_PREDICTIONS_VIEW (widget)->epochs));
  return TRUE;
}

static void
hovered (LwPredictionsView *self)
{
  const char *words = lw_confusion_view_words (LW_CONFUSION_VIEW (self->matrix));

  gtk_label_set_text (GTK_LABEL (self->words), words != NULL ? words : "");
}

/* --- states -------------------------------------------------------------------------------------
 */

static void
show_status (LwPredictionsView *self, const char *title, const char *description)
{
  adw_status_page_set_title (ADW_STATUS_PAGE (self->status), title);
  adw_status_page_set_description (ADW_STATUS_PAGE (self->status), description);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "status");
}

static void
changed (LwPredictionsView *self)
{
  const LwPredictionsState state = lw_predictions_source_state (self->source);

  gtk_widget_set_visible (self->train, state == LW_PREDICTIONS_NO_RUN);
  gtk_widget_set_visible (self->now, state == LW_PREDICTIONS_NOT_KEPT);
  switch (state) {
  case LW_PREDICTIONS_NO_RUN:
    show_status (self, _ ("No Predictions Yet"),
                 _ ("Train this network, and what it says about each test image appears here after "
                    "every epoch: which classes it confuses, and how sure it is."));
    return;
  case LW_PREDICTIONS_READING:
    gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "reading");
    return;
  case LW_PREDICTIONS_NOT_YET:
    show_status (self, _ ("The First Epoch Is Under Way"),
                 _ ("After each epoch the network is tested; its predictions appear here then."));
    return;
  case LW_PREDICTIONS_NOT_KEPT:
    show_status (self, _ ("No Predictions Were Kept"),
                 _ ("This run has no record of its tests. Its saved weights can be asked now."));
    return;
  case LW_PREDICTIONS_THERE:
    gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "values");
    show_epochs (self);
    show_accuracy (self);
  }
}

/* --- arrangement --------------------------------------------------------------------------------
 */

/* In a narrow window what is beside the matrix stands above it: its buttons alone, or all of it
 * instead of the matrix. */
static void
arrange (LwPredictionsView *self)
{
  const bool matrix = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->matrix_page));
  GtkBox *row = GTK_BOX (self->row);

  gtk_orientable_set_orientation (GTK_ORIENTABLE (row), self->compact ? GTK_ORIENTATION_VERTICAL
                                                                      : GTK_ORIENTATION_HORIZONTAL);
  gtk_box_reorder_child_after (row, self->right, self->compact ? NULL : self->divider);
  gtk_widget_set_visible (self->left, !self->compact || matrix);
  gtk_widget_set_visible (self->pages, !self->compact || !matrix);
  gtk_widget_set_visible (self->divider, !self->compact);
  gtk_widget_set_visible (self->matrix_page, self->compact);
}

void
lw_predictions_view_set_compact (LwPredictionsView *self, bool compact)
{
  if (compact == self->compact)
    return;
  self->compact = compact;
  if (compact)
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->matrix_page), TRUE);
  else if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->matrix_page)))
    gtk_toggle_button_set_active (
        GTK_TOGGLE_BUTTON (gtk_widget_get_next_sibling (self->matrix_page)), TRUE);
  arrange (self);
}

static void
page_toggled (GtkToggleButton *button, LwPredictionsView *self)
{
  const char *name = g_object_get_data (G_OBJECT (button), "page");

  if (!gtk_toggle_button_get_active (button))
    return;
  if (name != NULL)
    gtk_stack_set_visible_child_name (GTK_STACK (self->pages), name);
  arrange (self);
}

static void
opened (LwPredictionsView *self)
{
  GtkWidget *images = gtk_widget_get_next_sibling (self->matrix_page);

  if (self->compact)
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (images), TRUE);
}

static void
order_chosen (GtkDropDown *drop, GParamSpec *spec, LwPredictionsView *self)
{
  (void)spec;
  lw_confusion_view_set_order (LW_CONFUSION_VIEW (self->matrix),
                               (LwConfusionOrder)gtk_drop_down_get_selected (drop));
}

/* --- set-up -------------------------------------------------------------------------------------
 */

static GtkWidget *
make_order (LwPredictionsView *self)
{
  /* By LwConfusionOrder. */
  const char *const orders[] = { _ ("As in the data"), _ ("Least found first"),
                                 _ ("Least precise first"), _ ("By name"), NULL };
  GtkWidget *drop = gtk_drop_down_new_from_strings (orders);

  lw_name_drop_down (drop, _ ("Order of the classes"));
  gtk_widget_set_tooltip_text (
      drop, _ ("Found: the share of a class that was recognized (recall). Precision: the share of "
               "its predictions that are right"));
  g_signal_connect (drop, "notify::selected", G_CALLBACK (order_chosen), self);
  return drop;
}

static GtkWidget *
make_left (LwPredictionsView *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4),
            *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10),
            *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10),
            *scroller = gtk_scrolled_window_new (), *title = gtk_label_new (_ ("Confusion matrix"));

  gtk_widget_add_css_class (title, "lw-strong");
  self->accuracy = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->accuracy, "lw-caption");
  gtk_widget_add_css_class (self->accuracy, "lw-number");
  gtk_widget_set_hexpand (self->accuracy, TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->accuracy), 1);
  gtk_label_set_ellipsize (GTK_LABEL (self->accuracy), PANGO_ELLIPSIZE_START);
  gtk_box_append (GTK_BOX (head), title);
  gtk_box_append (GTK_BOX (head), self->accuracy);

  self->matrix = lw_confusion_view_new (self->source);
  gtk_widget_set_halign (self->matrix, GTK_ALIGN_START);
  gtk_widget_set_valign (self->matrix, GTK_ALIGN_START);
  gtk_widget_set_hexpand (self->matrix, TRUE);
  g_signal_connect_swapped (self->matrix, "hovered", G_CALLBACK (hovered), self);
  g_signal_connect_swapped (self->matrix, "opened", G_CALLBACK (opened), self);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->matrix);
  gtk_widget_set_focusable (scroller, FALSE); /* the matrix takes the keys */
  gtk_widget_set_vexpand (scroller, TRUE);

  self->words = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->words), 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->words), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (self->words, TRUE);
  gtk_widget_add_css_class (self->words, "lw-caption");
  gtk_box_append (GTK_BOX (foot), self->words);
  gtk_box_append (GTK_BOX (foot), make_order (self));
  gtk_box_append (GTK_BOX (foot), lw_confusion_export_new (LW_CONFUSION_VIEW (self->matrix),
                                                           GTK_LABEL (self->words)));

  gtk_widget_add_css_class (column, "lw-answers");
  gtk_widget_set_hexpand (column, TRUE);
  gtk_widget_set_vexpand (column, TRUE);
  gtk_box_append (GTK_BOX (column), head);
  gtk_box_append (GTK_BOX (column), scroller);
  gtk_box_append (GTK_BOX (column), foot);
  return column;
}

static GtkWidget *
make_page_button (LwPredictionsView *self, GtkWidget *group, const char *words, const char *page)
{
  GtkWidget *button = gtk_toggle_button_new_with_label (words);

  g_object_set_data (G_OBJECT (button), "page", (gpointer)page);
  if (group != NULL)
    gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (button), GTK_TOGGLE_BUTTON (group));
  g_signal_connect (button, "toggled", G_CALLBACK (page_toggled), self);
  return button;
}

static GtkWidget *
make_right (LwPredictionsView *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0),
            *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *images, *explain;

  self->pages = gtk_stack_new ();
  gtk_stack_set_hhomogeneous (GTK_STACK (self->pages), TRUE);
  gtk_stack_add_named (GTK_STACK (self->pages), lw_answers_pane_new (self->source), "images");
  gtk_stack_add_named (GTK_STACK (self->pages), lw_explain_view_new (self->source), "explain");
  self->matrix_page = make_page_button (self, NULL, _ ("Matrix"), NULL);
  images = make_page_button (self, self->matrix_page, _ ("Images"), "images");
  explain = make_page_button (self, self->matrix_page, _ ("Where It Looks"), "explain");
  gtk_widget_add_css_class (buttons, "linked");
  gtk_widget_add_css_class (buttons, "lw-page-buttons");
  for (GtkWidget **button = (GtkWidget *[]){ self->matrix_page, images, explain, NULL };
       *button != NULL; button++) {
    gtk_widget_set_hexpand (*button, TRUE);
    gtk_box_append (GTK_BOX (buttons), *button);
  }
  gtk_box_append (GTK_BOX (column), buttons);
  gtk_box_append (GTK_BOX (column), self->pages);
  gtk_widget_set_vexpand (self->pages, TRUE);
  gtk_widget_set_size_request (column, 416, -1);
  gtk_widget_set_hexpand (column, FALSE); /* whatever is in it: the matrix gets the room */
  return column;
}

static GtkWidget *
make_status (LwPredictionsView *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  self->status = adw_status_page_new ();
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (self->status), "lw-inspect-symbolic");
  self->train = gtk_button_new_with_mnemonic (_ ("_Train"));
  lw_name_by_words (self->train);
  gtk_widget_add_css_class (self->train, "suggested-action");
  gtk_widget_add_css_class (self->train, "pill");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->train), "win.train");
  self->now = lw_predict_now_new (self->source);
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), self->train);
  gtk_box_append (GTK_BOX (box), self->now);
  adw_status_page_set_child (ADW_STATUS_PAGE (self->status), box);
  return self->status;
}

static void
lw_predictions_view_map (GtkWidget *widget)
{
  LwPredictionsView *self = LW_PREDICTIONS_VIEW (widget);

  GTK_WIDGET_CLASS (lw_predictions_view_parent_class)->map (widget);
  lw_predictions_source_set_active (self->source, true);
  changed (self);
}

static void
lw_predictions_view_unmap (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (lw_predictions_view_parent_class)->unmap (widget);
  lw_predictions_source_set_active (LW_PREDICTIONS_VIEW (widget)->source, false);
}

GtkWidget *
lw_predictions_view_new (LwWorkbench *workbench)
{
  LwPredictionsView *self = g_object_new (LW_TYPE_PREDICTIONS_VIEW, NULL);
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *row;

  self->row = row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  self->source = lw_predictions_source_new (workbench);
  self->left = make_left (self);
  self->right = make_right (self);
  self->divider = gtk_separator_new (GTK_ORIENTATION_VERTICAL);
  gtk_box_append (GTK_BOX (row), self->left);
  gtk_box_append (GTK_BOX (row), self->divider);
  gtk_box_append (GTK_BOX (row), self->right);
  gtk_widget_set_vexpand (row, TRUE);
  gtk_widget_add_css_class (row, "lw-canvas");
  self->epochs = lw_epoch_bar_new ();
  g_signal_connect_swapped (self->epochs, "moved", G_CALLBACK (epoch_moved), self);
  gtk_box_append (GTK_BOX (column), row);
  gtk_box_append (GTK_BOX (column), self->epochs);

  self->spinner = gtk_spinner_new ();
  gtk_spinner_start (GTK_SPINNER (self->spinner));
  gtk_widget_set_size_request (self->spinner, 32, 32);
  gtk_widget_set_halign (self->spinner, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (self->spinner, GTK_ALIGN_CENTER);
  lw_name_widget (self->spinner, _ ("Reading the predictions"));
  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), make_status (self), "status");
  gtk_stack_add_named (GTK_STACK (self->stack), self->spinner, "reading");
  gtk_stack_add_named (GTK_STACK (self->stack), column, "values");
  gtk_widget_set_parent (self->stack, GTK_WIDGET (self));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gtk_widget_get_next_sibling (self->matrix_page)),
                                TRUE);
  arrange (self);
  g_signal_connect_object (self->source, "changed", G_CALLBACK (changed), self, G_CONNECT_SWAPPED);
  changed (self);
  return GTK_WIDGET (self);
}

static void
lw_predictions_view_dispose (GObject *object)
{
  LwPredictionsView *self = LW_PREDICTIONS_VIEW (object);

  g_clear_pointer (&self->stack, gtk_widget_unparent);
  g_clear_object (&self->source);
  G_OBJECT_CLASS (lw_predictions_view_parent_class)->dispose (object);
}

static void
lw_predictions_view_class_init (LwPredictionsViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_predictions_view_dispose;
  GTK_WIDGET_CLASS (klass)->map = lw_predictions_view_map;
  GTK_WIDGET_CLASS (klass)->unmap = lw_predictions_view_unmap;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_add_binding (GTK_WIDGET_CLASS (klass), GDK_KEY_p, 0, play, NULL);
}

static void
lw_predictions_view_init (LwPredictionsView *self)
{
  (void)self;
}
