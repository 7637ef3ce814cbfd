#include "app/picture.h"

#include "engine/formats/safetensors.h"

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
  double scale = picture->scale;
  LwPictureFormat kind;

  if (!lw_picture_format (name, &kind, error))
    return false;
  if (scale <= 0)
    scale = kind == LW_PICTURE_PNG ? PNG_SCALE : 1;
  bytes = lw_render_picture (kind, picture->width, picture->height, scale, picture->paint,
                             picture->data, error);
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
  LwFigure *figure;
} Diagram;

static void
free_diagram (gpointer data)
{
  Diagram *diagram = data;

  lw_figure_free (diagram->figure);
  lw_text_free (diagram->text);
  g_free (diagram);
}

static void
paint_diagram (cairo_t *cr, gpointer data)
{
  lw_figure_paint (cr, ((Diagram *)data)->figure);
}

void
lw_picture_diagram (LwPicture *picture, LwGraph *graph, int depth, LwFigureStyle style,
                    const LwFigureLook *look)
{
  g_autoptr (LwDiagramState) state = lw_diagram_state_new (graph);
  Diagram *diagram = g_new0 (Diagram, 1);
  LwDiagramOptions options = { .count = LW_COUNT_MACS };

  options.text = diagram->text = lw_picture_text ();
  lw_diagram_state_set_depth (state, depth);
  diagram->figure = lw_figure_new (style, state, &options, look);
  picture->paint = paint_diagram;
  picture->data = diagram;
  picture->free = free_diagram;
  lw_figure_size (diagram->figure, &picture->width, &picture->height);
}
