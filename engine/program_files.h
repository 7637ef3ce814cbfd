/* Where a program finds what was built or installed with it. Nothing is looked for where it was
 * configured: a build folder may be moved, and what was installed under one prefix may stand under
 * another (DESTDIR, a package that was unpacked into a folder). Any thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A folder of the running program's own: `built` below BUILD for BUILD/app/PROGRAM; else
 * `installed` below the prefix, which is around the program's folder where that is called as the
 * installed one ("bin"), and the configured prefix otherwise. An absolute `installed` lies outside
 * of every prefix and is taken as it is. The folder need not exist. g_free. */
char *lw_program_folder (const char *built, const char *installed);

G_END_DECLS
