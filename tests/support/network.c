#include "tests/support/network.h"

LwGraph *
lw_test_network (const char *model, int32_t side, const char *const *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOptions) chosen = lw_options_new (lw_model_find (model, &error));
  LwGraph *graph;

  g_assert_no_error (error);
  for (; options != NULL && *options != NULL; options += 2) {
    lw_options_set (chosen, options[0], options[1], &error);
    g_assert_no_error (error);
  }
  lw_options_set_input (chosen, (LwShape){ 1, side, side, false }, &error);
  g_assert_no_error (error);
  graph = lw_model_build (chosen, &error);
  g_assert_no_error (error);
  return graph;
}
