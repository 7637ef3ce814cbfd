/* Numbers as text, the same in every locale (printf and strtod follow the user's decimal comma;
 * files and options must not). Pure functions, any thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

#define LW_NUMBER_SIZE 32

/* The shortest of 15 to 17 significant digits that reads back as the same double. Returns
 * `buffer`. */
const char *lw_number_format (double value, char buffer[LW_NUMBER_SIZE]);
/* The whole text must be one number in decimal notation; reals must be finite. */
bool lw_number_parse_real (const char *text, double *ret_value);
bool lw_number_parse_signed (const char *text, int64_t *ret_value);
bool lw_number_parse_unsigned (const char *text, uint64_t *ret_value);

G_END_DECLS
