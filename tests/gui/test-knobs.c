/* Knobs: every control turns what it says, everything follows, and what cannot work says why and
 * how it could. Through the window's own widgets. */
#include "engine/analysis.h"
#include "tests/gui/knob-steps.h"
#include "ui/change-view.h"
#include "ui/obstacle-callout.h"

#include <math.h>
#include <string.h>
#include <time.h>

static int64_t
parameters (const Knobs *k)
{
  return lw_graph_cost (graph_of (&k->e)).parameters;
}

/* --- every kind of control ---------------------------------------------------------------------
 */

/* The machine has something else to do, for longer than a button stays down. */
static void
stall (gpointer data)
{
  (void)data;
  g_usleep (350 * 1000);
}

static void
controls (Gui *gui)
{
  Knobs k = knobs (gui, "alexnet");
  const int64_t book = parameters (&k);

  gtk_range_set_value (GTK_RANGE (control_of (&k, "width", GTK_TYPE_SCALE)), 0.5);
  assert_knob (&k, "width", "0.5");
  g_assert_cmpint (parameters (&k), <, book / 3);
  g_assert_nonnull (gui_label (row_of (&k, "width"), "book: 1"));
  g_assert_nonnull (gui_label (row_of (&k, "width"), "× 0.5"));
  gui_press (gui_button (k.panel, "tanh"));
  assert_knob (&k, "activation", "tanh");
  gui_press (gui_button (k.panel, "batch"));
  assert_knob (&k, "normalization", "batch");
  gui_press (gui_button (k.panel, "average"));
  assert_knob (&k, "pooling", "average");
  type_number (&k, "dropout", "0.25");
  assert_knob (&k, "dropout", "0.25");
  type_number (&k, "in_a_row", "4");
  assert_knob (&k, "in_a_row", "4");
  g_assert_nonnull (gui_label (
      k.panel, "layerwise train alexnet --set width=0.5 --set in_a_row=4 --set activation=tanh "
               "--set normalization=batch --set pooling=average --set dropout=0.25"));
  g_assert_nonnull (gui_label (k.panel, "Not in AlexNet: "));
  gui_press (gui_button (row_of (&k, "width"), "Reset"));
  assert_knob (&k, "width", "1");
  assert_knob (&k, "activation", "tanh"); /* the others stay */
  g_timeout_add_once (1, stall, NULL);
  gui_press (gui_button (k.panel, "Book"));
  g_assert_cmpint (parameters (&k), ==, book);
  assert_knob (&k, "activation", "relu");

  k = knobs (gui, "resnet18");
  gtk_switch_set_active (GTK_SWITCH (control_of (&k, "shortcut", GTK_TYPE_SWITCH)), FALSE);
  assert_knob (&k, "shortcut", "false");
  g_assert_cmpint (lw_graph_find_node (graph_of (&k.e), "2.0.conv3"), ==, LW_NO_NODE);
  /* Each knob of each network has a control, but for what tensors are called. */
  for (int i = 0; i < lw_n_models (); i++) {
    if (lw_model (i)->relative && !g_str_equal (lw_model (i)->name, "resnet50") &&
        !g_str_equal (lw_model (i)->name, "densenet121"))
      continue; /* like these */
    k = knobs (gui, lw_model (i)->name);
    for (const LwKnob *const *knob = lw_model (i)->knobs; *knob != NULL; knob++)
      if (!g_str_equal ((*knob)->name, "names"))
        row_of (&k, (*knob)->name);
  }
}

/* Digits are followed by themselves, after a moment, and only once they are a number in range. */
static void
typing (Gui *gui)
{
  const Knobs k = knobs (gui, "alexnet");
  GtkEditable *spin = GTK_EDITABLE (control_of (&k, "hidden", GTK_TYPE_SPIN_BUTTON));

  gtk_editable_set_text (spin, "1"); /* below the least: left alone */
  gui_wait (0.5);
  g_assert_cmpstr (gtk_editable_get_text (spin), ==, "1");
  assert_knob (&k, "hidden", "4096");
  gtk_editable_set_text (spin, "12");
  gtk_editable_set_text (spin, "128");
  gui_assert_soon (lw_options_integer (lw_workbench_knobs (gui->workbench), "hidden") == 128);
  gtk_editable_set_text (spin, "1280");
  gui_assert_soon (lw_options_integer (lw_workbench_knobs (gui->workbench), "hidden") == 1280);
  gui_press (gui_button (k.panel, "Undo")); /* one step */
  assert_knob (&k, "hidden", "4096");

  /* Undone before they were taken: they are the step, not what came before them. */
  gtk_range_set_value (GTK_RANGE (control_of (&k, "width", GTK_TYPE_SCALE)), 0.5);
  lw_workbench_settle (gui->workbench);
  gtk_editable_set_text (spin, "128");
  press_shortcut (k.panel, "<Control>z");
  assert_knob (&k, "hidden", "4096");
  assert_knob (&k, "width", "0.5");
  g_assert_cmpstr (gtk_editable_get_text (spin), ==, "4096");
  /* What else changes shows what is meant, not what was typed. */
  gtk_editable_set_text (spin, "1");
  gtk_range_set_value (GTK_RANGE (control_of (&k, "width", GTK_TYPE_SCALE)), 0.25);
  g_assert_cmpstr (gtk_editable_get_text (spin), ==, "4096");
  gtk_editable_set_text (spin, "128");
  lw_workbench_reset_knobs (gui->workbench);
  g_assert_cmpstr (gtk_editable_get_text (spin), ==, "4096");
  gui_wait (0.5);
  assert_knob (&k, "hidden", "4096");
}

/* --- following, undo, redo ---------------------------------------------------------------------
 */

static void
follow (Gui *gui)
{
  Knobs k = knobs (gui, "resnet18");
  LwNodeId conv2;
  int boxes;

  /* A folded state and a mark that are still there after the change. */
  click_on (&k.e, (LwDiagramSpot){ LW_NO_NODE, block_titled (&k.e, "Stage 3") }, 1);
  lw_workbench_select_layer (gui->workbench, node_named (&k.e, "3.0.conv2"));
  gui_wait (0.05);
  boxes = count_boxes (&k.e);
  type_number (&k, "residuals", "3");
  conv2 = node_named (&k.e, "3.0.conv2");
  assert_marked (&k.e, conv2, -1);
  g_assert_cmpint (count_boxes (&k.e), ==, boxes + 1); /* still open, and one block more in it */
  rect_of (&k.e, (LwDiagramSpot){ conv2, -1 });
  g_assert_nonnull (gui_label (gui_find (k.e.page, LW_TYPE_CHANGE_VIEW), "× "));

  /* The table, the inspector and Train see the same network. */
  gui_press (gui_button (k.e.page, "Knobs"));
  {
    g_autofree char *exact = lw_format_exact (parameters (&k));

    gui_assert_soon (gtk_widget_get_mapped (k.e.table));
    g_assert_cmpstr (gui_label (k.e.table, exact), ==, exact);
    g_assert_cmpstr (lw_layer_inspector_title (LW_LAYER_INSPECTOR (k.e.inspector)), ==, "conv2");
  }
  g_assert_cmpint (
      lw_options_integer (lw_workbench_settings (gui->workbench)->options, "residuals"), ==, 3);
  k = knobs (gui, "resnet18");

  press_shortcut (k.e.page, "<Control>z");
  assert_knob (&k, "residuals", "2");
  assert_marked (&k.e, node_named (&k.e, "3.0.conv2"), -1);
  press_shortcut (k.e.page, "<Shift><Control>z");
  assert_knob (&k, "residuals", "3");
  g_assert_false (gtk_widget_is_sensitive (gui_button (k.panel, "Redo")));
  gui_press (gui_button (k.panel, "Undo"));
  gui_press (gui_button (k.panel, "Redo"));
  assert_knob (&k, "residuals", "3");

  /* A drag is one step. */
  for (double x = 1; x > 0.25; x -= 0.0625)
    gtk_range_set_value (GTK_RANGE (control_of (&k, "width", GTK_TYPE_SCALE)), x);
  gui_press (gui_button (k.panel, "Undo"));
  assert_knob (&k, "width", "1");
  assert_knob (&k, "residuals", "3");

  /* Another network has a history of its own, and a fresh draft. */
  k = knobs (gui, "lenet");
  g_assert_false (gtk_widget_is_sensitive (gui_button (k.panel, "Undo")));
}

/* What Train's presets decide is not the network. */
static void
presets (Gui *gui)
{
  const Knobs k = knobs (gui, "alexnet");

  gtk_range_set_value (GTK_RANGE (control_of (&k, "width", GTK_TYPE_SCALE)), 0.25);
  lw_workbench_use_quick (gui->workbench);
  assert_knob (&k, "width", "0.25");
  assert_knob (&k, "input_size", "67");
  lw_workbench_use_book (gui->workbench);
  assert_knob (&k, "width", "0.25");
  assert_knob (&k, "input_size", "224");
}

/* --- what cannot work --------------------------------------------------------------------------
 */

static void
impossible (Gui *gui)
{
  const Knobs k = knobs (gui, "alexnet");
  GtkWidget *callout;
  LwGraph *last;
  cairo_rectangle_t rect;
  g_autoptr (GError) error = NULL;
  guint picture;

  gtk_range_set_value (GTK_RANGE (control_of (&k, "width", GTK_TYPE_SCALE)), 0.5);
  g_assert_true (can (gui, "save-variant"));
  gui_assert_soon (can (gui, "train"));
  last = graph_of (&k.e);
  picture = gui_picture (k.e.diagram);
  type_number (&k, "input_size", "28");

  g_assert_true (graph_of (&k.e) == last);
  assert_knob (&k, "input_size", "28");
  g_assert_nonnull (gui_label (k.panel, "! at least 65; 224 is still in use"));
  callout = gui_find (k.e.page, LW_TYPE_OBSTACLE_CALLOUT);
  g_assert_nonnull (callout);
  g_assert_nonnull (gui_label (callout, "Input 28 × 28 is too small"));
  g_assert_nonnull (gui_label (callout, "max pool 2 needs a map of at least 3 × 3, but conv 2 "
                                        "hands it 128 × 2 × 2."));
  g_assert_nonnull (gui_label (callout, "28 → 5 (conv 1) → 2 (max pool 1) → 2 (conv 2) → ?"));
  g_assert_nonnull (gui_label (k.e.page, "Dimmed: the last network that worked"));
  g_assert_nonnull (gui_label (k.e.page, "These numbers belong to the last network that worked: "
                                         "input 224 × 224, width × 0.5."));
  g_assert_true (lw_diagram_view_obstacle_rect (LW_DIAGRAM_VIEW (k.e.diagram), &rect));
  g_assert_cmpfloat (rect.y, >, 0);
  gui_assert_soon (gui_picture (k.e.diagram) != picture);
  /* Save and Train are off, and Train is not broken: its draft is the last that worked. */
  g_assert_false (can (gui, "save-variant"));
  g_assert_false (can (gui, "train"));
  g_assert_false (can (gui, "step"));
  g_assert_null (lw_workbench_train (gui->workbench, &error));
  g_assert_nonnull (strstr (error->message, "max pool 2"));
  g_assert_cmpint (lw_options_input (lw_workbench_settings (gui->workbench)->options).h, ==, 224);

  gui_press (gui_button (callout, "Use 65 × 65, the smallest"));
  assert_knob (&k, "input_size", "65");
  assert_knob (&k, "width", "0.5");
  g_assert_false (gtk_widget_get_mapped (callout));
  g_assert_true (can (gui, "train"));
  g_assert_true (can (gui, "save-variant"));
  g_assert_false (lw_diagram_view_obstacle_rect (LW_DIAGRAM_VIEW (k.e.diagram), &rect));

  press_shortcut (k.e.page, "<Control>z"); /* back to what cannot work */
  assert_knob (&k, "input_size", "28");
  gui_press (gui_button (gui_find (k.e.page, LW_TYPE_OBSTACLE_CALLOUT), "Undo"));
  assert_knob (&k, "input_size", "224");
  assert_knob (&k, "width", "0.5");
  g_assert_null (gui_label (k.panel, "! "));
}

static void
too_deep (Gui *gui)
{
  const Knobs k = knobs (gui, "vgg11-small");
  GtkWidget *callout;

  type_number (&k, "blocks", "3");
  type_number (&k, "input_size", "16");
  type_number (&k, "blocks", "5");
  g_assert_nonnull (gui_label (row_of (&k, "blocks"), "! at most 4; 3 is still in use"));
  callout = gui_find (k.e.page, LW_TYPE_OBSTACLE_CALLOUT);
  g_assert_nonnull (gui_label (callout, "Blocks 5 cannot work with input 16 × 16"));
  /* A knob that has nothing to do with it: the one to put right is another. */
  gui_press (gui_button (k.panel, "tanh"));
  g_assert_nonnull (gui_label (row_of (&k, "input_size"), "! at least 32; 16 is still in use"));
  gui_press (gui_button (callout, "Use 32 × 32, the smallest"));
  assert_knob (&k, "blocks", "5");
  assert_knob (&k, "activation", "tanh");
  g_assert_null (lw_workbench_obstacle (gui->workbench));
}

/* --- places ------------------------------------------------------------------------------------
 */

/* In the least window the panel stands beside the diagram, and what changes gives way. */
static void
narrow (Gui *gui)
{
  Knobs k = knobs (gui, "alexnet");

  g_assert_true (gtk_widget_get_mapped (gui_find (k.e.page, LW_TYPE_CHANGE_VIEW)));
  gui_resize (gui, 800, 600);
  gui_wait (0.3);
  g_assert_null (gui_find (k.e.page, LW_TYPE_CHANGE_VIEW));
  g_assert_cmpint (gtk_widget_get_width (k.panel), >=, 300);
  g_assert_cmpint (gtk_widget_get_width (k.e.diagram), >=, 280);
  type_number (&k, "input_size", "28");
  {
    GtkWidget *callout = gui_find (k.e.page, LW_TYPE_OBSTACLE_CALLOUT);
    double x, y;

    g_assert_nonnull (callout);
    gtk_widget_translate_coordinates (callout, k.e.diagram, 0, 0, &x, &y);
    g_assert_cmpfloat (x, >=, 0);
    g_assert_cmpfloat (y, >=, 0);
    g_assert_cmpfloat (x + gtk_widget_get_width (callout), <=, gtk_widget_get_width (k.e.diagram));
    g_assert_cmpfloat (y + gtk_widget_get_height (callout), <=,
                       gtk_widget_get_height (k.e.diagram));
  }
  gui_press (gui_button (k.panel, "Book"));
  for (int i = 0; i < 3; i++) { /* the panel is whole beside each view */
    static const char *const views[] = { "Volumes", "Memory", "Blocks" };
    double x, y;

    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (k.e.page, views[i])), TRUE);
    gui_wait (0.3);
    gtk_widget_translate_coordinates (k.panel, k.e.page, 0, 0, &x, &y);
    g_assert_cmpfloat (x + gtk_widget_get_width (k.panel), <=, gtk_widget_get_width (k.e.page));
  }
  gui_resize (gui, 1280, 800);
  gui_wait (0.3);
  g_assert_nonnull (gui_find (k.e.page, LW_TYPE_CHANGE_VIEW));
}

/* --- how long it takes -------------------------------------------------------------------------
 */

static void
painted (GdkFrameClock *clock, gboolean *done)
{
  (void)clock;
  *done = TRUE;
}

static double
cpu_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* From the turn of a knob until the frame that shows it is drawn, the least of several tries.
 * `ret_own_ms`: what of it this thread worked, which a busy machine does not change. */
static double
turn_ms (const Knobs *k, const char *knob, const char *const values[2], double *ret_own_ms)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (k->panel);
  double least = INFINITY;

  *ret_own_ms = INFINITY;
  for (int i = 0; i < 8; i++) {
    double own;
    gboolean done = FALSE;
    gint64 start;
    const gulong id = g_signal_connect (clock, "after-paint", G_CALLBACK (painted), &done);

    own = cpu_ms ();
    start = g_get_monotonic_time ();
    gui_type_number (control_of (k, knob, GTK_TYPE_SPIN_BUTTON), values[i % 2]);
    done = FALSE;
    while (!done)
      gui_iterate ();
    least = MIN (least, (double)(g_get_monotonic_time () - start) / 1e3);
    *ret_own_ms = MIN (*ret_own_ms, cpu_ms () - own);
    g_signal_handler_disconnect (clock, id);
    gui_wait (0.1);
  }
  return least;
}

static void
at_once (Gui *gui)
{
  static const struct {
    const char *model, *knob, *values[2];
  } cases[] = { { "googlenet", "classes", { "100", "10" } },
                { "googlenet", "inceptions", { "4", "5" } },
                { "resnet18", "residuals", { "7", "8" } },
                { "densenet", "convolutions", { "15", "16" } } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (int open = 0; open < 2; open++) {
      const Knobs k = knobs (gui, cases[i].model);
      double ms, own;

      if (open) {
        gui_press (gui_button (k.e.page, "Unfold all"));
        gui_wait (0.3);
      }
      ms = turn_ms (&k, cases[i].knob, cases[i].values, &own);
      g_test_message ("%s, %s, %s: %.1f ms, %.1f ms of work, %d layers", cases[i].model,
                      cases[i].knob, open ? "unfolded" : "folded", ms, own,
                      lw_graph_n_nodes (graph_of (&k.e)));
#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
      g_assert_cmpfloat (own, <, 50);
#endif
    }
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/knobs/controls", controls, NULL },
    { "/knobs/typing", typing, NULL },
    { "/knobs/follow", follow, NULL },
    { "/knobs/presets", presets, NULL },
    { "/knobs/impossible", impossible, NULL },
    { "/knobs/too-deep", too_deep, NULL },
    { "/knobs/narrow", narrow, NULL },
    { "/knobs/at-once", at_once, NULL },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
