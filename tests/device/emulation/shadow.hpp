/* What shadow.cpp (which bytes) and races.cpp (who comes after whom) share. */
#pragma once

#include "tests/device/emulation/internal.hpp"

namespace lw_emulation {

enum : size_t { WORD = 4 };
/* COPIED: an asynchronous copy is on its way there. */
enum : uint8_t { NOTHING, UNWRITTEN, WRITTEN, COPIED };

/* Who a cell's last access stands for. */
enum class Spread : uint8_t { ONE, WARP, BLOCK, GRID, ATOMIC };

struct Access {
  uint32_t operation, block; /* operation 0: none yet */
  uint16_t thread, barriers, warp_barriers;
  uint8_t bytes; /* mask of the word's */
  uint8_t spread;
};

struct Cell {
  Access write, read;
};

struct Region {
  char *start;
  size_t bytes;
  uint8_t *state;
  Cell *cells;
  bool shared;
};

Region &shadow_device ();
Region &shadow_block ();

uint32_t shadow_operation (); /* that runs */
void shadow_touch_cell (Region &region, size_t word, Access access, Kind kind);

} // namespace lw_emulation
