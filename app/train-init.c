#include "app/train-init.h"

#include "app/app.h"
#include "app/table.h"
#include "engine/partial_load.h"

#include <glib/gi18n.h>

#define AT(fates, i) (&g_array_index (fates, LwPartialTensor, i))

static int
count (const GArray *fates, LwPartialFate fate)
{
  int n = 0;

  for (guint i = 0; i < fates->len; i++)
    n += AT (fates, i)->fate == fate;
  return n;
}

/* For a tensor of the network that was not taken, or one of the file that nobody took. */
static char *
reason_text (const LwPartialTensor *tensor)
{
  g_autofree char *own = lw_dims_to_string (tensor->dims, tensor->rank);
  g_autofree char *other = lw_dims_to_string (tensor->file_dims, tensor->file_rank);

  switch (tensor->fate) {
  case LW_PARTIAL_MISSING:
    return g_strdup (_ ("the file has none of this name"));
  case LW_PARTIAL_SHAPE:
    return g_strdup_printf (_ ("its shape is %s, in the file %s"), own, other);
  case LW_PARTIAL_TYPE:
    return g_strdup (_ ("it holds numbers of another type in the file"));
  case LW_PARTIAL_UNUSED:
    return g_strdup (_ ("the network has none of this name"));
  case LW_PARTIAL_TAKEN:
    break;
  }
  return g_strdup (_ ("taken"));
}

void
lw_train_init_print (const GArray *fates, const char *file)
{
  const int taken = count (fates, LW_PARTIAL_TAKEN), unused = count (fates, LW_PARTIAL_UNUSED);
  g_autoptr (LwTable) table = lw_table_new ("ll");

  lw_app_print (_ ("First weights from %s: %d of the network's %d tensors taken, %d of the file's "
                   "left over\n"),
                file, taken, (int)fates->len - unused, unused);
  for (guint i = 0; i < fates->len; i++) {
    lw_table_take (table, g_strconcat ("  ", AT (fates, i)->name, NULL));
    lw_table_take (table, reason_text (AT (fates, i)));
  }
  lw_table_print (table, 0);
  lw_app_print ("\n");
}

static void
json_dims (LwJson *json, const char *key, const int64_t *dims, int32_t rank)
{
  lw_json_begin_array (json, key);
  for (int32_t d = 0; d < rank; d++)
    lw_json_integer (json, NULL, dims[d]);
  lw_json_end_array (json);
}

static void
json_names (LwJson *json, const char *key, const GArray *fates, LwPartialFate fate)
{
  lw_json_begin_array (json, key);
  for (guint i = 0; i < fates->len; i++)
    if (AT (fates, i)->fate == fate)
      lw_json_string (json, NULL, AT (fates, i)->name);
  lw_json_end_array (json);
}

static void
json_not_taken (LwJson *json, const LwPartialTensor *tensor)
{
  lw_json_begin_object (json, NULL);
  lw_json_string (json, "name", tensor->name);
  lw_json_string (json, "reason",
                  tensor->fate == LW_PARTIAL_MISSING ? "missing"
                  : tensor->fate == LW_PARTIAL_SHAPE ? "shape"
                                                     : "dtype");
  json_dims (json, "shape", tensor->dims, tensor->rank);
  if (tensor->fate != LW_PARTIAL_MISSING)
    json_dims (json, "file_shape", tensor->file_dims, tensor->file_rank);
  lw_json_end_object (json);
}

bool
lw_train_init_json (LwJson *json, const GArray *fates, const char *file)
{
  lw_json_begin_object (json, NULL);
  lw_json_string (json, "event", "init");
  lw_json_string (json, "file", file);
  json_names (json, "taken", fates, LW_PARTIAL_TAKEN);
  lw_json_begin_array (json, "not_taken");
  for (guint i = 0; i < fates->len; i++)
    if (AT (fates, i)->fate != LW_PARTIAL_TAKEN && AT (fates, i)->fate != LW_PARTIAL_UNUSED)
      json_not_taken (json, AT (fates, i));
  lw_json_end_array (json);
  json_names (json, "unused", fates, LW_PARTIAL_UNUSED);
  lw_json_end_object (json);
  return lw_json_print (json);
}
