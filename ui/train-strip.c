#include "ui/train-strip.h"

#include "engine/analysis.h"
#include "ui/accessible.h"
#include "ui/continue-button.h"
#include "ui/device-use.h"
#include "ui/devices.h"
#include "ui/run-words.h"

#include <glib/gi18n.h>

#define DEVICE_CHARS 24

enum { EPOCH, ITERATION, SPEED, ELAPSED, REMAINING, RATE, DEVICE, N_FIGURES };

struct _LwTrainStrip {
  GtkWidget parent;
  LwWorkbench *workbench;
  GtkWidget *column, *row, *buttons, *progress;
  AdwButtonContent *train_content, *step_content, *stop_content, *compare_content, *export_content;
  GtkWidget *train, *continue_button, *step_stop, *step, *stop, *repeat, *compare_export;
  const char *train_action;
  gconstpointer train_followed; /* whose reason stands on the buttons; only compared */
  GtkLabel *titles[N_FIGURES], *values[N_FIGURES];
  GtkWidget *figures[N_FIGURES];
  LwDeviceWatch *watch;    /* of the device that trains the run that is shown */
  const LwBackend *device; /* of the run or draft that is shown; NULL: it does not work here */
  int device_index;
  char *device_text;
  bool compact;
};

G_DEFINE_FINAL_TYPE (LwTrainStrip, lw_train_strip, GTK_TYPE_WIDGET)

static const char *const figure_titles[N_FIGURES] = {
  N_ ("Epoch"),     N_ ("Iteration"),     N_ ("Examples/s"), N_ ("Elapsed"),
  N_ ("Remaining"), N_ ("Learning rate"), N_ ("Device"),
};

static void
set_value (LwTrainStrip *self, int figure, const char *value, const char *rest)
{
  g_autofree char *escaped = g_markup_escape_text (value, -1);
  g_autofree char *rest_escaped = rest != NULL ? g_markup_escape_text (rest, -1) : NULL;
  g_autofree char *markup =
      rest == NULL ? g_strdup (escaped)
                   : g_strdup_printf ("%s <span weight='normal' size='87%%' alpha='66%%'>%s</span>",
                                      escaped, rest_escaped);

  if (g_strcmp0 (markup, gtk_label_get_label (self->values[figure])) != 0)
    gtk_label_set_markup (self->values[figure], markup);
}

/* What a button does, or why it cannot. */
static void
arm (GtkWidget *button, const char *action, const char *tooltip)
{
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_tooltip_text (button, tooltip);
  if (action == NULL)
    gtk_widget_set_sensitive (button, FALSE);
}

/* "win.queue" while another run trains; NULL where the shown run is not ours to pause. */
static void
show_action (LwTrainStrip *self, const char *action, LwFollowedRun *followed)
{
  g_autofree char *reason = NULL;
  const char *elsewhere =
      _ ("Another program trains this run: it can be paused and stopped only there");

  if (action == self->train_action && followed == self->train_followed)
    return;
  self->train_action = action;
  self->train_followed = followed;
  if (followed != NULL)
    elsewhere = reason = lw_followed_run_reason (followed);
  arm (self->train, action,
       action == NULL                      ? elsewhere
       : g_str_equal (action, "win.queue") ? _ ("Train this when what trains now has ended")
                                           : _ ("Train, pause or go on (Ctrl+Space)"));
  arm (self->step, action != NULL ? "win.step" : NULL,
       action != NULL ? _ ("One optimizer step (Ctrl+.)") : elsewhere);
  arm (self->stop, action != NULL ? "win.stop" : NULL,
       action != NULL ? _ ("Stop and keep the weights (Ctrl+Shift+.)") : elsewhere);
}

/* "Train", "Train 6 Runs", "Queue". */
static char *
word_for_draft (LwTrainStrip *self, bool queues)
{
  const int n = lw_workbench_n_runs (self->workbench);

  if (n == 1)
    return g_strdup (queues ? _ ("Queue") : _ ("Train"));
  if (self->compact)
    return g_strdup_printf (queues ? _ ("Queue ×%d") : _ ("Train ×%d"), n);
  return g_strdup_printf (queues ? ngettext ("Queue %d Run", "Queue %d Runs", (gulong)n)
                                 : ngettext ("Train %d Run", "Train %d Runs", (gulong)n),
                          n);
}

/* What can be gone on with, where it is. */
static bool
can_continue (LwTrainStrip *self, LwRunItem *run)
{
  return run != NULL && !lw_run_item_is_live (run) &&
         run != lw_workbench_live_run (self->workbench) && !lw_run_item_is_elsewhere (run) &&
         lw_run_item_state (run) != LW_RUN_DIVERGED && lw_run_item_state (run) != LW_RUN_FAILED;
}

static void
show_buttons (LwTrainStrip *self, LwRunItem *run)
{
  LwRunItem *live = lw_workbench_live_run (self->workbench);
  const LwRunState state = live != NULL ? lw_run_item_state (live) : LW_RUN_READY;
  const bool elsewhere = run != NULL && lw_run_item_is_elsewhere (run);
  const bool queues = run == NULL && live != NULL;
  const bool running = elsewhere || (live != NULL && state != LW_RUN_PAUSED);
  const bool ended = run != NULL && live == NULL && !elsewhere;
  const char *icon = queues    ? "list-add-symbolic"
                     : running ? "media-playback-pause-symbolic"
                               : "media-playback-start-symbolic";
  g_autofree char *label = run == NULL    ? word_for_draft (self, queues)
                           : running      ? g_strdup (_ ("Pause"))
                           : live != NULL ? g_strdup (_ ("Go On"))
                                          : g_strdup (_ ("Train Again"));

  show_action (self,
               elsewhere ? NULL
               : queues  ? "win.queue"
                         : "win.train",
               run != NULL ? lw_run_item_followed (run) : NULL);
  adw_button_content_set_icon_name (self->train_content, icon);
  adw_button_content_set_label (self->train_content, label);
  gtk_widget_set_visible (self->repeat, run == NULL);
  lw_continue_button_show (LW_CONTINUE_BUTTON (self->continue_button), run, live != NULL);
  /* With the box that it shares with the menu: an empty one takes a gap of the row. */
  gtk_widget_set_visible (self->train, live != NULL || !can_continue (self, run));
  gtk_widget_set_visible (gtk_widget_get_parent (self->train),
                          live != NULL || !can_continue (self, run));
  gtk_widget_set_visible (self->continue_button, can_continue (self, run));
  gtk_widget_set_visible (self->compare_export, live == NULL && can_continue (self, run));
  gtk_widget_set_visible (self->step_stop, !ended);
  gtk_widget_set_visible (self->step, !can_continue (self, run)); /* a step of which of the two? */
}

/* A run that has ended says what came of it. */
static void
show_result (LwTrainStrip *self, LwRunItem *run)
{
  static const char *const titles[N_FIGURES] = { [ITERATION] = N_ ("Best test accuracy"),
                                                 [SPEED] = N_ ("Last"),
                                                 [ELAPSED] = N_ ("Time"),
                                                 [REMAINING] = N_ ("Examples/s"),
                                                 [RATE] = N_ ("Learning rate") };
  const LwRunProgress p = lw_run_item_progress (run);
  g_autofree char *epoch = g_strdup_printf ("%d", (int)(p.epoch + 1e-6));
  g_autofree char *epochs =
      g_strdup_printf (ngettext ("/ %d epoch", "/ %d epochs", (gulong)p.epochs), p.epochs);
  g_autofree char *best = g_strdup_printf ("%.3f", p.best_test_accuracy);
  g_autofree char *at = g_strdup_printf (_ ("at epoch %d"), p.best_epoch);
  g_autofree char *last = g_strdup_printf ("%.3f", p.test_accuracy);
  g_autofree char *elapsed = lw_clock_text (p.elapsed_s);
  g_autofree char *speed = lw_format_exact ((int64_t)p.examples_per_second);
  g_autofree char *rate = g_strdup_printf ("%g", p.learning_rate);

  for (int i = ITERATION; i <= RATE; i++)
    gtk_label_set_text (self->titles[i], _ (titles[i]));
  gtk_label_set_text (self->titles[EPOCH], p.stopped_early ? _ ("Stopped early")
                                           : lw_run_item_state (run) == LW_RUN_STOPPED
                                               ? _ ("Stopped")
                                               : _ ("Finished"));
  set_value (self, EPOCH, epoch, epochs);
  set_value (self, ITERATION, p.best_epoch > 0 ? best : "–", p.best_epoch > 0 ? at : NULL);
  set_value (self, SPEED, p.best_epoch > 0 ? last : "–", NULL);
  set_value (self, ELAPSED, elapsed, NULL);
  set_value (self, REMAINING, p.examples_per_second > 0 ? speed : "–", NULL);
  set_value (self, RATE, rate, NULL);
}

/* A driver takes its time to describe a card: not for each step of a training. */
static void
name_device (LwTrainStrip *self, const LwBackend *backend, int index)
{
  if (backend == self->device && index == self->device_index)
    return;
  self->device = backend;
  self->device_index = index;
  g_free (self->device_text);
  self->device_text = backend != NULL ? lw_device_text (backend, index) : NULL;
  /* It may be too long for the strip. */
  gtk_widget_set_tooltip_text (self->figures[DEVICE], self->device_text);
}

/* The device of this run or draft; while it trains here, with what of it is in use. */
static void
show_device (LwTrainStrip *self, LwRunItem *run)
{
  const LwSettings *settings = lw_workbench_settings (self->workbench);
  const char *trained_on = run != NULL ? lw_run_item_device (run) : NULL;
  const bool trains = run != NULL && lw_run_item_is_live (run);
  int index;
  const LwBackend *backend =
      lw_device_of (lw_workbench_backends (self->workbench), settings->device, trained_on, &index);
  g_autofree char *title = NULL;
  const char *use;

  lw_device_watch_set (self->watch, trains ? backend : NULL, index);
  use = lw_device_watch_text (self->watch);
  title = use != NULL ? g_strdup_printf (_ ("Device, %s"), use) : NULL;
  gtk_label_set_text (self->titles[DEVICE], title != NULL ? title : _ (figure_titles[DEVICE]));
  name_device (self, backend, index);
  if (run != NULL && lw_run_item_followed (run) != NULL) /* another machine's, as it calls it */
    set_value (self, DEVICE, trained_on, NULL);
  else
    set_value (self, DEVICE, backend != NULL ? self->device_text : settings->device, NULL);
}

static void
device_changed (LwTrainStrip *self)
{
  show_device (self, lw_workbench_run (self->workbench));
}

static void
show_figures (LwTrainStrip *self, LwRunItem *run)
{
  const LwSettings *settings = lw_workbench_settings (self->workbench);
  const LwRunProgress p = run != NULL ? lw_run_item_progress (run) : (LwRunProgress){ 0 };
  const bool live = run != NULL && (lw_run_item_is_live (run) || lw_run_item_is_elsewhere (run));
  g_autofree char *epochs = g_strdup_printf ("/ %d", run != NULL ? p.epochs : settings->epochs);
  g_autofree char *steps = lw_format_exact (p.total_steps);
  g_autofree char *of_steps = g_strdup_printf ("/ %s", steps);
  g_autofree char *epoch = g_strdup_printf ("%d", MIN ((int)(p.epoch + 1e-6) + (live && !p.testing),
                                                       run != NULL ? p.epochs : settings->epochs));
  g_autofree char *step = lw_format_exact (p.step),
                  *speed = lw_format_exact ((int64_t)p.examples_per_second);
  g_autofree char *elapsed = lw_clock_text (p.elapsed_s),
                  *remaining = lw_clock_text (p.remaining_s);
  g_autofree char *rate =
      g_strdup_printf ("%g", p.learning_rate > 0 ? p.learning_rate : settings->learning_rate);
  g_autofree char *threads = NULL;

  for (int i = 0; i < N_FIGURES; i++)
    gtk_label_set_text (self->titles[i],
                        i == EPOCH && live && p.testing ? _ ("Testing") : _ (figure_titles[i]));
  /* Unknown is a dash, never 0. */
  set_value (self, EPOCH, run != NULL ? epoch : "–", epochs);
  set_value (self, ITERATION, p.step > 0 ? step : "–", p.total_steps > 0 ? of_steps : NULL);
  set_value (self, SPEED, p.examples_per_second > 0 ? speed : "–", NULL);
  set_value (self, ELAPSED, run != NULL ? elapsed : "–", NULL);
  set_value (self, REMAINING, live && p.remaining_s >= 0 ? remaining : "–", NULL);
  set_value (self, RATE, rate, NULL);
  show_device (self, run);
}

static void
show_progress (LwTrainStrip *self, LwRunItem *run)
{
  const LwRunProgress p = run != NULL ? lw_run_item_progress (run) : (LwRunProgress){ 0 };

  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->progress),
                                 p.stopped_early     ? 1
                                 : p.total_steps > 0 ? (double)p.step / (double)p.total_steps
                                                     : 0);
  if (run != NULL && lw_run_item_state (run) == LW_RUN_FINISHED)
    gtk_widget_add_css_class (self->progress, "lw-done");
  else
    gtk_widget_remove_css_class (self->progress, "lw-done");
}

void
lw_train_strip_update (LwTrainStrip *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);

  show_buttons (self, run);
  if (can_continue (self, run)) {
    lw_device_watch_set (self->watch, NULL, 0);
    show_result (self, run);
  } else {
    show_figures (self, run);
  }
  gtk_widget_set_visible (self->figures[DEVICE], !self->compact && !can_continue (self, run));
  show_progress (self, run);
}

void
lw_train_strip_set_compact (LwTrainStrip *self, bool compact)
{
  if (self->compact == compact)
    return;
  self->compact = compact;
  lw_show_word (self->step_content, C_ ("one step of training", "Step"), !compact);
  lw_show_word (self->stop_content, _ ("Stop"), !compact);
  gtk_widget_set_visible (self->figures[DEVICE], !compact);
  gtk_box_set_spacing (GTK_BOX (self->row), compact ? 6 : 10);
  gtk_box_set_spacing (GTK_BOX (self->buttons), compact ? 6 : 10);
  lw_show_word (self->compare_content, _ ("Compare"), !compact);
  lw_show_word (self->export_content, _ ("Export"), !compact);
  lw_train_strip_update (self);
}

static GtkWidget *
make_button (const char *icon, const char *label, const char *tooltip, const char *action,
             AdwButtonContent **ret_content)
{
  GtkWidget *button = gtk_button_new (), *content = adw_button_content_new ();

  adw_button_content_set_icon_name (ADW_BUTTON_CONTENT (content), icon);
  adw_button_content_set_label (ADW_BUTTON_CONTENT (content), label);
  gtk_button_set_child (GTK_BUTTON (button), content);
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (button), action);
  if (ret_content != NULL)
    *ret_content = ADW_BUTTON_CONTENT (content);
  return button;
}

/* The same run with other seeds: how much of a curve is chance. */
static GtkWidget *
make_repeat (void)
{
  static const int seeds[] = { 1, 3, 5, 10 };
  GtkWidget *button = gtk_menu_button_new ();
  g_autoptr (GMenu) menu = g_menu_new (), items = g_menu_new ();

  for (guint i = 0; i < G_N_ELEMENTS (seeds); i++) {
    g_autofree char *action = g_strdup_printf ("win.repeat(%d)", seeds[i]);
    g_autofree char *words =
        seeds[i] == 1 ? g_strdup (_ ("Once"))
                      : g_strdup_printf (
                            ngettext ("With %d Seed", "With %d Seeds", (gulong)seeds[i]), seeds[i]);

    g_menu_append (items, words, action);
  }
  g_menu_append_section (menu, _ ("Train it"), G_MENU_MODEL (items));
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), G_MENU_MODEL (menu));
  gtk_widget_set_tooltip_text (button, _ ("Repeat with other seeds"));
  lw_name_widget (button, _ ("Repeat with other seeds"));
  gtk_widget_add_css_class (button, "lw-repeat");
  return button;
}

static GtkWidget *
make_figure (LwTrainStrip *self, int figure)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *title = gtk_label_new (_ (figure_titles[figure])), *value = gtk_label_new ("–");

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_xalign (GTK_LABEL (value), 0);
  gtk_label_set_use_markup (GTK_LABEL (value), TRUE);
  gtk_widget_add_css_class (title, "lw-strip-label");
  gtk_widget_add_css_class (value, "lw-strip-value");
  if (figure == ELAPSED)
    gtk_widget_set_tooltip_text (box, _ ("Time in training steps, without tests and pauses"));
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (box, TRUE);
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (value), GTK_ACCESSIBLE_RELATION_LABELLED_BY,
                                  title, NULL, -1);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), value);
  self->titles[figure] = GTK_LABEL (title);
  self->values[figure] = GTK_LABEL (value);
  self->figures[figure] = box;
  return box;
}

GtkWidget *
lw_train_strip_new (LwWorkbench *workbench)
{
  LwTrainStrip *self = g_object_new (LW_TYPE_TRAIN_STRIP, NULL);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);

  self->workbench = workbench;
  self->watch = lw_device_watch_new ();
  g_signal_connect_object (self->watch, "changed", G_CALLBACK (device_changed), self,
                           G_CONNECT_SWAPPED);
  self->row = row;
  self->buttons = buttons;
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
  gtk_widget_add_css_class (row, "lw-strip");
  gtk_widget_set_valign (buttons, GTK_ALIGN_CENTER);

  self->train =
      make_button ("media-playback-start-symbolic", _ ("Train"),
                   _ ("Train, pause or go on (Ctrl+Space)"), "win.train", &self->train_content);
  gtk_widget_add_css_class (self->train, "suggested-action");
  gtk_widget_add_css_class (self->train, "lw-train");
  self->train_action = "win.train";
  self->repeat = make_repeat ();
  {
    GtkWidget *pair = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

    gtk_widget_add_css_class (pair, "linked");
    gtk_box_append (GTK_BOX (pair), self->train);
    gtk_box_append (GTK_BOX (pair), self->repeat);
    gtk_box_append (GTK_BOX (buttons), pair);
  }
  self->step_stop = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_add_css_class (self->step_stop, "linked");
  self->step = make_button ("lw-step-symbolic", C_ ("one step of training", "Step"),
                            _ ("One optimizer step (Ctrl+.)"), "win.step", &self->step_content);
  self->stop =
      make_button ("media-playback-stop-symbolic", _ ("Stop"),
                   _ ("Stop and keep the weights (Ctrl+Shift+.)"), "win.stop", &self->stop_content);
  gtk_box_append (GTK_BOX (self->step_stop), self->step);
  gtk_box_append (GTK_BOX (self->step_stop), self->stop);
  gtk_box_append (GTK_BOX (buttons), self->step_stop);
  self->continue_button = lw_continue_button_new ();
  gtk_box_append (GTK_BOX (buttons), self->continue_button);
  self->compare_export = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_add_css_class (self->compare_export, "linked");
  gtk_box_append (GTK_BOX (self->compare_export),
                  make_button ("lw-compare-symbolic", _ ("Compare"),
                               _ ("Compare this run with others"), "win.compare-runs",
                               &self->compare_content));
  gtk_box_append (GTK_BOX (self->compare_export),
                  make_button ("document-save-symbolic", _ ("Export"),
                               _ ("Export charts, numbers or weights (Ctrl+E)"), "win.export-menu",
                               &self->export_content));
  gtk_box_append (GTK_BOX (buttons), self->compare_export);
  gtk_box_append (GTK_BOX (row), buttons);
  for (int i = 0; i < N_FIGURES; i++)
    gtk_box_append (GTK_BOX (row), make_figure (self, i));
  gtk_label_set_ellipsize (self->values[DEVICE], PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (self->values[DEVICE], DEVICE_CHARS);

  self->progress = gtk_progress_bar_new ();
  gtk_widget_add_css_class (self->progress, "lw-strip-progress");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->progress), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Training progress"), -1);
  gtk_box_append (GTK_BOX (self->column), row);
  gtk_box_append (GTK_BOX (self->column), self->progress);
  lw_train_strip_update (self);
  return GTK_WIDGET (self);
}

static void
lw_train_strip_dispose (GObject *object)
{
  LwTrainStrip *self = LW_TRAIN_STRIP (object);

  if (self->watch != NULL) {
    /* It says so when its text goes, but the labels do, too. */
    g_signal_handlers_disconnect_by_data (self->watch, self);
    lw_device_watch_set (self->watch, NULL, 0);
  }
  g_clear_object (&self->watch);
  g_clear_pointer (&self->column, gtk_widget_unparent);
  g_clear_pointer (&self->device_text, g_free);
  G_OBJECT_CLASS (lw_train_strip_parent_class)->dispose (object);
}

static void
lw_train_strip_class_init (LwTrainStripClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_train_strip_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_train_strip_init (LwTrainStrip *self)
{
  (void)self;
}
