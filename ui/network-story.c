/* The networks in a few sentences: what was new, and what to look for in the diagram. Facts are the
 * papers' (named in each network's model file) and the graph's own numbers. */
#include "ui/layer-lesson.h"

#include <glib/gi18n.h>

static const struct {
  const char *model, *story;
} stories[] = {
  { "lenet",
    N_ ("LeNet read the digits on bank cheques. Two convolutions and two poolings turn an image "
        "into 16 small maps; three linear layers decide. The convolutions share their weights over "
        "the image, so nearly all parameters sit in the linear layers. Its sigmoids make the first "
        "epochs slow: compare the variant with batch normalization.") },
  { "lenet-bn",
    N_ ("The same layers as LeNet with batch normalization before every sigmoid. Values stay where "
        "the sigmoid is steep, so the learning rate can be higher and the loss falls from the "
        "first "
        "iterations on. In training the statistics come from the batch, afterwards from running "
        "averages; the Inspect page shows both.") },
  { "alexnet",
    N_ ("AlexNet won the ImageNet challenge of 2012 by a wide margin and turned the field to deep "
        "learning. It is LeNet's plan made larger: five convolutions, ReLU instead of sigmoid, max "
        "pooling, dropout before the big linear layers, training on GPUs. Look at the table: the "
        "convolutions do nearly all of the work, the linear layers hold nearly all of the "
        "parameters.") },
  { "vgg11",
    N_ ("VGG made blocks the unit of design: 3×3 convolutions in a row, then a pooling that halves "
        "the map, while the channels double. Two 3×3 windows see as much as one 5×5 with fewer "
        "weights. Regular and easy to deepen, but expensive: its first linear layer alone holds "
        "most of the parameters.") },
  { "vgg11-small",
    N_ ("VGG-11 with a quarter of the channels, so that it trains in reasonable time. "
        "Convolutions that read and write a quarter of the channels need a sixteenth of "
        "the "
        "work; the linear layers at the end keep their 4096 units and now hold almost "
        "everything.") },
  { "nin",
    N_ ("Network in network does without linear layers. In each block two 1×1 convolutions follow "
        "the first one and work like a small network at every pixel. At the end there is one map "
        "for each class, and its mean is the score. Compare the parameters with AlexNet's, whose "
        "windows it shares.") },
  { "googlenet",
    N_ ("GoogLeNet won ImageNet in 2014. Its nine Inception blocks look at their input through "
        "1×1, 3×3 and 5×5 windows and a pooling at once. 1×1 convolutions in front of the large "
        "windows cut the channels first: it needs far fewer parameters than VGG of the same year. "
        "Unfold Inception 3b to see it.") },
  { "resnet18",
    N_ ("Plain networks of many layers trained worse than shallower ones, though they could have "
        "copied them. ResNet adds each block's input to its output, so a block need only learn "
        "what "
        "to change and the gradient has a way around it. Networks of over a hundred layers became "
        "trainable; this one has 18 with weights on its longest path.") },
  { "densenet",
    N_ ("Where ResNet adds, DenseNet lays side by side: each convolution reads the outputs of all "
        "before it in its block and contributes a few channels, the growth rate. Nothing has to be "
        "learned twice, so the layers can be thin and the parameters few. Transitions halve the "
        "channels between the blocks.") },
};

char *
lw_network_story (const LwModel *model)
{
  for (guint i = 0; i < G_N_ELEMENTS (stories); i++)
    if (g_str_equal (stories[i].model, model->name))
      return g_strdup (_ (stories[i].story));
  return g_strdup (_ (model->idea));
}
