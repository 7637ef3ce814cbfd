/* The program in Chinese, as the preferences' file chooses it: what stands on each page, a sentence
 * of the engine, and that no page is cut where it is narrow. */
#include "engine/models.h"
#include "tests/gui/harness.h"
#include "ui/language.h"

#include <libintl.h>
#include <string.h>

static const struct {
  const char *keys, *labels[4];
} pages[] = {
  { "<Control>1", { "架构", "参数" } },
  { "<Control>2", { "设置", "学习率", "批量大小" } },
  { "<Control>3", { "特征图" } },
  { "<Control>4", { "训练" } },
};

static bool
holds (const char *text, const char *word)
{
  return text != NULL && strstr (text, word) != NULL;
}

static bool
shows (GtkWidget *root, const char *word)
{
  if (!gtk_widget_get_mapped (root))
    return false;
  if (GTK_IS_LABEL (root) && holds (gtk_label_get_text (GTK_LABEL (root)), word))
    return true;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (shows (child, word))
      return true;
  return false;
}

/* A sentence of the interface that has no translation: several lower-case words, which no name of a
 * layer or a network has. */
static void
assert_no_english (GtkWidget *root, GRegex *english)
{
  const char *text = GTK_IS_LABEL (root) ? gtk_label_get_text (GTK_LABEL (root)) : NULL;

  if (!gtk_widget_get_mapped (root))
    return;
  if (text != NULL && g_regex_match (english, text, 0, NULL))
    g_error ("not translated: \"%s\"", text);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    assert_no_english (child, english);
}

static void
each_page (Gui *gui)
{
  g_autoptr (GRegex) english = g_regex_new ("\\b[a-z]{2,} [a-z]{2,} [a-z]{2,}\\b", 0, 0, NULL);

  gui_resize (gui, 1280, 800);
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++) {
    gui_shortcut (gui, pages[i].keys);
    for (int k = 0; pages[i].labels[k] != NULL; k++) {
      g_test_message ("%s: %s", gui_page (gui), pages[i].labels[k]);
      gui_assert_soon (shows (GTK_WIDGET (gui->window), pages[i].labels[k]));
    }
    gui_wait (0.3);
    assert_no_english (GTK_WIDGET (gui->window), english);
  }
  lw_main_window_show_page (gui->window, "welcome");
  gui_wait (0.3);
  assert_no_english (GTK_WIDGET (gui->window), english);
}

/* As narrow as the window becomes, with every page wide enough for its words. */
static void
narrow (Gui *gui)
{
  gui_resize (gui, 800, 600);
  for (guint i = 0; i <= G_N_ELEMENTS (pages); i++) {
    GtkWidget *frame = gui_find (GTK_WIDGET (gui->window), GTK_TYPE_SCROLLED_WINDOW);
    GtkAdjustment *across = gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (frame));

    if (i < G_N_ELEMENTS (pages))
      gui_shortcut (gui, pages[i].keys);
    else
      lw_main_window_show_page (gui->window, "welcome");
    gui_wait (0.2);
    g_test_message ("%s: %.0f of %.0f pixels", gui_page (gui),
                    gtk_adjustment_get_page_size (across), gtk_adjustment_get_upper (across));
    gui_assert_soon (gtk_adjustment_get_upper (across) <= gtk_adjustment_get_page_size (across));
  }
}

/* What the engine says is in the window's language, wherever it is said. */
static void
engine_errors (Gui *gui)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (lw_model_find ("no-such-network", &error));
  g_assert_true (g_str_has_prefix (error->message, "未知的模型“no-such-network”"));
  gui_shortcut (gui, "<Control>2");
  lw_workbench_use_data (gui->workbench, "/nowhere/at/all");
  gui_assert_soon (shows (GTK_WIDGET (gui->window), "没有文件夹 /nowhere/at/all"));
}

static const GuiTest tests[] = { { "/chinese/each page", each_page, NULL },
                                 { "/chinese/nothing is cut", narrow, NULL },
                                 { "/chinese/errors of the engine", engine_errors, NULL },
                                 { NULL, NULL, NULL } };

int
main (int argc, char **argv)
{
  g_autofree char *path = lw_preferences_path (), *folder = g_path_get_dirname (path);
  g_autoptr (LwPreferences) preferences = NULL;

  g_mkdir_with_parents (folder, 0700);
  if (!g_file_set_contents (path, "[preferences]\nlanguage=zh_CN\n", -1, NULL))
    return 1;
  preferences = lw_preferences_new (path);
  lw_language_use (preferences);
  bindtextdomain ("layerwise", g_getenv ("LAYERWISE_CATALOGUES"));
  bind_textdomain_codeset ("layerwise", "UTF-8");
  textdomain ("layerwise");
  return gui_main (argc, argv, tests);
}
