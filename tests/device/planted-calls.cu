/* Host code with one mistake each, and right twins. */
#include "tests/device/planted.cuh"

namespace {

__global__ void
copy (const float *x, float *y)
{
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;

  if (i < THREADS)
    y[i] = x[i];
}

/* --- pointers and sizes ----------------------------------------------------------------------- */

struct Pair {
  const float *x;
  float *y;
};

__global__ void
copy_pair (Pair pair)
{
  pair.y[threadIdx.x] = pair.x[threadIdx.x];
}

enum Mistake {
  NONE,
  HOST_POINTER,
  HOST_POINTER_IN_STRUCT,
  TOO_MANY_THREADS,
  NO_BLOCKS,
  GRID_TOO_HIGH,
  TOO_MUCH_SHARED,
  DEFAULT_STREAM,
  FREED,
  FREED_TWICE,
  FREED_INSIDE,
  LEAKED_BUFFER,
  LEAKED_EVENT,
  HOST_READS,
  COPY_TOO_LONG,
  COPY_THE_WRONG_WAY,
};

template <Mistake mistake>
bool
run_call ()
{
  Bench bench;
  float *x = bench.x, *other;

  check (cudaMalloc (reinterpret_cast<void **> (&other), THREADS * sizeof (float)));
  if (mistake != LEAKED_BUFFER)
    check (cudaFree (other));
  if (mistake == HOST_POINTER)
    x = bench.host;
  if (mistake == FREED)
    x = other;
  if (mistake == FREED_TWICE)
    check (cudaFree (other));
  if (mistake == FREED_INSIDE)
    check (cudaFree (bench.x + 64));
  if (mistake == LEAKED_EVENT) {
    cudaEvent_t event;

    check (cudaEventCreateWithFlags (&event, cudaEventDisableTiming));
  }
  if (mistake == HOST_POINTER_IN_STRUCT)
    check (lw_launch (copy_pair, 1, THREADS, 0, bench.stream, Pair{ bench.host, bench.y }));
  else
    check (lw_launch (copy,
                      mistake == NO_BLOCKS       ? dim3 (0)
                      : mistake == GRID_TOO_HIGH ? dim3 (1, 65536)
                                                 : dim3 (1),
                      mistake == TOO_MANY_THREADS ? 2048 : THREADS,
                      mistake == TOO_MUCH_SHARED ? 50000 : 0,
                      mistake == DEFAULT_STREAM ? nullptr : bench.stream, x, bench.y));
  if (mistake == HOST_READS)
    return bench.y[0] == bench.host[0];
  if (mistake == COPY_TOO_LONG)
    check (cudaMemcpyAsync (bench.y, bench.host, sizeof bench.host, cudaMemcpyHostToDevice,
                            bench.stream));
  if (mistake == COPY_THE_WRONG_WAY)
    check (cudaMemcpyAsync (bench.host, bench.y, THREADS * sizeof (float), cudaMemcpyHostToDevice,
                            bench.stream));
  return bench.is_input (0);
}

/* --- streams and graphs ----------------------------------------------------------------------- */

enum Edge { EVENT, NO_EVENT, CAPTURED, NO_EDGE, NOT_JOINED, ALLOCATES, LATE };

/* x → middle on one stream, middle → y on the other. */
template <Edge edge>
bool
run_streams ()
{
  const bool captured = edge != EVENT && edge != NO_EVENT;
  Bench bench;
  float *middle;
  cudaStream_t second;
  cudaEvent_t forked, done;
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t replay = nullptr;

  check (cudaMalloc (reinterpret_cast<void **> (&middle), THREADS * sizeof (float)));
  check (cudaStreamCreateWithFlags (&second, cudaStreamNonBlocking));
  check (cudaEventCreateWithFlags (&forked, cudaEventDisableTiming));
  check (cudaEventCreateWithFlags (&done, cudaEventDisableTiming));
  if (captured)
    check (cudaStreamBeginCapture (bench.stream, cudaStreamCaptureModeThreadLocal));
  check (cudaEventRecord (forked, bench.stream));
  check (cudaStreamWaitEvent (second, forked, 0));
  if (edge == ALLOCATES)
    check (cudaMalloc (reinterpret_cast<void **> (&middle), THREADS * sizeof (float)));
  check (lw_launch (copy, 1, THREADS, 0, second, bench.x, middle));
  check (cudaEventRecord (done, second));
  if (edge != NO_EVENT && edge != NO_EDGE && edge != NOT_JOINED)
    check (cudaStreamWaitEvent (bench.stream, done, 0));
  check (lw_launch (copy, 1, THREADS, 0, bench.stream, middle, bench.y));
  if (edge == NO_EDGE)
    check (cudaStreamWaitEvent (bench.stream, done, 0));
  if (captured) {
    check (cudaStreamEndCapture (bench.stream, &graph));
    if (edge == LATE)
      check (cudaStreamWaitEvent (second, done, 0));
    check (cudaGraphInstantiate (&replay, graph, 0));
    for (int i = 0; i < (edge == NO_EDGE ? 1 : 3); i++)
      check (cudaGraphLaunch (replay, bench.stream));
    check (cudaStreamSynchronize (bench.stream));
    check (cudaGraphExecDestroy (replay));
    check (cudaGraphDestroy (graph));
  }

  const bool right = bench.is_input (0);

  check (cudaEventDestroy (forked));
  check (cudaEventDestroy (done));
  check (cudaStreamDestroy (second));
  check (cudaFree (middle));
  return right;
}

} // namespace

#define LW_BOTH(message) message, message

const LwPlanted lw_planted_calls[] = {
  { "right", run_call<NONE>, true, "", "" },
  { "host-pointer", run_call<HOST_POINTER>, false, LW_BOTH ("*argument 0 of copy*host pointer*") },
  { "host-pointer-in-struct", run_call<HOST_POINTER_IN_STRUCT>, false,
    "*kernel reads*host memory or none*in copy_pair*", "" },
  { "too-many-threads", run_call<TOO_MANY_THREADS>, false,
    LW_BOTH ("*launch of copy*2048*threads*") },
  { "no-blocks", run_call<NO_BLOCKS>, false, LW_BOTH ("*launch of copy*grid of 0*") },
  { "grid-too-high", run_call<GRID_TOO_HIGH>, false,
    LW_BOTH ("*launch of copy*grid of 1*65536*blocks*") },
  { "too-much-shared", run_call<TOO_MUCH_SHARED>, false,
    LW_BOTH ("*launch of copy*50000 bytes of shared memory*") },
  { "default-stream", run_call<DEFAULT_STREAM>, false, LW_BOTH ("*default stream*") },
  { "freed", run_call<FREED>, false, LW_BOTH ("*argument 0 of copy*one that was freed*") },
  { "freed-twice", run_call<FREED_TWICE>, false, LW_BOTH ("*cudaFree*was freed before*") },
  { "freed-inside", run_call<FREED_INSIDE>, false,
    LW_BOTH ("*cudaFree*not the start of a buffer*") },
  { "leaked-buffer", run_call<LEAKED_BUFFER>, false,
    LW_BOTH ("*1 device buffers were not freed*") },
  { "leaked-event", run_call<LEAKED_EVENT>, false, LW_BOTH ("*1 events were not freed*") },
  { "host-reads", run_call<HOST_READS>, false,
    LW_BOTH ("*host code reads or writes device memory*") },
  { "copy-too-long", run_call<COPY_TOO_LONG>, false,
    LW_BOTH ("*target of a copy: 2048 bytes from byte 0 of a buffer of 512*") },
  { "copy-the-wrong-way", run_call<COPY_THE_WRONG_WAY>, false,
    LW_BOTH ("*target of a copy*is no device memory*") },
  { "event", run_streams<EVENT>, true, "", "" },
  { "no-event", run_streams<NO_EVENT>, false, "*race between streams*|*never written*", nullptr },
  { "graph", run_streams<CAPTURED>, true, "", "" },
  { "no-edge", run_streams<NO_EDGE>, false, "*race between streams*|*never written*", nullptr },
  { "not-joined", run_streams<NOT_JOINED>, false, LW_BOTH ("*never waited for copy*") },
  { "allocates-in-capture", run_streams<ALLOCATES>, false,
    LW_BOTH ("*cudaMalloc while a stream is captured*") },
  { "event-of-a-capture", run_streams<LATE>, false,
    LW_BOTH ("*waits for an event*in a capture which has ended*") },
  { nullptr, nullptr, false, nullptr, nullptr },
};
