/* What the tests of remote/ share: another machine, which is a folder of this one behind a program
 * that stands for ssh (fake-ssh.sh). One thread. */
#pragma once

#include "remote/link.h"

G_BEGIN_DECLS

/* Makes the home folder there, for the program that $LAYERWISE_SSH names; far_end removes all of
 * it. */
void far_begin (void);
void far_end (void);
/* A path in the home folder there, and in a folder here; g_free. */
char *far_path (const char *name);
char *near_path (const char *name);
/* Writes a file as the trainer does, beside and renamed; folders are made. Appends in place. */
void far_write (const char *name, const char *text, gssize length);
void far_append (const char *name, const char *text);
/* The text of a file here, "" where there is none; g_free. */
char *near_text (const char *name);
bool near_has (const char *name);

/* Cuts all connections. */
void far_cut (void);
/* While it is down nobody can connect. */
void far_set_down (bool down);

LwRemoteAddress *far_address (const char *text);
LwRemoteLink *far_open (void);

G_END_DECLS
