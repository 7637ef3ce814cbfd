#include "kernels/cpu/choice.h"
#ifdef LW_WITH_ONEDNN
#include "kernels/cpu/onednn.h"
#endif

#include <string.h>
#ifdef __x86_64__
#include <cpuid.h>
#endif

/* The processor's own name for itself, and its model's numbers. */
static char *
processor (void)
{
#ifdef __x86_64__
  unsigned words[13] = { 0 }, model = 0, b, c, d;

  for (unsigned i = 0; i < 3; i++)
    __get_cpuid (0x80000002 + i, &words[4 * i], &words[4 * i + 1], &words[4 * i + 2],
                 &words[4 * i + 3]);
  __get_cpuid (1, &model, &b, &c, &d);
  return g_strdup_printf ("%.48s %08x", (const char *)words, model);
#else
  return g_strdup ("unknown");
#endif
}

static char **
circumstances (const LwConvChooser *chooser)
{
  const LwConvMethods *methods = chooser->data;
  g_autoptr (GStrvBuilder) list = g_strv_builder_new ();
  g_autoptr (GString) names = g_string_new (NULL);
  g_autofree char *model = processor ();
  g_autofree char *threads = g_strdup_printf ("%d", chooser->device->threads);
#ifdef LW_WITH_ONEDNN
  g_autofree char *library = lw_onednn_version ();
#else
  g_autofree char *library = g_strdup ("none");
#endif

  lw_conv_cache_clean (model);
  for (int i = 0; i < methods->n; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? "; " : "", methods->algorithms[i]->name);
  g_strv_builder_add_many (list, "program", LW_VERSION, "processor", g_strstrip (model),
                           "instructions", methods->instructions, "threads", threads, "oneDNN",
                           library, "algorithms", names->str, NULL);
  return g_strv_builder_end (list);
}

static const void *
find (const LwConvChooser *chooser, const char *name, const LwStep *step, LwDirection direction)
{
  const LwConvMethods *methods = chooser->data;

  for (int i = 0; i < methods->n; i++)
    if (strcmp (methods->algorithms[i]->name, name) == 0)
      return methods->algorithms[i]->applies (step, direction) ? methods->algorithms[i] : NULL;
  return NULL;
}

static bool
measure (const LwConvChooser *chooser, LwConvQuestion *questions, int32_t n, GError **error)
{
  (void)error;
  lw_conv_time (chooser->device, chooser->data, questions, n);
  return true;
}

bool
lw_cpu_conv_choose (LwDevice *device, const LwConvMethods *methods, const LwGraph *graph,
                    int32_t batch, bool training, GError **error)
{
  const LwConvChooser chooser = { .device = device,
                                  .options = &device->options,
                                  .choices = device->choices,
                                  .data = methods,
                                  .find = find,
                                  .time = measure,
                                  .circumstances = circumstances };

  return lw_conv_choose (&chooser, graph, batch, training, error);
}
