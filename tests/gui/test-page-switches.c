/* Pages and views that are switched between again and again, and runs that are looked at one after
 * the other, keep nothing: the second half adds next to nothing to what the first half has taken.
 * With the address sanitizer whatever cannot be reached at the end is a leak as well. Far fewer
 * than by hand, where LAYERWISE_ENDURANCE=1 makes it a thousand switches and fifty runs. */
#include "tests/gui/harness.h"
#include "tests/support/program.h"

#include <malloc.h>

/* What the second half may add: to what is allocated, and to what of it is resident, which goes up
 * and down by several megabytes with the places that the allocator finds. */
#define LIMIT_MB          4.0 /* a thread may be in the middle of a pass */
#define LIMIT_RESIDENT_MB 10.0

#if defined __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>

#define FEW_CYCLES 1
#define FEW_RUNS   6

/* Runs before libraries are initialized. What they take then is no leak: GLib's first table of
 * quarks stays when a program has more than 2,048 of them, for threads that may be reading it, and
 * no stack says that it is this one. */
static void
begin_libraries (void)
{
  __lsan_disable ();
}

__attribute__ ((section (".preinit_array"),
                used)) static void (*const first) (void) = begin_libraries;
#else
#define FEW_CYCLES 4
#define FEW_RUNS   16
#endif

typedef struct {
  const char *page;
  const char *words[3]; /* what is pressed there; ends with NULL */
} View;

static const View views[] = {
  { "explore", { "Blocks", "Knobs" } },
  { "explore", { "Blocks", "Knobs" } },
  { "explore", { "Volumes" } },
  { "explore", { "Memory" } },
  { "train", { NULL } },
  { "inspect", { "Feature Maps", "Maps" } },
  { "inspect", { "Feature Maps", "Filters" } },
  { "inspect", { "Batch Norm" } },
  { "inspect", { "Distributions", "Weights" } },
  { "inspect", { "Distributions", "Activations" } },
  { "inspect", { "Predictions", "Images" } },
  { "inspect", { "Predictions", "Where It Looks" } },
  { "compare", { "Experiments" } },
  { "compare", { "Runs" } },
  { "compare", { "Architectures" } },
  { "data", { NULL } },
  { "welcome", { NULL } },
};

static bool
all_of_it (void)
{
  return g_getenv ("LAYERWISE_ENDURANCE") != NULL;
}

static void
note_paint (GdkFrameClock *clock, int *paints)
{
  (void)clock;
  ++*paints;
}

/* Until the view has been painted, and what it reads on threads may have come. */
static void
let_paint (Gui *gui)
{
  GtkWidget *window = GTK_WIDGET (gui->window);
  GdkFrameClock *clock = gtk_widget_get_frame_clock (window);
  int paints = 0;
  const gulong id = g_signal_connect (clock, "after-paint", G_CALLBACK (note_paint), &paints);

  while (paints < 2) {
    const int before = paints;

    gtk_widget_queue_draw (window);
    gui_assert_soon (paints > before);
  }
  g_signal_handler_disconnect (clock, id);
  gui_wait (0.03);
}

/* One of several is chosen; what stands alone goes on and off. */
static void
press (GtkWidget *button, const char *word)
{
  GtkToggleButton *toggle = GTK_TOGGLE_BUTTON (button);
  const bool alone = g_str_equal (word, "Knobs");

  gtk_toggle_button_set_active (toggle, alone ? !gtk_toggle_button_get_active (toggle) : TRUE);
}

static void
switch_to (Gui *gui, const View *view)
{
  GtkWidget *page = lw_main_window_page (gui->window, view->page);

  lw_main_window_show_page (gui->window, view->page);
  gui_assert_soon (gtk_widget_get_mapped (page));
  for (const char *const *word = view->words; *word != NULL; word++) {
    /* What a training leaves is not there before one. */
    if (lw_workbench_run (gui->workbench) == NULL && gui_button (page, *word) == NULL)
      break;
    gui_assert_soon (gui_button (page, *word) != NULL);
    press (gui_button (page, *word), *word);
  }
  let_paint (gui);
}

typedef struct {
  double resident, allocated; /* MB */
} Memory;

static Memory
memory_now (void)
{
  struct mallinfo2 info;

  malloc_trim (0); /* what the allocator could give back */
  info = mallinfo2 ();
  return (Memory){ (double)lw_own_memory () / (1 << 20),
                   (double)(info.uordblks + info.hblkhd) / (1 << 20) };
}

static void
say (const char *what, int n, Memory now)
{
  g_test_message ("%d %s: %.1f MB, of them allocated %.1f MB", n, what, now.resident,
                  now.allocated);
}

static void
assert_little (Memory half, Memory end)
{
#if !defined __SANITIZE_ADDRESS__ /* it keeps what was freed, and counts by itself */
  g_assert_cmpfloat (end.allocated - half.allocated, <, LIMIT_MB);
  g_assert_cmpfloat (end.resident - half.resident, <, LIMIT_RESIDENT_MB);
#else
  (void)half;
  (void)end;
#endif
}

static void
select_next (Gui *gui, int round, LwRunItem *ended, LwRunItem *trains)
{
  switch (round % 3) {
  case 0:
    lw_workbench_select_run (gui->workbench, ended);
    break;
  case 1:
    lw_workbench_select_run (gui->workbench, trains);
    break;
  default:
    lw_workbench_select_draft (gui->workbench);
  }
}

static LwRunItem *
train_short (Gui *gui)
{
  g_autoptr (GError) error = NULL;
  LwRunItem *run;

  gui_choose_small_run (gui, 128, 2);
  run = lw_workbench_train (gui->workbench, &error);
  g_assert_no_error (error);
  gui_assert_soon (gui_live (gui) == NULL);
  return run;
}

/* Of large steps and long epochs: each adds to a log, and to what is kept of a run, which is
 * bounded but not what is asked for here. */
static LwRunItem *
train_on (Gui *gui)
{
  g_autoptr (GError) error = NULL;
  LwRunItem *run;

  gui_choose_small_run (gui, 6400, 1000);
  g_assert_true (lw_workbench_set (gui->workbench, "batch", "128", NULL));
  run = lw_workbench_train (gui->workbench, &error);
  g_assert_no_error (error);
  gui_assert_soon (lw_run_item_progress (run).test_accuracy > 0);
  return run;
}

static void
switches (Gui *gui)
{
  /* Both halves end with the same view of the same run. */
  const int n_views = (int)G_N_ELEMENTS (views), cycle = 3 * n_views;
  const int n = cycle * (all_of_it () ? 20 : FEW_CYCLES);
  LwRunItem *ended, *trains;
  Memory half = { 0 };

  gui_resize (gui, 1280, 800);
  ended = train_short (gui);
  trains = train_on (gui);
  for (int i = 0; i < n; i++) {
    if (i % n_views == 0)
      select_next (gui, i / n_views, ended, trains);
    switch_to (gui, &views[i % n_views]);
    if (i + 1 == n / 2)
      half = memory_now ();
    if ((i + 1) % cycle == 0)
      say ("switches", i + 1, memory_now ());
  }
  assert_little (half, memory_now ());
  gui_shortcut (gui, "<Control><Shift>period");
  gui_assert_soon (gui_live (gui) == NULL);
}

/* Copies of a run, all of which the window has read. */
static void
copy_run (Gui *gui, LwRunItem *run, int copies)
{
  for (int i = 0; i < copies; i++) {
    g_autofree char *copy = g_strdup_printf ("%s-%d", lw_run_item_folder (run), i);
    const char *const words[] = { "cp", "-r", lw_run_item_folder (run), copy, NULL };
    g_autoptr (GError) error = NULL;

    g_spawn_sync (NULL, (char **)words, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                  &error);
    g_assert_no_error (error);
  }
  gui_assert_soon (g_list_model_get_n_items (lw_workbench_runs (gui->workbench)) ==
                   (guint)copies + 1);
}

static void
runs (Gui *gui)
{
  static const View looks[] = {
    { "train", { NULL } },
    { "inspect", { "Batch Norm" } },
    { "inspect", { "Distributions" } },
    { "inspect", { "Predictions" } },
  };
  GListModel *list = lw_workbench_runs (gui->workbench);
  const int n = all_of_it () ? 50 : FEW_RUNS;
  Memory half = { 0 };

  gui_resize (gui, 1280, 800);
  copy_run (gui, train_short (gui), n - 1);
  for (int i = 0; i < n; i++) {
    g_autoptr (LwRunItem) run = g_list_model_get_item (list, (guint)i);

    lw_workbench_select_run (gui->workbench, run);
    for (guint k = 0; k < G_N_ELEMENTS (looks); k++)
      switch_to (gui, &looks[k]);
    if (i + 1 == n / 2)
      half = memory_now ();
    if ((i + 1) % (MAX (n / 4, 1)) == 0)
      say ("runs", i + 1, memory_now ());
  }
  assert_little (half, memory_now ());
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/page-switches/pages", switches, NULL },
    { "/page-switches/runs", runs, NULL },
    { NULL, NULL, NULL },
  };

#if defined __SANITIZE_ADDRESS__
  __lsan_enable ();
#endif
  return gui_main (argc, argv, tests);
}
