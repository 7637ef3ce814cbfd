/* The output's shape from the inputs', one function a rule. The sentences of errors come without
 * the layer's name, which the graph puts before them. */
#include "engine/op_shapes.h"

#include "engine/error.h"
#include "engine/i18n.h"

static bool fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static bool
fail (GError **error, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  if (error != NULL)
    *error = g_error_new_valist (LW_ERROR, LW_ERROR_INVALID, format, arguments);
  va_end (arguments);
  return false;
}

bool
lw_infer_input (const LwNode *node, const LwShape *inputs, LwShape *ret_shape, GError **error)
{
  (void)inputs;
  (void)error;
  *ret_shape = node->shape;
  return true;
}

bool
lw_infer_same (const LwNode *node, const LwShape *inputs, LwShape *ret_shape, GError **error)
{
  (void)node;
  (void)error;
  *ret_shape = inputs[0];
  return true;
}

static bool
require_map (LwShape shape, const char *what, GError **error)
{
  if (!shape.flat)
    return true;
  return fail (error, _ ("%s needs channels × height × width, it gets a vector of %d"), what,
               shape.c);
}

int32_t
lw_window_side (LwWindow window, bool ceil_mode, int32_t n)
{
  const int64_t s = window.stride, rest = (int64_t)n + 2 * window.padding - window.kernel;
  const int64_t up = ceil_mode ? (rest + s - 1) / s : rest / s;

  return (int32_t)(ceil_mode && up * s >= (int64_t)n + window.padding ? up : up + 1);
}

int32_t
lw_window_least (LwWindow window, bool ceil_mode)
{
  return MAX (window.kernel - 2 * window.padding - (ceil_mode ? window.stride - 1 : 0), 1);
}

/* Height and width under a sliding window; the channels stay. */
static bool
infer_window (const LwNode *node, const LwShape *inputs, LwShape *ret_shape, GError **error)
{
  LwWindow window = node->window;
  LwShape x = inputs[0];
  if (window.kernel < 1 || window.stride < 1 || window.padding < 0 || window.kernel > 4096 ||
      window.stride > 4096 || window.padding >= 4096)
    return fail (error, _ ("kernel %d, stride %d and padding %d make no window"), window.kernel,
                 window.stride, window.padding);
  if (!require_map (x, "a window", error))
    return false;
  int32_t least = lw_window_least (window, node->ceil_mode);
  if (x.h < least || x.w < least) {
    g_autofree char *got = lw_shape_to_string (x);
    return fail (error, _ ("its %d×%d window needs a map of at least %d×%d here, it gets %s"),
                 window.kernel, window.kernel, least, least, got);
  }
  x.h = lw_window_side (window, node->ceil_mode, x.h);
  x.w = lw_window_side (window, node->ceil_mode, x.w);
  *ret_shape = x;
  return true;
}

/* A mean over zeros alone would be a layer that sees nothing. */
bool
lw_infer_pool (const LwNode *node, const LwShape *inputs, LwShape *ret_shape, GError **error)
{
  if (2 * node->window.padding > node->window.kernel)
    return fail (error, _ ("padding %d is more than half of the kernel, %d"), node->window.padding,
                 node->window.kernel);
  return infer_window (node, inputs, ret_shape, error);
}

bool
lw_infer_conv2d (const LwNode *node, const LwShape *inputs, LwShape *ret_shape, GError **error)
{
  int32_t channels = node->shape.c;
  if (channels < 1)
    return fail (error, _ ("a convolution needs at least one output channel, not %d"), channels);
  if (!infer_window (node, inputs, ret_shape, error))
    return false;
  ret_shape->c = channels;
  return true;
}

bool
lw_infer_linear (const LwNode *node, const LwShape *inputs, LwShape *ret_shape, GError **error)
{
  int32_t units = node->shape.c;
  if (units < 1)
    return fail (error, _ ("a linear layer needs at least one output, not %d"), units);
  if (!inputs[0].flat) {
    g_autofree char *got = lw_shape_to_string (inputs[0]);
    return fail (error, _ ("a linear layer needs a vector, it gets %s; flatten it first"), got);
  }
  *ret_shape = (LwShape){ units, 1, 1, true };
  return true;
}

bool
lw_infer_global_pool (const LwNode *node, const LwShape *inputs, LwShape *ret_shape, GError **error)
{
  (void)node;
  if (!require_map (inputs[0], _ ("global pooling"), error))
    return false;
  *ret_shape = (LwShape){ inputs[0].c, 1, 1, false };
  return true;
}

bool
lw_infer_dropout (const LwNode *node, const LwShape *inputs, LwShape *ret_shape, GError **error)
{
  if (!(node->dropout >= 0 && node->dropout < 1))
    return fail (error, _ ("the share of dropped values is %g, it must be from 0 to below 1"),
                 (double)node->dropout);
  *ret_shape = inputs[0];
  return true;
}

bool
lw_infer_flatten (const LwNode *node, const LwShape *inputs, LwShape *ret_shape, GError **error)
{
  (void)node;
  int64_t size = lw_shape_size (inputs[0]);
  if (size > G_MAXINT32) {
    g_autofree char *got = lw_shape_to_string (inputs[0]);
    return fail (error, _ ("%s is too large for a vector"), got);
  }
  *ret_shape = (LwShape){ (int32_t)size, 1, 1, true };
  return true;
}

bool
lw_infer_add (const LwNode *node, const LwShape *inputs, LwShape *ret_shape, GError **error)
{
  (void)node;
  if (!lw_shape_equal (inputs[0], inputs[1])) {
    g_autofree char *a = lw_shape_to_string (inputs[0]);
    g_autofree char *b = lw_shape_to_string (inputs[1]);
    return fail (error, _ ("inputs are %s and %s; a sum needs equal shapes"), a, b);
  }
  *ret_shape = inputs[0];
  return true;
}

bool
lw_infer_concat (const LwNode *node, const LwShape *inputs, LwShape *ret_shape, GError **error)
{
  int64_t channels = inputs[0].c;
  for (int32_t i = 1; i < node->n_inputs; i++) {
    if (inputs[i].flat != inputs[0].flat || inputs[i].h != inputs[0].h ||
        inputs[i].w != inputs[0].w) {
      g_autofree char *a = lw_shape_to_string (inputs[0]);
      g_autofree char *b = lw_shape_to_string (inputs[i]);
      return fail (error, _ ("inputs are %s and %s; only their channels may differ"), a, b);
    }
    channels += inputs[i].c;
  }
  if (channels > G_MAXINT32)
    return fail (error, _ ("it would have too many channels"));
  *ret_shape = inputs[0];
  ret_shape->c = (int32_t)channels;
  return true;
}

/* The loss of a batch and its number of hits: two numbers, whatever the batch. */
bool
lw_infer_cross_entropy (const LwNode *node, const LwShape *inputs, LwShape *ret_shape,
                        GError **error)
{
  (void)node;
  if (!inputs[0].flat)
    return fail (error, _ ("the loss needs one score a class"));
  *ret_shape = (LwShape){ 2, 1, 1, true };
  return true;
}
