#include "app/predict-report.h"

#include "app/app.h"
#include "app/json-writer.h"
#include "app/table.h"
#include "engine/analysis.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

/* Of so many classes the most probable are shown, the others are in the JSON. */
#define MANY_CLASSES 100
#define MOST_SHOWN   10

/* In English, for programs. */
static char *
class_name (const LwClassNames *names, int32_t label)
{
  if (names->given != NULL)
    return g_strdup (names->given[label]);
  if (names->dataset != NULL && label < lw_dataset_classes (names->dataset))
    return g_strdup (lw_dataset_class_name (names->dataset, label));
  return g_strdup_printf ("%d", label);
}

/* For people. */
static char *
translated_name (const LwClassNames *names, int32_t label)
{
  g_autofree char *name = class_name (names, label);

  return g_strdup (_ (name));
}

void
lw_predict_report_json (const LwEvaluation *e, const LwClassNames *names, const char *batch_norm)
{
  g_autofree double *probabilities = g_new (double, e->classes);
  g_autoptr (LwJson) json = lw_json_new ();

  lw_json_begin_object (json, NULL);
  lw_json_integer (json, "count", e->count);
  lw_json_double (json, "accuracy", e->accuracy);
  lw_json_double (json, "loss", e->loss);
  if (batch_norm != NULL)
    lw_json_string (json, "batch_norm", batch_norm);
  lw_json_begin_array (json, "classes");
  for (int32_t c = 0; c < e->classes; c++) {
    g_autofree char *name = class_name (names, c);
    lw_json_string (json, NULL, name);
  }
  lw_json_end_array (json);
  lw_json_begin_array (json, "confusion");
  for (int32_t row = 0; row < e->classes; row++) {
    lw_json_begin_array (json, NULL);
    for (int32_t column = 0; column < e->classes; column++)
      lw_json_integer (json, NULL, e->confusion[row * e->classes + column]);
    lw_json_end_array (json);
  }
  lw_json_end_array (json);
  lw_json_begin_array (json, "predictions");
  for (int32_t i = 0; i < e->count; i++) {
    lw_json_begin_object (json, NULL);
    lw_json_integer (json, "index", i);
    if (e->labels[i] >= 0)
      lw_json_integer (json, "label", e->labels[i]);
    else
      lw_json_null (json, "label");
    lw_json_integer (json, "predicted", e->predicted[i]);
    lw_json_begin_array (json, "logits");
    for (int32_t c = 0; c < e->classes; c++)
      lw_json_float (json, NULL, e->logits[i * e->classes + c]);
    lw_json_end_array (json);
    lw_evaluation_probabilities (e, i, probabilities);
    lw_json_begin_array (json, "probabilities");
    for (int32_t c = 0; c < e->classes; c++)
      lw_json_float (json, NULL, (float)probabilities[c]);
    lw_json_end_array (json);
    lw_json_end_object (json);
  }
  lw_json_end_array (json);
  lw_json_end_object (json);
  lw_json_print (json);
}

static int
compare_counts (const void *a, const void *b, void *counts)
{
  const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  const int32_t more = ((const int32_t *)counts)[y] - ((const int32_t *)counts)[x];

  return more != 0 ? more : x - y;
}

/* How often each class was predicted, the most frequent first. */
static void
print_predicted (const LwEvaluation *e, const LwClassNames *names)
{
  g_autofree int32_t *counts = g_new0 (int32_t, e->classes), *order = g_new (int32_t, e->classes);
  g_autoptr (LwTable) table = lw_table_new ("rlr");
  g_autofree char *count = lw_format_exact (e->count);

  for (int32_t i = 0; i < e->count; i++)
    counts[e->predicted[i]]++;
  for (int32_t c = 0; c < e->classes; c++)
    order[c] = c;
  g_qsort_with_data (order, e->classes, sizeof *order, compare_counts, counts);
  lw_app_print (
      _ ("%s images; the data's classes are not the network's, so there is no accuracy\n\n"),
      count);
  lw_table_cell (table, "%s", "");
  lw_table_cell (table, "%s", _ ("class"));
  lw_table_cell (table, "%s", _ ("predicted"));
  for (int32_t i = 0; i < e->classes && counts[order[i]] > 0; i++) {
    lw_table_cell (table, "%d", order[i]);
    lw_table_take (table, translated_name (names, order[i]));
    lw_table_cell (table, "%d", counts[order[i]]);
  }
  lw_table_print (table, 0);
}

void
lw_predict_report_forget_labels (LwEvaluation *evaluation)
{
  for (int32_t i = 0; i < evaluation->count; i++)
    evaluation->labels[i] = -1;
  evaluation->accuracy = evaluation->loss = NAN;
  evaluation->correct = 0;
  memset (evaluation->confusion, 0,
          sizeof *evaluation->confusion * (size_t)evaluation->classes *
              (size_t)evaluation->classes);
}

/* Rows are labels, columns predictions. */
static void
print_confusion (const LwEvaluation *e, const LwClassNames *names)
{
  g_autofree char *alignment = g_strnfill ((gsize)e->classes + 4, 'r');
  g_autoptr (LwTable) table = NULL;
  g_autofree char *count = lw_format_exact (e->count);

  alignment[1] = 'l';
  table = lw_table_new (alignment);
  lw_app_print (_ ("%s images, accuracy %.4f, loss %.4f\n\n"), count, e->accuracy, e->loss);
  lw_table_cell (table, "%s", "");
  lw_table_cell (table, "%s", _ ("class"));
  lw_table_cell (table, "%s", _ ("images"));
  lw_table_cell (table, "%s", _ ("found"));
  for (int32_t c = 0; c < e->classes; c++)
    lw_table_cell (table, "→%d", c);
  for (int32_t row = 0; row < e->classes; row++) {
    const int32_t *counts = e->confusion + row * e->classes;
    int32_t images = 0;

    for (int32_t c = 0; c < e->classes; c++)
      images += counts[c];
    lw_table_cell (table, "%d", row);
    lw_table_take (table, translated_name (names, row));
    lw_table_cell (table, "%d", images);
    if (images > 0)
      lw_table_cell (table, "%.1f %%", 100.0 * counts[row] / images);
    else
      lw_table_cell (table, "–");
    for (int32_t c = 0; c < e->classes; c++)
      lw_table_cell (table, "%d", counts[c]);
  }
  lw_table_print (table, 0);
}

void
lw_predict_report_split (const LwEvaluation *e, const LwClassNames *names)
{
  if (isnan (e->accuracy))
    print_predicted (e, names);
  else
    print_confusion (e, names);
}

void
lw_predict_report_image (const LwEvaluation *e, const LwClassNames *names)
{
  const int32_t shown = e->classes > MANY_CLASSES ? MOST_SHOWN : e->classes;
  g_autofree double *probabilities = g_new (double, e->classes);
  g_autoptr (LwTable) table = lw_table_new ("rlrr");

  lw_evaluation_probabilities (e, 0, probabilities);
  lw_table_cell (table, "%s", "");
  lw_table_cell (table, "%s", _ ("class"));
  lw_table_cell (table, "%s", _ ("probability"));
  lw_table_cell (table, "%s", _ ("logit"));
  /* The most probable first: take the largest that is left. */
  for (int32_t row = 0; row < shown; row++) {
    int32_t best = -1;

    for (int32_t c = 0; c < e->classes; c++) {
      if (!isnan (probabilities[c]) && (best < 0 || probabilities[c] > probabilities[best]))
        best = c;
    }
    if (best < 0)
      break;
    lw_table_cell (table, "%d", best);
    lw_table_take (table, translated_name (names, best));
    lw_table_cell (table, "%.4f", probabilities[best]);
    lw_table_cell (table, "%.3f", e->logits[best]);
    probabilities[best] = NAN;
  }
  lw_table_print (table, 0);
}
