#include "ui/onnx-choices.h"

#include "engine/data/class_names.h"
#include "ui/accessible.h"
#include "ui/data-sets.h"
#include "ui/file-chooser.h"
#include "ui/workbench-viewer.h"

#include <glib/gi18n.h>

#define MOST_NORMALIZATIONS 3
#define IMAGENET_CLASSES    1000

struct _LwOnnxChoices {
  GtkWidget parent;
  LwWorkbench *workbench;
  LwActivationSource *source;
  GtkWidget *column, *data, *normalization, *fit, *names, *below, *words;
  char **sets; /* of the drop-down, after "no data set"; NULL: they are being looked for */
  GCancellable *looking;
  LwNormalization normalizations[MOST_NORMALIZATIONS]; /* of the drop-down */
  int n_normalizations;
};

G_DEFINE_FINAL_TYPE (LwOnnxChoices, lw_onnx_choices, GTK_TYPE_WIDGET)

static const LwPictureFit fits[] = { LW_FIT_MIDDLE, LW_FIT_WHOLE };

/* --- the sentence ----------------------------------------------------------------------------- */

/* "0.485, 0.456, 0.406" */
static char *
join (const float *numbers, int n)
{
  GString *text = g_string_new (NULL);

  for (int i = 0; i < n; i++)
    g_string_append_printf (text, "%s%.4g", i > 0 ? ", " : "", (double)numbers[i]);
  return g_string_free (text, FALSE);
}

static LwPictureFit
chosen_fit (const LwOnnxChoices *self)
{
  return fits[gtk_drop_down_get_selected (GTK_DROP_DOWN (self->fit)) % G_N_ELEMENTS (fits)];
}

/* Takes the sentence. */
static void
add (GString *text, char *sentence)
{
  g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", sentence);
  g_free (sentence);
}

static char *
size_words (const LwOnnxChoices *self, LwShape input)
{
  if (chosen_fit (self) == LW_FIT_MIDDLE)
    return g_strdup_printf (_ ("The network reads the middle of a picture, resized to %d × %d."),
                            input.w, input.h);
  return g_strdup_printf (
      _ ("The network reads a picture resized to %d × %d, whole, with black beside it."), input.w,
      input.h);
}

static char *
number_words (const LwNormalization *normalization)
{
  g_autofree char *mean = join (normalization->mean, normalization->n);
  g_autofree char *deviation = join (normalization->deviation, normalization->n);
  LwNormalization imagenet;

  if (normalization->n == 0)
    return g_strdup (_ ("Its values go from 0 to 1."));
  if (normalization->n == 1)
    return g_strdup_printf (_ ("Of values x from 0 to 1 it gets (x − %s) ÷ %s."), mean, deviation);
  if (lw_normalization_parse ("imagenet", &imagenet, NULL, NULL) &&
      memcmp (&imagenet, normalization, sizeof imagenet) == 0)
    return g_strdup_printf (_ ("Of values x from 0 to 1 it gets (x − mean) ÷ deviation with those "
                               "of ImageNet's images: mean %s, deviation %s (torchvision's "
                               "documentation)."),
                            mean, deviation);
  return g_strdup_printf (
      _ ("Of values x from 0 to 1 it gets (x − mean) ÷ deviation: mean %s, deviation %s."), mean,
      deviation);
}

/* What may be wrong with the choice; NULL: nothing. */
static char *
doubt_words (const LwOnnxChoices *self, const LwGraph *graph)
{
  LwOnnxNetwork *network = lw_workbench_network (self->workbench);
  const char *unread = lw_onnx_unread_normalization (network);

  if (unread != NULL)
    return g_strdup_printf (_ ("The file says \"%s\" of it, which Layerwise does not know."),
                            unread);
  if (lw_graph_normalization (graph)->n == 0 && self->n_normalizations > 1 &&
      lw_graph_classes (graph) == IMAGENET_CLASSES &&
      lw_onnx_metadata (network, "normalization") == NULL)
    return g_strdup (_ ("Networks with ImageNet's 1000 classes mostly want its mean and "
                        "deviation."));
  return NULL;
}

static void
show_words (LwOnnxChoices *self)
{
  LwGraph *graph = lw_workbench_graph (self->workbench);
  char *doubt = doubt_words (self, graph);
  g_autoptr (GString) text = g_string_new (NULL);

  add (text, size_words (self, lw_graph_input_shape (graph)));
  add (text, number_words (lw_graph_normalization (graph)));
  if (doubt != NULL)
    add (text, doubt);
  gtk_label_set_text (GTK_LABEL (self->words), text->str);
}

const char *
lw_onnx_choices_words (LwOnnxChoices *self)
{
  return gtk_label_get_text (GTK_LABEL (self->words));
}

/* --- what is chosen --------------------------------------------------------------------------- */

static void
fit_selected (LwOnnxChoices *self)
{
  lw_activation_source_set_fit (self->source, chosen_fit (self));
  show_words (self);
}

static void
normalization_selected (LwOnnxChoices *self)
{
  const guint index = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->normalization));

  if (index < (guint)self->n_normalizations)
    lw_workbench_set_normalization (self->workbench, &self->normalizations[index]);
}

static void
data_selected (LwOnnxChoices *self)
{
  const guint index = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->data));

  if (self->sets != NULL && index <= g_strv_length (self->sets))
    lw_workbench_view_data (self->workbench, index > 0 ? self->sets[index - 1] : NULL);
}

void
lw_onnx_choices_open_names (LwOnnxChoices *self, const char *path)
{
  const int classes = lw_graph_classes (lw_workbench_graph (self->workbench));
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = lw_class_names_read (path, classes, &error);

  if (names != NULL)
    lw_workbench_set_class_names (self->workbench, (const char *const *)names);
  else
    g_signal_emit_by_name (self->workbench, "complained", error->message);
}

static void
names_chosen (gpointer self, const char *path, gconstpointer what)
{
  (void)what;
  lw_onnx_choices_open_names (LW_ONNX_CHOICES (self), path);
}

static void
choose_names (LwOnnxChoices *self)
{
  lw_choose_existing_file (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                           _ ("Open Names of Classes"), "txt", names_chosen, self);
}

/* --- which sets there are --------------------------------------------------------------------- */

static void
look_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  (void)source;
  (void)data;
  (void)cancellable;
  g_task_return_pointer (task, lw_dataset_list_available (), (GDestroyNotify)g_strfreev);
}

static void
looked (GObject *source, GAsyncResult *result, gpointer data)
{
  char **sets = g_task_propagate_pointer (G_TASK (result), NULL);
  LwOnnxChoices *self = data;
  GtkStringList *titles;

  (void)source;
  if (sets == NULL) /* cancelled: the widget is gone */
    return;
  g_clear_object (&self->looking);
  titles = GTK_STRING_LIST (gtk_drop_down_get_model (GTK_DROP_DOWN (self->data)));
  for (char **set = sets; *set != NULL; set++)
    gtk_string_list_append (titles, lw_data_set_title (*set));
  self->sets = sets;
}

static void
look (LwOnnxChoices *self)
{
  g_autoptr (GTask) task = NULL;

  self->looking = g_cancellable_new ();
  task = g_task_new (NULL, self->looking, looked, self);
  g_task_run_in_thread (task, look_thread);
}

/* --- set-up ----------------------------------------------------------------------------------- */

static GtkWidget *
drop_down (const char *const *titles, const char *name, const char *help)
{
  GtkWidget *widget = gtk_drop_down_new_from_strings (titles);

  gtk_widget_set_tooltip_text (widget, help);
  lw_name_drop_down (widget, name);
  gtk_widget_set_valign (widget, GTK_ALIGN_CENTER);
  return widget;
}

static void
add_normalization (LwOnnxChoices *self, GPtrArray *titles, const char *title,
                   const LwNormalization *normalization)
{
  g_ptr_array_add (titles, (gpointer)title);
  self->normalizations[self->n_normalizations++] = *normalization;
}

static GtkWidget *
make_normalization (LwOnnxChoices *self)
{
  LwOnnxNetwork *network = lw_workbench_network (self->workbench);
  const int channels = lw_graph_input_shape (lw_workbench_graph (self->workbench)).c;
  const LwNormalization none = { 0 };
  const bool said = lw_onnx_metadata (network, "normalization") != NULL &&
                    lw_onnx_unread_normalization (network) == NULL;
  g_autoptr (GPtrArray) titles = g_ptr_array_new ();
  LwNormalization imagenet;

  if (said)
    add_normalization (self, titles, _ ("Normalized as the file says"),
                       lw_graph_normalization (lw_onnx_graph (network)));
  add_normalization (self, titles, _ ("Not normalized"), &none);
  if (lw_normalization_parse ("imagenet", &imagenet, NULL, NULL) && imagenet.n == channels)
    add_normalization (self, titles, _ ("Normalized as ImageNet"), &imagenet);
  g_ptr_array_add (titles, NULL);
  return drop_down ((const char *const *)titles->pdata, _ ("Normalization"),
                    _ ("What images are normalized with before the network gets them"));
}

static void
make_choices (LwOnnxChoices *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  const char *const none[] = { _ ("No data set"), NULL };
  const char *const pictures[] = { _ ("Middle of a picture"), _ ("Whole picture"), NULL };

  self->data = drop_down (none, _ ("Data set"), _ ("The data set whose images can be looked at"));
  self->normalization = make_normalization (self);
  self->fit = drop_down (pictures, _ ("Part of a picture"),
                         _ ("What of a picture of your own the network sees: its middle, as in "
                            "training on a folder of pictures, or all of it"));
  self->names = gtk_button_new_with_label (_ ("Class Names…"));
  gtk_widget_set_tooltip_text (self->names,
                               _ ("Open a text file with the name of a class on each line"));
  lw_name_widget (self->names, _ ("Class Names…"));
  gtk_widget_set_valign (self->names, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (self->data, "notify::selected", G_CALLBACK (data_selected), self);
  g_signal_connect_swapped (self->normalization, "notify::selected",
                            G_CALLBACK (normalization_selected), self);
  g_signal_connect_swapped (self->fit, "notify::selected", G_CALLBACK (fit_selected), self);
  g_signal_connect_swapped (self->names, "clicked", G_CALLBACK (choose_names), self);
  for (GtkWidget **widget =
           (GtkWidget *[]){ self->data, self->normalization, self->fit, self->names, NULL };
       *widget != NULL; widget++)
    gtk_box_append (GTK_BOX (row), *widget);
  gtk_widget_add_css_class (row, "lw-toolbar");
  gtk_box_append (GTK_BOX (self->column), row);
}

void
lw_onnx_choices_add (LwOnnxChoices *self, GtkWidget *widget)
{
  gtk_widget_set_valign (widget, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (self->below), widget);
}

GtkWidget *
lw_onnx_choices_new (LwWorkbench *workbench, LwActivationSource *source)
{
  LwOnnxChoices *self = g_object_new (LW_TYPE_ONNX_CHOICES, NULL);

  self->workbench = workbench;
  self->source = source;
  make_choices (self);
  self->below = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  self->words = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->words), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->words), 0);
  gtk_widget_set_hexpand (self->words, TRUE);
  gtk_widget_add_css_class (self->words, "lw-caption");
  gtk_widget_add_css_class (self->below, "lw-toolbar");
  gtk_box_append (GTK_BOX (self->below), self->words);
  gtk_box_append (GTK_BOX (self->column), self->below);
  g_signal_connect_object (workbench, "selection-changed", G_CALLBACK (show_words), self,
                           G_CONNECT_SWAPPED);
  fit_selected (self);
  look (self);
  return GTK_WIDGET (self);
}

static void
lw_onnx_choices_dispose (GObject *object)
{
  LwOnnxChoices *self = LW_ONNX_CHOICES (object);

  g_cancellable_cancel (self->looking);
  g_clear_object (&self->looking);
  g_clear_pointer (&self->column, gtk_widget_unparent);
  g_clear_pointer (&self->sets, g_strfreev);
  G_OBJECT_CLASS (lw_onnx_choices_parent_class)->dispose (object);
}

static void
lw_onnx_choices_class_init (LwOnnxChoicesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_onnx_choices_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_onnx_choices_init (LwOnnxChoices *self)
{
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
}
