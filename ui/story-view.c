#include "ui/story-view.h"

#include "ui/accessible.h"
#include "ui/network-story.h"

#include <glib/gi18n.h>
#include <string.h>

#define WIDTH  640
#define HEIGHT 680
/* Lines longer than this are hard to read; pixels. */
#define TEXT_WIDTH 560
#define STEP       48 /* pixels that an arrow key scrolls */

struct _LwStoryView {
  AdwWindow parent;
  LwWorkbench *workbench;
  const char *language; /* "zh-CN": Chinese and Japanese fonts differ in the same signs */
  GtkWidget *title, *scroller, *column;
};

G_DEFINE_FINAL_TYPE (LwStoryView, lw_story_view, ADW_TYPE_WINDOW)

/* --- links ----------------------------------------------------------------------------------- */

/* "model:alexnet" selects a network; the story has been read. */
static gboolean
link_activated (LwStoryView *self, const char *target)
{
  const LwModel *model =
      g_str_has_prefix (target, "model:") ? lw_model_find (target + strlen ("model:"), NULL) : NULL;

  if (model != NULL) {
    lw_workbench_select_model (self->workbench, model);
    gtk_window_close (GTK_WINDOW (self));
  }
  return TRUE; /* nothing here leads out of the program */
}

/* --- text ------------------------------------------------------------------------------------ */

static GtkWidget *
text_new (LwStoryView *self, const char *text, const char *css_class)
{
  g_autofree char *words = lw_lesson_markup (text);
  g_autofree char *markup = g_strdup_printf ("<span lang=\"%s\">%s</span>", self->language, words);
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_markup (GTK_LABEL (label), markup);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_add_css_class (label, css_class);
  g_signal_connect_swapped (label, "activate-link", G_CALLBACK (link_activated), self);
  return label;
}

/* A sign and the text that hangs beside it. */
static GtkWidget *
item_new (LwStoryView *self, const LwLessonPart *part)
{
  const bool source = g_str_equal (part->section, "sources");
  g_autofree char *number =
      part->number > 0 ? g_strdup_printf ("%d", part->number) : g_strdup ("–");
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *sign = gtk_label_new (number);
  GtkWidget *text = text_new (self, part->text, source ? "lw-small" : "lw-story-text");

  gtk_widget_add_css_class (sign, part->number > 0 ? "lw-story-number" : "lw-dim");
  gtk_widget_set_valign (sign, GTK_ALIGN_START);
  gtk_widget_set_hexpand (text, TRUE);
  gtk_box_append (GTK_BOX (row), sign);
  gtk_box_append (GTK_BOX (row), text);
  return row;
}

static GtkWidget *
part_new (LwStoryView *self, const LwLessonPart *part)
{
  switch (part->kind) {
  case LW_LESSON_TITLE:
    return text_new (self, part->text, "lw-story-title");
  case LW_LESSON_HEADING: {
    GtkWidget *heading = text_new (self, part->text, "lw-story-heading");

    gtk_label_set_selectable (GTK_LABEL (heading), FALSE);
    return heading;
  }
  case LW_LESSON_BULLET:
  case LW_LESSON_NUMBERED:
    return item_new (self, part);
  case LW_LESSON_PARAGRAPH:
    break;
  }
  return text_new (self, part->text, "lw-story-text");
}

static void
fill (LwStoryView *self, const LwLesson *lesson)
{
  for (int i = 0; i < lw_lesson_n_parts (lesson); i++) {
    const LwLessonPart *part = lw_lesson_part (lesson, i);

    if (part->kind == LW_LESSON_TITLE) {
      g_autofree char *title = lw_lesson_plain (part->text);

      adw_window_title_set_title (ADW_WINDOW_TITLE (self->title), title);
      gtk_window_set_title (GTK_WINDOW (self), title);
      continue; /* the bar says it */
    }
    gtk_box_append (GTK_BOX (self->column), part_new (self, part));
  }
}

/* --- keys ------------------------------------------------------------------------------------ */

enum { TOP = -3, PAGE_UP, LINE_UP, LINE_DOWN = 1, PAGE_DOWN, BOTTOM };

static gboolean
scroll_key (GtkWidget *scroller, GVariant *direction, gpointer data)
{
  GtkAdjustment *place = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller));
  const double page = gtk_adjustment_get_page_increment (place);
  double value = gtk_adjustment_get_value (place);

  (void)data;
  switch (g_variant_get_int32 (direction)) {
  case LINE_UP:
    value -= STEP;
    break;
  case LINE_DOWN:
    value += STEP;
    break;
  case PAGE_UP:
    value -= page;
    break;
  case PAGE_DOWN:
    value += page;
    break;
  case TOP:
    value = 0;
    break;
  default:
    value = gtk_adjustment_get_upper (place);
    break;
  }
  gtk_adjustment_set_value (place, value);
  return TRUE;
}

/* On the scroller: in the window itself, arrows move the focus. */
static void
add_scroll_keys (GtkWidget *scroller)
{
  static const struct {
    guint key;
    int way;
  } keys[] = { { GDK_KEY_Up, LINE_UP },      { GDK_KEY_Down, LINE_DOWN },
               { GDK_KEY_Page_Up, PAGE_UP }, { GDK_KEY_Page_Down, PAGE_DOWN },
               { GDK_KEY_space, PAGE_DOWN }, { GDK_KEY_Home, TOP },
               { GDK_KEY_End, BOTTOM } };
  GtkEventController *controller = gtk_shortcut_controller_new ();

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    GtkShortcut *shortcut = gtk_shortcut_new_with_arguments (
        gtk_keyval_trigger_new (keys[i].key, 0), gtk_callback_action_new (scroll_key, NULL, NULL),
        "i", keys[i].way);

    gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller), shortcut);
  }
  gtk_widget_add_controller (scroller, controller);
}

static gboolean
close_key (GtkWidget *widget, GVariant *unused, gpointer data)
{
  (void)unused;
  (void)data;
  gtk_window_close (GTK_WINDOW (widget));
  return TRUE;
}

/* --- set-up ---------------------------------------------------------------------------------- */

const char *
lw_story_view_title (LwStoryView *self)
{
  return adw_window_title_get_title (ADW_WINDOW_TITLE (self->title));
}

LwStoryView *
lw_story_view_present (GtkWidget *near, LwWorkbench *workbench)
{
  const LwModel *model = lw_workbench_model (workbench);
  const char *language;
  g_autoptr (LwLesson) lesson = lw_network_lesson (model, &language);
  GtkRoot *root = gtk_widget_get_root (near);
  LwStoryView *self;

  if (lesson == NULL || !GTK_IS_WINDOW (root))
    return NULL;
  self = g_object_new (LW_TYPE_STORY_VIEW, "transient-for", root, "destroy-with-parent", TRUE,
                       "default-width", WIDTH, "default-height",
                       MIN (HEIGHT, gtk_widget_get_height (GTK_WIDGET (root)) - 40), NULL);
  self->workbench = workbench;
  self->language = language;
  fill (self, lesson);
  /* Else the first paragraph would take the focus, and with it be selected. */
  gtk_window_set_focus (GTK_WINDOW (self), self->scroller);
  gtk_window_present (GTK_WINDOW (self));
  return self;
}

static void
lw_story_view_class_init (LwStoryViewClass *klass)
{
  gtk_widget_class_add_binding (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, close_key, NULL);
}

static void
lw_story_view_init (LwStoryView *self)
{
  GtkWidget *bar = adw_header_bar_new (), *clamp = adw_clamp_new ();
  GtkWidget *all = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->title = adw_window_title_new ("", _ ("The network's story"));
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  self->scroller = gtk_scrolled_window_new ();
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (bar), self->title);
  gtk_widget_add_css_class (self->column, "lw-story");
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), TEXT_WIDTH);
  adw_clamp_set_child (ADW_CLAMP (clamp), self->column);
  lw_name_widget (self->scroller, _ ("Story"));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), clamp);
  gtk_widget_set_focusable (self->scroller, TRUE);
  gtk_widget_set_vexpand (self->scroller, TRUE);
  add_scroll_keys (self->scroller);
  gtk_box_append (GTK_BOX (all), bar);
  gtk_box_append (GTK_BOX (all), self->scroller);
  adw_window_set_content (ADW_WINDOW (self), all);
}
