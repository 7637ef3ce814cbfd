/* What a run recorded, for other programs. */
#include "app/export.h"
#include "tensorboard/tensorboard.h"

bool
lw_export_csv (const LwExport *export, GError **error)
{
  return lw_run_export_csv (export->weights->run, export->output, error);
}

bool
lw_export_tensorboard (const LwExport *export, GError **error)
{
  return lw_tensorboard_write (export->weights->run, export->output, error);
}
