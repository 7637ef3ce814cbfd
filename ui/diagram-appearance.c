#include "ui/diagram-appearance.h"

#include "ui/accessible.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* The check boxes of the View menu, in the order of a box's lines. */
static const struct {
  LwShow show;
  const char *words, *help;
} shows[] = {
  { LW_SHOW_TYPE, N_ ("Type of layer"), N_ ("Where the name does not say it") },
  { LW_SHOW_WINDOW, N_ ("Kernel and stride"), NULL },
  { LW_SHOW_PADDING, N_ ("Padding"), NULL },
  { LW_SHOW_OUTPUT, N_ ("Output shape"), N_ ("Channels × height × width") },
  { LW_SHOW_PARAMETERS, N_ ("Parameters"), NULL },
  { LW_SHOW_COUNT, NULL, N_ ("As the Count switch says") },
  { LW_SHOW_MEMORY, N_ ("Output memory"), N_ ("Of one image, as 32-bit numbers") },
  { LW_SHOW_FIELD, N_ ("Receptive field"), N_ ("The pixels of the input that one unit sees") },
  { LW_SHOW_TIME, N_ ("Measured time"), N_ ("Forward and backward, measured on this machine") },
};
static const char *const edge_words[] = { N_ ("Shapes"), N_ ("Names and shapes"), N_ ("Nothing") };
static const struct {
  int least;
  const char *words;
} groupings[] = { { 3, N_ ("Three or more as × N") },
                  { 2, N_ ("Two or more as × N") },
                  { 0, N_ ("Each by itself") } };
static const char *const count_words[] = { N_ ("MACs"), N_ ("FLOPs"), N_ ("All operations") };

struct _LwDiagramAppearance {
  GtkWidget parent;
  LwDiagramView *diagram; /* borrowed: it lives longer */
  GtkWidget *row, *colours, *stop, *spinner;
  GtkStringList *colour_names;
  GtkWidget *shows[G_N_ELEMENTS (shows)];
  GtkWidget *edges[G_N_ELEMENTS (edge_words)], *groupings[G_N_ELEMENTS (groupings)];
  bool following; /* the controls follow the diagram */
};

G_DEFINE_FINAL_TYPE (LwDiagramAppearance, lw_diagram_appearance, GTK_TYPE_WIDGET)

/* --- what the controls do ----------------------------------------------------------------------
 */

static void
colour_chosen (LwDiagramAppearance *self)
{
  const guint chosen = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->colours));

  if (!self->following && chosen < LW_N_COLOURINGS)
    lw_diagram_view_set_colouring (self->diagram, (LwColouring)chosen);
}

static void
show_toggled (LwDiagramAppearance *self)
{
  LwShow chosen = LW_SHOW_NAME;

  if (self->following)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (shows); i++)
    if (gtk_check_button_get_active (GTK_CHECK_BUTTON (self->shows[i])))
      chosen |= shows[i].show;
  lw_diagram_view_set_shows (self->diagram, chosen);
}

static void
edges_toggled (GtkCheckButton *button, LwDiagramAppearance *self)
{
  if (self->following || !gtk_check_button_get_active (button))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (self->edges); i++)
    if (self->edges[i] == GTK_WIDGET (button))
      lw_diagram_view_set_edges (self->diagram, (LwEdgeWords)i);
}

static void
grouping_toggled (GtkCheckButton *button, LwDiagramAppearance *self)
{
  if (self->following || !gtk_check_button_get_active (button))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (groupings); i++)
    if (self->groupings[i] == GTK_WIDGET (button))
      lw_diagram_view_set_grouping (self->diagram, groupings[i].least);
}

static void
use_standard (LwDiagramAppearance *self)
{
  lw_diagram_view_set_shows (self->diagram, LW_SHOW_STANDARD);
  lw_diagram_view_set_edges (self->diagram, LW_EDGES_SHAPES);
  lw_diagram_view_set_grouping (self->diagram, LW_GROUP_LEAST);
}

/* What needs no measuring is shown instead. */
static void
stop_measuring (LwDiagramAppearance *self)
{
  const LwColouring by = lw_diagram_view_colouring (self->diagram);

  lw_diagram_view_set_shows (self->diagram, lw_diagram_view_shows (self->diagram) & ~LW_SHOW_TIME);
  if (by == LW_COLOUR_FORWARD || by == LW_COLOUR_BACKWARD)
    lw_diagram_view_set_colouring (self->diagram, LW_COLOUR_KIND);
}

/* --- following the diagram ---------------------------------------------------------------------
 */

static void
check (GtkWidget *button, bool active)
{
  gtk_check_button_set_active (GTK_CHECK_BUTTON (button), active);
}

static void
follow (LwDiagramAppearance *self)
{
  const char *count = _ (count_words[lw_diagram_view_count (self->diagram)]);
  const bool measuring = lw_diagram_view_is_measuring (self->diagram);

  self->following = true;
  if (!g_str_equal (gtk_string_list_get_string (self->colour_names, LW_COLOUR_COUNT), count))
    gtk_string_list_splice (self->colour_names, LW_COLOUR_COUNT, 1,
                            (const char *const[]){ count, NULL });
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->colours),
                              (guint)lw_diagram_view_colouring (self->diagram));
  for (guint i = 0; i < G_N_ELEMENTS (shows); i++) {
    check (self->shows[i], (lw_diagram_view_shows (self->diagram) & shows[i].show) != 0);
    if (shows[i].words == NULL)
      gtk_check_button_set_label (GTK_CHECK_BUTTON (self->shows[i]), count);
  }
  check (self->edges[lw_diagram_view_edges (self->diagram)], true);
  for (guint i = 0; i < G_N_ELEMENTS (groupings); i++)
    if (lw_diagram_view_grouping (self->diagram) == groupings[i].least)
      check (self->groupings[i], true);
  gtk_widget_set_visible (self->stop, measuring);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), measuring);
  self->following = false;
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static GtkWidget *
add_title (GtkWidget *box, const char *words)
{
  GtkWidget *label = gtk_label_new (words);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "lw-caption");
  gtk_widget_set_margin_top (label, gtk_widget_get_first_child (box) != NULL ? 8 : 0);
  gtk_box_append (GTK_BOX (box), label);
  return label;
}

static GtkWidget *
add_check (GtkWidget *box, const char *words, GtkWidget *group)
{
  GtkWidget *button = gtk_check_button_new_with_label (words);

  if (group != NULL)
    gtk_check_button_set_group (GTK_CHECK_BUTTON (button), GTK_CHECK_BUTTON (group));
  gtk_box_append (GTK_BOX (box), button);
  return button;
}

static GtkWidget *
make_columns (LwDiagramAppearance *self)
{
  GtkWidget *columns = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 24);
  GtkWidget *left = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *right = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *standard = gtk_button_new_with_label (_ ("Standard"));

  add_title (left, _ ("Boxes show"));
  for (guint i = 0; i < G_N_ELEMENTS (shows); i++) {
    self->shows[i] = add_check (left, shows[i].words != NULL ? _ (shows[i].words) : "", NULL);
    if (shows[i].help != NULL)
      gtk_widget_set_tooltip_text (self->shows[i], _ (shows[i].help));
    g_signal_connect_swapped (self->shows[i], "toggled", G_CALLBACK (show_toggled), self);
  }
  add_title (right, _ ("Edges show"));
  for (guint i = 0; i < G_N_ELEMENTS (edge_words); i++) {
    self->edges[i] = add_check (right, _ (edge_words[i]), i > 0 ? self->edges[0] : NULL);
    g_signal_connect (self->edges[i], "toggled", G_CALLBACK (edges_toggled), self);
  }
  add_title (right, _ ("Equal blocks in a row"));
  for (guint i = 0; i < G_N_ELEMENTS (groupings); i++) {
    self->groupings[i] =
        add_check (right, _ (groupings[i].words), i > 0 ? self->groupings[0] : NULL);
    g_signal_connect (self->groupings[i], "toggled", G_CALLBACK (grouping_toggled), self);
  }
  gtk_widget_set_valign (standard, GTK_ALIGN_END);
  gtk_widget_set_vexpand (standard, TRUE);
  gtk_widget_set_tooltip_text (standard, _ ("What a box says at first"));
  g_signal_connect_swapped (standard, "clicked", G_CALLBACK (use_standard), self);
  gtk_box_append (GTK_BOX (right), standard);
  gtk_box_append (GTK_BOX (columns), left);
  gtk_box_append (GTK_BOX (columns), right);
  for (int i = 0; i < 2; i++) {
    gtk_widget_set_margin_top (i == 0 ? left : right, 6);
    gtk_widget_set_margin_bottom (i == 0 ? left : right, 6);
    gtk_widget_set_margin_start (i == 0 ? left : right, i == 0 ? 6 : 0);
    gtk_widget_set_margin_end (i == 0 ? left : right, i == 0 ? 0 : 6);
  }
  return columns;
}

static GtkWidget *
make_colours (LwDiagramAppearance *self)
{
  static const char *const names[LW_N_COLOURINGS] = { [LW_COLOUR_KIND] = N_ ("Layer kind"),
                                                      [LW_COLOUR_PARAMETERS] = N_ ("Parameters"),
                                                      [LW_COLOUR_COUNT] = N_ ("MACs"),
                                                      [LW_COLOUR_MEMORY] = N_ ("Memory"),
                                                      [LW_COLOUR_FORWARD] = N_ ("Forward time"),
                                                      [LW_COLOUR_BACKWARD] = N_ ("Backward time"),
                                                      [LW_COLOUR_GRADIENT] = N_ ("Gradient norm") };
  GtkWidget *caption = gtk_label_new (_ ("Colour")), *nothing = gtk_label_new (NULL);
  GtkWidget *squeezer = adw_squeezer_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);

  gtk_widget_add_css_class (caption, "lw-caption");
  adw_squeezer_set_homogeneous (ADW_SQUEEZER (squeezer), FALSE);
  adw_squeezer_add (ADW_SQUEEZER (squeezer), caption);
  adw_squeezer_add (ADW_SQUEEZER (squeezer), nothing);
  self->colour_names = gtk_string_list_new (NULL);
  for (int i = 0; i < LW_N_COLOURINGS; i++)
    gtk_string_list_append (self->colour_names, _ (names[i]));
  self->colours = gtk_drop_down_new (G_LIST_MODEL (self->colour_names), NULL);
  gtk_widget_set_tooltip_text (self->colours, _ ("What the colours stand for"));
  lw_name_drop_down (self->colours, _ ("What the colours stand for"));
  g_signal_connect_swapped (self->colours, "notify::selected", G_CALLBACK (colour_chosen), self);
  gtk_box_append (GTK_BOX (box), squeezer);
  gtk_box_append (GTK_BOX (box), self->colours);
  return box;
}

GtkWidget *
lw_diagram_appearance_new (LwDiagramView *diagram)
{
  LwDiagramAppearance *self = g_object_new (LW_TYPE_DIAGRAM_APPEARANCE, NULL);

  self->diagram = diagram;
  g_signal_connect_object (diagram, "appearance-changed", G_CALLBACK (follow), self,
                           G_CONNECT_SWAPPED);
  follow (self);
  return GTK_WIDGET (self);
}

static void
lw_diagram_appearance_dispose (GObject *object)
{
  g_clear_pointer (&LW_DIAGRAM_APPEARANCE (object)->row, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_diagram_appearance_parent_class)->dispose (object);
}

static void
lw_diagram_appearance_class_init (LwDiagramAppearanceClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_diagram_appearance_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_diagram_appearance_init (LwDiagramAppearance *self)
{
  GtkWidget *view = gtk_menu_button_new (), *popover = gtk_popover_new ();

  self->row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_widget_set_valign (self->row, GTK_ALIGN_CENTER);
  gtk_widget_set_parent (self->row, GTK_WIDGET (self));
  gtk_box_append (GTK_BOX (self->row), make_colours (self));
  self->spinner = gtk_spinner_new ();
  self->stop = gtk_button_new ();
  gtk_button_set_child (GTK_BUTTON (self->stop), self->spinner);
  gtk_widget_add_css_class (self->stop, "flat");
  gtk_widget_set_tooltip_text (self->stop, _ ("Measuring… Press to stop"));
  lw_name_widget (self->stop, _ ("Stop measuring"));
  g_signal_connect_swapped (self->stop, "clicked", G_CALLBACK (stop_measuring), self);
  gtk_box_append (GTK_BOX (self->row), self->stop);
  gtk_popover_set_child (GTK_POPOVER (popover), make_columns (self));
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (view), popover);
  gtk_menu_button_set_label (GTK_MENU_BUTTON (view), _ ("View"));
  gtk_widget_set_tooltip_text (view, _ ("What boxes and edges say"));
  gtk_box_append (GTK_BOX (self->row), view);
}
