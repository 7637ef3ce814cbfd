#include "ui/export-dialog.h"

#include "engine/analysis.h"
#include "ui/export-rows.h"
#include "ui/file-chooser.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <math.h>

#define WIDTH      900
#define HEIGHT     640
#define MOST_SHOWN 20000 /* bytes of text in the preview */
#define MEMORY     2     /* in the list of styles */

struct _LwExportDialog {
  AdwWindow parent;
  LwExportSource source;
  LwExportChoices *choices;
  char *name;
  LwExportPreview preview;
  GtkWidget *toasts, *memory, *save;
  GtkWidget *style, *part, *format, *scale, *title, *colours, *transparent, *legend;
  LwFigure *figure; /* of the preview; NULL: text */
  bool filling;     /* the widgets are set from the choices */
};

G_DEFINE_FINAL_TYPE (LwExportDialog, lw_export_dialog, ADW_TYPE_WINDOW)

static guint saved_signal;

/* --- preview ------------------------------------------------------------------------------------
 */

static void
paint_figure (cairo_t *cr, gpointer data)
{
  lw_figure_paint (cr, LW_EXPORT_DIALOG (data)->figure);
}

static void
draw_preview (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwExportDialog *self = LW_EXPORT_DIALOG (data);
  double w, h;

  (void)area;
  if (self->figure == NULL)
    return;
  lw_figure_size (self->figure, &w, &h);
  lw_export_paint_preview (cr, width, height, GRAPHENE_SIZE_INIT ((float)w, (float)h),
                           self->choices->dark, self->choices->transparent, paint_figure, self);
}

static char *
upper_ending (LwExportFormat format)
{
  return g_ascii_strup (lw_export_ending (format), -1);
}

static void
show_picture (LwExportDialog *self, const char *title)
{
  const double scale = lw_export_scale (self->choices);
  g_autofree char *kind = upper_ending (self->choices->format);
  g_autofree char *across = NULL, *down = NULL, *words = NULL;
  double width, height;

  self->figure = lw_export_figure (&self->source, self->choices, title);
  lw_figure_size (self->figure, &width, &height);
  across = lw_format_exact ((int64_t)ceil (width * scale));
  down = lw_format_exact ((int64_t)ceil (height * scale));
  words = g_strdup_printf (self->choices->format == LW_EXPORT_PNG ? _ ("%s, %s × %s pixels")
                                                                  : _ ("%s, %s × %s"),
                           kind, across, down);
  gtk_label_set_text (GTK_LABEL (self->preview.summary), words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->preview.picture),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words, -1);
  gtk_stack_set_visible_child_name (GTK_STACK (self->preview.stack), "picture");
  gtk_widget_queue_draw (self->preview.picture);
}

/* The beginning of a long text says enough; it ends with a whole character. */
static void
show_text (LwExportDialog *self, const char *title)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = lw_export_text (&self->source, self->choices, title, &error);
  g_autofree char *kind = upper_ending (self->choices->format);
  const gsize length = text != NULL ? strlen (text) : 0;
  g_autofree char *bytes = lw_format_bytes ((int64_t)length);
  g_autofree char *words = g_strdup_printf ("%s, %s", kind, bytes);
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->preview.text));

  /* Code stays in its lines, without a hyphen where one ends; JSON is a single one. */
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (self->preview.text),
                               self->choices->format == LW_EXPORT_JSON ? GTK_WRAP_CHAR
                                                                       : GTK_WRAP_NONE);
  if (text == NULL) {
    gtk_text_buffer_set_text (buffer, error->message, -1);
  } else if (length > MOST_SHOWN) {
    const char *end = g_utf8_find_prev_char (text, text + MOST_SHOWN);

    gtk_text_buffer_set_text (buffer, text, (int)(end - text));
    gtk_text_buffer_insert_at_cursor (buffer, " …", -1);
  } else {
    gtk_text_buffer_set_text (buffer, text, (int)length);
  }
  gtk_label_set_text (GTK_LABEL (self->preview.summary), words);
  gtk_stack_set_visible_child_name (GTK_STACK (self->preview.stack), "text");
}

/* It is painted by the view itself, so its file is what there is to look at. */
static void
show_memory (LwExportDialog *self)
{
  g_autofree char *folder = g_dir_make_tmp ("layerwise-preview-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder != NULL ? folder : "", "memory.png", NULL);
  g_autofree char *kind = upper_ending (self->choices->format);
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture = NULL;

  if (folder != NULL && self->source.write_memory (self->source.memory, path, &error))
    texture = gdk_texture_new_from_filename (path, &error);
  gtk_picture_set_paintable (GTK_PICTURE (self->memory), GDK_PAINTABLE (texture));
  gtk_label_set_text (GTK_LABEL (self->preview.summary), error != NULL ? error->message : kind);
  gtk_stack_set_visible_child_name (GTK_STACK (self->preview.stack), "memory");
  g_remove (path);
  if (folder != NULL)
    g_rmdir (folder);
}

static void
update (LwExportDialog *self)
{
  const LwExportFormat format = self->choices->format;
  const bool picture = lw_export_is_picture (format);
  const bool memory = lw_export_is_memory (&self->source, self->choices);
  const bool coloured = picture || format == LW_EXPORT_DOT;
  const char *title = gtk_editable_get_text (GTK_EDITABLE (self->title));

  gtk_widget_set_visible (self->scale, format == LW_EXPORT_PNG && !memory);
  gtk_widget_set_sensitive (self->style, picture);
  gtk_widget_set_sensitive (self->part, picture && !memory);
  gtk_widget_set_sensitive (self->legend, picture && !memory);
  gtk_widget_set_sensitive (self->title, format != LW_EXPORT_PYTHON && !memory);
  gtk_widget_set_sensitive (self->colours, coloured && !memory);
  gtk_widget_set_sensitive (self->transparent, coloured && !memory);
  g_clear_pointer (&self->figure, lw_figure_free);
  if (memory)
    show_memory (self);
  else if (picture)
    show_picture (self, title);
  else
    show_text (self, title);
}

/* --- choices ------------------------------------------------------------------------------------
 */

static void
chosen (LwExportDialog *self)
{
  LwExportChoices *choices = self->choices;

  if (self->filling)
    return;
  choices->chosen = true;
  choices->memory = adw_combo_row_get_selected (ADW_COMBO_ROW (self->style)) == MEMORY;
  if (!choices->memory)
    choices->style = (LwFigureStyle)adw_combo_row_get_selected (ADW_COMBO_ROW (self->style));
  choices->view_only = adw_combo_row_get_selected (ADW_COMBO_ROW (self->part)) == 1;
  choices->format = (LwExportFormat)adw_combo_row_get_selected (ADW_COMBO_ROW (self->format));
  choices->scale_index = (int)adw_combo_row_get_selected (ADW_COMBO_ROW (self->scale));
  choices->dark = adw_combo_row_get_selected (ADW_COMBO_ROW (self->colours)) == 1;
  choices->transparent = gtk_switch_get_active (GTK_SWITCH (self->transparent));
  choices->no_legend = !gtk_switch_get_active (GTK_SWITCH (self->legend));
  update (self);
}

static void
fill (LwExportDialog *self)
{
  const LwExportChoices *choices = self->choices;
  const LwGraph *graph = lw_diagram_state_graph (lw_diagram_view_state (self->source.diagram));

  self->filling = true;
  if (self->source.write_memory != NULL)
    gtk_string_list_append (GTK_STRING_LIST (adw_combo_row_get_model (ADW_COMBO_ROW (self->style))),
                            _ ("Memory"));
  adw_combo_row_set_selected (ADW_COMBO_ROW (self->style),
                              choices->memory ? MEMORY : choices->style);
  adw_combo_row_set_selected (ADW_COMBO_ROW (self->part), choices->view_only);
  adw_combo_row_set_selected (ADW_COMBO_ROW (self->format), choices->format);
  adw_combo_row_set_selected (ADW_COMBO_ROW (self->scale), (guint)choices->scale_index);
  adw_combo_row_set_selected (ADW_COMBO_ROW (self->colours), choices->dark);
  gtk_switch_set_active (GTK_SWITCH (self->transparent), choices->transparent);
  gtk_switch_set_active (GTK_SWITCH (self->legend), !choices->no_legend);
  gtk_editable_set_text (GTK_EDITABLE (self->title), lw_graph_title (graph));
  self->filling = false;
}

/* --- the file -----------------------------------------------------------------------------------
 */

void
lw_export_dialog_save (LwExportDialog *self, const char *path)
{
  const char *title = gtk_editable_get_text (GTK_EDITABLE (self->title));
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *sentence = NULL, *escaped = NULL;

  if (lw_export_write (&self->source, self->choices, title, path, &error)) {
    sentence = g_strdup_printf (_ ("Saved %s"), name);
    g_signal_emit (self, saved_signal, 0, sentence);
    gtk_window_close (GTK_WINDOW (self));
    return;
  }
  escaped = g_markup_escape_text (error->message, -1);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), adw_toast_new (escaped));
}

static void
file_chosen (gpointer self, const char *path, gconstpointer what)
{
  (void)what;
  lw_export_dialog_save (self, path);
}

static void
choose_file (LwExportDialog *self)
{
  const char *const endings[] = { lw_export_ending (self->choices->format), NULL };
  const char *what =
      lw_export_is_memory (&self->source, self->choices) ? "memory"
      : lw_export_is_picture (self->choices->format) && self->choices->style == LW_FIGURE_VOLUMES
          ? "volumes"
          : "diagram";
  /* Python imports by the file's name, which cannot have a dash. */
  g_autofree char *file = self->choices->format == LW_EXPORT_PYTHON
                              ? g_strdelimit (g_strdup_printf ("%s.py", self->name), "-", '_')
                              : g_strdup_printf ("%s-%s.%s", self->name, what, endings[0]);

  lw_choose_file (GTK_WINDOW (self), _ ("Export the Diagram"), file, endings, file_chosen, self,
                  NULL);
}

/* --- set-up -------------------------------------------------------------------------------------
 */

static GtkWidget *
make_options (LwExportDialog *self)
{
  static const char *const styles[] = { N_ ("Blocks"), N_ ("Volumes"), NULL };
  static const char *const parts[] = { N_ ("Whole network"), N_ ("What is in view"), NULL };
  static const char *const formats[] = { N_ ("SVG"),  N_ ("PDF"),
                                         N_ ("PNG"),  N_ ("DOT (Graphviz)"),
                                         N_ ("JSON"), N_ ("Python (PyTorch)"),
                                         NULL };
  static const char *const scales[] = { "2×", "1×", "3×", NULL };
  static const char *const colours[] = { N_ ("Light"), N_ ("Dark"), NULL };
  GtkWidget *file = adw_preferences_group_new (), *look = adw_preferences_group_new ();
  const GCallback done = G_CALLBACK (chosen);

  self->format = lw_export_add_choice (file, _ ("Format"), formats, done, self);
  self->scale = lw_export_add_choice (file, _ ("Size"), scales, done, self);
  self->style = lw_export_add_choice (file, _ ("Style"), styles, done, self);
  self->part = lw_export_add_choice (file, _ ("Part"), parts, done, self);
  self->title = lw_export_add_words (look, _ ("Title"), done, self);
  self->colours = lw_export_add_choice (look, _ ("Colours"), colours, done, self);
  self->transparent = lw_export_add_switch (look, _ ("Transparent ground"), done, self);
  self->legend = lw_export_add_switch (look, _ ("Legend"), done, self);
  return lw_export_make_options ((GtkWidget *const[]){ file, look, NULL });
}

static void
make_preview (LwExportDialog *self)
{
  self->preview = lw_export_make_preview (draw_preview, self);
  self->memory = gtk_picture_new ();
  gtk_picture_set_alternative_text (GTK_PICTURE (self->memory), _ ("Preview"));
  gtk_widget_add_css_class (self->memory, "lw-preview-memory");
  gtk_stack_add_named (GTK_STACK (self->preview.stack), self->memory, "memory");
}

GtkWidget *
lw_export_dialog_new (const LwExportSource *source, LwExportChoices *choices, const char *name)
{
  LwExportDialog *self =
      g_object_new (LW_TYPE_EXPORT_DIALOG, "title", _ ("Export the Diagram"), "modal", TRUE,
                    "default-width", WIDTH, "default-height", HEIGHT, NULL);

  self->source = *source;
  self->choices = choices;
  self->name = g_strdup (name);
  g_signal_connect_object (source->diagram, "relaid", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  fill (self);
  update (self);
  gtk_window_set_default_widget (GTK_WINDOW (self), self->save);
  gtk_window_set_focus (GTK_WINDOW (self), self->save);
  return GTK_WIDGET (self);
}

const char *
lw_export_dialog_summary (LwExportDialog *self)
{
  return gtk_label_get_text (GTK_LABEL (self->preview.summary));
}

static void
lw_export_dialog_finalize (GObject *object)
{
  LwExportDialog *self = LW_EXPORT_DIALOG (object);

  g_clear_pointer (&self->figure, lw_figure_free);
  g_free (self->name);
  G_OBJECT_CLASS (lw_export_dialog_parent_class)->finalize (object);
}

static void
lw_export_dialog_class_init (LwExportDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_export_dialog_finalize;
  saved_signal = g_signal_new ("saved", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

static void
lw_export_dialog_init (LwExportDialog *self)
{
  make_preview (self);
  self->toasts = lw_export_fill_window (ADW_WINDOW (self), self->preview.column,
                                        make_options (self), &self->save, G_CALLBACK (choose_file));
}
