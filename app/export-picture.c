/* Pictures of runs and networks, by the painters of picture.h. */
#include "app/export.h"
#ifdef LW_WITH_DRAW
#include "app/picture.h"
#endif

#include <glib/gi18n.h>

#ifdef LW_WITH_DRAW

static void
make_diagram (LwPicture *picture, const LwExport *export)
{
  const LwFigureLook look = {
    .title = export->title,
    .dark = g_str_equal (export->theme, "dark"),
    .transparent = export->transparent,
    .no_legend = export->no_legend,
    .paint.selected = LW_NO_SPOT,
  };

  lw_picture_diagram (picture, export->graph, (int)export->depth,
                      g_str_equal (export->style, "volumes") ? LW_FIGURE_VOLUMES : LW_FIGURE_BLOCKS,
                      &look);
}

static bool
make_picture (LwPicture *picture, const LwExport *export, GError **error)
{
  const LwWeights *weights = export->weights;
  const char *what = export->what;

  if (g_str_equal (what, "curves"))
    return lw_picture_curves (picture, weights->run, error);
  if (g_str_equal (what, "bn"))
    return lw_picture_bn (picture, weights->run, export->layer, (int32_t) export->channel, error);
  if (g_str_equal (what, "feature-maps"))
    return lw_picture_maps (picture, weights, export->layer, export->image, export->device, error);
  if (g_str_equal (what, "confusion"))
    return lw_picture_confusion (picture, weights, export->device, error);
  make_diagram (picture, export);
  return true;
}

bool
lw_export_drawing (const LwExport *export, GError **error)
{
  g_auto (LwPicture) picture = { 0 };
  const bool made = make_picture (&picture, export, error);

  picture.scale = export->scale;
  return made && lw_picture_write (&picture, export->format->name, export->output, error);
}

#else

bool
lw_export_drawing (const LwExport *export, GError **error)
{
  (void)export;
  g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
               _ ("this build makes no pictures: install libcairo2-dev and libpango1.0-dev, then "
                  "./run --build"));
  return false;
}

#endif
