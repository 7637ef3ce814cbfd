/* Host code that does wrong with its own memory, which only the address sanitizer sees. */
#include "tests/device/planted.cuh"

namespace {

enum Mistake { NONE, SHORT_SOURCE, SHORT_TARGET, LEAKED };

template <Mistake mistake>
bool
run_host ()
{
  enum { BYTES = THREADS * sizeof (float) };
  Bench bench;
  float *source = static_cast<float *> (malloc (mistake == SHORT_SOURCE ? BYTES - 4 : BYTES));
  float *target = static_cast<float *> (malloc (mistake == SHORT_TARGET ? BYTES - 4 : BYTES));
  bool right = true;

  for (int i = 0; i < THREADS - 1; i++)
    source[i] = float (i);
  check (cudaMemcpyAsync (bench.y, source, BYTES, cudaMemcpyHostToDevice, bench.stream));
  check (cudaMemcpyAsync (target, bench.y, BYTES, cudaMemcpyDeviceToHost, bench.stream));
  check (cudaStreamSynchronize (bench.stream));
  for (int i = 0; i < THREADS - 1; i++)
    right = right && target[i] == float (i);
  if (mistake != LEAKED)
    free (source);
  source = nullptr;
  free (target);
  return right;
}

} // namespace

const LwPlanted lw_planted_host[] = {
  { "host-memory", run_host<NONE>, true, "", "" },
  { "host-short-source", run_host<SHORT_SOURCE>, false, "", "" },
  { "host-short-target", run_host<SHORT_TARGET>, false, "", "" },
  { "host-leaked", run_host<LEAKED>, false, "", "" },
  { nullptr, nullptr, false, nullptr, nullptr },
};
