#include "ui/welcome-card.h"

#include <adwaita.h>

#define PICTURE_HEIGHT 132

struct _LwWelcomeCard {
  GtkWidget parent;
  LwText *text;
  LwWelcomePicture picture;
  LwWelcomeBar bars[2];
  GtkWidget *column, *area, *button;
};

G_DEFINE_FINAL_TYPE (LwWelcomeCard, lw_welcome_card, GTK_TYPE_WIDGET)

static guint chosen_signal;

GtkWidget *
lw_welcome_card_button (LwWelcomeCard *self)
{
  return self->button;
}

static void
clear_bars (LwWelcomeCard *self)
{
  for (int i = 0; i < 2; i++) {
    g_free ((char *)self->bars[i].title);
    g_free ((char *)self->bars[i].words);
  }
}

void
lw_welcome_card_set_bars (LwWelcomeCard *self, const LwWelcomeBar bars[2])
{
  clear_bars (self);
  for (int i = 0; i < 2; i++) {
    self->bars[i] = bars[i];
    self->bars[i].title = g_strdup (bars[i].title);
    self->bars[i].words = g_strdup (bars[i].words);
  }
  gtk_widget_queue_draw (self->area);
}

static void
draw (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  LwWelcomeCard *self = data;
  const bool dark = adw_style_manager_get_dark (adw_style_manager_get_default ());

  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (GTK_WIDGET (area)));
  lw_welcome_picture_paint (cr, lw_theme (dark), self->text, self->picture, self->bars, width,
                            height);
}

static void
press (LwWelcomeCard *self)
{
  g_signal_emit (self, chosen_signal, 0);
}

GtkWidget *
lw_welcome_card_new (LwWelcomePicture picture, const char *title, const char *sentence,
                     const char *button, const char *icon_name)
{
  LwWelcomeCard *self = g_object_new (LW_TYPE_WELCOME_CARD, NULL);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *heading = gtk_label_new (title), *text = gtk_label_new (sentence);
  GtkWidget *content = adw_button_content_new ();

  self->picture = picture;
  gtk_widget_add_css_class (heading, "lw-welcome-heading");
  gtk_widget_add_css_class (text, "lw-caption");
  gtk_label_set_xalign (GTK_LABEL (heading), 0);
  gtk_label_set_wrap (GTK_LABEL (heading), TRUE);
  gtk_label_set_xalign (GTK_LABEL (text), 0);
  gtk_label_set_yalign (GTK_LABEL (text), 0);
  gtk_label_set_wrap (GTK_LABEL (text), TRUE);
  gtk_label_set_width_chars (GTK_LABEL (text), 20);
  gtk_label_set_max_width_chars (GTK_LABEL (text), 36);
  gtk_widget_set_vexpand (text, TRUE);
  adw_button_content_set_label (ADW_BUTTON_CONTENT (content), button);
  adw_button_content_set_icon_name (ADW_BUTTON_CONTENT (content), icon_name);
  gtk_widget_set_halign (content, GTK_ALIGN_CENTER);
  self->button = gtk_button_new ();
  gtk_button_set_child (GTK_BUTTON (self->button), content);
  gtk_widget_set_margin_top (self->button, 10);
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (press), self);

  gtk_widget_set_margin_start (words, 18);
  gtk_widget_set_margin_end (words, 18);
  gtk_widget_set_margin_top (words, 14);
  gtk_widget_set_margin_bottom (words, 16);
  gtk_box_append (GTK_BOX (words), heading);
  gtk_box_append (GTK_BOX (words), text);
  gtk_box_append (GTK_BOX (words), self->button);
  gtk_box_append (GTK_BOX (self->column), words);
  return GTK_WIDGET (self);
}

static void
lw_welcome_card_dispose (GObject *object)
{
  g_clear_pointer (&LW_WELCOME_CARD (object)->column, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_welcome_card_parent_class)->dispose (object);
}

static void
lw_welcome_card_finalize (GObject *object)
{
  LwWelcomeCard *self = LW_WELCOME_CARD (object);

  clear_bars (self);
  lw_text_free (self->text);
  G_OBJECT_CLASS (lw_welcome_card_parent_class)->finalize (object);
}

static void
lw_welcome_card_class_init (LwWelcomeCardClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_welcome_card_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_welcome_card_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  chosen_signal = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_welcome_card_init (LwWelcomeCard *self)
{
  self->text = lw_text_new (NULL, NULL);
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->area = gtk_drawing_area_new ();
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (self->area), PICTURE_HEIGHT);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->area), draw, self, NULL);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->area), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  gtk_widget_add_css_class (self->column, "card"); /* libadwaita's, which cuts its corners */
  gtk_widget_set_overflow (self->column, GTK_OVERFLOW_HIDDEN);
  gtk_box_append (GTK_BOX (self->column), self->area);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
}
