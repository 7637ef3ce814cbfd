/* What the network of the best checkpoint says about the test set: how many are right, the matrix,
 * the classes. Of what the run kept of that epoch's test, else by asking the checkpoint. */
#include "ui/report/report-private.h"

#include "engine/device_choice.h"
#include "engine/evaluate.h"
#include "engine/record_predictions.h"
#include "ui/draw/confusion.h"

#include <glib/gi18n.h>

#define MARGIN 16.0

#define MOST_LETTERS 40 /* of a class's name */

typedef struct {
  int32_t classes, images, right;
  int32_t *counts; /* [classes][classes]: true, predicted */
} Answers;

static void
answers_free (Answers *answers)
{
  if (answers == NULL)
    return;
  g_free (answers->counts);
  g_free (answers);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Answers, answers_free)

/* --- what was kept ------------------------------------------------------------------------------
 */

/* NULL: nothing of the best epoch. */
static Answers *
recall (const LwReportRun *run)
{
  LwPredictions *predictions = run->records != NULL ? lw_records_predictions (run->records) : NULL;
  const LwEvent *best = lw_report_best (run->run);
  g_autoptr (LwPredictionSet) set =
      predictions != NULL && best != NULL ? lw_predictions_get (predictions, best->step) : NULL;
  Answers *answers;

  if (set == NULL)
    return NULL;
  answers = g_new0 (Answers, 1);
  answers->classes = set->classes;
  answers->images = set->n;
  answers->counts = lw_prediction_set_confusion (set);
  for (int32_t c = 0; c < set->classes; c++)
    answers->right += answers->counts[(gsize)c * (gsize)set->classes + (gsize)c];
  return answers;
}

/* --- asking the network ------------------------------------------------------------------------
 */

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

static bool
tell (double share, void *work)
{
  return lw_report_told (work, share, NULL);
}

static Answers *
ask (const LwReportWork *work, const LwReportRun *run, GError **error)
{
  const LwBnProgress progress = { tell, (void *)work };
  g_autoptr (LwSession) session = open_session (work, run, error);
  g_autoptr (LwEvaluation) evaluation =
      session != NULL ? lw_evaluate_split (session, run->dataset, LW_SPLIT_TEST,
                                           run->run->settings->limit_test, false, &progress, error)
                      : NULL;
  Answers *answers;

  if (evaluation == NULL)
    return NULL;
  answers = g_new0 (Answers, 1);
  answers->classes = evaluation->classes;
  answers->images = evaluation->count;
  answers->right = evaluation->correct;
  answers->counts = g_steal_pointer (&evaluation->confusion);
  return answers;
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

/* In the person's language where the data set's is built in; at most MOST_LETTERS. The data may be
 * gone. */
static char *
class_name (const LwReportRun *run, int32_t label)
{
  g_autofree char *name = run->dataset != NULL && label < lw_dataset_classes (run->dataset)
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
  g_autoptr (Answers) answers = recall (run);
  LwReportBlock *table;

  if (answers == NULL && (run->dataset_problem != NULL || run->checkpoint_problem != NULL)) {
    lw_report_add_note (work->document,
                        g_strdup_printf (_ ("It is left out: %s"), run->dataset_problem != NULL
                                                                       ? run->dataset_problem
                                                                       : run->checkpoint_problem));
    return true;
  }
  if (answers == NULL)
    answers = ask (work, run, &problem);
  if (!lw_report_told (work, 1, error))
    return false;
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
