#include "ui/data-page.h"

#include "engine/analysis.h"
#include "ui/accessible.h"
#include "ui/class-rows-view.h"
#include "ui/data-sets.h"

#include <glib/gi18n.h>

/* How images are shown: by the lists of engine/data/augment.h. */
enum { AS_THEY_ARE, BY_SETTINGS };
static const struct {
  const char *words, *name;
} views[] = { [AS_THEY_ARE] = { N_ ("As they are"), NULL },
              [BY_SETTINGS] = { N_ ("As the settings say"), NULL },
              { N_ ("Flipped"), "flip" },
              { N_ ("Cropped and flipped"), "crop" },
              { N_ ("The book's list"), "book" } };

struct _LwDataPage {
  GtkWidget parent;
  LwWorkbench *workbench;
  LwDataSamples *samples;
  GtkWidget *column, *stack, *problem, *rows;
  GtkWidget *title, *facts, *brightness, *place, *note, *words, *spinner;
  GtkWidget *split, *augmentation, *redraw, *next;
};

G_DEFINE_FINAL_TYPE (LwDataPage, lw_data_page, GTK_TYPE_WIDGET)

/* --- numbers -----------------------------------------------------------------------------------
 */

static void
set_text (GtkWidget *label, const char *text)
{
  gtk_label_set_text (GTK_LABEL (label), text != NULL ? text : "");
  gtk_widget_set_visible (label, text != NULL && *text != '\0');
}

static void
show_facts (LwDataPage *self, const LwDataset *dataset)
{
  g_autofree char *trains = lw_format_exact (lw_dataset_size (dataset, LW_SPLIT_TRAIN));
  g_autofree char *tests = lw_format_exact (lw_dataset_size (dataset, LW_SPLIT_TEST));
  const int channels = lw_dataset_channels (dataset);
  g_autofree char *of_channels =
      g_strdup_printf (ngettext ("%d channel", "%d channels", (gulong)channels), channels);
  g_autofree char *classes =
      g_strdup_printf (ngettext ("%d class", "%d classes", (gulong)lw_dataset_classes (dataset)),
                       lw_dataset_classes (dataset));
  g_autofree char *facts = g_strdup_printf (
      _ ("%s training and %s test images, %d × %d pixels, %s, %s"), trains, tests,
      lw_dataset_width (dataset), lw_dataset_height (dataset), of_channels, classes);
  const char *folder = lw_dataset_folder (dataset);
  g_autofree char *place =
      folder != NULL ? g_filename_display_name (folder) : g_strdup (_ ("drawn by the program"));

  set_text (self->title, lw_data_set_title (lw_dataset_name (dataset)));
  set_text (self->facts, facts);
  set_text (self->place, place);
  set_text (self->note, lw_dataset_note (dataset));
}

/* "mean 0.286, deviation 0.353", of each channel where there are several. */
static void
show_brightness (LwDataPage *self, const LwDataSummary *summary)
{
  const LwNormalization *numbers = summary != NULL ? &summary->normalization : NULL;
  g_autoptr (GString) means = g_string_new (NULL), deviations = g_string_new (NULL);
  g_autofree char *text = NULL;

  for (int32_t c = 0; numbers != NULL && c < numbers->n; c++) {
    g_string_append_printf (means, "%s%.3f", c > 0 ? " · " : "", (double)numbers->mean[c]);
    g_string_append_printf (deviations, "%s%.3f", c > 0 ? " · " : "",
                            (double)numbers->deviation[c]);
  }
  if (numbers != NULL && numbers->n > 0)
    text = g_strdup_printf (_ ("Values of the training images from 0 to 1: mean %s, deviation %s"),
                            means->str, deviations->str);
  set_text (self->brightness, text);
}

/* --- what is shown -----------------------------------------------------------------------------
 */

static void
arrange (LwDataPage *self)
{
  const char *problem = lw_workbench_dataset_error (self->workbench);
  const bool loaded = lw_workbench_dataset (self->workbench) != NULL;
  const bool working =
      (!loaded && problem == NULL) || (lw_data_samples_summary (self->samples) == NULL && loaded);
  const bool train = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->split)) == 0;
  const bool augmented =
      gtk_drop_down_get_selected (GTK_DROP_DOWN (self->augmentation)) > AS_THEY_ARE;

  if (problem != NULL) {
    g_autofree char *escaped = g_markup_escape_text (problem, -1);

    adw_status_page_set_description (ADW_STATUS_PAGE (self->problem), escaped);
  }
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), problem != NULL ? "problem"
                                                             : working       ? "loading"
                                                                             : "rows");
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), problem == NULL && working);
  lw_set_sensitive (self->split, loaded);
  lw_set_sensitive (self->next, loaded);
  /* Test images are never changed. */
  lw_set_sensitive (self->augmentation, loaded && train);
  lw_set_sensitive (self->redraw, loaded && train && augmented);
}

static void
dataset_changed (LwDataPage *self)
{
  LwDataset *dataset = lw_workbench_dataset (self->workbench);

  if (gtk_widget_get_mapped (GTK_WIDGET (self)) || dataset == NULL)
    lw_data_samples_set_dataset (self->samples, dataset);
  if (dataset != NULL)
    show_facts (self, dataset);
  arrange (self);
}

static void
samples_changed (LwDataPage *self)
{
  show_brightness (self, lw_data_samples_summary (self->samples));
  arrange (self);
}

static void
hovered (LwDataPage *self)
{
  gtk_label_set_text (GTK_LABEL (self->words),
                      lw_class_rows_view_words (LW_CLASS_ROWS_VIEW (self->rows)));
}

static void
split_changed (LwDataPage *self)
{
  lw_data_samples_set_split (
      self->samples, gtk_drop_down_get_selected (GTK_DROP_DOWN (self->split)) == 0 ? LW_SPLIT_TRAIN
                                                                                   : LW_SPLIT_TEST);
  arrange (self);
}

static void
augmentation_changed (LwDataPage *self)
{
  const guint chosen = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->augmentation));
  LwAugmentation augmentation = { 0 };

  if (chosen == BY_SETTINGS)
    augmentation = lw_workbench_settings (self->workbench)->augmentation;
  else if (views[chosen].name != NULL)
    lw_augmentation_find (views[chosen].name, &augmentation);
  lw_data_samples_set_augmentation (self->samples, &augmentation);
  arrange (self);
}

static void
settings_changed (LwDataPage *self)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self)) &&
      gtk_drop_down_get_selected (GTK_DROP_DOWN (self->augmentation)) == BY_SETTINGS)
    augmentation_changed (self);
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static GtkWidget *
drop_down (const char *const *words, const char *name, GCallback changed, LwDataPage *self)
{
  GtkWidget *widget = gtk_drop_down_new_from_strings (words);

  lw_name_drop_down (widget, name);
  gtk_widget_set_tooltip_text (widget, name);
  gtk_widget_set_valign (widget, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (widget, "notify::selected", changed, self);
  return widget;
}

static GtkWidget *
make_toolbar (LwDataPage *self)
{
  const char *const splits[] = { _ ("Training images"), _ ("Test images"), NULL };
  const char *changes[G_N_ELEMENTS (views) + 1] = { NULL };
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *space = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    changes[i] = _ (views[i].words);
  self->split = drop_down (splits, _ ("Which images are shown"), G_CALLBACK (split_changed), self);
  self->augmentation = drop_down (changes, _ ("As training gets them, with this augmentation"),
                                  G_CALLBACK (augmentation_changed), self);
  self->redraw = gtk_button_new_with_label (_ ("Another Draw"));
  gtk_widget_set_tooltip_text (self->redraw, _ ("The same images as they come in another epoch"));
  self->next = gtk_button_new_with_label (_ ("Other Images"));
  gtk_widget_set_valign (self->redraw, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (self->next, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (self->redraw, "clicked", G_CALLBACK (lw_data_samples_redraw),
                            self->samples);
  g_signal_connect_swapped (self->next, "clicked", G_CALLBACK (lw_data_samples_next),
                            self->samples);
  gtk_widget_add_css_class (bar, "lw-toolbar");
  gtk_widget_set_hexpand (space, TRUE);
  gtk_box_append (GTK_BOX (bar), self->split);
  gtk_box_append (GTK_BOX (bar), self->next);
  gtk_box_append (GTK_BOX (bar), space);
  gtk_box_append (GTK_BOX (bar), self->augmentation);
  gtk_box_append (GTK_BOX (bar), self->redraw);
  return bar;
}

static GtkWidget *
add_label (GtkWidget *box, const char *css)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (label, css);
  gtk_box_append (GTK_BOX (box), label);
  return label;
}

static GtkWidget *
make_content (LwDataPage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->title = add_label (box, "lw-title");
  self->facts = add_label (box, "lw-dim");
  self->brightness = add_label (box, "lw-dim");
  self->place = add_label (box, "lw-caption");
  self->note = add_label (box, "lw-warning-text");
  self->rows = lw_class_rows_view_new (self->samples);
  gtk_widget_set_margin_top (self->rows, 8);
  g_signal_connect_swapped (self->rows, "hovered", G_CALLBACK (hovered), self);
  gtk_box_append (GTK_BOX (box), self->rows);
  gtk_widget_set_margin_start (box, 18);
  gtk_widget_set_margin_end (box, 18);
  gtk_widget_set_margin_top (box, 14);
  gtk_widget_set_margin_bottom (box, 14);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), box);
  gtk_widget_add_css_class (scroller, "lw-canvas");
  lw_name_widget (scroller, _ ("Classes, their numbers and some of their images"));
  return scroller;
}

static GtkWidget *
make_problem (LwDataPage *self)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_Use Built-in Shapes"));

  self->problem = adw_status_page_new ();
  lw_name_by_words (button);
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (self->problem), "folder-pictures-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (self->problem), _ ("This Data Set Cannot Be Opened"));
  gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "pill");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.use-shapes");
  adw_status_page_set_child (ADW_STATUS_PAGE (self->problem), button);
  return self->problem;
}

static GtkWidget *
make_stack (LwDataPage *self)
{
  GtkWidget *below = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *content = make_content (self);

  self->stack = gtk_stack_new ();
  self->spinner = gtk_spinner_new ();
  gtk_widget_set_size_request (self->spinner, 32, 32);
  gtk_widget_set_halign (self->spinner, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (self->spinner, GTK_ALIGN_CENTER);
  lw_name_widget (self->spinner, _ ("Reading the data set"));
  self->words = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->words), 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->words), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_add_css_class (self->words, "lw-caption");
  gtk_widget_add_css_class (self->words, "lw-foot");
  gtk_widget_set_vexpand (content, TRUE);
  gtk_box_append (GTK_BOX (below), content);
  gtk_box_append (GTK_BOX (below), self->words);
  gtk_stack_add_named (GTK_STACK (self->stack), self->spinner, "loading");
  gtk_stack_add_named (GTK_STACK (self->stack), below, "rows");
  gtk_stack_add_named (GTK_STACK (self->stack), make_problem (self), "problem");
  gtk_widget_set_hexpand (self->stack, TRUE);
  gtk_widget_set_vexpand (self->stack, TRUE);
  return self->stack;
}

LwDataSamples *
lw_data_page_samples (LwDataPage *self)
{
  return self->samples;
}

GtkWidget *
lw_data_page_new (LwWorkbench *workbench)
{
  LwDataPage *self = g_object_new (LW_TYPE_DATA_PAGE, NULL);
  GtkWidget *right = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->workbench = workbench;
  self->column = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
  gtk_box_append (GTK_BOX (self->column), lw_data_sets_new (workbench));
  gtk_box_append (GTK_BOX (self->column), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  gtk_box_append (GTK_BOX (right), make_toolbar (self));
  gtk_box_append (GTK_BOX (right), make_stack (self));
  gtk_box_append (GTK_BOX (self->column), right);
  g_signal_connect_object (self->samples, "changed", G_CALLBACK (samples_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "dataset-changed", G_CALLBACK (dataset_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "draft-changed", G_CALLBACK (settings_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "selection-changed", G_CALLBACK (settings_changed), self,
                           G_CONNECT_SWAPPED);
  dataset_changed (self);
  samples_changed (self);
  return GTK_WIDGET (self);
}

/* Sums over the whole set and images of it are made for somebody who looks. */
static void
lw_data_page_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (lw_data_page_parent_class)->map (widget);
  dataset_changed (LW_DATA_PAGE (widget));
  settings_changed (LW_DATA_PAGE (widget));
}

static void
lw_data_page_dispose (GObject *object)
{
  LwDataPage *self = LW_DATA_PAGE (object);

  g_clear_pointer (&self->column, gtk_widget_unparent);
  g_clear_object (&self->samples);
  G_OBJECT_CLASS (lw_data_page_parent_class)->dispose (object);
}

static void
lw_data_page_class_init (LwDataPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_data_page_dispose;
  GTK_WIDGET_CLASS (klass)->map = lw_data_page_map;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_data_page_init (LwDataPage *self)
{
  self->samples = lw_data_samples_new ();
}
