#include "ui/compare-heads.h"

#include "ui/accessible.h"

#include <glib/gi18n.h>

#define NAME_LEAST 6 /* characters of a name that are always seen */

struct _LwCompareHeads {
  GtkWidget parent;
  LwCompareSet *set;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  GtkWidget *box;
  GtkWidget *lists[LW_COMPARE_MOST];
  GPtrArray *choices;     /* LwOptions: what can be chosen */
  bool refreshing, stale; /* stale: changed while it was not shown */
  guint refresh_id;       /* until the lists are made anew */
};

G_DEFINE_FINAL_TYPE (LwCompareHeads, lw_compare_heads, GTK_TYPE_WIDGET)

/* --- what can be chosen --------------------------------------------------------------------------
 */

static void
add_choice (LwCompareHeads *self, const LwOptions *options)
{
  for (guint i = 0; i < self->choices->len; i++)
    if (lw_options_equal (self->choices->pdata[i], options))
      return;
  g_ptr_array_add (self->choices, lw_options_copy (options));
}

/* All networks, the variants of the ready comparisons, saved ones, the one that the knobs describe
 * now, and whatever is shown. */
static void
find_choices (LwCompareHeads *self)
{
  GListModel *variants = lw_workbench_variants (self->workbench);

  g_ptr_array_set_size (self->choices, 0);
  for (int i = 0; i < lw_n_models (); i++) {
    g_autoptr (LwOptions) options = lw_options_new (lw_model (i));

    add_choice (self, options);
  }
  for (int i = 0; i < lw_n_ready_comparisons (); i++)
    for (int k = 0; k < LW_COMPARE_MOST && lw_ready_comparison (i)->specs[k] != NULL; k++) {
      g_autoptr (LwOptions) options = lw_compare_options (lw_ready_comparison (i)->specs[k], NULL);

      add_choice (self, options);
    }
  for (guint i = 0; i < g_list_model_get_n_items (variants); i++) {
    g_autoptr (LwVariantItem) item = g_list_model_get_item (variants, i);

    add_choice (self, lw_variant_item_variant (item)->options);
  }
  add_choice (self, lw_workbench_settings (self->workbench)->options);
  for (int i = 0; i < lw_compare_set_n (self->set); i++)
    add_choice (self, lw_compare_set_options (self->set, i));
}

static guint
index_of (LwCompareHeads *self, const LwOptions *options)
{
  for (guint i = 0; i < self->choices->len; i++)
    if (lw_options_equal (self->choices->pdata[i], options))
      return i;
  return GTK_INVALID_LIST_POSITION;
}

/* --- the name on a list's button
 * ------------------------------------------------------------------
 */

static void
make_name (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = gtk_label_new (NULL);

  (void)factory;
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_width_chars (GTK_LABEL (label), NAME_LEAST);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_list_item_set_child (item, label);
}

/* As wide as the name where there is room. */
static void
show_name (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  const char *name = gtk_string_object_get_string (gtk_list_item_get_item (item));
  GtkLabel *label = GTK_LABEL (gtk_list_item_get_child (item));

  (void)factory;
  gtk_label_set_text (label, name);
  gtk_label_set_width_chars (label, (int)MIN (g_utf8_strlen (name, -1), NAME_LEAST));
}

static GtkListItemFactory *
name_factory (void)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (make_name), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (show_name), NULL);
  return factory;
}

/* --- the columns ---------------------------------------------------------------------------------
 */

static void
chosen (GtkWidget *list, GParamSpec *pspec, LwCompareHeads *self)
{
  const int column = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (list), "column"));
  const guint at = gtk_drop_down_get_selected (GTK_DROP_DOWN (list));
  g_autoptr (LwOptions) options = NULL;
  g_autoptr (GError) error = NULL;

  (void)pspec;
  if (self->refreshing || at >= self->choices->len)
    return;
  options = lw_options_copy (self->choices->pdata[at]); /* the choices are made anew meanwhile */
  if (!lw_compare_set_replace (self->set, column, options, &error))
    g_signal_emit_by_name (self->workbench, "complained", error->message);
}

static void
remove_clicked (GtkWidget *button, LwCompareHeads *self)
{
  lw_compare_set_remove (self->set,
                         GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "column")));
}

static GtkWidget *
make_head (LwCompareHeads *self, int column)
{
  const LwOptions *options = lw_compare_set_options (self->set, column);
  const int n = lw_compare_set_n (self->set);
  g_autofree char *year = g_strdup_printf ("%d", lw_options_model (options)->year);
  g_autofree char *name = g_strdup_printf (_ ("Architecture %d"), column + 1);
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, n > 2 ? 2 : 8);
  g_autoptr (GtkListItemFactory) whole = NULL, factory = name_factory ();
  GtkWidget *list, *label = gtk_label_new (year);

  for (guint i = 0; i < self->choices->len; i++) {
    g_autofree char *title = lw_compare_title (self->choices->pdata[i]);

    gtk_string_list_append (names, title);
  }
  list = gtk_drop_down_new (G_LIST_MODEL (g_steal_pointer (&names)), NULL);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (list), index_of (self, options));
  g_object_get (list, "factory", &whole, NULL);
  gtk_drop_down_set_list_factory (GTK_DROP_DOWN (list), whole); /* the names there are not cut */
  gtk_drop_down_set_factory (GTK_DROP_DOWN (list), factory);
  gtk_widget_add_css_class (list, "lw-compare-name");
  gtk_widget_set_valign (list, GTK_ALIGN_CENTER);
  g_object_set_data (G_OBJECT (list), "column", GINT_TO_POINTER (column));
  lw_name_drop_down (list, name);
  g_signal_connect (list, "notify::selected", G_CALLBACK (chosen), self);
  self->lists[column] = list;
  gtk_widget_add_css_class (label, "lw-dim");
  gtk_box_append (GTK_BOX (head), list);
  if (n < 3)
    gtk_box_append (GTK_BOX (head), label);
  if (n > 2) {
    GtkWidget *button = gtk_button_new_from_icon_name ("window-close-symbolic");
    g_autofree char *words =
        g_strdup_printf (_ ("Remove %s"), lw_compare_set_titles (self->set)[column]);

    gtk_widget_add_css_class (button, "flat");
    gtk_widget_add_css_class (button, "circular");
    gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
    gtk_widget_set_tooltip_text (button, words);
    lw_name_widget (button, words);
    g_object_set_data (G_OBJECT (button), "column", GINT_TO_POINTER (column));
    g_signal_connect (button, "clicked", G_CALLBACK (remove_clicked), self);
    gtk_box_append (GTK_BOX (head), button);
  }
  gtk_widget_set_margin_start (head, n > 2 ? 8 : 16);
  return head;
}

static gboolean
refresh (gpointer data)
{
  LwCompareHeads *self = LW_COMPARE_HEADS (data);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  GtkWidget *old;
  int focused = -1;

  self->refresh_id = 0;
  self->stale = false;
  for (int i = 0; i < LW_COMPARE_MOST && focus != NULL; i++)
    if (self->lists[i] != NULL && gtk_widget_is_ancestor (focus, self->lists[i]))
      focused = i;
  self->refreshing = true;
  while ((old = gtk_widget_get_first_child (self->box)) != NULL)
    gtk_box_remove (GTK_BOX (self->box), old);
  find_choices (self);
  for (int i = 0; i < LW_COMPARE_MOST; i++)
    self->lists[i] = NULL;
  for (int i = 0; i < lw_compare_set_n (self->set); i++)
    gtk_box_append (GTK_BOX (self->box), make_head (self, i));
  self->refreshing = false;
  if (focused >= 0 && self->lists[focused] != NULL)
    gtk_widget_grab_focus (gtk_widget_get_first_child (self->lists[focused]));
  return G_SOURCE_REMOVE;
}

/* Not at once: the change may come from a list that is still at work. And not for each turn of a
 * knob on another page. */
static void
refresh_later (LwCompareHeads *self)
{
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    self->stale = true;
  else if (self->refresh_id == 0)
    self->refresh_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, refresh, self, NULL);
}

static void
lw_compare_heads_map (GtkWidget *widget)
{
  LwCompareHeads *self = LW_COMPARE_HEADS (widget);

  if (self->stale)
    refresh (self);
  GTK_WIDGET_CLASS (lw_compare_heads_parent_class)->map (widget);
}

GtkWidget *
lw_compare_heads_list (LwCompareHeads *self, int column)
{
  return self->lists[column];
}

/* --- set-up --------------------------------------------------------------------------------------
 */

GtkWidget *
lw_compare_heads_new (LwCompareSet *set, LwWorkbench *workbench)
{
  LwCompareHeads *self = g_object_new (LW_TYPE_COMPARE_HEADS, NULL);

  self->set = g_object_ref (set);
  self->workbench = workbench;
  g_signal_connect_object (set, "changed", G_CALLBACK (refresh_later), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "draft-changed", G_CALLBACK (refresh_later), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (lw_workbench_variants (workbench), "items-changed",
                           G_CALLBACK (refresh_later), self, G_CONNECT_SWAPPED);
  refresh (self);
  return GTK_WIDGET (self);
}

static void
lw_compare_heads_dispose (GObject *object)
{
  LwCompareHeads *self = LW_COMPARE_HEADS (object);

  g_clear_handle_id (&self->refresh_id, g_source_remove);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->set);
  g_clear_pointer (&self->choices, g_ptr_array_unref);
  G_OBJECT_CLASS (lw_compare_heads_parent_class)->dispose (object);
}

static void
lw_compare_heads_class_init (LwCompareHeadsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_compare_heads_dispose;
  GTK_WIDGET_CLASS (klass)->map = lw_compare_heads_map;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
free_choice (gpointer options)
{
  lw_options_free (options);
}

static void
lw_compare_heads_init (LwCompareHeads *self)
{
  self->choices = g_ptr_array_new_with_free_func (free_choice);
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_box_set_homogeneous (GTK_BOX (self->box), TRUE);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_widget_add_css_class (self->box, "lw-compare-heads");
}
