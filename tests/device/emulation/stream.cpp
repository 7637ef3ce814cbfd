/* Streams and events. Work waits in its stream until the host synchronizes with it, so that a host
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

static bool lost;
static uint64_t n_operations; /* that have run: the emulation's time */

void
run_operation (uint32_t chain, Clock *clock, const std::string &name,
               const std::function<void ()> &work)
{
  const bool was_open = memory_is_open ();

  if (lost)
    return;
  memory_open (true);
  clock->resize (std::max (clock->size (), size_t (chain) + 1));
  shadow_begin_operation (chain, *clock, name);
  work ();
  n_operations++;
  shadow_end_operation ();
  (*clock)[chain]++;
  memory_open (was_open);
}

static void
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

static void
drain (CUstream_st *stream)
{
  const bool was_open = memory_is_open ();

  memory_open (memory_is_open () || !stream->queue.empty ());
  while (!stream->queue.empty ())
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

CUstream_st *
stream_of (cudaStream_t stream)
{
  if (stream == nullptr || stream == cudaStreamLegacy || stream == cudaStreamPerThread)
    refuse ("the default stream is used: it waits for others where one would not think so; "
            "make a stream");
  for (CUstream_st *each : streams ())
    if (each == stream)
      return stream;
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
  stream->queue.push_back ({ std::move (name), std::move (work), host_clock });
}

void
enqueue (cudaStream_t handle, std::string name, std::function<void ()> work)
{
  CUstream_st *stream = stream_of (handle);

  if (stream->capture != nullptr)
    capture_work (stream, std::move (name), std::move (work));
  else
    push (stream, std::move (name), std::move (work));
}

void
enqueue_order (CUstream_st *stream, std::function<void ()> work)
{
  push (stream, "", std::move (work));
}

/* Runs the event's stream as far as `value` records of it. */
static void
reach (CUevent_st *event, uint64_t value)
{
  const bool was_open = memory_is_open ();

  memory_open (true);
  while (event->reached < value) {
    if (event->stream->queue.empty ())
      refuse ("a stream waits for an event that its own stream never comes to");
    run_next (event->stream);
  }
  memory_open (was_open);
}

static void
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
  LW_CALL;
  if (flags != cudaStreamNonBlocking)
    refuse ("a stream that waits for the default stream: make it with cudaStreamNonBlocking");
  *ret_stream = new CUstream_st{ new_chain (), {}, {}, nullptr, false };
  streams ().push_back (*ret_stream);
  count_live (&LwEmulationLive::streams, 1);
  return cudaSuccess;
}

cudaError_t
cudaStreamDestroy (cudaStream_t handle)
{
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
  CUstream_st *stream = stream_of (handle);

  LW_CALL_THAT (true);
  refuse_in_capture ("cudaStreamSynchronize");
  drain (stream);
  host_learns (stream->clock);
  return cudaSuccess;
}

cudaError_t
cudaDeviceSynchronize ()
{
  LW_CALL_THAT (true);
  refuse_in_capture ("cudaDeviceSynchronize");
  drain_everything ();
  return cudaSuccess;
}

/* --- events ----------------------------------------------------------------------------------- */

cudaError_t
cudaEventCreateWithFlags (cudaEvent_t *ret_event, unsigned)
{
  LW_CALL;
  *ret_event = new CUevent_st{ nullptr, 0, 0, {}, nullptr, {}, 0 };
  count_live (&LwEmulationLive::events, 1);
  return cudaSuccess;
}

cudaError_t
cudaEventDestroy (cudaEvent_t event)
{
  drain_everything ();
  delete event;
  count_live (&LwEmulationLive::events, -1);
  LW_CALL;
  return cudaSuccess;
}

cudaError_t
cudaEventRecord (cudaEvent_t event, cudaStream_t handle)
{
  CUstream_st *stream = stream_of (handle);

  LW_CALL;
  if (stream->capture != nullptr) {
    capture_record (event, stream);
    return cudaSuccess;
  }

  const uint64_t value = ++event->recorded;

  event->stream = stream;
  event->capture = nullptr;
  push (stream, "", [event, stream, value] {
    event->reached = value;
    event->clock = stream->clock;
    event->time = n_operations;
  });
  return cudaSuccess;
}

/* An event that was never recorded is over, as CUDA has it. */
cudaError_t
cudaStreamWaitEvent (cudaStream_t handle, cudaEvent_t event, unsigned)
{
  CUstream_st *stream = stream_of (handle);

  LW_CALL;
  if (event->capture != nullptr || stream->capture != nullptr) {
    capture_wait (stream, event);
    return cudaSuccess;
  }

  const uint64_t value = event->recorded;

  push (stream, "", [event, stream, value] {
    reach (event, value);
    clock_merge (&stream->clock, event->clock);
  });
  return cudaSuccess;
}

cudaError_t
cudaEventSynchronize (cudaEvent_t event)
{
  LW_CALL_THAT (true);
  reach (event, event->recorded);
  host_learns (event->clock);
  return cudaSuccess;
}

/* A millisecond for each kernel, product and copy: nothing that a card could confirm, but more work
 * takes longer. */
cudaError_t
cudaEventElapsedTime (float *ret_ms, cudaEvent_t from, cudaEvent_t to)
{
  LW_CALL;
  if (from->recorded == 0 || to->recorded == 0 || from->reached < from->recorded ||
      to->reached < to->recorded)
    refuse ("cudaEventElapsedTime of an event that is not over: synchronize with it");
  *ret_ms = float (to->time - from->time);
  return cudaSuccess;
}

} // extern "C"
