/* A workbench that only shows one network: no runs, no data, nothing to train. Main thread. */
#pragma once

#include "ui/workbench.h"

G_BEGIN_DECLS

/* `options`: of a model that builds and lives as long as the workbench. */
LwWorkbench *lw_workbench_new_viewer (const LwBackend *const *backends, const LwOptions *options);

G_END_DECLS
