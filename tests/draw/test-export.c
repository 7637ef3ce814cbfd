/* Pictures as files: the right format, words as text, nothing half written, and refusals. */
#include "engine/error.h"
#include "engine/models.h"
#include "ui/draw/diagram-paint.h"
#include "ui/draw/export.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

typedef struct {
  char *folder;
  LwGraph *graph;
  LwText *text;
  LwDiagramLayout *layout;
  LwDiagramDocument document;
  double width, height;
} Page;

static void
page_open (Page *page, gconstpointer model)
{
  g_autoptr (GError) error = NULL;
  page->folder = g_dir_make_tmp ("layerwise-export-XXXXXX", &error);
  g_assert_no_error (error);
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find (model, &error));
  g_assert_no_error (error);
  page->graph = lw_model_build (options, &error);
  g_assert_no_error (error);
  g_autoptr (LwDiagramState) state = lw_diagram_state_new (page->graph);
  lw_diagram_state_open_all (state);
  page->text = lw_text_new (NULL, NULL);
  const LwDiagramOptions layout = { LW_COUNT_MACS, page->text };
  page->layout = lw_diagram_layout_new (state, &layout);
  page->document =
      (LwDiagramDocument){ .title = "A <title> & more", .diagram = { .selected = LW_NO_SPOT } };
  lw_diagram_document_size (page->layout, &page->document, &page->width, &page->height);
}

static void
page_close (Page *page, gconstpointer model)
{
  (void)model;
  g_autoptr (GDir) folder = g_dir_open (page->folder, 0, NULL);
  const char *name;
  while (folder && (name = g_dir_read_name (folder))) {
    g_autofree char *path = g_build_filename (page->folder, name, NULL);
    g_remove (path);
  }
  g_assert_cmpint (g_rmdir (page->folder), ==, 0);
  g_free (page->folder);
  lw_diagram_layout_free (page->layout);
  lw_text_free (page->text);
  lw_graph_unref (page->graph);
}

static void
paint (cairo_t *cr, gpointer data)
{
  const Page *page = data;
  lw_diagram_paint_document (cr, page->layout, lw_theme (false), &page->document);
}

static char *
export_and_read (Page *page, const char *name, double scale, gsize *ret_length)
{
  g_autofree char *path = g_build_filename (page->folder, name, NULL);
  g_autoptr (GError) error = NULL;
  lw_export_picture (path, page->width, page->height, scale, paint, page, &error);
  g_assert_no_error (error);
  char *content = NULL;
  g_file_get_contents (path, &content, ret_length, &error);
  g_assert_no_error (error);
  return content;
}

static void
test_svg (Page *page, gconstpointer model)
{
  (void)model;
  gsize length;
  g_autofree char *svg = export_and_read (page, "picture.svg", 1, &length);
  const char *const words[] = {
    ">A &lt;title&gt; &amp; more</text>",
    ">conv1</text>",
    ">bn1 batch norm</text>",
    ">Residual 2</text>",
    ">identity</text>",
    ">128 × 12 × 12</text>",
    ">73,856 params</text>",
    ">10 classes</text>",
    ">convolution</text>",
  };
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (!strstr (svg, words[i]))
      g_error ("the SVG does not contain %s", words[i]);
  g_assert_nonnull (strstr (svg, "textLength=\""));
  g_assert_null (strstr (svg, "<symbol")); /* no glyph outlines */
  g_assert_null (strstr (svg, "<image"));  /* no pixels */
  g_assert_true (g_str_has_suffix (g_strchomp (svg), "</svg>"));
  /* well-formed: GLib's parser accepts it, with all elements closed */
  const GMarkupParser parser = { 0 };
  g_autoptr (GMarkupParseContext) context =
      g_markup_parse_context_new (&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, NULL, NULL);
  g_autoptr (GError) error = NULL;
  g_markup_parse_context_parse (context, svg, -1, &error);
  g_assert_no_error (error);
  g_markup_parse_context_end_parse (context, &error);
  g_assert_no_error (error);
}

/* Enlarged pictures carry the enlargement in each element. */
static void
test_svg_scale (Page *page, gconstpointer model)
{
  (void)model;
  gsize length;
  g_autofree char *svg = export_and_read (page, "large.SVG", 2, &length);
  g_assert_nonnull (strstr (svg, "matrix(2 0 0 2 "));
  g_autofree char *box = g_strdup_printf ("viewBox=\"0 0 %.0f %.0f\"", ceil (page->width * 2),
                                          ceil (page->height * 2));
  g_assert_nonnull (strstr (svg, box));
}

static void
test_pdf (Page *page, gconstpointer model)
{
  (void)model;
  gsize length;
  g_autofree char *pdf = export_and_read (page, "picture.pdf", 1, &length);
  g_assert_cmpmem (pdf, 5, "%PDF-", 5);
  g_assert_cmpint (length, >, 5000);
  /* fonts are embedded and map back to characters, so that words can be found and copied */
  g_assert_nonnull (memmem (pdf, length, "/ToUnicode", 10));
  g_assert_nonnull (memmem (pdf, length, "%%EOF", 5));
}

static void
test_png (Page *page, gconstpointer model)
{
  (void)model;
  for (int scale = 1; scale <= 2; scale++) {
    gsize length;
    g_autofree char *png = export_and_read (page, "picture.png", scale, &length);
    g_assert_cmpmem (png, 4, "\x89PNG", 4);
    g_autofree char *path = g_build_filename (page->folder, "picture.png", NULL);
    cairo_surface_t *surface = cairo_image_surface_create_from_png (path);
    g_assert_cmpint (cairo_image_surface_get_width (surface), ==, (int)ceil (page->width * scale));
    g_assert_cmpint (cairo_image_surface_get_height (surface), ==,
                     (int)ceil (page->height * scale));
    cairo_surface_destroy (surface);
  }
}

static void
fails (Page *page, const char *path, double width, double scale, int code, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (lw_export_picture (path, width, page->height, scale, paint, page, &error));
  g_assert_error (error, LW_ERROR, code);
  if (!strstr (error->message, words))
    g_error ("“%s” does not say “%s”", error->message, words);
}

static void
test_refusals (Page *page, gconstpointer model)
{
  (void)model;
  g_autofree char *gif = g_build_filename (page->folder, "picture.gif", NULL);
  g_autofree char *png = g_build_filename (page->folder, "picture.png", NULL);
  g_autofree char *nowhere = g_build_filename (page->folder, "no", "such", "a.svg", NULL);
  fails (page, gif, page->width, 1, LW_ERROR_INVALID, ".png, .svg or .pdf");
  fails (page, ".png", page->width, 1, LW_ERROR_INVALID, ".png");
  fails (page, "", page->width, 1, LW_ERROR_INVALID, "kind of picture");
  fails (page, nowhere, page->width, 1, LW_ERROR_IO, "could not be saved");
  fails (page, png, 1e9, 1, LW_ERROR_INVALID, "choose another scale");
  fails (page, png, 0, 1, LW_ERROR_INVALID, "cannot be written");
  fails (page, png, NAN, 1, LW_ERROR_INVALID, "cannot be written");
  fails (page, png, page->width, 0, LW_ERROR_INVALID, "cannot be written");
  fails (page, png, page->width, -1, LW_ERROR_INVALID, "cannot be written");
  fails (page, png, page->width, NAN, LW_ERROR_INVALID, "cannot be written");
  g_assert_false (g_file_test (png, G_FILE_TEST_EXISTS));
  /* a folder of that name */
  g_assert_cmpint (g_mkdir (png, 0755), ==, 0);
  fails (page, png, page->width, 1, LW_ERROR_IO, "could not be saved");
  g_assert_cmpint (g_rmdir (png), ==, 0);
}

static void
leave_error (cairo_t *cr, gpointer data)
{
  (void)data;
  cairo_restore (cr); /* without a save: Cairo's error state */
}

/* What was there before stays when a picture cannot be drawn. */
static void
test_keeps_old (Page *page, gconstpointer model)
{
  (void)model;
  g_autofree char *path = g_build_filename (page->folder, "old.png", NULL);
  g_autoptr (GError) error = NULL;
  g_file_set_contents (path, "old", 3, &error);
  g_assert_no_error (error);
  g_assert_false (lw_export_picture (path, 10, 10, 1, leave_error, NULL, &error));
  g_assert_error (error, LW_ERROR, LW_ERROR_INVALID);
  g_autofree char *content = NULL;
  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "old");
  /* and no other file is left beside it */
  g_autoptr (GDir) folder = g_dir_open (page->folder, 0, NULL);
  g_assert_cmpstr (g_dir_read_name (folder), ==, "old.png");
  g_assert_null (g_dir_read_name (folder));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test) g_test_add ("/export/" name, Page, "resnet18", page_open, test, page_close)
  ADD ("svg", test_svg);
  ADD ("svg-scale", test_svg_scale);
  ADD ("pdf", test_pdf);
  ADD ("png", test_png);
  ADD ("refusals", test_refusals);
  ADD ("keeps-old", test_keeps_old);
  return g_test_run ();
}
