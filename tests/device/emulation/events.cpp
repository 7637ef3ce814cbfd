/* Events. Time is a count: each operation takes a microsecond, however much it does. */
#include "tests/device/emulation/stream.hpp"

namespace lw_emulation {

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
refuse_of_capture (const CUevent_st *event, const char *what)
{
  if (event->capture != nullptr)
    refuse ("%s: the event was recorded in a capture, which never runs it", what);
}

} // namespace lw_emulation

using namespace lw_emulation;

extern "C" {

cudaError_t
cudaEventCreateWithFlags (cudaEvent_t *ret_event, unsigned flags)
{
  LW_ALONE;
  LW_CALL;
  *ret_event =
      new CUevent_st{ (flags & cudaEventDisableTiming) == 0, nullptr, 0, 0, 0, {}, nullptr, {} };
  count_live (&LwEmulationLive::events, 1);
  return cudaSuccess;
}

cudaError_t
cudaEventCreate (cudaEvent_t *ret_event)
{
  LW_ALONE;
  return cudaEventCreateWithFlags (ret_event, cudaEventDefault);
}

cudaError_t
cudaEventDestroy (cudaEvent_t event)
{
  LW_ALONE;
  drain_everything ();
  delete event;
  count_live (&LwEmulationLive::events, -1);
  LW_CALL;
  return cudaSuccess;
}

cudaError_t
cudaEventRecord (cudaEvent_t event, cudaStream_t handle)
{
  LW_ALONE;
  CUstream_st *stream = stream_of (handle);

  LW_CALL;
  if (stream->capture != nullptr) {
    capture_record (event, stream);
    return cudaSuccess;
  }

  const uint64_t value = ++event->recorded;

  event->stream = stream;
  event->capture = nullptr;
  enqueue_order (stream, [event, stream, value] {
    event->reached = value;
    event->time = operations_run ();
    event->clock = stream->clock;
  });
  return cudaSuccess;
}

/* An event that was never recorded is over, as CUDA has it. */
cudaError_t
cudaStreamWaitEvent (cudaStream_t handle, cudaEvent_t event, unsigned)
{
  LW_ALONE;
  CUstream_st *stream = stream_of (handle);

  LW_CALL;
  if (event->capture != nullptr || stream->capture != nullptr) {
    capture_wait (stream, event);
    return cudaSuccess;
  }

  const uint64_t value = event->recorded;

  enqueue_order (stream, [event, stream, value] {
    reach (event, value);
    clock_merge (&stream->clock, event->clock);
  });
  return cudaSuccess;
}

cudaError_t
cudaEventSynchronize (cudaEvent_t event)
{
  LW_ALONE;
  LW_CALL_THAT (true);
  refuse_of_capture (event, "cudaEventSynchronize");
  reach (event, event->recorded);
  refuse_hanging ("cudaEventSynchronize");
  host_learns (event->clock);
  return cudaSuccess;
}

/* Who asks again and again sees the stream go on: each time by one step. */
cudaError_t
cudaEventQuery (cudaEvent_t event)
{
  LW_ALONE;
  LW_CALL;
  refuse_of_capture (event, "cudaEventQuery");
  if (event->reached < event->recorded)
    step (event->stream);
  if (event->reached < event->recorded || is_hanging ())
    return remember (cudaErrorNotReady);
  host_learns (event->clock);
  return cudaSuccess;
}

cudaError_t
cudaEventElapsedTime (float *ret_milliseconds, cudaEvent_t start, cudaEvent_t end)
{
  LW_ALONE;
  LW_CALL;
  refuse_of_capture (start, "cudaEventElapsedTime");
  refuse_of_capture (end, "cudaEventElapsedTime");
  if (!start->timed || !end->timed)
    refuse ("cudaEventElapsedTime: the event was made with cudaEventDisableTiming");
  if (start->recorded == 0 || end->recorded == 0)
    refuse ("cudaEventElapsedTime: the event was never recorded");
  if (start->reached < start->recorded || end->reached < end->recorded)
    return cudaErrorNotReady;
  *ret_milliseconds = float (end->time - start->time) / 1000;
  return cudaSuccess;
}

} // extern "C"
