/* A report as one HTML page. Tags are closed as XML wants it, so that any parser reads it; there is
 * no address in it that a browser would load. */
#include "ui/report/document.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

static const char style[] =
    ":root{color-scheme:light dark;--ground:#fff;--text:#1c1c20;--dim:#5e5c64;--line:#d5d3cf;"
    "--soft:#f4f3f1;--mark:#fdf0c4;--accent:#1a5fb4}"
    "@media(prefers-color-scheme:dark){:root{--ground:#1e1e22;--text:#eeeef0;--dim:#a9a8b0;"
    "--line:#45444c;--soft:#2a2a30;--mark:#4d4318;--accent:#78aeed}}"
    "*{box-sizing:border-box}"
    "body{margin:0 auto;padding:2.5rem 1.5rem 4rem;max-width:60rem;background:var(--ground);"
    "color:var(--text);font:16px/1.55 Cantarell,\"Adwaita Sans\",\"Noto Sans\",\"Noto Sans CJK "
    "SC\",system-ui,sans-serif}"
    "h1{font-size:2rem;line-height:1.2;margin:0 0 .3rem}"
    "h2{font-size:1.45rem;margin:3rem 0 .8rem;padding-top:1rem;border-top:1px solid var(--line)}"
    "h3{font-size:1.1rem;margin:2rem 0 .6rem}"
    "h1,h2,h3,p,td,th,figcaption{overflow-wrap:anywhere}"
    "p{margin:.6rem 0}.by,footer{color:var(--dim)}"
    ".note{padding:.6rem .9rem;border-left:3px solid var(--line);background:var(--soft)}"
    "pre{margin:.6rem 0;padding:.8rem "
    "1rem;border-radius:8px;background:var(--soft);font:.86rem/1.5 "
    "\"Source Code Pro\",\"DejaVu Sans "
    "Mono\",monospace;white-space:pre-wrap;overflow-wrap:anywhere}"
    ".scroll{overflow-x:auto;margin:.8rem 0}"
    "table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}"
    "caption{text-align:left;color:var(--dim);padding:.2rem 0}"
    "th,td{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:right;"
    "vertical-align:top}"
    "th.w,td.w{text-align:left}thead th{color:var(--dim);font-weight:600}"
    "tbody th{font-weight:400}"
    ".m{background:var(--mark);font-weight:700}"
    "figure{margin:1rem 0}figure>div{display:inline-block;max-width:100%;padding:.4rem;"
    "border:1px solid var(--line);border-radius:10px;background:#fff}"
    "figure svg,figure img{display:block;max-width:100%;height:auto}"
    "figcaption{color:var(--dim);font-size:.9rem}"
    "footer{margin-top:3rem;padding-top:1rem;border-top:1px solid var(--line);font-size:.9rem}"
    "@media print{:root{--ground:#fff;--text:#000;--dim:#444;--line:#bbb;--soft:#f4f3f1;"
    "--mark:#fdf0c4}body{max-width:none;padding:0;font-size:10.5pt}"
    "h2,h3{break-after:avoid}figure,tr,pre{break-inside:avoid}thead{display:table-header-group}}";

/* Escaped for text and for attributes in double quotes. */
static void
append (GString *html, const char *text)
{
  g_autofree char *clean = lw_report_clean (text, false);

  for (const char *c = clean; *c != '\0'; c++)
    switch (*c) {
    case '&':
      g_string_append (html, "&amp;");
      break;
    case '<':
      g_string_append (html, "&lt;");
      break;
    case '>':
      g_string_append (html, "&gt;");
      break;
    case '"':
      g_string_append (html, "&quot;");
      break;
    default:
      g_string_append_c (html, *c);
    }
}

static void
append_element (GString *html, const char *open, const char *text, const char *close)
{
  g_string_append (html, open);
  append (html, text);
  g_string_append_printf (html, "</%s>\n", close);
}

/* An empty element's last attribute. */
static void
append_attribute (GString *html, const char *open, const char *text)
{
  g_string_append (html, open);
  append (html, text);
  g_string_append (html, "\"/>\n");
}

/* --- tables ------------------------------------------------------------------------------------
 */

static void
append_cell (GString *html, const LwReportBlock *table, int row, int column)
{
  const bool head = row == 0, names = column == 0;
  const char *element = head || names ? "th" : "td";
  const bool marked = table->marks[row * table->columns + column] == LW_REPORT_MARKED;

  g_string_append_printf (html, "<%s", element);
  if (column < table->words || marked)
    g_string_append_printf (html, " class=\"%s%s%s\"", column < table->words ? "w" : "",
                            column < table->words && marked ? " " : "", marked ? "m" : "");
  if (head || names)
    g_string_append_printf (html, " scope=\"%s\"", head ? "col" : "row");
  g_string_append (html, ">");
  append (html, table->cells[row * table->columns + column]);
  g_string_append_printf (html, "</%s>", element);
}

static void
append_table (GString *html, const LwReportBlock *table)
{
  g_string_append (html, "<div class=\"scroll\" tabindex=\"0\"><table>");
  if (table->text != NULL)
    append_element (html, "<caption>", table->text, "caption");
  for (int row = 0; row < table->rows; row++) {
    g_string_append (html, row == 0 ? "<thead><tr>" : "<tr>");
    for (int column = 0; column < table->columns; column++)
      append_cell (html, table, row, column);
    g_string_append (html, row == 0 ? "</tr></thead>\n<tbody>\n" : "</tr>\n");
  }
  g_string_append (html, "</tbody></table></div>\n");
}

/* --- pictures ----------------------------------------------------------------------------------
 */

/* Whether `at` begins an attribute's reference or an identifier; what is copied before the prefix.
 */
static const char *
reference_at (const char *at)
{
  static const char *const forms[] = { " id=\"", "href=\"#", "url(#" };

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    if (g_str_has_prefix (at, forms[i]))
      return forms[i];
  return NULL;
}

/* Inside HTML an SVG needs no declaration and no namespaces, and identifiers must differ from those
 * of the page's other pictures. */
static void
append_svg (GString *html, const char *svg, const char *description, int number)
{
  const char *c = strstr (svg, "<svg");
  bool inside = false;

  if (c == NULL)
    return;
  g_string_append (html, "<svg role=\"img\" aria-label=\"");
  append (html, description);
  g_string_append_c (html, '"');
  c += strlen ("<svg");
  inside = true;
  while (*c != '\0') {
    const char *form = inside ? reference_at (c) : NULL;

    if (inside && g_str_has_prefix (c, " xmlns")) {
      const char *quote = strchr (c, '"');
      const char *end = quote != NULL ? strchr (quote + 1, '"') : NULL;

      if (end == NULL)
        break;
      c = end + 1;
      continue;
    }
    if (form != NULL) {
      g_string_append_printf (html, "%sp%d-", form, number);
      c += strlen (form);
      continue;
    }
    if (*c == '<' || *c == '>')
      inside = *c == '<';
    g_string_append_c (html, *c++);
  }
}

static bool
append_picture (GString *html, const LwReportBlock *picture, int number, GError **error)
{
  g_autoptr (GBytes) bytes = lw_render_picture (
      picture->pixels ? LW_PICTURE_PNG : LW_PICTURE_SVG, picture->width, picture->height,
      picture->pixels ? 2 : 1, picture->paint, picture->data, error);
  const char *description = picture->description != NULL ? picture->description : picture->text;
  gsize size;
  const guchar *data;

  if (bytes == NULL)
    return false;
  data = g_bytes_get_data (bytes, &size);
  g_string_append (html, "<figure><div>");
  if (picture->pixels) {
    g_autofree char *code = g_base64_encode (data, size);

    g_string_append_printf (html, "<img width=\"%.0f\" height=\"%.0f\" alt=\"",
                            ceil (picture->width), ceil (picture->height));
    append (html, description);
    g_string_append_printf (html, "\" src=\"data:image/png;base64,%s\"/>", code);
  } else {
    g_autofree char *svg = g_strndup ((const char *)data, size);

    append_svg (html, svg, description, number);
  }
  g_string_append (html, "</div>\n");
  if (picture->text != NULL)
    append_element (html, "<figcaption>", picture->text, "figcaption");
  g_string_append (html, "</figure>\n");
  return true;
}

/* --- the page ----------------------------------------------------------------------------------
 */

static bool
append_block (GString *html, const LwReportBlock *block, int number, GError **error)
{
  switch (block->kind) {
  case LW_REPORT_HEADING:
    append_element (html, block->level == 1 ? "<h2>" : "<h3>", block->text,
                    block->level == 1 ? "h2" : "h3");
    return true;
  case LW_REPORT_TEXT:
    append_element (html, "<p>", block->text, "p");
    return true;
  case LW_REPORT_NOTE:
    append_element (html, "<p class=\"note\">", block->text, "p");
    return true;
  case LW_REPORT_CODE:
    append_element (html, "<pre><code>", block->text, "code></pre");
    return true;
  case LW_REPORT_TABLE:
    append_table (html, block);
    return true;
  case LW_REPORT_PICTURE:
    break;
  }
  return append_picture (html, block, number, error);
}

static void
append_head (GString *html, const LwReportDocument *document)
{
  /* Translators: the language of this translation as HTML names it: "en", "zh-Hans", "de". */
  const char *language = C_ ("language of this translation", "en");

  g_string_append_printf (html,
                          "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\"/>\n"
                          "<meta name=\"viewport\" content=\"width=device-width, "
                          "initial-scale=1\"/>\n<meta name=\"generator\" content=\"Layerwise "
                          "%s\"/>\n",
                          language, LW_VERSION);
  if (document->author != NULL)
    append_attribute (html, "<meta name=\"author\" content=\"", document->author);
  append_element (html, "<title>", document->title, "title");
  g_string_append_printf (html, "<style>%s</style>\n</head>\n<body>\n<main>\n<header>\n", style);
  append_element (html, "<h1>", document->title, "h1");
  g_string_append (html, "<p class=\"by\">");
  if (document->author != NULL) {
    append (html, document->author);
    g_string_append (html, " · ");
  }
  append_element (html, "", document->date, "p");
  g_string_append (html, "</header>\n");
}

GBytes *
lw_report_to_html (const LwReportDocument *document, LwReportTold told, gpointer data,
                   GError **error)
{
  g_autoptr (GString) html = g_string_new (NULL);
  const guint n = document->blocks->len;

  append_head (html, document);
  for (guint i = 0; i < n; i++) {
    if (told != NULL && !told ((double)i / n, data)) {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("Cancelled"));
      return NULL;
    }
    if (!append_block (html, g_ptr_array_index (document->blocks, i), (int)i, error))
      return NULL;
  }
  g_string_append (html, "</main>\n");
  append_element (html, "<footer>", document->program, "footer");
  g_string_append (html, "</body>\n</html>\n");
  return g_string_free_to_bytes (g_steal_pointer (&html));
}
