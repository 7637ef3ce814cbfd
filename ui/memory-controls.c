#include "ui/memory-controls.h"

#include "ui/accessible.h"
#include "ui/devices.h"

#include <glib/gi18n.h>

struct _LwMemoryControls {
  GtkWidget parent;
  LwMemoryPlanner *planner;
  GtkWidget *box, *device, *optimizer;
  GArray *backends; /* int: the workbench's index of each choice */
  bool refreshing;
};

G_DEFINE_FINAL_TYPE (LwMemoryControls, lw_memory_controls, GTK_TYPE_WIDGET)

static void
device_chosen (LwMemoryControls *self)
{
  const guint chosen = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->device));

  if (!self->refreshing && chosen < self->backends->len)
    lw_memory_planner_set_backend (self->planner, g_array_index (self->backends, int, chosen));
}

static void
optimizer_chosen (LwMemoryControls *self)
{
  const guint chosen = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->optimizer));

  if (!self->refreshing && chosen <= 2)
    lw_memory_planner_set_slots (self->planner, (int32_t)chosen);
}

static void
refresh (LwMemoryControls *self)
{
  self->refreshing = true;
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->optimizer),
                              (guint)lw_memory_planner_slots (self->planner));
  for (guint i = 0; i < self->backends->len; i++)
    if (g_array_index (self->backends, int, i) == lw_memory_planner_backend (self->planner))
      gtk_drop_down_set_selected (GTK_DROP_DOWN (self->device), i);
  self->refreshing = false;
}

/* A processor's fast kernels are "CPU, 2 threads"; its plain ones are called by their name. */
static char *
device_name (const LwBackend *backend)
{
  g_autofree char *text = lw_device_text (backend, 0);
  char *comma = strchr (text, ','), *second = comma != NULL ? strchr (comma + 1, ',') : NULL;

  if (g_str_equal (backend->name, "reference"))
    return g_strdup (_ ("Reference"));
  if (second != NULL) /* the instruction set is no matter of memory */
    *second = '\0';
  return g_steal_pointer (&text);
}

static void
add_choice (LwMemoryControls *self, const char *title, GtkWidget *drop_down)
{
  GtkWidget *label = gtk_label_new (title);

  gtk_widget_add_css_class (label, "lw-caption");
  gtk_widget_set_valign (drop_down, GTK_ALIGN_CENTER);
  lw_name_drop_down (drop_down, title);
  gtk_box_append (GTK_BOX (self->box), label);
  gtk_box_append (GTK_BOX (self->box), drop_down);
}

GtkWidget *
lw_memory_controls_new (LwWorkbench *workbench, LwMemoryPlanner *planner)
{
  static const char *const optimizers[] = { N_ ("SGD"), N_ ("Momentum"), N_ ("Adam") };
  const LwBackend *const *backends = lw_workbench_backends (workbench);
  g_autoptr (GtkStringList) devices = gtk_string_list_new (NULL);
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  LwMemoryControls *self = g_object_new (LW_TYPE_MEMORY_CONTROLS, NULL);

  self->planner = g_object_ref (planner);
  for (int i = 0; backends[i] != NULL; i++) {
    g_autofree char *name = NULL;

    if (backends[i]->count (NULL) <= 0)
      continue;
    name = device_name (backends[i]);
    gtk_string_list_append (devices, name);
    g_array_append_val (self->backends, i);
  }
  for (guint i = 0; i < G_N_ELEMENTS (optimizers); i++)
    gtk_string_list_append (names, _ (optimizers[i]));
  self->device = gtk_drop_down_new (G_LIST_MODEL (g_steal_pointer (&devices)), NULL);
  self->optimizer = gtk_drop_down_new (G_LIST_MODEL (g_steal_pointer (&names)), NULL);
  add_choice (self, _ ("Device"), self->device);
  add_choice (self, _ ("Optimizer"), self->optimizer);
  refresh (self);
  g_signal_connect_swapped (self->device, "notify::selected", G_CALLBACK (device_chosen), self);
  g_signal_connect_swapped (self->optimizer, "notify::selected", G_CALLBACK (optimizer_chosen),
                            self);
  g_signal_connect_object (planner, "planned", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

static void
lw_memory_controls_dispose (GObject *object)
{
  LwMemoryControls *self = LW_MEMORY_CONTROLS (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->planner);
  g_clear_pointer (&self->backends, g_array_unref);
  G_OBJECT_CLASS (lw_memory_controls_parent_class)->dispose (object);
}

static void
lw_memory_controls_class_init (LwMemoryControlsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_memory_controls_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_memory_controls_init (LwMemoryControls *self)
{
  self->backends = g_array_new (FALSE, FALSE, sizeof (int));
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}
