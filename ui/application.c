#include "ui/application.h"

#include "layerwise-resources.h"
#include "ui/follow-actions.h"
#include "ui/main-window.h"
#include "ui/open-files.h"
#include "ui/preferences-window.h"

#include <glib/gi18n.h>

struct _LwApplication {
  AdwApplication parent;
  const LwBackend *const *backends;
  char *follow; /* an address that the command line names, until the window is there */
};

G_DEFINE_FINAL_TYPE (LwApplication, lw_application, ADW_TYPE_APPLICATION)

static void
show_about (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *parent = gtk_application_get_active_window (GTK_APPLICATION (data));

  (void)action;
  (void)parameter;
  adw_show_about_window (parent, "application-name", "Layerwise", "application-icon",
                         "org.layerwise.Workbench", "version", LW_VERSION, "developer-name",
                         _ ("The Layerwise authors"), "license-type", GTK_LICENSE_MIT_X11,
                         "comments",
                         _ ("See how convolutional networks are built, and how they learn."),
                         "copyright", "© 2026 The Layerwise authors", NULL);
}

static void
quit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (data));

  (void)action;
  (void)parameter;
  if (window != NULL)
    gtk_window_close (window); /* asks first while a run is live */
}

static void
lw_application_startup (GApplication *application)
{
  static const GActionEntry entries[] = {
    { .name = "about", .activate = show_about },
    { .name = "quit", .activate = quit },
  };
  static const struct {
    const char *action;
    const char *keys[3];
  } shortcuts[] = {
    { "app.quit", { "<Control>q" } },
    { "win.page::explore", { "<Control>1" } },
    { "win.page::train", { "<Control>2" } },
    { "win.page::inspect", { "<Control>3" } },
    { "win.page::compare", { "<Control>4" } },
    { "win.toggle-sidebar", { "F9" } },
    { "win.search(0)", { "<Control>f" } },
    { "win.search(1)", { "F3" } },
    { "win.search(-1)", { "<Shift>F3" } },
    { "win.train", { "<Control>space" } },
    { "win.step", { "<Control>period" } },
    { "win.stop", { "<Control><Shift>period", "<Control>greater" } },
    { "win.new-run", { "<Control>n" } },
    { "win.open-data", { "<Control>o" } },
    { "win.show-data", { "<Control>d" } },
    { "win.follow-run", { "<Control><Shift>o" } },
    { "win.export-menu", { "<Control>e" } },
    { "win.preferences", { "<Control>comma" } },
    { "win.show-help-overlay", { "<Control>question", "F1" } },
    { "window.close", { "<Control>w" } },
  };
  GdkDisplay *display;

  /* Naming the resource keeps the linker from dropping it out of the static library. */
  g_resources_register (layerwise_get_resource ());
  G_APPLICATION_CLASS (lw_application_parent_class)->startup (application);
  g_action_map_add_action_entries (G_ACTION_MAP (application), entries, G_N_ELEMENTS (entries),
                                   application);
  for (guint i = 0; i < G_N_ELEMENTS (shortcuts); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), shortcuts[i].action,
                                           (const char *const *)shortcuts[i].keys);
  display = gdk_display_get_default ();
  if (display != NULL)
    gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (display),
                                      "/org/layerwise/Workbench/icons");
}

static void
lw_application_activate (GApplication *application)
{
  LwApplication *self = LW_APPLICATION (application);
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));

  if (window == NULL) {
    g_autofree char *path = lw_preferences_path ();
    g_autoptr (LwPreferences) preferences = lw_preferences_new (path);
    g_autoptr (LwWorkbench) workbench = lw_workbench_new (self->backends);

    lw_preferences_apply (preferences, workbench);
    window =
        GTK_WINDOW (lw_main_window_new (ADW_APPLICATION (application), workbench, preferences));
  }
  gtk_window_present (window);
  if (self->follow != NULL) {
    g_autofree char *address = g_steal_pointer (&self->follow);

    lw_follow_actions_open (LW_MAIN_WINDOW (window), address);
  }
}

static LwMainWindow *
main_window (GApplication *application)
{
  GList *windows = gtk_application_get_windows (GTK_APPLICATION (application));

  while (windows != NULL && !LW_IS_MAIN_WINDOW (windows->data))
    windows = windows->next;
  return windows != NULL ? windows->data : NULL;
}

static void
lw_application_open (GApplication *application, GFile **files, int n, const char *hint)
{
  (void)hint;
  if (main_window (application) == NULL)
    g_application_activate (application);
  lw_open_files (main_window (application), files, n);
}

static int
lw_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  g_variant_dict_lookup (options, "follow", "s", &LW_APPLICATION (application)->follow);
  if (!g_variant_dict_contains (options, "version"))
    return -1;
  g_print ("layerwise-workbench %s\n", LW_VERSION);
  return 0;
}

static void
lw_application_finalize (GObject *object)
{
  g_free (LW_APPLICATION (object)->follow);
  G_OBJECT_CLASS (lw_application_parent_class)->finalize (object);
}

static void
lw_application_class_init (LwApplicationClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_application_finalize;
  G_APPLICATION_CLASS (klass)->startup = lw_application_startup;
  G_APPLICATION_CLASS (klass)->activate = lw_application_activate;
  G_APPLICATION_CLASS (klass)->open = lw_application_open;
  G_APPLICATION_CLASS (klass)->handle_local_options = lw_application_handle_local_options;
}

static void
lw_application_init (LwApplication *self)
{
  (void)self;
}

LwApplication *
lw_application_new (const LwBackend *const *backends)
{
  LwApplication *self =
      g_object_new (LW_TYPE_APPLICATION, "application-id", "org.layerwise.Workbench",
                    "resource-base-path", "/org/layerwise/Workbench", "flags",
                    G_APPLICATION_NON_UNIQUE | G_APPLICATION_HANDLES_OPEN, NULL);

  self->backends = backends;
  g_application_add_main_option (G_APPLICATION (self), "version", 0, 0, G_OPTION_ARG_NONE,
                                 _ ("Shows the version."), NULL);
  g_application_add_main_option (G_APPLICATION (self), "follow", 0, 0, G_OPTION_ARG_STRING,
                                 _ ("Follows a run on another machine over SSH: user@host:folder."),
                                 _ ("ADDRESS"));
  g_application_set_option_context_parameter_string (G_APPLICATION (self), _ ("[FILE…]"));
  g_application_set_option_context_summary (
      G_APPLICATION (self),
      _ ("Opens the workbench, and in it each FILE: a run, a folder of runs, a data set, a "
         "safetensors or an ONNX file."));
  return self;
}
