/* Devices: which a run may be trained on and why one is not there, per run; the graphics card's
 * name, memory and load while it trains. The card is the emulated CUDA module (tests/device). */
#include "kernels/cuda/load.h"
#include "kernels/reference/reference.h"
#include "tests/gui/harness.h"
#include "ui/setting-row.h"

#include <string.h>

static const LwBackend *module_backend;
static double load = -1; /* what the card says of itself; < 0: it does not know */

static bool
use (int index, LwDeviceUse *ret_use)
{
  if (!module_backend->use (index, ret_use))
    return false;
  if (load >= 0)
    ret_use->load = load;
  return true;
}

static int
count_broken (GError **error)
{
  g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED, "It was dropped.");
  return -1;
}

static GtkWidget *
row_of (Gui *gui)
{
  return gtk_widget_get_ancestor (gui_setting (gui, "device"), LW_TYPE_SETTING_ROW);
}

static const char *
choice (GtkDropDown *drop, guint index)
{
  return gtk_string_list_get_string (GTK_STRING_LIST (gtk_drop_down_get_model (drop)), index);
}

static void
choose (Gui *gui, const char *name)
{
  GtkDropDown *drop = GTK_DROP_DOWN (gui_setting (gui, "device"));

  for (guint i = 0; choice (drop, i) != NULL; i++)
    if (g_str_equal (choice (drop, i), name)) {
      gtk_drop_down_set_selected (drop, i);
      gui_wait (0.05);
      g_assert_cmpstr (lw_workbench_settings (gui->workbench)->device, ==, name);
      return;
    }
  g_assert_not_reached ();
}

/* All are offered; what each is stands below, and why one does not work. */
static void
offered (Gui *gui)
{
  GtkDropDown *drop;

  gui_shortcut (gui, "<Control>2");
  gui_unfold_settings (gui);
  gui_assert_soon (gui_label (gui->window, "Nesterov") != NULL);
  drop = GTK_DROP_DOWN (gui_setting (gui, "device"));
  g_assert_cmpstr (choice (drop, 0), ==, "auto");
  g_assert_cmpstr (choice (drop, 1), ==, "cuda");
  g_assert_cmpstr (choice (drop, 2), ==, "broken");
  g_assert_cmpstr (choice (drop, 3), ==, "reference");
  g_assert_null (choice (drop, 4));
  g_assert_nonnull (strstr (gui_label (row_of (gui), "What computes: “auto”"), "CUDA emulated"));
  /* A card has precisions to choose from, TF32 among them. */
  g_assert_nonnull (gui_label (gui->window, "Precision"));
  g_assert_cmpstr (choice (GTK_DROP_DOWN (gui_setting (gui, "precision")), 2), ==, "TF32");
  choose (gui, "broken");
  g_assert_nonnull (gui_label (row_of (gui), "The device \"broken\" does not work here: It was"));
  choose (gui, "reference");
  g_assert_nonnull (gui_label (row_of (gui), "What computes: CPU"));
  g_assert_null (gui_label (row_of (gui), "The device"));
  g_assert_null (gui_label (gui->window, "Precision"));
  g_assert_nonnull (strstr (gui_figure (gui, "Device"), "CPU"));
  choose (gui, "cuda");
  g_assert_nonnull (gui_label (row_of (gui), "What computes: CUDA emulated on the processor"));
  g_assert_nonnull (strstr (gui_figure (gui, "Device"), "CUDA emulated"));
}

/* A few steps of `device`, stopped. */
static LwRunItem *
train (Gui *gui, const char *device)
{
  g_autoptr (GError) error = NULL;
  LwRunItem *run;

  gui_choose_small_run (gui, 96, 50);
  lw_workbench_set (gui->workbench, "batch", "4", &error);
  g_assert_no_error (error);
  lw_workbench_set (gui->workbench, "device", device, &error);
  g_assert_no_error (error);
  gui_shortcut (gui, "<Control>2");
  gui_press (gui_button (gui->window, "Train"));
  gui_assert_soon ((run = gui_live (gui)) != NULL);
  gui_assert_soon (gui_steps (run) > 0);
  return run;
}

static void
stop (Gui *gui, LwRunItem *run)
{
  gui_press (gui_button (gui->window, "Stop"));
  gui_assert_soon (!lw_run_item_is_live (run));
}

/* Trains there, with the memory in use beside its name, and the load where the card knows it; then
 * another run on the processor, without. */
static void
trained (Gui *gui)
{
  LwRunItem *run = train (gui, "cuda");

  g_assert_cmpstr (lw_run_item_device (run), ==, "cuda");
  gui_assert_soon (gui_label (gui->window, "Device, ") != NULL);
  g_assert_nonnull (strstr (gui_figure (gui, "Device, "), "CUDA emulated on the processor"));
  g_assert_true (g_str_has_suffix (gui_label (gui->window, "Device, "), " / 4.0 GiB"));
  load = 0.87;
  gui_assert_soon (g_str_has_suffix (gui_label (gui->window, "Device, "), ", 87 % busy"));
  load = -1;
  stop (gui, run);

  run = train (gui, "reference");
  g_assert_cmpstr (lw_run_item_device (run), ==, "reference");
  gui_wait (0.1);
  g_assert_nonnull (strstr (gui_figure (gui, "Device"), "CPU"));
  g_assert_null (gui_label (gui->window, "Device, "));
  stop (gui, run);
}

/* A window that goes while its training tells how much of the card it uses. */
static void
left (Gui *gui)
{
  train (gui, "cuda");
  gui_assert_soon (gui_label (gui->window, "Device, ") != NULL);
  gtk_window_destroy (GTK_WINDOW (gui->window));
}

int
main (int argc, char **argv)
{
  static LwBackend cuda, broken;
  static const LwBackend *const backends[] = { &cuda, &broken, &lw_reference_backend, NULL };
  static const GuiTest tests[] = {
    { "/devices/offered", offered, NULL },
    { "/devices/trained", trained, NULL },
    { "/devices/left", left, NULL },
    { NULL, NULL, NULL },
  };
  g_autoptr (GError) error = NULL;
  const LwCudaModule *module = lw_cuda_load_file (g_getenv ("LAYERWISE_CUDA_MODULE"), &error);

  g_assert_no_error (error);
  module_backend = module->backend;
  cuda = *module_backend;
  cuda.use = use;
  broken = lw_reference_backend;
  broken.name = "broken";
  broken.count = count_broken;
  gui_backends = backends;
  return gui_main (argc, argv, tests);
}
