#include "ui/zoomable.h"

G_DEFINE_INTERFACE (LwZoomable, lw_zoomable, GTK_TYPE_WIDGET)

static void
lw_zoomable_default_init (LwZoomableInterface *iface)
{
  g_object_interface_install_property (
      iface, g_param_spec_double ("zoom", NULL, NULL, 0, G_MAXDOUBLE, 1,
                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

double
lw_zoomable_zoom (LwZoomable *self)
{
  double zoom;

  g_object_get (self, "zoom", &zoom, NULL);
  return zoom;
}

void
lw_zoomable_zoom_by (LwZoomable *self, int direction)
{
  LW_ZOOMABLE_GET_IFACE (self)->zoom_by (self, direction);
}

void
lw_zoomable_zoom_to (LwZoomable *self, double zoom)
{
  LW_ZOOMABLE_GET_IFACE (self)->zoom_to (self, zoom);
}

void
lw_zoomable_fit (LwZoomable *self)
{
  LW_ZOOMABLE_GET_IFACE (self)->fit (self);
}
