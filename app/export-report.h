/* export --what report: HTML or PDF of one or several runs. One thread. */
#pragma once

#include "app/args.h"

G_BEGIN_DECLS

/* What of the command line is wrong for a report in this format. */
bool lw_export_report_check (const LwArgs *args, const char *format, GError **error);
/* All of the command line's arguments are runs. Returns an exit status. */
int lw_export_report (const LwArgs *args, const char *format, const char *device,
                      const char *output, GError **error);

G_END_DECLS
