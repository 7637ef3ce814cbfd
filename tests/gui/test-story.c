/* The networks' stories: short in the inspector, in full in a window of their own, in the user's
 * language. */
#include "tests/gui/explore-steps.h"
#include "ui/network-story.h"
#include "ui/story-view.h"

#include <string.h>

static LwStoryView *
story_window (void)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++) {
    g_autoptr (GObject) window = g_list_model_get_item (windows, i);

    if (LW_IS_STORY_VIEW (window))
      return LW_STORY_VIEW (window);
  }
  return NULL;
}

static LwStoryView *
read_story (const Explore *e)
{
  gui_press (gui_button (e->inspector, "Read the story"));
  gui_assert_soon (story_window () != NULL && gtk_widget_get_mapped (GTK_WIDGET (story_window ())));
  return story_window ();
}

static void
close_story (LwStoryView *story)
{
  press_shortcut (GTK_WIDGET (story), "Escape");
  gui_assert_soon (story_window () == NULL);
}

static void
in_full (Gui *gui)
{
  const Explore e = explore (gui, "alexnet");
  LwStoryView *story = read_story (&e);
  const char *lesson = lw_layer_inspector_lesson (LW_LAYER_INSPECTOR (e.inspector));

  g_assert_cmpstr (lw_story_view_title (story), ==, "AlexNet");
  g_assert_nonnull (gui_label (story, "The idea"));
  g_assert_nonnull (gui_label (story, "Try it"));
  g_assert_nonnull (gui_label (story, "Sources"));
  g_assert_nonnull (gui_label (story, "3"));
  /* The same first paragraph, its numbers put in. */
  g_assert_cmpstr (gui_label (story, "AlexNet is LeNet's plan"), ==, lesson);
  g_assert_nonnull (strstr (lesson, "95\u00a0% of the work")); /* 1 − 43.0 M ÷ 938 M */
  /* Text can be selected; nothing is at first. */
  {
    GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (story));

    g_assert_true (GTK_IS_SCROLLED_WINDOW (focus));
  }
  close_story (story);

  /* A layer has no story of its own. */
  lw_workbench_select_layer (gui->workbench, 1);
  g_assert_null (gui_button (e.inspector, "Read the story"));
}

static void
scrolling (Gui *gui)
{
  const Explore e = explore (gui, "resnet18");
  LwStoryView *story = read_story (&e);
  GtkWidget *scroller = gui_find (GTK_WIDGET (story), GTK_TYPE_SCROLLED_WINDOW);
  GtkAdjustment *place = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller));

  gui_assert_soon (gtk_adjustment_get_upper (place) > gtk_adjustment_get_page_size (place));
  press_shortcut (scroller, "Down");
  g_assert_cmpfloat (gtk_adjustment_get_value (place), >, 0);
  press_shortcut (scroller, "End");
  g_assert_cmpfloat (gtk_adjustment_get_value (place), ==,
                     gtk_adjustment_get_upper (place) - gtk_adjustment_get_page_size (place));
  press_shortcut (scroller, "Home");
  g_assert_cmpfloat (gtk_adjustment_get_value (place), ==, 0);
  close_story (story);
}

/* A link leads to the network that it names, and the story goes. */
static void
links (Gui *gui)
{
  const Explore e = explore (gui, "nin");
  LwStoryView *story = read_story (&e);
  GtkWidget *label = NULL;
  gboolean done;

  for (GtkWidget *part = gtk_widget_get_first_child (gui_find (GTK_WIDGET (story), ADW_TYPE_CLAMP));
       part != NULL; part = gtk_widget_get_first_child (part))
    if (GTK_IS_LABEL (part))
      label = part;
  g_assert_nonnull (label);
  g_signal_emit_by_name (label, "activate-link", "https://example.org", &done);
  g_assert_true (done); /* and nothing happens */
  g_assert_true (story_window () == story);
  g_signal_emit_by_name (label, "activate-link", "model:alexnet", &done);
  gui_assert_soon (story_window () == NULL);
  g_assert_cmpstr (lw_workbench_model (gui->workbench)->name, ==, "alexnet");
}

static void
in_chinese (Gui *gui)
{
  Explore e;
  LwStoryView *story;

  g_setenv ("LANGUAGE", "zh_CN", TRUE);
  e = explore (gui, "densenet");
  story = read_story (&e);
  g_assert_cmpstr (lw_story_view_title (story), ==, "DenseNet");
  g_assert_nonnull (gui_label (story, "核心思想"));
  g_assert_nonnull (
      strstr (lw_layer_inspector_lesson (LW_LAYER_INSPECTOR (e.inspector)), "稠密块"));
  close_story (story);
  g_setenv ("LANGUAGE", "de", TRUE); /* which there is none for */
  e = explore (gui, "lenet");
  story = read_story (&e);
  g_assert_nonnull (gui_label (story, "The idea"));
  close_story (story);
  g_unsetenv ("LANGUAGE");
}

/* Every network's lesson is in the program. */
static void
resources (Gui *gui)
{
  (void)gui;
  for (int i = 0; i < lw_n_models (); i++) {
    g_autoptr (LwLesson) lesson = lw_network_lesson (lw_model (i), NULL);

    g_assert_nonnull (lesson);
    g_assert_nonnull (lw_lesson_lead (lesson, "result"));
  }
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/story/in-full", in_full, NULL },     { "/story/scrolling", scrolling, NULL },
    { "/story/links", links, NULL },         { "/story/in-chinese", in_chinese, NULL },
    { "/story/resources", resources, NULL }, { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
