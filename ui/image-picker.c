#include "ui/image-picker.h"

#include "ui/accessible.h"

#include <glib/gi18n.h>

struct _LwImagePicker {
  GtkWidget parent;
  LwWorkbench *workbench;
  LwSplit split;
  int32_t index, only; /* class; −1: any */
  GArray *choices;     /* int32_t; of `only`, else empty */
  GtkWidget *column, *spin, *splits, *classes, *mistake;
  bool filling;
};

G_DEFINE_FINAL_TYPE (LwImagePicker, lw_image_picker, GTK_TYPE_WIDGET)

enum { PICKED, MISTAKE_ASKED, N_SIGNALS };
static guint signals[N_SIGNALS];

static int32_t
set_size (LwImagePicker *self)
{
  LwDataset *dataset = lw_workbench_dataset (self->workbench);

  return dataset != NULL ? lw_dataset_size (dataset, self->split) : 0;
}

/* --- what there is to choose from ----------------------------------------------------------------
 */

int
lw_image_picker_n (LwImagePicker *self)
{
  return self->only >= 0 ? (int)self->choices->len : set_size (self);
}

int32_t
lw_image_picker_at (LwImagePicker *self, int place)
{
  return self->only >= 0 ? g_array_index (self->choices, int32_t, place) : place;
}

/* The first that is not before the picked one. */
int
lw_image_picker_place (LwImagePicker *self)
{
  int low = 0, high = (int)self->choices->len;

  if (self->only < 0)
    return self->index;
  while (low < high) {
    const int middle = low + (high - low) / 2;

    if (g_array_index (self->choices, int32_t, middle) < self->index)
      low = middle + 1;
    else
      high = middle;
  }
  return MIN (low, MAX ((int)self->choices->len - 1, 0));
}

static void
list_choices (LwImagePicker *self)
{
  LwDataset *dataset = lw_workbench_dataset (self->workbench);

  g_array_set_size (self->choices, 0);
  for (int32_t i = 0; self->only >= 0 && i < set_size (self); i++)
    if (lw_dataset_label (dataset, self->split, i) == self->only)
      g_array_append_val (self->choices, i);
  if (self->choices->len == 0)
    self->only = -1;
}

/* --- showing and picking -------------------------------------------------------------------------
 */

static void
show (LwImagePicker *self)
{
  self->filling = true;
  gtk_spin_button_set_range (GTK_SPIN_BUTTON (self->spin), 0, MAX (set_size (self) - 1, 0));
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->spin), self->index);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->splits), self->split == LW_SPLIT_TRAIN);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->classes), (guint)(self->only + 1));
  self->filling = false;
  gtk_widget_set_sensitive (self->column, set_size (self) > 0);
}

void
lw_image_picker_pick (LwImagePicker *self, LwSplit split, int32_t index)
{
  LwDataset *dataset = lw_workbench_dataset (self->workbench);
  const bool other_split = split != self->split;

  self->split = split;
  self->index = CLAMP (index, 0, MAX (set_size (self) - 1, 0));
  if (dataset != NULL && self->only >= 0 && set_size (self) > 0 &&
      lw_dataset_label (dataset, split, self->index) != self->only)
    self->only = -1;
  if (other_split || self->only < 0)
    list_choices (self);
  show (self);
  g_signal_emit (self, signals[PICKED], 0);
}

static void
spun (LwImagePicker *self)
{
  if (!self->filling)
    lw_image_picker_pick (self, self->split,
                          gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->spin)));
}

static void
pick_place (LwImagePicker *self, int place)
{
  if (lw_image_picker_n (self) > 0)
    lw_image_picker_pick (
        self, self->split,
        lw_image_picker_at (self, CLAMP (place, 0, lw_image_picker_n (self) - 1)));
}

static void
go_back (LwImagePicker *self)
{
  pick_place (self, lw_image_picker_place (self) - 1);
}

static void
go_on (LwImagePicker *self)
{
  pick_place (self, lw_image_picker_place (self) + 1);
}

static void
go_anywhere (LwImagePicker *self)
{
  pick_place (self, g_random_int_range (0, MAX (1, lw_image_picker_n (self))));
}

static void
go_to_mistake (LwImagePicker *self)
{
  g_signal_emit (self, signals[MISTAKE_ASKED], 0, 1);
}

static void
split_chosen (LwImagePicker *self)
{
  const guint chosen = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->splits));

  if (self->filling)
    return;
  self->split = chosen == 1 ? LW_SPLIT_TRAIN : LW_SPLIT_TEST;
  list_choices (self);
  pick_place (self, 0);
}

static void
class_chosen (LwImagePicker *self)
{
  if (self->filling)
    return;
  self->only = (int32_t)gtk_drop_down_get_selected (GTK_DROP_DOWN (self->classes)) - 1;
  list_choices (self);
  pick_place (self, lw_image_picker_place (self));
}

static void
fill (LwImagePicker *self)
{
  LwDataset *dataset = lw_workbench_dataset (self->workbench);
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  self->only = -1;
  list_choices (self);
  self->index = CLAMP (self->index, 0, MAX (set_size (self) - 1, 0));
  gtk_string_list_append (names, _ ("Any class"));
  for (int32_t label = 0; dataset != NULL && label < lw_dataset_classes (dataset); label++)
    gtk_string_list_append (names, _ (lw_dataset_class_name (dataset, label)));
  self->filling = true;
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->classes), G_LIST_MODEL (names));
  self->filling = false;
  /* A set with other classes than the network's does not know its mistakes. */
  gtk_widget_set_visible (self->mistake,
                          dataset == NULL ||
                              lw_dataset_classes (dataset) ==
                                  lw_graph_classes (lw_workbench_graph (self->workbench)));
  show (self);
}

LwSplit
lw_image_picker_split (LwImagePicker *self)
{
  return self->split;
}

int32_t
lw_image_picker_index (LwImagePicker *self)
{
  return self->index;
}

int32_t
lw_image_picker_class (LwImagePicker *self)
{
  return self->only;
}

void
lw_image_picker_set_searching (LwImagePicker *self, bool searching)
{
  gtk_button_set_label (GTK_BUTTON (self->mistake),
                        searching ? _ ("Searching…") : _ ("Next Mistake"));
}

/* --- set-up --------------------------------------------------------------------------------------
 */

static GtkWidget *
add_button (LwImagePicker *self, GtkWidget *row, const char *icon, const char *name, GCallback call)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, name);
  lw_name_widget (button, name);
  gtk_widget_add_css_class (button, "lw-narrow-button");
  g_signal_connect_swapped (button, "clicked", call, self);
  gtk_box_append (GTK_BOX (row), button);
  return button;
}

static GtkWidget *
make_numbers (LwImagePicker *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_add_css_class (row, "linked");
  add_button (self, row, "go-previous-symbolic", _ ("Previous image"), G_CALLBACK (go_back));
  self->spin = gtk_spin_button_new_with_range (0, 1, 1);
  gtk_editable_set_width_chars (GTK_EDITABLE (self->spin), 5);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (self->spin), 5);
  gtk_widget_set_hexpand (self->spin, TRUE);
  gtk_widget_add_css_class (self->spin, "lw-image-number");
  gtk_widget_set_tooltip_text (self->spin, _ ("Number of the image in its split"));
  lw_name_widget (self->spin, _ ("Number of the image"));
  g_signal_connect_swapped (self->spin, "value-changed", G_CALLBACK (spun), self);
  gtk_box_append (GTK_BOX (row), self->spin);
  add_button (self, row, "go-next-symbolic", _ ("Next image"), G_CALLBACK (go_on));
  add_button (self, row, "media-playlist-shuffle-symbolic", _ ("Random image"),
              G_CALLBACK (go_anywhere));
  return row;
}

static GtkWidget *
make_choice (const char *const *words, const char *name)
{
  GtkWidget *choice = gtk_drop_down_new (
      NULL, gtk_property_expression_new (GTK_TYPE_STRING_OBJECT, NULL, "string"));

  if (words != NULL) {
    g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);

    for (int i = 0; words[i] != NULL; i++)
      gtk_string_list_append (list, _ (words[i]));
    gtk_drop_down_set_model (GTK_DROP_DOWN (choice), G_LIST_MODEL (list));
  }
  gtk_widget_add_css_class (choice, "lw-small-choice");
  gtk_widget_set_tooltip_text (choice, name);
  lw_name_drop_down (choice, name);
  return choice;
}

GtkWidget *
lw_image_picker_new (LwWorkbench *workbench)
{
  static const char *const splits[] = { N_ ("Test"), N_ ("Train"), NULL };
  LwImagePicker *self = g_object_new (LW_TYPE_IMAGE_PICKER, NULL);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->workbench = workbench;
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
  self->splits = make_choice (splits, _ ("Part of the data set"));
  self->classes = make_choice (NULL, _ ("Class"));
  gtk_widget_set_hexpand (self->classes, TRUE);
  g_signal_connect_swapped (self->splits, "notify::selected", G_CALLBACK (split_chosen), self);
  g_signal_connect_swapped (self->classes, "notify::selected", G_CALLBACK (class_chosen), self);
  gtk_box_append (GTK_BOX (row), self->splits);
  gtk_box_append (GTK_BOX (row), self->classes);
  self->mistake = gtk_button_new ();
  gtk_widget_set_tooltip_text (self->mistake,
                               _ ("The next image that the network takes for another class"));
  gtk_widget_add_css_class (self->mistake, "lw-small-button");
  lw_image_picker_set_searching (self, false);
  g_signal_connect_swapped (self->mistake, "clicked", G_CALLBACK (go_to_mistake), self);
  gtk_box_append (GTK_BOX (self->column), make_numbers (self));
  gtk_box_append (GTK_BOX (self->column), row);
  gtk_box_append (GTK_BOX (self->column), self->mistake);
  g_signal_connect_object (workbench, "dataset-changed", G_CALLBACK (fill), self,
                           G_CONNECT_SWAPPED);
  fill (self);
  return GTK_WIDGET (self);
}

static void
lw_image_picker_dispose (GObject *object)
{
  g_clear_pointer (&LW_IMAGE_PICKER (object)->column, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_image_picker_parent_class)->dispose (object);
}

static void
lw_image_picker_finalize (GObject *object)
{
  g_array_unref (LW_IMAGE_PICKER (object)->choices);
  G_OBJECT_CLASS (lw_image_picker_parent_class)->finalize (object);
}

static void
lw_image_picker_class_init (LwImagePickerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_image_picker_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_image_picker_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[PICKED] = g_signal_new ("picked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);
  signals[MISTAKE_ASKED] =
      g_signal_new ("mistake-asked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
lw_image_picker_init (LwImagePicker *self)
{
  self->only = -1;
  self->split = LW_SPLIT_TEST;
  self->choices = g_array_new (FALSE, FALSE, sizeof (int32_t));
}
