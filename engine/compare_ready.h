/* Which networks to compare: texts like "resnet18:shortcut=false", and the comparisons that teach
 * most, ready to open. Constant data and pure functions, any thread. */
#pragma once

#include "engine/compare.h"
#include "engine/models.h"

G_BEGIN_DECLS

typedef struct {
  const char *name;                   /* "alexnet-nin" */
  const char *title;                  /* "AlexNet beside NiN", N_() */
  const char *specs[LW_COMPARE_MOST]; /* for lw_compare_options; NULL beyond the last */
  const char *look;                   /* what to look for, one sentence, N_() */
  const char *question, *answer;      /* of the card, N_() */
  const char *experiment;             /* what to try, N_() */
  bool by_macs;                       /* the card's bars: MACs, else parameters */
  bool shares;                        /* the answer begins with the first network's largest share */
} LwReadyComparison;

int lw_n_ready_comparisons (void);
const LwReadyComparison *lw_ready_comparison (int index);
/* The one of exactly these networks in this order, or NULL. */
const LwReadyComparison *lw_ready_comparison_of (LwOptions *const *options, int n);

/* A network from "MODEL" or "MODEL:KEY=VALUE,KEY=VALUE", keys as --set has them. Fails with a
 * sentence that names the nearest model or knob. */
LwOptions *lw_compare_options (const char *spec, GError **error);
/* "ResNet-18, no shortcut": the model and what differs from the book's; g_free. */
char *lw_compare_title (const LwOptions *options);

G_END_DECLS
