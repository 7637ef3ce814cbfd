#include "engine/bn_accuracy.h"

#include "engine/evaluate.h"
#include "engine/formats/file.h"
#include "engine/formats/json_writer.h"
#include "engine/formats/safetensors.h"
#include "engine/i18n.h"
#include "engine/json_read.h"

#include <math.h>
#include <string.h>

#define SAME      0.01
#define MAX_BYTES 65536

static const char *const way_names[LW_N_BN_WAYS] = { "batch", "running", "fresh" };

LwBnVerdict
lw_bn_verdict (const LwBnAccuracies *accuracies)
{
  const double batch = accuracies->accuracy[LW_BN_WITH_BATCH];
  const double lost = batch - accuracies->accuracy[LW_BN_WITH_RUNNING];
  const double left = batch - accuracies->accuracy[LW_BN_WITH_FRESH];

  if (fabs (lost) < SAME)
    return LW_BN_AGREE;
  if (lost < 0)
    return LW_BN_NOISE;
  return left <= fmax (SAME, lost / 2) ? LW_BN_LAG : LW_BN_SMALL;
}

/* --- measuring -------------------------------------------------------------------------------- */

/* A part of the whole progress. */
typedef struct {
  const LwBnProgress *progress;
  double begin, length;
} Part;

static bool
tell_part (double share, void *data)
{
  const Part *part = data;

  return lw_bn_progress_tell (part->progress, part->begin + part->length * share, NULL);
}

bool
lw_bn_accuracies (LwSession *session, LwDataset *dataset, const LwSettings *settings, int64_t step,
                  int32_t images, int32_t fresh_batches, const LwBnProgress *progress,
                  LwBnAccuracies *ret_accuracies, GError **error)
{
  const int32_t all = lw_dataset_size (dataset, LW_SPLIT_TEST);
  const int32_t limit = settings->limit_test > 0 ? MIN (settings->limit_test, all) : all;
  const int32_t n = images > 0 ? MIN (images, limit) : limit;
  g_autoptr (LwBnPass) pass = NULL;

  pass = lw_bn_pass_new (session, error);
  if (pass == NULL)
    return false;
  *ret_accuracies =
      (LwBnAccuracies){ .step = step,
                        .images = n,
                        .batch =
                            MIN (lw_plan_batch (lw_session_plan (session, LW_MODE_INFERENCE)), n) };
  for (int way = 0; way < LW_N_BN_WAYS; way++) {
    Part fresh = { progress, 0.6, 0.2 }, test = { progress, way == 0 ? 0 : 0.2 + 0.2 * way, 0.2 };
    const LwBnProgress of_fresh = { tell_part, &fresh }, of_test = { tell_part, &test };
    g_autoptr (LwEvaluation) evaluation = NULL;

    if (way == LW_BN_WITH_BATCH)
      test.length = 0.4;
    if (way == LW_BN_WITH_FRESH) {
      test.begin = 0.8;
      ret_accuracies->fresh_batches =
          lw_bn_pass_refresh (pass, dataset, settings, fresh_batches, &of_fresh, error);
      if (ret_accuracies->fresh_batches == 0)
        return false;
    }
    evaluation =
        lw_evaluate_pass (pass, session, dataset, LW_SPLIT_TEST, n, settings->seed,
                          way == LW_BN_WITH_BATCH ? LW_BN_BATCH : LW_BN_RUNNING, &of_test, error);
    if (evaluation == NULL)
      return false;
    ret_accuracies->accuracy[way] = evaluation->accuracy;
  }
  return true;
}

/* --- the file --------------------------------------------------------------------------------- */

static char *
path_in (const char *run_folder)
{
  return g_build_filename (run_folder, "bn-study.json", NULL);
}

bool
lw_bn_accuracies_save (const LwBnAccuracies *accuracies, const char *run_folder, GError **error)
{
  g_autofree char *path = path_in (run_folder);
  g_autoptr (LwJson) json = lw_json_new ();

  lw_json_begin_object (json, NULL);
  lw_json_integer (json, "format", 1);
  lw_json_integer (json, "step", accuracies->step);
  lw_json_integer (json, "test_images", accuracies->images);
  lw_json_integer (json, "batch", accuracies->batch);
  lw_json_integer (json, "fresh_batches", accuracies->fresh_batches);
  lw_json_begin_object (json, "accuracy");
  for (int way = 0; way < LW_N_BN_WAYS; way++)
    lw_json_double (json, way_names[way], accuracies->accuracy[way]);
  lw_json_end_object (json);
  lw_json_end_object (json);
  return lw_file_replace (path, lw_json_text (json), strlen (lw_json_text (json)), error);
}

static bool
read_object (JsonObject *object, LwBnAccuracies *ret)
{
  JsonObject *accuracy = lw_json_get_object (object, "accuracy");
  const int64_t images = lw_json_get_integer (object, "test_images", 0),
                batch = lw_json_get_integer (object, "batch", 0),
                fresh = lw_json_get_integer (object, "fresh_batches", 0);

  ret->step = lw_json_get_integer (object, "step", -1);
  if (lw_json_get_integer (object, "format", 0) != 1 || accuracy == NULL || ret->step < 0 ||
      images < 1 || images > G_MAXINT32 || batch < 1 || batch > images || fresh < 1 ||
      fresh > G_MAXINT32)
    return false;
  ret->images = (int32_t)images;
  ret->batch = (int32_t)batch;
  ret->fresh_batches = (int32_t)fresh;
  for (int way = 0; way < LW_N_BN_WAYS; way++) {
    ret->accuracy[way] = lw_json_get_real (accuracy, way_names[way], NAN);
    if (!(ret->accuracy[way] >= 0 && ret->accuracy[way] <= 1))
      return false;
  }
  return true;
}

bool
lw_bn_accuracies_load (const char *run_folder, LwBnAccuracies *ret_accuracies)
{
  g_autofree char *path = path_in (run_folder);
  g_autoptr (GBytes) bytes = lw_file_read (path, MAX_BYTES, NULL);
  JsonObject *object;
  LwBnAccuracies read = { 0 };
  gsize length;
  const char *text;
  bool sane;

  if (bytes == NULL)
    return false;
  text = g_bytes_get_data (bytes, &length);
  object = text != NULL ? lw_json_parse_object (text, (gssize)length, "bn-study.json", NULL) : NULL;
  if (object == NULL)
    return false;
  sane = read_object (object, &read);
  json_object_unref (object);
  if (sane)
    *ret_accuracies = read;
  return sane;
}
