/* Streams. Work waits in its stream until the host synchronizes with it, so that a host
 * which forgets to wait reads old numbers every time, not once in a thousand runs. */
#include "tests/device/emulation/stream.hpp"

namespace lw_emulation {

static std::vector<CUstream_st *> &
streams ()
{
  static std::vector<CUstream_st *> all;

  return all;
}

static Clock host_clock;

void
clock_merge (Clock *clock, const Clock &other)
{
  clock->resize (std::max (clock->size (), other.size ()));
  for (size_t i = 0; i < other.size (); i++)
    (*clock)[i] = std::max ((*clock)[i], other[i]);
}

void
host_learns (const Clock &clock)
{
  clock_merge (&host_clock, clock);
}

uint32_t
new_chain ()
{
  static uint32_t chains;

  return chains++;
}

static bool lost, hung, in_host_function;
static int64_t operations;

int64_t
operations_run ()
{
  return operations;
}

void
run_operation (uint32_t chain, Clock *clock, const std::string &name,
               const std::function<void ()> &work)
{
  const bool was_open = memory_is_open ();

  if (lost || hung)
    return;
  memory_open (true);
  clock->resize (std::max (clock->size (), size_t (chain) + 1));
  shadow_begin_operation (chain, *clock, name);
  work ();
  shadow_end_operation ();
  operations++;
  (*clock)[chain]++;
  memory_open (was_open);
}

void
run_next (CUstream_st *stream)
{
  const Work work = std::move (stream->queue.front ());

  stream->queue.pop_front ();
  clock_merge (&stream->clock, work.host);
  if (work.name.empty ())
    work.work ();
  else
    run_operation (stream->chain, &stream->clock, work.name, work.work);
}

void
drain (CUstream_st *stream)
{
  const bool was_open = memory_is_open ();

  memory_open (memory_is_open () || !stream->queue.empty ());
  while (!stream->queue.empty ())
    run_next (stream);
  memory_open (was_open);
}

void
step (CUstream_st *stream)
{
  const bool was_open = memory_is_open ();

  memory_open (true);
  run_next (stream);
  memory_open (was_open);
}

/* Streams take turns, an operation at a time. */
void
drain_everything ()
{
  for (;;) {
    std::vector<CUstream_st *> busy;

    for (CUstream_st *stream : streams ())
      if (!stream->queue.empty ())
        busy.push_back (stream);
    if (busy.empty ())
      break;
    run_next (busy[choose (busy.size ())]);
  }
  for (const CUstream_st *stream : streams ())
    host_learns (stream->clock);
}

void
lose_everything ()
{
  lost = true;
  drain_everything ();
  lost = false;
}

void
device_hangs (bool hangs)
{
  hung = hangs;
}

void
refuse_hanging (const char *what)
{
  if (hung)
    refuse ("%s waits for a sum over processes of which one is gone: ask whether the stream or "
            "event is ready, and abort the communicator",
            what);
}

bool
is_hanging ()
{
  return hung;
}

CUstream_st *
stream_of (cudaStream_t stream)
{
  if (stream == nullptr || stream == cudaStreamLegacy || stream == cudaStreamPerThread)
    refuse ("the default stream is used: it waits for others where one would not think so; "
            "make a stream");
  for (CUstream_st *each : streams ())
    if (each == stream) {
      if (each->device != current_device ())
        refuse ("a stream of device %d is used, and device %d is current", each->device,
                current_device ());
      return stream;
    }
  refuse ("stream %p was destroyed or never made", static_cast<void *> (stream));
}

bool
capturing (const CUgraph_st *graph)
{
  for (const CUstream_st *stream : streams ())
    if (graph == nullptr ? stream->capture != nullptr : stream->capture == graph)
      return true;
  return false;
}

static void
push (CUstream_st *stream, std::string name, std::function<void ()> work)
{
  if (in_host_function)
    refuse ("a host function in a stream calls CUDA");
  stream->queue.push_back ({ std::move (name), std::move (work), host_clock });
}

void
enqueue (cudaStream_t handle, std::string name, std::function<void ()> work)
{
  LW_ALONE;
  CUstream_st *stream = stream_of (handle);

  if (stream->capture != nullptr)
    capture_work (stream, std::move (name), std::move (work));
  else
    push (stream, std::move (name), std::move (work));
}

void
enqueue_order (CUstream_st *stream, std::function<void ()> work)
{
  LW_ALONE;
  push (stream, "", std::move (work));
}

void
refuse_in_capture (const char *what)
{
  if (capturing ())
    refuse ("%s while a stream is captured", what);
}

} // namespace lw_emulation

using namespace lw_emulation;

extern "C" {

cudaError_t
cudaStreamCreateWithFlags (cudaStream_t *ret_stream, unsigned flags)
{
  LW_ALONE;
  LW_CALL;
  if (flags != cudaStreamNonBlocking)
    refuse ("a stream that waits for the default stream: make it with cudaStreamNonBlocking");
  *ret_stream = new CUstream_st{ current_device (), new_chain (), {}, {}, nullptr, false };
  streams ().push_back (*ret_stream);
  count_live (&LwEmulationLive::streams, 1);
  return cudaSuccess;
}

/* Priorities order nothing that a program may rely on. */
cudaError_t
cudaStreamCreateWithPriority (cudaStream_t *ret_stream, unsigned flags, int)
{
  LW_ALONE;
  return cudaStreamCreateWithFlags (ret_stream, flags);
}

cudaError_t
cudaDeviceGetStreamPriorityRange (int *ret_least, int *ret_greatest)
{
  LW_ALONE;
  LW_CALL;
  *ret_least = 0;
  *ret_greatest = -5;
  return cudaSuccess;
}

cudaError_t
cudaStreamDestroy (cudaStream_t handle)
{
  LW_ALONE;
  CUstream_st *stream = stream_of (handle);

  if (stream->capture != nullptr)
    refuse ("cudaStreamDestroy of a stream that is captured");
  drain (stream);
  streams ().erase (std::find (streams ().begin (), streams ().end (), stream));
  delete stream;
  count_live (&LwEmulationLive::streams, -1);
  LW_CALL;
  return cudaSuccess;
}

cudaError_t
cudaStreamSynchronize (cudaStream_t handle)
{
  LW_ALONE;
  CUstream_st *stream = stream_of (handle);

  LW_CALL_THAT (true);
  refuse_in_capture ("cudaStreamSynchronize");
  drain (stream);
  refuse_hanging ("cudaStreamSynchronize");
  host_learns (stream->clock);
  return cudaSuccess;
}

cudaError_t
cudaDeviceSynchronize ()
{
  LW_ALONE;
  LW_CALL_THAT (true);
  refuse_in_capture ("cudaDeviceSynchronize");
  drain_everything ();
  refuse_hanging ("cudaDeviceSynchronize");
  return cudaSuccess;
}

/* Who asks again and again sees the stream go on: each time by one step. */
cudaError_t
cudaStreamQuery (cudaStream_t handle)
{
  LW_ALONE;
  CUstream_st *stream = stream_of (handle);

  LW_CALL;
  refuse_in_capture ("cudaStreamQuery");
  if (!stream->queue.empty ())
    step (stream);
  if (!stream->queue.empty () || hung)
    return remember (cudaErrorNotReady);
  host_learns (stream->clock);
  return cudaSuccess;
}

cudaError_t
cudaStreamIsCapturing (cudaStream_t handle, cudaStreamCaptureStatus *ret_status)
{
  LW_ALONE;
  LW_CALL;
  *ret_status = stream_of (handle)->capture != nullptr ? cudaStreamCaptureStatusActive
                                                       : cudaStreamCaptureStatusNone;
  return cudaSuccess;
}

/* The function has no device memory and calls nothing of CUDA. */
cudaError_t
cudaLaunchHostFunc (cudaStream_t stream, cudaHostFn_t function, void *data)
{
  LW_ALONE;
  LW_CALL;
  enqueue (stream, "a host function", [=] {
    memory_open (false);
    in_host_function = true;
    function (data);
    in_host_function = false;
    memory_open (true);
  });
  return cudaSuccess;
}

} // extern "C"
