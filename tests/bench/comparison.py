"""What the comparisons share, with PyTorch on the processor and on a graphics card and with ONNX Runtime:
the networks, taking turns, medians, and how tables are written."""
import datetime
import json
import os
import statistics
import subprocess

import machine
from peer import ROOT, fail, say

# The book's input size, and the batch.
NETWORKS = {
    "lenet-bn": (28, 256),
    "alexnet": (224, 128),
    "vgg11-small": (224, 128),
    "nin": (224, 128),
    "googlenet": (96, 128),
    "resnet18": (96, 128),
    "densenet": (96, 128),
}


# --- measurements -------------------------------------------------------------------------------

def last_object(command, environment):
    """The last line that a program prints, which is JSON; what it says on standard error is seen."""
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False,
                            env=environment)
    lines = result.stdout.splitlines()
    if result.returncode != 0 or not lines:
        fail(f"\"{' '.join(command)}\" ended with status {result.returncode}.")
    return json.loads(lines[-1])


def layerwise_command(arguments, network, size, batch, precision):
    command = [arguments.layerwise, "bench", network, "--json", "--input", f"1x{size}x{size}",
               "--batch", str(batch), "--threads", str(arguments.threads),
               "--device", arguments.device, "--precision", precision]
    if arguments.steps:
        command += ["--steps", str(arguments.steps)]
    return command


def scaled(arguments, batch):
    return max(1, round(batch * arguments.batch_scale))


def take_turns(arguments, everybody, measure):
    """{network: {party: [measurement of each round]}}. `everybody`: {party: its name in messages};
    `measure` (network, party) measures once."""
    parties = list(everybody)
    results = {network: {who: [] for who in parties} for network in arguments.networks}
    for round_number in range(arguments.rounds):
        for network in arguments.networks:
            # Who comes first changes, so that no one always meets the cooler processor.
            first = round_number % len(parties)
            for who in parties[first:] + parties[:first]:
                measured = measure(network, who)
                results[network][who].append(measured)
                say(f"round {round_number + 1} of {arguments.rounds}, {network}, "
                    f"{everybody[who]}: {measured['examples_per_second']:.4g} examples/s "
                    f"({measured['steps']} steps)")
    return results


# --- tables -------------------------------------------------------------------------------------

def rate(measurements):
    return statistics.median(m["examples_per_second"] for m in measurements)


def shown(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def mebibytes(measurements, field="peak_memory_bytes"):
    values = [m[field] for m in measurements if m.get(field)]
    return f"{statistics.median(values) / 2**20:,.0f}" if values else "–"


def single_rounds(ours, others):
    """Smallest and largest ratio of a round, each by the best of the others in it."""
    rounds = [mine["examples_per_second"] / max(other[i]["examples_per_second"]
                                                for other in others)
              for i, mine in enumerate(ours)]
    return f"{min(rounds):.2f} – {max(rounds):.2f}"


def row(cells):
    return "| " + " | ".join(cells) + " |"


def heading(words, numbers):
    """A table's first two lines: columns of words, then columns of numbers."""
    return f"{row(words + numbers)}\n|{'---|' * len(words)}{'---:|' * len(numbers)}\n"


def now():
    return f"Date: {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC"


def program(arguments, ours):
    """Which Layerwise was measured; `ours`: one of its measurements."""
    version = subprocess.run([arguments.layerwise, "--version"], capture_output=True, text=True,
                             check=False).stdout.strip()
    return f"{version}, commit {machine.commit(ROOT)}, device {ours['device']}, {ours['precision']}"


def rule(arguments, what):
    return (f"{what}: medians of {arguments.rounds} interleaved "
            f"round{'s' if arguments.rounds > 1 else ''}, "
            + (f"{arguments.steps} step{'s' if arguments.steps > 1 else ''} each" if arguments.steps else
               "each of at least 5 steps and 3 seconds, or 30 seconds"))


def remarks(arguments, note, load):
    lines = [note] if note else []
    if arguments.batch_scale != 1:
        lines.append(f"Batches are {arguments.batch_scale:g} times those of the comparison.")
    if load > 0.25 * machine.cores():
        lines.append(f"**The machine was busy** (load {load:.1f} before the first measurement): "
                     "these figures only show that the comparison runs.")
    return lines


def bullets(lines):
    return "".join(f"- {line}\n" for line in lines)


# --- options ------------------------------------------------------------------------------------

def add_options(parser, device):
    parser.add_argument("networks", nargs="*", metavar="NETWORK",
                        help="of: " + " ".join(NETWORKS) + " (default: all)")
    parser.add_argument("--rounds", type=int, default=3, help="default 3")
    parser.add_argument("--batch-scale", type=float, default=1, metavar="X",
                        help="X times the batch, to try it out")
    parser.add_argument("--steps", type=int, default=0, metavar="N",
                        help="N steps a measurement instead of by time")
    parser.add_argument("--threads", type=int, default=machine.cores(),
                        help="default: all cores")
    parser.add_argument("--device", default=device, help=f"Layerwise's device (default {device})")
    parser.add_argument("--layerwise", metavar="PATH",
                        default=os.path.join(ROOT, "build", "app", "layerwise"),
                        help="the program to measure (default build/app/layerwise)")
    parser.add_argument("--output", metavar="FILE", help="write the table there as well")
    parser.add_argument("--raw", metavar="FILE", help="write all measurements there as JSON")


def add_torch_options(parser):
    parser.add_argument("--python", metavar="PATH", help="a Python that has PyTorch already")
    parser.add_argument("--upgrade", action="store_true", help="fetch the newest PyTorch again")


def parse(parser):
    """The arguments, once what add_options offers has been looked at."""
    arguments = parser.parse_args()
    unknown = [network for network in arguments.networks if network not in NETWORKS]
    if unknown:
        parser.error(f"unknown network {unknown[0]}; there are: {', '.join(NETWORKS)}")
    if arguments.rounds < 1 or arguments.threads < 1 or arguments.batch_scale <= 0:
        parser.error("rounds, threads and the batch's scale must be positive")
    arguments.networks = list(dict.fromkeys(arguments.networks)) or list(NETWORKS)
    if not os.access(arguments.layerwise, os.X_OK):
        fail(f"{arguments.layerwise} is missing; \"./run --build\" builds it.")
    return arguments


def deliver(arguments, text, results):
    print(text, end="")
    if arguments.output:
        with open(arguments.output, "w", encoding="utf-8") as file:
            file.write(text)
    if arguments.raw:
        with open(arguments.raw, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)
