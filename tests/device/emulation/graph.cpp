/* Graphs: what streams are given between the begin and the end of a capture, with the edges that
 * streams and events make and no others. A replay runs the nodes in any order that the edges
 * allow. */
#include "tests/device/emulation/stream.hpp"

struct Node {
  std::string name;
  std::function<void ()> work;
  std::vector<size_t> after;
  CUstream_st *stream; /* from which it was captured; only compared */
};

struct CUgraph_st {
  std::vector<Node> nodes;
  std::map<CUstream_st *, std::vector<size_t>> tips; /* what the stream's next node comes after */
};

struct CUgraphExec_st {
  std::vector<Node> nodes;
  std::map<CUstream_st *, uint32_t> chains;
};

namespace lw_emulation {

void
capture_work (CUstream_st *stream, std::string name, std::function<void ()> work)
{
  CUgraph_st *graph = stream->capture;
  std::vector<size_t> *tips = &graph->tips[stream];

  graph->nodes.push_back ({ std::move (name), std::move (work), *tips, stream });
  *tips = { graph->nodes.size () - 1 };
}

void
capture_record (CUevent_st *event, CUstream_st *stream)
{
  event->capture = stream->capture;
  event->tips = stream->capture->tips[stream];
}

void
capture_wait (CUstream_st *stream, CUevent_st *event)
{
  if (event->capture == nullptr)
    refuse ("a captured stream waits for an event from outside of the capture");
  if (!capturing (event->capture))
    refuse ("a stream waits for an event that was recorded in a capture which has ended");
  if (stream->capture != nullptr && stream->capture != event->capture)
    refuse ("streams of two captures wait for each other");
  stream->capture = event->capture;

  std::vector<size_t> *tips = &stream->capture->tips[stream];

  tips->insert (tips->end (), event->tips.begin (), event->tips.end ());
}

/* Every node must lead to the stream that began the capture. */
static void
check_joined (const CUgraph_st *graph, CUstream_st *stream)
{
  std::vector<bool> reached (graph->nodes.size ());
  std::vector<size_t> left = graph->tips.at (stream);

  while (!left.empty ()) {
    const size_t node = left.back ();

    left.pop_back ();
    if (!reached[node])
      left.insert (left.end (), graph->nodes[node].after.begin (), graph->nodes[node].after.end ());
    reached[node] = true;
  }
  for (size_t i = 0; i < reached.size (); i++)
    if (!reached[i])
      refuse ("the capture ends, but its stream never waited for %s in another stream",
              graph->nodes[i].name.c_str ());
}

static void
replay (const CUgraphExec_st *graph, CUstream_st *stream)
{
  const size_t n = graph->nodes.size ();
  std::vector<Clock> clocks (n);
  std::vector<bool> done (n);
  const Clock before = stream->clock;

  for (size_t left = n; left > 0; left--) {
    std::vector<size_t> ready;

    for (size_t i = 0; i < n; i++) {
      const std::vector<size_t> &after = graph->nodes[i].after;

      if (!done[i] &&
          std::all_of (after.begin (), after.end (), [&] (size_t other) { return done[other]; }))
        ready.push_back (i);
    }

    const size_t i = ready[choose (ready.size ())];
    const Node &node = graph->nodes[i];

    clocks[i] = before;
    for (size_t other : node.after)
      clock_merge (&clocks[i], clocks[other]);
    run_operation (graph->chains.at (node.stream), &clocks[i], node.name, node.work);
    done[i] = true;
  }
  for (const Clock &clock : clocks)
    clock_merge (&stream->clock, clock);
}

} // namespace lw_emulation

using namespace lw_emulation;

extern "C" {

cudaError_t
cudaStreamBeginCapture (cudaStream_t handle, cudaStreamCaptureMode)
{
  LW_ALONE;
  CUstream_st *stream = stream_of (handle);

  LW_CALL;
  if (stream->capture != nullptr)
    refuse ("cudaStreamBeginCapture on a stream that is captured already");
  stream->capture = new CUgraph_st;
  stream->capture->tips[stream] = {};
  stream->captures = true;
  count_live (&LwEmulationLive::graphs, 1);
  return cudaSuccess;
}

/* Ends the capture also where it is told to fail: the graph is lost then, as with CUDA. */
cudaError_t
cudaStreamEndCapture (cudaStream_t handle, cudaGraph_t *ret_graph)
{
  LW_ALONE;
  CUstream_st *stream = stream_of (handle);
  CUgraph_st *graph = stream->capture;

  if (graph == nullptr || !stream->captures)
    refuse ("cudaStreamEndCapture on a stream that began no capture");
  const bool fails = call_fails ();

  if (!fails)
    check_joined (graph, stream);
  for (const auto &each : graph->tips)
    each.first->capture = nullptr;
  stream->captures = false;
  *ret_graph = nullptr;
  if (fails) {
    delete graph;
    count_live (&LwEmulationLive::graphs, -1);
    return remember (failing_code () == cudaErrorMemoryAllocation
                         ? cudaErrorMemoryAllocation
                         : cudaErrorStreamCaptureInvalidated);
  }
  *ret_graph = graph;
  return cudaSuccess;
}

cudaError_t
cudaGraphInstantiate (cudaGraphExec_t *ret_executable, cudaGraph_t graph, unsigned long long)
{
  LW_ALONE;
  LW_CALL;

  CUgraphExec_st *executable = new CUgraphExec_st{ graph->nodes, {} };

  for (const auto &each : graph->tips)
    executable->chains[each.first] = new_chain ();
  *ret_executable = executable;
  count_live (&LwEmulationLive::graphs, 1);
  return cudaSuccess;
}

cudaError_t
cudaGraphLaunch (cudaGraphExec_t executable, cudaStream_t handle)
{
  LW_ALONE;
  CUstream_st *stream = stream_of (handle);

  LW_CALL;
  if (capturing ())
    refuse ("cudaGraphLaunch while a stream is captured");
  enqueue_order (stream, [executable, stream] { replay (executable, stream); });
  return cudaSuccess;
}

/* As instantiated, the graph is on the device. */
cudaError_t
cudaGraphUpload (cudaGraphExec_t, cudaStream_t handle)
{
  LW_ALONE;
  stream_of (handle);
  LW_CALL;
  return cudaSuccess;
}

/* Other arguments for the same kernels and copies in the same order; else it fails and the graph
 * stays what it was. */
cudaError_t
cudaGraphExecUpdate (cudaGraphExec_t executable, cudaGraph_t graph,
                     cudaGraphExecUpdateResultInfo *ret_info)
{
  LW_ALONE;
  bool same = executable->nodes.size () == graph->nodes.size ();

  LW_CALL;
  for (size_t i = 0; same && i < graph->nodes.size (); i++)
    same = executable->nodes[i].name == graph->nodes[i].name &&
           executable->nodes[i].after == graph->nodes[i].after;
  memset (ret_info, 0, sizeof *ret_info);
  if (!same) {
    ret_info->result = cudaGraphExecUpdateErrorTopologyChanged;
    return remember (cudaErrorGraphExecUpdateFailure);
  }
  drain_everything ();
  for (size_t i = 0; i < graph->nodes.size (); i++)
    executable->nodes[i].work = graph->nodes[i].work;
  ret_info->result = cudaGraphExecUpdateSuccess;
  return cudaSuccess;
}

cudaError_t
cudaGraphDestroy (cudaGraph_t graph)
{
  LW_ALONE;
  delete graph;
  count_live (&LwEmulationLive::graphs, -1);
  LW_CALL;
  return cudaSuccess;
}

cudaError_t
cudaGraphExecDestroy (cudaGraphExec_t executable)
{
  LW_ALONE;
  drain_everything ();
  delete executable;
  count_live (&LwEmulationLive::graphs, -1);
  LW_CALL;
  return cudaSuccess;
}

} // extern "C"
