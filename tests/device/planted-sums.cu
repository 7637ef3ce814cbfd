/* Sums over processes with one mistake each, and right twins. A process that the emulation refuses
 * hands its status to the one that began it. */
#include "tests/device/planted.cuh"

#include "tests/device/emulation/emulation.h"

#include <csignal>
#include <cstring>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct ncclComm;
struct Id {
  char bytes[128];
};

extern "C" {
int ncclGetUniqueId (Id *ret_id);
int ncclCommInitRank (ncclComm **ret_comm, int size, Id id, int rank);
int ncclCommDestroy (ncclComm *comm);
int ncclCommAbort (ncclComm *comm);
int ncclAllReduce (const void *from, void *to, size_t n, int type, int op, ncclComm *comm,
                   cudaStream_t stream);
}

namespace {

enum { FLOAT32 = 7, FLOAT64 = 8, SUM = 0 };

enum Mistake {
  NONE,
  NO_EVENT,
  READ_EARLY,
  WRITTEN_LATE,
  DESTROYED,
  DESTROYED_TWICE,
  LEAKED,
  TWO_STREAMS,
  GRAPH_LEFT,
  NOT_JOINED,
  OTHER_COUNT,
  OTHER_TYPE,
  OTHER_ORDER,
  ONE_RECORDS,
  GONE
};

void
worked (int result)
{
  if (result != 0)
    exit (1);
}

__global__ void
fill (float *x, float value)
{
  x[threadIdx.x] = value;
}

__global__ void
copy_all (const float *x, float *y)
{
  y[threadIdx.x] = x[threadIdx.x];
}

/* A stream of its own for sums, as a backend has it. */
struct Sums {
  Bench bench;
  cudaStream_t stream;
  cudaEvent_t given, done;
  ncclComm *comm;

  Sums (int size, int rank, const Id &id)
  {
    check (cudaStreamCreateWithFlags (&stream, cudaStreamNonBlocking));
    check (cudaEventCreateWithFlags (&given, cudaEventDisableTiming));
    check (cudaEventCreateWithFlags (&done, cudaEventDisableTiming));
    worked (ncclCommInitRank (&comm, size, id, rank));
  }
  ~Sums ()
  {
    check (cudaEventDestroy (given));
    check (cudaEventDestroy (done));
    check (cudaStreamDestroy (stream));
  }
  void follow (cudaStream_t first, cudaStream_t second, cudaEvent_t event)
  {
    check (cudaEventRecord (event, first));
    check (cudaStreamWaitEvent (second, event, 0));
  }
  void add_up (size_t n = THREADS, int type = FLOAT32)
  {
    worked (ncclAllReduce (bench.x, bench.x, n, type, SUM, comm, stream));
  }
};

Id
new_id ()
{
  Id id;

  worked (ncclGetUniqueId (&id));
  return id;
}

/* --- one rank --------------------------------------------------------------------------------- */

template <Mistake mistake>
void
give_step (Sums &sums)
{
  Bench &bench = sums.bench;

  check (lw_launch (fill, 1, THREADS, 0, bench.stream, bench.x, 3));
  if (mistake != NO_EVENT)
    sums.follow (bench.stream, sums.stream, sums.given);
  sums.add_up ();
  if (mistake == TWO_STREAMS)
    worked (ncclAllReduce (bench.x, bench.x, THREADS, FLOAT32, SUM, sums.comm, bench.stream));
  if (mistake == WRITTEN_LATE)
    check (lw_launch (fill, 1, THREADS, 0, bench.stream, bench.x, 3));
  if (mistake != READ_EARLY && mistake != NOT_JOINED)
    sums.follow (sums.stream, bench.stream, sums.done);
  check (lw_launch (copy_all, 1, THREADS, 0, bench.stream, bench.x, bench.y));
}

template <Mistake mistake>
bool
run_alone ()
{
  Sums sums (1, 0, new_id ());
  bool right;

  give_step<mistake> (sums);
  right = sums.bench.is ([] (int) { return 3; });
  check (cudaStreamSynchronize (sums.stream));
  if (mistake == DESTROYED) {
    worked (ncclCommDestroy (sums.comm));
    sums.add_up ();
  }
  if (mistake != LEAKED)
    worked (ncclCommDestroy (sums.comm));
  if (mistake == DESTROYED_TWICE)
    worked (ncclCommDestroy (sums.comm));
  return right;
}

template <Mistake mistake>
bool
run_recorded ()
{
  Sums sums (1, 0, new_id ());
  cudaGraph_t graph;
  cudaGraphExec_t replay;
  bool right;

  check (cudaStreamBeginCapture (sums.bench.stream, cudaStreamCaptureModeThreadLocal));
  give_step<mistake> (sums);
  check (cudaStreamEndCapture (sums.bench.stream, &graph));
  check (cudaGraphInstantiate (&replay, graph, 0));
  check (cudaGraphDestroy (graph));
  for (int i = 0; i < 2; i++)
    check (cudaGraphLaunch (replay, sums.bench.stream));
  right = sums.bench.is ([] (int) { return 3; });
  if (mistake == GRAPH_LEFT)
    worked (ncclCommDestroy (sums.comm));
  check (cudaGraphExecDestroy (replay));
  if (mistake != GRAPH_LEFT)
    worked (ncclCommDestroy (sums.comm));
  return right;
}

/* --- two -------------------------------------------------------------------------------------- */

template <Mistake mistake>
void
give_sums (Sums &sums, int rank)
{
  if (mistake == OTHER_ORDER && rank == 1) {
    sums.add_up (THREADS / 2);
    sums.add_up ();
    return;
  }
  sums.add_up (mistake == OTHER_COUNT && rank == 1 ? THREADS / 2 : THREADS);
  if (mistake == OTHER_ORDER)
    sums.add_up (THREADS / 2);
}

/* Rank 1 records it, and rank 0 does not. */
void
give_recorded (Sums &sums)
{
  cudaGraph_t graph;
  cudaGraphExec_t replay;

  check (cudaStreamBeginCapture (sums.stream, cudaStreamCaptureModeThreadLocal));
  sums.add_up ();
  check (cudaStreamEndCapture (sums.stream, &graph));
  check (cudaGraphInstantiate (&replay, graph, 0));
  check (cudaGraphDestroy (graph));
  check (cudaGraphLaunch (replay, sums.stream));
  check (cudaStreamSynchronize (sums.stream));
  check (cudaGraphExecDestroy (replay));
}

template <Mistake mistake>
bool
run_rank (int rank, const Id &id)
{
  lw_emulation_set_devices (2, CUDART_VERSION);
  check (cudaSetDevice (rank));

  Sums sums (2, rank, id);

  if (mistake == GONE && rank == 1)
    raise (SIGKILL);
  if (mistake == ONE_RECORDS && rank == 1)
    give_recorded (sums);
  else if (mistake == OTHER_TYPE && rank == 1)
    sums.add_up (THREADS, FLOAT64);
  else
    give_sums<mistake> (sums, rank);
  check (cudaStreamSynchronize (sums.stream));
  check (lw_launch (copy_all, 1, THREADS, 0, sums.bench.stream, sums.bench.x, sums.bench.y));

  const bool right = sums.bench.is ([&] (int i) { return 2 * sums.bench.host[i]; });

  worked (ncclCommDestroy (sums.comm));
  return right;
}

/* This process is rank 0; the other one ends with it. */
template <Mistake mistake>
bool
run_two ()
{
  const Id id = new_id ();
  const pid_t child = fork ();
  int status = 0;

  if (child == 0) {
    alarm (60);
    exit (run_rank<mistake> (1, id) ? 0 : 1);
  }

  const bool right = run_rank<mistake> (0, id);

  waitpid (child, &status, 0);
  if (WIFEXITED (status) && WEXITSTATUS (status) == LW_EMULATION_REFUSED)
    _exit (LW_EMULATION_REFUSED);
  return right && WIFEXITED (status) && WEXITSTATUS (status) == 0;
}

const char OTHER[] = "*rank * calls ncclAllReduce of * and rank * calls ncclAllReduce of *";
const char RACE[] = "*race between streams*";

} // namespace

const LwPlanted lw_planted_sums[] = {
  { "sums", run_alone<NONE>, true, nullptr, nullptr },
  { "sums-recorded", run_recorded<NONE>, true, nullptr, nullptr },
  { "sums-of-two", run_two<NONE>, true, nullptr, nullptr },
  { "sums-no-event", run_alone<NO_EVENT>, false, RACE, "" },
  { "sums-read-early", run_alone<READ_EARLY>, false, RACE, "" },
  { "sums-written-late", run_alone<WRITTEN_LATE>, false, RACE, "" },
  { "sums-destroyed", run_alone<DESTROYED>, false, "*the communicator was destroyed*",
    "*the communicator was destroyed*" },
  { "sums-destroyed-twice", run_alone<DESTROYED_TWICE>, false, "*the communicator was destroyed*",
    "*the communicator was destroyed*" },
  { "sums-leaked", run_alone<LEAKED>, false, "*1 communicators were not freed*",
    "*1 communicators were not freed*" },
  { "sums-two-streams", run_alone<TWO_STREAMS>, false, "*is used on two streams*",
    "*is used on two streams*" },
  { "sums-graph-left", run_recorded<GRAPH_LEFT>, false, "*while a graph holds operations*",
    "*while a graph holds operations*" },
  { "sums-not-joined", run_recorded<NOT_JOINED>, false, "*never waited for ncclAllReduce*",
    "*never waited for ncclAllReduce*" },
  { "sums-other-count", run_two<OTHER_COUNT>, false, OTHER, OTHER },
  { "sums-other-type", run_two<OTHER_TYPE>, false, OTHER, OTHER },
  { "sums-other-order", run_two<OTHER_ORDER>, false, OTHER, OTHER },
  { "sums-one-records", run_two<ONE_RECORDS>, false, "*ranks record and replay together*",
    "*ranks record and replay together*" },
  { "sums-gone", run_two<GONE>, false, "*waits for a sum over processes of which one is gone*",
    "*waits for a sum over processes of which one is gone*" },
  { nullptr, nullptr, false, nullptr, nullptr },
};
