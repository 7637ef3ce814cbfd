/* What the runtime promises and what not: pinned and pageable memory, large shared memory, events
 * that are asked, graphs with other arguments, several devices, devices without tensor cores. */
#include "kernels/cuda/tensor.cuh"
#include "tests/device/emulation/emulation.h"
#include "tests/device/planted.cuh"

namespace {

__global__ void
copy (const float *x, float *y)
{
  y[threadIdx.x] = x[threadIdx.x];
}

/* --- host memory ------------------------------------------------------------------------------ */

enum Memory { PAGEABLE, PINNED, PINNED_NO_WAIT, PINNED_CHANGED, PINNED_TOO_SHORT, PINNED_LEAKED };

/* host → x → y → host; the host changes its numbers behind the first copy. */
template <Memory what>
bool
run_memory ()
{
  enum { BYTES = THREADS * sizeof (float) };
  Bench bench;
  float pageable[THREADS], *host = pageable;
  bool right = true;

  if (what != PAGEABLE)
    check (cudaMallocHost (reinterpret_cast<void **> (&host),
                           what == PINNED_TOO_SHORT ? BYTES - 4 : BYTES));
  for (int i = 0; i < THREADS; i++)
    host[i] = float (i);
  check (cudaMemcpyAsync (bench.x, host, BYTES, cudaMemcpyHostToDevice, bench.stream));
  if (what == PINNED)
    check (cudaStreamSynchronize (bench.stream));
  for (int i = 0; i < THREADS; i++)
    host[i] = what == PINNED_CHANGED || what == PINNED || what == PAGEABLE ? -1 : host[i];
  check (lw_launch (copy, 1, THREADS, 0, bench.stream, bench.x, bench.y));
  check (cudaMemcpyAsync (host, bench.y, BYTES, cudaMemcpyDeviceToHost, bench.stream));
  if (what == PINNED_NO_WAIT)
    host[0] = -1;
  else if (what != PAGEABLE)
    check (cudaStreamSynchronize (bench.stream));
  for (int i = 0; i < THREADS; i++)
    right = right && host[i] == float (i);
  if (what == PAGEABLE)
    right = right && lw_emulation_waiting_copies () == 3; /* one is of the bench */
  check (cudaStreamSynchronize (bench.stream));
  if (what != PAGEABLE && what != PINNED_LEAKED)
    check (cudaFreeHost (host));
  return right;
}

/* --- shared memory ---------------------------------------------------------------------------- */

enum { LARGE = 80 << 10 };

__global__ void
copy_through_shared (const float *x, float *y)
{
  LW_DYNAMIC_SHARED (float, tile);
  float *last = tile + LARGE / sizeof (float) - THREADS;

  last[threadIdx.x] = x[threadIdx.x];
  __syncthreads ();
  y[threadIdx.x] = last[(threadIdx.x + 1) % THREADS];
}

template <bool allowed>
bool
run_large_shared ()
{
  Bench bench;
  int most, blocks;

  check (cudaDeviceGetAttribute (&most, cudaDevAttrMaxSharedMemoryPerBlockOptin, 0));
  if (allowed)
    check (lw_allow_shared (copy_through_shared, LARGE));
  if (lw_allow_shared (copy, size_t (most) + 1) != cudaErrorInvalidValue ||
      cudaGetLastError () != cudaErrorInvalidValue)
    return false;
  check (lw_launch (copy_through_shared, 1, THREADS, LARGE, bench.stream, bench.x, bench.y));
  check (cudaOccupancyMaxActiveBlocksPerMultiprocessor (
      &blocks, reinterpret_cast<const void *> (copy_through_shared), THREADS, LARGE));
  return bench.is_input (1) && blocks == 1 && most >= LARGE;
}

/* --- events and graphs ------------------------------------------------------------------------ */

template <bool timed>
bool
run_events ()
{
  Bench bench;
  cudaEvent_t start, end;
  float milliseconds = 0;
  int asked = 0;

  check (cudaEventCreateWithFlags (&start, timed ? cudaEventDefault : cudaEventDisableTiming));
  check (cudaEventCreate (&end));
  check (cudaEventRecord (start, bench.stream));
  check (lw_launch (copy, 1, THREADS, 0, bench.stream, bench.x, bench.y));
  check (lw_launch (copy, 1, THREADS, 0, bench.stream, bench.x, bench.y));
  check (cudaEventRecord (end, bench.stream));
  while (cudaEventQuery (end) == cudaErrorNotReady)
    asked++;
  check (cudaEventElapsedTime (&milliseconds, start, end));
  check (cudaEventDestroy (start));
  check (cudaEventDestroy (end));
  return asked > 0 && milliseconds > 0 && bench.is_input (0);
}

enum Leak { NOTHING, STREAM, GRAPH };

/* y ← x; then the same graph with another x, and one that is not the same. */
template <Leak leak>
bool
run_update ()
{
  Bench bench;
  cudaGraph_t graphs[3];
  cudaGraphExec_t replay;
  cudaGraphExecUpdateResultInfo info;
  cudaStream_t left;

  for (int i = 0; i < 3; i++) {
    check (cudaStreamBeginCapture (bench.stream, cudaStreamCaptureModeThreadLocal));
    for (int j = 0; j <= i / 2; j++)
      check (lw_launch (copy, 1, THREADS, 0, bench.stream, bench.x + i, bench.y));
    check (cudaStreamEndCapture (bench.stream, &graphs[i]));
  }
  check (cudaGraphInstantiate (&replay, graphs[0], 0));
  check (cudaGraphUpload (replay, bench.stream));
  check (cudaGraphLaunch (replay, bench.stream));

  bool right = bench.is ([&] (int i) { return bench.host[i]; });

  check (cudaGraphExecUpdate (replay, graphs[1], &info));
  check (cudaGraphLaunch (replay, bench.stream));
  right = right && bench.is ([&] (int i) { return bench.host[i + 1]; }) &&
          cudaGraphExecUpdate (replay, graphs[2], &info) == cudaErrorGraphExecUpdateFailure &&
          cudaGetLastError () == cudaErrorGraphExecUpdateFailure;
  if (leak == STREAM)
    check (cudaStreamCreateWithFlags (&left, cudaStreamNonBlocking));
  for (int i = leak == GRAPH ? 1 : 0; i < 3; i++)
    check (cudaGraphDestroy (graphs[i]));
  check (cudaGraphExecDestroy (replay));
  return right;
}

void
set_one (void *number)
{
  *static_cast<int *> (number) = 1;
}

bool
run_host_function ()
{
  Bench bench;
  int number = 0;

  check (lw_launch (copy, 1, THREADS, 0, bench.stream, bench.x, bench.y));
  check (cudaLaunchHostFunc (bench.stream, set_one, &number));
  return number == 0 && bench.is_input (0) && number == 1;
}

void
call_cuda (void *stream)
{
  check (lw_launch (copy, 1, THREADS, 0, static_cast<cudaStream_t> (stream), nullptr, nullptr));
}

bool
run_calling_host_function ()
{
  Bench bench;

  check (cudaLaunchHostFunc (bench.stream, call_cuda, bench.stream));
  check (cudaStreamSynchronize (bench.stream));
  return true;
}

/* A copy between two buffers on a stream that knows nothing of the kernel before. */
bool
run_copy_without_event ()
{
  Bench bench;
  cudaStream_t second;

  check (cudaStreamCreateWithFlags (&second, cudaStreamNonBlocking));
  check (lw_launch (copy, 1, THREADS, 0, bench.stream, bench.x, bench.y));
  check (cudaMemcpyAsync (bench.x, bench.y, THREADS * sizeof (float), cudaMemcpyDeviceToDevice,
                          second));
  check (cudaStreamSynchronize (second));
  check (cudaMemcpyAsync (bench.y, bench.x, THREADS * sizeof (float), cudaMemcpyDeviceToDevice,
                          second));
  check (cudaStreamSynchronize (second));

  const bool right = bench.is_input (0);

  check (cudaStreamDestroy (second));
  return right;
}

/* --- devices ---------------------------------------------------------------------------------- */

enum Device { TWO, BUFFER_OF_OTHER, STREAM_OF_OTHER, COPY_OF_OTHER, LITTLE_MEMORY, OLD };

__global__ void
multiply_nothing (float *y)
{
  const uint32_t a[4] = {};
  float d[4] = {};

  lw_mma_bf16 (d, a, 0, 0);
  y[threadIdx.x] = d[0];
}

template <Device what>
bool
run_devices ()
{
  const LwEmulationHardware hardware = { 2, what == OLD ? 7 : 8, what == OLD ? 5 : 0, 1 << 20 };
  int n;
  void *memory;

  lw_emulation_set_hardware (&hardware);
  check (cudaGetDeviceCount (&n));
  if (what == LITTLE_MEMORY) {
    size_t there, all;
    const cudaError_t code = cudaMalloc (&memory, (1 << 20) + 1);

    check (cudaMemGetInfo (&there, &all));
    return code == cudaErrorMemoryAllocation && cudaGetLastError () == code && all == 1 << 20 &&
           there == all;
  }

  Bench first;

  if (what == OLD) {
    check (lw_launch (multiply_nothing, 1, 32, 0, first.stream, first.y));
    check (cudaStreamSynchronize (first.stream));
  }
  check (cudaSetDevice (1));
  {
    Bench second;
    float *x = what == BUFFER_OF_OTHER ? first.x : second.x;

    check (lw_launch (copy, 1, THREADS, 0, what == STREAM_OF_OTHER ? first.stream : second.stream,
                      x, second.y));
    if (what == COPY_OF_OTHER)
      check (cudaMemcpyAsync (second.y, first.x, THREADS * sizeof (float), cudaMemcpyDeviceToDevice,
                              second.stream));
    if (!second.is_input (0))
      return false;
  }
  check (cudaSetDevice (0));
  check (lw_launch (copy, 1, THREADS, 0, first.stream, first.x, first.y));
  return n == 2 && first.is_input (0);
}

} // namespace

#define LW_BOTH(message) message, message

const LwPlanted lw_planted_runtime[] = {
  { "pageable", run_memory<PAGEABLE>, true, "", "" },
  { "pinned", run_memory<PINNED>, true, "", "" },
  { "pinned-no-wait", run_memory<PINNED_NO_WAIT>, false, nullptr, nullptr },
  { "pinned-changed", run_memory<PINNED_CHANGED>, false, nullptr, nullptr },
  { "pinned-too-short", run_memory<PINNED_TOO_SHORT>, false,
    LW_BOTH ("*source of a copy: 512 bytes from byte 0 of pinned memory of 508*") },
  { "pinned-leaked", run_memory<PINNED_LEAKED>, false,
    LW_BOTH ("*1 pinned host buffers were not freed*") },
  { "large-shared", run_large_shared<true>, true, "", "" },
  { "large-shared-not-allowed", run_large_shared<false>, false,
    LW_BOTH ("*launch of copy_through_shared*81920 bytes of shared memory*lw_allow_shared*") },
  { "events", run_events<true>, true, "", "" },
  { "events-without-time", run_events<false>, false, LW_BOTH ("*cudaEventDisableTiming*") },
  { "graph-update", run_update<NOTHING>, true, "", "" },
  { "leaked-stream", run_update<STREAM>, false, LW_BOTH ("*1 streams were not freed*") },
  { "leaked-graph", run_update<GRAPH>, false, LW_BOTH ("*1 graphs were not freed*") },
  { "host-function", run_host_function, true, "", "" },
  { "host-function-calls", run_calling_host_function, false,
    LW_BOTH ("*a host function in a stream calls CUDA*") },
  { "copy-no-event", run_copy_without_event, false, "*race between streams*|*never written*",
    nullptr },
  { "two-devices", run_devices<TWO>, true, "", "" },
  { "buffer-of-other-device", run_devices<BUFFER_OF_OTHER>, false,
    LW_BOTH ("*argument 0 of copy*is memory of device 0, and device 1 is current*") },
  { "stream-of-other-device", run_devices<STREAM_OF_OTHER>, false,
    LW_BOTH ("*a stream of device 0 is used, and device 1 is current*") },
  { "copy-of-other-device", run_devices<COPY_OF_OTHER>, false,
    LW_BOTH ("*source of a copy: memory of device 0*") },
  { "little-memory", run_devices<LITTLE_MEMORY>, true, "", "" },
  { "no-tensor-cores", run_devices<OLD>, false, LW_BOTH ("*mma.m16n8k16 on a device without*") },
  { nullptr, nullptr, false, nullptr, nullptr },
};
