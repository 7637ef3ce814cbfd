/* Who started this program, and as how many: from environments as mpirun (Open MPI 4.1) and Slurm's
 * srun (22.05) make them. */
#include "distributed/launch.h"

static const char *const variables[] = {
  "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "PMIX_RANK",    "PMI_RANK",    "PMI_SIZE",
  "SLURM_STEP_NUM_TASKS", "SLURM_PROCID",         "SLURM_JOB_ID", "SLURM_NTASKS"
};

typedef struct {
  const char *name;
  const char *environment;
  LwLaunch launch;
} Case;

static const Case cases[] = {
  { "alone", "", { 0 } },
  { "mpirun",
    "OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_RANK=1 PMIX_RANK=1",
    { "mpirun", 2, true, false, false } },
  /* srun starts mpirun's daemons, so their step's variables are there, and say nothing. */
  { "mpirun-in-slurm",
    "OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_RANK=0 PMIX_RANK=0 SLURM_JOB_ID=5 "
    "SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=1 SLURM_NTASKS=2",
    { "mpirun", 4, true, false, true } },
  { "srun-pmix",
    "PMIX_RANK=1 SLURM_JOB_ID=2 SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=1 SLURM_NTASKS=2",
    { "srun", 2, true, false, false } },
  { "srun-pmi2",
    "PMI_RANK=0 PMI_SIZE=2 SLURM_JOB_ID=3 SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=0 SLURM_NTASKS=2",
    { "srun", 2, true, true, true } },
  { "srun-none",
    "SLURM_JOB_ID=1 SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=0 SLURM_NTASKS=2",
    { "srun", 2, false, false, true } },
  { "srun-one-task", "SLURM_JOB_ID=1 SLURM_STEP_NUM_TASKS=1 SLURM_PROCID=0 SLURM_NTASKS=1", { 0 } },
  { "srun-one-task-pmix",
    "PMIX_RANK=0 SLURM_JOB_ID=4 SLURM_STEP_NUM_TASKS=1 SLURM_PROCID=0 SLURM_NTASKS=1",
    { "srun", 1, true, false, true } },
  /* The script itself runs once, though the job has two tasks. */
  { "sbatch", "SLURM_JOB_ID=5 SLURM_PROCID=0 SLURM_NTASKS=2", { 0 } },
  { "mpich", "PMI_RANK=1 PMI_SIZE=3", { "mpirun", 3, true, true, false } },
};

static void
test_case (const void *data)
{
  const Case *c = data;
  g_auto (GStrv) words = g_strsplit (c->environment, " ", -1);
  LwLaunch launch;

  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    g_unsetenv (variables[i]);
  for (int i = 0; words[i] != NULL; i++) {
    g_auto (GStrv) pair = g_strsplit (words[i], "=", 2);

    if (pair[0] != NULL)
      g_setenv (pair[0], pair[1], TRUE);
  }
  launch = lw_launch_detect ();
  g_assert_cmpstr (launch.by, ==, c->launch.by);
  g_assert_cmpint (launch.size, ==, c->launch.size);
  g_assert_cmpint (launch.joins, ==, c->launch.joins);
  g_assert_cmpint (launch.by_pmi, ==, c->launch.by_pmi);
  g_assert_cmpint (launch.first, ==, c->launch.first);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/launch/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_case);
  }
  return g_test_run ();
}
