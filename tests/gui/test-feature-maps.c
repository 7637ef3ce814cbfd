/* Feature maps as a person looks at them: any picture, any epoch, one value at a time; and each
 * number is the engine's. */
#include "engine/observe.h"
#include "engine/snapshots.h"
#include "kernels/reference/reference.h"
#include "tests/gui/harness.h"
#include "ui/epoch-bar.h"
#include "ui/feature-maps-view.h"
#include "ui/picture-chooser.h"
#include "ui/image-picker.h"
#include "ui/layer-picker.h"
#include "ui/map-grid.h"
#include "ui/map-view.h"
#include "ui/sketch-pad.h"

#include <math.h>
#include <string.h>

static LwRunItem *
open_maps_of_a_run (Gui *gui, int epochs)
{
  LwRunItem *run;

  gui_choose_small_run (gui, 160, epochs);
  gui_shortcut (gui, "<Control>2");
  gui_press (gui_button (gui->window, "Train"));
  gui_assert_soon ((run = lw_workbench_run (gui->workbench)) != NULL);
  gui_assert_soon (lw_run_item_state (run) == LW_RUN_FINISHED);
  gui_assert_soon (gui_live (gui) == NULL);
  gui_shortcut (gui, "<Control>3");
  gui_assert_soon (gui_label (gui->window, "best weights: epoch ") != NULL);
  return run;
}

static LwFeatureMapsView *
view_of (Gui *gui)
{
  return LW_FEATURE_MAPS_VIEW (gui_find (GTK_WIDGET (gui->window), LW_TYPE_FEATURE_MAPS_VIEW));
}

static LwEpochBar *
epochs_of (Gui *gui)
{
  return LW_EPOCH_BAR (gui_find (GTK_WIDGET (gui->window), LW_TYPE_EPOCH_BAR));
}

static void
choose_layer (Gui *gui, const char *name)
{
  lw_workbench_select_layer (gui->workbench,
                             lw_graph_find_node (lw_workbench_graph (gui->workbench), name));
}

/* What the engine computes for an example with a file of weights (NULL: the seed's). */
static LwObservation *
engine_sees (Gui *gui, LwSplit split, int32_t index, const char *weights)
{
  LwDataset *dataset = lw_workbench_dataset (gui->workbench);
  LwGraph *graph = lw_workbench_graph (gui->workbench);
  const LwShape input = lw_graph_input_shape (graph);
  g_autofree float *image = g_new (float, lw_shape_size (input));
  g_autoptr (GError) error = NULL;
  LwObservation *observation;

  lw_resize (lw_dataset_image (dataset, split, index), input.c, lw_dataset_height (dataset),
             lw_dataset_width (dataset), image, input.h, input.w);
  observation = lw_observe (graph, &lw_reference_backend, weights,
                            lw_workbench_settings (gui->workbench)->seed, image, &error);
  g_assert_no_error (error);
  return observation;
}

static LwObservation *
engine_sees_epoch (Gui *gui, LwSplit split, int32_t index, int32_t epoch)
{
  g_autofree char *path =
      lw_snapshot_path (lw_run_item_folder (lw_workbench_run (gui->workbench)), epoch);

  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  return engine_sees (gui, split, index, path);
}

/* Whether the chosen cell shows what an observation has there; frees it. */
static bool
shows (Gui *gui, LwObservation *observation)
{
  LwFeatureMapsView *view = view_of (gui);
  LwActivationSource *source = lw_feature_maps_view_source (view);
  const LwNodeId layer = lw_activation_source_layer (source);
  const LwShape shape = lw_graph_node (lw_workbench_graph (gui->workbench), layer)->shape;
  int row, column;
  const double value = lw_feature_maps_view_cell (view, &row, &column);
  const float wanted = lw_observation_values (
      observation, layer)[((gsize)lw_feature_maps_view_map (view) * (gsize)shape.h + (gsize)row) *
                              (gsize)shape.w +
                          (gsize)column];

  lw_observation_free (observation);
  return fabs (value - (double)wanted) < 1e-6;
}

static void
values (Gui *gui)
{
  LwRunItem *run = open_maps_of_a_run (gui, 2);
  const int32_t best = lw_run_item_progress (run).best_epoch;
  LwImagePicker *picker =
      LW_IMAGE_PICKER (gui_find (GTK_WIDGET (gui->window), LW_TYPE_IMAGE_PICKER));
  LwMapView *map = LW_MAP_VIEW (gui_find (GTK_WIDGET (gui->window), LW_TYPE_MAP_VIEW));
  g_autofree char *words = NULL;

  choose_layer (gui, "4");
  gui_assert_soon (gui_label (gui->window, "16 maps of ") != NULL);
  gui_assert_soon (shows (gui, engine_sees_epoch (gui, LW_SPLIT_TEST, 0, best)));

  /* Another image, another map, another cell. */
  gui_press (gui_button (gui->window, "Next image"));
  g_assert_cmpint (lw_image_picker_index (picker), ==, 1);
  g_assert_nonnull (gui_label (gui->window, "test 1 · "));
  gui_assert_soon (shows (gui, engine_sees_epoch (gui, LW_SPLIT_TEST, 1, best)));
  lw_feature_maps_view_set_map (view_of (gui), 7);
  lw_map_view_set_cell (map, 5, 2);
  g_assert_nonnull (gui_label (gui->window, "Map 7"));
  g_assert_nonnull (gui_label (gui->window, "row 5, column 2"));
  g_assert_true (shows (gui, engine_sees_epoch (gui, LW_SPLIT_TEST, 1, best)));
  lw_image_picker_pick (picker, LW_SPLIT_TRAIN, 33);
  g_assert_nonnull (gui_label (gui->window, "train 33 · "));
  gui_assert_soon (shows (gui, engine_sees_epoch (gui, LW_SPLIT_TRAIN, 33, best)));

  /* The next layer keeps the place: row 5 of 8 is row 2 of 4. */
  choose_layer (gui, "7");
  gui_assert_soon (gui_label (gui->window, "16 maps of 4 × 4") != NULL);
  g_assert_nonnull (gui_label (gui->window, "Map 7"));
  g_assert_nonnull (gui_label (gui->window, "row 2, column 1"));

  /* A vector's units are the classes at the end. */
  lw_workbench_select_layer (gui->workbench, lw_graph_output (lw_workbench_graph (gui->workbench)));
  gui_assert_soon (gui_label (gui->window, "One vector of 10") != NULL);
  lw_feature_maps_view_set_map (view_of (gui), 4);
  words = g_strdup_printf ("unit 4, %s",
                           lw_dataset_class_name (lw_workbench_dataset (gui->workbench), 4));
  g_assert_nonnull (gui_label (gui->window, words));
}

/* By class, and by what the network takes for something else. */
static void
examples (Gui *gui)
{
  LwDataset *dataset;
  LwImagePicker *picker;
  GtkWidget *row, *mistake;
  LwObservation *seen;
  int32_t index, most = 0;

  open_maps_of_a_run (gui, 1);
  dataset = lw_workbench_dataset (gui->workbench);
  picker = LW_IMAGE_PICKER (gui_find (GTK_WIDGET (gui->window), LW_TYPE_IMAGE_PICKER));
  row = gtk_widget_get_first_child (gtk_widget_get_first_child (GTK_WIDGET (picker)));
  row = gtk_widget_get_next_sibling (row);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (gtk_widget_get_last_child (row)), 3 + 1);
  g_assert_cmpint (lw_image_picker_class (picker), ==, 3);
  for (int i = 0; i < 5; i++) {
    g_assert_cmpint (lw_dataset_label (dataset, LW_SPLIT_TEST, lw_image_picker_index (picker)), ==,
                     3);
    gui_press (gui_button (gui->window, i % 2 == 0 ? "Next image" : "Random image"));
  }
  lw_image_picker_pick (picker, LW_SPLIT_TEST, 0);
  gui_assert_soon (!lw_activation_source_is_busy (lw_feature_maps_view_source (view_of (gui))));
  gui_press (gui_button (gui->window, "Next Mistake"));
  gui_assert_soon (gui_button (gui->window, "Next Mistake") != NULL &&
                   lw_image_picker_index (picker) > 0);
  index = lw_image_picker_index (picker);
  seen = engine_sees_epoch (gui, LW_SPLIT_TEST, index, 1);
  for (int32_t i = 1; i < 10; i++)
    if (lw_observation_probabilities (seen)[i] > lw_observation_probabilities (seen)[most])
      most = i;
  lw_observation_free (seen);
  g_assert_cmpint (most, !=, lw_dataset_label (dataset, LW_SPLIT_TEST, index));

  /* Pressed again before the first search has ended it finds one all the same. */
  mistake = gui_button (gui->window, "Next Mistake");
  for (int i = 0; i < 3; i++)
    g_signal_emit_by_name (mistake, "clicked");
  g_assert_cmpstr (gtk_button_get_label (GTK_BUTTON (mistake)), ==, "Searching…");
  gui_assert_soon (gui_button (gui->window, "Next Mistake") != NULL);
  g_assert_cmpint (lw_image_picker_index (picker), !=, index);
}

static void
epochs (Gui *gui)
{
  LwRunItem *run = open_maps_of_a_run (gui, 3);
  GtkRange *range = lw_epoch_bar_range (epochs_of (gui));

  choose_layer (gui, "4");
  g_assert_cmpfloat (gtk_range_get_value (range), ==, lw_run_item_progress (run).best_epoch);
  for (int epoch = 0; epoch <= 3; epoch++) {
    g_autofree char *words = g_strdup_printf ("Epoch %d / 3", epoch);

    gtk_range_set_value (range, epoch);
    g_assert_nonnull (gui_label (gui->window, words));
    gui_assert_soon (shows (gui, engine_sees_epoch (gui, LW_SPLIT_TEST, 0, epoch)));
    if (epoch == 0) {
      g_assert_nonnull (gui_label (gui->window, "Prediction, untrained"));
      g_assert_true (shows (gui, engine_sees (gui, LW_SPLIT_TEST, 0, NULL)));
    }
  }
  /* Dragged to and fro faster than it can follow: the last place wins. */
  for (int i = 0; i < 40; i++) {
    gtk_range_set_value (range, i % 4);
    gui_iterate ();
  }
  gtk_range_set_value (range, 1);
  gui_assert_soon (!lw_activation_source_is_busy (lw_feature_maps_view_source (view_of (gui))));
  g_assert_true (shows (gui, engine_sees_epoch (gui, LW_SPLIT_TEST, 0, 1)));

  /* From there to the end, and no further; then again from the beginning. */
  gui_press (gui_button (gui->window, "Play the epochs (P)"));
  g_assert_true (lw_epoch_bar_is_playing (epochs_of (gui)));
  gui_assert_soon (!lw_epoch_bar_is_playing (epochs_of (gui)));
  g_assert_cmpfloat (gtk_range_get_value (range), ==, 3);
  g_assert_true (shows (gui, engine_sees_epoch (gui, LW_SPLIT_TEST, 0, 3)));
  lw_epoch_bar_toggle_play (epochs_of (gui));
  g_assert_cmpfloat (gtk_range_get_value (range), ==, 0);
  gui_assert_soon (gtk_range_get_value (range) == 1);
  lw_epoch_bar_toggle_play (epochs_of (gui));
  gui_wait (0.8);
  g_assert_cmpfloat (gtk_range_get_value (range), ==, 1);
}

/* While it trains: now, an earlier epoch, now again. */
static void
live (Gui *gui)
{
  LwRunItem *run;
  GtkRange *range;

  gui_choose_small_run (gui, 160, 10000);
  gui_shortcut (gui, "<Control>2");
  gui_press (gui_button (gui->window, "Train"));
  gui_assert_soon ((run = gui_live (gui)) != NULL);
  gui_shortcut (gui, "<Control>3");
  gui_assert_soon (gui_label (gui->window, "Now") != NULL);
  gui_assert_soon (gui_label (gui->window, "after iteration ") != NULL);
  gui_assert_soon (gui_steps (run) > 20);
  range = lw_epoch_bar_range (epochs_of (gui));
  gui_assert_soon (gtk_adjustment_get_upper (gtk_range_get_adjustment (range)) > 3);
  gtk_range_set_value (range, 0);
  gui_assert_soon (gui_label (gui->window, "initial, random weights") != NULL);
  g_assert_true (shows (gui, engine_sees (gui, LW_SPLIT_TEST, 0, NULL)));
  gtk_range_set_value (range, G_MAXINT);
  gui_assert_soon (gui_label (gui->window, "after iteration ") != NULL);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (gui->window, "Filters")), TRUE);
  gui_assert_soon (gui_label (gui->window, "6 filters of 5 × 5") != NULL);
  gui_shortcut (gui, "<Control><Shift>period");
  gui_assert_soon (gui_live (gui) == NULL);
  gui_assert_soon (gui_label (gui->window, "6 filters of 5 × 5") != NULL);
}

static double
input_at (Gui *gui, int row, int column)
{
  const float *input = lw_activation_source_input (lw_feature_maps_view_source (view_of (gui)));

  return input != NULL ? (double)input[row * 28 + column] : NAN;
}

static void
drawn (Gui *gui)
{
  LwSketchPad *pad;
  GtkWidget *canvas;
  GtkCheckButton *invert;
  GtkGesture *drag;
  double cell;
  float before;

  open_maps_of_a_run (gui, 1);
  before = lw_activation_source_probabilities (lw_feature_maps_view_source (view_of (gui)))[0];
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (gui->window, "Draw")), TRUE);
  gui_assert_soon (gui_find (GTK_WIDGET (gui->window), LW_TYPE_SKETCH_PAD) != NULL);
  pad = LW_SKETCH_PAD (gui_find (GTK_WIDGET (gui->window), LW_TYPE_SKETCH_PAD));
  canvas = lw_sketch_pad_canvas (pad);
  gui_assert_soon (gtk_widget_get_width (canvas) > 0);
  cell = gtk_widget_get_width (canvas) / 28.0;
  g_assert_cmpfloat (input_at (gui, 14, 14), ==, 0);
  drag = gui_controller (canvas, GTK_TYPE_GESTURE_DRAG);
  g_signal_emit_by_name (drag, "drag-begin", 4.5 * cell, 14.5 * cell);
  g_signal_emit_by_name (drag, "drag-update", 10 * cell, 0.0);
  g_signal_emit_by_name (drag, "drag-update", 20 * cell, 0.0);

  /* The converted picture is what is drawn: a bar, white on black. */
  g_assert_cmpfloat (input_at (gui, 14, 14), ==, 1);
  g_assert_cmpfloat (input_at (gui, 14, 24), ==, 1);
  g_assert_cmpfloat (input_at (gui, 20, 14), ==, 0);
  g_assert_nonnull (gui_label (gui->window, "your drawing"));
  gui_assert_soon (
      lw_activation_source_probabilities (lw_feature_maps_view_source (view_of (gui))) != NULL &&
      lw_activation_source_probabilities (lw_feature_maps_view_source (view_of (gui)))[0] !=
          before);

  /* Inverted; undone; by keys. */
  invert = GTK_CHECK_BUTTON (gui_find (GTK_WIDGET (gui->window), GTK_TYPE_CHECK_BUTTON));
  gtk_check_button_set_active (invert, TRUE);
  g_assert_cmpfloat (input_at (gui, 14, 14), ==, 0);
  g_assert_cmpfloat (input_at (gui, 20, 14), ==, 1);
  gtk_check_button_set_active (invert, FALSE);
  gui_press (gui_button (gui->window, "Undo the last stroke"));
  g_assert_cmpfloat (input_at (gui, 14, 14), ==, 0);
  {
    GtkEventController *keys = gui_controller (canvas, GTK_TYPE_EVENT_CONTROLLER_KEY);
    gboolean done;

    g_signal_emit_by_name (keys, "key-pressed", GDK_KEY_space, 0, 0, &done);
    for (int i = 0; i < 6; i++)
      g_signal_emit_by_name (keys, "key-pressed", GDK_KEY_Up, 0, 0, &done);
    g_assert_cmpfloat (input_at (gui, 14 - 6, 24), >, 0.5);
  }
  gui_press (gui_button (gui->window, "Clear the canvas"));
  g_assert_cmpfloat (input_at (gui, 8, 24), ==, 0);

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (gui->window, "Draw")), FALSE);
  gui_assert_soon (gui_label (gui->window, "test 0 · ") != NULL);
  gui_assert_soon (shows (gui, engine_sees_epoch (gui, LW_SPLIT_TEST, 0, 1)));
}

/* 8 × 4 pixels, left half white, right half black. */
static GdkPixbuf *
half_white (void)
{
  GdkPixbuf *pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 8, 4);

  gdk_pixbuf_fill (pixbuf, 0x000000ff);
  for (int y = 0; y < 4; y++)
    memset (gdk_pixbuf_get_pixels (pixbuf) + y * gdk_pixbuf_get_rowstride (pixbuf), 255, 4 * 3);
  return pixbuf;
}

/* The aspect is kept, the picture centred on black. */
static void
assert_half_white (Gui *gui)
{
  g_assert_cmpfloat (input_at (gui, 14, 5), ==, 1);
  g_assert_cmpfloat (input_at (gui, 14, 24), ==, 0);
  g_assert_cmpfloat (input_at (gui, 2, 5), ==, 0);
  g_assert_cmpfloat (input_at (gui, 25, 5), ==, 0);
}

static void
own_pictures (Gui *gui)
{
  g_autoptr (GdkPixbuf) pixbuf = half_white ();
  g_autoptr (GdkTexture) texture = gdk_texture_new_for_pixbuf (pixbuf);
  g_autofree char *path = gui_scratch ("half.png"), *broken = gui_scratch ("broken.png");
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFile) bad = g_file_new_for_path (broken);
  GdkClipboard *clipboard;
  LwPictureChooser *chooser;

  open_maps_of_a_run (gui, 1);
  chooser = LW_PICTURE_CHOOSER (gui_find (GTK_WIDGET (gui->window), LW_TYPE_PICTURE_CHOOSER));
  clipboard = gtk_widget_get_clipboard (GTK_WIDGET (gui->window));
  gdk_clipboard_set_texture (clipboard, texture);
  gui_press (gui_button (gui->window, "Paste a picture (Ctrl+V)"));
  gui_assert_soon (gui_label (gui->window, "from the clipboard") != NULL);
  assert_half_white (gui);
  gui_press (gui_button (gui->window, "Next image"));
  gui_assert_soon (gui_label (gui->window, "test 1 · ") != NULL);

  g_assert_true (gdk_pixbuf_save (pixbuf, path, "png", NULL, NULL));
  lw_picture_chooser_open (chooser, file);
  gui_assert_soon (gui_label (gui->window, "half.png") != NULL);
  assert_half_white (gui);

  g_assert_true (g_file_set_contents (broken, "\x89PNG no picture", -1, NULL));
  lw_picture_chooser_open (chooser, bad);
  gui_assert_soon (gui_toast (gui) != NULL && strstr (gui_toast (gui), "broken.png") != NULL);
  gdk_clipboard_set_text (clipboard, "no picture");
  gui_press (gui_button (gui->window, "Paste a picture (Ctrl+V)"));
  gui_wait (0.3);
  g_assert_nonnull (gui_label (gui->window, "half.png"));
}

static void
count_activated (LwFeatureMapsView *view, int layer, int channel, int row, int column, int *ret)
{
  (void)view;
  ret[0]++;
  ret[1] = layer;
  ret[2] = channel;
  ret[3] = row;
  ret[4] = column;
}

static void
enlarged (Gui *gui)
{
  LwMapView *map;
  cairo_rectangle_t cell;
  GtkGesture *drag;
  int activated[5] = { 0 }, row, column;

  open_maps_of_a_run (gui, 1);
  choose_layer (gui, "4");
  gui_assert_soon (gui_label (gui->window, "16 maps of 8 × 8") != NULL);
  map = LW_MAP_VIEW (gui_find (GTK_WIDGET (gui->window), LW_TYPE_MAP_VIEW));
  g_signal_connect (view_of (gui), "unit-activated", G_CALLBACK (count_activated), activated);
  g_signal_emit_by_name (gui_find (GTK_WIDGET (gui->window), LW_TYPE_MAP_GRID), "chosen", 9, 0);
  g_assert_cmpint (lw_feature_maps_view_map (view_of (gui)), ==, 9);

  /* A click chooses the cell under it, and says so to whoever explains it. */
  cell = lw_map_view_cell_place (map, 6, 3);
  drag = gui_controller (map, GTK_TYPE_GESTURE_DRAG);
  g_signal_emit_by_name (drag, "drag-begin", cell.x + 2, cell.y + 2);
  g_signal_emit_by_name (drag, "drag-end", 0.0, 0.0);
  lw_map_view_get_cell (map, &row, &column);
  g_assert_true (row == 6 && column == 3);
  g_assert_cmpint (activated[0], ==, 1);
  g_assert_cmpint (activated[1], ==, lw_graph_find_node (lw_workbench_graph (gui->workbench), "4"));
  g_assert_true (activated[2] == 9 && activated[3] == 6 && activated[4] == 3);
  g_assert_true (shows (gui, engine_sees_epoch (gui, LW_SPLIT_TEST, 0, 1)));

  /* Zoomed, the chosen cell stays in view and pixels stay squares. */
  lw_map_view_toggle_zoom (map);
  g_assert_cmpfloat (lw_map_view_zoom (map), >, 1);
  cell = lw_map_view_cell_place (map, 6, 3);
  g_assert_cmpfloat (cell.x, >=, 0);
  g_assert_cmpfloat (cell.x + cell.width, <=, gtk_widget_get_width (GTK_WIDGET (map)));
  g_assert_cmpfloat (fabs (cell.width - cell.height), <, 1e-6);
  lw_map_view_toggle_zoom (map);
  g_assert_cmpfloat (lw_map_view_zoom (map), ==, 1);
}

static void
filters_and_files (Gui *gui)
{
  g_autofree char *csv = gui_scratch ("maps.csv"), *png = gui_scratch ("maps.png");
  g_autofree char *content = NULL;
  LwObservation *seen;
  const float *values;
  g_auto (GStrv) lines = NULL;
  LwNodeId layer;

  open_maps_of_a_run (gui, 1);
  layer = lw_graph_find_node (lw_workbench_graph (gui->workbench), "4");
  choose_layer (gui, "4");
  gui_assert_soon (gui_label (gui->window, "16 maps of 8 × 8") != NULL);
  lw_feature_maps_view_save_values (view_of (gui), csv);
  gui_assert_soon (g_strcmp0 (gui_toast (gui), "Saved maps.csv") == 0);
  g_assert_true (g_file_get_contents (csv, &content, NULL, NULL));
  lines = g_strsplit (content, "\n", -1);
  g_assert_cmpint (g_strv_length (lines), ==, 1 + 16 * 64 + 1);
  g_assert_cmpstr (lines[0], ==, "map,row,column,value");
  g_assert_true (g_str_has_prefix (lines[1 + 7 * 64 + 4 * 8 + 3], "7,4,3,"));
  seen = engine_sees_epoch (gui, LW_SPLIT_TEST, 0, 1);
  values = lw_observation_values (seen, layer);
  for (int i = 0; i < 16 * 64; i++)
    g_assert_cmpfloat ((float)g_ascii_strtod (strrchr (lines[1 + i], ',') + 1, NULL), ==,
                       values[i]);
  lw_observation_free (seen);
  lw_feature_maps_view_save_picture (view_of (gui), png);
  gui_assert_soon (g_strcmp0 (gui_toast (gui), "Saved maps.png") == 0);
  g_assert_true (g_file_test (png, G_FILE_TEST_EXISTS));

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (gui->window, "Filters")), TRUE);
  gui_assert_soon (gui_label (gui->window, "16 filters of 5 × 5") != NULL);
  g_assert_nonnull (gui_label (gui->window, "Filter 0, input 0"));
  lw_feature_maps_view_save_values (view_of (gui), csv);
  gui_wait (0.5);
  g_clear_pointer (&content, g_free);
  g_assert_true (g_file_get_contents (csv, &content, NULL, NULL));
  g_assert_true (g_str_has_prefix (content, "output,input,row,column,value\n0,0,0,0,"));
  choose_layer (gui, "1"); /* a batch normalization: the filters before it */
  gui_assert_soon (gui_label (gui->window, "6 filters of 5 × 5") != NULL);
  g_assert_nonnull (gui_label (gui->window, "of layer 0, "));
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/feature-maps/values", values, NULL },
    { "/feature-maps/examples", examples, NULL },
    { "/feature-maps/epochs", epochs, NULL },
    { "/feature-maps/live", live, NULL },
    { "/feature-maps/drawn", drawn, NULL },
    { "/feature-maps/own-pictures", own_pictures, NULL },
    { "/feature-maps/enlarged", enlarged, NULL },
    { "/feature-maps/filters-and-files", filters_and_files, NULL },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
