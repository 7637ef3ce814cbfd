#include "kernels/cuda/study/study.h"

const LwStudyRung *const lw_study_products[] = {
  &lw_study_naive,        &lw_study_coalesced, &lw_study_shared,        &lw_study_registers_1d,
  &lw_study_registers_2d, &lw_study_vectors,   &lw_study_double_buffer, &lw_study_warp_tiles_rung,
  &lw_study_async,        &lw_study_tf32,      &lw_study_bf16,          NULL,
};

const LwStudyRung *const lw_study_convolutions[] = {
  &lw_study_direct,
  &lw_study_halo,
  &lw_study_columns,
  &lw_study_implicit,
  &lw_study_winograd,
  &lw_study_implicit_bf16,
  NULL,
};
