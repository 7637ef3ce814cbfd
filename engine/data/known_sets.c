/* The sets that are known by their names: where they lie, by what they are recognized, and how
 * their classes are called. Sources: Fashion-MNIST (Xiao, Rasul, Vollgraf 2017), KMNIST (Clanuwat
 * et al. 2018), EMNIST (Cohen, Afshar, Tapson, van Schaik 2017: its letters merge upper and lower
 * case, its sets "balanced" and "bymerge" merge the fifteen letters whose two forms are alike),
 * CIFAR-10 and CIFAR-100 (Krizhevsky 2009). CIFAR-100's "train" is called "railway train" here,
 * because the word means a part of the data everywhere else. */
#include "engine/data/dataset_private.h"
#include "engine/i18n.h"
#include <string.h>

static const char *const clothes[] = {
  N_ ("t-shirt"), N_ ("trouser"), N_ ("pullover"), N_ ("dress"),      N_ ("coat"), N_ ("sandal"),
  N_ ("shirt"),   N_ ("sneaker"), N_ ("bag"),      N_ ("ankle boot"), NULL
};
static const char *const digits[] = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", NULL };
static const char *const hiragana[] = { "o",  "ki", "su", "tsu", "na", "ha",
                                        "ma", "ya", "re", "wo",  NULL };
static const char *const letters[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i",
                                       "j", "k", "l", "m", "n", "o", "p", "q", "r",
                                       "s", "t", "u", "v", "w", "x", "y", "z", NULL };
static const char *const characters[] = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "A",
                                          "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L",
                                          "M", "N", "O", "P", "Q", "R", "S", "T", "U", "V", "W",
                                          "X", "Y", "Z", "a", "b", "c", "d", "e", "f", "g", "h",
                                          "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s",
                                          "t", "u", "v", "w", "x", "y", "z", NULL };
static const char *const merged_characters[] = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9",
                                                 "A", "B", "C", "D", "E", "F", "G", "H", "I", "J",
                                                 "K", "L", "M", "N", "O", "P", "Q", "R", "S", "T",
                                                 "U", "V", "W", "X", "Y", "Z", "a", "b", "d", "e",
                                                 "f", "g", "h", "n", "q", "r", "t", NULL };
static const char *const ten_things[] = {
  N_ ("airplane"), N_ ("automobile"), N_ ("bird"), N_ ("cat"),   N_ ("deer"), N_ ("dog"),
  N_ ("frog"),     N_ ("horse"),      N_ ("ship"), N_ ("truck"), NULL
};
static const char *const hundred_things[] = { N_ ("apple"),
                                              N_ ("aquarium fish"),
                                              N_ ("baby"),
                                              N_ ("bear"),
                                              N_ ("beaver"),
                                              N_ ("bed"),
                                              N_ ("bee"),
                                              N_ ("beetle"),
                                              N_ ("bicycle"),
                                              N_ ("bottle"),
                                              N_ ("bowl"),
                                              N_ ("boy"),
                                              N_ ("bridge"),
                                              N_ ("bus"),
                                              N_ ("butterfly"),
                                              N_ ("camel"),
                                              N_ ("can"),
                                              N_ ("castle"),
                                              N_ ("caterpillar"),
                                              N_ ("cattle"),
                                              N_ ("chair"),
                                              N_ ("chimpanzee"),
                                              N_ ("clock"),
                                              N_ ("cloud"),
                                              N_ ("cockroach"),
                                              N_ ("couch"),
                                              N_ ("crab"),
                                              N_ ("crocodile"),
                                              N_ ("cup"),
                                              N_ ("dinosaur"),
                                              N_ ("dolphin"),
                                              N_ ("elephant"),
                                              N_ ("flatfish"),
                                              N_ ("forest"),
                                              N_ ("fox"),
                                              N_ ("girl"),
                                              N_ ("hamster"),
                                              N_ ("house"),
                                              N_ ("kangaroo"),
                                              N_ ("keyboard"),
                                              N_ ("lamp"),
                                              N_ ("lawn mower"),
                                              N_ ("leopard"),
                                              N_ ("lion"),
                                              N_ ("lizard"),
                                              N_ ("lobster"),
                                              N_ ("man"),
                                              N_ ("maple tree"),
                                              N_ ("motorcycle"),
                                              N_ ("mountain"),
                                              N_ ("mouse"),
                                              N_ ("mushroom"),
                                              N_ ("oak tree"),
                                              N_ ("orange"),
                                              N_ ("orchid"),
                                              N_ ("otter"),
                                              N_ ("palm tree"),
                                              N_ ("pear"),
                                              N_ ("pickup truck"),
                                              N_ ("pine tree"),
                                              N_ ("plain"),
                                              N_ ("plate"),
                                              N_ ("poppy"),
                                              N_ ("porcupine"),
                                              N_ ("possum"),
                                              N_ ("rabbit"),
                                              N_ ("raccoon"),
                                              N_ ("ray"),
                                              N_ ("road"),
                                              N_ ("rocket"),
                                              N_ ("rose"),
                                              N_ ("sea"),
                                              N_ ("seal"),
                                              N_ ("shark"),
                                              N_ ("shrew"),
                                              N_ ("skunk"),
                                              N_ ("skyscraper"),
                                              N_ ("snail"),
                                              N_ ("snake"),
                                              N_ ("spider"),
                                              N_ ("squirrel"),
                                              N_ ("streetcar"),
                                              N_ ("sunflower"),
                                              N_ ("sweet pepper"),
                                              N_ ("table"),
                                              N_ ("tank"),
                                              N_ ("telephone"),
                                              N_ ("television"),
                                              N_ ("tiger"),
                                              N_ ("tractor"),
                                              N_ ("railway train"),
                                              N_ ("trout"),
                                              N_ ("tulip"),
                                              N_ ("turtle"),
                                              N_ ("wardrobe"),
                                              N_ ("whale"),
                                              N_ ("willow tree"),
                                              N_ ("wolf"),
                                              N_ ("woman"),
                                              N_ ("worm"),
                                              NULL };

static const char advice_emnist[] =
    N_ ("Unpack EMNIST's archive of IDX files into a folder “emnist” in "
        "~/.local/share/layerwise/data or in the folder that the variable LAYERWISE_DATA names; "
        "one folder may hold all six of its sets.");

static const LwKnownSet known_sets[] = {
  { .name = "fashion-mnist",
    .places = { "fashion-mnist", "FashionMNIST/raw", "FashionMNIST", "fashion-mnist.npz" },
    .reader = &lw_idx_reader,
    .has_first_labels = true,
    .first_labels = { 9, 0, 0, 3, 0, 2, 7, 2, 5, 5 },
    .classes = clothes,
    .advice = N_ ("Install Debian's package dataset-fashion-mnist, or put the four files of "
                  "Fashion-MNIST into a folder “fashion-mnist” in ~/.local/share/layerwise/data or "
                  "in the folder that the variable LAYERWISE_DATA names.") },
  { .name = "mnist",
    .places = { "mnist", "MNIST/raw", "MNIST", "mnist.npz" },
    .reader = &lw_idx_reader,
    .has_first_labels = true,
    .first_labels = { 5, 0, 4, 1, 9, 2, 1, 3, 1, 4 },
    .classes = digits,
    .advice =
        N_ ("Put the four files of MNIST into a folder “mnist” in ~/.local/share/layerwise/data or "
            "in the folder that the variable LAYERWISE_DATA names.") },
  { .name = "kmnist",
    .places = { "kmnist", "KMNIST/raw", "KMNIST" },
    .reader = &lw_idx_reader,
    .classes = hiragana,
    .advice =
        N_ ("Put the four files of KMNIST into a folder “kmnist” in ~/.local/share/layerwise/data "
            "or in the folder that the variable LAYERWISE_DATA names.") },
  { .name = "emnist-balanced",
    .places = { "emnist-balanced", "emnist/emnist-balanced", "EMNIST/raw/emnist-balanced",
                "EMNIST/emnist-balanced", "gzip/emnist-balanced" },
    .reader = &lw_idx_reader,
    .classes = merged_characters,
    .advice = advice_emnist,
    .by_prefix = true },
  { .name = "emnist-byclass",
    .places = { "emnist-byclass", "emnist/emnist-byclass", "EMNIST/raw/emnist-byclass",
                "EMNIST/emnist-byclass", "gzip/emnist-byclass" },
    .reader = &lw_idx_reader,
    .classes = characters,
    .advice = advice_emnist,
    .by_prefix = true },
  { .name = "emnist-bymerge",
    .places = { "emnist-bymerge", "emnist/emnist-bymerge", "EMNIST/raw/emnist-bymerge",
                "EMNIST/emnist-bymerge", "gzip/emnist-bymerge" },
    .reader = &lw_idx_reader,
    .classes = merged_characters,
    .advice = advice_emnist,
    .by_prefix = true },
  { .name = "emnist-digits",
    .places = { "emnist-digits", "emnist/emnist-digits", "EMNIST/raw/emnist-digits",
                "EMNIST/emnist-digits", "gzip/emnist-digits" },
    .reader = &lw_idx_reader,
    .classes = digits,
    .advice = advice_emnist,
    .by_prefix = true },
  { .name = "emnist-letters",
    .places = { "emnist-letters", "emnist/emnist-letters", "EMNIST/raw/emnist-letters",
                "EMNIST/emnist-letters", "gzip/emnist-letters" },
    .reader = &lw_idx_reader,
    .classes = letters,
    .advice = advice_emnist,
    .by_prefix = true },
  { .name = "emnist-mnist",
    .places = { "emnist-mnist", "emnist/emnist-mnist", "EMNIST/raw/emnist-mnist",
                "EMNIST/emnist-mnist", "gzip/emnist-mnist" },
    .reader = &lw_idx_reader,
    .classes = digits,
    .advice = advice_emnist,
    .by_prefix = true },
  { .name = "cifar-10",
    .places = { "cifar-10", "cifar-10-batches-bin", "cifar10" },
    .reader = &lw_cifar10_reader,
    .classes = ten_things,
    .advice = N_ ("Unpack CIFAR-10's binary version, and put its folder “cifar-10-batches-bin” "
                  "into ~/.local/share/layerwise/data or into the folder that the variable "
                  "LAYERWISE_DATA names.") },
  { .name = "cifar-100",
    .places = { "cifar-100", "cifar-100-binary", "cifar100" },
    .reader = &lw_cifar100_reader,
    .classes = hundred_things,
    .advice = N_ ("Unpack CIFAR-100's binary version, and put its folder “cifar-100-binary” into "
                  "~/.local/share/layerwise/data or into the folder that the variable "
                  "LAYERWISE_DATA names.") },
};

const LwKnownSet *
lw_known_sets (int32_t *ret_n)
{
  *ret_n = G_N_ELEMENTS (known_sets);
  return known_sets;
}

const LwKnownSet *
lw_known_set_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (known_sets); i++)
    if (strcmp (known_sets[i].name, name) == 0)
      return &known_sets[i];
  return NULL;
}
