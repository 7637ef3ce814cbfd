/* What stream.cpp and graph.cpp share: streams, events, and who knows what is over. */
#pragma once

#include "tests/device/emulation/internal.hpp"

#include <deque>
#include <map>

namespace lw_emulation {

/* By chain of operations (a stream; a captured stream's part of a graph): places that are over. */
typedef std::vector<uint32_t> Clock;

void clock_merge (Clock *clock, const Clock &other);
uint32_t new_chain ();

/* An operation that runs now, behind what `clock` says; the clock then includes it. */
void run_operation (uint32_t chain, Clock *clock, const std::string &name,
                    const std::function<void ()> &work);

struct Work {
  std::string name; /* "": no operation, only order */
  std::function<void ()> work;
  Clock host; /* what was over when the host gave it */
};

} // namespace lw_emulation

struct CUstream_st {
  int device;
  uint32_t chain;
  lw_emulation::Clock clock;
  std::deque<lw_emulation::Work> queue;
  CUgraph_st *capture; /* nullptr: not captured */
  bool captures;       /* began it */
};

struct CUevent_st {
  bool timed;
  CUstream_st *stream;
  uint64_t recorded, reached; /* how often */
  int64_t time;               /* when it was reached last: operations that had run */
  lw_emulation::Clock clock;
  CUgraph_st *capture;
  std::vector<size_t> tips; /* of the captured stream, where it was recorded */
};

namespace lw_emulation {

/* graph.cpp */
void capture_work (CUstream_st *stream, std::string name, std::function<void ()> work);
void capture_record (CUevent_st *event, CUstream_st *stream);
void capture_wait (CUstream_st *stream, CUevent_st *event);
/* stream.cpp */
CUstream_st *stream_of (cudaStream_t stream);
void host_learns (const Clock &clock);
void run_next (CUstream_st *stream); /* memory must be open */
void step (CUstream_st *stream);     /* the same, opens memory */
void drain (CUstream_st *stream);
int64_t operations_run ();
void refuse_in_capture (const char *what);
/* Work that is no operation itself. */
void enqueue_order (CUstream_st *stream, std::function<void ()> work);

} // namespace lw_emulation
