/* From a row of the table to settings of its runs, and what they cost. */
#include "engine/experiment_private.h"

#include "engine/analysis.h"
#include "engine/i18n.h"

#include <string.h>

/* Images of Fashion-MNIST, where the settings say "all". */
#define ALL_IMAGES 60000.0

const LwExperiment *
lw_experiment_by_name (const char *name)
{
  for (int i = 0; i < lw_n_experiments (); i++)
    if (strcmp (lw_experiment (i)->name, name) == 0)
      return lw_experiment (i);
  return NULL;
}

const LwExperiment *
lw_experiment_find (const char *name, GError **error)
{
  const LwExperiment *found = lw_experiment_by_name (name);
  g_autofree const char **names = NULL;
  const char *nearest;

  if (found != NULL)
    return found;
  names = g_new0 (const char *, (gsize)lw_n_experiments () + 1);
  for (int i = 0; i < lw_n_experiments (); i++)
    names[i] = lw_experiment (i)->name;
  nearest = lw_nearest_name (name, names);
  if (nearest != NULL)
    g_set_error (error, LW_ERROR, LW_ERROR_UNKNOWN,
                 _ ("unknown experiment \"%s\"; did you mean %s?"), name, nearest);
  else
    g_set_error (error, LW_ERROR, LW_ERROR_UNKNOWN,
                 _ ("unknown experiment \"%s\"; layerwise experiment lists them"), name);
  return NULL;
}

const char *
lw_experiment_size_name (LwExperimentSize size)
{
  return size == LW_SIZE_BOOK ? "book" : "quick";
}

bool
lw_experiment_change (LwSettings *settings, const char *changes, GError **error)
{
  g_auto (GStrv) words = changes != NULL ? g_strsplit (changes, " ", -1) : NULL;

  for (int i = 0; words != NULL && words[i] != NULL; i++) {
    char *value = strchr (words[i], '=');
    bool is_knob;

    if (value == NULL) {
      g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("\"%s\" is no KEY=VALUE"), words[i]);
      return false;
    }
    *value++ = '\0';
    is_knob = lw_model_knob (lw_options_model (settings->options), words[i]) != NULL;
    if (!(is_knob ? lw_options_set (settings->options, words[i], value, error)
                  : lw_settings_set (settings, words[i], value, error)))
      return false;
  }
  return true;
}

LwSettings *
lw_experiment_settings (const LwExperiment *experiment, LwExperimentSize size, int run,
                        GError **error)
{
  const LwExperimentRun *description = &experiment->runs[run];
  const LwModel *model = lw_model_find (description->model, error);
  g_autoptr (LwSettings) settings = NULL;

  if (model == NULL)
    return NULL;
  settings = lw_settings_new (lw_options_new (model));
  if (size == LW_SIZE_QUICK)
    lw_settings_make_quick (settings);
  if (!lw_experiment_change (settings, experiment->changes[size], error) ||
      !lw_experiment_change (settings, description->changes, error))
    return NULL;
  return g_steal_pointer (&settings);
}

/* Multiply-accumulates of all runs' training. */
static double
work (const LwExperiment *experiment, LwExperimentSize size)
{
  double sum = 0;

  for (int i = 0; i < experiment->n_runs; i++) {
    g_autoptr (LwSettings) settings = lw_experiment_settings (experiment, size, i, NULL);
    g_autoptr (LwGraph) graph = settings != NULL ? lw_model_build (settings->options, NULL) : NULL;
    double images;

    if (graph == NULL)
      continue;
    images = settings->limit_train > 0 ? settings->limit_train : ALL_IMAGES;
    sum += images * settings->epochs * (double)lw_graph_cost (graph).macs;
  }
  return sum;
}

double
lw_experiment_seconds (const LwExperiment *experiment, LwExperimentSize size)
{
  if (size == LW_SIZE_QUICK)
    return experiment->seconds;
  return experiment->seconds * work (experiment, size) / MAX (work (experiment, LW_SIZE_QUICK), 1);
}
