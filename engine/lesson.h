/* LwLesson: a network's story as a student reads it, from a text file of assets/lessons.
 *
 * The format is a small part of Markdown: "# title", "## heading {#section}", paragraphs separated
 * by empty lines, lists of "- item" and "1. item", and within a line *emphasis*, **strong**, `code`
 * and [words](target). A line that begins with two spaces goes on with the item above.
 *
 * Numbers are not written but asked for: {parameters}, {alexnet parameters short} and so on are
 * filled from the graph of the book's network, so that a text cannot disagree with the program.
 * Within braces stand, in any order, separated by spaces:
 *   MODEL       of which network; this lesson's when left out
 *   quantity    parameters macs flops input classes rate epochs batch
 *   kind        convolution linear normalization: only layers of this kind
 *   @NAME       only this layer, by its PyTorch name
 *   form        short ("417 k"), share ("96 %" of the network's), times (how often this lesson's
 *               network's goes into it: "23")
 *
 * Pure functions; a lesson is immutable, owns its strings, and may be read from any thread. */
#pragma once

#include "engine/models.h"

G_BEGIN_DECLS

typedef enum {
  LW_LESSON_TITLE,
  LW_LESSON_HEADING,
  LW_LESSON_PARAGRAPH,
  LW_LESSON_BULLET,
  LW_LESSON_NUMBERED,
} LwLessonKind;

typedef struct {
  LwLessonKind kind;
  const char *section; /* the heading's {#section} above; "" before the first */
  const char *text;    /* filled in; its marks are still there: lw_lesson_markup, lw_lesson_plain */
  int number;          /* of a numbered item, from 1 */
} LwLessonPart;

typedef struct LwLesson LwLesson;

/* `model`: whose lesson this is. Fails with LW_ERROR_FORMAT and the line's number for a placeholder
 * that asks for nothing known, a heading without a section, a text that is not UTF-8. */
LwLesson *lw_lesson_parse (const char *text, const LwModel *model, GError **error);
void lw_lesson_free (LwLesson *lesson);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwLesson, lw_lesson_free)

int lw_lesson_n_parts (const LwLesson *lesson);
const LwLessonPart *lw_lesson_part (const LwLesson *lesson, int index);
/* The first paragraph of a section; NULL: none. */
const char *lw_lesson_lead (const LwLesson *lesson, const char *section);

/* A part's text as Pango markup, escaped; and without its marks. g_free. */
char *lw_lesson_markup (const char *text);
char *lw_lesson_plain (const char *text);

/* Where a model's lesson may stand below the folder of lessons, best first: "zh_CN/resnet50.md",
 * "zh_CN/resnet18.md" (the family's), "en/resnet50.md", …; g_strfreev. `languages` as from
 * g_get_language_names(): "zh_CN.UTF-8", "zh_CN", "zh", "C". English is always among them. */
char **lw_lesson_paths (const char *const *languages, const LwModel *model);
/* Whose lesson a path is: the model "resnet18" of "zh_CN/resnet18.md"; NULL: nobody's. */
const LwModel *lw_lesson_path_model (const char *path);

/* In which language: "zh-CN" of "zh_CN/resnet18.md", for choosing fonts; constant. */
const char *lw_lesson_path_language (const char *path);

G_END_DECLS
