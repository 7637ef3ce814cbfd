#include "ui/map-column.h"

#include "ui/accessible.h"
#include "ui/view-memory.h"

#include <glib/gi18n.h>

#define RIM       5
#define WIDTH     (4 * (int)LW_SHEET_TILE + 3 * 10 + 2 * RIM)
#define BAR_WIDTH 68
#define MEMORY    "feature-maps"

struct _LwMapColumn {
  GtkWidget parent;
  LwMapSheet *sheet;
  LwText *text;
  LwSheetLook look;
  GtkWidget *column, *filters, *heading, *words, *scroller, *grid, *absent, *bar, *each, *layer,
      *note, *colours, *save;
};

G_DEFINE_FINAL_TYPE (LwMapColumn, lw_map_column, GTK_TYPE_WIDGET)

enum { LOOK_CHANGED, CHOSEN, SAVE_VALUES, SAVE_PICTURE, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
draw_bar (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwMapColumn *self = data;
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  LwScale scale = self->sheet->scale;

  (void)width;
  if (self->sheet->kind == LW_SHEET_NONE)
    return;
  if (self->look.scale_each && self->sheet->kind == LW_SHEET_MAPS)
    scale = lw_tile_grid_tile (&self->sheet->maps, self->sheet->chosen).scale;
  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (GTK_WIDGET (area)));
  lw_colour_bar_paint (cr, theme, self->text, &scale, 0, height / 2.0, BAR_WIDTH, 0);
}

static const char *
scale_note (LwMapColumn *self)
{
  if (self->sheet->kind == LW_SHEET_KERNELS && self->sheet->kernels.colours)
    return _ ("Colours are the weights for red, green and blue; grey is zero");
  if (self->look.scale_each && self->sheet->kind == LW_SHEET_MAPS)
    return _ ("Each map has its own scale; the bar is the chosen one's");
  return self->sheet->scale.map == LW_MAP_SIGNED ? _ ("Colours share one scale, centred on zero")
                                                 : _ ("Colours share one scale");
}

void
lw_map_column_show (LwMapColumn *self, const char *words, const char *absence)
{
  g_autofree char *heading = lw_map_sheet_heading (self->sheet);

  gtk_label_set_text (GTK_LABEL (self->heading), heading);
  gtk_label_set_text (GTK_LABEL (self->words), words);
  gtk_widget_set_tooltip_text (self->words, words);
  gtk_label_set_text (GTK_LABEL (self->absent), absence != NULL ? absence : "");
  gtk_widget_set_visible (self->absent, absence != NULL);
  gtk_label_set_text (GTK_LABEL (self->note), absence != NULL ? "" : scale_note (self));
  gtk_widget_set_sensitive (self->save, absence == NULL);
  gtk_widget_set_sensitive (self->each, self->sheet->kind != LW_SHEET_UNITS);
  gtk_widget_queue_draw (self->bar);
  lw_map_grid_update (LW_MAP_GRID (self->grid));
}

LwSheetLook
lw_map_column_look (LwMapColumn *self)
{
  return self->look;
}

LwMapGrid *
lw_map_column_grid (LwMapColumn *self)
{
  return LW_MAP_GRID (self->grid);
}

/* --- choices -------------------------------------------------------------------------------------
 */

static void
look_changed (LwMapColumn *self)
{
  self->look = (LwSheetLook){
    .filters = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->filters)),
    .scale_each = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->each)),
    .colours = (LwColours)gtk_drop_down_get_selected (GTK_DROP_DOWN (self->colours)),
  };
  lw_view_memory_set (MEMORY, "colours", (int)self->look.colours);
  lw_view_memory_set (MEMORY, "scale-each", self->look.scale_each);
  g_signal_emit (self, signals[LOOK_CHANGED], 0);
}

static void
grid_chosen (LwMapGrid *grid, int chosen, int input, LwMapColumn *self)
{
  (void)grid;
  g_signal_emit (self, signals[CHOSEN], 0, chosen, input);
}

static void
file_chosen (GtkNativeDialog *dialog, int response, LwMapColumn *self)
{
  const guint which = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (dialog), "which"));

  if (response == GTK_RESPONSE_ACCEPT) {
    g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
    g_autofree char *path = g_file_get_path (file);

    if (path != NULL)
      g_signal_emit (self, signals[which], 0, path);
  }
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

/* `name`: of the menu's action. */
static void
choose_file (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const bool values = g_str_equal (name, "sheet.save-values");
  const char *what = LW_MAP_COLUMN (widget)->look.filters ? "filters" : "maps";
  g_autofree char *file = g_strdup_printf ("%s.%s", what, values ? "csv" : "png");
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      values ? _ ("Save the Values") : _ ("Save the Picture"),
      GTK_WINDOW (gtk_widget_get_root (widget)), GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), NULL);

  (void)parameter;
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), file);
  g_object_set_data (G_OBJECT (dialog), "which",
                     GUINT_TO_POINTER (values ? SAVE_VALUES : SAVE_PICTURE));
  g_signal_connect_object (dialog, "response", G_CALLBACK (file_chosen), widget, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* --- set-up --------------------------------------------------------------------------------------
 */

static GtkWidget *
make_label (const char *css_class, float xalign)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), xalign);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

/* Two words, one of which holds; returns the second. */
static GtkWidget *
make_switch (GtkWidget *row, const char *first, const char *first_tip, const char *second,
             const char *second_tip)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *a = gtk_toggle_button_new_with_label (first);
  GtkWidget *b = gtk_toggle_button_new_with_label (second);

  gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (b), GTK_TOGGLE_BUTTON (a));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (a), TRUE);
  gtk_widget_set_tooltip_text (a, first_tip);
  gtk_widget_set_tooltip_text (b, second_tip);
  lw_name_widget (a, first);
  lw_name_widget (b, second);
  gtk_widget_add_css_class (a, "lw-small-button");
  gtk_widget_add_css_class (b, "lw-small-button");
  gtk_widget_add_css_class (box, "linked");
  gtk_box_append (GTK_BOX (box), a);
  gtk_box_append (GTK_BOX (box), b);
  gtk_box_append (GTK_BOX (row), box);
  return b;
}

static GtkWidget *
make_top (LwMapColumn *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *space = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  g_autoptr (GMenu) menu = g_menu_new ();

  self->filters = make_switch (row, _ ("Maps"), _ ("What the layer makes of the image"),
                               _ ("Filters"), _ ("The layer's weights as pictures"));
  gtk_widget_set_hexpand (space, TRUE);
  g_menu_append (menu, _ ("Values as CSV…"), "sheet.save-values");
  g_menu_append (menu, _ ("Picture…"), "sheet.save-picture");
  self->save = gtk_menu_button_new ();
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (self->save), "document-save-symbolic");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->save), G_MENU_MODEL (menu));
  gtk_widget_set_tooltip_text (self->save, _ ("Save what is shown"));
  lw_name_widget (self->save, _ ("Save what is shown"));
  gtk_widget_add_css_class (self->save, "flat");
  gtk_box_append (GTK_BOX (row), space);
  gtk_box_append (GTK_BOX (row), self->save);
  return row;
}

static GtkWidget *
make_sheet (LwMapColumn *self)
{
  GtkWidget *overlay = gtk_overlay_new ();

  self->scroller = gtk_scrolled_window_new ();
  self->grid = lw_map_grid_new (self->sheet);
  g_signal_connect (self->grid, "chosen", G_CALLBACK (grid_chosen), self);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), self->grid);
  gtk_scrolled_window_set_min_content_width (GTK_SCROLLED_WINDOW (self->scroller), WIDTH);
  gtk_widget_set_focusable (self->scroller, FALSE);
  gtk_widget_set_vexpand (self->scroller, TRUE);
  self->absent = make_label ("lw-caption", 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->absent), PANGO_ELLIPSIZE_NONE);
  gtk_label_set_wrap (GTK_LABEL (self->absent), TRUE);
  gtk_widget_set_valign (self->absent, GTK_ALIGN_START);
  gtk_widget_set_margin_start (self->absent, RIM);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), self->scroller);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), self->absent);
  return overlay;
}

static GtkWidget *
make_foot (LwMapColumn *self)
{
  static const char *const names[LW_N_COLOURS + 1] = { N_ ("Automatic"), N_ ("Sequential"),
                                                       N_ ("Signed"), N_ ("Grey"), NULL };
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6),
            *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8),
            *second = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);

  self->bar =
      g_object_new (GTK_TYPE_DRAWING_AREA, "accessible-role", GTK_ACCESSIBLE_ROLE_IMG, NULL);
  lw_name_widget (self->bar, _ ("Legend of the colours"));
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->bar), draw_bar, self, NULL);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (self->bar), 18);
  gtk_widget_set_hexpand (self->bar, TRUE);
  gtk_box_append (GTK_BOX (row), self->bar);
  self->each = make_switch (row, _ ("Layer"), _ ("Colours share one scale over the layer"),
                            _ ("Map"), _ ("Each map has a scale of its own"));
  self->note = make_label ("lw-caption", 0);
  gtk_label_set_wrap (GTK_LABEL (self->note), TRUE);
  gtk_label_set_ellipsize (GTK_LABEL (self->note), PANGO_ELLIPSIZE_NONE);
  gtk_widget_set_hexpand (self->note, TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (self->note), 22);
  for (int i = 0; names[i] != NULL; i++)
    gtk_string_list_append (list, _ (names[i]));
  self->colours = gtk_drop_down_new (
      NULL, gtk_property_expression_new (GTK_TYPE_STRING_OBJECT, NULL, "string"));
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->colours), G_LIST_MODEL (list));
  gtk_widget_set_tooltip_text (self->colours, _ ("Colours"));
  lw_name_drop_down (self->colours, _ ("Colours"));
  gtk_widget_add_css_class (self->colours, "lw-small-choice");
  gtk_widget_set_valign (self->colours, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (second), self->note);
  gtk_box_append (GTK_BOX (second), self->colours);
  gtk_box_append (GTK_BOX (column), row);
  gtk_box_append (GTK_BOX (column), second);
  return column;
}

static void
recall (LwMapColumn *self)
{
  const int colours = lw_view_memory_get (MEMORY, "colours", LW_COLOURS_AUTOMATIC);

  self->look.colours = (LwColours)CLAMP (colours, 0, LW_N_COLOURS - 1);
  self->look.scale_each = lw_view_memory_get (MEMORY, "scale-each", 0) != 0;
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->colours), self->look.colours);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->each), self->look.scale_each);
  g_signal_connect_swapped (self->filters, "toggled", G_CALLBACK (look_changed), self);
  g_signal_connect_swapped (self->each, "toggled", G_CALLBACK (look_changed), self);
  g_signal_connect_swapped (self->colours, "notify::selected", G_CALLBACK (look_changed), self);
}

GtkWidget *
lw_map_column_new (LwMapSheet *sheet)
{
  LwMapColumn *self = g_object_new (LW_TYPE_MAP_COLUMN, NULL);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *top, *foot;

  self->sheet = sheet;
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
  self->heading = make_label ("lw-strong", 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->heading), PANGO_ELLIPSIZE_NONE);
  self->words = make_label ("lw-caption", 1);
  gtk_widget_set_hexpand (self->words, TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (self->words), 1); /* what is left, not what it wants */
  gtk_box_append (GTK_BOX (head), self->heading);
  gtk_box_append (GTK_BOX (head), self->words);
  top = make_top (self);
  gtk_box_append (GTK_BOX (self->column), top);
  gtk_box_append (GTK_BOX (self->column), head);
  gtk_box_append (GTK_BOX (self->column), make_sheet (self));
  foot = make_foot (self);
  gtk_box_append (GTK_BOX (self->column), foot);
  for (GtkWidget **line = (GtkWidget *[]){ top, head, foot, NULL }; *line != NULL; line++) {
    gtk_widget_set_margin_start (*line, RIM); /* as the maps between them */
    gtk_widget_set_margin_end (*line, RIM);
  }
  recall (self);
  return GTK_WIDGET (self);
}

static void
lw_map_column_dispose (GObject *object)
{
  g_clear_pointer (&LW_MAP_COLUMN (object)->column, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_map_column_parent_class)->dispose (object);
}

static void
lw_map_column_finalize (GObject *object)
{
  lw_text_free (LW_MAP_COLUMN (object)->text);
  G_OBJECT_CLASS (lw_map_column_parent_class)->finalize (object);
}

static void
lw_map_column_class_init (LwMapColumnClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_map_column_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_map_column_finalize;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_install_action (widget_class, "sheet.save-values", NULL, choose_file);
  gtk_widget_class_install_action (widget_class, "sheet.save-picture", NULL, choose_file);
  signals[LOOK_CHANGED] = g_signal_new ("look-changed", G_TYPE_FROM_CLASS (klass),
                                        G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[CHOSEN] = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_INT);
  signals[SAVE_VALUES] = g_signal_new ("save-values", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                       0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SAVE_PICTURE] =
      g_signal_new ("save-picture", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
lw_map_column_init (LwMapColumn *self)
{
  self->text = lw_text_new (NULL, NULL);
}
