#include "ui/class-bars.h"

#include <glib/gi18n.h>

#define MOST 10

struct _LwClassBars {
  GtkWidget parent;
  int n;
  GtkWidget *card, *heading, *rows[MOST], *names[MOST], *bars[MOST], *values[MOST];
};

G_DEFINE_FINAL_TYPE (LwClassBars, lw_class_bars, GTK_TYPE_WIDGET)

/* The most probable class after `before`, which is one of equal classes the first. */
static int
next_class (const float *probabilities, int classes, int before)
{
  int best = -1;

  for (int label = 0; label < classes; label++) {
    if (before >= 0 && (probabilities[label] > probabilities[before] ||
                        (probabilities[label] == probabilities[before] && label <= before)))
      continue;
    if (best < 0 || probabilities[label] > probabilities[best])
      best = label;
  }
  return best;
}

void
lw_class_bars_show (LwClassBars *self, const char *heading, const float *probabilities, int classes,
                    const char *(*name) (gpointer data, int label), gpointer data, int label)
{
  int shown = -1;

  gtk_widget_set_visible (GTK_WIDGET (self), probabilities != NULL);
  if (probabilities == NULL)
    return;
  gtk_label_set_text (GTK_LABEL (self->heading), heading);
  for (int i = 0; i < self->n; i++) {
    const char *known;
    g_autofree char *number = NULL, *value = NULL, *words = NULL;

    if (i == 0 || shown >= 0)
      shown = next_class (probabilities, classes, shown);
    gtk_widget_set_visible (self->rows[i], shown >= 0);
    if (shown < 0)
      continue;
    known = name (data, shown);
    number = g_strdup_printf ("%d", shown);
    value = g_strdup_printf ("%.3f", probabilities[shown]);
    words = g_strdup (known != NULL ? known : number);
    gtk_label_set_text (GTK_LABEL (self->names[i]), words);
    gtk_label_set_text (GTK_LABEL (self->values[i]), value);
    gtk_level_bar_set_value (GTK_LEVEL_BAR (self->bars[i]), CLAMP (probabilities[shown], 0, 1));
    if (shown == label) {
      gtk_widget_remove_css_class (self->names[i], "lw-caption");
      gtk_widget_add_css_class (self->names[i], "lw-true-class");
      gtk_widget_set_tooltip_text (self->rows[i], _ ("The image's label"));
    } else {
      gtk_widget_remove_css_class (self->names[i], "lw-true-class");
      gtk_widget_add_css_class (self->names[i], "lw-caption");
      gtk_widget_set_tooltip_text (self->rows[i], words); /* it may be too long to be shown */
    }
  }
}

static void
add_row (LwClassBars *self, GtkWidget *box, int i)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  self->rows[i] = row;
  self->names[i] = gtk_label_new (NULL);
  self->bars[i] = gtk_level_bar_new ();
  self->values[i] = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->names[i]), 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->names[i]), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (self->names[i], TRUE);
  gtk_widget_set_size_request (self->bars[i], 34, -1);
  gtk_widget_set_valign (self->bars[i], GTK_ALIGN_CENTER);
  /* One colour, not a judgement of the value. */
  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (self->bars[i]), GTK_LEVEL_BAR_OFFSET_LOW);
  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (self->bars[i]), GTK_LEVEL_BAR_OFFSET_HIGH);
  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (self->bars[i]), GTK_LEVEL_BAR_OFFSET_FULL);
  gtk_widget_add_css_class (self->values[i], "lw-caption");
  gtk_widget_add_css_class (self->values[i], "lw-number");
  gtk_box_append (GTK_BOX (row), self->names[i]);
  gtk_box_append (GTK_BOX (row), self->bars[i]);
  gtk_box_append (GTK_BOX (row), self->values[i]);
  gtk_box_append (GTK_BOX (box), row);
}

GtkWidget *
lw_class_bars_new (int n)
{
  LwClassBars *self = g_object_new (LW_TYPE_CLASS_BARS, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);

  self->n = CLAMP (n, 1, MOST);
  self->heading = gtk_label_new (NULL);
  self->card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (self->card, "lw-card");
  gtk_widget_set_parent (self->card, GTK_WIDGET (self));
  gtk_widget_add_css_class (self->heading, "lw-heading");
  gtk_label_set_xalign (GTK_LABEL (self->heading), 0);
  gtk_label_set_wrap (GTK_LABEL (self->heading), TRUE);
  gtk_box_append (GTK_BOX (box), self->heading);
  for (int i = 0; i < self->n; i++)
    add_row (self, box, i);
  gtk_box_append (GTK_BOX (self->card), box);
  return GTK_WIDGET (self);
}

static void
lw_class_bars_dispose (GObject *object)
{
  g_clear_pointer (&LW_CLASS_BARS (object)->card, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_class_bars_parent_class)->dispose (object);
}

static void
lw_class_bars_class_init (LwClassBarsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_class_bars_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_class_bars_init (LwClassBars *self)
{
  (void)self;
}
