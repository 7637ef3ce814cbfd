/* What the tests of whole runs share: a run that takes a second. Each program makes its own. */
#pragma once

#include "tests/support/program.h"

/* 300 drawn shapes, batches of 50. */
#define QUICK                                                                                      \
  "lenet-bn", "--data", "shapes", "--limit-train", "300", "--limit-test", "100", "--batch", "50",  \
      "--threads", "2", "--algorithms", "fixed"

static inline double
number (JsonObject *object, const char *member)
{
  g_assert_true (json_object_has_member (object, member));
  return json_object_get_double_member (object, member);
}

/* Writes the weights of a checkpoint beside the run's folder and reads them back. */
static inline GBytes *
exported_weights (const char *run, const char *checkpoint)
{
  g_autofree char *path = g_strdup_printf ("%s-%s.safetensors", run, checkpoint);
  g_autoptr (LwResult) result = lw_program ("export", run, "--format", "safetensors", "--output",
                                            path, "--checkpoint", checkpoint, NULL);
  g_autoptr (GError) error = NULL;
  char *data;
  gsize length;

  lw_assert_status (result, 0);
  g_assert_cmpstr (result->out, ==, "");
  g_file_get_contents (path, &data, &length, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (data, length);
}
