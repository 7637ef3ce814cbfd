#include "ui/compare-page.h"

#include "ui/accessible.h"
#include "ui/compare-canvas.h"
#include "ui/compare-heads.h"
#include "ui/compare-runs.h"
#include "ui/compare-side.h"
#include "ui/experiments-view.h"

#include <glib/gi18n.h>

/* Below these widths the toolbar drops words, and the side becomes narrower. */
#define NARROW      970
#define SIDE        346
#define SIDE_NARROW 316

/* What the page shows, as names of its stack. */
#define N_MODES 3
static const char *const mode_names[N_MODES] = { "architectures", "runs", "experiments" };

struct _LwComparePage {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  LwCompareSet *set;
  GtkWidget *column, *views;
  GtkWidget *modes[N_MODES];
  GtkWidget *of_architectures[2]; /* groups of the toolbar that only they need */
  GtkWidget *of_experiments;      /* what they are */
  GtkWidget *runs, *experiments, *space;
  GtkWidget *ready, *add, *linked_caption, *linked, *colour_caption, *colour;
  GtkWidget *canvas, *side;
  bool narrow;
  guint arrange_id;
};

G_DEFINE_FINAL_TYPE (LwComparePage, lw_compare_page, GTK_TYPE_WIDGET)

/* --- ready comparisons ---------------------------------------------------------------------------
 */

static void
ready_clicked (GtkWidget *button, LwComparePage *self)
{
  const int index = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "ready"));

  gtk_menu_button_popdown (GTK_MENU_BUTTON (self->ready));
  lw_compare_set_open (self->set, lw_ready_comparison (index));
}

/* A title, and what to look for below it. */
static GtkWidget *
ready_button (LwComparePage *self, int index)
{
  const LwReadyComparison *ready = lw_ready_comparison (index);
  GtkWidget *button = gtk_button_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 1);
  GtkWidget *title = gtk_label_new (_ (ready->title)), *look = gtk_label_new (_ (ready->look));

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_xalign (GTK_LABEL (look), 0);
  gtk_label_set_wrap (GTK_LABEL (look), TRUE);
  gtk_label_set_width_chars (GTK_LABEL (look), 52); /* or its lines would be counted too wide */
  gtk_label_set_max_width_chars (GTK_LABEL (look), 52);
  gtk_widget_add_css_class (title, "lw-strong");
  gtk_widget_add_css_class (look, "lw-small");
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), look);
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "lw-compare-ready");
  lw_name_widget (button, _ (ready->title));
  g_object_set_data (G_OBJECT (button), "ready", GINT_TO_POINTER (index));
  g_signal_connect (button, "clicked", G_CALLBACK (ready_clicked), self);
  return button;
}

static GtkWidget *
make_ready (LwComparePage *self)
{
  GtkWidget *popover = gtk_popover_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  for (int i = 0; i < lw_n_ready_comparisons (); i++)
    gtk_box_append (GTK_BOX (box), ready_button (self, i));
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  self->ready = gtk_menu_button_new ();
  gtk_menu_button_set_label (GTK_MENU_BUTTON (self->ready), _ ("Ready comparisons"));
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->ready), popover);
  gtk_widget_set_valign (self->ready, GTK_ALIGN_CENTER);
  return self->ready;
}

/* --- toolbar -------------------------------------------------------------------------------------
 */

static void
mode_toggled (GtkToggleButton *button, LwComparePage *self)
{
  if (!gtk_toggle_button_get_active (button) || self->views == NULL)
    return;
  for (int i = 0; i < N_MODES; i++)
    if (GTK_WIDGET (button) == self->modes[i])
      gtk_stack_set_visible_child_name (GTK_STACK (self->views), mode_names[i]);
  for (int i = 0; i < 2; i++)
    gtk_widget_set_visible (self->of_architectures[i], GTK_WIDGET (button) == self->modes[0]);
  gtk_widget_set_visible (self->of_experiments, GTK_WIDGET (button) == self->modes[2]);
  gtk_widget_set_visible (lw_compare_runs_tools (LW_COMPARE_RUNS (self->runs)),
                          GTK_WIDGET (button) == self->modes[1]);
  gtk_widget_set_visible (self->space, GTK_WIDGET (button) != self->modes[1]);
}

/* The next network of the list that is not shown yet. */
static void
add_clicked (LwComparePage *self)
{
  const int n = lw_compare_set_n (self->set);
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < lw_n_models (); i++) {
    g_autoptr (LwOptions) options = lw_options_new (lw_model (i));
    bool shown = false;

    for (int k = 0; k < n; k++)
      shown = shown || lw_options_model (lw_compare_set_options (self->set, k)) == lw_model (i);
    if (shown)
      continue;
    if (!lw_compare_set_replace (self->set, n, options, &error))
      g_signal_emit_by_name (self->workbench, "complained", error->message);
    return;
  }
}

static void
set_changed (LwComparePage *self)
{
  gtk_widget_set_sensitive (self->add, lw_compare_set_n (self->set) < LW_COMPARE_MOST);
}

static void
linked_toggled (LwComparePage *self)
{
  lw_compare_canvas_set_linked (LW_COMPARE_CANVAS (self->canvas),
                                gtk_switch_get_active (GTK_SWITCH (self->linked)));
}

static void
colour_chosen (LwComparePage *self)
{
  lw_compare_canvas_set_colour (
      LW_COMPARE_CANVAS (self->canvas),
      (LwCompareColour)gtk_drop_down_get_selected (GTK_DROP_DOWN (self->colour)));
}

static GtkWidget *
make_modes (LwComparePage *self)
{
  static const char *const names[N_MODES] = { N_ ("Architectures"), N_ ("Runs"),
                                              N_ ("Experiments") };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_add_css_class (box, "linked");
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  for (int i = 0; i < N_MODES; i++) {
    self->modes[i] = gtk_toggle_button_new_with_label (_ (names[i]));
    if (i > 0)
      gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (self->modes[i]),
                                   GTK_TOGGLE_BUTTON (self->modes[0]));
    g_signal_connect (self->modes[i], "toggled", G_CALLBACK (mode_toggled), self);
    gtk_box_append (GTK_BOX (box), self->modes[i]);
  }
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->modes[0]), TRUE);
  return box;
}

static GtkWidget *
make_left (LwComparePage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10),
            *content = adw_button_content_new ();

  self->add = gtk_button_new ();
  adw_button_content_set_icon_name (ADW_BUTTON_CONTENT (content), "list-add-symbolic");
  adw_button_content_set_label (ADW_BUTTON_CONTENT (content), _ ("Add architecture"));
  gtk_button_set_child (GTK_BUTTON (self->add), content);
  gtk_widget_add_css_class (self->add, "flat");
  gtk_widget_set_valign (self->add, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (self->add, _ ("Add architecture"));
  g_signal_connect_swapped (self->add, "clicked", G_CALLBACK (add_clicked), self);
  gtk_box_append (GTK_BOX (box), make_ready (self));
  gtk_box_append (GTK_BOX (box), self->add);
  return box;
}

static GtkWidget *
make_right (LwComparePage *self)
{
  static const char *const colours[LW_N_COMPARE_COLOURS + 1] = { N_ ("Layer kind"),
                                                                 N_ ("Parameters"), N_ ("MACs") };
  const char *names[LW_N_COMPARE_COLOURS + 1] = { NULL };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);

  for (int i = 0; i < LW_N_COMPARE_COLOURS; i++)
    names[i] = _ (colours[i]);
  self->linked_caption = gtk_label_new (_ ("Linked panning"));
  self->colour_caption = gtk_label_new (_ ("Colour"));
  self->linked = gtk_switch_new ();
  self->colour = gtk_drop_down_new_from_strings (names);
  gtk_widget_add_css_class (self->linked_caption, "lw-caption");
  gtk_widget_add_css_class (self->colour_caption, "lw-caption");
  gtk_widget_set_valign (self->linked, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (self->colour, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (
      self->linked, _ ("Linked panning: all columns move together; off: each for itself"));
  lw_name_widget (self->linked, _ ("Linked panning"));
  lw_name_drop_down (self->colour, _ ("Colour"));
  gtk_switch_set_active (GTK_SWITCH (self->linked), TRUE);
  g_signal_connect_swapped (self->linked, "notify::active", G_CALLBACK (linked_toggled), self);
  g_signal_connect_swapped (self->colour, "notify::selected", G_CALLBACK (colour_chosen), self);
  gtk_box_append (GTK_BOX (box), self->linked_caption);
  gtk_box_append (GTK_BOX (box), self->linked);
  gtk_box_append (GTK_BOX (box), self->colour_caption);
  gtk_box_append (GTK_BOX (box), self->colour);
  return box;
}

static GtkWidget *
make_toolbar (LwComparePage *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);

  self->space = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_add_css_class (row, "lw-toolbar");
  gtk_widget_set_hexpand (self->space, TRUE);
  self->of_experiments = gtk_label_new (
      _ ("One click trains what a question needs; quick ones end within three minutes"));
  gtk_label_set_ellipsize (GTK_LABEL (self->of_experiments), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (self->of_experiments, "lw-small");
  gtk_widget_set_visible (self->of_experiments, FALSE);
  self->of_architectures[0] = make_left (self);
  self->of_architectures[1] = make_right (self);
  gtk_box_append (GTK_BOX (row), make_modes (self));
  gtk_box_append (GTK_BOX (row), self->of_experiments);
  gtk_box_append (GTK_BOX (row), self->of_architectures[0]);
  gtk_box_append (GTK_BOX (row), lw_compare_runs_tools (LW_COMPARE_RUNS (self->runs)));
  gtk_box_append (GTK_BOX (row), self->space);
  gtk_box_append (GTK_BOX (row), self->of_architectures[1]);
  gtk_widget_set_visible (lw_compare_runs_tools (LW_COMPARE_RUNS (self->runs)), FALSE);
  return row;
}

/* --- for the window ------------------------------------------------------------------------------
 */

static gboolean
arrange (gpointer data)
{
  LwComparePage *self = LW_COMPARE_PAGE (data);
  const bool narrow = self->narrow;
  GtkWidget *content = gtk_button_get_child (GTK_BUTTON (self->add));

  self->arrange_id = 0;
  lw_show_word (ADW_BUTTON_CONTENT (content), _ ("Add architecture"), !narrow);
  gtk_widget_set_visible (self->colour_caption, !narrow);
  gtk_label_set_text (GTK_LABEL (self->linked_caption),
                      narrow ? _ ("Linked") : _ ("Linked panning"));
  gtk_widget_set_size_request (self->side, narrow ? SIDE_NARROW : SIDE, -1);
  lw_compare_runs_set_narrow (LW_COMPARE_RUNS (self->runs), narrow);
  return G_SOURCE_REMOVE;
}

/* Called in the midst of allocations, when no least width may change. */
void
lw_compare_page_set_width (LwComparePage *self, int width)
{
  const bool narrow = width < NARROW;

  if (narrow == self->narrow)
    return;
  self->narrow = narrow;
  if (self->arrange_id == 0)
    self->arrange_id = g_idle_add_full (GDK_PRIORITY_REDRAW - 1, arrange, self, NULL);
}

void
lw_compare_page_show (LwComparePage *self, const char *ready)
{
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->modes[0]), TRUE);
  for (int i = 0; i < lw_n_ready_comparisons (); i++)
    if (g_str_equal (lw_ready_comparison (i)->name, ready))
      lw_compare_set_open (self->set, lw_ready_comparison (i));
}

LwCompareRuns *
lw_compare_page_runs (LwComparePage *self)
{
  return LW_COMPARE_RUNS (self->runs);
}

LwRunTicks *
lw_compare_page_ticks (LwComparePage *self)
{
  return lw_compare_runs_ticks (LW_COMPARE_RUNS (self->runs));
}

bool
lw_compare_page_export (LwComparePage *self, const char *path, GError **error)
{
  return lw_compare_canvas_export (LW_COMPARE_CANVAS (self->canvas), path, error);
}

LwExperimentsView *
lw_compare_page_experiments (LwComparePage *self)
{
  return LW_EXPERIMENTS_VIEW (self->experiments);
}

void
lw_compare_page_show_runs (LwComparePage *self)
{
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->modes[1]), TRUE);
}

LwCompareSet *
lw_compare_page_set (LwComparePage *self)
{
  return self->set;
}

/* --- keys that work anywhere on the page ---------------------------------------------------------
 */

static gboolean
zoom_key (GtkWidget *widget, GVariant *direction, gpointer data)
{
  (void)data;
  lw_compare_canvas_zoom_by (LW_COMPARE_CANVAS (LW_COMPARE_PAGE (widget)->canvas),
                             g_variant_get_int32 (direction));
  return TRUE;
}

static gboolean
fit_key (GtkWidget *widget, GVariant *unused, gpointer data)
{
  (void)unused;
  (void)data;
  lw_compare_canvas_fit (LW_COMPARE_CANVAS (LW_COMPARE_PAGE (widget)->canvas));
  return TRUE;
}

/* --- set-up --------------------------------------------------------------------------------------
 */

static GtkWidget *
make_architectures (LwComparePage *self)
{
  GtkWidget *view = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *left = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->side = lw_compare_side_new (self->set, self->workbench);
  gtk_widget_set_size_request (self->side, SIDE, -1);
  gtk_widget_set_hexpand (left, TRUE);
  gtk_box_append (GTK_BOX (left), lw_compare_heads_new (self->set, self->workbench));
  gtk_box_append (GTK_BOX (left), self->canvas);
  gtk_box_append (GTK_BOX (view), left);
  gtk_box_append (GTK_BOX (view), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  gtk_box_append (GTK_BOX (view), self->side);
  return view;
}

GtkWidget *
lw_compare_page_new (LwWorkbench *workbench)
{
  LwComparePage *self = g_object_new (LW_TYPE_COMPARE_PAGE, NULL);

  self->workbench = workbench;
  self->set = lw_compare_set_new ();
  self->canvas = lw_compare_canvas_new (self->set);
  self->runs = lw_compare_runs_new (workbench);
  gtk_box_append (GTK_BOX (self->column), make_toolbar (self));
  self->views = gtk_stack_new ();
  gtk_widget_set_vexpand (self->views, TRUE);
  gtk_stack_set_hhomogeneous (GTK_STACK (self->views), FALSE);
  gtk_stack_set_vhomogeneous (GTK_STACK (self->views), FALSE);
  gtk_stack_add_named (GTK_STACK (self->views), make_architectures (self), "architectures");
  gtk_stack_add_named (GTK_STACK (self->views), self->runs, "runs");
  self->experiments = lw_experiments_view_new (workbench);
  gtk_stack_add_named (GTK_STACK (self->views), self->experiments, "experiments");
  gtk_box_append (GTK_BOX (self->column), self->views);
  g_signal_connect_object (self->set, "changed", G_CALLBACK (set_changed), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

static void
lw_compare_page_dispose (GObject *object)
{
  LwComparePage *self = LW_COMPARE_PAGE (object);

  g_clear_handle_id (&self->arrange_id, g_source_remove);
  g_clear_pointer (&self->column, gtk_widget_unparent);
  self->views = NULL;
  g_clear_object (&self->set);
  G_OBJECT_CLASS (lw_compare_page_parent_class)->dispose (object);
}

static void
lw_compare_page_class_init (LwComparePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  static const struct {
    guint key;
    int direction;
  } zooms[] = { { GDK_KEY_plus, 1 },   { GDK_KEY_equal, 1 },        { GDK_KEY_KP_Add, 1 },
                { GDK_KEY_minus, -1 }, { GDK_KEY_KP_Subtract, -1 }, { GDK_KEY_0, 0 },
                { GDK_KEY_KP_0, 0 } };

  G_OBJECT_CLASS (klass)->dispose = lw_compare_page_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  for (guint i = 0; i < G_N_ELEMENTS (zooms); i++)
    gtk_widget_class_add_binding (widget_class, zooms[i].key, GDK_CONTROL_MASK, zoom_key, "i",
                                  zooms[i].direction);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_f, 0, fit_key, NULL);
}

static void
lw_compare_page_init (LwComparePage *self)
{
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
}
