#include "ui/trouble-bar.h"

#include "ui/accessible.h"
#include "ui/draw/health-words.h"
#include "ui/paragraph.h"
#include "ui/run-health.h"
#include "ui/try-rate.h"

#include <glib/gi18n.h>
#include <inttypes.h>

typedef enum { NO_TROUBLE, NOT_LEARNING, WAITING, DIVERGED, FAILED } LwTrouble;

struct _LwTroubleBar {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  GtkWidget *revealer, *box, *icon, *title, *text, *show_button, *try_button;
  /* What it shows: of which run, how it stood. */
  LwRunItem *run;
  LwTrouble trouble;
  int64_t version;
  bool dismissed;
  LwNodeId layer;
  double rate;
};

G_DEFINE_FINAL_TYPE (LwTroubleBar, lw_trouble_bar, GTK_TYPE_WIDGET)

/* --- what it says ------------------------------------------------------------------------------
 */

static char *
rate_words (double rate)
{
  char digits[32];

  return g_strdup (g_ascii_formatd (digits, sizeof digits, "%.3g", rate));
}

static void
show_words (LwTroubleBar *self, const char *title, const char *text)
{
  gtk_label_set_text (GTK_LABEL (self->title), title);
  gtk_label_set_text (GTK_LABEL (self->text), text != NULL ? text : "");
  gtk_widget_set_visible (self->text, text != NULL);
}

/* Without a record of it (the test diverged, or the run is older than records) the trainer's
 * message says what there is to say. */
static void
show_diverged (LwTroubleBar *self)
{
  LwHealthRecord *record = lw_records_health (lw_run_item_records (self->run));
  g_autoptr (LwDivergence) divergence =
      record != NULL ? lw_health_record_divergence (record) : NULL;
  g_autofree char *title =
      divergence != NULL
          ? g_strdup_printf (_ ("Diverged: the loss is not finite from iteration %" PRId64 " on"),
                             lw_divergence_step (divergence))
          : g_strdup (_ ("Diverged: the loss is no finite number any more"));
  g_autofree char *rate = rate_words (lw_run_rate (self->run)), *words = NULL;

  if (divergence != NULL) {
    g_autofree char *began = lw_divergence_sentence (divergence, lw_run_item_graph (self->run));
    const LwDivergenceOrigin origin = lw_divergence_origin (divergence);

    if (origin.layer >= 0)
      self->layer = divergence->layers[origin.layer];
    if (began != NULL)
      words = g_strdup_printf (_ ("%s A learning rate of %s is far too high."), began, rate);
  }
  self->rate = lw_advised_rate (self->run, 0.1);
  if (words == NULL && lw_run_item_message (self->run) != NULL)
    words = g_strdup (lw_run_item_message (self->run));
  if (words == NULL)
    words = g_strdup_printf (_ ("A learning rate of %s is far too high."), rate);
  show_words (self, title, words);
}

static void
show_not_learning (LwTroubleBar *self)
{
  g_autoptr (LwHealthReport) report = lw_run_health_report (self->run);
  const int32_t classes = lw_graph_classes (lw_run_item_graph (self->run));
  g_autofree char *title = g_strdup_printf (
      _ ("Not learning: the loss stays at ln %d, which is what guessing gives"), classes);
  g_autofree char *words = NULL;

  self->rate = lw_unstuck_rate (self->run, false); /* while nothing is known of its layers */
  for (int32_t i = 0; report != NULL && i < report->n_findings; i++)
    if (report->findings[i].symptom == LW_SYMPTOM_NOT_LEARNING) {
      const LwFinding *finding = &report->findings[i];
      g_autofree char *layer = finding->layer != LW_NO_NODE
                                   ? lw_layer_path (lw_run_item_graph (self->run), finding->layer)
                                   : NULL;

      self->layer = finding->layer;
      self->rate = lw_unstuck_rate (self->run, finding->value < LW_HEALTH_CONSTANT);
      if (layer != NULL && finding->value < LW_HEALTH_CONSTANT)
        words = g_strdup_printf (_ ("The outputs of %s no longer vary: they are the same for every "
                                    "image, and nothing behind it can tell them apart."),
                                 layer);
      else if (layer != NULL)
        words = g_strdup_printf (
            _ ("The outputs of %s vary least from image to image. Networks of sigmoids may take an "
               "epoch before they begin to learn."),
            layer);
    }
  show_words (self, title, words);
}

static void
show_buttons (LwTroubleBar *self)
{
  gtk_widget_set_visible (self->show_button, self->layer != LW_NO_NODE);
  if (self->layer != LW_NO_NODE) {
    g_autofree char *label = g_strdup_printf (
        _ ("Show %s"), lw_graph_node (lw_run_item_graph (self->run), self->layer)->title);

    gtk_button_set_label (GTK_BUTTON (self->show_button), label);
  }
  gtk_widget_set_visible (self->try_button, self->rate > 0);
  if (self->rate > 0) {
    g_autofree char *label = lw_try_rate_words (self->rate);

    gtk_button_set_label (GTK_BUTTON (self->try_button), label);
  }
}

static void
show (LwTroubleBar *self)
{
  const bool error = self->trouble >= DIVERGED;

  self->layer = LW_NO_NODE;
  self->rate = 0;
  gtk_widget_remove_css_class (self->box, error ? "warning" : "error");
  gtk_widget_add_css_class (self->box, error ? "error" : "warning");
  gtk_widget_remove_css_class (self->icon, error ? "warning" : "error");
  gtk_widget_add_css_class (self->icon, error ? "error" : "warning");
  if (self->trouble == DIVERGED)
    show_diverged (self);
  else if (self->trouble == NOT_LEARNING)
    show_not_learning (self);
  else if (self->trouble == WAITING)
    show_words (self, _ ("The disk is full"), lw_run_item_message (self->run));
  else
    show_words (self, _ ("The training failed"), lw_run_item_message (self->run));
  show_buttons (self);
}

/* What cannot be seen is no stop for Tab and says nothing to assistive tools. */
static void
reveal (LwTroubleBar *self, bool shown)
{
  if (shown)
    gtk_widget_set_visible (self->box, TRUE);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->revealer), shown);
}

static void
child_revealed (LwTroubleBar *self)
{
  GtkRevealer *revealer = GTK_REVEALER (self->revealer);

  if (!gtk_revealer_get_child_revealed (revealer) && !gtk_revealer_get_reveal_child (revealer))
    gtk_widget_set_visible (self->box, FALSE);
}

static LwTrouble
trouble_of (LwRunItem *run)
{
  if (run == NULL)
    return NO_TROUBLE;
  if (lw_run_item_state (run) == LW_RUN_DIVERGED)
    return DIVERGED;
  if (lw_run_item_state (run) == LW_RUN_FAILED)
    return FAILED;
  /* Who pauses a training says nothing. */
  if (lw_run_item_state (run) == LW_RUN_PAUSED && lw_run_item_message (run) != NULL)
    return WAITING;
  return lw_run_is_not_learning (run) ? NOT_LEARNING : NO_TROUBLE;
}

void
lw_trouble_bar_update (LwTroubleBar *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);
  const LwTrouble trouble = trouble_of (run);
  const int64_t version =
      trouble == DIVERGED || trouble == NOT_LEARNING
          ? lw_record_version ((LwRecord *)lw_records_health (lw_run_item_records (run)))
          : 0;

  if (run != self->run || trouble != self->trouble)
    self->dismissed = false;
  else if (version == self->version)
    return;
  g_set_object (&self->run, run);
  self->trouble = trouble;
  self->version = version;
  if (trouble != NO_TROUBLE)
    show (self);
  reveal (self, trouble != NO_TROUBLE && !self->dismissed);
}

/* --- what it does ------------------------------------------------------------------------------
 */

static void
try_smaller_rate (LwTroubleBar *self)
{
  if (self->run != NULL)
    lw_try_rate (GTK_WIDGET (self), self->workbench, self->run, self->rate);
}

static void
show_layer (LwTroubleBar *self)
{
  lw_workbench_select_layer (self->workbench, self->layer);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.page", "s", "explore");
}

static void
dismiss (LwTroubleBar *self)
{
  self->dismissed = true;
  reveal (self, false);
}

static void
make_words (LwTroubleBar *self)
{
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  self->icon = gtk_label_new ("!");
  self->title = gtk_label_new (NULL);
  self->text = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->icon, "lw-trouble-sign");
  gtk_widget_add_css_class (self->title, "lw-strong");
  gtk_widget_add_css_class (self->text, "lw-trouble-text");
  gtk_widget_set_valign (self->icon, GTK_ALIGN_CENTER);
  for (GtkWidget **label = (GtkWidget *[]){ self->title, self->text, NULL }; *label != NULL;
       label++) {
    gtk_label_set_xalign (GTK_LABEL (*label), 0);
    gtk_label_set_wrap (GTK_LABEL (*label), TRUE);
  }
  gtk_widget_set_hexpand (words, TRUE);
  gtk_widget_set_valign (words, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (words), lw_paragraph_new (self->title, 200));
  gtk_box_append (GTK_BOX (words), lw_paragraph_new (self->text, 200));
  gtk_box_append (GTK_BOX (self->box), self->icon);
  gtk_box_append (GTK_BOX (self->box), words);
}

static void
make (LwTroubleBar *self)
{
  GtkWidget *close = gtk_button_new_from_icon_name ("window-close-symbolic");

  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  self->revealer = gtk_revealer_new ();
  make_words (self);
  self->show_button = gtk_button_new_with_label ("");
  self->try_button = gtk_button_new_with_label ("");
  gtk_widget_add_css_class (self->try_button, "suggested-action");
  gtk_widget_add_css_class (close, "flat");
  gtk_widget_set_tooltip_text (close, _ ("Dismiss"));
  lw_name_widget (close, _ ("Dismiss"));
  g_signal_connect_swapped (self->show_button, "clicked", G_CALLBACK (show_layer), self);
  g_signal_connect_swapped (self->try_button, "clicked", G_CALLBACK (try_smaller_rate), self);
  g_signal_connect_swapped (close, "clicked", G_CALLBACK (dismiss), self);
  for (GtkWidget **button = (GtkWidget *[]){ self->show_button, self->try_button, close, NULL };
       *button != NULL; button++) {
    gtk_widget_set_valign (*button, GTK_ALIGN_CENTER);
    gtk_box_append (GTK_BOX (self->box), *button);
  }
  gtk_widget_add_css_class (self->box, "lw-bar");
  gtk_widget_add_css_class (self->box, "lw-trouble");
  gtk_widget_set_visible (self->box, FALSE);
  gtk_revealer_set_child (GTK_REVEALER (self->revealer), self->box);
  g_signal_connect_swapped (self->revealer, "notify::child-revealed", G_CALLBACK (child_revealed),
                            self);
}

GtkWidget *
lw_trouble_bar_new (LwWorkbench *workbench)
{
  LwTroubleBar *self = g_object_new (LW_TYPE_TROUBLE_BAR, NULL);

  self->workbench = workbench;
  self->layer = LW_NO_NODE;
  make (self);
  gtk_widget_set_parent (self->revealer, GTK_WIDGET (self));
  return GTK_WIDGET (self);
}

static void
lw_trouble_bar_dispose (GObject *object)
{
  g_clear_object (&LW_TROUBLE_BAR (object)->run);
  g_clear_pointer (&LW_TROUBLE_BAR (object)->revealer, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_trouble_bar_parent_class)->dispose (object);
}

static void
lw_trouble_bar_class_init (LwTroubleBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_trouble_bar_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_trouble_bar_init (LwTroubleBar *self)
{
  (void)self;
}
