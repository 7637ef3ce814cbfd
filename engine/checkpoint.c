#include "engine/checkpoint.h"

#include "engine/i18n.h"
#include "engine/live_setting.h"
#include "engine/number.h"
#include "engine/run.h"
#include "engine/weights_metadata.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPTIMIZER "optimizer."
#define MOMENTUM  OPTIMIZER "momentum."

/* --- files ------------------------------------------------------------------------------------ */

char *
lw_checkpoint_path (const char *folder, int64_t step)
{
  g_autofree char *name = g_strdup_printf ("step-%" G_GINT64_FORMAT ".safetensors", step);

  return g_build_filename (folder, "checkpoints", name, NULL);
}

static int
compare_steps (gconstpointer a, gconstpointer b)
{
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

  return (x > y) - (x < y);
}

/* The step in "step-120.safetensors"; −1 for any other name. */
static int64_t
step_of_name (const char *name)
{
  g_autofree char *digits = NULL;
  int64_t step;

  if (!g_str_has_prefix (name, "step-") || !g_str_has_suffix (name, ".safetensors"))
    return -1;
  digits = g_strndup (name + 5, strlen (name) - 5 - strlen (".safetensors"));
  return lw_number_parse_signed (digits, &step) && g_ascii_isdigit (*digits) ? step : -1;
}

GArray *
lw_checkpoint_list (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "checkpoints", NULL);
  GDir *dir = g_dir_open (path, 0, NULL);
  GArray *steps = g_array_new (FALSE, FALSE, sizeof (int64_t));
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    const int64_t step = step_of_name (name);

    if (step >= 0)
      g_array_append_val (steps, step);
  }
  g_clear_pointer (&dir, g_dir_close);
  g_array_sort (steps, compare_steps);
  return steps;
}

void
lw_checkpoint_keep (const char *folder, int64_t last, int64_t best)
{
  g_autoptr (GArray) steps = lw_checkpoint_list (folder);

  for (guint i = 0; i < steps->len; i++) {
    const int64_t step = g_array_index (steps, int64_t, i);
    g_autofree char *path = lw_checkpoint_path (folder, step);

    if (step != last && step != best)
      unlink (path); /* one that stays does no harm */
  }
}

/* --- writing ---------------------------------------------------------------------------------- */

/* The list of tensors of a file, with memory that is freed with it. */
typedef struct {
  GArray *tensors; /* of LwFileTensor */
  GPtrArray *memory;
  bool finite;
} LwTensorList;

static void
list_init (LwTensorList *list)
{
  list->tensors = g_array_new (FALSE, FALSE, sizeof (LwFileTensor));
  list->memory = g_ptr_array_new_with_free_func (g_free);
  list->finite = true;
}

static void
list_clear (LwTensorList *list)
{
  g_array_unref (list->tensors);
  g_ptr_array_unref (list->memory);
}

static void *
list_add (LwTensorList *list, const LwTensorInfo *tensor, char *name, GError **error)
{
  const gsize element = tensor->dtype == LW_I64 ? sizeof (int64_t) : sizeof (float);
  void *data = g_try_malloc_n ((gsize)tensor->size, element);
  LwFileTensor entry = {
    .name = name, .dtype = tensor->dtype, .rank = tensor->rank, .size = tensor->size
  };

  g_ptr_array_add (list->memory, name);
  if (data == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_MEMORY,
                 _ ("There is not enough memory left to save the network's weights."));
    return NULL;
  }
  g_ptr_array_add (list->memory, data);
  memcpy (entry.dims, tensor->dims, sizeof tensor->dims);
  entry.data = data;
  g_array_append_val (list->tensors, entry);
  return data;
}

static void
check_finite (LwTensorList *list, const LwTensorInfo *tensor, const float *data)
{
  if (tensor->dtype != LW_F32)
    return;
  for (int64_t i = 0; i < tensor->size; i++)
    if (!isfinite (data[i])) {
      list->finite = false;
      return;
    }
}

static bool
collect_tensors (LwTensorList *list, LwSession *session, GError **error)
{
  LwGraph *graph = lw_session_graph (session);

  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, i);
    void *data = list_add (list, tensor, g_strdup (tensor->name), error);

    if (data == NULL || !lw_session_get_tensor (session, i, data, error))
      return false;
    check_finite (list, tensor, data);
  }
  return true;
}

/* "optimizer.momentum." or "optimizer.m.", "optimizer.v.". */
static const char *
slot_prefix (const LwSession *session, int32_t slot)
{
  if (lw_session_optimizer_slots (session) == 1)
    return MOMENTUM;
  return slot == 0 ? OPTIMIZER "m." : OPTIMIZER "v.";
}

static bool
collect_slots (LwTensorList *list, LwSession *session, GError **error)
{
  LwGraph *graph = lw_session_graph (session);

  for (int32_t slot = 0; slot < lw_session_optimizer_slots (session); slot++)
    for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
      const LwTensorInfo *tensor = lw_graph_tensor (graph, i);
      float *data;

      if (!tensor->trainable)
        continue;
      data = list_add (list, tensor, g_strconcat (slot_prefix (session, slot), tensor->name, NULL),
                       error);
      if (data == NULL || !lw_session_get_slot (session, i, slot, data, error))
        return false;
      check_finite (list, tensor, data);
    }
  return true;
}

static void
add_integer (GPtrArray *pairs, const char *key, int64_t value)
{
  g_ptr_array_add (pairs, g_strdup (key));
  g_ptr_array_add (pairs, g_strdup_printf ("%" G_GINT64_FORMAT, value));
}

static void
add_real (GPtrArray *pairs, const char *key, double value)
{
  char text[64];

  g_ptr_array_add (pairs, g_strdup (key));
  g_ptr_array_add (pairs, g_strdup (g_ascii_formatd (text, sizeof text, "%.17g", value)));
}

/* "learning_rate"; g_free. */
static char *
live_key (LwLiveSetting setting)
{
  return g_strdelimit (g_strdup (lw_live_name (setting)), "-", '_');
}

static void
describe_position (GPtrArray *pairs, const LwPosition *position)
{
  add_integer (pairs, "step", position->step);
  add_integer (pairs, "events", position->events);
  add_real (pairs, "time_s", position->time_s);
  for (int i = 0; i < LW_N_LIVE; i++) {
    g_ptr_array_add (pairs, live_key ((LwLiveSetting)i));
    g_ptr_array_add (pairs, lw_live_text ((LwLiveSetting)i, position->live[i], 17));
  }
  add_real (pairs, "epoch_loss_sum", position->epoch_loss_sum);
  add_real (pairs, "epoch_time_s", position->epoch_time_s);
  add_integer (pairs, "epoch_correct", position->epoch_correct);
  add_integer (pairs, "epoch_n", position->epoch_n);
  add_integer (pairs, "best_epoch", position->best_epoch);
  add_real (pairs, "best_test_accuracy", (double)position->best_test_accuracy);
  add_integer (pairs, "best_step", position->best_step);
}

bool
lw_checkpoint_write (LwSession *session, const LwSettings *settings, const LwPosition *position,
                     const char *path, bool *ret_finite, GError **error)
{
  g_autoptr (GPtrArray) pairs = lw_weights_metadata (settings);
  LwTensorList list;
  bool done;

  list_init (&list);
  describe_position (pairs, position);
  g_ptr_array_add (pairs, NULL);
  done = collect_tensors (&list, session, error) && collect_slots (&list, session, error);
  *ret_finite = list.finite;
  if (done && list.finite)
    done =
        lw_tensor_file_write (path, (const LwFileTensor *)(void *)list.tensors->data,
                              (int32_t)list.tensors->len, (const char *const *)pairs->pdata, error);
  list_clear (&list);
  return done;
}

bool
lw_session_save (LwSession *session, const LwSettings *settings, const char *path, GError **error)
{
  g_autoptr (GPtrArray) pairs = lw_weights_metadata (settings);
  LwTensorList list;
  bool done;

  list_init (&list);
  g_ptr_array_add (pairs, NULL);
  done =
      collect_tensors (&list, session, error) &&
      lw_tensor_file_write (path, (const LwFileTensor *)(void *)list.tensors->data,
                            (int32_t)list.tensors->len, (const char *const *)pairs->pdata, error);
  list_clear (&list);
  return done;
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool
read_integer (const LwTensorFile *file, const char *key, int64_t least, int64_t *ret_value)
{
  const char *text = lw_tensor_file_metadata (file, key);

  return text != NULL && lw_number_parse_signed (text, ret_value) && *ret_value >= least;
}

static bool
read_real (const LwTensorFile *file, const char *key, double *ret_value)
{
  const char *text = lw_tensor_file_metadata (file, key);

  return text != NULL && lw_number_parse_real (text, ret_value);
}

/* A missing learning rate is an error, the others were not always written. */
static bool
read_live (const LwTensorFile *file, double live[LW_N_LIVE])
{
  for (int i = 0; i < LW_N_LIVE; i++) {
    g_autofree char *key = live_key ((LwLiveSetting)i);
    const char *text = lw_tensor_file_metadata (file, key);

    live[i] = NAN;
    if (text == NULL ? i == LW_LIVE_LEARNING_RATE
                     : !lw_live_parse ((LwLiveSetting)i, text, &live[i]))
      return false;
  }
  return true;
}

bool
lw_checkpoint_position (const LwTensorFile *file, const char *name, LwPosition *ret_position,
                        GError **error)
{
  LwPosition *p = ret_position;
  int64_t best_epoch = 0;
  double accuracy = 0;

  if (read_integer (file, "step", 0, &p->step) && read_integer (file, "events", 0, &p->events) &&
      read_real (file, "time_s", &p->time_s) && read_live (file, p->live) &&
      read_real (file, "epoch_loss_sum", &p->epoch_loss_sum) &&
      read_real (file, "epoch_time_s", &p->epoch_time_s) &&
      read_integer (file, "epoch_correct", 0, &p->epoch_correct) &&
      read_integer (file, "epoch_n", 0, &p->epoch_n) &&
      read_integer (file, "best_epoch", 0, &best_epoch) && best_epoch <= G_MAXINT32 &&
      read_real (file, "best_test_accuracy", &accuracy) &&
      read_integer (file, "best_step", 0, &p->best_step)) {
    p->best_epoch = (int32_t)best_epoch;
    p->best_test_accuracy = (float)accuracy;
    return true;
  }
  g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
               _ ("\"%s\" is not a checkpoint of a run: it does not say where the run stood."),
               name);
  return false;
}

/* Files of before PyTorch 0.4.1, and what was made from them, lack the counters of batches, which
 * nothing is computed from. */
static bool
may_lack (const LwTensorFile *file, const LwTensorInfo *tensor)
{
  return tensor->role == LW_ROLE_BATCHES && lw_tensor_file_find (file, tensor->name) == NULL;
}

/* The entry called `name`, of the tensor's type and shape. */
static const LwFileTensor *
find_entry (const LwTensorFile *file, const char *file_name, const char *name,
            const LwTensorInfo *tensor, const char *network, GError **error)
{
  const LwFileTensor *entry = lw_tensor_file_find (file, name);
  g_autofree char *wanted = NULL, *found = NULL;

  if (entry == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                 _ ("\"%s\" has no tensor \"%s\", which %s needs."), file_name, name, network);
    return NULL;
  }
  if (entry->dtype == tensor->dtype && entry->rank == tensor->rank &&
      memcmp (entry->dims, tensor->dims, sizeof (int64_t) * (gsize)tensor->rank) == 0)
    return entry;
  wanted = lw_dims_to_string (tensor->dims, tensor->rank);
  found = lw_dims_to_string (entry->dims, entry->rank);
  if (entry->dtype != tensor->dtype)
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                 _ ("The tensor \"%s\" in \"%s\" holds numbers of another type than %s needs."),
                 name, file_name, network);
  else
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                 _ ("The tensor \"%s\" in \"%s\" has the shape %s, but %s needs %s."), name,
                 file_name, found, network, wanted);
  return NULL;
}

static bool
check_tensors (LwGraph *graph, const LwTensorFile *file, const char *name, GError **error)
{
  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, i);

    if (!may_lack (file, tensor) &&
        find_entry (file, name, tensor->name, tensor, lw_graph_title (graph), error) == NULL)
      return false;
  }
  for (int32_t i = 0; i < lw_tensor_file_n (file); i++) {
    const char *entry = lw_tensor_file_get (file, i)->name;

    if (!g_str_has_prefix (entry, OPTIMIZER) && lw_graph_find_tensor (graph, entry) < 0) {
      g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                   _ ("\"%s\" holds a tensor \"%s\", which %s does not have."), name, entry,
                   lw_graph_title (graph));
      return false;
    }
  }
  return true;
}

static bool
load_tensors (LwSession *session, const LwTensorFile *file, const char *name, GError **error)
{
  LwGraph *graph = lw_session_graph (session);

  if (!check_tensors (graph, file, name, error)) /* all, before anything is changed */
    return false;
  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const LwFileTensor *entry = lw_tensor_file_find (file, lw_graph_tensor (graph, i)->name);
    const int64_t none = 0;

    if (!lw_session_set_tensor (session, i, entry != NULL ? entry->data : &none, error))
      return false;
  }
  return true;
}

bool
lw_session_load (LwSession *session, const char *path, GError **error)
{
  g_autoptr (LwTensorFile) file = lw_tensor_file_open (path, error);
  g_autofree char *name = g_filename_display_name (path);

  return file != NULL && load_tensors (session, file, name, error);
}

bool
lw_weights_fit (LwGraph *graph, const char *path, GError **error)
{
  g_autoptr (LwTensorFile) file = lw_tensor_file_open (path, error);
  g_autofree char *name = g_filename_display_name (path);

  return file != NULL && check_tensors (graph, file, name, error);
}

bool
lw_checkpoint_has_momentum (const LwTensorFile *file)
{
  for (int32_t i = 0; i < lw_tensor_file_n (file); i++)
    if (g_str_has_prefix (lw_tensor_file_get (file, i)->name, MOMENTUM))
      return true;
  return false;
}

bool
lw_checkpoint_load (LwSession *session, const LwTensorFile *file, const char *name, GError **error)
{
  LwGraph *graph = lw_session_graph (session);

  if (!load_tensors (session, file, name, error))
    return false;
  for (int32_t slot = 0; slot < lw_session_optimizer_slots (session); slot++)
    for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
      const LwTensorInfo *tensor = lw_graph_tensor (graph, i);
      g_autofree char *entry_name = g_strconcat (slot_prefix (session, slot), tensor->name, NULL);
      const LwFileTensor *entry;

      if (!tensor->trainable)
        continue;
      entry = find_entry (file, name, entry_name, tensor, lw_graph_title (graph), error);
      if (entry == NULL || !lw_session_set_slot (session, i, slot, entry->data, error))
        return false;
    }
  return true;
}
