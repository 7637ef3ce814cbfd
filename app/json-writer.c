#include "app/json-writer.h"

#include <stdio.h>

bool
lw_json_print (LwJson *json)
{
  g_autofree char *text = lw_json_take (json);

  return fputs (text, stdout) >= 0 && fputc ('\n', stdout) != EOF && fflush (stdout) == 0;
}
