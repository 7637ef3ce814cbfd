/* Words in exported pictures are text: every name of every network, in both styles, as an element
 * of well-formed XML; cut where the picture is; any title; and it looks as the PNG does. */
#include "engine/models.h"
#include "ui/draw/export.h"
#include "ui/draw/figure.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

/* Of what is black in both; rendered by another program. */
#define MOST_DIFFERENT 0.004

typedef struct {
  LwGraph *graph;
  LwText *text;
  LwDiagramState *state;
} Network;

static Network
network_new (const char *model)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find (model, &error));
  Network network = { .graph = lw_model_build (options, &error), .text = lw_text_new (NULL, NULL) };

  g_assert_no_error (error);
  network.state = lw_diagram_state_new (network.graph);
  lw_diagram_state_open_all (network.state);
  return network;
}

static void
network_clear (Network *network)
{
  lw_diagram_state_free (network->state);
  lw_text_free (network->text);
  lw_graph_unref (network->graph);
}

static GBytes *
picture (const Network *network, LwFigureStyle style, const LwFigureLook *look,
         LwPictureFormat format)
{
  const LwDiagramOptions options = { LW_COUNT_MACS, network->text };
  g_autoptr (LwFigure) figure = lw_figure_new (style, network->state, &options, look);
  g_autoptr (GError) error = NULL;
  double width, height;

  lw_figure_size (figure, &width, &height);
  GBytes *bytes = lw_render_picture (format, width, height, 1, lw_figure_paint, figure, &error);
  g_assert_no_error (error);
  return bytes;
}

/* Cairo 1.16 loses memory of its own: 472 bytes for each group on SVG, a copy that it makes when
 * the group is destroyed, and 768 for each PDF with a Chinese font, while it writes the glyphs. A
 * few calls of Cairo alone show both, and the stacks have no names to suppress. What such a picture
 * allocates is therefore not looked for; other pictures take the same paths through our code. */
static GBytes *
picture_that_leaks (const Network *network, LwFigureStyle style, const LwFigureLook *look,
                    LwPictureFormat format)
{
  GBytes *bytes;

#ifdef __SANITIZE_ADDRESS__
  __lsan_disable ();
#endif
  bytes = picture (network, style, look, format);
#ifdef __SANITIZE_ADDRESS__
  __lsan_enable ();
#endif
  return bytes;
}

/* --- reading an SVG: its words, and whether what it refers to is there --- */

typedef struct {
  GHashTable *words;            /* string → how often */
  GHashTable *defined, *wanted; /* ids of clips */
  GString *current;
  int n, n_faint, n_cut;
  bool in_cut;
} Svg;

static void
start (GMarkupParseContext *context, const char *element, const char **names, const char **values,
       gpointer data, GError **error)
{
  Svg *svg = data;
  bool length = false;

  (void)context, (void)error;
  for (int i = 0; names[i]; i++) {
    if (g_str_equal (names[i], "id"))
      g_hash_table_add (svg->defined, g_strdup (values[i]));
    if (g_str_equal (names[i], "clip-path") && g_str_has_prefix (values[i], "url(#"))
      g_hash_table_add (svg->wanted, g_strndup (values[i] + 5, strlen (values[i]) - 6));
    length = length || g_str_equal (names[i], "textLength");
    svg->n_faint += g_str_equal (element, "text") && g_str_equal (names[i], "fill-opacity");
    svg->n_cut += g_str_equal (element, "g") && g_str_has_prefix (values[i], "url(#lw-clip");
  }
  if (g_str_equal (element, "text")) {
    g_assert_true (length);
    g_string_truncate (svg->current, 0);
    svg->n++;
  }
}

static void
end (GMarkupParseContext *context, const char *element, gpointer data, GError **error)
{
  Svg *svg = data;

  (void)context, (void)error;
  if (g_str_equal (element, "text"))
    g_hash_table_add (svg->words, g_strdup (svg->current->str));
}

static void
words (GMarkupParseContext *context, const char *text, gsize length, gpointer data, GError **error)
{
  (void)context, (void)error;
  g_string_append_len (((Svg *)data)->current, text, (gssize)length);
}

static Svg
read_svg (GBytes *bytes)
{
  static const GMarkupParser parser = { start, end, words, NULL, NULL };
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  Svg svg = { .words = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
              .defined = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
              .wanted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
              .current = g_string_new (NULL) };
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, &svg, NULL);
  g_autoptr (GError) error = NULL;
  GHashTableIter iter;
  gpointer id;

  g_markup_parse_context_parse (context, data, (gssize)size, &error);
  g_assert_no_error (error);
  g_markup_parse_context_end_parse (context, &error);
  g_assert_no_error (error);
  g_hash_table_iter_init (&iter, svg.wanted);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    g_assert_true (g_hash_table_contains (svg.defined, id));
  for (gsize i = 0; i < size; i++) /* XML 1.0 has no others */
    g_assert_true ((guchar)data[i] >= 0x20 || strchr ("\t\n\r", data[i]));
  return svg;
}

static void
svg_clear (Svg *svg)
{
  g_hash_table_unref (svg->words);
  g_hash_table_unref (svg->defined);
  g_hash_table_unref (svg->wanted);
  g_string_free (svg->current, TRUE);
}

static void
assert_word (const Svg *svg, const char *word)
{
  if (word && *word && !g_hash_table_contains (svg->words, word))
    g_error ("the SVG has no text “%s”", word);
}

/* --- tests --- */

static void
test_blocks (gconstpointer model)
{
  Network network = network_new (model);
  const LwDiagramOptions options = { LW_COUNT_MACS, network.text };
  const LwFigureLook look = { .paint.selected = LW_NO_SPOT };
  g_autoptr (GBytes) bytes = picture (&network, LW_FIGURE_BLOCKS, &look, LW_PICTURE_SVG);
  g_autoptr (LwDiagramLayout) layout = lw_diagram_layout_new (network.state, &options);
  Svg svg = read_svg (bytes);
  int32_t n;
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (layout, &n);

  for (int32_t i = 0; i < n; i++) {
    assert_word (&svg, boxes[i].type == LW_BOX_SUM ? NULL : boxes[i].name);
    if (boxes[i].type == LW_BOX_LAYER)
      assert_word (&svg, boxes[i].left);
  }
  const LwDiagramStrip *strips = lw_diagram_layout_strips (layout, &n);
  for (int32_t i = 0; i < n; i++)
    assert_word (&svg, strips[i].title);
  assert_word (&svg, lw_graph_title (network.graph));
  assert_word (&svg, "convolution");
  svg_clear (&svg);
  network_clear (&network);
}

static void
test_volumes (gconstpointer model)
{
  Network network = network_new (model);
  const LwDiagramOptions options = { LW_COUNT_MACS, network.text };
  const LwFigureLook look = { .paint.selected = LW_NO_SPOT, .dark = true };
  g_autoptr (GBytes) bytes = picture (&network, LW_FIGURE_VOLUMES, &look, LW_PICTURE_SVG);
  g_autoptr (LwVolumes) volumes = lw_volumes_new (network.state, &options);
  Svg svg = read_svg (bytes);
  int32_t n;
  const LwVolume *items = lw_volumes_items (volumes, &n);

  for (int32_t i = 0; i < n; i++) {
    assert_word (&svg, items[i].name);
    for (int w = 0; w < 3; w++)
      assert_word (&svg, items[i].words[w]);
  }
  const LwVolumeFrame *frames = lw_volumes_frames (volumes, &n);
  for (int32_t i = 0; i < n; i++)
    assert_word (&svg, frames[i].title);
  const LwVolumeBracket *brackets = lw_volumes_brackets (volumes, &n);
  g_assert_cmpint (n, >=, 1);
  for (int32_t i = 0; i < n; i++)
    assert_word (&svg, brackets[i].words);
  svg_clear (&svg);
  network_clear (&network);
}

static void
test_titles (void)
{
  static const struct {
    const char *typed, *shown;
  } titles[] = {
    { "\"quoted\" & <b>bold</b> ]]>", "\"quoted\" & <b>bold</b> ]]>" },
    { "two\nlines\tand a tab", "two lines and a tab" },
    { "  \x01\x1b[31m red\x7f", "[31m red" },
    { "残差网络 – ResNet", "残差网络 – ResNet" },
    { "broken \xff\xfe bytes", "broken \xef\xbf\xbd\xef\xbf\xbd bytes" },
    { "", NULL },
    { "\n", NULL },
  };
  Network network = network_new ("lenet");

  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    for (int style = 0; style < 2; style++) {
      const LwFigureLook look = { .title = titles[i].typed, .paint.selected = LW_NO_SPOT };
      g_autoptr (GBytes) bytes = picture (&network, (LwFigureStyle)style, &look, LW_PICTURE_SVG);
      g_autoptr (GBytes) pdf =
          picture_that_leaks (&network, (LwFigureStyle)style, &look, LW_PICTURE_PDF);
      Svg svg = read_svg (bytes);

      assert_word (&svg, titles[i].shown);
      g_assert_cmpint (g_bytes_get_size (pdf), >, 5000);
      svg_clear (&svg);
    }
  network_clear (&network);
}

static void
paint_raw (cairo_t *cr, gpointer text)
{
  const LwColour black = { 0, 0, 0, 1 };

  lw_text_paint (cr, text, LW_TEXT_BODY, "a\x01<\x1f\tb", 10, 20, 0, black, 1);
}

/* Painters give names as they are. */
static void
test_raw (void)
{
  g_autoptr (LwText) text = lw_text_new (NULL, NULL);
  g_autoptr (GBytes) bytes = lw_render_picture (LW_PICTURE_SVG, 100, 40, 1, paint_raw, text, NULL);
  Svg svg = read_svg (bytes);

  assert_word (&svg, "a <  b");
  svg_clear (&svg);
}

/* A part: words outside of it are left out, those on its edge are cut with it. */
static void
test_part (void)
{
  Network network = network_new ("alexnet");
  const LwDiagramOptions options = { LW_COUNT_MACS, network.text };
  g_autoptr (LwVolumes) volumes = lw_volumes_new (network.state, &options);
  const LwVolume *items = lw_volumes_items (volumes, NULL);
  /* from the middle of conv 1's words to the middle of max pool 2's */
  const cairo_rectangle_t part = { items[1].slot.x + items[1].slot.width / 2, 0,
                                   items[4].slot.x + items[4].slot.width / 2 - items[1].slot.x -
                                       items[1].slot.width / 2,
                                   items[1].slot.y + items[1].slot.height };
  const LwFigureLook look = {
    .part = &part, .part_zoom = 1.5, .no_legend = true, .paint.selected = LW_NO_SPOT
  };
  g_autoptr (GBytes) bytes = picture (&network, LW_FIGURE_VOLUMES, &look, LW_PICTURE_SVG);
  Svg svg = read_svg (bytes);

  assert_word (&svg, "conv 1");
  assert_word (&svg, "conv 2");
  g_assert_false (g_hash_table_contains (svg.words, "linear 1"));
  g_assert_false (g_hash_table_contains (svg.words, "Input"));
  g_assert_false (g_hash_table_contains (svg.words, "convolution")); /* no legend */
  g_assert_cmpint (svg.n_cut, >=, 6); /* name, shape and kernel of both at the edges */
  svg_clear (&svg);
  network_clear (&network);
}

static void
dim_all_but_linear (LwDiagramSpot spot, LwDiagramMark *mark, gpointer data)
{
  const LwGraph *graph = data;

  if (spot.node < 0 || lw_graph_node (graph, spot.node)->op != LW_OP_LINEAR)
    mark->alpha = 0.45;
}

static void
test_dimmed (void)
{
  Network network = network_new ("alexnet");

  for (int style = 0; style < 2; style++) {
    LwFigureLook look = { .paint.selected = LW_NO_SPOT, .no_legend = true, .title = "" };
    g_autoptr (GBytes) plain = picture (&network, (LwFigureStyle)style, &look, LW_PICTURE_SVG);
    look.paint.mark = dim_all_but_linear;
    look.paint.mark_data = network.graph;
    g_autoptr (GBytes) dimmed =
        picture_that_leaks (&network, (LwFigureStyle)style, &look, LW_PICTURE_SVG);
    Svg a = read_svg (plain), b = read_svg (dimmed);
    const char *data = g_bytes_get_data (dimmed, NULL);

    g_assert_cmpint (a.n, ==, b.n);
    g_assert_nonnull (strstr (data, "fill-opacity=\"0.360\"")); /* 45 % of the words' own 80 % */
    svg_clear (&a);
    svg_clear (&b);
  }
  network_clear (&network);
}

/* --- other programs' eyes, where they are installed --- */

/* Writes `bytes` to a file, runs "program options… file" and returns what it prints. */
static GBytes *
run_on (GBytes *bytes, const char *name, const char *program, const char *option, const char *last)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("layerwise-words-XXXXXX", &error);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  const char *const argv[] = { program, option, path, last, NULL };
  g_autoptr (GSubprocess) process = NULL;
  GBytes *out = NULL;
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  g_assert_true (g_file_set_contents (path, data, (gssize)size, NULL));
  process = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  g_subprocess_communicate (process, NULL, NULL, &out, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_successful (process));
  g_remove (path);
  g_remove (folder);
  return out;
}

/* The share of blackness by which two pictures differ, over squares of 4 × 4 pixels, so that
 * hinting and the edges of glyphs do not count. */
static double
difference (cairo_surface_t *a, cairo_surface_t *b)
{
  const int width = cairo_image_surface_get_width (a), height = cairo_image_surface_get_height (a);
  const int sides[] = { cairo_image_surface_get_stride (a), cairo_image_surface_get_stride (b) };
  const guchar *data[] = { cairo_image_surface_get_data (a), cairo_image_surface_get_data (b) };
  double sum = 0;

  for (int y = 0; y + 4 <= height; y += 4)
    for (int x = 0; x + 4 <= width; x += 4) {
      double shade[2] = { 0 };

      for (int i = 0; i < 2; i++)
        for (int v = 0; v < 4; v++)
          for (int u = 0; u < 16; u++)
            shade[i] += data[i][(y + v) * sides[i] + 4 * x + u];
      sum += fabs (shade[0] - shade[1]) / (64 * 255);
    }
  return sum / ((width / 4) * (double)(height / 4));
}

typedef struct {
  const guchar *data;
  gsize left;
} Reader;

static cairo_status_t
read_bytes (void *closure, guchar *data, guint length)
{
  Reader *reader = closure;

  if (length > reader->left)
    return CAIRO_STATUS_READ_ERROR;
  memcpy (data, reader->data, length);
  reader->data += length;
  reader->left -= length;
  return CAIRO_STATUS_SUCCESS;
}

static cairo_surface_t *
read_png (GBytes *bytes)
{
  Reader reader;
  cairo_surface_t *surface;

  reader.data = g_bytes_get_data (bytes, &reader.left);
  surface = cairo_image_surface_create_from_png_stream (read_bytes, &reader);
  g_assert_cmpint (cairo_surface_status (surface), ==, CAIRO_STATUS_SUCCESS);
  return surface;
}

static void
test_looks_alike (void)
{
  g_autofree char *program = g_find_program_in_path ("rsvg-convert");
  Network network = network_new ("resnet18");

  for (int style = 0; style < 2 && program; style++) {
    const LwFigureLook look = { .paint.selected = LW_NO_SPOT };
    g_autoptr (GBytes) svg = picture (&network, (LwFigureStyle)style, &look, LW_PICTURE_SVG);
    g_autoptr (GBytes) png = picture (&network, (LwFigureStyle)style, &look, LW_PICTURE_PNG);
    g_autoptr (GBytes) seen = run_on (svg, "a.svg", program, "--format=png", NULL);
    cairo_surface_t *a = read_png (png), *b = read_png (seen);

    g_assert_cmpint (cairo_image_surface_get_width (a), ==, cairo_image_surface_get_width (b));
    g_assert_cmpint (cairo_image_surface_get_height (a), ==, cairo_image_surface_get_height (b));
    g_test_message ("style %d: %.5f", style, difference (a, b));
    g_assert_cmpfloat (difference (a, b), <, MOST_DIFFERENT);
    cairo_surface_destroy (a);
    cairo_surface_destroy (b);
  }
  network_clear (&network);
  if (!program)
    g_test_skip ("rsvg-convert is not installed (librsvg2-bin)");
}

static void
test_pdf_text (void)
{
  g_autofree char *program = g_find_program_in_path ("pdftotext");
  Network network = network_new ("alexnet");

  for (int style = 0; style < 2 && program; style++) {
    const LwFigureLook look = { .title = "A <title> & 残差", .paint.selected = LW_NO_SPOT };
    g_autoptr (GBytes) pdf =
        picture_that_leaks (&network, (LwFigureStyle)style, &look, LW_PICTURE_PDF);
    g_autoptr (GBytes) out = run_on (pdf, "a.pdf", program, "-layout", "-");
    gsize size;
    const char *data = g_bytes_get_data (out, &size);
    g_autofree char *text = g_strndup (data, size);
    const char *const expected[] = { "A <title> &", "conv 1", "max pool 3", "linear 3",
                                     "96 × 54 × 54" };

    for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
      if (!strstr (text, expected[i]))
        g_error ("the PDF has no text “%s”: %s", expected[i], text);
  }
  network_clear (&network);
  if (!program)
    g_test_skip ("pdftotext is not installed (poppler-utils)");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (int32_t i = 0; i < lw_n_models (); i++) {
    const char *name = lw_model (i)->name;
    g_autofree char *blocks = g_strdup_printf ("/export-words/blocks/%s", name);
    g_autofree char *volumes = g_strdup_printf ("/export-words/volumes/%s", name);

    g_test_add_data_func (blocks, name, test_blocks);
    g_test_add_data_func (volumes, name, test_volumes);
  }
  g_test_add_func ("/export-words/titles", test_titles);
  g_test_add_func ("/export-words/raw", test_raw);
  g_test_add_func ("/export-words/part", test_part);
  g_test_add_func ("/export-words/dimmed", test_dimmed);
  g_test_add_func ("/export-words/looks-alike", test_looks_alike);
  g_test_add_func ("/export-words/pdf-text", test_pdf_text);
  return g_test_run ();
}
