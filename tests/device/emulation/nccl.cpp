/* NCCL on the processor: sums between processes, each with an emulation of its own, over memory
 * that they share. An operation runs when its stream comes to it, and waits there for the same one
 * of the others.
 *
 * What the manual forbids is refused: operations that differ between ranks, in kind, size, type or
 * order; one that is recorded in one rank and not, or elsewhere in a graph, in another ("Using NCCL
 * with CUDA Graphs"); a communicator that is gone, or that goes while a graph holds its operations,
 * for which it would wait for ever. One that is used on two streams is refused as well: NCCL lets
 * these wait for each other, and nobody sees it in the program.
 *
 * Of a rank that is gone the others hear nothing, as on one machine: the operation waits until the
 * communicator is aborted. */
#include "tests/device/emulation/stream.hpp"

#include <atomic>
#include <cstdio>
#include <fcntl.h>
#include <memory>
#include <set>
#include <sys/mman.h>
#include <unistd.h>

namespace lw_emulation {

enum { RANKS = 8, DEADLINE_MS = 100000 };
enum : size_t { ROOM = size_t (64) << 20 }; /* of an operation's numbers of one rank */

enum Result {
  SUCCESS = 0,
  UNHANDLED_CUDA_ERROR = 1,
  SYSTEM_ERROR = 2,
  INVALID_USAGE = 5,
  REMOTE_ERROR = 6
};

struct Id {
  char bytes[128];
};

/* What all ranks must say of an operation. */
struct Said {
  char name[16];
  uint64_t count;
  int type;
  uint64_t graph, place; /* recorded in the how-manieth one, and where there; 0: not recorded */
};

/* By turns, so that nobody overwrites what another still reads. */
struct Rank {
  std::atomic<int> pid; /* 0: not there yet */
  std::atomic<bool> left;
  char card[32];
  Said said[2];
  std::atomic<uint64_t> brought, taken; /* operations */
};

struct Shared {
  std::atomic<int> size, present, refused;
  Rank ranks[RANKS];
};

struct Ring {
  int rank, size, device;
  Shared *shared;
  char *data; /* [rank][2][ROOM] */
  uint64_t performed, graphs, place;
  const CUgraph_st *graph;
  CUstream_st *stream;
  bool aborted, broken;

  ~Ring ()
  {
    munmap (shared, sizeof *shared);
    munmap (data, ROOM * 2 * RANKS);
  }
  char *room (int of, uint64_t number) const
  {
    return data + ROOM * (2 * size_t (of) + number % 2);
  }
};

} // namespace lw_emulation

struct ncclComm {
  std::shared_ptr<lw_emulation::Ring> ring;
};

namespace lw_emulation {

static int nccl_version = 22800;
static bool notices_who_is_gone;

static std::set<ncclComm *> &
communicators ()
{
  static std::set<ncclComm *> all;

  return all;
}

static bool
is_gone (const Rank &rank)
{
  return rank.left || (rank.pid != 0 && lw_emulation_is_gone (rank.pid));
}

/* Until `ready` (rank) holds of all; false: one of them is gone. */
template <class Ready>
static bool
wait_for_ranks (const Ring &ring, const char *what, Ready ready)
{
  for (int i = 0; i < ring.size; i++)
    for (int64_t waited_us = 0; !ready (ring.shared->ranks[i]); waited_us += 50) {
      if (waited_us > 20000 && is_gone (ring.shared->ranks[i]) && !ready (ring.shared->ranks[i]))
        return false;
      if (waited_us > int64_t (DEADLINE_MS) * 1000)
        refuse ("rank %d waits in %s (operation %llu) for rank %d, which does not come to it",
                ring.rank, what, (unsigned long long)ring.performed, i);
      usleep (50);
    }
  return true;
}

static void
check_same (const Ring &ring, const Said &own)
{
  for (int i = 0; i < ring.size; i++) {
    const Said &other = ring.shared->ranks[i].said[ring.performed % 2];

    if (strcmp (own.name, other.name) != 0 || own.count != other.count || own.type != other.type)
      refuse ("rank %d calls %s of %llu numbers of type %d, and rank %d calls %s of %llu of type "
              "%d",
              ring.rank, own.name, (unsigned long long)own.count, own.type, i, other.name,
              (unsigned long long)other.count, other.type);
    if (own.graph != other.graph || own.place != other.place)
      refuse ("rank %d comes to %s recorded as number %llu of graph %llu, and rank %d as number "
              "%llu of graph %llu: ranks record and replay together",
              ring.rank, own.name, (unsigned long long)own.place, (unsigned long long)own.graph, i,
              (unsigned long long)other.place, (unsigned long long)other.graph);
  }
}

template <class T>
static void
add_up (const Ring &ring, void *to, size_t n)
{
  for (size_t k = 0; k < n; k++) {
    T sum = reinterpret_cast<const T *> (ring.room (0, ring.performed))[k];

    for (int i = 1; i < ring.size; i++)
      sum += reinterpret_cast<const T *> (ring.room (i, ring.performed))[k];
    static_cast<T *> (to)[k] = sum;
  }
}

static size_t
bytes_of (int type)
{
  if (type != 7 && type != 8)
    refuse ("NCCL's type %d is not emulated", type);
  return type == 7 ? sizeof (float) : sizeof (double);
}

static void
perform (Ring &ring, const Said &said, const void *from, void *to)
{
  const bool gathers = strcmp (said.name, "ncclAllGather") == 0;
  const size_t bytes = said.count * bytes_of (said.type);
  Rank &own = ring.shared->ranks[ring.rank];

  /* In place it is a write: a read would take the place of the last one, of another stream. */
  if (from != to)
    shadow_range (from, bytes, Kind::READ);
  shadow_range (to, gathers ? bytes * size_t (ring.size) : bytes, Kind::WRITE);
  if (ring.aborted)
    return;
  ring.performed++;

  const uint64_t number = ring.performed;
  const auto has_taken = [=] (const Rank &rank) { return rank.taken + 2 >= number; };
  const auto has_brought = [=] (const Rank &rank) { return rank.brought >= number; };

  if (wait_for_ranks (ring, said.name, has_taken)) {
    own.said[number % 2] = said;
    memcpy (ring.room (ring.rank, number), from, bytes);
    own.brought = number;
  }
  if (!wait_for_ranks (ring, said.name, has_brought)) {
    ring.broken = true;
    device_hangs (true);
    return;
  }
  check_same (ring, said);
  for (int i = 0; gathers && i < ring.size; i++)
    memcpy (static_cast<char *> (to) + size_t (i) * bytes, ring.room (i, number), bytes);
  if (!gathers && said.type == 7)
    add_up<float> (ring, to, said.count);
  else if (!gathers)
    add_up<double> (ring, to, said.count);
  own.taken = number;
}

static Ring &
ring_of (ncclComm *comm, const char *what)
{
  if (communicators ().count (comm) == 0)
    refuse ("%s: the communicator was destroyed, aborted or never made", what);
  if (comm->ring->device != current_device ())
    refuse ("%s: the communicator is device %d's, and device %d is current", what,
            comm->ring->device, current_device ());
  return *comm->ring;
}

static Said
say (Ring &ring, const char *name, size_t count, int type, CUstream_st *stream)
{
  Said said = {};

  if (ring.stream != nullptr && ring.stream != stream)
    refuse ("%s: the communicator is used on two streams, which NCCL makes wait for each other",
            name);
  ring.stream = stream;
  if (stream->capture != ring.graph) {
    ring.graph = stream->capture;
    ring.graphs += ring.graph != nullptr;
    ring.place = 0;
  }
  snprintf (said.name, sizeof said.name, "%s", name);
  said.count = count;
  said.type = type;
  if (ring.graph != nullptr) {
    said.graph = ring.graphs;
    said.place = ++ring.place;
  }
  return said;
}

static void
check_places (const Ring &ring, const char *name, const void *from, const void *to, size_t bytes,
              bool gathers)
{
  const size_t all = gathers ? bytes * size_t (ring.size) : bytes;
  const char *a = static_cast<const char *> (from), *b = static_cast<const char *> (to);

  if (bytes > ROOM)
    refuse ("%s of %zu bytes is not emulated", name, bytes);
  memory_check_range (from, bytes, name);
  memory_check_range (to, all, name);
  if (a < b + all && b < a + bytes && a != b + (gathers ? size_t (ring.rank) * bytes : 0))
    refuse ("%s: source and target overlap, and are not the same", name);
}

static int
give (const char *name, const void *from, void *to, size_t count, int type, ncclComm *comm,
      cudaStream_t handle)
{
  LW_ALONE;
  CUstream_st *stream = stream_of (handle);
  Ring &ring = ring_of (comm, name);
  const size_t bytes = count * bytes_of (type);

  if (call_fails (false, name))
    return remember (failing_code ()), UNHANDLED_CUDA_ERROR;
  check_places (ring, name, from, to, bytes, strcmp (name, "ncclAllGather") == 0);

  const Said said = say (ring, name, count, type, stream);
  const std::shared_ptr<Ring> held = comm->ring;

  enqueue (handle, name, [=] { perform (*held, said, from, to); });
  return SUCCESS;
}

/* What streams and graphs hold of it is over: what streams were given is done. */
static void
end (ncclComm *comm, const char *what)
{
  communicators ().erase (comm);
  drain_everything ();
  if (comm->ring.use_count () > 1)
    refuse ("%s while a graph holds operations of the communicator: it waits for ever", what);
  comm->ring->shared->ranks[comm->ring->rank].left = true;
  delete comm;
  count_live (&LwEmulationLive::communicators, -1);
}

/* Whether another rank has the same card. */
static bool
shares_card (const Ring &ring)
{
  for (int i = 0; i < ring.size; i++)
    if (i != ring.rank &&
        strcmp (ring.shared->ranks[i].card, ring.shared->ranks[ring.rank].card) == 0)
      return true;
  return false;
}

static void *
map (int file, size_t bytes, size_t from)
{
  void *memory =
      mmap (nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, file, off_t (from));

  if (memory == MAP_FAILED)
    refuse ("processes cannot share memory");
  return memory;
}

enum : size_t { SHARED_BYTES = (sizeof (Shared) + 4095) / 4096 * 4096 };

static std::shared_ptr<Ring>
open_ring (const Id &id, int size, int rank)
{
  const int file = open (id.bytes, O_RDWR | O_CLOEXEC);
  std::shared_ptr<Ring> ring (new Ring{});

  if (file < 0)
    refuse ("ncclCommInitRank: this id is not what ncclGetUniqueId gave a process that lives");
  ring->rank = rank;
  ring->size = size;
  ring->device = current_device ();
  ring->shared = static_cast<Shared *> (map (file, sizeof (Shared), 0));
  ring->data = static_cast<char *> (map (file, ROOM * 2 * RANKS, SHARED_BYTES));
  close (file);
  return ring;
}

} // namespace lw_emulation

using namespace lw_emulation;

extern "C" {

int
ncclGetVersion (int *ret_version)
{
  *ret_version = nccl_version;
  return SUCCESS;
}

const char *
ncclGetErrorString (int result)
{
  return result == SUCCESS         ? "no error"
         : result == INVALID_USAGE ? "invalid usage"
         : result == REMOTE_ERROR  ? "remote process exited or there was a network error"
                                   : "unhandled cuda error";
}

/* A file without a name, which this process keeps open. */
int
ncclGetUniqueId (Id *ret_id)
{
  LW_ALONE;
  if (call_fails (false, "ncclGetUniqueId"))
    return SYSTEM_ERROR;

  const int file = memfd_create ("nccl", MFD_CLOEXEC);

  if (file < 0 || ftruncate (file, off_t (SHARED_BYTES + ROOM * 2 * RANKS)) != 0)
    refuse ("processes cannot share memory");
  memset (ret_id, 0, sizeof *ret_id);
  snprintf (ret_id->bytes, sizeof ret_id->bytes, "/proc/%d/fd/%d", int (getpid ()), file);
  return SUCCESS;
}

int
ncclCommInitRank (ncclComm **ret_comm, int size, Id id, int rank)
{
  LW_ALONE;
  refuse_in_capture ("ncclCommInitRank");
  if (size > RANKS || rank < 0 || rank >= size)
    refuse ("ncclCommInitRank of rank %d of %d", rank, size);
  if (call_fails (false, "ncclCommInitRank"))
    return remember (failing_code ()), UNHANDLED_CUDA_ERROR;

  std::shared_ptr<Ring> ring = open_ring (id, size, rank);
  Rank &own = ring->shared->ranks[rank];

  snprintf (own.card, sizeof own.card, "%d", current_device ());
  if (own.pid.exchange (getpid ()) != 0)
    refuse ("ncclCommInitRank: rank %d is there twice", rank);
  if (!wait_for_ranks (*ring, "ncclCommInitRank", [] (const Rank &each) { return each.pid != 0; }))
    return REMOTE_ERROR;
  if (shares_card (*ring))
    return INVALID_USAGE;
  *ret_comm = new ncclComm{ std::move (ring) };
  communicators ().insert (*ret_comm);
  count_live (&LwEmulationLive::communicators, 1);
  return SUCCESS;
}

int
ncclCommDestroy (ncclComm *comm)
{
  LW_ALONE;
  ring_of (comm, "ncclCommDestroy");
  refuse_in_capture ("ncclCommDestroy");
  drain_everything ();
  refuse_hanging ("ncclCommDestroy");
  end (comm, "ncclCommDestroy");
  return call_fails (false, "ncclCommDestroy") ? UNHANDLED_CUDA_ERROR : SUCCESS;
}

int
ncclCommAbort (ncclComm *comm)
{
  LW_ALONE;
  Ring &ring = ring_of (comm, "ncclCommAbort");

  refuse_in_capture ("ncclCommAbort");
  ring.aborted = true;
  if (ring.broken)
    device_hangs (false);
  end (comm, "ncclCommAbort");
  return call_fails (false, "ncclCommAbort") ? UNHANDLED_CUDA_ERROR : SUCCESS;
}

int
ncclCommGetAsyncError (ncclComm *comm, int *ret_result)
{
  LW_ALONE;
  const Ring &ring = ring_of (comm, "ncclCommGetAsyncError");

  if (call_fails (false, "ncclCommGetAsyncError"))
    return UNHANDLED_CUDA_ERROR;
  *ret_result = ring.broken && notices_who_is_gone ? REMOTE_ERROR : SUCCESS;
  return SUCCESS;
}

int
ncclAllReduce (const void *from, void *to, size_t n, int type, int op, ncclComm *comm,
               cudaStream_t stream)
{
  if (op != 0)
    refuse ("ncclAllReduce: operation %d is not emulated", op);
  return give ("ncclAllReduce", from, to, n, type, comm, stream);
}

int
ncclAllGather (const void *from, void *to, size_t n, int type, ncclComm *comm, cudaStream_t stream)
{
  return give ("ncclAllGather", from, to, n, type, comm, stream);
}

void
lw_emulation_set_nccl (int version, bool notices)
{
  nccl_version = version;
  notices_who_is_gone = notices;
}

void
lw_emulation_run (void)
{
  LW_ALONE;
  drain_everything ();
}

void *
lw_emulation_nccl_find (const char *name)
{
  const struct {
    const char *name;
    void *function;
  } all[] = {
    { "ncclGetVersion", reinterpret_cast<void *> (ncclGetVersion) },
    { "ncclGetUniqueId", reinterpret_cast<void *> (ncclGetUniqueId) },
    { "ncclCommInitRank", reinterpret_cast<void *> (ncclCommInitRank) },
    { "ncclCommDestroy", reinterpret_cast<void *> (ncclCommDestroy) },
    { "ncclCommAbort", reinterpret_cast<void *> (ncclCommAbort) },
    { "ncclCommGetAsyncError", reinterpret_cast<void *> (ncclCommGetAsyncError) },
    { "ncclAllReduce", reinterpret_cast<void *> (ncclAllReduce) },
    { "ncclAllGather", reinterpret_cast<void *> (ncclAllGather) },
    { "ncclGetErrorString", reinterpret_cast<void *> (ncclGetErrorString) },
  };

  for (const auto &each : all)
    if (strcmp (each.name, name) == 0)
      return each.function;
  return nullptr;
}

} // extern "C"
