#include "ui/count-choice.h"

#include "ui/accessible.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#define N_COUNTS   3
#define RULE_CHARS 44

static const char *const names[N_COUNTS + 1] = { N_ ("MACs"), N_ ("FLOPs"), N_ ("All operations") };
static const char *const help[N_COUNTS] = {
  N_ ("Multiply-accumulates of convolutions and linear layers"),
  N_ ("Floating-point operations of convolutions and linear layers: FLOPs = 2 × MACs"),
  N_ ("Bias, normalization, activation and pooling counted too"),
};

struct _LwCountChoice {
  GtkWidget parent;
  LwWorkbench *workbench;                                    /* borrowed: it lives longer */
  GtkWidget *row, *buttons[2][N_COUNTS], *drop_down, *rules; /* buttons with a caption, without */
  LwCount count;
  bool following; /* the other controls follow one of them */
};

G_DEFINE_FINAL_TYPE (LwCountChoice, lw_count_choice, GTK_TYPE_WIDGET)

static guint changed_signal;

LwCount
lw_count_choice_count (LwCountChoice *self)
{
  return self->count;
}

static void
choose (LwCountChoice *self, LwCount count)
{
  if (self->following || self->count == count)
    return;
  self->count = count;
  self->following = true;
  for (int set = 0; set < 2; set++)
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->buttons[set][count]), TRUE);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->drop_down), (guint)count);
  self->following = false;
  g_signal_emit (self, changed_signal, 0);
}

static void
toggled (GtkToggleButton *button, LwCountChoice *self)
{
  if (!gtk_toggle_button_get_active (button))
    return;
  for (int i = 0; i < N_COUNTS; i++)
    if (self->buttons[0][i] == GTK_WIDGET (button) || self->buttons[1][i] == GTK_WIDGET (button))
      choose (self, (LwCount)i);
}

static void
selected (LwCountChoice *self)
{
  choose (self, (LwCount)gtk_drop_down_get_selected (GTK_DROP_DOWN (self->drop_down)));
}

/* --- the rules ---------------------------------------------------------------------------------
 */

static void
add_rule (GtkWidget *grid, int row, const char *name, const char *rule)
{
  GtkWidget *title = gtk_label_new (name), *text = gtk_label_new (rule);

  gtk_label_set_wrap (GTK_LABEL (text), TRUE);
  gtk_label_set_width_chars (GTK_LABEL (text), RULE_CHARS);
  gtk_label_set_max_width_chars (GTK_LABEL (text), RULE_CHARS);
  gtk_label_set_xalign (GTK_LABEL (text), 0);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_set_valign (title, GTK_ALIGN_START);
  gtk_widget_add_css_class (title, "heading");
  gtk_grid_attach (GTK_GRID (grid), title, 0, row, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), text, 1, row, 1, 1);
}

/* Each operation of the network once, in the order of the op table. */
static GtkWidget *
make_rules (LwCountChoice *self)
{
  const LwGraph *graph = lw_workbench_graph (self->workbench);
  GtkWidget *grid = gtk_grid_new (), *title = gtk_label_new (_ ("All operations, layer by layer"));
  int row = 0;

  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 6);
  for (int i = 0; i < N_COUNTS - 1; i++)
    add_rule (grid, row++, _ (names[i]), _ (help[i]));
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_add_css_class (title, "lw-caption");
  gtk_widget_set_margin_top (title, 6);
  gtk_grid_attach (GTK_GRID (grid), title, 0, row++, 2, 1);
  for (int op = 0; op < LW_N_OPS; op++) {
    const LwOpInfo *info = lw_op_info ((LwOp)op);
    bool used = false;

    for (LwNodeId id = 1; id < lw_graph_n_nodes (graph) && !used; id++)
      used = lw_graph_node (graph, id)->op == (LwOp)op;
    if (used)
      add_rule (grid, row++, _ (info->title), _ (info->operations_rule));
  }
  gtk_widget_set_margin_top (grid, 6);
  gtk_widget_set_margin_bottom (grid, 6);
  gtk_widget_set_margin_start (grid, 6);
  gtk_widget_set_margin_end (grid, 6);
  return grid;
}

static void
fill_rules (GtkMenuButton *button, gpointer data)
{
  GtkWidget *popover = gtk_popover_new ();

  gtk_popover_set_child (GTK_POPOVER (popover), make_rules (data));
  gtk_menu_button_set_popover (button, popover);
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static GtkWidget *
make_buttons (LwCountChoice *self, GtkWidget *buttons[N_COUNTS])
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_add_css_class (box, "linked");
  for (int i = 0; i < N_COUNTS; i++) {
    buttons[i] = gtk_toggle_button_new_with_label (_ (names[i]));
    gtk_widget_set_tooltip_text (buttons[i], _ (help[i]));
    if (i > 0)
      gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (buttons[i]), GTK_TOGGLE_BUTTON (buttons[0]));
    gtk_box_append (GTK_BOX (box), buttons[i]);
  }
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (buttons[0]), TRUE);
  for (int i = 0; i < N_COUNTS; i++)
    g_signal_connect (buttons[i], "toggled", G_CALLBACK (toggled), self);
  return box;
}

static GtkWidget *
make_drop_down (LwCountChoice *self)
{
  GtkStringList *list = gtk_string_list_new (NULL);

  for (int i = 0; i < N_COUNTS; i++)
    gtk_string_list_append (list, _ (names[i]));
  self->drop_down = gtk_drop_down_new (G_LIST_MODEL (list), NULL);
  gtk_widget_set_halign (self->drop_down, GTK_ALIGN_END);
  gtk_widget_set_tooltip_text (self->drop_down, _ ("What is counted"));
  lw_name_drop_down (self->drop_down, _ ("What is counted"));
  g_signal_connect_swapped (self->drop_down, "notify::selected", G_CALLBACK (selected), self);
  return self->drop_down;
}

/* What there is no room for is out of use, for assistive tools too. */
static void
squeezed (AdwSqueezer *squeezer)
{
  GtkWidget *shown = adw_squeezer_get_visible_child (squeezer);

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (squeezer)); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    gtk_widget_set_sensitive (child, child == shown);
    if (GTK_IS_DROP_DOWN (child)) /* the button in it says for itself whether it can be used */
      gtk_widget_set_sensitive (gtk_widget_get_first_child (child), child == shown);
  }
}

GtkWidget *
lw_count_choice_new (LwWorkbench *workbench)
{
  LwCountChoice *self = g_object_new (LW_TYPE_COUNT_CHOICE, NULL);
  GtkWidget *wide = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *caption = gtk_label_new (_ ("Count")), *squeezer = adw_squeezer_new ();

  self->workbench = workbench;
  gtk_widget_add_css_class (caption, "lw-caption");
  gtk_box_append (GTK_BOX (wide), caption);
  gtk_box_append (GTK_BOX (wide), make_buttons (self, self->buttons[0]));
  adw_squeezer_set_homogeneous (ADW_SQUEEZER (squeezer), FALSE);
  adw_squeezer_add (ADW_SQUEEZER (squeezer), wide);
  adw_squeezer_add (ADW_SQUEEZER (squeezer), make_buttons (self, self->buttons[1]));
  adw_squeezer_add (ADW_SQUEEZER (squeezer), make_drop_down (self));
  g_signal_connect (squeezer, "notify::visible-child", G_CALLBACK (squeezed), NULL);
  squeezed (ADW_SQUEEZER (squeezer));
  self->rules = gtk_menu_button_new ();
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (self->rules), "help-about-symbolic");
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (self->rules), fill_rules, self, NULL);
  gtk_widget_add_css_class (self->rules, "flat");
  gtk_widget_set_tooltip_text (self->rules, _ ("How operations are counted"));
  lw_name_widget (self->rules, _ ("How operations are counted"));
  gtk_box_append (GTK_BOX (self->row), squeezer);
  gtk_box_append (GTK_BOX (self->row), self->rules);
  return GTK_WIDGET (self);
}

static void
lw_count_choice_dispose (GObject *object)
{
  g_clear_pointer (&LW_COUNT_CHOICE (object)->row, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_count_choice_parent_class)->dispose (object);
}

static void
lw_count_choice_class_init (LwCountChoiceClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_count_choice_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  changed_signal = g_signal_new ("changed", LW_TYPE_COUNT_CHOICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
lw_count_choice_init (LwCountChoice *self)
{
  self->row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2);
  gtk_widget_set_valign (self->row, GTK_ALIGN_CENTER);
  gtk_widget_set_parent (self->row, GTK_WIDGET (self));
}
