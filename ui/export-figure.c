#include "ui/export-figure.h"

#include "engine/formats/graph_dot.h"
#include "engine/formats/graph_json.h"
#include "engine/formats/graph_torch.h"
#include "engine/formats/safetensors.h"

#include <glib/gi18n.h>
#include <string.h>

const char *
lw_export_ending (LwExportFormat format)
{
  static const char *const endings[] = { "svg", "pdf", "png", "dot", "json", "py" };

  return endings[format];
}

bool
lw_export_is_picture (LwExportFormat format)
{
  return format <= LW_EXPORT_PNG;
}

bool
lw_export_is_memory (const LwExportSource *source, const LwExportChoices *choices)
{
  return choices->memory && source->write_memory != NULL && lw_export_is_picture (choices->format);
}

double
lw_export_scale (const LwExportChoices *choices)
{
  static const double scales[] = { 2, 1, 3 };

  return choices->format == LW_EXPORT_PNG ? scales[choices->scale_index] : 1;
}

LwFigure *
lw_export_figure (const LwExportSource *source, const LwExportChoices *choices, const char *title)
{
  const LwDiagramOptions options = lw_diagram_view_options (source->diagram);
  cairo_rectangle_t part;
  const char *note;
  LwFigureLook look = {
    .title = title,
    .dark = choices->dark,
    .transparent = choices->transparent,
    .no_legend = choices->no_legend,
    .paint.selected = LW_NO_SPOT,
    .colouring = lw_diagram_view_colouring (source->diagram),
    .values = lw_diagram_view_values (source->diagram, &note),
  };

  look.note = note;

  if (choices->style == LW_FIGURE_VOLUMES)
    look.image = lw_volumes_view_image (source->volumes);
  if (choices->view_only && choices->style == LW_FIGURE_VOLUMES) {
    look.part_zoom = lw_volumes_view_part (source->volumes, &part);
    look.part = &part;
  } else if (choices->view_only) {
    part = lw_diagram_view_shown (source->diagram);
    look.part_zoom = lw_diagram_view_zoom (source->diagram);
    look.part = &part;
  }
  return lw_figure_new (choices->style, lw_diagram_view_state (source->diagram), &options, &look);
}

static const char *
translated (const char *phrase)
{
  return gettext (phrase);
}

char *
lw_export_text (const LwExportSource *source, const LwExportChoices *choices, const char *title,
                GError **error)
{
  const LwDiagramState *state = lw_diagram_view_state (source->diagram);
  const LwGraph *graph = lw_diagram_state_graph (state);
  const int n = lw_graph_n_blocks (graph);
  g_autofree bool *open = g_new (bool, n);
  const LwDotOptions look = { title, choices->dark, choices->transparent, open, translated };

  for (LwBlockId id = 0; id < n; id++)
    open[id] = lw_diagram_state_is_open (state, id) || !lw_diagram_block_folds (graph, id);
  if (choices->format == LW_EXPORT_PYTHON)
    return lw_graph_to_torch (
        graph,
        source->workbench != NULL ? lw_workbench_settings (source->workbench)->options : NULL,
        error);
  return choices->format == LW_EXPORT_DOT ? lw_graph_to_dot (graph, &look)
                                          : lw_graph_to_json (graph, title);
}

bool
lw_export_write (const LwExportSource *source, const LwExportChoices *choices, const char *title,
                 const char *path, GError **error)
{
  static const LwPictureFormat formats[] = { LW_PICTURE_SVG, LW_PICTURE_PDF, LW_PICTURE_PNG };
  g_autoptr (LwFigure) figure = NULL;
  g_autoptr (GBytes) bytes = NULL;
  double width, height;

  if (!lw_export_is_picture (choices->format)) {
    g_autofree char *text = lw_export_text (source, choices, title, error);

    return text != NULL && lw_file_replace (path, text, strlen (text), error);
  }
  if (lw_export_is_memory (source, choices))
    return source->write_memory (source->memory, path, error);
  figure = lw_export_figure (source, choices, title);
  lw_figure_size (figure, &width, &height);
  bytes = lw_render_picture (formats[choices->format], width, height, lw_export_scale (choices),
                             lw_figure_paint, figure, error);
  return bytes != NULL &&
         lw_file_replace (path, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), error);
}
