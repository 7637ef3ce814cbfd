/* The network as text: for Graphviz, as JSON, as Python code. Builds without Cairo make them too.
 */
#include "app/app.h"
#include "app/export.h"
#include "engine/formats/graph_dot.h"
#include "engine/formats/graph_json.h"
#include "engine/formats/graph_torch.h"
#include "engine/formats/safetensors.h"

#include <string.h>

static bool
write_text (const LwExport *export, const char *text, GError **error)
{
  return lw_file_replace (export->output, text, strlen (text), error);
}

bool
lw_export_dot (const LwExport *export, GError **error)
{
  const int n = lw_graph_n_blocks (export->graph);
  g_autofree bool *open = g_new (bool, n);
  const LwDotOptions look = { export->title, g_str_equal (export->theme, "dark"),
                              export->transparent, open, lw_app_translate };
  g_autofree char *text = NULL;

  for (LwBlockId id = 0; id < n; id++)
    open[id] = lw_graph_block (export->graph, id)->depth <= export->depth;
  text = lw_graph_to_dot (export->graph, &look);
  return write_text (export, text, error);
}

bool
lw_export_json (const LwExport *export, GError **error)
{
  g_autofree char *text = lw_graph_to_json (export->graph, export->title);

  return write_text (export, text, error);
}

bool
lw_export_pytorch (const LwExport *export, GError **error)
{
  g_autofree char *text = lw_graph_to_torch (export->graph, export->options, error);

  return text != NULL && write_text (export, text, error);
}
