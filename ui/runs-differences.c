#include "ui/runs-differences.h"

#include "ui/accessible.h"
#include "ui/run-settings.h"
#include "ui/run-swatch.h"
#include "ui/run-ticks.h"

#include <glib/gi18n.h>

#define MOST_WIDTH  720
#define MOST_HEIGHT 470
#define HEAD_CHARS  14

static GtkWidget *
label (const char *text, const char *css_class, double xalign)
{
  GtkWidget *made = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (made), (float)xalign);
  gtk_label_set_selectable (GTK_LABEL (made), FALSE);
  if (css_class != NULL)
    gtk_widget_add_css_class (made, css_class);
  return made;
}

static GtkWidget *
make_head (LwRunItem *run, const char *name)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *swatch = lw_run_swatch_new ();
  GtkWidget *words = label (name, "lw-heading", 0);

  lw_run_swatch_show (swatch, lw_run_ticks_colour (run), lw_run_ticks_dash (run));
  /* What tells runs apart stands at the end of their names: in a second line, where one is short.
   */
  gtk_label_set_wrap (GTK_LABEL (words), TRUE);
  gtk_label_set_lines (GTK_LABEL (words), 2);
  gtk_label_set_ellipsize (GTK_LABEL (words), PANGO_ELLIPSIZE_END);
  gtk_label_set_width_chars (GTK_LABEL (words), (int)MIN (g_utf8_strlen (name, -1), HEAD_CHARS));
  gtk_label_set_max_width_chars (GTK_LABEL (words), HEAD_CHARS);
  gtk_widget_set_valign (swatch, GTK_ALIGN_START);
  gtk_widget_set_margin_top (swatch, 3);
  gtk_widget_set_valign (words, GTK_ALIGN_START);
  gtk_widget_set_tooltip_text (words, name);
  gtk_box_append (GTK_BOX (head), swatch);
  gtk_box_append (GTK_BOX (head), words);
  return head;
}

GtkWidget *
lw_runs_differences_new (LwRunItem *const *runs, char *const *names, guint n)
{
  g_autoptr (GPtrArray) all = lw_run_settings_differences (runs, n);
  GtkWidget *scroller, *grid, *setting;

  if (n < 2)
    return label (_ ("Tick two runs or more to see in which settings they differ."), NULL, 0);
  if (all->len == 0)
    return label (_ ("These runs have the same settings."), NULL, 0);
  scroller = gtk_scrolled_window_new ();
  grid = gtk_grid_new ();
  gtk_grid_set_column_spacing (GTK_GRID (grid), 18);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 7);
  gtk_widget_add_css_class (grid, "lw-differences");
  lw_name_widget (grid, _ ("Settings that differ"));
  setting = label (_ ("Setting"), "lw-heading", 0);
  gtk_widget_set_valign (setting, GTK_ALIGN_START);
  gtk_grid_attach (GTK_GRID (grid), setting, 0, 0, 1, 1);
  for (guint r = 0; r < n; r++)
    gtk_grid_attach (GTK_GRID (grid), make_head (runs[r], names[r]), (int)r + 1, 0, 1, 1);
  for (guint i = 0; i < all->len; i++) {
    const LwSettingDifference *difference = all->pdata[i];

    gtk_grid_attach (GTK_GRID (grid), label (difference->name, "lw-dim", 0), 0, (int)i + 1, 1, 1);
    for (guint r = 0; r < n; r++)
      gtk_grid_attach (GTK_GRID (grid), label (difference->values[r], "lw-number", 0), (int)r + 1,
                       (int)i + 1, 1, 1);
  }
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_width (GTK_SCROLLED_WINDOW (scroller), MOST_WIDTH);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), MOST_HEIGHT);
  /* Bars that stay say that there is more. */
  gtk_scrolled_window_set_overlay_scrolling (GTK_SCROLLED_WINDOW (scroller), FALSE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), grid);
  return scroller;
}
