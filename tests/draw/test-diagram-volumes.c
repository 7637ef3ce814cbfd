/* Networks as rows of blocks in space: their sizes, words, places, pixels. */
#include "engine/models.h"
#include "tests/draw/canvas.h"
#include "ui/draw/diagram-volumes.h"

#include <math.h>
#include <string.h>

typedef struct {
  LwGraph *graph;
  LwDiagramState *state;
  LwText *text;
  LwVolumes *volumes;
} Row;

static void
row_layout (Row *row)
{
  g_clear_pointer (&row->volumes, lw_volumes_free);
  const LwDiagramOptions options = { LW_COUNT_MACS, row->text };
  row->volumes = lw_volumes_new (row->state, &options);
}

static void
row_open (Row *row, gconstpointer model)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find (model, &error));
  g_assert_no_error (error);
  row->graph = lw_model_build (options, &error);
  g_assert_no_error (error);
  row->state = lw_diagram_state_new (row->graph);
  row->text = lw_text_new (NULL, NULL);
  row_layout (row);
}

static void
row_close (Row *row, gconstpointer model)
{
  (void)model;
  lw_volumes_free (row->volumes);
  lw_text_free (row->text);
  lw_diagram_state_free (row->state);
  lw_graph_unref (row->graph);
}

static const LwVolume *
find (const Row *row, const char *name)
{
  const LwDiagramSpot spot = { lw_graph_find_node (row->graph, name), -1 };
  const int32_t index = lw_volumes_find (row->volumes, spot);
  g_assert_cmpint (index, >=, 0);
  return &lw_volumes_items (row->volumes, NULL)[index];
}

/* AlexNet's: side 176·√(n / 224), thickness 2.05·√c, depth (0.42, −0.26) of the side. */
static void
test_sizes (Row *row, gconstpointer model)
{
  (void)model;
  int32_t n;
  const LwVolume *items = lw_volumes_items (row->volumes, &n);
  g_assert_cmpint (n, ==, 12); /* the input, 5 convolutions, 3 poolings, 3 linear layers */
  g_assert_cmpfloat_with_epsilon (items[0].side, 176, 1e-9);
  g_assert_cmpfloat_with_epsilon (items[0].thickness, 3, 1e-9); /* one channel: the thinnest */
  const LwVolume *conv = find (row, "0");
  g_assert_cmpfloat_with_epsilon (conv->side, 176 * sqrt (54 / 224.0), 1e-9);
  g_assert_cmpfloat_with_epsilon (conv->thickness, 2.05 * sqrt (96), 1e-9);
  g_assert_cmpfloat_with_epsilon (conv->depth_x, 0.42 * conv->side, 1e-9);
  g_assert_cmpfloat_with_epsilon (conv->depth_y, -0.26 * conv->side, 1e-9);
  g_assert_cmpint (conv->kernel, ==, 11);
  g_assert_cmpint (conv->n_bands, ==, 1);
  g_assert_cmpint (conv->bands[0], ==, LW_KIND_ACTIVATION);
  g_assert_cmpstr (conv->name, ==, "conv 1");
  g_assert_cmpstr (conv->words[0], ==, "96 × 54 × 54");
  g_assert_cmpstr (conv->words[1], ==, "11×11, stride 4");
  g_assert_cmpstr (conv->words[2], ==, "11.7 k params");
  const LwVolume *linear = find (row, "14"), *last = find (row, "20");
  g_assert_cmpfloat_with_epsilon (linear->thickness, 20, 1e-9);
  g_assert_cmpfloat (linear->depth_x, ==, 0);
  g_assert_cmpfloat (linear->side, >, 3 * last->side);

  int32_t n_brackets;
  const LwVolumeBracket *brackets = lw_volumes_brackets (row->volumes, &n_brackets);
  g_assert_cmpint (n_brackets, ==, 2);
  g_assert_cmpstr (brackets[0].words, ==, "Convolutions: 8 % of the parameters, 95 % of the MACs");
  g_assert_cmpstr (brackets[1].words, ==, "Linear: 92 %, 5 %");
  g_assert_cmpfloat (brackets[0].x + brackets[0].width, <, brackets[1].x);
}

static void check_words (const Row *row);

static void
check_row (const Row *row)
{
  double width, height, x = 0;
  lw_volumes_size (row->volumes, &width, &height);
  int32_t n;
  const LwVolume *items = lw_volumes_items (row->volumes, &n);
  g_assert_cmpint (n, >, 2);
  for (int32_t i = 0; i < n; i++) {
    const LwVolume *v = &items[i];
    g_assert_cmpfloat (v->slot.x, >=, x);
    g_assert_cmpfloat (v->slot.width, >=, 74);
    g_assert_cmpfloat (v->rect.x, >=, v->slot.x);
    g_assert_cmpfloat (v->rect.x + v->rect.width, <=, v->slot.x + v->slot.width);
    g_assert_cmpfloat (v->slot.y + v->slot.height, <=, height);
    g_assert_cmpfloat (lw_text_width (row->text, LW_TEXT_CAPTION, v->words[0]), <=, v->slot.width);
    g_assert_cmpint (lw_volumes_find (row->volumes, v->spot), ==, i);
    const LwDiagramSpot hit = lw_volumes_hit (row->volumes, v->rect.x + 4 * v->n_lead + 1,
                                              v->rect.y + v->rect.height - 1, NULL);
    if (v->thickness > 4 * v->n_bands + 2)
      g_assert_true (lw_diagram_spot_equal (hit, v->spot));
    x = v->slot.x + v->slot.width;
  }
  g_assert_cmpfloat (x, <=, width);
  int32_t seen = 0; /* every node belongs to a volume, and every volume to a node */
  g_autofree bool *used = g_new0 (bool, n);
  for (LwNodeId i = 0; i < lw_graph_n_nodes (row->graph); i++) {
    const int32_t volume = lw_volumes_find (row->volumes, (LwDiagramSpot){ i, -1 });
    g_assert_cmpint (volume, >=, 0);
    g_assert_cmpint (volume, <, n);
    seen += !used[volume];
    used[volume] = true;
  }
  g_assert_cmpint (seen, ==, n);
  g_assert_cmpint (lw_volumes_find (row->volumes, LW_NO_SPOT), ==, -1);
  g_assert_true (lw_diagram_spot_equal (lw_volumes_hit (row->volumes, -1, -1, NULL), LW_NO_SPOT));
  check_words (row);
}

/* No words over others: in slots, above and below them. */
static void
check_words (const Row *row)
{
  double width, height, free_from = 0;
  int32_t n, n_items;
  const LwVolume *items = lw_volumes_items (row->volumes, &n_items);
  lw_volumes_size (row->volumes, &width, &height);
  for (int32_t i = 0; i < n_items; i++) {
    const LwVolume *v = &items[i];
    const double half = lw_text_width (row->text, LW_TEXT_TABLE_BOLD, v->name) / 2;
    g_assert_cmpfloat (2 * half, <, v->slot.width);
    if (v->chevron_x > 0)
      g_assert_cmpfloat (v->chevron_x - 4, >, v->slot.x);
    for (int w = 1; w < 3; w++)
      g_assert_cmpfloat (lw_text_width (row->text, LW_TEXT_DETAIL, v->words[w]), <, v->slot.width);
  }
  const LwVolumeBracket *brackets = lw_volumes_brackets (row->volumes, &n);
  for (int32_t i = 0; i < n; i++) {
    const double half = lw_text_width (row->text, LW_TEXT_TABLE_BOLD, brackets[i].words) / 2;
    g_assert_cmpfloat (brackets[i].words_x - half, >=, free_from);
    g_assert_cmpint (brackets[i].first, <=, brackets[i].last);
    free_from = brackets[i].words_x + half + 8;
  }
  g_assert_cmpfloat (free_from - 8, <=, width);
  const LwVolumeFrame *frames = lw_volumes_frames (row->volumes, &n);
  for (int32_t i = 0; i < n; i++) {
    bool fold;
    const cairo_rectangle_t *r = &frames[i].rect;
    g_assert_cmpfloat (lw_text_width (row->text, LW_TEXT_DETAIL_BOLD, frames[i].title) + 30, <,
                       r->width);
    g_assert_cmpfloat (r->y + r->height, <=, items[0].slot.y);
    for (int32_t k = 0; k < i; k++)
      g_assert_true (frames[k].depth != frames[i].depth || frames[k].last < frames[i].first);
    const LwDiagramSpot hit =
        lw_volumes_hit (row->volumes, r->x + r->width / 2, r->y + r->height / 2, &fold);
    g_assert_cmpint (hit.block, ==, frames[i].block);
    g_assert_true (fold);
    g_assert_true (lw_diagram_state_is_open (row->state, frames[i].block));
  }
  const LwVolumeSkip *skips = lw_volumes_skips (row->volumes, &n);
  for (int32_t i = 0; i < n; i++) {
    g_assert_cmpint (skips[i].to, >, skips[i].from + 1);
    for (int32_t k = skips[i].from; k <= skips[i].to; k++)
      g_assert_cmpfloat (skips[i].top, <, items[k].rect.y);
    for (int32_t k = 0; k < lw_volumes_n_spots (row->volumes); k++)
      g_assert_cmpint (lw_volumes_find (row->volumes, lw_volumes_spot (row->volumes, k)), >=, 0);
  }
}

static void
test_states (Row *row, gconstpointer model)
{
  check_row (row);
  lw_diagram_state_set_depth (row->state, 1);
  row_layout (row);
  check_row (row);
  lw_diagram_state_open_all (row->state);
  row_layout (row);
  check_row (row);

  /* painted in both themes, with a picture on the input, at each level of detail */
  double width, height;
  lw_volumes_size (row->volumes, &width, &height);
  cairo_surface_t *image = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 28, 28);
  for (int dark = 0; dark < 2; dark++) {
    const LwTheme *theme = lw_theme (dark);
    int painted[3];
    const double zooms[] = { 1, 0.6, 0.3 };
    for (int i = 0; i < 3; i++) {
      Canvas canvas = canvas_new ((int)width, (int)height, theme->canvas);
      const LwDiagramPaint paint = { .zoom = zooms[i], .selected = LW_NO_SPOT };
      lw_volumes_paint (canvas.cr, row->volumes, theme, &paint, image);
      painted[i] = canvas_count_painted (&canvas, 0, 0, canvas.width, canvas.height, theme->canvas);
      canvas_finish (&canvas, i == 0 ? model : NULL);
    }
    g_assert_cmpint (painted[0], >, painted[1]);
    g_assert_cmpint (painted[1], >, painted[2]);
    g_assert_cmpint (painted[2], >, 1000);
  }
  cairo_surface_destroy (image);
}

/* A band is a layer of its own. */
static void
test_bands (Row *row, gconstpointer model)
{
  (void)model;
  const LwVolume *conv = find (row, "0");
  const double y = conv->rect.y + conv->rect.height - 4;
  const double edge = conv->rect.x + conv->thickness;
  g_assert_cmpint (conv->n_bands, ==, 2); /* normalization, then the sigmoid */
  g_assert_cmpint (lw_volumes_hit (row->volumes, edge - 1, y, NULL).node, ==, conv->band_nodes[1]);
  g_assert_cmpint (lw_volumes_hit (row->volumes, edge - 5, y, NULL).node, ==, conv->band_nodes[0]);
  const LwDiagramSpot band = { conv->band_nodes[1], -1 };
  g_assert_true (&lw_volumes_items (row->volumes, NULL)[lw_volumes_find (row->volumes, band)] ==
                 conv);
}

/* A shortcut is an arc over its convolutions, with what stands on it. */
static void
test_shortcuts (Row *row, gconstpointer model)
{
  (void)model;
  int32_t n;
  lw_diagram_state_open_all (row->state);
  row_layout (row);
  const LwVolumeSkip *skips = lw_volumes_skips (row->volumes, &n);
  const char *const expected[] = { "identity", "identity", "1×1 conv", "identity",
                                   "1×1 conv", "identity", "1×1 conv", "identity" };
  g_assert_cmpint (n, ==, 8);
  for (int32_t i = 0; i < n; i++)
    g_assert_cmpstr (skips[i].words, ==, expected[i]);
  const LwVolume *items = lw_volumes_items (row->volumes, NULL);
  g_assert_cmpstr (items[skips[0].to].name, ==, "sum");
  g_assert_cmpint (skips[0].to - skips[0].from, ==, 3); /* over two convolutions */
  lw_volumes_brackets (row->volumes, &n);
  g_assert_cmpint (n, ==, 2);
}

/* What comes before the convolution stands at its left. */
static void
test_lead (Row *row, gconstpointer model)
{
  (void)model;
  lw_diagram_state_open_all (row->state);
  row_layout (row);
  const LwVolume *conv = find (row, "1.net.0.2");
  const double y = conv->rect.y + conv->rect.height - 4;
  g_assert_cmpint (conv->n_bands, ==, 2);
  g_assert_cmpint (conv->n_lead, ==, 2);
  g_assert_cmpint (conv->bands[0], ==, LW_KIND_NORMALIZATION);
  g_assert_cmpint (lw_volumes_hit (row->volumes, conv->rect.x + 1, y, NULL).node, ==,
                   conv->band_nodes[0]);
  g_assert_cmpint (lw_volumes_hit (row->volumes, conv->rect.x + 9, y, NULL).node, ==,
                   conv->spot.node);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/volumes/sizes", Row, "alexnet", row_open, test_sizes, row_close);
  g_test_add ("/volumes/shortcuts", Row, "resnet18", row_open, test_shortcuts, row_close);
  g_test_add ("/volumes/lead", Row, "densenet", row_open, test_lead, row_close);
  g_test_add ("/volumes/bands", Row, "lenet-bn", row_open, test_bands, row_close);
  for (int32_t i = 0; i < lw_n_models (); i++) {
    g_autofree char *path = g_strdup_printf ("/volumes/states/%s", lw_model (i)->name);
    g_test_add (path, Row, lw_model (i)->name, row_open, test_states, row_close);
  }
  return g_test_run ();
}
