#include "ui/followed-run.h"

#include "remote/link.h"

#include <glib/gi18n.h>
#include <math.h>

struct _LwFollowedRun {
  GObject parent;
  LwRemoteFollow *follow; /* NULL: it was ended */
  LwRemoteAddress *address;
  LwFollowState state;
  char *around, *folder;
};

G_DEFINE_FINAL_TYPE (LwFollowedRun, lw_followed_run, G_TYPE_OBJECT)

static guint changed_signal;

static void
take_state (LwFollowedRun *self)
{
  lw_follow_state_clear (&self->state);
  self->state = lw_remote_follow_state (self->follow);
  lw_remote_address_free (self->address);
  self->address = lw_remote_follow_address (self->follow);
  if (self->folder == NULL && lw_remote_follow_folder (self->follow) != NULL) {
    self->folder = g_strdup (lw_remote_follow_folder (self->follow));
    self->around = g_strdup (lw_remote_follow_around (self->follow));
  }
}

static void
follow_changed (LwRemoteFollow *follow, gpointer data)
{
  g_autoptr (LwFollowedRun) self = g_object_ref (data);

  (void)follow;
  take_state (self);
  g_signal_emit (self, changed_signal, 0);
}

LwFollowedRun *
lw_followed_run_new (const LwRemoteAddress *address)
{
  LwFollowedRun *self = g_object_new (LW_TYPE_FOLLOWED_RUN, NULL);

  self->follow = lw_remote_follow_new (address, follow_changed, self);
  take_state (self);
  return self;
}

void
lw_followed_run_end (LwFollowedRun *self)
{
  g_clear_pointer (&self->follow, lw_remote_follow_free);
}

/* --- what is known ------------------------------------------------------------------------------
 */

const LwFollowState *
lw_followed_run_state (LwFollowedRun *self)
{
  return &self->state;
}

const char *
lw_followed_run_address (LwFollowedRun *self)
{
  return self->address->text;
}

const char *
lw_followed_run_host (LwFollowedRun *self)
{
  return self->address->host;
}

const char *
lw_followed_run_around (LwFollowedRun *self)
{
  return self->around;
}

const char *
lw_followed_run_folder (LwFollowedRun *self)
{
  return self->folder;
}

static const GPtrArray *
choices (LwFollowedRun *self)
{
  return self->follow != NULL ? lw_remote_follow_choices (self->follow) : NULL;
}

guint
lw_followed_run_n_choices (LwFollowedRun *self)
{
  return choices (self) != NULL ? choices (self)->len : 0;
}

const char *
lw_followed_run_choice (LwFollowedRun *self, guint index, int64_t *ret_written)
{
  const LwRemoteRun *run = g_ptr_array_index ((GPtrArray *)choices (self), index);

  *ret_written = run->written_unix;
  return run->name;
}

/* --- wishes -------------------------------------------------------------------------------------
 */

void
lw_followed_run_choose (LwFollowedRun *self, const char *name)
{
  if (self->follow != NULL)
    lw_remote_follow_choose (self->follow, name);
}

void
lw_followed_run_want_weights (LwFollowedRun *self)
{
  if (self->follow != NULL)
    lw_remote_follow_want_weights (self->follow);
}

void
lw_followed_run_try_now (LwFollowedRun *self)
{
  if (self->follow != NULL)
    lw_remote_follow_try_now (self->follow);
}

/* --- words --------------------------------------------------------------------------------------
 */

static char *
lost_detail (LwFollowedRun *self)
{
  const gint64 left_us = self->state.retry_us - g_get_monotonic_time ();
  const int seconds = (int)ceil ((double)MAX (left_us, 1) / G_USEC_PER_SEC);

  if (self->state.retry_us == 0)
    return g_strdup_printf (_ ("%s Connecting again …"), self->state.sentence);
  return g_strdup_printf (
      ngettext ("%s Tries again in %d second.", "%s Tries again in %d seconds.", (gulong)seconds),
      self->state.sentence, seconds);
}

static char *
following_detail (LwFollowedRun *self)
{
  g_autofree char *size = NULL;

  if (self->state.sentence != NULL)
    return g_strdup (self->state.sentence);
  if (self->state.waiting > 0) {
    size = g_format_size ((guint64)self->state.waiting);
    return g_strdup_printf (_ ("Fetching weights: %s to go."), size);
  }
  return NULL;
}

char *
lw_followed_run_words (LwFollowedRun *self, char **ret_detail)
{
  const char *host = self->address->host;

  *ret_detail = NULL;
  switch (self->state.phase) {
  case LW_FOLLOW_LOST:
    *ret_detail = lost_detail (self);
    return g_strdup_printf (_ ("Not connected to %s: the run is shown as it was last seen"), host);
  case LW_FOLLOW_GONE:
    *ret_detail = g_strdup (_ ("It was moved or deleted there; should it come back, it is followed "
                               "again."));
    return g_strdup_printf (_ ("The run's folder is gone on %s"), host);
  case LW_FOLLOW_CONNECTING:
    return g_strdup_printf (_ ("Connecting to %s …"), host);
  case LW_FOLLOW_FETCHING:
    return g_strdup_printf (_ ("Fetching the run from %s …"), host);
  case LW_FOLLOW_CHOOSING:
    return g_strdup_printf (_ ("Runs on %s"), host);
  default:
    *ret_detail = following_detail (self);
    return g_strdup_printf (_ ("Followed on %s over SSH: it can only be looked at here"), host);
  }
}

char *
lw_followed_run_reason (LwFollowedRun *self)
{
  return g_strdup_printf (
      _ ("This run is on %s and is only followed here: nothing is changed there"),
      self->address->host);
}

const char *
lw_followed_run_status (LwFollowedRun *self)
{
  return self->state.phase == LW_FOLLOW_LOST   ? _ ("not connected")
         : self->state.phase == LW_FOLLOW_GONE ? _ ("gone")
                                               : NULL;
}

/* --- set-up -------------------------------------------------------------------------------------
 */

static void
lw_followed_run_finalize (GObject *object)
{
  LwFollowedRun *self = LW_FOLLOWED_RUN (object);

  lw_followed_run_end (self);
  lw_remote_address_free (self->address);
  lw_follow_state_clear (&self->state);
  g_free (self->around);
  g_free (self->folder);
  G_OBJECT_CLASS (lw_followed_run_parent_class)->finalize (object);
}

static void
lw_followed_run_class_init (LwFollowedRunClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_followed_run_finalize;
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_followed_run_init (LwFollowedRun *self)
{
  (void)self;
}
