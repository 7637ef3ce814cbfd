#include "kernels/cpu/onednn.h"

#include <dnnl.h>
#if DNNL_CPU_THREADING_RUNTIME == DNNL_RUNTIME_OMP
#include <omp.h>
#endif

/* What a primitive reads and writes. */
enum { SOURCE, WEIGHTS, BIAS, TARGET, SCRATCHPAD, N_ROLES };

struct LwOnednn {
  LwOnednnShape shape;
  LwOnednnDirection direction;
  int threads;
  dnnl_engine_t engine;
  dnnl_primitive_t primitive;
  size_t scratchpad;                /* bytes */
  size_t packed;                    /* bytes of weights in the library's order */
  dnnl_stream_t *streams;           /* of each thread */
  dnnl_memory_t (*memory)[N_ROLES]; /* of each thread; pointed at what a call gives */

  /* Weights to or from the library's order; NULL: it is ours. */
  dnnl_primitive_t reorder;
  dnnl_memory_t ours, theirs;
};

char *
lw_onednn_version (void)
{
  const dnnl_version_t *version = dnnl_version ();

  return g_strdup_printf ("%d.%d.%d", version->major, version->minor, version->patch);
}

/* --- one thread ------------------------------------------------------------------------------- */

/* Inside our pool, and where primitives are made, the library shall use the calling thread alone.
 * Its other thread libraries do so by themselves or do not say how. */
static int
begin_single (void)
{
#if DNNL_CPU_THREADING_RUNTIME == DNNL_RUNTIME_OMP
  const int before = omp_get_max_threads ();

  omp_set_num_threads (1);
  return before;
#else
  return 0;
#endif
}

static void
end_single (int before)
{
#if DNNL_CPU_THREADING_RUNTIME == DNNL_RUNTIME_OMP
  omp_set_num_threads (before);
#else
  (void)before;
#endif
}

/* --- descriptions: what differs between 2.x and 3.x ---------------------------------------------
 */

#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t Own; /* of ours, to be freed */
typedef const_dnnl_memory_desc_t Shown;
#define SHOWN(own) (own)
#else
typedef dnnl_memory_desc_t Own;
typedef const dnnl_memory_desc_t *Shown;
#define SHOWN(own) (&(own))
#endif

/* `strides` NULL: the library chooses the order. */
static bool
describe (Own *ret, dnnl_data_type_t type, int n, const dnnl_dims_t dims, const int64_t *strides)
{
#if DNNL_VERSION_MAJOR >= 3
  if (strides != NULL)
    return dnnl_memory_desc_create_with_strides (ret, n, dims, type, strides) == dnnl_success;
  return dnnl_memory_desc_create_with_tag (ret, n, dims, type, dnnl_format_tag_any) == dnnl_success;
#else
  if (strides != NULL)
    return dnnl_memory_desc_init_by_strides (ret, n, dims, type, strides) == dnnl_success;
  return dnnl_memory_desc_init_by_tag (ret, n, dims, type, dnnl_format_tag_any) == dnnl_success;
#endif
}

static void
forget (Own *own)
{
#if DNNL_VERSION_MAJOR >= 3
  if (*own != NULL)
    dnnl_memory_desc_destroy (*own);
#endif
  *own = (Own){ 0 };
}

/* `to` becomes the description of a memory. */
static bool
copy_order (Own *to, dnnl_memory_t from)
{
  Shown shown = NULL;

  if (dnnl_memory_get_memory_desc (from, &shown) != dnnl_success)
    return false;
#if DNNL_VERSION_MAJOR >= 3
  forget (to);
  return dnnl_memory_desc_clone (to, shown) == dnnl_success;
#else
  *to = *shown;
  return true;
#endif
}

/* Activations and weights of a convolution. */
typedef struct {
  Own x, w, bias, y;
} Descriptions;

static void
forget_all (Descriptions *d)
{
  forget (&d->x);
  forget (&d->w);
  forget (&d->bias);
  forget (&d->y);
}

static dnnl_primitive_desc_t
make_description (const LwOnednn *c, const Descriptions *d, LwOnednnDirection direction,
                  dnnl_primitive_desc_t forward)
{
  const LwOnednnShape *s = &c->shape;
  const dnnl_dims_t strides = { s->stride, s->stride }, padding = { s->padding, s->padding };
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_primitive_desc_t made = NULL;
  dnnl_status_t status = dnnl_primitive_attr_create (&attributes);
  const Shown x = SHOWN (d->x), w = SHOWN (d->w), y = SHOWN (d->y);
  const Shown bias = s->bias ? SHOWN (d->bias) : NULL;

  if (status == dnnl_success)
    status = dnnl_primitive_attr_set_scratchpad_mode (attributes, dnnl_scratchpad_mode_user);
#if DNNL_VERSION_MAJOR >= 3
  const dnnl_dims_t dilation = { 0, 0 };

  if (status == dnnl_success && direction == LW_ONEDNN_FORWARD)
    status = dnnl_convolution_forward_primitive_desc_create (
        &made, c->engine, dnnl_forward_training, dnnl_convolution_direct, x, w, bias, y, strides,
        dilation, padding, padding, attributes);
  else if (status == dnnl_success && direction == LW_ONEDNN_DATA)
    status = dnnl_convolution_backward_data_primitive_desc_create (
        &made, c->engine, dnnl_convolution_direct, x, w, y, strides, dilation, padding, padding,
        forward, attributes);
  else if (status == dnnl_success)
    status = dnnl_convolution_backward_weights_primitive_desc_create (
        &made, c->engine, dnnl_convolution_direct, x, w, bias, y, strides, dilation, padding,
        padding, forward, attributes);
#else
  dnnl_convolution_desc_t op;

  if (status == dnnl_success && direction == LW_ONEDNN_FORWARD)
    status =
        dnnl_convolution_forward_desc_init (&op, dnnl_forward_training, dnnl_convolution_direct, x,
                                            w, bias, y, strides, padding, padding);
  else if (status == dnnl_success && direction == LW_ONEDNN_DATA)
    status = dnnl_convolution_backward_data_desc_init (&op, dnnl_convolution_direct, x, w, y,
                                                       strides, padding, padding);
  else if (status == dnnl_success)
    status = dnnl_convolution_backward_weights_desc_init (&op, dnnl_convolution_direct, x, w, bias,
                                                          y, strides, padding, padding);
  if (status == dnnl_success)
    status = dnnl_primitive_desc_create (&made, &op, attributes, c->engine, forward);
#endif
  if (attributes != NULL)
    dnnl_primitive_attr_destroy (attributes);
  return status == dnnl_success ? made : NULL;
}

/* --- making ----------------------------------------------------------------------------------- */

/* For a primitive of that direction. */
static bool
describe_all (const LwOnednn *c, LwOnednnDirection direction, Descriptions *ret)
{
  const LwOnednnShape *s = &c->shape;
  const dnnl_dims_t x = { s->n, s->in, s->h, s->w }, y = { s->n, s->out, s->out_h, s->out_w };
  const dnnl_dims_t w = { s->out, s->in, s->kernel, s->kernel }, bias = { s->out }, one = { 1 };
  const dnnl_dims_t x_strides = { (int64_t)s->h * s->w * s->in, 1, (int64_t)s->w * s->in, s->in };
  const dnnl_dims_t y_strides = { (int64_t)s->out_h * s->out_w * s->out, 1,
                                  (int64_t)s->out_w * s->out, s->out };

  const dnnl_data_type_t value = s->bf16 ? dnnl_bf16 : dnnl_f32;
  const dnnl_data_type_t weight = direction == LW_ONEDNN_WEIGHTS ? dnnl_f32 : value;

  *ret = (Descriptions){ 0 };
  return describe (&ret->x, value, 4, x, x_strides) && describe (&ret->w, weight, 4, w, NULL) &&
         describe (&ret->bias, dnnl_f32, 1, bias, one) &&
         describe (&ret->y, value, 4, y, y_strides);
}

/* HWIO, float32. */
static bool
describe_ours (const LwOnednn *c, Own *ret)
{
  const LwOnednnShape *s = &c->shape;
  const dnnl_dims_t dims = { s->out, s->in, s->kernel, s->kernel };
  const dnnl_dims_t strides = { 1, s->out, (int64_t)s->kernel * s->in * s->out,
                                (int64_t)s->in * s->out };

  return describe (ret, dnnl_f32, 4, dims, strides);
}

/* What the library's queries and arguments call our roles, by direction. */
static const dnnl_query_t queries[][N_ROLES] = {
  { dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_weights_md, dnnl_query_dst_md,
    dnnl_query_scratchpad_md },
  { dnnl_query_diff_dst_md, dnnl_query_weights_md, dnnl_query_weights_md, dnnl_query_diff_src_md,
    dnnl_query_scratchpad_md },
  { dnnl_query_src_md, dnnl_query_diff_weights_md, dnnl_query_diff_weights_md,
    dnnl_query_diff_dst_md, dnnl_query_scratchpad_md },
};
static const int arguments[][N_ROLES] = {
  { DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS, DNNL_ARG_DST, DNNL_ARG_SCRATCHPAD },
  { DNNL_ARG_DIFF_DST, DNNL_ARG_WEIGHTS, 0, DNNL_ARG_DIFF_SRC, DNNL_ARG_SCRATCHPAD },
  { DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_BIAS, DNNL_ARG_DIFF_DST,
    DNNL_ARG_SCRATCHPAD },
};

static bool
has_role (const LwOnednn *c, int role)
{
  return role != BIAS || (c->shape.bias && c->direction != LW_ONEDNN_DATA);
}

/* Of what the primitive takes for a role: a bias is the second of the weights. */
static Shown
shown_of (const LwOnednn *c, const_dnnl_primitive_desc_t description, int role)
{
  return dnnl_primitive_desc_query_md (description, queries[c->direction][role], role == BIAS);
}

/* The library's plain loops are no candidate. */
static bool
is_fast (const_dnnl_primitive_desc_t description)
{
  const char *name = NULL;

  return dnnl_primitive_desc_query (description, dnnl_query_impl_info_str, 0, (void *)&name) ==
             dnnl_success &&
         name != NULL && !g_str_has_prefix (name, "ref");
}

static bool
make_memory (LwOnednn *c, const_dnnl_primitive_desc_t description)
{
  c->streams = g_new0 (dnnl_stream_t, c->threads);
  c->memory = g_malloc0_n ((gsize)c->threads, sizeof *c->memory);
  for (int t = 0; t < c->threads; t++) {
    if (dnnl_stream_create (&c->streams[t], c->engine, dnnl_stream_default_flags) != dnnl_success)
      return false;
    for (int role = 0; role < N_ROLES; role++)
      if (has_role (c, role) &&
          dnnl_memory_create (&c->memory[t][role], shown_of (c, description, role), c->engine,
                              DNNL_MEMORY_NONE) != dnnl_success)
        return false;
  }
  return true;
}

static dnnl_primitive_t
make_reorder (dnnl_engine_t engine, Shown from, Shown to)
{
  dnnl_primitive_desc_t description = NULL;
  dnnl_primitive_t primitive = NULL;

  if (dnnl_reorder_primitive_desc_create (&description, from, engine, to, engine, NULL) !=
      dnnl_success)
    return NULL;
  if (dnnl_primitive_create (&primitive, description) != dnnl_success)
    primitive = NULL;
  dnnl_primitive_desc_destroy (description);
  return primitive;
}

static bool
make_weights (LwOnednn *c, Shown theirs)
{
  Own ours = { 0 };
  bool done = describe_ours (c, &ours);

  c->packed = dnnl_memory_desc_get_size (theirs);
  if (done && !dnnl_memory_desc_equal (SHOWN (ours), theirs)) {
    c->reorder = c->direction == LW_ONEDNN_WEIGHTS ? make_reorder (c->engine, theirs, SHOWN (ours))
                                                   : make_reorder (c->engine, SHOWN (ours), theirs);
    done =
        c->reorder != NULL &&
        dnnl_memory_create (&c->ours, SHOWN (ours), c->engine, DNNL_MEMORY_NONE) == dnnl_success &&
        dnnl_memory_create (&c->theirs, theirs, c->engine, DNNL_MEMORY_NONE) == dnnl_success;
  }
  forget (&ours);
  return done;
}

/* The description of a primitive whose weights are in the order of `like`, or in the library's. */
static dnnl_primitive_desc_t
choose_primitive (const LwOnednn *c, const LwOnednn *like)
{
  Descriptions d;
  dnnl_primitive_desc_t forward = NULL, made = NULL;
  bool done = true;

  /* The library derives backward from a forward that it would choose. */
  if (c->direction != LW_ONEDNN_FORWARD) {
    done = describe_all (c, LW_ONEDNN_FORWARD, &d);
    if (done)
      forward = make_description (c, &d, LW_ONEDNN_FORWARD, NULL);
    done = forward != NULL;
    forget_all (&d);
  }
  done = describe_all (c, c->direction, &d) && done;
  if (done && like != NULL)
    done = copy_order (&d.w, like->memory[0][WEIGHTS]);
  if (done)
    made = make_description (c, &d, c->direction, forward);
  if (forward != NULL)
    dnnl_primitive_desc_destroy (forward);
  forget_all (&d);
  return made;
}

static bool
make (LwOnednn *c, const LwOnednn *like)
{
  dnnl_primitive_desc_t description;
  bool done;

  if (dnnl_engine_create (&c->engine, dnnl_cpu, 0) != dnnl_success)
    return false;
  description = choose_primitive (c, like);
  if (description == NULL)
    return false;
  done = is_fast (description) &&
         dnnl_primitive_create (&c->primitive, description) == dnnl_success &&
         make_memory (c, description) && make_weights (c, shown_of (c, description, WEIGHTS));
  if (done)
    c->scratchpad = dnnl_memory_desc_get_size (shown_of (c, description, SCRATCHPAD));
  dnnl_primitive_desc_destroy (description);
  return done;
}

LwOnednn *
lw_onednn_new (const LwOnednnShape *shape, LwOnednnDirection direction, int threads,
               const LwOnednn *like)
{
  g_autoptr (LwOnednn) c = g_new0 (LwOnednn, 1);
  int before;
  bool done;

  c->shape = *shape;
  c->direction = direction;
  c->threads = threads;
  before = begin_single ();
  done = make (c, like);
  end_single (before);
  return done ? g_steal_pointer (&c) : NULL;
}

static void
free_memory (dnnl_memory_t memory)
{
  if (memory != NULL)
    dnnl_memory_destroy (memory);
}

void
lw_onednn_free (LwOnednn *c)
{
  if (c == NULL)
    return;
  for (int t = 0; c->memory != NULL && t < c->threads; t++) {
    for (int role = 0; role < N_ROLES; role++)
      free_memory (c->memory[t][role]);
    if (c->streams[t] != NULL)
      dnnl_stream_destroy (c->streams[t]);
  }
  g_free (c->memory);
  g_free (c->streams);
  free_memory (c->ours);
  free_memory (c->theirs);
  if (c->reorder != NULL)
    dnnl_primitive_destroy (c->reorder);
  if (c->primitive != NULL)
    dnnl_primitive_destroy (c->primitive);
  if (c->engine != NULL)
    dnnl_engine_destroy (c->engine);
  g_free (c);
}

size_t
lw_onednn_scratchpad (const LwOnednn *c)
{
  return c->scratchpad;
}

size_t
lw_onednn_packed (const LwOnednn *c)
{
  return c->packed;
}

bool
lw_onednn_reorders (const LwOnednn *c)
{
  return c->reorder != NULL;
}

/* --- running ---------------------------------------------------------------------------------- */

static bool
point (dnnl_memory_t memory, const void *at)
{
  return memory == NULL || dnnl_memory_set_data_handle (memory, (void *)at) == dnnl_success;
}

static bool
execute (const LwOnednn *c, dnnl_primitive_t primitive, int thread, const dnnl_exec_arg_t *args,
         int n)
{
  const int before = begin_single ();
  const bool done =
      dnnl_primitive_execute (primitive, c->streams[thread], n, args) == dnnl_success &&
      dnnl_stream_wait (c->streams[thread]) == dnnl_success;

  end_single (before);
  return done;
}

bool
lw_onednn_set_weights (LwOnednn *c, int thread, const void *weights, const float *bias)
{
  return point (c->memory[thread][WEIGHTS], weights) && point (c->memory[thread][BIAS], bias);
}

bool
lw_onednn_run (LwOnednn *c, int thread, const void *source, void *target, void *scratchpad)
{
  dnnl_memory_t *memory = c->memory[thread];
  dnnl_exec_arg_t args[N_ROLES];
  int n = 0;

  for (int role = 0; role < N_ROLES; role++)
    if (has_role (c, role))
      args[n++] = (dnnl_exec_arg_t){ arguments[c->direction][role], memory[role] };
  return point (memory[SOURCE], source) && point (memory[TARGET], target) &&
         point (memory[SCRATCHPAD], scratchpad) && execute (c, c->primitive, thread, args, n);
}

bool
lw_onednn_reorder (LwOnednn *c, const void *from, void *to)
{
  const bool packs = c->direction != LW_ONEDNN_WEIGHTS;
  const dnnl_exec_arg_t args[] = { { DNNL_ARG_FROM, packs ? c->ours : c->theirs },
                                   { DNNL_ARG_TO, packs ? c->theirs : c->ours } };

  return point (args[0].memory, from) && point (args[1].memory, to) &&
         execute (c, c->reorder, 0, args, 2);
}
