#include "app/picture.h"

#include "engine/analysis.h"
#include "engine/formats/safetensors.h"
#include "ui/draw/diagram-paint.h"

#include <glib/gi18n.h>

#define PNG_SCALE 2 /* sharp on paper and on dense screens */

void
lw_picture_clear (LwPicture *picture)
{
  if (picture->free != NULL)
    picture->free (picture->data);
  *picture = (LwPicture){ 0 };
}

bool
lw_picture_write (const LwPicture *picture, const char *format, const char *path, GError **error)
{
  g_autofree char *name = g_strconcat ("picture.", format, NULL);
  g_autoptr (GBytes) bytes = NULL;
  LwPictureFormat kind;

  if (!lw_picture_format (name, &kind, error))
    return false;
  bytes = lw_render_picture (kind, picture->width, picture->height,
                             kind == LW_PICTURE_PNG ? PNG_SCALE : 1, picture->paint, picture->data,
                             error);
  return bytes != NULL &&
         lw_file_replace (path, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), error);
}

LwText *
lw_picture_text (void)
{
  return lw_text_new ("Cantarell, Adwaita Sans, Noto Sans, Sans", NULL);
}

/* --- diagram --------------------------------------------------------------------------------- */

typedef struct {
  LwText *text;
  LwDiagramState *state;
  LwDiagramLayout *layout;
  LwDiagramDocument document;
  char *subtitle;
} Diagram;

static void
free_diagram (gpointer data)
{
  Diagram *diagram = data;

  lw_diagram_layout_free (diagram->layout);
  lw_diagram_state_free (diagram->state);
  lw_text_free (diagram->text);
  g_free (diagram->subtitle);
  g_free (diagram);
}

static void
paint_diagram (cairo_t *cr, gpointer data)
{
  const Diagram *diagram = data;

  lw_diagram_paint_document (cr, diagram->layout, lw_theme (false), &diagram->document);
}

void
lw_picture_diagram (LwPicture *picture, LwGraph *graph, int depth)
{
  Diagram *diagram = g_new0 (Diagram, 1);
  const LwCost cost = lw_graph_cost (graph);
  g_autofree char *parameters = lw_format_short ((double)cost.parameters);
  g_autofree char *macs = lw_format_short ((double)cost.macs);
  LwDiagramOptions options = { .count = LW_COUNT_MACS };

  options.text = diagram->text = lw_picture_text ();
  diagram->state = lw_diagram_state_new (graph);
  lw_diagram_state_set_depth (diagram->state, depth);
  diagram->layout = lw_diagram_layout_new (diagram->state, &options);
  diagram->subtitle = g_strdup_printf (_ ("%s parameters · %s MACs"), parameters, macs);
  diagram->document = (LwDiagramDocument){
    .title = lw_graph_title (graph),
    .subtitle = diagram->subtitle,
    .diagram.selected = LW_NO_SPOT,
  };
  picture->paint = paint_diagram;
  picture->data = diagram;
  picture->free = free_diagram;
  lw_diagram_document_size (diagram->layout, &diagram->document, &picture->width, &picture->height);
}
