/* The confusion matrix of a run's test images, by the painter of the Predictions view. */
#include "app/picture.h"

#include "engine/analysis.h"
#include "engine/evaluate.h"
#include "ui/draw/confusion.h"

#include <glib/gi18n.h>

#define MARGIN      24.0
#define HEAD        64.0 /* title and sub-title */
#define LEAST_WIDTH 420.0

typedef struct {
  LwText *text;
  LwEvaluation *evaluation;
  char **names;
  char *heading, *subheading;
  LwConfusion matrix;
  LwConfusionLayout layout;
} Picture;

static void
free_picture (gpointer data)
{
  Picture *p = data;

  lw_text_free (p->text);
  lw_evaluation_free (p->evaluation);
  g_strfreev (p->names);
  g_free (p->heading);
  g_free (p->subheading);
  g_free (p);
}

static void
paint (cairo_t *cr, gpointer data)
{
  const Picture *p = data;
  const LwTheme *theme = lw_theme (false);

  lw_set_colour (cr, theme->canvas, 1);
  cairo_paint (cr);
  lw_text_paint (cr, p->text, LW_TEXT_HEADING, p->heading, MARGIN, MARGIN + 18, 0, theme->text, 1);
  lw_text_paint (cr, p->text, LW_TEXT_CAPTION, p->subheading, MARGIN, MARGIN + 40, 0, theme->dim,
                 1);
  cairo_translate (cr, MARGIN, MARGIN + HEAD);
  lw_confusion_paint (cr, theme, p->text, &p->matrix, &p->layout);
}

static char **
class_names (int32_t n, const LwDataset *dataset)
{
  char **names = g_new0 (char *, n + 1);

  for (int32_t c = 0; c < n; c++)
    names[c] = c < lw_dataset_classes (dataset) ? g_strdup (_ (lw_dataset_class_name (dataset, c)))
                                                : g_strdup_printf ("%d", c);
  return names;
}

bool
lw_picture_confusion (LwPicture *picture, const LwWeights *weights, const char *device,
                      GError **error)
{
  g_autoptr (LwDataset) dataset = lw_dataset_open (weights->settings->data, error);
  g_autoptr (LwSession) session =
      dataset != NULL ? lw_weights_session (weights, device, LW_ALGORITHMS_FIXED, 0, error) : NULL;
  LwEvaluation *evaluation =
      session != NULL ? lw_evaluate_split (session, dataset, LW_SPLIT_TEST,
                                           weights->settings->limit_test, false, NULL, error)
                      : NULL;
  g_autofree char *images = NULL;
  double words;
  Picture *p;

  if (evaluation == NULL)
    return false;
  p = g_new0 (Picture, 1);
  p->evaluation = evaluation;
  p->text = lw_picture_text ();
  p->names = class_names (evaluation->classes, dataset);
  p->matrix = (LwConfusion){ .classes = evaluation->classes,
                             .counts = evaluation->confusion,
                             .names = (const char *const *)p->names,
                             .row = -1,
                             .column = -1 };
  lw_confusion_layout (&p->matrix, p->text, 0, &p->layout);
  images = lw_format_exact (evaluation->count);
  p->heading = g_strdup_printf (_ ("%s: confusion matrix"),
                                lw_options_model (weights->settings->options)->title);
  p->subheading = g_strdup_printf (_ ("%s, %s test images, accuracy %.3f"),
                                   lw_dataset_name (dataset), images, evaluation->accuracy);
  words = MAX (lw_text_width (p->text, LW_TEXT_HEADING, p->heading),
               lw_text_width (p->text, LW_TEXT_CAPTION, p->subheading));
  *picture = (LwPicture){
    .width = MAX (LEAST_WIDTH, MAX (p->layout.width, words) + 2 * MARGIN),
    .height = HEAD + p->layout.height + 2 * MARGIN,
    .paint = paint,
    .data = p,
    .free = free_picture,
  };
  return true;
}
