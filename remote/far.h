/* What runs on the other machine: a POSIX sh that reads one command a line from the connection and
 * answers each. It needs stat, head, tail, yes, find, grep, ls and uname, as coreutils and busybox
 * have them, or macOS's stat; it writes nothing there.
 *
 * The functions, of which the first argument is the answer's number N:
 *   lw_enter N FOLDER              "run", "folder", "none", "closed" (no permission) or "file"
 *   lw_runs N FOLDER               of each folder in it with a run.json, NUL-terminated: when
 *                                  run.json and metrics.csv were written, its name
 *   lw_list N FOLDER               "there" or "gone"; "lock HELD PID HOST" (0: held); then a line a
 *                                  file: mode (hexadecimal), bytes, inode, seconds, time in full,
 *                                  "|", name
 *   lw_read N NAME FROM LENGTH     LENGTH bytes from byte FROM (the first is 1) of a file of the
 *                                  folder last listed, and any beyond its end; then its line as
 *                                  above
 *
 * Each answer ends with a line "E NONCE N" of its own; NONCE is drawn for each connection. By
 * itself it answers 0, before which stands what the login shell had to say, and 1: a line "missing
 * PROGRAM" for each that is not there. */
#pragma once

/* Its single conversion is the nonce. */
extern const char lw_remote_far_script[];
