#include "remote/follow.h"

#include "engine/i18n.h"
#include "engine/run_record.h"
#include "remote/cache.h"
#include "remote/link.h"
#include "remote/mirror.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#define TRAINED_MS  500
#define ENDED_MS    2000
#define LONGEST_S   30
#define FIRST_TRIES 6

struct LwRemoteFollow {
  void (*changed) (LwRemoteFollow *follow, gpointer data);
  gpointer data;
  GMainContext *context;
  GCancellable *cancellable;
  pthread_t thread;
  LwRemoteCache *cache; /* the thread's until FOLLOWING, then nobody changes it */

  pthread_mutex_t lock; /* what follows */
  pthread_cond_t wake;
  LwRemoteAddress *address;
  LwFollowState state;
  GPtrArray *choices;
  char *choice, *folder;
  bool stop, poked, weights;
  GSource *source; /* that calls `changed` */
};

void
lw_follow_state_clear (LwFollowState *state)
{
  g_clear_pointer (&state->sentence, g_free);
}

/* --- telling ------------------------------------------------------------------------------------
 */

static gboolean
tell (gpointer data)
{
  LwRemoteFollow *follow = data;

  pthread_mutex_lock (&follow->lock);
  g_clear_pointer (&follow->source, g_source_unref);
  pthread_mutex_unlock (&follow->lock);
  if (follow->changed != NULL)
    follow->changed (follow, follow->data);
  return G_SOURCE_REMOVE;
}

/* With the lock held. */
static void
schedule (LwRemoteFollow *follow)
{
  if (follow->source != NULL || follow->stop)
    return;
  follow->source = g_idle_source_new ();
  g_source_set_priority (follow->source, G_PRIORITY_DEFAULT);
  g_source_set_callback (follow->source, tell, follow, NULL);
  g_source_attach (follow->source, follow->context);
}

static void
set_phase (LwRemoteFollow *follow, LwFollowPhase phase, const char *sentence, gint64 retry_us)
{
  pthread_mutex_lock (&follow->lock);
  follow->state.phase = phase;
  follow->state.retry_us = retry_us;
  g_free (follow->state.sentence);
  follow->state.sentence = g_strdup (sentence);
  schedule (follow);
  pthread_mutex_unlock (&follow->lock);
}

static void
take_news (LwRemoteFollow *follow, const LwRemoteNews *news)
{
  LwFollowState *state = &follow->state;
  const LwFollowPhase phase = news->there ? LW_FOLLOW_FOLLOWING : LW_FOLLOW_GONE;

  pthread_mutex_lock (&follow->lock);
  if (state->phase != phase || state->trained != news->trained || news->files_changed ||
      state->waiting != news->waiting || state->withheld != news->withheld ||
      g_strcmp0 (state->sentence, news->problem) != 0)
    schedule (follow);
  state->phase = phase;
  state->trained = news->trained;
  state->waiting = news->waiting;
  state->withheld = news->withheld;
  state->files += news->files_changed;
  g_free (state->sentence);
  state->sentence = g_strdup (news->problem);
  pthread_mutex_unlock (&follow->lock);
}

/* --- waiting ------------------------------------------------------------------------------------
 */

/* At most so long, with the lock held; somebody may wake it before. */
static void
rest (LwRemoteFollow *follow, int ms)
{
  struct timespec until;

  clock_gettime (CLOCK_MONOTONIC, &until);
  until.tv_sec += ms / 1000;
  until.tv_nsec += (long)(ms % 1000) * 1000000;
  if (until.tv_nsec >= 1000000000) {
    until.tv_sec++;
    until.tv_nsec -= 1000000000;
  }
  if (!follow->stop)
    pthread_cond_timedwait (&follow->wake, &follow->lock, &until);
}

static bool
rest_for (LwRemoteFollow *follow, int ms)
{
  const gint64 end = g_get_monotonic_time () + (gint64)ms * 1000;
  bool stop;

  pthread_mutex_lock (&follow->lock);
  while (!follow->stop && !follow->poked && g_get_monotonic_time () < end)
    rest (follow, (int)((end - g_get_monotonic_time ()) / 1000) + 1);
  follow->poked = false;
  stop = follow->stop;
  pthread_mutex_unlock (&follow->lock);
  return !stop;
}

static bool
is_stopped (LwRemoteFollow *follow)
{
  bool stop;

  pthread_mutex_lock (&follow->lock);
  stop = follow->stop;
  pthread_mutex_unlock (&follow->lock);
  return stop;
}

/* --- on the thread ------------------------------------------------------------------------------
 */

/* Waits until one of the runs was chosen, which becomes the address. */
static bool
choose (LwRemoteFollow *follow, LwRemoteLink *link, GError **error)
{
  GPtrArray *runs = lw_remote_link_runs (link, follow->address->folder, error);
  LwRemoteAddress *within;

  if (runs == NULL)
    return false;
  if (runs->len == 0) {
    g_autofree char *name = lw_remote_address_name (follow->address);

    g_ptr_array_unref (runs);
    g_set_error (error, LW_ERROR, LW_ERROR_UNKNOWN,
                 _ ("\"%s\" on %s is no run, and no folder in it is one: none has a run.json."),
                 name, follow->address->host);
    return false;
  }
  pthread_mutex_lock (&follow->lock);
  follow->choices = runs;
  pthread_mutex_unlock (&follow->lock);
  set_phase (follow, LW_FOLLOW_CHOOSING, NULL, 0);
  pthread_mutex_lock (&follow->lock);
  while (!follow->stop && follow->choice == NULL)
    rest (follow, 60000);
  if (follow->choice != NULL) {
    within = lw_remote_address_within (follow->address, follow->choice);
    lw_remote_address_free (follow->address);
    follow->address = within;
  }
  pthread_mutex_unlock (&follow->lock);
  return !is_stopped (follow);
}

/* What the address means, and a folder here for it. */
static LwRemoteMirror *
begin (LwRemoteFollow *follow, LwRemoteLink *link, GError **error)
{
  g_autofree char *name = NULL, *plain = NULL, *local = NULL;
  LwRemoteMirror *mirror;
  LwRemoteKind kind;

  if (!lw_remote_link_enter (link, follow->address->folder, &kind, error))
    return NULL;
  if (kind == LW_REMOTE_FOLDER &&
      (!choose (follow, link, error) ||
       !lw_remote_link_enter (link, follow->address->folder, &kind, error)))
    return NULL;
  set_phase (follow, LW_FOLLOW_FETCHING, NULL, 0);
  follow->cache = lw_remote_cache_new (error);
  if (follow->cache == NULL)
    return NULL;
  name = lw_remote_address_name (follow->address);
  plain = lw_remote_cache_name (name);
  local = g_build_filename (follow->cache->folder, plain, NULL);
  mirror = lw_remote_mirror_new (follow->address->folder, local, follow->address->host, error);
  if (mirror == NULL)
    return NULL;
  pthread_mutex_lock (&follow->lock);
  follow->folder = g_steal_pointer (&local);
  pthread_mutex_unlock (&follow->lock);
  return mirror;
}

static void
note_fetched (LwRemoteFollow *follow, LwRemoteMirror *mirror, bool changed)
{
  const int64_t waiting = lw_remote_mirror_waiting (mirror);

  pthread_mutex_lock (&follow->lock);
  if (changed || waiting != follow->state.waiting)
    schedule (follow);
  follow->state.files += changed;
  follow->state.waiting = waiting;
  pthread_mutex_unlock (&follow->lock);
}

/* Whether what came first is a run that this program can read; else nothing would appear. It may
 * have been written anew just then: it has some more tries. */
static bool
is_run (LwRemoteFollow *follow, const LwRemoteNews *news, GError **error)
{
  g_autoptr (GError) reason = NULL;
  LwRunRecord record;

  if (news->there && lw_run_record_read (follow->folder, &record, &reason)) {
    lw_run_record_clear (&record);
    return true;
  }
  g_set_error (error, LW_ERROR, LW_ERROR_FORMAT, _ ("The run on %s cannot be shown. %s"),
               follow->address->host,
               news->problem != NULL ? news->problem
               : reason != NULL      ? reason->message
                                     : _ ("It is gone."));
  return false;
}

/* Until the connection is lost, or nobody wants it any more. */
static void
follow_link (LwRemoteFollow *follow, LwRemoteMirror *mirror, LwRemoteLink *link, bool *began,
             bool *ret_came, GError **error)
{
  LwRemoteNews news;
  bool weights, changed;
  int tries = 0;

  do {
    const gint64 begun_us = g_get_monotonic_time ();
    gint64 next_us;

    pthread_mutex_lock (&follow->lock);
    weights = follow->weights;
    pthread_mutex_unlock (&follow->lock);
    if (!lw_remote_mirror_update (mirror, link, weights, &news, error))
      return;
    if (!*began && !is_run (follow, &news, error)) {
      if (++tries == FIRST_TRIES || !rest_for (follow, TRAINED_MS))
        return;
      g_clear_error (error);
      continue;
    }
    take_news (follow, &news);
    *began = *ret_came = true;
    next_us = begun_us + (news.trained ? TRAINED_MS : ENDED_MS) * G_GINT64_CONSTANT (1000);
    if (!lw_remote_mirror_fetch (mirror, link, next_us, &changed, error))
      return;
    note_fetched (follow, mirror, changed);
    next_us = MAX (next_us, g_get_monotonic_time () + 50000);
    if (!rest_for (follow, (int)((next_us - g_get_monotonic_time ()) / 1000)))
      return;
  } while (true);
}

static void *
run (void *data)
{
  LwRemoteFollow *follow = data;
  g_autoptr (LwRemoteMirror) mirror = NULL;
  bool began = false; /* something of the run has been seen */
  int wait_s = 1;

  while (!is_stopped (follow)) {
    g_autoptr (GError) error = NULL;
    g_autoptr (LwRemoteLink) link =
        lw_remote_link_open (follow->address, follow->cancellable, &error);
    bool came = false;

    if (link != NULL && mirror == NULL)
      mirror = begin (follow, link, &error);
    if (link != NULL && mirror != NULL)
      follow_link (follow, mirror, link, &began, &came, &error);
    if (came)
      wait_s = 1;
    if (is_stopped (follow))
      break;
    g_clear_pointer (&link, lw_remote_link_free);
    if (!began) {
      set_phase (follow, LW_FOLLOW_FAILED, error->message, 0);
      break;
    }
    set_phase (follow, LW_FOLLOW_LOST, error->message,
               g_get_monotonic_time () + wait_s * G_USEC_PER_SEC);
    if (!rest_for (follow, wait_s * 1000))
      break;
    set_phase (follow, LW_FOLLOW_LOST, error->message, 0);
    wait_s = MIN (2 * wait_s, LONGEST_S);
  }
  return NULL;
}

/* --- for the main loop --------------------------------------------------------------------------
 */

LwRemoteFollow *
lw_remote_follow_new (const LwRemoteAddress *address,
                      void (*changed) (LwRemoteFollow *follow, gpointer data), gpointer data)
{
  LwRemoteFollow *follow = g_new0 (LwRemoteFollow, 1);
  pthread_condattr_t monotonic;

  follow->address = lw_remote_address_copy (address);
  follow->changed = changed;
  follow->data = data;
  follow->context = g_main_context_ref_thread_default ();
  follow->cancellable = g_cancellable_new ();
  pthread_mutex_init (&follow->lock, NULL);
  pthread_condattr_init (&monotonic);
  pthread_condattr_setclock (&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init (&follow->wake, &monotonic);
  pthread_condattr_destroy (&monotonic);
  if (pthread_create (&follow->thread, NULL, run, follow) != 0)
    g_error ("no thread can be made");
  return follow;
}

void
lw_remote_follow_free (LwRemoteFollow *follow)
{
  if (follow == NULL)
    return;
  pthread_mutex_lock (&follow->lock);
  follow->stop = true;
  pthread_cond_signal (&follow->wake);
  pthread_mutex_unlock (&follow->lock);
  g_cancellable_cancel (follow->cancellable);
  pthread_join (follow->thread, NULL);
  if (follow->source != NULL) {
    g_source_destroy (follow->source);
    g_source_unref (follow->source);
  }
  lw_remote_cache_free (follow->cache);
  g_clear_pointer (&follow->choices, g_ptr_array_unref);
  lw_remote_address_free (follow->address);
  lw_follow_state_clear (&follow->state);
  g_free (follow->choice);
  g_free (follow->folder);
  g_object_unref (follow->cancellable);
  g_main_context_unref (follow->context);
  pthread_cond_destroy (&follow->wake);
  pthread_mutex_destroy (&follow->lock);
  g_free (follow);
}

LwRemoteAddress *
lw_remote_follow_address (LwRemoteFollow *follow)
{
  LwRemoteAddress *address;

  pthread_mutex_lock (&follow->lock);
  address = lw_remote_address_copy (follow->address);
  pthread_mutex_unlock (&follow->lock);
  return address;
}

LwFollowState
lw_remote_follow_state (LwRemoteFollow *follow)
{
  LwFollowState state;

  pthread_mutex_lock (&follow->lock);
  state = follow->state;
  state.sentence = g_strdup (state.sentence);
  pthread_mutex_unlock (&follow->lock);
  return state;
}

const GPtrArray *
lw_remote_follow_choices (LwRemoteFollow *follow)
{
  const GPtrArray *choices;

  pthread_mutex_lock (&follow->lock);
  choices = follow->choices;
  pthread_mutex_unlock (&follow->lock);
  return choices;
}

void
lw_remote_follow_choose (LwRemoteFollow *follow, const char *name)
{
  pthread_mutex_lock (&follow->lock);
  if (follow->choice == NULL)
    follow->choice = g_strdup (name);
  pthread_cond_signal (&follow->wake);
  pthread_mutex_unlock (&follow->lock);
}

const char *
lw_remote_follow_folder (LwRemoteFollow *follow)
{
  const char *folder;

  pthread_mutex_lock (&follow->lock);
  folder = follow->folder;
  pthread_mutex_unlock (&follow->lock);
  return folder;
}

const char *
lw_remote_follow_around (LwRemoteFollow *follow)
{
  return lw_remote_follow_folder (follow) != NULL ? follow->cache->folder : NULL;
}

static void
poke (LwRemoteFollow *follow)
{
  follow->poked = true;
  pthread_cond_signal (&follow->wake);
}

void
lw_remote_follow_want_weights (LwRemoteFollow *follow)
{
  pthread_mutex_lock (&follow->lock);
  if (!follow->weights)
    poke (follow);
  follow->weights = true;
  pthread_mutex_unlock (&follow->lock);
}

void
lw_remote_follow_try_now (LwRemoteFollow *follow)
{
  pthread_mutex_lock (&follow->lock);
  if (follow->state.phase == LW_FOLLOW_LOST)
    poke (follow);
  pthread_mutex_unlock (&follow->lock);
}
