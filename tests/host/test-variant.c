/* Variants: what is saved comes back, names are kept apart, and a folder full of rubbish costs only
 * a sentence for each file. */
#include "engine/variant.h"
#include "tests/support/program.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static LwOptions *
half_alexnet (void)
{
  LwOptions *options = lw_options_new (lw_model_find ("alexnet", NULL));

  g_assert_true (lw_options_parse (options, "width=0.5", NULL));
  g_assert_true (lw_options_parse (options, "input_size=96", NULL));
  return options;
}

static void
assert_fails (const char *folder, const char *name, const LwVariant *except, const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (lw_variant_check_name (folder, name, except, &error));
  g_assert_nonnull (error);
  lw_assert_contains (error->message, part);
}

static void
round_trip (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *variants = g_build_filename (folder, "a", "variants", NULL);
  g_autoptr (LwOptions) options = half_alexnet ();
  g_autoptr (GError) error = NULL;
  g_autoptr (LwVariant) saved =
      lw_variant_save (variants, "Mein kleines „Netz“ \\ 网络", options, &error);
  g_autoptr (GPtrArray) read = NULL;
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  const LwVariant *first;

  g_assert_no_error (error);
  read = lw_variants_read (variants, problems);
  g_assert_cmpuint (read->len, ==, 1);
  g_assert_cmpuint (problems->len, ==, 0);
  first = g_ptr_array_index (read, 0);
  g_assert_cmpstr (first->name, ==, saved->name);
  g_assert_cmpstr (first->path, ==, saved->path);
  g_assert_true (lw_options_equal (first->options, options));
  lw_remove_folder (folder);
}

static void
names (void)
{
  char *folder = lw_make_folder ();
  g_autoptr (LwOptions) options = half_alexnet ();
  g_autoptr (LwVariant) one = lw_variant_save (folder, "One", options, NULL);
  g_autoptr (LwVariant) two = lw_variant_save (folder, "Two", options, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *longest = g_strnfill (81, 'x');

  g_assert_nonnull (one);
  g_assert_nonnull (two);
  assert_fails (folder, "", NULL, "empty");
  assert_fails (folder, " One", NULL, "space");
  assert_fails (folder, "--set", NULL, "begin");
  assert_fails (folder, "a\nb", NULL, "printed");
  assert_fails (folder, "\xff\xfe", NULL, "UTF-8");
  assert_fails (folder, longest, NULL, "long");
  assert_fails (folder, "ALEXNET", NULL, "book");
  assert_fails (folder, "ResNet-18", NULL, "book");
  assert_fails (folder, "one", NULL, "already");
  g_assert_true (lw_variant_check_name (folder, "one", one, NULL)); /* its own, in other letters */

  g_assert_false (lw_variant_rename (two, "One", &error));
  g_assert_cmpstr (two->name, ==, "Two");
  g_clear_error (&error);
  g_assert_true (lw_variant_rename (two, "Zwei", &error));
  g_assert_cmpstr (two->name, ==, "Zwei");
  {
    g_autoptr (LwVariant) again = lw_variant_open (two->path, &error);

    g_assert_no_error (error);
    g_assert_cmpstr (again->name, ==, "Zwei");
  }
  g_assert_true (lw_variant_delete (two, &error));
  g_assert_true (lw_variant_delete (two, &error));         /* it is gone: that is what was wanted */
  g_assert_true (lw_variant_rename (two, "Deux", &error)); /* which makes its file again */
  g_assert_true (g_file_test (two->path, G_FILE_TEST_EXISTS));
  lw_remove_folder (folder);
}

/* Two names may have the same letters and digits. */
static void
files_apart (void)
{
  char *folder = lw_make_folder ();
  g_autoptr (LwOptions) options = half_alexnet ();
  static const char *const same[] = { "A b", "A/b", "../A b", "a-B!", "...", "/", "☃" };
  g_autoptr (GPtrArray) read = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (same); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (LwVariant) saved = lw_variant_save (folder, same[i], options, &error);
    g_autofree char *parent = NULL;

    g_assert_no_error (error);
    parent = g_path_get_dirname (saved->path);
    g_assert_cmpstr (parent, ==, folder);
  }
  read = lw_variants_read (folder, NULL);
  g_assert_cmpuint (read->len, ==, G_N_ELEMENTS (same));
  lw_remove_folder (folder);
}

static void
impossible (void)
{
  char *folder = lw_make_folder ();
  g_autoptr (LwOptions) options = half_alexnet ();
  g_autoptr (GError) error = NULL;

  g_assert_true (lw_options_parse (options, "input_size=28", NULL));
  g_assert_null (lw_variant_save (folder, "Too small", options, &error));
  lw_assert_contains (error->message, "max pool 2");
  lw_remove_folder (folder);
}

static const struct {
  const char *file, *text;
} hostile[] = {
  { "empty.json", "" },
  { "text.json", "width=0.5" },
  { "array.json", "[1, 2]" },
  { "deep.json", NULL }, /* a hundred thousand brackets */
  { "large.json", NULL },
  { "nul.json", "{\"name\": \"a\\u0000b\", \"model\": \"lenet\", \"x\"" },
  { "no-name.json", "{\"model\": \"lenet\"}" },
  { "no-model.json", "{\"name\": \"x\"}" },
  { "number.json", "{\"name\": 7, \"model\": \"lenet\"}" },
  { "control.json", "{\"name\": \"a\\u001b[31mb\", \"model\": \"lenet\"}" },
  { "model.json", "{\"name\": \"x\", \"model\": \"../../etc/passwd\"}" },
  { "knob.json", "{\"name\": \"x\", \"model\": \"lenet\", \"knobs\": {\"wings\": 2}}" },
  { "range.json", "{\"name\": \"x\", \"model\": \"lenet\", \"knobs\": {\"width\": 1e300}}" },
  { "type.json", "{\"name\": \"x\", \"model\": \"lenet\", \"knobs\": {\"width\": [[]]}}" },
  { "input.json", "{\"name\": \"x\", \"model\": \"lenet\", \"input\": [1, -28, 99999999999]}" },
  { "small.json", "{\"name\": \"x\", \"model\": \"alexnet\", \"input\": [1, 28, 28]}" },
};

static void
write_hostile (const char *folder, const char *file, const char *text)
{
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autofree char *many = NULL;

  if (text == NULL) {
    many = g_strnfill (100000, g_str_equal (file, "deep.json") ? '[' : ' ');
    text = many;
  }
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
rubbish (void)
{
  char *folder = lw_make_folder ();
  g_autoptr (LwOptions) options = half_alexnet ();
  g_autoptr (LwVariant) good = lw_variant_save (folder, "Good", options, NULL);
  g_autofree char *sub = g_build_filename (folder, "folder.json", NULL);
  g_autofree char *link = g_build_filename (folder, "link.json", NULL);
  g_autofree char *other = g_build_filename (folder, "notes.txt", NULL);
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) read = NULL;

  g_assert_nonnull (good);
  for (size_t i = 0; i < G_N_ELEMENTS (hostile); i++)
    write_hostile (folder, hostile[i].file, hostile[i].text);
  g_assert_cmpint (g_mkdir (sub, 0777), ==, 0);
  g_assert_cmpint (symlink ("/dev/zero", link), ==, 0);
  g_assert_true (g_file_set_contents (other, "not a variant, nobody's business", -1, NULL));

  read = lw_variants_read (folder, problems);
  g_assert_cmpuint (read->len, ==, 1);
  g_assert_cmpuint (problems->len, ==, G_N_ELEMENTS (hostile) + 2);
  for (guint i = 0; i < problems->len; i++) {
    const char *sentence = g_ptr_array_index (problems, i);

    lw_assert_contains (sentence, ".json");
    g_assert_cmpuint (strlen (sentence), <, 600);
    g_assert_null (strchr (sentence, '\x1b')); /* it may be printed on a terminal */
  }
  lw_remove_folder (folder);
}

static void
words (void)
{
  g_autoptr (LwOptions) options = half_alexnet ();
  g_autoptr (LwOptions) plain = lw_options_new (lw_model_find ("resnet18", NULL));
  g_autofree char *name = lw_variant_suggest_name (options);
  g_autofree char *command = lw_options_command (options, "train");
  g_autofree char *twin = NULL, *book = lw_options_command (plain, "show"), *oblong = NULL;

  g_assert_cmpstr (name, ==, "AlexNet, input size 96, width 0.5");
  g_assert_cmpstr (command, ==, "layerwise train alexnet --set input_size=96 --set width=0.5");
  g_assert_cmpstr (book, ==, "layerwise show resnet18");
  g_assert_true (lw_options_parse (plain, "shortcut=false", NULL));
  twin = lw_variant_suggest_name (plain);
  g_assert_cmpstr (twin, ==, "ResNet-18, no shortcut");
  g_assert_true (lw_options_set_input (plain, (LwShape){ 3, 64, 96, false }, NULL));
  oblong = lw_options_command (plain, "show");
  g_assert_cmpstr (oblong, ==, "layerwise show resnet18 --input 3x64x96 --set shortcut=false");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/variant/round-trip", round_trip);
  g_test_add_func ("/variant/names", names);
  g_test_add_func ("/variant/files-apart", files_apart);
  g_test_add_func ("/variant/impossible", impossible);
  g_test_add_func ("/variant/rubbish", rubbish);
  g_test_add_func ("/variant/words", words);
  return g_test_run ();
}
