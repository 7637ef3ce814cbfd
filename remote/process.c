#include "remote/process.h"

#include "engine/i18n.h"
#include "remote/ssh_words.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define MOST_SAID 8192 /* of standard error: the end of it */

struct LwRemoteProcess {
  GSubprocess *child;
  LwRemoteAddress *address;
  GCancellable *cancellable;
  int in, out, err; /* of the child: −1 once it is closed; they belong to its streams */
  GString *said;
  bool connected;
};

static int
take_fd (int fd)
{
  fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) | O_NONBLOCK);
  return fd;
}

LwRemoteProcess *
lw_remote_process_new (const LwRemoteAddress *address, const char *command,
                       GCancellable *cancellable, GError **error)
{
  const char *program = g_getenv ("LAYERWISE_SSH");
  g_autofree char *port = g_strdup_printf ("%d", address->port);
  /* What a reader needs and no more: no password, no terminal, nothing passed on. A connection that
   * has become deaf is noticed within a quarter of a minute. */
  const char *const options[] = { "-axT",
                                  "-oBatchMode=yes",
                                  "-oConnectTimeout=15",
                                  "-oServerAliveInterval=5",
                                  "-oServerAliveCountMax=3",
                                  "-oClearAllForwardings=yes",
                                  "-oControlMaster=no",
                                  "-oPermitLocalCommand=no",
                                  "-oRemoteCommand=none" };
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                 G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GSubprocess) child = NULL;
  g_autoptr (GError) reason = NULL;
  LwRemoteProcess *process;

  program = program != NULL && *program != '\0' ? program : "ssh";
  g_ptr_array_add (arguments, (gpointer)program);
  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    g_ptr_array_add (arguments, (gpointer)options[i]);
  if (address->port > 0) {
    g_ptr_array_add (arguments, (gpointer) "-p");
    g_ptr_array_add (arguments, port);
  }
  g_ptr_array_add (arguments, (gpointer) "--");
  g_ptr_array_add (arguments, address->login);
  g_ptr_array_add (arguments, (gpointer)command);
  g_ptr_array_add (arguments, NULL);
  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C", TRUE); /* its errors are read */
  child = g_subprocess_launcher_spawnv (launcher, (const char *const *)arguments->pdata, &reason);
  if (child == NULL) {
    if (g_error_matches (reason, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT))
      g_set_error (error, LW_ERROR, LW_ERROR_IO,
                   _ ("There is no program \"%s\" here; install it (Debian: openssh-client)."),
                   program);
    else
      g_set_error (error, LW_ERROR, LW_ERROR_IO, _ ("Cannot start \"%s\": %s."), program,
                   reason->message);
    return NULL;
  }
  process = g_new0 (LwRemoteProcess, 1);
  process->address = lw_remote_address_copy (address);
  process->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  process->in = take_fd (
      g_unix_output_stream_get_fd (G_UNIX_OUTPUT_STREAM (g_subprocess_get_stdin_pipe (child))));
  process->out = take_fd (
      g_unix_input_stream_get_fd (G_UNIX_INPUT_STREAM (g_subprocess_get_stdout_pipe (child))));
  process->err = take_fd (
      g_unix_input_stream_get_fd (G_UNIX_INPUT_STREAM (g_subprocess_get_stderr_pipe (child))));
  process->said = g_string_new (NULL);
  process->child = g_steal_pointer (&child);
  return process;
}

void
lw_remote_process_free (LwRemoteProcess *process)
{
  if (process == NULL)
    return;
  g_subprocess_force_exit (process->child);
  g_object_unref (process->child);
  g_clear_object (&process->cancellable);
  g_string_free (process->said, TRUE);
  lw_remote_address_free (process->address);
  g_free (process);
}

void
lw_remote_process_connected (LwRemoteProcess *process)
{
  process->connected = true;
}

/* --- waiting -------------------------------------------------------------------------------------
 */

/* One block: who never stops talking keeps nobody from looking at the clock. */
static void
hear_errors (LwRemoteProcess *process)
{
  char block[4096];
  const ssize_t size = process->err >= 0 ? read (process->err, block, sizeof block) : -1;

  if (size == 0)
    process->err = -1;
  for (ssize_t i = 0; i < size; i++)
    g_string_append_c (process->said, block[i] != '\0' ? block[i] : ' ');
  if (process->said->len > MOST_SAID)
    g_string_erase (process->said, 0, (gssize)(process->said->len - MOST_SAID));
}

/* ssh says why just before it ends: its last words may come after the end of its output. */
static gssize
fail_lost (LwRemoteProcess *process, GError **error)
{
  const gint64 end = g_get_monotonic_time () + G_USEC_PER_SEC / 2;

  while (process->err >= 0 && g_get_monotonic_time () < end) {
    struct pollfd fd = { process->err, POLLIN, 0 };

    if (poll (&fd, 1, 100) > 0)
      hear_errors (process);
  }
  lw_ssh_set_error (error, process->address, process->said->str, process->connected);
  return -1;
}

/* Until `fd` is ready; errors that are said meanwhile are taken in. */
static bool
wait_for (LwRemoteProcess *process, int fd, short events, gint64 deadline_us, GError **error)
{
  GPollFD cancelled = { -1, 0, 0 };
  const bool can_cancel =
      process->cancellable != NULL && g_cancellable_make_pollfd (process->cancellable, &cancelled);
  bool ready = false;

  while (!ready) {
    struct pollfd fds[3] = { { fd, events, 0 },
                             { process->err, POLLIN, 0 },
                             { can_cancel ? cancelled.fd : -1, POLLIN, 0 } };
    const gint64 left_ms = (deadline_us - g_get_monotonic_time ()) / 1000;

    if (g_cancellable_is_cancelled (process->cancellable)) {
      g_set_error (error, LW_ERROR, LW_ERROR_CANCELLED, _ ("Following was ended."));
      break;
    }
    if (left_ms <= 0) {
      if (process->connected)
        g_set_error (error, LW_ERROR, LW_ERROR_IO, _ ("The connection to %s was lost."),
                     process->address->host);
      else
        g_set_error (error, LW_ERROR, LW_ERROR_IO,
                     _ ("%s does not answer; see whether it is switched on and the network is up."),
                     process->address->host);
      break;
    }
    poll (fds, G_N_ELEMENTS (fds), (int)MIN (left_ms, 1000));
    if (fds[1].revents != 0)
      hear_errors (process);
    ready = fds[0].revents != 0;
  }
  if (can_cancel)
    g_cancellable_release_fd (process->cancellable);
  return ready;
}

gssize
lw_remote_process_read (LwRemoteProcess *process, void *buffer, gsize room, gint64 deadline_us,
                        GError **error)
{
  for (;;) {
    const ssize_t size = read (process->out, buffer, room);

    if (size > 0)
      return size;
    if (size == 0 || (errno != EAGAIN && errno != EINTR))
      return fail_lost (process, error);
    if (!wait_for (process, process->out, POLLIN, deadline_us, error))
      return -1;
  }
}

/* Writing to a program that has ended raises a signal that would end this one: it is held back for
 * the call, and taken if it came. */
static ssize_t
write_quietly (int fd, const char *text, gsize length)
{
  static const struct timespec at_once = { 0, 0 };
  sigset_t pipe_alone, before, pending;
  ssize_t size;
  int reason;
  bool waited;

  sigemptyset (&pipe_alone);
  sigaddset (&pipe_alone, SIGPIPE);
  sigpending (&pending);
  waited = sigismember (&pending, SIGPIPE);
  pthread_sigmask (SIG_BLOCK, &pipe_alone, &before);
  size = write (fd, text, length);
  reason = errno;
  if (size < 0 && reason == EPIPE && !waited)
    sigtimedwait (&pipe_alone, NULL, &at_once);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  errno = reason;
  return size;
}

bool
lw_remote_process_write (LwRemoteProcess *process, const char *text, gint64 deadline_us,
                         GError **error)
{
  gsize length = strlen (text);

  while (length > 0) {
    const ssize_t size = write_quietly (process->in, text, length);

    if (size > 0) {
      text += size;
      length -= (gsize)size;
    } else if (size < 0 && errno != EAGAIN && errno != EINTR) {
      return fail_lost (process, error) > 0;
    } else if (!wait_for (process, process->in, POLLOUT, deadline_us, error)) {
      return false;
    }
  }
  return true;
}
