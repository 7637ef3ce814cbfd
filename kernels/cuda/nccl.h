/* NCCL, NVIDIA's library of sums between graphics cards, which is looked for when several processes
 * train together: nobody else needs it. No header of it is needed either: what is called stands
 * here, by its manual ("NCCL API", "Communicator Creation and Management Functions", "Collective
 * Communication Functions", "Types"). Versions keep these names and numbers.
 *
 * Private to this folder. */
#pragma once

#include "engine/error.h"

#include <cuda_runtime_api.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct LwNcclComm LwNcclComm; /* ncclComm_t points to it */

typedef struct {
  char bytes[128];
} LwNcclId; /* ncclUniqueId; given by value */

/* ncclResult_t */
enum { LW_NCCL_SUCCESS = 0, LW_NCCL_IN_PROGRESS = 7 };
/* ncclDataType_t, ncclRedOp_t */
enum { LW_NCCL_FLOAT32 = 7, LW_NCCL_FLOAT64 = 8, LW_NCCL_SUM = 0 };

/* The functions of the same names, "nccl" before them. */
typedef struct {
  int version; /* 22809: 2.28.9 */
  int (*GetVersion) (int *ret_version);
  int (*GetUniqueId) (LwNcclId *ret_id);
  int (*CommInitRank) (LwNcclComm **ret_comm, int size, LwNcclId id, int rank);
  int (*CommDestroy) (LwNcclComm *comm);
  int (*CommAbort) (LwNcclComm *comm);
  int (*CommGetAsyncError) (LwNcclComm *comm, int *ret_result);
  int (*AllReduce) (const void *from, void *to, size_t n, int type, int op, LwNcclComm *comm,
                    cudaStream_t stream);
  int (*AllGather) (const void *from, void *to, size_t n, int type, LwNcclComm *comm,
                    cudaStream_t stream);
  const char *(*GetErrorString) (int result);
} LwNccl;

/* The library; NULL and a sentence (LW_ERROR_UNSUPPORTED): there is none, or it is too old. Looked
 * for once. Threads: any. */
const LwNccl *lw_cuda_nccl (GError **error);
/* "2.28.9"; g_free; NULL and a sentence. */
char *lw_cuda_nccl_describe (GError **error);

/* Where functions are looked for in place of libnccl.so.2, until it is called again: NULL for a
 * name that is not there. Of tests, which have no such library; while nobody uses it. */
typedef void *LwCudaFind (const char *name);
void lw_cuda_nccl_replace (LwCudaFind *find);

G_END_DECLS
