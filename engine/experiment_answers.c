/* The answers: which sentences the numbers choose. Each function is the answer of one experiment,
 * with its runs in the order of the table. */
#include "engine/bn_accuracy.h"
#include "engine/experiment_private.h"

#include <math.h>

#define SEED_NOISE      0.01 /* of test accuracy, about what another seed changes here */
#define ALL_TEST_IMAGES 10000

double
lw_experiment_noise (const LwNumbers *a, const LwNumbers *b)
{
  const double pa = a->values[LW_MEASURE_BEST], pb = b->values[LW_MEASURE_BEST];
  const double p = isnan (pa) || isnan (pb) ? 0.8 : (pa + pb) / 2;
  const double n = a->test_images > 0 ? a->test_images : ALL_TEST_IMAGES;

  return fmax (SEED_NOISE, 2 * sqrt (2 * p * (1 - p) / n));
}

double
lw_answer_value (const LwAnswer *answer, LwMeasure measure, int run)
{
  return run >= 0 && run < answer->n ? answer->numbers[run].values[measure] : NAN;
}

bool
lw_answer_beats (const LwAnswer *answer, LwMeasure measure, int a, int b)
{
  return lw_answer_value (answer, measure, a) - lw_answer_value (answer, measure, b) >
         lw_experiment_noise (&answer->numbers[a], &answer->numbers[b]);
}

bool
lw_answer_diverged (const LwAnswer *answer, int run)
{
  return run < answer->n && answer->numbers[run].state == LW_RUN_DIVERGED;
}

#define V(measure, run) lw_answer_value (answer, LW_MEASURE_##measure, run)
#define SAY(sentence)   lw_answer_say (answer, N_ (sentence))

/* Of the first two runs. */
static void
say_unsettled (LwAnswer *answer)
{
  if (isnan (V (BEST, 0) - V (BEST, 1)))
    SAY ("These runs do not settle it: not all of them were tested.");
  else
    SAY ("These runs do not settle it: the difference of {diff:best:0:1} in test accuracy is "
         "within what another seed or other test images change.");
}

void
lw_answer_lenet (LwAnswer *answer)
{
  const bool relu = lw_answer_beats (answer, LW_MEASURE_BEST, 2, 0) ||
                    lw_answer_beats (answer, LW_MEASURE_BEST, 3, 1);
  const bool sigmoid = lw_answer_beats (answer, LW_MEASURE_BEST, 0, 2) &&
                       lw_answer_beats (answer, LW_MEASURE_BEST, 1, 3);
  const double max_gain = (V (BEST, 1) - V (BEST, 0) + V (BEST, 3) - V (BEST, 2)) / 2;
  const double noise = lw_experiment_noise (&answer->numbers[0], &answer->numbers[3]);

  if (relu)
    SAY ("ReLU: with average pooling it comes to {best:2}, sigmoid to {best:0}; with max pooling "
         "to {best:3} against {best:1}.");
  else if (sigmoid)
    SAY ("Sigmoid, here: {best:0} and {best:1} against ReLU's {best:2} and {best:3}.");
  else
    SAY ("The activation decides little here: sigmoid comes to {best:0} and {best:1}, ReLU to "
         "{best:2} and {best:3}, within what another seed changes.");
  if (V (FIRST_LOSS, 0) > 2.0 && V (FIRST_LOSS, 2) < 1.5)
    SAY ("In epoch 1 the sigmoids hardly learn (train loss {loss1:0}), while ReLU is at {loss1:2}: "
         "flat sigmoids let little gradient through to the first layers.");
  if (max_gain > noise)
    SAY ("Max pooling is better than average.");
  else if (max_gain < -noise)
    SAY ("Average pooling is better than max.");
  else
    SAY ("Between average and max pooling these runs show no clear difference.");
}

void
lw_answer_dropout (LwAnswer *answer)
{
  const double less = V (GAP, 1) - V (GAP, 0);

  if (less > 0.02)
    SAY ("They keep the network from learning the training images by heart: without them train "
         "accuracy is {gap:1} above test accuracy, with them {gap:0}.");
  else
    SAY ("Little, here: the gap between train and test accuracy is {gap:0} with them and {gap:1} "
         "without.");
  if (V (TRAIN, 1) - V (TRAIN, 0) > 0.02)
    SAY ("The price is slower learning: train accuracy is {train:0} with and {train:1} without "
         "dropout in the last epoch.");
  if (lw_answer_beats (answer, LW_MEASURE_BEST, 0, 1))
    SAY ("It pays: the best test accuracy is {best:0} with and {best:1} without.");
  else if (lw_answer_beats (answer, LW_MEASURE_BEST, 1, 0))
    SAY ("In so few steps it does not pay yet: the best test accuracy is {best:0} with and "
         "{best:1} without.");
  else
    SAY ("In test accuracy that changes nothing clear: {best:0} with and {best:1} without.");
}

void
lw_answer_filters (LwAnswer *answer)
{
  const double n = V (FILTERS, 0), unclear = V (UNCLEAR, 0);

  if (isnan (n)) {
    SAY ("The filters have not been looked at yet.");
    return;
  }
  if (unclear > 0.5 * n)
    SAY ("Not for much yet: {unclear:0} of {filters:0} filters still look like the random numbers "
         "that they began with. Longer training smooths them.");
  else if (V (EDGES, 0) >= V (BLOBS, 0))
    SAY ("Mostly for edges: {edges:0} of {filters:0} filters have a bright side and a dark one or "
         "stripes, {blobs:0} a spot; {unclear:0} are not told from noise.");
  else
    SAY ("Mostly for bright or dark places: {blobs:0} of {filters:0} filters are a spot, {edges:0} "
         "have a bright and a dark side or stripes; {unclear:0} are not told from noise.");
  if (unclear <= 0.5 * n)
    SAY ("Nobody drew them; gradient descent found them, and the best test accuracy is {best:0}.");
}

void
lw_answer_depth (LwAnswer *answer)
{
  if (lw_answer_diverged (answer, 1))
    SAY ("Not without help: the deeper network diverged.");
  else if (lw_answer_beats (answer, LW_MEASURE_BEST, 1, 0))
    SAY ("Yes, here: with {macs:1} multiply-accumulates the deeper network comes to {best:1}, the "
         "wider one with {macs:0} to {best:0}.");
  else if (lw_answer_beats (answer, LW_MEASURE_BEST, 0, 1))
    SAY ("No, not in so short a training: with {macs:0} multiply-accumulates the wider network "
         "comes to {best:0}, the deeper one with {macs:1} to {best:1}.");
  else
    say_unsettled (answer);
  if (V (FIRST_LOSS, 1) > V (FIRST_LOSS, 0) * 1.1)
    SAY ("The deeper one starts more slowly: train loss {loss1:1} against {loss1:0} in epoch 1.");
  else if (V (FIRST_LOSS, 0) > V (FIRST_LOSS, 1) * 1.1)
    SAY ("The deeper one even starts faster: train loss {loss1:1} against {loss1:0} in epoch 1.");
}

void
lw_answer_pooling (LwAnswer *answer)
{
  if (lw_answer_beats (answer, LW_MEASURE_BEST, 0, 1))
    SAY ("Yes: NiN comes to {best:0} and AlexNet to {best:1}.");
  else if (lw_answer_beats (answer, LW_MEASURE_BEST, 1, 0))
    SAY ("Not without loss here: NiN comes to {best:0} and AlexNet to {best:1}.");
  else
    SAY ("Yes: NiN comes to {best:0} and AlexNet to {best:1}, within what another seed changes.");
  SAY ("It needs {parameters:0} parameters, AlexNet {parameters:1}.");
  if (V (SECONDS, 0) < 0.9 * V (SECONDS, 1))
    SAY ("An epoch takes {seconds:0} s instead of {seconds:1} s.");
  else if (V (SECONDS, 0) > 1.1 * V (SECONDS, 1))
    SAY ("That saves memory, not time: an epoch takes {seconds:0} s, AlexNet's {seconds:1} s.");
}

void
lw_answer_paths (LwAnswer *answer)
{
  static const char *const most[] = {
    N_ ("Path 1, the 1×1 convolutions: without it test accuracy falls from {last:0} to {path1:0}."),
    N_ ("Path 2, the 3×3 convolutions: without it test accuracy falls from {last:0} to {path2:0}."),
    N_ ("Path 3, the 5×5 convolutions: without it test accuracy falls from {last:0} to {path3:0}."),
    N_ ("Path 4, the pooling: without it test accuracy falls from {last:0} to {path4:0}."),
  };
  static const char *const least[] = {
    N_ ("The 1×1 path is missed least ({path1:0})."),
    N_ ("The 3×3 path is missed least ({path2:0})."),
    N_ ("The 5×5 path is missed least ({path3:0})."),
    N_ ("The pooling path is missed least ({path4:0})."),
  };
  int lowest = 0, highest = 0;

  for (int i = 0; i < 4; i++) {
    const double value = lw_answer_value (answer, (LwMeasure)(LW_MEASURE_PATH_1 + i), 0);

    if (isnan (value)) {
      SAY ("The paths have not been switched off yet.");
      return;
    }
    if (value < lw_answer_value (answer, (LwMeasure)(LW_MEASURE_PATH_1 + lowest), 0))
      lowest = i;
    if (value > lw_answer_value (answer, (LwMeasure)(LW_MEASURE_PATH_1 + highest), 0))
      highest = i;
  }
  if (V (LAST, 0) < 0.5) {
    SAY ("The network has hardly learned yet ({last:0}), so there is no work to share.");
    return;
  }
  if (lw_answer_value (answer, (LwMeasure)(LW_MEASURE_PATH_1 + lowest), 0) >
      V (LAST, 0) - lw_experiment_noise (&answer->numbers[0], &answer->numbers[0])) {
    SAY ("None alone: the network does as well without any one of them.");
    return;
  }
  lw_answer_say (answer, most[lowest]);
  lw_answer_say (answer, least[highest]);
}

void
lw_answer_bn_faster (LwAnswer *answer)
{
  const double with = V (REACHED, 0), without = V (REACHED, 1);

  if (!isnan (with) && isnan (without))
    SAY ("Yes. At the same learning rate the network with BN reaches a test accuracy of {target} "
         "in epoch {reached:0}, the one without not at all.");
  else if (!isnan (with) && with < without)
    SAY ("Yes. At the same learning rate the network with BN reaches a test accuracy of {target} "
         "in epoch {reached:0}, the one without in epoch {reached:1}.");
  else if (V (FIRST_LOSS, 0) < 0.9 * V (FIRST_LOSS, 1))
    SAY ("In the loss, yes: {loss1:0} with and {loss1:1} without BN in epoch 1; in test accuracy "
         "these runs do not show it.");
  else
    SAY ("Not in these runs: train loss in epoch 1 is {loss1:0} with and {loss1:1} without BN.");
  if (V (FIRST_LOSS, 1) > 2.0 && V (FIRST_LOSS, 0) < 1.5)
    SAY ("LeNet first stands still: its sigmoids pass almost no gradient to the first layers.");
  if (V (BEST, 0) - V (WORST, 0) > 0.05)
    SAY ("But with BN the test accuracy jumps, down to {worst:0} after the first half.");
}

void
lw_answer_bn_jump (LwAnswer *answer)
{
  const LwBnAccuracies accuracies = { .accuracy = { V (BN_BATCH, 0), V (BN_RUNNING, 0),
                                                    V (BN_FRESH, 0) } };

  if (V (BEST, 0) - V (WORST, 0) > 0.05)
    SAY ("It does jump: between {worst:0} and {best:0} in the second half of the epochs.");
  else
    SAY ("In this run it hardly jumps: between {worst:0} and {best:0}.");
  if (isnan (V (BN_BATCH, 0) + V (BN_RUNNING, 0) + V (BN_FRESH, 0))) {
    SAY ("The three ways have not been compared yet.");
    return;
  }
  switch (lw_bn_verdict (&accuracies)) {
  case LW_BN_AGREE:
    SAY ("After the last epoch batch statistics ({batch:0}) and running averages ({running:0}) "
         "agree, so this moment does not show why.");
    break;
  case LW_BN_LAG:
    SAY ("Its running averages lag behind the weights: with them the same weights score "
         "{running:0}, with averages measured afresh {fresh:0}, with each batch's own {batch:0}. "
         "The network has learned; its averages are late.");
    break;
  case LW_BN_SMALL:
    SAY ("Not because running averages lag: measured afresh they give {fresh:0}, hardly more than "
         "{running:0}; the batches' own statistics give {batch:0}.");
    break;
  case LW_BN_NOISE:
    SAY ("After the last epoch the batches' own statistics are the worse ones ({batch:0} against "
         "{running:0} with running averages), so this moment does not show why.");
    break;
  }
}

void
lw_answer_bn_batch (LwAnswer *answer)
{
  const bool sixteen = lw_answer_beats (answer, LW_MEASURE_BEST, 0, 1);
  const bool two = lw_answer_beats (answer, LW_MEASURE_BEST, 0, 2) ||
                   lw_answer_beats (answer, LW_MEASURE_BEST, 1, 2);

  if (two && sixteen)
    SAY ("Larger than 16: test accuracy falls from {best:0} with batches of 256 to {best:1} with "
         "16 and {best:2} with 2.");
  else if (two)
    SAY ("16 will do, 2 will not: test accuracy is {best:0} with batches of 256, {best:1} with 16 "
         "and {best:2} with 2.");
  else
    SAY ("As small as 2, in these runs: test accuracy is {best:0} with batches of 256, {best:1} "
         "with 16 and {best:2} with 2.");
  if (V (TRAIN, 1) - V (TRAIN, 2) > 0.02)
    SAY ("Of two images mean and variance are a guess, and each image changes how the other is "
         "normalized: train accuracy is {train:2} instead of {train:1}.");
  if (V (SECONDS, 2) > 2 * V (SECONDS, 0))
    SAY ("And an epoch takes {seconds:2} s instead of {seconds:0} s.");
}

void
lw_answer_shortcuts (LwAnswer *answer)
{
  const double with = V (GRADIENT, 0), without = V (GRADIENT, 1);

  if (lw_answer_diverged (answer, 1) || V (BEST, 1) < 0.3)
    SAY ("No: without shortcuts the network does not learn.");
  else if (lw_answer_beats (answer, LW_MEASURE_BEST, 0, 1))
    SAY ("They do, but worse: {best:1} without shortcuts and {best:0} with them.");
  else if (lw_answer_beats (answer, LW_MEASURE_BEST, 1, 0))
    SAY ("Yes, and here even better: {best:1} without shortcuts and {best:0} with them.");
  else
    SAY ("Yes: {best:1} without shortcuts and {best:0} with them, within what another seed "
         "changes.");
  if (V (FIRST_LOSS, 1) > 1.1 * V (FIRST_LOSS, 0))
    SAY ("With them it learns faster: train loss in epoch 1 is {loss1:0} instead of {loss1:1}.");
  else if (V (FIRST_LOSS, 0) > 1.1 * V (FIRST_LOSS, 1))
    SAY ("Without them it even starts faster: train loss in epoch 1 is {loss1:1}, with them "
         "{loss1:0}.");
  if (with > 0 && without > 0)
    SAY ("The first layer's gradient is {gradient:0} times the last one's with shortcuts and "
         "{gradient:1} times without.");
}

void
lw_answer_dense (LwAnswer *answer)
{
  if (lw_answer_beats (answer, LW_MEASURE_BEST, 0, 1))
    SAY ("To concatenate, for each parameter: DenseNet comes to {best:0} with {parameters:0} of "
         "them, ResNet to {best:1} with {parameters:1}.");
  else if (lw_answer_beats (answer, LW_MEASURE_BEST, 1, 0))
    SAY ("To add, here: ResNet comes to {best:1} with {parameters:1} parameters, DenseNet to "
         "{best:0} with {parameters:0}.");
  else
    say_unsettled (answer);
  if (V (SECONDS, 0) > 1.1 * V (SECONDS, 1))
    SAY ("DenseNet's epoch takes {seconds:0} s, ResNet's {seconds:1} s: concatenation reuses "
         "maps, and computes on all of them again.");
}

char *
lw_experiment_answer (const LwExperiment *experiment, const LwNumbers *numbers, int n,
                      LwTranslate translate)
{
  LwAnswer answer = { experiment, numbers, n, translate, g_string_new (NULL) };

  for (int i = 0; i < n; i++)
    if (numbers[i].epochs == 0 && numbers[i].state != LW_RUN_DIVERGED) {
      lw_answer_say (&answer,
                     N_ ("A run ended before its first epoch did, so there is no answer."));
      return g_string_free (answer.text, FALSE);
    }
  experiment->answer (&answer);
  for (int i = 0; i < n; i++)
    if (numbers[i].state == LW_RUN_DIVERGED)
      lw_answer_say (&answer, N_ ("One run diverged: its loss left the numbers."));
  return g_string_free (answer.text, FALSE);
}
