/* What a run recorded, for other programs. */
#include "app/export.h"

bool
lw_export_csv (const LwExport *export, GError **error)
{
  return lw_run_export_csv (export->weights->run, export->output, error);
}
