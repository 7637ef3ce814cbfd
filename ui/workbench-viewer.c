#include "ui/workbench-viewer.h"

#include "ui/devices.h"
#include "ui/workbench-private.h"

LwWorkbench *
lw_workbench_new_viewer (const LwBackend *const *backends, const LwOptions *options)
{
  LwWorkbench *self = g_object_new (LW_TYPE_WORKBENCH, NULL);

  self->backends = backends;
  self->device_text = lw_device_text (lw_first_backend (backends), 0);
  lw_workbench_take_options (self, options, NULL);
  /* As if it were loaded: else it is when a knob turns, and the network would follow it. */
  self->dataset_name = g_strdup (self->draft->data);
  return self;
}
