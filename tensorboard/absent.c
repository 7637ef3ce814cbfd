#include "engine/i18n.h"
#include "tensorboard/tensorboard.h"

bool
lw_tensorboard_write (const LwRun *run, const char *folder, GError **error)
{
  (void)run, (void)folder;
  g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
               _ ("this build writes no TensorBoard files: install libprotobuf-c-dev and "
                  "protobuf-c-compiler, then ./run --build"));
  return false;
}
