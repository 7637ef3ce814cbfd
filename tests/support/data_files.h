/* A folder of a test's own, and small data sets to put into it. Failures end the test. One thread.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

char *lw_scratch_new (void);
/* Removes the folder with all it holds, and frees the name. */
void lw_scratch_remove (char *folder);
/* Writes FOLDER/NAME; folders in the name are made. */
void lw_scratch_write (const char *folder, const char *name, const void *data, gsize length);
/* Number of entries, hidden ones included. */
int lw_scratch_count (const char *folder);

GByteArray *lw_gzip (const uint8_t *data, gsize length);
/* An IDX file: rank 3 (n × h × w) or 1 (n). Values: pixel p of image i is (7·i + p) mod 251, label
 * i is i mod classes. */
GByteArray *lw_idx_images (int32_t n, int32_t h, int32_t w);
GByteArray *lw_idx_labels (int32_t n, int32_t classes);
/* A CIFAR-10 batch of n records made in the same way. */
GByteArray *lw_cifar_batch (int32_t n);

/* The four files of a MNIST-like set, "train-images-idx3-ubyte" and so on, after `prefix`. */
void lw_write_idx_set (const char *folder, const char *prefix, int32_t n_train, int32_t n_test,
                       int32_t side, bool gzip);

G_END_DECLS
