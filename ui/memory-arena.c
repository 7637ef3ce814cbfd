#include "ui/memory-arena.h"

#include "engine/error.h"
#include "ui/draw/export.h"

#include <glib/gi18n.h>
#include <math.h>

/* Of a file, where the page has no size yet. */
#define FILE_WIDTH  900
#define FILE_HEIGHT 640
#define FILE_TITLE  32 /* above the picture */

struct _LwMemoryArena {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  LwMemoryPlanner *planner;
  LwText *text;
  char *font;
  LwMemoryPicture *picture; /* NULL: to be laid out, or there is no plan */
  GskRenderNode *node;      /* of what does not move; NULL: to be painted */
  int32_t focus, hover;     /* bars; −1: none */
  double x, y;              /* the pointer */
  bool by_keys;             /* the focus moved last, not the pointer */
  bool picking;
  char *description;
};

G_DEFINE_FINAL_TYPE (LwMemoryArena, lw_memory_arena, GTK_TYPE_WIDGET)

static void
forget_node (LwMemoryArena *self)
{
  g_clear_pointer (&self->node, gsk_render_node_unref);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
forget_picture (LwMemoryArena *self)
{
  g_clear_pointer (&self->picture, lw_memory_picture_free);
  forget_node (self);
}

static LwMemoryPicture *
picture_of (LwMemoryArena *self)
{
  const LwMemoryUse *use = lw_memory_planner_use (self->planner);
  const int width = gtk_widget_get_width (GTK_WIDGET (self));
  const int height = gtk_widget_get_height (GTK_WIDGET (self));

  if (self->picture == NULL && use != NULL && width > 1 && height > 1)
    self->picture = lw_memory_picture_new (use, width, height);
  return self->picture;
}

/* --- painting ----------------------------------------------------------------------------------
 */

static GskRenderNode *
still_node (LwMemoryArena *self, const LwTheme *theme, const graphene_rect_t *bounds)
{
  cairo_t *cr;

  if (self->node == NULL) {
    self->node = gsk_cairo_node_new (bounds);
    cr = gsk_cairo_node_get_draw_context (self->node);
    lw_memory_picture_paint (cr, theme, self->text, self->picture);
    cairo_destroy (cr);
  }
  return self->node;
}

static void
lw_memory_arena_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwMemoryArena *self = LW_MEMORY_ARENA (widget);
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  const graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, (float)gtk_widget_get_width (widget),
                                                     (float)gtk_widget_get_height (widget));
  const bool focused = gtk_widget_has_focus (widget);
  LwMemoryMarks marks;
  cairo_t *cr;

  if (picture_of (self) == NULL)
    return;
  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (widget));
  gtk_snapshot_append_node (snapshot, still_node (self, theme, &bounds));
  marks = (LwMemoryMarks){ .selected = lw_workbench_layer (self->workbench),
                           .focus = focused && self->by_keys ? self->focus : -1,
                           .card = self->by_keys ? (focused ? self->focus : -1) : self->hover,
                           .x = self->by_keys ? NAN : self->x,
                           .y = self->by_keys ? NAN : self->y };
  cr = gtk_snapshot_append_cairo (snapshot, &bounds);
  lw_memory_picture_paint_marks (cr, theme, self->text, self->picture, &marks);
  cairo_destroy (cr);
}

/* --- describing --------------------------------------------------------------------------------
 */

static void
describe (LwMemoryArena *self)
{
  g_autofree char *whole = NULL;

  g_clear_pointer (&self->description, g_free);
  if (picture_of (self) != NULL) {
    whole = lw_memory_picture_describe (self->picture);
    if (self->focus >= 0)
      self->description = lw_memory_bar_describe (self->picture, self->focus);
  }
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, whole != NULL ? whole : _ ("Memory"),
      GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, self->description != NULL ? self->description : "", -1);
}

/* Bars of another plan are others; the keyboard stays with its layer. */
static void
planned (LwMemoryArena *self)
{
  forget_picture (self);
  self->hover = -1;
  self->focus = picture_of (self) != NULL
                    ? lw_memory_picture_find (self->picture, lw_workbench_layer (self->workbench))
                    : -1;
  describe (self);
}

static void
layer_selected (LwMemoryArena *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (self->picking || picture_of (self) == NULL)
    return;
  self->focus = lw_memory_picture_find (self->picture, lw_workbench_layer (self->workbench));
  describe (self);
}

/* --- pointer and keys --------------------------------------------------------------------------
 */

static void
pick (LwMemoryArena *self, int32_t bar)
{
  const LwMemoryBar *picked = lw_memory_picture_bar (self->picture, bar);
  const bool layer =
      picked->node >= 0 && picked->node < lw_graph_n_nodes (lw_workbench_graph (self->workbench));

  self->focus = bar;
  self->picking = true;
  lw_workbench_select_layer (self->workbench, layer ? picked->node : LW_NO_NODE);
  self->picking = false;
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
unselect (LwMemoryArena *self)
{
  self->focus = -1;
  lw_workbench_select_layer (self->workbench, LW_NO_NODE);
  describe (self);
}

static void
motion (GtkEventControllerMotion *controller, double x, double y, LwMemoryArena *self)
{
  (void)controller;
  if (picture_of (self) == NULL || (self->by_keys && x == self->x && y == self->y))
    return;
  self->x = x;
  self->y = y;
  self->by_keys = false;
  self->hover = lw_memory_picture_hit (self->picture, x, y);
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), self->hover >= 0 ? "pointer" : "default");
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
leave (GtkEventControllerMotion *controller, LwMemoryArena *self)
{
  (void)controller;
  self->hover = -1;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
released (GtkGestureClick *gesture, int n_press, double x, double y, LwMemoryArena *self)
{
  int32_t bar;

  (void)gesture;
  (void)n_press;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (picture_of (self) == NULL)
    return;
  bar = lw_memory_picture_hit (self->picture, x, y);
  if (bar >= 0)
    pick (self, bar);
  else
    unselect (self);
}

static gboolean
key_pressed (GtkEventControllerKey *controller, guint value, guint code, GdkModifierType state,
             LwMemoryArena *self)
{
  static const struct {
    guint key;
    int dx, dy;
  } keys[] = {
    { GDK_KEY_Right, 1, 0 }, { GDK_KEY_Left, -1, 0 },          { GDK_KEY_Up, 0, -1 },
    { GDK_KEY_Down, 0, 1 },  { GDK_KEY_Home, -G_MAXINT16, 0 }, { GDK_KEY_End, G_MAXINT16, 0 }
  };

  (void)controller;
  (void)code;
  if (picture_of (self) == NULL || (state & gtk_accelerator_get_default_mod_mask ()) != 0)
    return GDK_EVENT_PROPAGATE;
  if (value == GDK_KEY_Escape && self->focus >= 0) {
    unselect (self);
    return GDK_EVENT_STOP;
  }
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (keys[i].key == value) {
      self->by_keys = true;
      pick (self, lw_memory_picture_walk (self->picture, self->focus, keys[i].dx, keys[i].dy));
      return GDK_EVENT_STOP;
    }
  return GDK_EVENT_PROPAGATE;
}

/* --- for the page and the tests ----------------------------------------------------------------
 */

const LwMemoryPicture *
lw_memory_arena_picture (LwMemoryArena *self)
{
  return picture_of (self);
}

const char *
lw_memory_arena_description (LwMemoryArena *self)
{
  return self->description;
}

typedef struct {
  const LwMemoryPicture *picture;
  LwText *text;
  const char *title;
  LwNodeId selected;
} File;

static void
paint_for_file (cairo_t *cr, gpointer data)
{
  const File *file = data;
  const LwTheme *theme = lw_theme (false);
  const LwMemoryMarks marks = { .selected = file->selected, .focus = -1, .card = -1 };

  lw_set_colour (cr, theme->canvas, 1);
  cairo_paint (cr);
  lw_text_paint (cr, file->text, LW_TEXT_HEADING, file->title, 12,
                 FILE_TITLE - 10 + lw_text_middle (LW_TEXT_HEADING), 0, theme->text, 1);
  cairo_translate (cr, 0, FILE_TITLE);
  lw_memory_picture_paint (cr, theme, file->text, file->picture);
  lw_memory_picture_paint_marks (cr, theme, file->text, file->picture, &marks);
}

/* Of the selected network, though the page may be hidden or never have been shown. */
bool
lw_memory_arena_export (LwMemoryArena *self, const char *path, GError **error)
{
  const int shown = gtk_widget_get_width (GTK_WIDGET (self));
  const double width = shown > 1 ? shown : FILE_WIDTH;
  const double height = shown > 1 ? gtk_widget_get_height (GTK_WIDGET (self)) : FILE_HEIGHT;
  g_autoptr (LwMemoryPicture) picture = NULL;
  g_autoptr (LwText) text = NULL;
  g_autofree char *title = NULL;
  LwPictureFormat format;
  File file;

  if (!lw_picture_format (path, &format, error))
    return false;
  lw_memory_planner_plan_now (self->planner);
  if (lw_memory_planner_use (self->planner) == NULL) {
    g_set_error_literal (error, LW_ERROR, LW_ERROR_INVALID,
                         lw_memory_planner_error (self->planner));
    return false;
  }
  picture = lw_memory_picture_new (lw_memory_planner_use (self->planner), width, height);
  text = lw_text_new (self->font, NULL);
  title =
      g_strdup_printf (_ ("%s, batch of %d"), lw_graph_title (lw_workbench_graph (self->workbench)),
                       lw_memory_planner_batch (self->planner));
  file = (File){ picture, text, title, lw_workbench_layer (self->workbench) };
  return lw_export_picture (path, width, height + FILE_TITLE, format == LW_PICTURE_PNG ? 2 : 1,
                            paint_for_file, &file, error);
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static void
lw_memory_arena_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  (void)width;
  (void)height;
  (void)baseline;
  planned (LW_MEMORY_ARENA (widget));
}

static void
lw_memory_arena_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  LwMemoryArena *self = LW_MEMORY_ARENA (widget);
  PangoContext *context = gtk_widget_get_pango_context (widget);
  const char *family;

  GTK_WIDGET_CLASS (lw_memory_arena_parent_class)->css_changed (widget, change);
  family = pango_font_description_get_family (pango_context_get_font_description (context));
  if (self->text != NULL && g_strcmp0 (family, self->font) == 0)
    return;
  g_free (self->font);
  self->font = g_strdup (family);
  g_clear_pointer (&self->text, lw_text_free);
  self->text = lw_text_new (self->font, NULL);
  forget_node (self);
}

GtkWidget *
lw_memory_arena_new (LwWorkbench *workbench, LwMemoryPlanner *planner)
{
  LwMemoryArena *self = g_object_new (LW_TYPE_MEMORY_ARENA, NULL);

  self->workbench = workbench;
  self->planner = g_object_ref (planner);
  g_signal_connect_object (planner, "planned", G_CALLBACK (planned), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "layer-selected", G_CALLBACK (layer_selected), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (forget_node), self, G_CONNECT_SWAPPED);
  describe (self);
  return GTK_WIDGET (self);
}

static void
lw_memory_arena_finalize (GObject *object)
{
  LwMemoryArena *self = LW_MEMORY_ARENA (object);

  lw_memory_picture_free (self->picture);
  g_clear_pointer (&self->node, gsk_render_node_unref);
  g_clear_object (&self->planner);
  lw_text_free (self->text);
  g_free (self->font);
  g_free (self->description);
  G_OBJECT_CLASS (lw_memory_arena_parent_class)->finalize (object);
}

static void
lw_memory_arena_class_init (LwMemoryArenaClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = lw_memory_arena_finalize;
  widget_class->snapshot = lw_memory_arena_snapshot;
  widget_class->size_allocate = lw_memory_arena_size_allocate;
  widget_class->css_changed = lw_memory_arena_css_changed;
  gtk_widget_class_set_css_name (widget_class, "memory");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
lw_memory_arena_init (LwMemoryArena *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *pointer = gtk_event_controller_motion_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  self->focus = self->hover = -1;
  g_signal_connect (pointer, "motion", G_CALLBACK (motion), self);
  g_signal_connect (pointer, "leave", G_CALLBACK (leave), self);
  g_signal_connect (click, "released", G_CALLBACK (released), self);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed), self);
  gtk_widget_add_controller (widget, pointer);
  gtk_widget_add_controller (widget, keys);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_hexpand (widget, TRUE);
  gtk_widget_set_vexpand (widget, TRUE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_size_request (widget, 320, (int)LW_MEMORY_LEAST_HEIGHT);
}
