/* Who comes after whom. Two accesses of the same bytes, one of them a write, are a race unless
 *
 *  - they are of one thread, or both atomic;
 *  - within a block, a barrier of the block lies between them; within a warp, __syncwarp (of lanes
 *    that meet in parts of a warp some races are not seen: warp.cpp);
 *  - they are of different operations (launches, copies, products), and the first one is over when
 *    the second begins: it stood before it in its stream, or an event or a synchronization of the
 *    host says so. */
#include "tests/device/emulation/shadow.hpp"

namespace lw_emulation {

enum { WARP = 32 };

struct Past {
  uint32_t chain, place;
  std::string name;
};

static std::vector<Past> &
past ()
{
  static std::vector<Past> operations (1); /* number 0 is none */

  return operations;
}

static std::vector<uint32_t> over; /* by chain: places before the operation that runs */

void
shadow_begin_operation (uint32_t chain, const std::vector<uint32_t> &before,
                        const std::string &name)
{
  over = before;
  over.resize (std::max (over.size (), size_t (chain) + 1));
  past ().push_back ({ chain, over[chain] + 1, name });
}

void
shadow_end_operation ()
{
  over.clear ();
}

uint32_t
shadow_operation ()
{
  return uint32_t (past ().size () - 1);
}

/* Whether `first`, of another operation, is over for the one that runs. */
static bool
is_over (const Access &first)
{
  const Past &operation = past ()[first.operation];

  return operation.chain < over.size () && over[operation.chain] >= operation.place;
}

/* Whether `first` comes before `second` for sure. */
static bool
is_ordered (const Region &region, const Access &first, const Access &second)
{
  if (first.operation == 0)
    return true;
  if (first.operation != second.operation)
    return region.shared || is_over (first);
  if (first.block != second.block)
    return region.shared;
  if (first.spread == uint8_t (Spread::GRID))
    return false;
  if (first.barriers != second.barriers)
    return true;
  if (first.spread == uint8_t (Spread::BLOCK))
    return false;
  if (first.thread == second.thread && first.spread != uint8_t (Spread::WARP))
    return true;
  return first.thread / WARP == second.thread / WARP &&
         int16_t (second.warp_barriers - first.warp_barriers) > 0;
}

static std::string
who (const Access &access, bool of_block)
{
  if (of_block && access.spread == uint8_t (Spread::ONE))
    return "thread " + std::to_string (access.thread);
  if (of_block)
    return "several threads, thread " + std::to_string (access.thread) + " among them,";
  return "block " + std::to_string (access.block);
}

[[noreturn]] static void
refuse_race (const Region &region, size_t word, const Access &first, bool first_writes,
             const Access &second, bool second_writes)
{
  const std::string place = memory_describe (region.start + word * WORD);
  const char *did = first_writes ? "wrote" : "read", *does = second_writes ? "writes" : "reads";

  if (first.operation != second.operation)
    refuse ("race between streams: %s %s what %s %s, and nothing says that this is over: %s",
            past ()[second.operation].name.c_str (), does, past ()[first.operation].name.c_str (),
            did, place.c_str ());

  const bool of_block = first.block == second.block && first.spread != uint8_t (Spread::GRID);

  refuse ("race between %s: %s %s what %s %s%s: %s", of_block ? "threads" : "blocks",
          who (second, of_block).c_str (), does, who (first, of_block).c_str (), did,
          of_block ? ", with no barrier between" : "", place.c_str ());
}

/* Of two reads that a later write must both come after, what the cell keeps. */
static Access
merge_reads (const Region &region, const Access &first, Access second)
{
  const bool overlap = (first.bytes & second.bytes) != 0;
  const bool older =
      first.operation != second.operation || (region.shared && first.block != second.block);

  if (older || !overlap)
    return second;
  if (first.block != second.block || first.spread == uint8_t (Spread::GRID)) {
    second.spread = uint8_t (Spread::GRID);
    return second;
  }
  if (first.barriers != second.barriers)
    return second;
  if (first.thread / WARP != second.thread / WARP || first.spread == uint8_t (Spread::BLOCK))
    second.spread = uint8_t (Spread::BLOCK);
  else if (first.warp_barriers == second.warp_barriers &&
           (first.thread != second.thread || first.spread == uint8_t (Spread::WARP)))
    second.spread = uint8_t (Spread::WARP);
  return second;
}

void
shadow_touch_cell (Region &region, size_t word, Access access, Kind kind)
{
  Cell *cell = &region.cells[word];
  const bool atomic = kind == Kind::ATOMIC;
  const bool both_atomic = atomic && cell->write.spread == uint8_t (Spread::ATOMIC);

  if ((cell->write.bytes & access.bytes) != 0 && !both_atomic &&
      !is_ordered (region, cell->write, access))
    refuse_race (region, word, cell->write, true, access, kind != Kind::READ);
  if (kind == Kind::READ) {
    cell->read = merge_reads (region, cell->read, access);
    return;
  }
  if ((cell->read.bytes & access.bytes) != 0 && !is_ordered (region, cell->read, access))
    refuse_race (region, word, cell->read, false, access, true);
  cell->write = access;
}

} // namespace lw_emulation
