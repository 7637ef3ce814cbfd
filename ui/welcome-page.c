#include "ui/welcome-page.h"

#include "engine/analysis.h"
#include "ui/accessible.h"
#include "ui/data-sets.h"
#include "ui/welcome-card.h"

#include <glib/gi18n.h>

#define WIDEST 970

/* A line that says what was found. */
typedef struct {
  GtkWidget *icon, *title, *text;
} Found;

struct _LwWelcomePage {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  GtkWidget *scroller, *train, *compare;
  Found data, device;
};

G_DEFINE_FINAL_TYPE (LwWelcomePage, lw_welcome_page, GTK_TYPE_WIDGET)

static guint go_signal;

/* --- ways in -----------------------------------------------------------------------------------
 */

static void
select_model (LwWelcomePage *self, const char *name)
{
  lw_workbench_select_model (self->workbench, lw_model_find (name, NULL));
}

static void
train (LwWelcomePage *self)
{
  select_model (self, "lenet-bn");
  g_signal_emit (self, go_signal, 0, "train");
}

static void
explore (LwWelcomePage *self)
{
  select_model (self, "resnet18");
  g_signal_emit (self, go_signal, 0, "explore");
}

static void
compare (LwWelcomePage *self)
{
  g_signal_emit (self, go_signal, 0, "compare");
}

/* What a model holds, by the kind of layer. */
static LwWelcomeBar
measure (const char *name, int64_t *ret_macs)
{
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find (name, NULL));
  g_autoptr (LwGraph) graph = lw_model_build (options, NULL);
  LwWelcomeBar bar = { 0 };
  int64_t total = 0;
  g_autofree char *number = NULL;

  *ret_macs = 0;
  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
    const LwCost cost = lw_node_cost (graph, id);

    if (lw_op_info (lw_graph_node (graph, id)->op)->kind == LW_KIND_LINEAR)
      bar.linear += (double)cost.parameters;
    else
      bar.convolution += (double)cost.parameters;
    total += cost.parameters;
    *ret_macs += cost.macs;
  }
  number = lw_format_short ((double)total);
  bar.title = g_strdup (lw_options_model (options)->title);
  bar.words = g_strdup_printf (_ ("%s parameters"), number);
  return bar;
}

static GtkWidget *
make_question (void)
{
  int64_t macs[2];
  LwWelcomeBar bars[2] = { measure ("alexnet", &macs[0]), measure ("nin", &macs[1]) };
  const double times =
      (bars[0].convolution + bars[0].linear) / (bars[1].convolution + bars[1].linear);
  g_autofree char *sentence = g_strdup_printf (_ ("AlexNet has %.0f times the parameters of NiN, "
                                                  "but only %.1f times its operations. Where do "
                                                  "they go?"),
                                               times, (double)macs[0] / (double)macs[1]);
  GtkWidget *card = lw_welcome_card_new (LW_WELCOME_BARS, _ ("Ask a question"), sentence,
                                         _ ("Compare the Two"), "lw-compare-symbolic");

  lw_welcome_card_set_bars (LW_WELCOME_CARD (card), bars);
  for (int i = 0; i < 2; i++) {
    g_free ((char *)bars[i].title);
    g_free ((char *)bars[i].words);
  }
  return card;
}

static GtkWidget *
make_cards (LwWelcomePage *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 18), *card;

  gtk_box_set_homogeneous (GTK_BOX (row), TRUE);
  self->train = lw_welcome_card_new (
      LW_WELCOME_CURVES, _ ("Train your first network"),
      _ ("LeNet with batch normalization learns to tell ten kinds of images apart. Watch loss, "
         "accuracy and feature maps as it learns."),
      _ ("Train LeNet + BN"), "media-playback-start-symbolic");
  gtk_widget_add_css_class (lw_welcome_card_button (LW_WELCOME_CARD (self->train)),
                            "suggested-action");
  g_signal_connect_swapped (self->train, "chosen", G_CALLBACK (train), self);
  gtk_box_append (GTK_BOX (row), self->train);
  card = lw_welcome_card_new (
      LW_WELCOME_BLOCK, _ ("Take an architecture apart"),
      _ ("Open the blocks of ResNet-18: every layer with its shape, its parameters and what it "
         "costs."),
      _ ("Explore ResNet-18"), "lw-explore-symbolic");
  g_signal_connect_swapped (card, "chosen", G_CALLBACK (explore), self);
  gtk_box_append (GTK_BOX (row), card);
  self->compare = make_question ();
  g_signal_connect_swapped (self->compare, "chosen", G_CALLBACK (compare), self);
  gtk_box_append (GTK_BOX (row), self->compare);
  return row;
}

/* --- what was found ----------------------------------------------------------------------------
 */

static void
show_found (Found *found, bool good, const char *title, const char *text)
{
  gtk_image_set_from_icon_name (GTK_IMAGE (found->icon),
                                good ? "emblem-ok-symbolic" : "dialog-warning-symbolic");
  gtk_widget_remove_css_class (found->icon, good ? "lw-warning-text" : "lw-good-text");
  gtk_widget_add_css_class (found->icon, good ? "lw-good-text" : "lw-warning-text");
  gtk_label_set_text (GTK_LABEL (found->title), title);
  gtk_label_set_text (GTK_LABEL (found->text), text);
}

static void
dataset_changed (LwWelcomePage *self)
{
  const LwDataset *dataset = lw_workbench_dataset (self->workbench);
  const char *problem = lw_workbench_dataset_error (self->workbench);

  gtk_widget_set_sensitive (lw_welcome_card_button (LW_WELCOME_CARD (self->train)),
                            dataset != NULL);
  if (dataset != NULL) {
    g_autofree char *trains = lw_format_exact (lw_dataset_size (dataset, LW_SPLIT_TRAIN));
    g_autofree char *tests = lw_format_exact (lw_dataset_size (dataset, LW_SPLIT_TEST));
    g_autofree char *text = g_strdup_printf (
        lw_dataset_folder (dataset) != NULL
            ? _ ("%s training and %s test images of %d × %d pixels, %d classes, found on this "
                 "computer")
            : _ ("%s training and %s test images of %d × %d pixels, %d classes, drawn by the "
                 "program"),
        trains, tests, lw_dataset_width (dataset), lw_dataset_height (dataset),
        lw_dataset_classes (dataset));

    show_found (&self->data, true, lw_data_set_title (lw_dataset_name (dataset)), text);
  } else {
    show_found (&self->data, false,
                problem != NULL ? _ ("The data set is missing") : _ ("Looking for data…"),
                problem != NULL ? problem : "");
  }
}

static GtkWidget *
make_found (Found *found, const char *button, const char *action)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 1);
  GtkWidget *more = gtk_button_new_with_label (button);

  found->icon = gtk_image_new ();
  found->title = gtk_label_new (NULL);
  found->text = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (found->title), 0);
  gtk_label_set_xalign (GTK_LABEL (found->text), 0);
  gtk_label_set_wrap (GTK_LABEL (found->text), TRUE);
  gtk_label_set_width_chars (GTK_LABEL (found->text), 30);
  gtk_widget_add_css_class (found->text, "lw-small");
  gtk_widget_set_hexpand (words, TRUE);
  gtk_widget_set_valign (words, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (more, GTK_ALIGN_CENTER);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (more), action);
  gtk_box_append (GTK_BOX (words), found->title);
  gtk_box_append (GTK_BOX (words), found->text);
  gtk_box_append (GTK_BOX (row), found->icon);
  gtk_box_append (GTK_BOX (row), words);
  gtk_box_append (GTK_BOX (row), more);
  return row;
}

static void
show_device (LwWelcomePage *self)
{
  const LwBackend *const *backends = lw_workbench_backends (self->workbench);
  const bool gpu = g_str_equal (backends[0]->name, "cuda") && backends[0]->count (NULL) > 0;

  show_found (&self->device, true, lw_workbench_device_text (self->workbench),
              gpu ? _ ("Trainings run on the GPU.")
                  : _ ("No GPU was found. LeNet trains in seconds; the Quick settings keep the "
                       "larger networks to about a minute."));
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static GtkWidget *
make_head (void)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 18);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *icon = gtk_image_new_from_icon_name ("org.layerwise.Workbench");
  GtkWidget *title = gtk_label_new (_ ("Welcome to Layerwise"));
  GtkWidget *text =
      gtk_label_new (_ ("See how convolutional networks are built, and how they learn."));

  gtk_image_set_pixel_size (GTK_IMAGE (icon), 80);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_xalign (GTK_LABEL (text), 0);
  gtk_label_set_wrap (GTK_LABEL (text), TRUE);
  gtk_widget_set_hexpand (words, TRUE);
  gtk_widget_add_css_class (title, "title-1");
  gtk_widget_add_css_class (text, "lw-dim");
  gtk_widget_set_valign (words, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (words), title);
  gtk_box_append (GTK_BOX (words), text);
  gtk_box_append (GTK_BOX (row), icon);
  gtk_box_append (GTK_BOX (row), words);
  return row;
}

static GtkWidget *
make_foot (void)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *local =
      gtk_label_new (_ ("Everything runs on this computer: no account, no network."));
  GtkWidget *later = gtk_label_new (_ ("Shown at the first start; later in the main menu."));

  gtk_widget_add_css_class (local, "lw-small");
  gtk_widget_add_css_class (later, "lw-small");
  gtk_label_set_xalign (GTK_LABEL (local), 0);
  gtk_label_set_wrap (GTK_LABEL (local), TRUE);
  gtk_widget_set_hexpand (local, TRUE);
  gtk_box_append (GTK_BOX (row), local);
  gtk_box_append (GTK_BOX (row), later);
  return row;
}

void
lw_welcome_page_focus (LwWelcomePage *self)
{
  GtkWidget *button = lw_welcome_card_button (LW_WELCOME_CARD (self->train));

  gtk_widget_grab_focus (gtk_widget_get_sensitive (button) ? button : self->compare);
}

GtkWidget *
lw_welcome_page_new (LwWorkbench *workbench)
{
  LwWelcomePage *self = g_object_new (LW_TYPE_WELCOME_PAGE, NULL);
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 22);
  GtkWidget *found = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *clamp = adw_clamp_new ();

  self->workbench = workbench;
  gtk_widget_add_css_class (found, "lw-card");
  gtk_box_append (GTK_BOX (found), make_found (&self->data, _ ("Data Sets…"), "win.show-data"));
  gtk_box_append (GTK_BOX (found), make_found (&self->device, _ ("Devices…"), "win.preferences"));
  gtk_box_append (GTK_BOX (column), make_head ());
  gtk_box_append (GTK_BOX (column), make_cards (self));
  gtk_box_append (GTK_BOX (column), found);
  gtk_box_append (GTK_BOX (column), make_foot ());
  gtk_widget_set_margin_start (column, 24);
  gtk_widget_set_margin_end (column, 24);
  gtk_widget_set_margin_top (column, 24);
  gtk_widget_set_margin_bottom (column, 24);
  gtk_widget_set_valign (column, GTK_ALIGN_CENTER);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), WIDEST + 48);
  adw_clamp_set_child (ADW_CLAMP (clamp), column);
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), clamp);
  gtk_widget_add_css_class (self->scroller, "lw-canvas");
  lw_name_widget (self->scroller, _ ("Welcome"));
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
  g_signal_connect_object (workbench, "dataset-changed", G_CALLBACK (dataset_changed), self,
                           G_CONNECT_SWAPPED);
  dataset_changed (self);
  show_device (self);
  return GTK_WIDGET (self);
}

static void
lw_welcome_page_dispose (GObject *object)
{
  g_clear_pointer (&LW_WELCOME_PAGE (object)->scroller, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_welcome_page_parent_class)->dispose (object);
}

static void
lw_welcome_page_class_init (LwWelcomePageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_welcome_page_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  go_signal = g_signal_new ("go", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                            G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
lw_welcome_page_init (LwWelcomePage *self)
{
  (void)self;
}
