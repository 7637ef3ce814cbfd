#include "kernels/cuda/load.h"

#include "engine/i18n.h"
#include "engine/program_files.h"
#include "kernels/cuda/interface.h"

#include <dlfcn.h>
#include <pthread.h>

#define MODULE_NAME "layerwise-cuda.so"

/* --- the file --------------------------------------------------------------------------------- */

const LwCudaModule *
lw_cuda_load_file (const char *path, GError **error)
{
  void *library = dlopen (path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  union {
    void *symbol;
    LwCudaModuleFunction *function;
  } entry;
  const LwCudaModule *module;

  if (library == NULL) {
    const char *words = dlerror ();

    g_set_error (error, LW_ERROR, LW_ERROR_IO,
                 _ ("The CUDA module cannot be loaded (%s): install the CUDA toolkit that it was "
                    "built with, or build it anew: ./run --build --cuda."),
                 words != NULL ? words : path);
    return NULL;
  }
  entry.symbol = dlsym (library, LW_CUDA_MODULE_SYMBOL);
  if (entry.symbol == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT, _ ("\"%s\" is no CUDA module of Layerwise."),
                 path);
    return NULL;
  }
  module = entry.function ();
  if (module->abi != LW_CUDA_MODULE_ABI || g_strcmp0 (module->interface, LW_CUDA_INTERFACE) != 0) {
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("The CUDA module \"%s\" is another version's: ./run --build --cuda builds it "
                    "anew."),
                 path);
    return NULL;
  }
  return module;
}

/* NULL: there is none. */
static char *
find_module (void)
{
  g_autofree char *folder = lw_program_folder ("kernels/cuda", LW_MODULE_DIR);
  g_autofree char *path = g_build_filename (folder, MODULE_NAME, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS) ? g_steal_pointer (&path) : NULL;
}

/* --- the driver ------------------------------------------------------------------------------- */

/* Whether there is one, of any age; the module says whether it is too old. Looked for before the
 * module, so that a machine without a graphics card is not told to build something, nor loads
 * CUDA's large libraries in vain. */
static bool
find_driver (GError **error)
{
  void *driver = dlopen ("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL);

  if (driver != NULL) {
    dlclose (driver);
    return true;
  }
  if (g_file_test ("/proc/driver/nvidia/version", G_FILE_TEST_EXISTS))
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("The NVIDIA driver is there, but not its library libcuda.so.1: install the "
                    "whole driver, or start the container with access to the graphics card."));
  else
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("There is no NVIDIA driver: CUDA needs a graphics card by NVIDIA and its "
                    "driver, version 580 or newer."));
  return false;
}

/* --- once ------------------------------------------------------------------------------------- */

static struct {
  pthread_once_t once;
  const LwCudaModule *module;
  GError *reason; /* why there is no module */
} loaded = { .once = PTHREAD_ONCE_INIT };

static void
load (void)
{
  const char *asked = g_getenv ("LAYERWISE_CUDA_MODULE");
  const bool is_asked = asked != NULL && *asked != '\0';
  g_autofree char *path = NULL;

  if (g_strcmp0 (asked, "none") == 0) {
    g_set_error (&loaded.reason, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("CUDA is left out, because LAYERWISE_CUDA_MODULE is \"none\"."));
    return;
  }
  if (!is_asked && !find_driver (&loaded.reason))
    return;
  path = is_asked ? g_strdup (asked) : find_module ();
  if (path == NULL)
    g_set_error (&loaded.reason, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("The CUDA module is not built: ./run --build --cuda builds it, which needs "
                    "NVIDIA's CUDA toolkit 13."));
  else
    loaded.module = lw_cuda_load_file (path, &loaded.reason);
}

static int
count_none (GError **error)
{
  g_propagate_error (error, g_error_copy (loaded.reason));
  return -1;
}

static char *
describe_none (int index)
{
  return g_strdup_printf ("cuda:%d", index);
}

const LwBackend *
lw_cuda_load_backend (void)
{
  static const LwBackend none = {
    .name = "cuda",
    .title = N_ ("CUDA (graphics card)"),
    .channels_last = true,
    .count = count_none,
    .describe = describe_none,
  };

  pthread_once (&loaded.once, load);
  return loaded.module != NULL ? loaded.module->backend : &none;
}

const LwCudaModule *
lw_cuda_loaded (void)
{
  pthread_once (&loaded.once, load);
  return loaded.module;
}
