#include "onnx/import.h"

#include <string.h>

const Onnx__AttributeProto *
lw_onnx_attribute (const Onnx__NodeProto *node, const char *name)
{
  for (size_t i = 0; i < node->n_attribute; i++)
    if (g_strcmp0 (node->attribute[i]->name, name) == 0)
      return node->attribute[i];
  return NULL;
}

int64_t
lw_onnx_integer (const Onnx__NodeProto *node, const char *name, int64_t standard)
{
  const Onnx__AttributeProto *attribute = lw_onnx_attribute (node, name);

  return attribute != NULL && attribute->has_i ? attribute->i : standard;
}

double
lw_onnx_real (const Onnx__NodeProto *node, const char *name, double standard)
{
  const Onnx__AttributeProto *attribute = lw_onnx_attribute (node, name);

  return attribute != NULL && attribute->has_f ? (double)attribute->f : standard;
}

bool
lw_onnx_is_word (const Onnx__NodeProto *node, const char *name, const char *word,
                 const char *standard)
{
  const Onnx__AttributeProto *attribute = lw_onnx_attribute (node, name);

  if (attribute == NULL || !attribute->has_s)
    return g_str_equal (word, standard);
  return attribute->s.len == strlen (word) && memcmp (attribute->s.data, word, strlen (word)) == 0;
}

bool
lw_onnx_list (const Onnx__NodeProto *node, const char *name, int64_t standard, int n, int64_t *ret)
{
  const Onnx__AttributeProto *attribute = lw_onnx_attribute (node, name);

  if (attribute != NULL && attribute->n_ints != (size_t)n)
    return false;
  for (int i = 0; i < n; i++)
    ret[i] = attribute != NULL ? attribute->ints[i] : standard;
  return true;
}
