/* Batches: what the host sends, and data sets that the device keeps. */
#include "engine/data/resize.h"
#include "engine/i18n.h"
#include "engine/session_private.h"

LwBatch
lw_batch_part (const LwBatch *batch, int64_t size, int32_t first, int32_t n)
{
  return (LwBatch){ .images = batch->images != NULL ? batch->images + first * size : NULL,
                    .labels = batch->labels != NULL ? batch->labels + first : NULL,
                    .n = n,
                    .examples = batch->examples != NULL ? batch->examples + first : NULL,
                    .split = batch->split,
                    .transforms = batch->transforms != NULL ? batch->transforms + first : NULL,
                    .whole = batch->whole,
                    .first = batch->first + first,
                    .absent = batch->absent };
}

bool
lw_session_check_batch (const LwSession *session, const LwPass *pass, const LwBatch *batch,
                        GError **error)
{
  const int32_t classes = lw_graph_classes (session->graph);
  const int32_t most = lw_plan_batch (pass->plan);

  if (batch->n < 1 || batch->n > most) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("The session takes batches of 1 to %d images, not %d."), most, batch->n);
    return false;
  }
  for (int32_t i = 0; batch->labels != NULL && i < batch->n; i++)
    if (batch->labels[i] < 0 || batch->labels[i] >= classes) {
      g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                   _ ("An image is labelled %d, but the network's classes are 0 to %d."),
                   batch->labels[i], classes - 1);
      return false;
    }
  for (int32_t i = 0; batch->examples != NULL && i < batch->n; i++)
    if (batch->examples[i] < 0 || batch->examples[i] >= session->kept[batch->split].n) {
      g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                   _ ("The device keeps %d images; there is no number %d."),
                   session->kept[batch->split].n, batch->examples[i]);
      return false;
    }
  return true;
}

const float *
lw_session_normalize (LwSession *session, const LwBatch *batch, GError **error)
{
  const LwNormalization *normalization = lw_graph_normalization (session->graph);
  const LwShape shape = lw_graph_input_shape (session->graph);
  const int32_t most = MAX (session->options.batch, session->options.inference_batch);

  if (normalization->n == 0)
    return batch->images;
  if (!lw_normalization_check (normalization, shape.c, error))
    return NULL;
  if (session->normalized == NULL)
    session->normalized =
        g_try_malloc_n ((gsize)most, sizeof (float) * (gsize)lw_shape_size (shape));
  if (session->normalized == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_MEMORY,
                 _ ("There is not enough memory left for a batch of %d images."), most);
    return NULL;
  }
  lw_normalize_images (normalization, batch->images, batch->n, shape.c, (int64_t)shape.h * shape.w,
                       session->normalized);
  return session->normalized;
}

bool
lw_session_send_batch (LwSession *session, const LwPass *pass, const LwBatch *batch, GError **error)
{
  const LwBackend *backend = session->backend;
  const LwStep *input = &pass->steps[0];
  const float *images;

  if (batch->examples != NULL)
    return backend->send_examples (session->device, session->kept[batch->split].images,
                                   batch->examples, batch->transforms, batch->n, error);
  images = lw_session_normalize (session, batch, error);
  return images != NULL &&
         backend->upload_value (session->device, input->y, input->y_shape, batch->n, images,
                                error) &&
         (batch->labels == NULL || backend->upload_labels (session->device, session->labels,
                                                           batch->labels, batch->n, error));
}

bool
lw_session_make_batch (LwSession *session, const LwPass *pass, const LwBatch *batch, GError **error)
{
  return batch->examples == NULL ||
         session->backend->make_batch (session->device, session->kept[batch->split].images,
                                       batch->n, pass->steps[0].y, session->labels, error);
}

bool
lw_session_keep_data (LwSession *session, LwDataset *dataset, LwSplit split, int32_t n,
                      bool augments)
{
  const LwBackend *backend = session->backend;
  const LwShape shape = lw_graph_input_shape (session->graph);
  const int32_t batch = MAX (session->options.batch, session->options.inference_batch);
  const LwNormalization *normalization = lw_graph_normalization (session->graph);
  LwImages images = { .n = n,
                      .normalization = normalization,
                      .augments = augments,
                      .channels = lw_dataset_channels (dataset),
                      .height = lw_dataset_height (dataset),
                      .width = lw_dataset_width (dataset) };
  const int64_t bytes = (int64_t)n * (images.channels * (int64_t)images.height * images.width + 1);
  g_autofree uint8_t *labels = NULL;
  g_autofree int32_t *row = g_new (int32_t, shape.h), *column = g_new (int32_t, shape.w);
  g_autofree float *row_t = g_new (float, shape.h), *column_t = g_new (float, shape.w);

  if (session->kept[split].images != NULL && session->kept[split].n >= n &&
      session->kept[split].augments == augments)
    return true;
  if (backend->keep_images == NULL || n < 1 || n > lw_dataset_size (dataset, split) ||
      images.channels != shape.c || !lw_normalization_check (normalization, shape.c, NULL) ||
      session->kept[split].images != NULL ||
      (!lw_backend_is_in_host_memory (backend) &&
       backend->free_bytes (session->device) / 2 < bytes))
    return false;
  labels = g_try_malloc ((gsize)n);
  if (labels == NULL)
    return false;
  for (int32_t i = 0; i < n; i++)
    labels[i] = (uint8_t)lw_dataset_label (dataset, split, i);
  lw_resize_axis (images.height, shape.h, row, row_t);
  lw_resize_axis (images.width, shape.w, column, column_t);
  images.row = row, images.column = column, images.row_t = row_t, images.column_t = column_t;
  images.images = lw_dataset_image (dataset, split, 0); /* and the others behind it */
  images.labels = labels;
  session->kept[split].images = backend->keep_images (session->device, &images, shape, batch, NULL);
  session->kept[split].n = session->kept[split].images != NULL ? n : 0;
  session->kept[split].augments = augments;
  return session->kept[split].images != NULL;
}

void
lw_session_drop_data (LwSession *session)
{
  for (int split = 0; split < 2; split++)
    if (session->kept[split].images != NULL)
      session->backend->drop_images (session->device, session->kept[split].images);
}

/* --- looks ------------------------------------------------------------------------------------ */

bool
lw_session_looks_later (const LwSession *session)
{
  return session->backend->begin_look != NULL;
}

bool
lw_session_begin_look (LwSession *session, GError **error)
{
  return session->backend->begin_look (session->device, error);
}

bool
lw_session_end_look (LwSession *session, GError **error)
{
  return session->backend->end_look (session->device, error);
}

bool
lw_session_finish_look (LwSession *session, GError **error)
{
  return session->backend->finish_look (session->device, error);
}
