/* Errors, also those that a test orders, and what is left at the end. */
#include "tests/device/emulation/internal.hpp"

#include <cstdlib>
#include <map>

namespace lw_emulation {

static int64_t n_calls, failing_call = -1;
static bool fails_for_good;
static int64_t no_memory_from = -1, no_memory_until = -1;
static cudaError_t last_error = cudaSuccess;
static LwEmulationLive live;

static std::map<std::string, int64_t> &
calls_of ()
{
  static std::map<std::string, int64_t> counts;

  return counts;
}

static bool
finds_no_memory (int64_t call)
{
  return no_memory_from >= 0 && call >= no_memory_from && call <= no_memory_until;
}

bool
call_fails (bool waits, const char *function)
{
  const int64_t call = n_calls++;
  const bool fails =
      failing_call >= 0 && (fails_for_good ? call >= failing_call : call == failing_call);

  calls_of ()[function]++;
  if (fails && (waits || fails_for_good))
    lose_everything ();
  return fails || finds_no_memory (call);
}

std::recursive_mutex &
call_lock ()
{
  static std::recursive_mutex lock;

  return lock;
}

cudaError_t
failing_code ()
{
  return finds_no_memory (n_calls - 1) ? cudaErrorMemoryAllocation : cudaErrorLaunchFailure;
}

cudaError_t
remember (cudaError_t code)
{
  return last_error = code;
}

void
count_live (int64_t LwEmulationLive::*what, int64_t change)
{
  live.*what += change;
}

__attribute__ ((destructor)) static void
refuse_leaks ()
{
  static const struct {
    int64_t LwEmulationLive::*count;
    const char *name;
  } kinds[] = {
    { &LwEmulationLive::buffers, "device buffers" },
    { &LwEmulationLive::pinned, "pinned host buffers" },
    { &LwEmulationLive::streams, "streams" },
    { &LwEmulationLive::events, "events" },
    { &LwEmulationLive::graphs, "graphs" },
    { &LwEmulationLive::handles, "cuBLAS handles" },
    { &LwEmulationLive::communicators, "communicators" },
  };

  for (const auto &kind : kinds)
    if (live.*kind.count != 0)
      refuse ("the program ends and %lld %s were not freed", (long long)(live.*kind.count),
              kind.name);
}

} // namespace lw_emulation

using namespace lw_emulation;

int64_t
lw_emulation_calls (void)
{
  return n_calls;
}

int64_t
lw_emulation_calls_of (const char *function)
{
  return calls_of ()[function];
}

void
lw_emulation_fail_call (int64_t call, bool for_good)
{
  failing_call = call;
  fails_for_good = for_good;
}

void
lw_emulation_exhaust_calls (int64_t call, int64_t until)
{
  no_memory_from = call;
  no_memory_until = until;
}

LwEmulationLive
lw_emulation_live (void)
{
  return live;
}

bool
lw_emulation_error_is_left (void)
{
  return last_error != cudaSuccess;
}

extern "C" {

cudaError_t
cudaGetLastError ()
{
  LW_ALONE;
  const cudaError_t code = last_error;

  last_error = cudaSuccess;
  return code;
}

const char *
cudaGetErrorName (cudaError_t code)
{
  LW_ALONE;
  return code == cudaErrorMemoryAllocation ? "cudaErrorMemoryAllocation"
         : code == cudaErrorLaunchFailure  ? "cudaErrorLaunchFailure"
                                           : "cudaError";
}

const char *
cudaGetErrorString (cudaError_t code)
{
  LW_ALONE;
  return code == cudaSuccess                 ? "no error"
         : code == cudaErrorMemoryAllocation ? "out of memory"
         : code == cudaErrorLaunchFailure    ? "unspecified launch failure"
         : code == cudaErrorInvalidDevice    ? "invalid device ordinal"
         : code == cudaErrorInvalidValue     ? "invalid argument"
         : code == cudaErrorNotReady         ? "device not ready"
                                             : "an error of the emulation";
}

cudaError_t
cudaPeekAtLastError ()
{
  LW_ALONE;
  return last_error;
}

cudaError_t
cudaRuntimeGetVersion (int *ret_version)
{
  LW_ALONE;
  LW_CALL;
  *ret_version = CUDART_VERSION;
  return cudaSuccess;
}

} // extern "C"
