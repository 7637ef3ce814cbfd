#include "ui/health-chips.h"

#include "ui/accessible.h"
#include "ui/health-popover.h"
#include "ui/draw/health-words.h"
#include "ui/run-health.h"

#include <glib/gi18n.h>

enum { N_CHIPS = 2 }; /* of warnings; one more for the rest */

struct _LwHealthChips {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  LwRunItem *run;
  gulong synced_id;
  int64_t version; /* of what is shown */
  GtkWidget *row, *chips[N_CHIPS], *rest;
  LwHealthReport *report; /* NULL: nothing is known */
};

G_DEFINE_FINAL_TYPE (LwHealthChips, lw_health_chips, GTK_TYPE_WIDGET)

static guint changed_signal;

/* --- what they open ----------------------------------------------------------------------------
 */

static void
open_finding (GtkMenuButton *button, gpointer data)
{
  LwHealthChips *self = LW_HEALTH_CHIPS (data);
  LwHealthRecord *record =
      self->run != NULL ? lw_records_health (lw_run_item_records (self->run)) : NULL;

  for (int i = 0; i < N_CHIPS; i++)
    if (self->chips[i] == GTK_WIDGET (button) && record != NULL && self->report != NULL &&
        i < self->report->n_findings)
      gtk_menu_button_set_popover (
          button,
          lw_finding_popover_new (self->workbench, self->run, record, &self->report->findings[i]));
}

static void
open_all (GtkMenuButton *button, gpointer data)
{
  LwHealthChips *self = LW_HEALTH_CHIPS (data);

  if (self->run != NULL && self->report != NULL)
    gtk_menu_button_set_popover (button, lw_health_popover_new (self->run, self->report));
}

/* --- what they say -----------------------------------------------------------------------------
 */

static void
show_chip (GtkWidget *chip, const char *sign, const char *words, LwHealthLevel level)
{
  static const char *const classes[] = { "quiet", "good", "warning", "error" };
  GtkWidget *label = gtk_menu_button_get_child (GTK_MENU_BUTTON (chip));
  g_autofree char *text = g_strconcat (sign, words, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    gtk_widget_remove_css_class (chip, classes[i]);
  gtk_widget_add_css_class (chip, classes[level]);
  gtk_label_set_text (GTK_LABEL (label), text);
  gtk_label_set_width_chars (GTK_LABEL (label), level == LW_LEVEL_GOOD ? 6 : 2);
  lw_name_widget (gtk_widget_get_first_child (chip), words);
  gtk_widget_set_visible (chip, TRUE);
}

static void
show (LwHealthChips *self)
{
  const int32_t n = self->report != NULL ? self->report->n_findings : 0;

  for (int i = 0; i < N_CHIPS; i++)
    if (i < n)
      show_chip (self->chips[i], "! ", lw_symptom_name (self->report->findings[i].symptom),
                 self->report->findings[i].level);
    else
      gtk_widget_set_visible (self->chips[i], FALSE);
  if (self->report != NULL && n == 0)
    show_chip (self->rest, "✓ ", _ ("Healthy"), LW_LEVEL_GOOD);
  else if (n > N_CHIPS) {
    g_autofree char *more = g_strdup_printf ("+%d", n - N_CHIPS);

    show_chip (self->rest, "", more, LW_LEVEL_NONE);
    lw_name_widget (gtk_widget_get_first_child (self->rest), _ ("All about health"));
  } else if (n > 0)
    show_chip (self->rest, "", _ ("Layers"), LW_LEVEL_NONE);
  else
    gtk_widget_set_visible (self->rest, FALSE);
  g_signal_emit (self, changed_signal, 0);
}

int
lw_health_chips_shown (LwHealthChips *self)
{
  int n = 0;

  for (GtkWidget *chip = gtk_widget_get_first_child (self->row); chip != NULL;
       chip = gtk_widget_get_next_sibling (chip))
    n += gtk_widget_get_visible (chip);
  return n;
}

static bool
is_open (LwHealthChips *self)
{
  for (GtkWidget *chip = gtk_widget_get_first_child (self->row); chip != NULL;
       chip = gtk_widget_get_next_sibling (chip)) {
    GtkPopover *popover = gtk_menu_button_get_popover (GTK_MENU_BUTTON (chip));

    if (popover != NULL && gtk_widget_get_visible (GTK_WIDGET (popover)))
      return true;
  }
  return false;
}

/* While one is read, chips stay where they are. */
static void
update (LwHealthChips *self)
{
  const int64_t version = self->run != NULL ? lw_run_health_version (self->run) : 0;

  if (version == self->version || is_open (self))
    return;
  self->version = version;
  g_clear_pointer (&self->report, lw_health_report_free);
  if (self->run != NULL)
    self->report = lw_run_health_report (self->run);
  show (self);
}

static void
selection_changed (LwHealthChips *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);

  if (self->run != NULL)
    g_clear_signal_handler (&self->synced_id, self->run);
  g_clear_pointer (&self->report, lw_health_report_free);
  g_set_object (&self->run, run);
  self->version = -1;
  if (run != NULL)
    self->synced_id = g_signal_connect_swapped (run, "synced", G_CALLBACK (update), self);
  show (self);
  update (self);
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static GtkWidget *
make_chip (LwHealthChips *self, GtkMenuButtonCreatePopupFunc open)
{
  GtkWidget *chip = gtk_menu_button_new (), *label = gtk_label_new (NULL);

  /* In a narrow toolbar the words give way to the controls. */
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_menu_button_set_child (GTK_MENU_BUTTON (chip), label);
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (chip), open, self, NULL);
  gtk_widget_add_css_class (chip, "lw-chip");
  gtk_widget_set_valign (chip, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (self->row), chip);
  return chip;
}

GtkWidget *
lw_health_chips_new (LwWorkbench *workbench)
{
  LwHealthChips *self = g_object_new (LW_TYPE_HEALTH_CHIPS, NULL);

  self->workbench = workbench;
  self->row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  for (int i = 0; i < N_CHIPS; i++)
    self->chips[i] = make_chip (self, open_finding);
  self->rest = make_chip (self, open_all);
  gtk_widget_set_parent (self->row, GTK_WIDGET (self));
  g_signal_connect_object (workbench, "selection-changed", G_CALLBACK (selection_changed), self,
                           G_CONNECT_SWAPPED);
  selection_changed (self);
  return GTK_WIDGET (self);
}

static void
lw_health_chips_dispose (GObject *object)
{
  LwHealthChips *self = LW_HEALTH_CHIPS (object);

  if (self->run != NULL)
    g_clear_signal_handler (&self->synced_id, self->run);
  g_clear_pointer (&self->report, lw_health_report_free);
  g_clear_object (&self->run);
  g_clear_pointer (&self->row, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_health_chips_parent_class)->dispose (object);
}

static void
lw_health_chips_class_init (LwHealthChipsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_health_chips_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_health_chips_init (LwHealthChips *self)
{
  (void)self;
}
