/* The devices that there are, what they can do, and how much shared memory a kernel may have. The
 * numbers are those of NVIDIA's tables (CUDA C++ Programming Guide 13, "Compute Capabilities"). */
#include "tests/device/emulation/internal.hpp"

#include <map>

namespace lw_emulation {

/* Of a compute capability: bytes of shared memory that a block may ask for and that a
 * multiprocessor has, threads and blocks that a multiprocessor holds. */
struct Capability {
  int major, minor;
  size_t shared_block, shared_multiprocessor;
  int threads, blocks;
};

static const Capability capabilities[] = {
  { 7, 5, 64 << 10, 64 << 10, 1024, 16 },   { 8, 0, 163 << 10, 164 << 10, 2048, 32 },
  { 8, 6, 99 << 10, 100 << 10, 1536, 16 },  { 8, 9, 99 << 10, 100 << 10, 1536, 24 },
  { 9, 0, 227 << 10, 228 << 10, 2048, 32 }, { 10, 0, 227 << 10, 228 << 10, 2048, 32 },
  { 12, 0, 99 << 10, 100 << 10, 1536, 24 },
};

enum { MULTIPROCESSORS = 4, REGISTERS = 65536, MAX_THREADS = 1024 };
/* kHz, kHz, bits, bytes: small, so that nobody takes them for a real device's. */
enum { CLOCK = 1000000, MEMORY_CLOCK = 1000000, BUS_WIDTH = 64, L2_BYTES = 1 << 20 };

static LwEmulationHardware hardware = { 1, 8, 9, DEVICE_SPACE };
static int current, driver_version = CUDART_VERSION;

static const Capability &
capability ()
{
  for (const Capability &each : capabilities)
    if (each.major == hardware.major && each.minor == hardware.minor)
      return each;
  refuse ("compute capability %d.%d is not emulated", hardware.major, hardware.minor);
}

int
current_device ()
{
  return current;
}

size_t
device_bytes ()
{
  return hardware.bytes;
}

bool
has_tensor_cores ()
{
  return hardware.major >= 8;
}

/* --- shared memory ---------------------------------------------------------------------------- */

/* Bytes of dynamic shared memory that kernels were allowed, where that is not the usual. */
static std::map<const void *, size_t> &
allowed ()
{
  static std::map<const void *, size_t> by_kernel;

  return by_kernel;
}

size_t
shared_limit (const void *function)
{
  const auto found = allowed ().find (function);

  return found == allowed ().end () ? size_t (STATIC_SHARED_LIMIT) : found->second;
}

} // namespace lw_emulation

using namespace lw_emulation;

void
lw_emulation_set_hardware (const LwEmulationHardware *what)
{
  hardware = *what;
  if (hardware.bytes > DEVICE_SPACE)
    refuse ("devices of more than %zu bytes are not emulated", size_t (DEVICE_SPACE));
  capability ();
}

void
lw_emulation_set_devices (int n, int driver)
{
  hardware.devices = n;
  driver_version = driver;
}

extern "C" {

cudaError_t
cudaDriverGetVersion (int *ret_version)
{
  LW_ALONE;
  LW_CALL;
  *ret_version = driver_version;
  return cudaSuccess;
}

cudaError_t
cudaGetDeviceCount (int *ret_count)
{
  LW_ALONE;
  LW_CALL;
  *ret_count = hardware.devices;
  if (driver_version < CUDART_VERSION)
    return remember (cudaErrorInsufficientDriver);
  return hardware.devices > 0 ? cudaSuccess : remember (cudaErrorNoDevice);
}

cudaError_t
cudaSetDevice (int device)
{
  LW_ALONE;
  LW_CALL;
  if (device < 0 || device >= hardware.devices)
    return remember (cudaErrorInvalidDevice);
  current = device;
  return cudaSuccess;
}

cudaError_t
cudaGetDevice (int *ret_device)
{
  LW_ALONE;
  LW_CALL;
  *ret_device = current;
  return cudaSuccess;
}

cudaError_t
cudaGetDeviceProperties (cudaDeviceProp *ret_properties, int device)
{
  LW_ALONE;
  LW_CALL;
  if (device < 0 || device >= hardware.devices)
    return remember (cudaErrorInvalidDevice);
  memset (ret_properties, 0, sizeof *ret_properties);
  strcpy (ret_properties->name, "CUDA emulated on the processor");
  ret_properties->major = hardware.major;
  ret_properties->minor = hardware.minor;
  ret_properties->warpSize = 32;
  ret_properties->multiProcessorCount = MULTIPROCESSORS;
  ret_properties->maxThreadsPerBlock = MAX_THREADS;
  ret_properties->maxThreadsPerMultiProcessor = capability ().threads;
  ret_properties->maxBlocksPerMultiProcessor = capability ().blocks;
  ret_properties->regsPerBlock = REGISTERS;
  ret_properties->regsPerMultiprocessor = REGISTERS;
  ret_properties->sharedMemPerBlock = STATIC_SHARED_LIMIT;
  ret_properties->sharedMemPerBlockOptin = capability ().shared_block;
  ret_properties->sharedMemPerMultiprocessor = capability ().shared_multiprocessor;
  ret_properties->totalGlobalMem = hardware.bytes;
  ret_properties->memoryBusWidth = BUS_WIDTH;
  ret_properties->l2CacheSize = L2_BYTES;
  ret_properties->asyncEngineCount = 1;
  return cudaSuccess;
}

cudaError_t
cudaDeviceGetAttribute (int *ret_value, cudaDeviceAttr attribute, int device)
{
  LW_ALONE;
  const struct {
    cudaDeviceAttr attribute;
    int value;
  } known[] = {
    { cudaDevAttrComputeCapabilityMajor, hardware.major },
    { cudaDevAttrComputeCapabilityMinor, hardware.minor },
    { cudaDevAttrMultiProcessorCount, MULTIPROCESSORS },
    { cudaDevAttrWarpSize, 32 },
    { cudaDevAttrMaxThreadsPerBlock, MAX_THREADS },
    { cudaDevAttrMaxThreadsPerMultiProcessor, capability ().threads },
    { cudaDevAttrMaxBlocksPerMultiprocessor, capability ().blocks },
    { cudaDevAttrMaxRegistersPerBlock, REGISTERS },
    { cudaDevAttrMaxRegistersPerMultiprocessor, REGISTERS },
    { cudaDevAttrMaxSharedMemoryPerBlock, STATIC_SHARED_LIMIT },
    { cudaDevAttrMaxSharedMemoryPerBlockOptin, int (capability ().shared_block) },
    { cudaDevAttrMaxSharedMemoryPerMultiprocessor, int (capability ().shared_multiprocessor) },
    { cudaDevAttrReservedSharedMemoryPerBlock, hardware.major >= 8 ? 1024 : 0 },
    { cudaDevAttrClockRate, CLOCK },
    { cudaDevAttrMemoryClockRate, MEMORY_CLOCK },
    { cudaDevAttrGlobalMemoryBusWidth, BUS_WIDTH },
    { cudaDevAttrL2CacheSize, L2_BYTES },
    { cudaDevAttrAsyncEngineCount, 1 },
  };

  LW_CALL;
  if (device < 0 || device >= hardware.devices)
    return remember (cudaErrorInvalidDevice);
  for (const auto &each : known)
    if (each.attribute == attribute) {
      *ret_value = each.value;
      return cudaSuccess;
    }
  refuse ("cudaDeviceGetAttribute: attribute %d is not emulated", int (attribute));
}

cudaError_t
cudaDeviceGetPCIBusId (char *ret_id, int bytes, int device)
{
  LW_ALONE;
  LW_CALL;
  if (device < 0 || device >= hardware.devices)
    return remember (cudaErrorInvalidDevice);
  snprintf (ret_id, size_t (bytes), "0000:%02x:00.0", device + 1);
  return cudaSuccess;
}

/* --- kernels ---------------------------------------------------------------------------------- */

/* More than a device has is an error, as with CUDA: another device may have it. */
cudaError_t
cudaFuncSetAttribute (const void *function, cudaFuncAttribute attribute, int value)
{
  LW_ALONE;
  LW_CALL;
  if (attribute == cudaFuncAttributePreferredSharedMemoryCarveout)
    return cudaSuccess;
  if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize)
    refuse ("cudaFuncSetAttribute: attribute %d is not emulated", int (attribute));
  if (value < 0 || size_t (value) > capability ().shared_block)
    return remember (cudaErrorInvalidValue);
  allowed ()[function] = std::max (size_t (value), size_t (STATIC_SHARED_LIMIT));
  return cudaSuccess;
}

/* By threads and dynamic shared memory alone: of registers the processor knows nothing. */
cudaError_t
cudaOccupancyMaxActiveBlocksPerMultiprocessor (int *ret_blocks, const void *function, int threads,
                                               size_t shared_bytes)
{
  LW_ALONE;
  const size_t used = shared_bytes + (hardware.major >= 8 ? 1024 : 0);

  LW_CALL;
  if (threads <= 0 || threads > MAX_THREADS || shared_bytes > shared_limit (function))
    return remember (cudaErrorInvalidValue);
  *ret_blocks = std::min (capability ().blocks, capability ().threads / threads);
  if (used > 0)
    *ret_blocks = std::min (*ret_blocks, int (capability ().shared_multiprocessor / used));
  return cudaSuccess;
}

} // extern "C"
