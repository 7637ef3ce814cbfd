/* What the best checkpoint says about the test set: how many are right, the matrix, the classes. */
#include "ui/report/report-private.h"

#include "engine/analysis.h"
#include "engine/data/loader.h"
#include "engine/device_choice.h"
#include "ui/draw/confusion.h"

#include <glib/gi18n.h>

#define MARGIN 16.0

#define MOST_LETTERS 40 /* of a class's name */

/* --- asking the network ------------------------------------------------------------------------
 */

typedef struct {
  int32_t classes, images, right;
  int32_t *counts; /* [classes][classes]: true, predicted */
} Answers;

static void
answers_free (Answers *answers)
{
  g_free (answers->counts);
  g_free (answers);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Answers, answers_free)

static LwSession *
open_session (const LwReportWork *work, const LwReportRun *run, GError **error)
{
  g_autofree char *cache = lw_algorithms_cache_folder ();
  const LwSessionOptions options = { .device = { .algorithms = LW_ALGORITHMS_FIXED,
                                                 .cache_folder = cache } };
  int index;
  const LwBackend *backend =
      lw_device_choose (work->options->backends, work->options->device, &index, error);
  g_autoptr (LwSession) session =
      backend != NULL ? lw_session_new (run->run->graph, backend, index, &options, error) : NULL;

  if (session == NULL || !lw_session_load (session, run->checkpoint, error))
    return NULL;
  return g_steal_pointer (&session);
}

static void
count_batch (Answers *answers, const float *logits, const int32_t *labels, int32_t n)
{
  for (int32_t i = 0; i < n; i++) {
    const float *of_image = logits + (gsize)i * (gsize)answers->classes;
    int32_t predicted = 0;

    for (int32_t c = 1; c < answers->classes; c++)
      if (of_image[c] > of_image[predicted])
        predicted = c;
    answers->counts[labels[i] * answers->classes + predicted]++;
    answers->right += predicted == labels[i];
  }
}

/* `*ret_cancelled` is set when the error is that. */
static Answers *
ask (const LwReportWork *work, const LwReportRun *run, bool *ret_cancelled, GError **error)
{
  g_autoptr (LwSession) session = open_session (work, run, error);
  const LwShape input = lw_graph_input_shape (run->run->graph);
  LwLoaderOptions options = { .split = LW_SPLIT_TEST, .height = input.h, .width = input.w };
  g_autoptr (LwLoader) loader = NULL;
  g_autoptr (Answers) answers = NULL;
  g_autofree float *logits = NULL;

  if (session == NULL)
    return NULL;
  if (lw_dataset_channels (run->dataset) != input.c ||
      lw_dataset_classes (run->dataset) > lw_graph_classes (run->run->graph) ||
      lw_dataset_size (run->dataset, LW_SPLIT_TEST) == 0) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("the images of %s no longer fit the network; put back those that it was "
                    "trained with"),
                 lw_dataset_name (run->dataset));
    return NULL;
  }
  options.batch = lw_plan_batch (lw_session_plan (session, LW_MODE_INFERENCE));
  options.limit = run->run->settings->limit_test;
  loader = lw_loader_new (run->dataset, &options, error);
  if (loader == NULL)
    return NULL;
  answers = g_new0 (Answers, 1);
  answers->classes = lw_graph_classes (run->run->graph);
  answers->counts = g_new0 (int32_t, (gsize)answers->classes * (gsize)answers->classes);
  logits = g_new (float, (gsize)options.batch *(gsize)answers->classes);
  while (answers->images < lw_loader_examples (loader)) {
    LwBatch batch = { NULL };
    const int32_t *labels;

    *ret_cancelled =
        !lw_report_told (work, (double)answers->images / lw_loader_examples (loader), error);
    if (*ret_cancelled)
      return NULL;
    batch.n = lw_loader_next (loader, &batch.images, &labels);
    if (!lw_session_infer (session, &batch, NULL, NULL, logits, NULL, error))
      return NULL;
    count_batch (answers, logits, labels, batch.n);
    answers->images += batch.n;
  }
  return g_steal_pointer (&answers);
}

/* --- the matrix --------------------------------------------------------------------------------
 */

typedef struct {
  LwText *text;
  int32_t *counts;
  char **names;
  LwConfusion confusion;
  LwConfusionLayout layout;
} Matrix;

static void
free_matrix (gpointer data)
{
  Matrix *matrix = data;

  lw_text_free (matrix->text);
  g_free (matrix->counts);
  g_strfreev (matrix->names);
  g_free (matrix);
}

static void
paint_matrix (cairo_t *cr, gpointer data)
{
  const Matrix *matrix = data;
  const LwTheme *theme = lw_theme (false);

  lw_set_colour (cr, theme->canvas, 1);
  cairo_paint (cr);
  cairo_translate (cr, MARGIN, MARGIN);
  lw_confusion_paint (cr, theme, matrix->text, &matrix->confusion, &matrix->layout);
}

/* In the person's language where the data set's is built in; at most MOST_LETTERS. */
static char *
class_name (const LwReportRun *run, int32_t label)
{
  g_autofree char *name = label < lw_dataset_classes (run->dataset)
                              ? lw_text_line (_ (lw_dataset_class_name (run->dataset, label)))
                              : g_strdup_printf ("%d", label);

  return g_utf8_strlen (name, -1) > MOST_LETTERS ? g_utf8_substring (name, 0, MOST_LETTERS)
                                                 : g_steal_pointer (&name);
}

static void
add_matrix (LwReportDocument *document, const LwReportRun *run, const Answers *answers)
{
  const int32_t n = answers->classes;
  Matrix *matrix = g_new0 (Matrix, 1);
  int32_t worst = -1;

  matrix->text = lw_report_text ();
  matrix->counts = g_memdup2 (answers->counts, (gsize)n * (gsize)n * sizeof (int32_t));
  matrix->names = g_new0 (char *, n + 1);
  for (int32_t c = 0; c < n; c++)
    matrix->names[c] = class_name (run, c);
  matrix->confusion = (LwConfusion){ .classes = n,
                                     .counts = matrix->counts,
                                     .names = (const char *const *)matrix->names,
                                     .row = -1,
                                     .column = -1 };
  lw_confusion_layout (&matrix->confusion, matrix->text, 0, &matrix->layout);
  for (int32_t i = 0; i < n * n; i++)
    if (i / n != i % n && answers->counts[i] > 0 &&
        (worst < 0 || answers->counts[i] > answers->counts[worst]))
      worst = i;
  lw_report_add_picture (
      document, matrix->layout.width + 2 * MARGIN, matrix->layout.height + 2 * MARGIN, paint_matrix,
      matrix, free_matrix,
      _ ("Rows are true classes, columns predictions; grey: right, coloured: mistakes."),
      worst >= 0
          ? g_strdup_printf (
                _ ("Confusion matrix: %d of %d right; most often class %d is taken for "
                   "class %d, %d times"),
                answers->right, answers->images, worst / n, worst % n, answers->counts[worst])
          : g_strdup_printf (_ ("Confusion matrix: %d of %d right"), answers->right,
                             answers->images));
}

static void
add_class (LwReportBlock *table, const LwReportRun *run, const Answers *answers, int32_t label)
{
  const int32_t *row = answers->counts + (gsize)label * (gsize)answers->classes;
  int32_t images = 0, other = -1;
  g_autofree char *name = class_name (run, label), *number = g_strdup_printf ("%d", label);
  g_autofree char *share = NULL, *taken = NULL, *n = NULL, *right = NULL;

  for (int32_t c = 0; c < answers->classes; c++) {
    images += row[c];
    if (c != label && row[c] > 0 && (other < 0 || row[c] > row[other]))
      other = c;
  }
  n = g_strdup_printf ("%d", images);
  right = g_strdup_printf ("%d", row[label]);
  share = images > 0 ? g_strdup_printf ("%.4f", (double)row[label] / images) : g_strdup ("–");
  if (other >= 0) {
    g_autofree char *other_name = class_name (run, other);

    taken = g_strdup_printf ("%s (%d)", other_name, row[other]);
  }
  lw_report_add_row (table, LW_REPORT_PLAIN, name, taken != NULL ? taken : "–", number, n, right,
                     share);
}

bool
lw_report_add_confusion (const LwReportWork *work, const LwReportRun *run, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (Answers) answers = NULL;
  bool cancelled = false;
  LwReportBlock *table;

  if (run->dataset_problem != NULL || run->checkpoint_problem != NULL) {
    lw_report_add_note (work->document,
                        g_strdup_printf (_ ("It is left out: %s"), run->dataset_problem != NULL
                                                                       ? run->dataset_problem
                                                                       : run->checkpoint_problem));
    return true;
  }
  answers = ask (work, run, &cancelled, &problem);
  if (cancelled) {
    g_propagate_error (error, g_steal_pointer (&problem));
    return false;
  }
  if (answers == NULL) {
    lw_report_add_note (work->document,
                        g_strdup_printf (_ ("It is left out: %s"), problem->message));
    return true;
  }
  lw_report_add_text (
      work->document,
      g_strdup_printf (
          ngettext ("The checkpoint %s gets %d of %d test image right: accuracy %.4f.",
                    "The checkpoint %s gets %d of %d test images right: accuracy %.4f.",
                    (gulong)answers->images),
          run->run->best_epoch > 0 ? _ ("of the best epoch") : _ ("saved last"), answers->right,
          answers->images, (double)answers->right / answers->images));
  if (answers->classes <= LW_CONFUSION_FITS)
    add_matrix (work->document, run, answers);
  else
    lw_report_add_note (work->document,
                        g_strdup_printf (_ ("A matrix of %d classes does not fit a page; the table "
                                            "names each class's most frequent mistake."),
                                         answers->classes));
  table = lw_report_add_table (work->document, 6, 2, NULL);
  lw_report_add_row (table, LW_REPORT_PLAIN, _ ("Class"), _ ("Most often taken for"), _ ("Number"),
                     _ ("Images"), _ ("Right"), _ ("Accuracy"));
  for (int32_t c = 0; c < answers->classes; c++)
    add_class (table, run, answers, c);
  return true;
}
