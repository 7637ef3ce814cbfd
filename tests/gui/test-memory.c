/* Memory: opened from the toolbar; what the batch, the optimizer and the device change; bars by
 * pointer and keys; the picture as a file. */
#include "engine/analysis.h"
#include "tests/gui/harness.h"
#include "ui/explore-page.h"
#include "ui/memory-controls.h"
#include "ui/memory-view.h"

#include <string.h>

typedef struct {
  GtkWidget *page, *view, *arena;
} Memory;

static Memory
open_memory (Gui *gui, const char *model)
{
  Memory m = { 0 };

  lw_workbench_select_model (gui->workbench, lw_model_find (model, NULL));
  m.page = gui_find (GTK_WIDGET (gui->window), LW_TYPE_EXPLORE_PAGE);
  gui_press (gui_button (m.page, "Memory"));
  gui_assert_soon (gui_find (m.page, LW_TYPE_MEMORY_VIEW) != NULL);
  m.view = gui_find (m.page, LW_TYPE_MEMORY_VIEW);
  m.arena = gui_find (m.view, LW_TYPE_MEMORY_ARENA);
  gui_assert_soon (lw_memory_arena_picture (LW_MEMORY_ARENA (m.arena)) != NULL);
  gui_assert_soon (gui_label (m.view, "≥ ") != NULL || gui_label (m.view, "–") == NULL);
  return m;
}

/* What the analysis says of a network here: the reference backend's plan. */
static char *
total_text (Gui *gui, int32_t batch, int32_t slots)
{
  const LwMemoryDevice device = { .backend = gui_backends[0], .optimizer_slots = slots };
  g_autoptr (LwMemoryUse) use =
      lw_memory_use_new (lw_workbench_graph (gui->workbench), &device, batch, NULL);

  return lw_format_bytes (use->pass[LW_MODE_TRAINING].total);
}

static void
assert_total (Gui *gui, const Memory *m, int32_t batch, int32_t slots)
{
  g_autofree char *total = total_text (gui, batch, slots);

  gui_assert_soon (gui_label (m->view, total) != NULL);
}

static GtkWidget *
scale_of (const Memory *m)
{
  return gui_find (m->view, GTK_TYPE_SCALE);
}

static void
batches (Gui *gui)
{
  const Memory m = open_memory (gui, "lenet");
  GtkWidget *spin = gui_find (m.view, GTK_TYPE_SPIN_BUTTON);
  const guint before = gui_picture (m.arena);

  assert_total (gui, &m, lw_workbench_settings (gui->workbench)->batch, 0);
  gui_type_number (spin, "1024");
  assert_total (gui, &m, 1024, 0);
  g_assert_cmpfloat_with_epsilon (gtk_range_get_value (GTK_RANGE (scale_of (&m))), 10, 0.01);
  g_assert_cmpuint (gui_picture (m.arena), !=, before);
  gtk_range_set_value (GTK_RANGE (scale_of (&m)), 3);
  assert_total (gui, &m, 8, 0);
  g_assert_cmpint (gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (spin)), ==, 8);

  /* Another network begins with its own settings; the draft was not touched. */
  lw_workbench_select_model (gui->workbench, lw_model_find ("lenet-bn", NULL));
  assert_total (gui, &m, lw_workbench_settings (gui->workbench)->batch, 0);
  g_assert_cmpint (lw_workbench_settings (gui->workbench)->batch, !=, 8);
  /* What the Train page sets is followed. */
  g_assert_true (lw_workbench_set (gui->workbench, "batch", "32", NULL));
  g_assert_true (lw_workbench_set (gui->workbench, "optimizer", "adam", NULL));
  assert_total (gui, &m, 32, 2);
}

static void
optimizers (Gui *gui)
{
  const Memory m = open_memory (gui, "lenet");
  GtkWidget *controls = gui_find (m.page, LW_TYPE_MEMORY_CONTROLS);
  GtkWidget *device = gui_find (controls, GTK_TYPE_DROP_DOWN), *optimizer = device;
  const int32_t batch = lw_workbench_settings (gui->workbench)->batch;

  while ((optimizer = gtk_widget_get_next_sibling (optimizer)) != NULL)
    if (GTK_IS_DROP_DOWN (optimizer))
      break;
  g_assert_nonnull (optimizer);
  g_assert_nonnull (gui_label (m.view, "Optimizer (SGD)"));
  gtk_drop_down_set_selected (GTK_DROP_DOWN (optimizer), 2);
  assert_total (gui, &m, batch, 2);
  gui_assert_soon (gui_label (m.view, "Adam’s moments") != NULL);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (optimizer), 1);
  assert_total (gui, &m, batch, 1);
}

static void
too_large (Gui *gui)
{
  const Memory m = open_memory (gui, "vgg11");

  g_assert_null (gui_label (m.view, "! "));
  gui_type_number (gui_find (m.view, GTK_TYPE_SPIN_BUTTON), "65536");
  gui_assert_soon (gui_label (m.view, "! ") != NULL);
  g_assert_nonnull (strstr (gui_label (m.view, "! "), "65,536 needs "));
  g_assert_nonnull (strstr (gui_label (m.view, "! "), " are free"));
  gui_type_number (gui_find (m.view, GTK_TYPE_SPIN_BUTTON), "1");
  gui_assert_soon (gui_label (m.view, "! ") == NULL);
}

static void
key (const Memory *m, guint value)
{
  gboolean handled = FALSE;

  gtk_widget_grab_focus (m->arena);
  g_signal_emit_by_name (gui_controller (m->arena, GTK_TYPE_EVENT_CONTROLLER_KEY), "key-pressed",
                         value, 0, 0, &handled);
  g_assert_true (handled);
  gui_iterate ();
}

static void
click (const Memory *m, double x, double y)
{
  g_signal_emit_by_name (gui_controller (m->arena, GTK_TYPE_GESTURE_CLICK), "released", 1, x, y);
  gui_iterate ();
}

static const char *
description (const Memory *m)
{
  return lw_memory_arena_description (LW_MEMORY_ARENA (m->arena));
}

static void
walking (Gui *gui)
{
  const Memory m = open_memory (gui, "lenet");
  LwGraph *graph = lw_workbench_graph (gui->workbench);
  const LwMemoryPicture *picture = lw_memory_arena_picture (LW_MEMORY_ARENA (m.arena));
  const LwNodeId conv2 = lw_graph_find_node (graph, "3");
  int32_t seen = 0;

  g_assert_null (description (&m));
  key (&m, GDK_KEY_Home);
  g_assert_true (g_str_has_prefix (description (&m), "Parameters, "));
  g_assert_cmpint (lw_workbench_layer (gui->workbench), ==, LW_NO_NODE);
  for (int32_t i = 1; i < lw_memory_picture_n_bars (picture); i++) {
    key (&m, GDK_KEY_Right);
    seen += g_str_has_prefix (description (&m), "conv 2 output, ") &&
            lw_workbench_layer (gui->workbench) == conv2;
  }
  g_assert_cmpint (seen, ==, 2); /* in training and in inference */

  /* Selected elsewhere, the keyboard goes on from there. */
  lw_workbench_select_layer (gui->workbench, conv2);
  g_assert_true (g_str_has_prefix (description (&m), "conv 2 output, "));
  key (&m, GDK_KEY_Right);
  g_assert_false (g_str_has_prefix (description (&m), "conv 2 output, "));
  key (&m, GDK_KEY_Escape);
  g_assert_null (description (&m));
  g_assert_cmpint (lw_workbench_layer (gui->workbench), ==, LW_NO_NODE);
}

static void
clicks (Gui *gui)
{
  const Memory m = open_memory (gui, "alexnet");
  const LwMemoryPicture *picture = lw_memory_arena_picture (LW_MEMORY_ARENA (m.arena));
  const LwNodeId conv2 = lw_graph_find_node (lw_workbench_graph (gui->workbench), "3");
  const cairo_rectangle_t r =
      lw_memory_picture_bar (picture, lw_memory_picture_find (picture, conv2))->place;
  const guint before = gui_picture (m.arena);

  click (&m, r.x + r.width / 2, r.y + r.height / 2);
  g_assert_cmpint (lw_workbench_layer (gui->workbench), ==, conv2);
  g_assert_true (g_str_has_prefix (description (&m), "conv 2 output, 84.5 MiB, steps 3 to "));
  g_assert_cmpuint (gui_picture (m.arena), !=, before);
  click (&m, 2, 2);
  g_assert_cmpint (lw_workbench_layer (gui->workbench), ==, LW_NO_NODE);
}

/* From the least size on nothing is cut off at the right. */
static void
sizes (Gui *gui)
{
  static const int sizes[][2] = { { 800, 600 }, { 1020, 640 }, { 1280, 800 } };
  const Memory m = open_memory (gui, "densenet");
  GtkWidget *frame = gui_find (GTK_WIDGET (gui->window), GTK_TYPE_SCROLLED_WINDOW);
  GtkAdjustment *across = gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (frame));
  GtkWidget *optimizer = gtk_widget_get_last_child (
      gtk_widget_get_first_child (gui_find (m.page, LW_TYPE_MEMORY_CONTROLS)));

  gtk_drop_down_set_selected (GTK_DROP_DOWN (optimizer), 1); /* its longest word */
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    const LwMemoryPicture *picture;

    gui_resize (gui, sizes[i][0], sizes[i][1]);
    gui_wait (0.1);
    gui_assert_soon (gtk_adjustment_get_upper (across) <= gtk_adjustment_get_page_size (across));
    picture = lw_memory_arena_picture (LW_MEMORY_ARENA (m.arena));
    g_assert_cmpfloat (lw_memory_picture_plot (picture, LW_MODE_TRAINING).width, >, 240);
    g_assert_cmpfloat (lw_memory_picture_plot (picture, LW_MODE_TRAINING).height, >, 100);
  }
}

static void
files (Gui *gui)
{
  const Memory m = open_memory (gui, "alexnet");
  g_autofree char *path = gui_scratch ("memory.svg"), *text = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (lw_explore_page_export (LW_EXPLORE_PAGE (m.page), path, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, ">Parameters 178 MiB<"));
  g_assert_nonnull (strstr (text, ">AlexNet, batch of 128<"));
  g_assert_false (lw_memory_view_export (LW_MEMORY_VIEW (m.view), "/tmp/memory.bmp", &error));
  g_assert_error (error, LW_ERROR, LW_ERROR_INVALID);
  /* Back at the diagram, that is what is written. */
  gui_press (gui_button (m.page, "Blocks"));
  g_clear_error (&error);
  g_clear_pointer (&text, g_free);
  g_assert_true (lw_explore_page_export (LW_EXPLORE_PAGE (m.page), path, &error));
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_null (strstr (text, ">Parameters 178 MiB<"));
}

/* The page that is hidden, or was never shown, has the picture of what is selected. */
static void
assert_parameters (GtkWidget *view, const char *words)
{
  g_autofree char *path = gui_scratch ("hidden.svg"), *text = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (lw_memory_view_export (LW_MEMORY_VIEW (view), path, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, words));
}

static void
hidden_files (Gui *gui)
{
  GtkWidget *page = gui_find (GTK_WIDGET (gui->window), LW_TYPE_EXPLORE_PAGE);
  GtkWidget *fresh = g_object_ref_sink (lw_memory_view_new (gui->workbench));
  Memory m;

  lw_workbench_select_model (gui->workbench, lw_model_find ("vgg11", NULL));
  assert_parameters (fresh, ">Parameters 491 MiB<");
  g_object_unref (fresh);
  m = open_memory (gui, "alexnet");
  gui_press (gui_button (page, "Blocks"));
  lw_workbench_select_model (gui->workbench, lw_model_find ("vgg11", NULL));
  assert_parameters (m.view, ">Parameters 491 MiB<");
}

static void
count (int *n)
{
  ++*n;
}

/* Where nobody looks, nothing is calculated. */
static void
idle (Gui *gui)
{
  g_autoptr (LwMemoryPlanner) planner = lw_memory_planner_new (gui->workbench);
  int plans = 0, limits = 0;

  g_signal_connect_swapped (planner, "planned", G_CALLBACK (count), &plans);
  g_signal_connect_swapped (planner, "limits", G_CALLBACK (count), &limits);
  lw_workbench_select_model (gui->workbench, lw_model_find ("nin", NULL));
  gui_wait (0.1);
  g_assert_cmpint (plans + limits, ==, 0);
  lw_memory_planner_set_active (planner, true);
  gui_assert_soon (plans > 0 && limits > 0);
  lw_memory_planner_set_active (planner, false);
  plans = limits = 0;
  g_assert_true (lw_workbench_set (gui->workbench, "batch", "32", NULL));
  lw_workbench_select_model (gui->workbench, lw_model_find ("lenet", NULL));
  gui_wait (0.1);
  g_assert_cmpint (plans + limits, ==, 0);
  lw_memory_planner_plan_now (planner);
  lw_memory_planner_plan_now (planner);
  g_assert_cmpint (plans, ==, 1);
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/memory/batches", batches, NULL },     { "/memory/optimizers", optimizers, NULL },
    { "/memory/too-large", too_large, NULL }, { "/memory/walking", walking, NULL },
    { "/memory/clicks", clicks, NULL },       { "/memory/sizes", sizes, NULL },
    { "/memory/files", files, NULL },         { "/memory/hidden-files", hidden_files, NULL },
    { "/memory/idle", idle, NULL },           { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
