#include "tests/gui/harness.h"

#include "engine/queue_file.h"
#include "engine/run.h"
#include "engine/variant.h"
#include "kernels/reference/reference.h"

#include <glib/gstdio.h>
#include <string.h>

#define TURN_MS 4

static const LwBackend *const reference[] = { &lw_reference_backend, NULL };
const LwBackend *const *gui_backends = reference;
const char *const *gui_arguments;

/* --- the main loop -----------------------------------------------------------------------------
 */

static gboolean
beat (gpointer data)
{
  (void)data;
  return G_SOURCE_CONTINUE;
}

void
gui_iterate (void)
{
  static guint heartbeat;

  if (heartbeat == 0) /* of the lowest rank: it must not keep frames from being painted */
    heartbeat = g_timeout_add_full (G_PRIORITY_LOW, TURN_MS, beat, NULL, NULL);
  g_main_context_iteration (NULL, TRUE);
}

void
gui_wait (double seconds)
{
  const gint64 end = g_get_monotonic_time () + (gint64)(seconds * G_USEC_PER_SEC);

  while (g_get_monotonic_time () < end)
    gui_iterate ();
}

/* --- the program -------------------------------------------------------------------------------
 */

typedef struct {
  Gui gui;
  GuiBody body;
} Session;

static void
note_gone (gpointer data, GObject *where)
{
  (void)where;
  *(bool *)data = true;
}

static gboolean
run_body (gpointer data)
{
  Session *session = data;
  Gui *gui = &session->gui;
  bool gone = false;

  gui->window =
      LW_MAIN_WINDOW (gtk_application_get_active_window (GTK_APPLICATION (gui->application)));
  gui->workbench = lw_main_window_workbench (gui->window);
  g_object_weak_ref (G_OBJECT (gui->window), note_gone, &gone);
  lw_workbench_use_data (gui->workbench, "shapes");
  gui_assert_soon (lw_workbench_dataset (gui->workbench) != NULL &&
                   gtk_widget_get_mapped (GTK_WIDGET (gui->window)));
  session->body (gui);
  if (!gone)
    gtk_window_close (GTK_WINDOW (gui->window));
  gui_assert_soon (gone);
  return G_SOURCE_REMOVE;
}

static void
activated (GApplication *application, gpointer data)
{
  (void)application;
  g_idle_add (run_body, data);
}

void
gui_run (GuiBody body, gpointer data)
{
  Session session = { .gui = { .application = lw_application_new (gui_backends), .data = data },
                      .body = body };

  g_signal_connect_after (session.gui.application, "activate", G_CALLBACK (activated), &session);
  g_assert_cmpint (
      g_application_run (G_APPLICATION (session.gui.application),
                         gui_arguments != NULL ? (int)g_strv_length ((char **)gui_arguments) : 0,
                         (char **)gui_arguments),
      ==, 0);
  g_assert_finalize_object (session.gui.application);
}

void
gui_remove (const char *path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *inner = g_build_filename (path, name, NULL);

    gui_remove (inner);
  }
  g_clear_pointer (&dir, g_dir_close);
  g_remove (path);
}

static void
forget_everything (void)
{
  g_autofree char *runs = lw_runs_folder (), *variants = lw_variants_folder ();
  g_autofree char *preferences = lw_preferences_path ();
  g_autofree char *folder = g_path_get_dirname (preferences);
  g_autofree char *queue = lw_queue_path ();

  gui_remove (queue);
  gui_remove (runs);
  gui_remove (variants);
  g_mkdir_with_parents (folder, 0700);
  g_file_set_contents (preferences, "[window]\nwelcomed=1\n", -1, NULL);
}

static void
run_test (gconstpointer data)
{
  const GuiTest *test = data;

  forget_everything ();
  if (test->whole != NULL)
    test->whole ();
  else
    gui_run (test->body, NULL);
}

int
gui_main (int argc, char **argv, const GuiTest *tests)
{
  g_test_init (&argc, &argv, NULL);
  for (; tests->path != NULL; tests++)
    g_test_add_data_func (tests->path, tests, run_test);
  return g_test_run ();
}

char *
gui_scratch (const char *name)
{
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "scratch", NULL);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  return g_build_filename (folder, name, NULL);
}

/* --- doing -------------------------------------------------------------------------------------
 */

static void
note_click (GtkButton *button, bool *clicked)
{
  (void)button;
  *clicked = true;
}

/* A button stays down for a quarter second before it is clicked, on a busy machine for longer. */
void
gui_press (GtkWidget *widget)
{
  bool clicked = !GTK_IS_BUTTON (widget);

  g_assert_nonnull (widget);
  g_assert_true (gtk_widget_get_mapped (widget));
  g_assert_true (gtk_widget_is_sensitive (widget));
  g_object_ref (widget);
  if (!clicked)
    g_signal_connect_after (widget, "clicked", G_CALLBACK (note_click), &clicked);
  g_assert_true (gtk_widget_activate (widget));
  gui_assert_soon (clicked || !gtk_widget_get_mapped (widget)); /* it may go with its click */
  g_signal_handlers_disconnect_by_data (widget, &clicked);
  g_object_unref (widget);
  gui_wait (0.05);
}

void
gui_shortcut (Gui *gui, const char *keys)
{
  g_auto (GStrv) actions =
      gtk_application_get_actions_for_accel (GTK_APPLICATION (gui->application), keys);
  g_autofree char *name = NULL;
  g_autoptr (GVariant) target = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_strv_length (actions), ==, 1);
  g_action_parse_detailed_name (actions[0], &name, &target, &error);
  g_assert_no_error (error);
  g_assert_true (gtk_widget_activate_action_variant (GTK_WIDGET (gui->window), name, target));
  gui_wait (0.02);
}

const char *
gui_page (Gui *gui)
{
  static const char *const names[] = { "explore", "train", "inspect", "compare" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (gtk_widget_get_child_visible (lw_main_window_page (gui->window, names[i])))
      return names[i];
  return NULL;
}

guint
gui_picture (GtkWidget *widget)
{
  const int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  GtkSnapshot *snapshot;
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  g_autofree guchar *pixels = g_malloc0 ((gsize)width * (gsize)height * 4);
  guint sum = 2166136261u;

  /* A widget that waits for its place has no picture. */
  for (int i = 0; i < 25 && node == NULL; i++) {
    g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);

    if (i > 0)
      gui_wait (0.02);
    snapshot = gtk_snapshot_new ();
    gdk_paintable_snapshot (paintable, snapshot, width, height);
    node = gtk_snapshot_free_to_node (snapshot);
  }
  if (node == NULL) /* it is not shown */
    return 0;
  texture =
      gsk_renderer_render_texture (gtk_native_get_renderer (gtk_widget_get_native (widget)), node,
                                   &GRAPHENE_RECT_INIT (0, 0, (float)width, (float)height));
  gdk_texture_download (texture, pixels, (gsize)width * 4);
  for (gsize i = 0; i < (gsize)width * (gsize)height * 4; i++)
    sum = (sum ^ pixels[i]) * 16777619u; /* FNV-1a */
  return sum;
}

void
gui_resize (Gui *gui, int width, int height)
{
  GtkWidget *window = GTK_WIDGET (gui->window);

  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  /* Without a compositor the window's edge takes a few pixels. */
  gui_assert_soon (ABS (gtk_widget_get_width (window) - width) <= 16 &&
                   ABS (gtk_widget_get_height (window) - height) <= 16);
  gui_wait (0.3); /* folding takes a moment */
}

/* --- runs --------------------------------------------------------------------------------------
 */

void
gui_choose_small_run (Gui *gui, int images, int epochs)
{
  g_autofree char *n = g_strdup_printf ("%d", images);
  g_autofree char *passes = g_strdup_printf ("%d", epochs);
  const char *const fields[][2] = { { "limit-train", n },
                                    { "limit-test", "64" },
                                    { "batch", "32" },
                                    { "epochs", passes },
                                    { "learning-rate", "0.5" } };

  lw_workbench_select_model (gui->workbench, lw_model_find ("lenet-bn", NULL));
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++) {
    g_autoptr (GError) error = NULL;

    lw_workbench_set (gui->workbench, fields[i][0], fields[i][1], &error);
    g_assert_no_error (error);
  }
  gui_assert_soon (lw_workbench_dataset (gui->workbench) != NULL);
}

LwRunItem *
gui_live (Gui *gui)
{
  return lw_workbench_live_run (gui->workbench);
}

LwRunItem *
gui_start_long (Gui *gui)
{
  LwRunItem *run;

  gui_choose_small_run (gui, 640, 10000);
  gui_shortcut (gui, "<Control>2");
  gui_press (gui_button (gui->window, "Train"));
  gui_assert_soon ((run = gui_live (gui)) != NULL);
  gui_assert_soon (gui_steps (run) > 3);
  return run;
}

int64_t
gui_steps (LwRunItem *run)
{
  return lw_run_item_progress (run).step;
}

void
gui_unfold_settings (Gui *gui)
{
  GtkWidget *panel = gtk_widget_get_ancestor (gui_setting (gui, "epochs"), GTK_TYPE_VIEWPORT);

  gtk_expander_set_expanded (GTK_EXPANDER (gui_find (panel, GTK_TYPE_EXPANDER)), TRUE);
}

void
gui_type_number (GtkWidget *spin, const char *text)
{
  g_assert_true (gtk_widget_is_sensitive (spin));
  gtk_editable_set_text (GTK_EDITABLE (spin), text);
  gtk_spin_button_update (GTK_SPIN_BUTTON (spin));
}

int
gui_own_threads (void)
{
  GDir *dir = g_dir_open ("/proc/self/task", 0, NULL);
  g_autofree char *own = NULL;
  const char *id;
  int n = 0;

  /* Threads that the program makes inherit its name; libraries name theirs. */
  g_assert_true (g_file_get_contents ("/proc/self/comm", &own, NULL, NULL));
  while (dir != NULL && (id = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename ("/proc/self/task", id, "comm", NULL);
    g_autofree char *name = NULL;

    if (g_file_get_contents (path, &name, NULL, NULL) && g_str_equal (name, own))
      n++;
  }
  g_clear_pointer (&dir, g_dir_close);
  return n - 1; /* the main thread */
}
