#include "distributed/load.h"

#include "distributed/module.h"
#include "engine/i18n.h"
#include "engine/program_files.h"

#include <dlfcn.h>

#define MODULE_NAME "layerwise-mpi.so"

/* Open MPI loads components of its own, which look for its symbols among those that all share. */
#define OPEN_MPI "libmpi.so.40"

static const LwMpiModule *
load_file (const char *path, GError **error)
{
  union {
    void *symbol;
    LwMpiModuleFunction *function;
  } entry = { NULL };
  const LwMpiModule *module;
  void *library;

  dlopen (OPEN_MPI, RTLD_NOW | RTLD_GLOBAL);
  library = dlopen (path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == NULL) {
    const char *words = dlerror ();

    g_set_error (error, LW_ERROR, LW_ERROR_IO,
                 _ ("The MPI module cannot be loaded (%s): install Open MPI (Debian: "
                    "openmpi-bin)."),
                 words != NULL ? words : path);
    return NULL;
  }
  entry.symbol = dlsym (library, LW_MPI_MODULE_SYMBOL);
  module = entry.symbol != NULL ? entry.function () : NULL;
  if (module == NULL || g_strcmp0 (module->version, LW_VERSION) != 0) {
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("\"%s\" is no MPI module of this version of Layerwise: build it anew."), path);
    return NULL;
  }
  return module;
}

static const LwMpiModule *
load (GError **error)
{
  const char *asked = g_getenv ("LAYERWISE_MPI_MODULE");
  const bool is_asked = asked != NULL && *asked != '\0';
  g_autofree char *folder = lw_program_folder ("distributed", LW_MODULE_DIR);
  g_autofree char *path =
      is_asked ? g_strdup (asked) : g_build_filename (folder, MODULE_NAME, NULL);

  if (g_strcmp0 (asked, "none") == 0) {
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("MPI is left out, because LAYERWISE_MPI_MODULE is \"none\"."));
    return NULL;
  }
  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("The MPI module is not built: install Open MPI (Debian: libopenmpi-dev and "
                    "openmpi-bin), then build anew with ./run --build."));
    return NULL;
  }
  return load_file (path, error);
}

bool
lw_distributed_join (LwCollective **ret_collective, GError **error)
{
  const LwLaunch launch = lw_launch_detect ();
  g_autoptr (GError) why = NULL;
  const LwMpiModule *module;

  *ret_collective = NULL;
  if (launch.by == NULL || launch.size == 1)
    return true;
  if (!launch.joins) {
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("srun has started %d processes without a way to join them, and each would "
                    "train by itself; start them with \"srun --mpi=pmix\" or with mpirun."),
                 launch.size);
    return false;
  }
  module = load (&why);
  if (module == NULL) {
    g_set_error (error, LW_ERROR, why->code,
                 /* What: "mpirun" or "srun", and a sentence. */
                 _ ("%s has started several processes, which cannot join: %s"), launch.by,
                 why->message);
    return false;
  }
  *ret_collective = module->open (error);
  if (*ret_collective == NULL)
    return false;
  if (launch.size > 1 && (*ret_collective)->size != launch.size) {
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("%s has started %d processes, but MPI knows of %d; start them with the mpirun "
                    "of the Open MPI that Layerwise was built with."),
                 launch.by, launch.size, (*ret_collective)->size);
    g_clear_pointer (ret_collective, lw_collective_free);
    return false;
  }
  if ((*ret_collective)->size == 1)
    g_clear_pointer (ret_collective, lw_collective_free);
  return true;
}

char *
lw_distributed_describe (GError **error)
{
  const LwMpiModule *module = load (error);

  return module != NULL ? module->describe () : NULL;
}
