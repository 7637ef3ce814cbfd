/* The welcome page at the first start, the preferences, and how the window was left. */
#include "engine/processors.h"
#include "tests/gui/harness.h"
#include "ui/compare-page.h"
#include "ui/explore-page.h"
#include "ui/preferences-window.h"
#include "ui/welcome-page.h"
#include "ui/zoomable.h"

#include <string.h>

static LwPreferences *
preferences_of (Gui *gui)
{
  return lw_main_window_preferences (gui->window);
}

/* --- welcome -----------------------------------------------------------------------------------
 */

static void
welcome (Gui *gui)
{
  GtkWidget *window = GTK_WIDGET (gui->window), *page;

  gtk_widget_activate_action (GTK_WIDGET (gui->window), "win.welcome", NULL);
  gui_assert_soon ((page = gui_find (window, LW_TYPE_WELCOME_PAGE)) != NULL);
  g_assert_nonnull (gui_label (page, "Welcome to Layerwise"));
  gui_assert_soon (lw_workbench_dataset (gui->workbench) != NULL);
  /* a click on a network at the left leads to it */
  lw_workbench_select_model (gui->workbench, lw_model_find ("nin", NULL));
  gui_assert_soon (g_str_equal (lw_main_window_shown_page (gui->window), "explore"));

  gtk_widget_activate_action (GTK_WIDGET (gui->window), "win.welcome", NULL);
  gui_press (gui_button (page, "Explore ResNet-18"));
  gui_assert_soon (g_str_equal (lw_main_window_shown_page (gui->window), "explore"));
  g_assert_cmpstr (lw_workbench_model (gui->workbench)->name, ==, "resnet18");

  gtk_widget_activate_action (GTK_WIDGET (gui->window), "win.welcome", NULL);
  gui_press (gui_button (page, "Compare the Two"));
  gui_assert_soon (g_str_equal (lw_main_window_shown_page (gui->window), "compare"));
  {
    LwComparePage *compare = LW_COMPARE_PAGE (lw_main_window_page (gui->window, "compare"));
    LwCompareSet *set = lw_compare_page_set (compare);

    g_assert_cmpint (lw_compare_set_n (set), ==, 2);
    g_assert_cmpstr (lw_options_model (lw_compare_set_options (set, 1))->name, ==, "nin");
  }

  gtk_widget_activate_action (GTK_WIDGET (gui->window), "win.welcome", NULL);
  gui_press (gui_button (page, "Train LeNet + BN"));
  gui_assert_soon (lw_workbench_live_run (gui->workbench) != NULL);
  g_assert_cmpstr (lw_main_window_shown_page (gui->window), ==, "train");
  g_assert_cmpstr (lw_workbench_model (gui->workbench)->name, ==, "lenet-bn");
  gui_assert_soon (lw_run_item_progress (lw_workbench_run (gui->workbench)).step > 0);
  lw_trainer_stop (lw_run_item_trainer (lw_workbench_live_run (gui->workbench)));
  gui_assert_soon (lw_workbench_live_run (gui->workbench) == NULL);
}

/* --- preferences -------------------------------------------------------------------------------
 */

static void
choices (Gui *gui)
{
  AdwStyleManager *style = adw_style_manager_get_default ();
  LwPreferences *preferences = preferences_of (gui);
  GtkWidget *window =
      lw_preferences_window_new (GTK_WINDOW (gui->window), preferences, gui->workbench);
  GtkWidget *spin;

  gtk_window_present (GTK_WINDOW (window));
  gui_assert_soon (gtk_widget_get_mapped (window));
  lw_preferences_set_text (preferences, LW_PREFERENCE_THEME, "dark");
  g_assert_true (adw_style_manager_get_dark (style));
  lw_preferences_set_text (preferences, LW_PREFERENCE_THEME, "mauve"); /* there is none */
  g_assert_cmpstr (lw_preferences_text (preferences, LW_PREFERENCE_THEME), ==, "dark");
  lw_preferences_set_text (preferences, LW_PREFERENCE_THEME, "system");
  g_assert_false (adw_style_manager_get_dark (style));

  spin = gui_find (window, GTK_TYPE_SPIN_BUTTON);
  g_assert_nonnull (spin);
  if (lw_processors () > 1) {
    gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), 1);
    g_assert_cmpint (lw_workbench_settings (gui->workbench)->threads, ==, lw_processors () - 1);
    /* also another network's, and the recipes' */
    lw_workbench_select_model (gui->workbench, lw_model_find ("alexnet", NULL));
    g_assert_cmpint (lw_workbench_settings (gui->workbench)->threads, ==, lw_processors () - 1);
    lw_workbench_use_quick (gui->workbench);
    g_assert_cmpint (lw_workbench_settings (gui->workbench)->threads, ==, lw_processors () - 1);
    gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), 0);
    g_assert_cmpint (lw_workbench_settings (gui->workbench)->threads, ==, 0);
  }
  lw_preferences_set_text (preferences, LW_PREFERENCE_DEVICE, "reference");
  g_assert_cmpstr (lw_workbench_settings (gui->workbench)->device, ==, "reference");
  gtk_window_destroy (GTK_WINDOW (window));
}

/* A file by somebody else, or from a disk that failed. */
static void
hostile (void)
{
  g_autofree char *path = g_build_filename (g_get_user_config_dir (), "hostile.ini", NULL);
  static const char *const texts[] = {
    "",
    "[",
    "\x00\xff\xfe",
    "[window]\nwidth=99999999999\nheight=-4\npage=nowhere\nsidebar=yes\n",
    "[window\nwidth=900\n",
    "[preferences]\ntheme=\xff\xff\ncores-free=1e9\n"
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (LwPreferences) preferences = NULL;

    g_assert_true (g_file_set_contents (path, texts[i], -1, NULL));
    preferences = lw_preferences_new (path);
    g_assert_cmpint (lw_preferences_number (preferences, LW_PREFERENCE_WIDTH), ==, 1280);
    g_assert_cmpint (lw_preferences_number (preferences, LW_PREFERENCE_HEIGHT), ==, 800);
    g_assert_cmpint (lw_preferences_number (preferences, LW_PREFERENCE_SIDEBAR), ==, 1);
    g_assert_cmpint (lw_preferences_number (preferences, LW_PREFERENCE_CORES_FREE), ==, 0);
    g_assert_cmpstr (lw_preferences_text (preferences, LW_PREFERENCE_PAGE), ==, "explore");
    g_assert_cmpstr (lw_preferences_text (preferences, LW_PREFERENCE_THEME), ==, "system");
  }
}

/* --- how it was left ---------------------------------------------------------------------------
 */

static bool
is_written (const char *group, const char *name, const char *value)
{
  g_autofree char *path = lw_preferences_path ();
  g_autofree char *found = NULL;
  g_autoptr (GKeyFile) file = g_key_file_new ();

  if (g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
    found = g_key_file_get_string (file, group, name, NULL);
  return g_strcmp0 (found, value) == 0;
}

static void
leave (Gui *gui)
{
  GtkWidget *diagram;

  gui_resize (gui, 1100, 720);
  lw_workbench_select_model (gui->workbench, lw_model_find ("googlenet", NULL));
  gui_shortcut (gui, "<Control>1");
  gui_assert_soon ((diagram = gui_find (GTK_WIDGET (gui->window), LW_TYPE_ZOOMABLE)) != NULL);
  gui_assert_soon (gtk_widget_get_width (diagram) > 0);
  gui_wait (0.2);
  lw_zoomable_zoom_to (LW_ZOOMABLE (diagram), 1.5);
  gui_wait (0.3);
  gui_shortcut (gui, "F9");
  gui_shortcut (gui, "<Control>3");
  gui_assert_soon (g_str_equal (lw_main_window_shown_page (gui->window), "inspect"));
  /* without being closed: it may be ended from outside */
  gui_assert_soon (is_written ("window", "page", "inspect") &&
                   is_written ("window", "model", "googlenet") &&
                   is_written ("window", "sidebar", "0") && is_written ("explore", "zoom", "150"));
}

static void
find (Gui *gui)
{
  GtkWidget *diagram;

  g_assert_cmpstr (lw_workbench_model (gui->workbench)->name, ==, "googlenet");
  gui_assert_soon (g_str_equal (lw_main_window_shown_page (gui->window), "inspect"));
  gui_assert_soon (ABS (gtk_widget_get_width (GTK_WIDGET (gui->window)) - 1100) <= 16);
  g_assert_false (lw_main_window_wants_sidebar (gui->window));
  gui_shortcut (gui, "<Control>1");
  gui_assert_soon ((diagram = gui_find (GTK_WIDGET (gui->window), LW_TYPE_ZOOMABLE)) != NULL);
  gui_assert_soon (ABS (lw_zoomable_zoom (LW_ZOOMABLE (diagram)) - 1.5) < 0.02);
  gui_shortcut (gui, "F9");
}

static void
left_and_found (void)
{
  gui_run (leave, NULL);
  gui_run (find, NULL);
}

static void
expect_welcome (Gui *gui)
{
  gui_assert_soon (g_str_equal (lw_main_window_shown_page (gui->window), "welcome"));
  gui_shortcut (gui, "<Control>2");
  gui_assert_soon (g_str_equal (lw_main_window_shown_page (gui->window), "train"));
}

static void
expect_train (Gui *gui)
{
  gui_assert_soon (g_str_equal (lw_main_window_shown_page (gui->window), "train"));
}

static void
first_start (void)
{
  g_autofree char *path = lw_preferences_path ();

  gui_remove (path);
  gui_run (expect_welcome, NULL);
  gui_run (expect_train, NULL); /* not again */
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/preferences/first-start", NULL, first_start },
    { "/preferences/welcome", welcome, NULL },
    { "/preferences/choices", choices, NULL },
    { "/preferences/hostile", NULL, hostile },
    { "/preferences/left-and-found", NULL, left_and_found },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
