#include "ui/main-window.h"

#include "ui/accessible.h"
#include "ui/compare-page.h"
#include "ui/data-page.h"
#include "ui/explore-page.h"
#include "ui/inspect-page.h"
#include "ui/run-queue.h"
#include "ui/run-words.h"
#include "ui/run-trash.h"
#include "ui/sidebar.h"
#include "ui/train-page.h"
#include "ui/welcome-page.h"
#include "ui/window-actions.h"
#include "ui/window-state.h"

#include <glib/gi18n.h>

/* Below these widths the sidebar folds, and the page switcher moves to the bottom. */
#define FOLD_WIDTH    1000
#define COMPACT_WIDTH 860
#define SIDEBAR_WIDTH 245 /* with its edge */
#define KEEP_SECONDS  2

struct _LwMainWindow {
  AdwApplicationWindow parent;
  LwWorkbench *workbench;
  LwPreferences *preferences;
  AdwToastOverlay *toasts;
  AdwFlap *flap;
  LwSidebar *sidebar;
  GtkStack *title_stack;
  GtkLabel *title_label;
  AdwViewStack *pages;
  AdwViewSwitcherBar *switcher_bar;
  GtkMenuButton *export_button;
  GSignalGroup *of_run; /* signals of the selected run */
  guint tick_id;        /* while a run is live */
  guint warm_id;        /* until all pages are warm */
  guint keep_id;        /* the clock of keep_state */
  bool closing;
  bool hides_sidebar; /* also where there is room for it */
};

G_DEFINE_FINAL_TYPE (LwMainWindow, lw_main_window, ADW_TYPE_APPLICATION_WINDOW)

LwWorkbench *
lw_main_window_workbench (LwMainWindow *self)
{
  return self->workbench;
}

void
lw_main_window_show_page (LwMainWindow *self, const char *name)
{
  adw_view_stack_set_visible_child_name (self->pages, name);
}

LwPreferences *
lw_main_window_preferences (LwMainWindow *self)
{
  return self->preferences;
}

const char *
lw_main_window_shown_page (LwMainWindow *self)
{
  return adw_view_stack_get_visible_child_name (self->pages);
}

bool
lw_main_window_wants_sidebar (LwMainWindow *self)
{
  return !self->hides_sidebar;
}

void
lw_main_window_toggle_sidebar (LwMainWindow *self)
{
  adw_flap_set_reveal_flap (self->flap, !adw_flap_get_reveal_flap (self->flap));
}

void
lw_main_window_open_export_menu (LwMainWindow *self)
{
  gtk_menu_button_popup (self->export_button);
}

GtkWidget *
lw_main_window_page (LwMainWindow *self, const char *name)
{
  return adw_view_stack_get_child_by_name (self->pages, name);
}

void
lw_main_window_say (LwMainWindow *self, const char *sentence)
{
  AdwToast *toast = adw_toast_new (sentence);
  g_autofree char *escaped = g_markup_escape_text (sentence, -1);

  adw_toast_set_title (toast, escaped);
  lw_main_window_show_toast (self, toast);
}

void
lw_main_window_show_toast (LwMainWindow *self, AdwToast *toast)
{
  adw_toast_overlay_add_toast (self->toasts, toast);
}

/* --- the live run ------------------------------------------------------------------------------
 */

static gboolean
tick (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  LwMainWindow *self = LW_MAIN_WINDOW (widget);

  (void)clock;
  (void)data;
  lw_workbench_tick (self->workbench);
  if (lw_workbench_live_run (self->workbench) != NULL)
    return G_SOURCE_CONTINUE;
  self->tick_id = 0;
  if (self->closing)
    gtk_window_close (GTK_WINDOW (self));
  return G_SOURCE_REMOVE;
}

static void
run_started (LwMainWindow *self)
{
  if (self->tick_id == 0)
    self->tick_id = gtk_widget_add_tick_callback (GTK_WIDGET (self), tick, NULL, NULL);
  lw_window_actions_update (self);
}

static void
run_ended (LwMainWindow *self, LwRunItem *run)
{
  const LwRunProgress progress = lw_run_item_progress (run);

  if (progress.stopped_early) {
    g_autofree char *sentence = lw_run_early_text (&progress);

    lw_main_window_say (self, sentence);
  }
  lw_window_actions_update (self);
}

static void
selection_changed (LwMainWindow *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);

  g_signal_group_set_target (self->of_run, run);
  gtk_label_set_text (self->title_label, run != NULL ? lw_run_item_title (run)
                                                     : lw_workbench_model (self->workbench)->title);
  if (g_strcmp0 (lw_main_window_shown_page (self), "welcome") == 0) /* it was chosen at the left */
    lw_main_window_show_page (self, "explore");
  lw_window_actions_update (self);
}

/* --- welcome -----------------------------------------------------------------------------------
 */

static void
left_welcome (LwMainWindow *self, const char *where)
{
  if (g_str_equal (where, "train")) {
    gtk_widget_activate_action (GTK_WIDGET (self), "win.train", NULL);
    return;
  }
  lw_main_window_show_page (self, where);
  if (g_str_equal (where, "compare"))
    lw_compare_page_show (LW_COMPARE_PAGE (lw_main_window_page (self, "compare")), "alexnet-nin");
}

static void
page_changed (LwMainWindow *self)
{
  GtkWidget *page = adw_view_stack_get_visible_child (self->pages);

  if (LW_IS_WELCOME_PAGE (page))
    lw_welcome_page_focus (LW_WELCOME_PAGE (page));
  else
    lw_preferences_set_number (self->preferences, LW_PREFERENCE_WELCOMED, 1);
}

/* --- closing -----------------------------------------------------------------------------------
 */

static void
close_answered (AdwMessageDialog *dialog, const char *answer, LwMainWindow *self)
{
  LwRunItem *live = lw_workbench_live_run (self->workbench);

  (void)dialog;
  if (!g_str_equal (answer, "stop"))
    return;
  self->closing = true;
  if (live == NULL) {
    gtk_window_close (GTK_WINDOW (self));
    return;
  }
  lw_run_queue_close (lw_workbench_queue (self->workbench));
  /* It saves a checkpoint first; the tick that sees its end closes the window. */
  lw_trainer_stop (lw_run_item_trainer (live));
  lw_main_window_say (self, _ ("Saving the run…"));
}

static gboolean
lw_main_window_close_request (GtkWindow *window)
{
  LwMainWindow *self = LW_MAIN_WINDOW (window);
  GtkWidget *dialog;

  if (self->closing && lw_workbench_live_run (self->workbench) != NULL) {
    LwTrainer *trainer = lw_run_item_trainer (lw_workbench_live_run (self->workbench));

    if (trainer != NULL && lw_trainer_state (trainer) == LW_RUN_PAUSED)
      lw_trainer_stop (trainer); /* there is no room to save it: gives that up */
    return TRUE;                 /* it closes as soon as the run is saved */
  }
  if (lw_workbench_live_run (self->workbench) == NULL)
    return GTK_WINDOW_CLASS (lw_main_window_parent_class)->close_request (window);

  dialog = adw_message_dialog_new (
      window, _ ("Stop training?"),
      _ ("The run is saved and can be continued later from where it is now."));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Keep Training"),
                                    "stop", _ ("_Save and Close"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "stop",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "stop");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  lw_name_all_by_words (dialog);
  g_signal_connect (dialog, "response", G_CALLBACK (close_answered), self);
  gtk_window_present (GTK_WINDOW (dialog));
  return TRUE;
}

/* --- adapting to the width ---------------------------------------------------------------------
 */

static void
adapt (LwMainWindow *self, int width)
{
  const bool fold = width < FOLD_WIDTH, compact = width < COMPACT_WIDTH;
  const bool was_folded = adw_flap_get_fold_policy (self->flap) == ADW_FLAP_FOLD_POLICY_ALWAYS;
  int page_width = width;

  if (fold != was_folded) {
    adw_flap_set_fold_policy (self->flap,
                              fold ? ADW_FLAP_FOLD_POLICY_ALWAYS : ADW_FLAP_FOLD_POLICY_NEVER);
    adw_flap_set_reveal_flap (self->flap, !fold && !self->hides_sidebar);
  }
  gtk_stack_set_visible_child_name (self->title_stack, compact ? "title" : "switcher");
  adw_view_switcher_bar_set_reveal (self->switcher_bar, compact);
  if (!fold && adw_flap_get_reveal_flap (self->flap))
    page_width -= SIDEBAR_WIDTH;
  lw_train_page_set_width (LW_TRAIN_PAGE (lw_main_window_page (self, "train")), page_width);
  lw_inspect_page_set_width (LW_INSPECT_PAGE (lw_main_window_page (self, "inspect")), page_width);
  lw_compare_page_set_width (LW_COMPARE_PAGE (lw_main_window_page (self, "compare")), page_width);
}

static void
sidebar_toggled (LwMainWindow *self)
{
  if (adw_flap_get_fold_policy (self->flap) == ADW_FLAP_FOLD_POLICY_NEVER)
    self->hides_sidebar = !adw_flap_get_reveal_flap (self->flap);
  if (gtk_widget_get_realized (GTK_WIDGET (self)))
    adapt (self, gtk_widget_get_width (GTK_WIDGET (self)));
}

static void
surface_layout (GdkSurface *surface, int width, int height, LwMainWindow *self)
{
  (void)surface;
  (void)width; /* the shadow's width is in it */
  (void)height;
  adapt (self, gtk_widget_get_width (GTK_WIDGET (self)));
}

static void
lw_main_window_realize (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (lw_main_window_parent_class)->realize (widget);
  g_signal_connect_object (gtk_native_get_surface (GTK_NATIVE (widget)), "layout",
                           G_CALLBACK (surface_layout), widget, 0);
}

/* --- warming up --------------------------------------------------------------------------------
 */

/* Arranging a page for the first time loads fonts, matches styles and breaks lines: far longer than
 * a frame. Done when the window has nothing else to do, a page each time, it does not hold up the
 * first look at a page, when perhaps a network trains. */
static void
arrange (GtkWidget *widget, int width, int height)
{
  int least;

  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
  width = MAX (width, least);
  gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, width, &least, NULL, NULL, NULL);
  gtk_widget_allocate (widget, width, MAX (height, least), -1, NULL);
}

/* The views of a page that are hidden behind one another. */
static void
arrange_hidden_views (GtkWidget *widget)
{
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    if (GTK_IS_STACK (widget) && gtk_widget_get_visible (child) &&
        child != gtk_stack_get_visible_child (GTK_STACK (widget)))
      arrange (child, gtk_widget_get_width (widget), gtk_widget_get_height (widget));
    arrange_hidden_views (child);
  }
}

static gboolean
warm_up (gpointer data)
{
  static const char *const names[] = { "train", "inspect", "explore", "compare", "data" };
  LwMainWindow *self = data;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    GtkWidget *page = lw_main_window_page (self, names[i]);

    if (g_object_get_data (G_OBJECT (page), "warm") != NULL)
      continue;
    g_object_set_data (G_OBJECT (page), "warm", self);
    if (page == adw_view_stack_get_visible_child (self->pages))
      continue;
    arrange (page, gtk_widget_get_width (GTK_WIDGET (self->pages)),
             gtk_widget_get_height (GTK_WIDGET (self->pages)));
    arrange_hidden_views (page);
    return G_SOURCE_CONTINUE;
  }
  self->warm_id = 0;
  return G_SOURCE_REMOVE;
}

/* How the window stands outlives a program that is ended from outside. */
static gboolean
keep_state (gpointer data)
{
  lw_window_state_keep (LW_MAIN_WINDOW (data));
  return G_SOURCE_CONTINUE;
}

static void
lw_main_window_map (GtkWidget *widget)
{
  LwMainWindow *self = LW_MAIN_WINDOW (widget);

  GTK_WIDGET_CLASS (lw_main_window_parent_class)->map (widget);
  if (self->warm_id == 0)
    self->warm_id = g_timeout_add_full (G_PRIORITY_LOW, 50, warm_up, self, NULL);
  if (self->keep_id == 0)
    self->keep_id = g_timeout_add_seconds (KEEP_SECONDS, keep_state, self);
}

static void
lw_main_window_unmap (GtkWidget *widget)
{
  g_clear_handle_id (&LW_MAIN_WINDOW (widget)->keep_id, g_source_remove);
  GTK_WIDGET_CLASS (lw_main_window_parent_class)->unmap (widget);
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static void
lw_main_window_dispose (GObject *object)
{
  LwMainWindow *self = LW_MAIN_WINDOW (object);

  if (self->tick_id != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick_id);
  self->tick_id = 0;
  g_signal_group_set_target (self->of_run, NULL);
  g_clear_handle_id (&self->warm_id, g_source_remove);
  g_clear_handle_id (&self->keep_id, g_source_remove);
  if (self->workbench != NULL && self->flap != NULL)
    lw_window_state_save (self);
  if (self->workbench != NULL) {
    lw_run_trash_finish (self);
    lw_workbench_close (self->workbench);
  }
  G_OBJECT_CLASS (lw_main_window_parent_class)->dispose (object);
}

static void
lw_main_window_finalize (GObject *object)
{
  g_clear_object (&LW_MAIN_WINDOW (object)->of_run);
  g_clear_object (&LW_MAIN_WINDOW (object)->workbench);
  g_clear_object (&LW_MAIN_WINDOW (object)->preferences);
  G_OBJECT_CLASS (lw_main_window_parent_class)->finalize (object);
}

static void
lw_main_window_class_init (LwMainWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_main_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_main_window_finalize;
  widget_class->realize = lw_main_window_realize;
  widget_class->map = lw_main_window_map;
  widget_class->unmap = lw_main_window_unmap;
  GTK_WINDOW_CLASS (klass)->close_request = lw_main_window_close_request;
  g_type_ensure (LW_TYPE_SIDEBAR);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/layerwise/Workbench/ui/main-window.ui");
  gtk_widget_class_bind_template_child (widget_class, LwMainWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, LwMainWindow, flap);
  gtk_widget_class_bind_template_child (widget_class, LwMainWindow, sidebar);
  gtk_widget_class_bind_template_child (widget_class, LwMainWindow, title_stack);
  gtk_widget_class_bind_template_child (widget_class, LwMainWindow, title_label);
  gtk_widget_class_bind_template_child (widget_class, LwMainWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, LwMainWindow, switcher_bar);
  gtk_widget_class_bind_template_child (widget_class, LwMainWindow, export_button);
}

static void
lw_main_window_init (LwMainWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  /* One that another program trains ends without `run-ended`. */
  self->of_run = g_signal_group_new (LW_TYPE_RUN_ITEM);
  g_signal_group_connect_swapped (self->of_run, "notify::state",
                                  G_CALLBACK (lw_window_actions_update), self);
  g_signal_connect_object (self->flap, "notify::reveal-flap", G_CALLBACK (sidebar_toggled), self,
                           G_CONNECT_SWAPPED);
}

LwMainWindow *
lw_main_window_new (AdwApplication *application, LwWorkbench *workbench, LwPreferences *preferences)
{
  LwMainWindow *self = g_object_new (LW_TYPE_MAIN_WINDOW, "application", application, NULL);
  GtkWidget *welcome;

  self->workbench = g_object_ref (workbench);
  self->preferences = g_object_ref (preferences);
  lw_sidebar_set_workbench (self->sidebar, workbench);
  adw_view_stack_page_set_icon_name (adw_view_stack_add_titled (self->pages,
                                                                lw_explore_page_new (workbench),
                                                                "explore", _ ("Explore")),
                                     "lw-explore-symbolic");
  adw_view_stack_page_set_icon_name (
      adw_view_stack_add_titled (self->pages, lw_train_page_new (workbench), "train", _ ("Train")),
      "lw-train-symbolic");
  adw_view_stack_page_set_icon_name (adw_view_stack_add_titled (self->pages,
                                                                lw_inspect_page_new (workbench),
                                                                "inspect", _ ("Inspect")),
                                     "lw-inspect-symbolic");
  adw_view_stack_page_set_icon_name (adw_view_stack_add_titled (self->pages,
                                                                lw_compare_page_new (workbench),
                                                                "compare", _ ("Compare")),
                                     "lw-compare-symbolic");
  /* These have no title: no switcher has them. */
  adw_view_stack_add_named (self->pages, lw_data_page_new (workbench), "data");
  welcome = lw_welcome_page_new (workbench);
  adw_view_stack_add_named (self->pages, welcome, "welcome");
  g_signal_connect_object (welcome, "go", G_CALLBACK (left_welcome), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->pages, "notify::visible-child-name", G_CALLBACK (page_changed),
                           self, G_CONNECT_SWAPPED);
  lw_window_actions_install (self);
  g_signal_connect_object (workbench, "run-started", G_CALLBACK (run_started), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "run-ended", G_CALLBACK (run_ended), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "complained", G_CALLBACK (lw_main_window_say), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "selection-changed", G_CALLBACK (selection_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "dataset-changed", G_CALLBACK (lw_window_actions_update),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "draft-changed", G_CALLBACK (lw_window_actions_update), self,
                           G_CONNECT_SWAPPED);
  selection_changed (self);
  lw_window_state_restore (self);
  {
    g_autofree char *problem = lw_workbench_variant_problem (workbench);

    if (problem != NULL)
      lw_main_window_say (self, problem);
  }
  return self;
}
