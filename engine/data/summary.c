#include "engine/data/summary.h"
#include "engine/data/loader.h"

LwDataSummary *
lw_data_summary_new (const LwDataset *dataset)
{
  LwDataSummary *summary = g_new0 (LwDataSummary, 1);
  const int32_t n_train = lw_dataset_size (dataset, LW_SPLIT_TRAIN);

  summary->classes = lw_dataset_classes (dataset);
  for (int split = 0; split < 2; split++) {
    summary->counts[split] = g_new0 (int32_t, summary->classes);
    for (int32_t i = 0; i < lw_dataset_size (dataset, (LwSplit)split); i++)
      summary->counts[split][lw_dataset_label (dataset, (LwSplit)split, i)]++;
  }
  if (n_train > 0)
    summary->normalization = lw_normalization_measure (
        lw_dataset_image (dataset, LW_SPLIT_TRAIN, 0), n_train, lw_dataset_channels (dataset),
        (int64_t)lw_dataset_height (dataset) * lw_dataset_width (dataset));
  return summary;
}

void
lw_data_summary_free (LwDataSummary *summary)
{
  if (summary == NULL)
    return;
  g_free (summary->counts[LW_SPLIT_TRAIN]);
  g_free (summary->counts[LW_SPLIT_TEST]);
  g_free (summary);
}

int32_t *
lw_data_pick_samples (const LwDataset *dataset, LwSplit split, int32_t per_class, uint64_t draw)
{
  const int32_t n = lw_dataset_size (dataset, split), classes = lw_dataset_classes (dataset);
  int32_t *samples = g_new (int32_t, (gsize)classes * (gsize)per_class);
  g_autofree int32_t *found = g_new0 (int32_t, classes), *order = NULL;
  int32_t full = 0;

  for (gsize i = 0; i < (gsize)classes * (gsize)per_class; i++)
    samples[i] = -1;
  if (draw > 0) {
    order = g_new (int32_t, MAX (n, 1));
    lw_shuffled_order (draw, 0, n, order);
  }
  for (int32_t i = 0; i < n && full < classes; i++) {
    const int32_t index = order != NULL ? order[i] : i;
    const int32_t label = lw_dataset_label (dataset, split, index);

    if (found[label] == per_class)
      continue;
    samples[label * per_class + found[label]++] = index;
    full += found[label] == per_class;
  }
  return samples;
}
