/* Folders of pictures: which are the classes and the parts, what size and how many channels the
 * images get, and what is said of what cannot be read. */
#include "app/pictures/pixbuf-pictures.h"
#include "engine/data/dataset.h"
#include "tests/support/data_files.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  char *folder, *set;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  (void)user_data;
  fixture->folder = lw_scratch_new ();
  fixture->set = g_build_filename (fixture->folder, "set", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  (void)user_data;
  lw_scratch_remove (fixture->folder);
  g_free (fixture->set);
}

/* One colour all over. */
static void
paint (const char *folder, const char *name, int width, int height, guint32 rgb, const char *type)
{
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, width, height);
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  gdk_pixbuf_fill (pixbuf, rgb << 8 | 255);
  gdk_pixbuf_save_to_buffer (pixbuf, &bytes, &length, type, &error, NULL);
  g_assert_no_error (error);
  lw_scratch_write (folder, name, bytes, length);
}

static LwDataset *
open_ok (const char *path)
{
  g_autoptr (GError) error = NULL;
  LwDataset *dataset = lw_dataset_open (path, &error);

  g_assert_no_error (error);
  return dataset;
}

static void
assert_fails (const char *path, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (lw_dataset_open (path, &error));
  g_assert_nonnull (error);
  if (strstr (error->message, message) == NULL)
    g_error ("“%s” lacks “%s”", error->message, message);
}

static void
assert_says (const LwDataset *dataset, const char *part)
{
  g_assert_nonnull (lw_dataset_note (dataset));
  if (strstr (lw_dataset_note (dataset), part) == NULL)
    g_error ("“%s” lacks “%s”", lw_dataset_note (dataset), part);
}

/* One tree: every fifth picture of a class, by name, is for testing; names sort by their bytes. */
static void
test_tree (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (LwDataset) dataset = NULL;

  (void)user_data;
  for (int i = 0; i < 11; i++) {
    g_autofree char *dog = g_strdup_printf ("dog/%02d.png", i);
    g_autofree char *cat = g_strdup_printf ("Cat/%02d.jpeg", i);

    paint (fixture->set, dog, 6, 4, (guint32)(0x010000 * (i + 1)), "png");
    if (i < 5)
      paint (fixture->set, cat, 6, 4, 0x808080, "jpeg");
  }
  dataset = open_ok (fixture->set);
  g_assert_cmpstr (lw_dataset_name (dataset), ==, "set");
  g_assert_cmpint (lw_dataset_classes (dataset), ==, 2);
  g_assert_cmpstr (lw_dataset_class_name (dataset, 0), ==, "Cat");
  g_assert_cmpstr (lw_dataset_class_name (dataset, 1), ==, "dog");
  g_assert_cmpint (lw_dataset_size (dataset, LW_SPLIT_TRAIN), ==, 4 + 9);
  g_assert_cmpint (lw_dataset_size (dataset, LW_SPLIT_TEST), ==, 1 + 2);
  g_assert_cmpint (lw_dataset_width (dataset), ==, 6); /* all alike: as they are */
  g_assert_cmpint (lw_dataset_height (dataset), ==, 4);
  g_assert_cmpint (lw_dataset_channels (dataset), ==, 3);
  /* dog/04 and dog/09 */
  g_assert_cmpint (lw_dataset_image (dataset, LW_SPLIT_TEST, 1)[0], ==, 5);
  g_assert_cmpint (lw_dataset_image (dataset, LW_SPLIT_TEST, 2)[0], ==, 10);
  g_assert_cmpint (lw_dataset_image (dataset, LW_SPLIT_TEST, 2)[24], ==, 0); /* no green */
  g_assert_cmpint (lw_dataset_label (dataset, LW_SPLIT_TEST, 0), ==, 0);
  g_assert_cmpint (lw_dataset_label (dataset, LW_SPLIT_TEST, 1), ==, 1);
  g_assert_cmpint (lw_dataset_image (dataset, LW_SPLIT_TRAIN, 4)[0], ==, 1);
  g_assert_null (lw_dataset_note (dataset));
  g_assert_cmpint (lw_dataset_picture_fit (dataset), ==, LW_FIT_MIDDLE);
}

static void
test_parts (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (LwDataset) dataset = NULL;
  g_autofree char *train = g_build_filename (fixture->set, "train", NULL);
  g_autofree char *val = g_build_filename (fixture->set, "val", NULL);

  (void)user_data;
  paint (train, "b/1.png", 8, 8, 0x101010, "png");
  paint (train, "a/1.PNG", 8, 8, 0x202020, "png");
  assert_fails (fixture->set, "none “test” or “val”");
  paint (val, "b/1.jpg", 10, 8, 0x303030, "jpeg");
  dataset = open_ok (fixture->set);
  g_assert_cmpint (lw_dataset_size (dataset, LW_SPLIT_TRAIN), ==, 2);
  g_assert_cmpint (lw_dataset_size (dataset, LW_SPLIT_TEST), ==, 1);
  g_assert_cmpint (lw_dataset_channels (dataset), ==, 1); /* all are grey */
  g_assert_cmpint (lw_dataset_image (dataset, LW_SPLIT_TRAIN, 0)[5], ==, 0x20);
  g_assert_cmpint (lw_dataset_image (dataset, LW_SPLIT_TRAIN, 1)[5], ==, 0x10);
  g_assert_cmpint (ABS (lw_dataset_image (dataset, LW_SPLIT_TEST, 0)[5] - 0x30), <=, 1);
  g_assert_cmpint (lw_dataset_label (dataset, LW_SPLIT_TEST, 0), ==, 1);
  paint (val, "c/1.png", 8, 8, 0x101010, "png");
  assert_fails (fixture->set, "the class “c”");
}

/* Of several sizes: squares of the median of their shorter sides, the middle of what stands over.
 */
static void
test_sizes (Fixture *fixture, gconstpointer user_data)
{
  static const int sides[5][2] = { { 20, 10 }, { 12, 30 }, { 16, 40 }, { 50, 18 }, { 14, 14 } };
  g_autoptr (LwDataset) dataset = NULL;
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 42, 14);
  g_autofree char *bytes = NULL;
  gsize length;
  const uint8_t *image;

  (void)user_data;
  for (int i = 0; i < 5; i++)
    for (int c = 0; c < 2; c++) {
      g_autofree char *name = g_strdup_printf ("%d/%d.png", c, i);

      paint (fixture->set, name, sides[i][0], sides[i][1], 0x404040, "png");
    }
  /* Red at the left, blue at the right, green in the middle: the middle stays. */
  gdk_pixbuf_fill (pixbuf, 0x00ff00ff);
  for (int y = 0; y < 14; y++)
    for (int x = 0; x < 42; x++)
      if (x < 14 || x >= 28) {
        guchar *at = gdk_pixbuf_get_pixels (pixbuf) + y * gdk_pixbuf_get_rowstride (pixbuf) + 3 * x;

        at[0] = x < 14 ? 255 : 0, at[1] = 0, at[2] = x < 14 ? 0 : 255;
      }
  gdk_pixbuf_save_to_buffer (pixbuf, &bytes, &length, "png", NULL, NULL);
  lw_scratch_write (fixture->set, "0/5.png", bytes, length);
  dataset = open_ok (fixture->set);
  g_assert_cmpint (lw_dataset_width (dataset), ==, 14);
  g_assert_cmpint (lw_dataset_height (dataset), ==, 14);
  image = lw_dataset_image (dataset, LW_SPLIT_TRAIN, 4);
  for (int p = 0; p < 196; p++) {
    g_assert_cmpint (image[p], ==, 0);
    g_assert_cmpint (image[196 + p], ==, 255);
    g_assert_cmpint (image[392 + p], ==, 0);
  }
  image = lw_dataset_image (dataset, LW_SPLIT_TRAIN, 0);
  for (int p = 0; p < 3 * 196; p++)
    g_assert_cmpint (ABS (image[p] - 0x40), <=, 1);
}

/* A photograph that a camera held upright took: 12 × 8, and EXIF data that say that its left is up.
 */
static void
take_upright (const char *folder, const char *name)
{
  static const char exif[] = "\xff\xe1\0\x22"
                             "Exif\0\0"
                             "MM\0*\0\0\0\x08"
                             "\0\x01"
                             "\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"
                             "\0\0\0";
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 12, 8);
  g_autoptr (GdkPixbuf) left = gdk_pixbuf_new_subpixbuf (pixbuf, 0, 0, 6, 8);
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autofree char *bytes = NULL;
  gsize length;

  gdk_pixbuf_fill (pixbuf, 0x0000ffff);
  gdk_pixbuf_fill (left, 0xff0000ff);
  gdk_pixbuf_save_to_buffer (pixbuf, &bytes, &length, "jpeg", NULL, "quality", "100", NULL);
  g_byte_array_append (file, (const uint8_t *)bytes, 2);
  g_byte_array_append (file, (const uint8_t *)exif, sizeof exif);
  g_byte_array_append (file, (const uint8_t *)bytes + 2, (guint)length - 2);
  lw_scratch_write (folder, name, file->data, file->len);
}

/* Photographs of one size that stand upright keep all that is on them. */
static void
test_upright (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (LwDataset) dataset = NULL;
  const uint8_t *image;

  (void)user_data;
  for (int i = 0; i < 10; i++) {
    g_autofree char *name = g_strdup_printf ("%d/%d.jpg", i % 2, i / 2);

    take_upright (fixture->set, name);
  }
  dataset = open_ok (fixture->set);
  g_assert_cmpint (lw_dataset_width (dataset), ==, 8);
  g_assert_cmpint (lw_dataset_height (dataset), ==, 12);
  image = lw_dataset_image (dataset, LW_SPLIT_TRAIN, 0);
  g_assert_cmpint (image[0], >, 200); /* red above */
  g_assert_cmpint (image[95], <, 50);
  g_assert_cmpint (image[192], <, 50); /* blue below */
  g_assert_cmpint (image[192 + 95], >, 200);
}

/* Damaged and foreign files, links, odd names: left out, and said; nothing stops. */
static void
test_awkward (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *outside = g_build_filename (fixture->folder, "secret.png", NULL);
  g_autofree char *link = g_build_filename (fixture->set, "a", "link.png", NULL);
  g_autofree char *inner = g_build_filename (fixture->set, "a", "inner.png", NULL);
  g_autofree char *linked = g_build_filename (fixture->set, "zz", NULL);
  g_autofree char *pipe = g_build_filename (fixture->set, "a", "pipe.png", NULL);
  g_autoptr (LwDataset) dataset = NULL;

  (void)user_data;
  paint (fixture->folder, "secret.png", 8, 8, 0x999999, "png");
  for (int i = 0; i < 10; i++) {
    g_autofree char *a = g_strdup_printf ("a/%d.png", i);
    g_autofree char *b = g_strdup_printf ("b\n\xff/%d.png", i);

    paint (fixture->set, a, 8, 8, 0x111111, "png");
    paint (fixture->set, b, 8, 8, 0x222222, "png");
  }
  lw_scratch_write (fixture->set, "a/cut.png", "\x89PNG\r\n\x1a\nxyz", 11);
  lw_scratch_write (fixture->set, "a/text.jpg", "hello", 5);
  lw_scratch_write (fixture->set, "a/notes.txt", "hello", 5);
  lw_scratch_write (fixture->set, "a/.hidden.png", "hello", 5);
  lw_scratch_write (fixture->set, "read me", "hello", 5);
  g_assert_cmpint (symlink (outside, link), ==, 0);
  g_assert_cmpint (symlink ("0.png", inner), ==, 0);
  g_assert_cmpint (symlink (fixture->folder, linked), ==, 0);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  dataset = open_ok (fixture->set);
  g_assert_cmpint (lw_dataset_classes (dataset), ==, 2);
  g_assert_true (g_utf8_validate (lw_dataset_class_name (dataset, 1), -1, NULL));
  g_assert_null (strchr (lw_dataset_class_name (dataset, 1), '\n'));
  g_assert_cmpint (
      lw_dataset_size (dataset, LW_SPLIT_TRAIN) + lw_dataset_size (dataset, LW_SPLIT_TEST), ==, 21);
  for (int32_t i = 0; i < lw_dataset_size (dataset, LW_SPLIT_TRAIN); i++)
    g_assert_cmpint (lw_dataset_image (dataset, LW_SPLIT_TRAIN, i)[0], !=, 0x99);
  assert_says (dataset, "2 pictures could not be read: a/cut.png (");
  assert_says (dataset, "a/text.jpg (it is neither a PNG nor a JPEG file)");
  assert_says (dataset, "2 symbolic links lead out of the folder and were left out: ");
  assert_says (dataset, "3 entries are no PNG or JPEG files and were left out: ");
}

/* A folder that is itself a link is the one that was meant. */
static void
test_linked_set (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *link = g_build_filename (fixture->folder, "link", NULL);
  g_autoptr (LwDataset) dataset = NULL;

  (void)user_data;
  for (int i = 0; i < 10; i++) {
    g_autofree char *a = g_strdup_printf ("a/%d.png", i), *b = g_strdup_printf ("b/%d.png", i);

    paint (fixture->set, a, 8, 8, 0x111111, "png");
    paint (fixture->set, b, 8, 8, 0x222222, "png");
  }
  g_assert_cmpint (symlink (fixture->set, link), ==, 0);
  dataset = open_ok (link);
  g_assert_cmpint (lw_dataset_size (dataset, LW_SPLIT_TRAIN), ==, 16);
}

static void
test_refused (Fixture *fixture, gconstpointer user_data)
{
  (void)user_data;
  paint (fixture->set, "a/1.png", 8, 8, 0x111111, "png");
  assert_fails (fixture->set, "holds 1 folders");
  paint (fixture->set, "b/1.png", 8, 8, 0x111111, "png");
  assert_fails (fixture->set, "every fifth picture of a class");
  for (int i = 0; i < 2; i++)
    lw_scratch_write (fixture->set, i ? "a/1.png" : "b/1.png", "x", 1);
  assert_fails (fixture->set, "none of its 2 pictures can be read: it is neither");
  for (int i = 0; i < 257; i++) {
    g_autofree char *name = g_strdup_printf ("class%d/1.png", i);

    lw_scratch_write (fixture->set, name, "x", 1);
  }
  assert_fails (fixture->set, "holds 259 folders");
}

/* A PNG whose header promises 60000 × 60000 pixels. */
static void
test_bomb (Fixture *fixture, gconstpointer user_data)
{
  static const uint8_t head[] = { 0x89, 'P',  'N', 'G', '\r', '\n', 0x1a, '\n', 0,    0,    0,
                                  13,   'I',  'H', 'D', 'R',  0,    0,    0xea, 0x60, 0,    0,
                                  0xea, 0x60, 8,   2,   0,    0,    0,    0xa5, 0x4c, 0x0a, 0xbd };
  g_autoptr (LwDataset) dataset = NULL;

  (void)user_data;
  for (int i = 0; i < 5; i++) {
    g_autofree char *a = g_strdup_printf ("a/%d.png", i), *b = g_strdup_printf ("b/%d.png", i);

    paint (fixture->set, a, 8, 8, 0x111111, "png");
    paint (fixture->set, b, 8, 8, 0x111111, "png");
  }
  lw_scratch_write (fixture->set, "a/bomb.png", head, sizeof head);
  dataset = open_ok (fixture->set);
  g_assert_cmpint (lw_dataset_width (dataset), ==, 8);
  assert_says (dataset, "1 picture could not be read: a/bomb.png (");
}

/* Without a reader of pictures there is a sentence; the order of the tests matters. */
static void
test_no_reader (Fixture *fixture, gconstpointer user_data)
{
  (void)user_data;
  paint (fixture->set, "a/1.png", 8, 8, 0x111111, "png");
  assert_fails (fixture->set, "libgdk-pixbuf-2.0-dev");
  lw_pixbuf_pictures_register ();
  lw_pixbuf_pictures_register ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  ADD ("/pictures/no-reader", test_no_reader);
  ADD ("/pictures/tree", test_tree);
  ADD ("/pictures/parts", test_parts);
  ADD ("/pictures/sizes", test_sizes);
  ADD ("/pictures/upright", test_upright);
  ADD ("/pictures/awkward", test_awkward);
  ADD ("/pictures/linked-set", test_linked_set);
  ADD ("/pictures/refused", test_refused);
  ADD ("/pictures/bomb", test_bomb);
  return g_test_run ();
}
