/* CUDA on the processor, for tests: what a test may ask of the emulation besides calling CUDA. The
 * kernels and the backend's host code are compiled by plain compilers with NVIDIA's headers; the
 * symbols of CUDA's runtime and of cuBLAS are this folder's. What is not there does not link.
 *
 * What a program does wrong ends the process: a sentence on standard error that begins with
 * "emulation:", and the status LW_EMULATION_REFUSED.
 *
 * Threads: one; sums over processes are between processes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { LW_EMULATION_REFUSED = 86 };

/* In which order threads, warps, blocks, streams and the nodes of graphs run where CUDA promises
 * none. A right program gives the same results in every order. */
typedef enum { LW_ORDER_FORWARD, LW_ORDER_REVERSE, LW_ORDER_RANDOM, LW_N_ORDERS } LwOrder;
void lw_emulation_set_order (LwOrder order, uint64_t seed);

/* Whether each access to memory is looked at: bounds, races, what was never written. */
bool lw_emulation_checks_accesses (void);

/* How the program was built (../README.md), and how many orders it should run in. */
typedef enum {
  LW_EMULATION_FAST,
  LW_EMULATION_CHECKED,
  LW_EMULATION_ASAN,
  LW_EMULATION_TSAN
} LwEmulationBuild;
LwEmulationBuild lw_emulation_build (void);
int lw_emulation_orders (void);

/* How often CUDA and cuBLAS were called so far: calls that can fail. */
int64_t lw_emulation_calls (void);
/* The same of one function: "cudaMalloc", "cublasSgemm_v2"; "enqueue_kernel" of launches. */
int64_t lw_emulation_calls_of (const char *function);
/* Call number `call` (counted from 0 as lw_emulation_calls does) fails, with CUDA's or cuBLAS's
 * code for a failed kernel; with `for_good` all after it fail too, as when the device is lost.
 * Negative: none. */
void lw_emulation_fail_call (int64_t call, bool for_good);
/* Call number `call` and all after it up to number `until` find no memory: each of them fails by
 * CUDA's or cuBLAS's code for that, and does nothing; what was enqueued before is done as ever. */
void lw_emulation_exhaust_calls (int64_t call, int64_t until);

/* Whether cublasLt has algorithms for epilogues; at first it has. */
void lw_emulation_offer_epilogues (bool offer);

/* The devices: at first one of compute capability 8.9, which has the least shared memory of those
 * with tensor cores, and 4 GiB, which is also the most that all together can have. */
typedef struct {
  int devices, major, minor;
  size_t bytes; /* memory of each */
} LwEmulationHardware;
void lw_emulation_set_hardware (const LwEmulationHardware *hardware);

/* How many of them, and which CUDA the driver knows (13000: 13.0; 0: there is no driver). */
void lw_emulation_set_devices (int n, int driver);

/* How many copies between the device and pageable host memory made the host wait so far: a copy
 * that shall run beside the host's code needs pinned memory. */
int64_t lw_emulation_waiting_copies (void);

/* What was made and not yet freed. What is left when the process ends is refused. */
typedef struct {
  int64_t buffers, bytes, pinned, streams, events, graphs, handles, communicators;
} LwEmulationLive;
LwEmulationLive lw_emulation_live (void);

/* NCCL between processes of this machine, each with its own emulation: the function of a name;
 * NULL: it is not emulated. */
void *lw_emulation_nccl_find (const char *name);
/* The version that it says (22800), and whether it finds out that a process is gone, as it does
 * between machines; at first it does not. */
void lw_emulation_set_nccl (int version, bool notices);
/* All that streams were given runs: what a card does by itself while the host waits for something
 * else than it. */
void lw_emulation_run (void);
/* Whether the process has ended, also where nobody has asked for its status yet. */
bool lw_emulation_is_gone (int pid);

/* Whether a call failed and nobody asked cudaGetLastError since: the next launch would be told. */
bool lw_emulation_error_is_left (void);

#ifdef __cplusplus
}
#endif
