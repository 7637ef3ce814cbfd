#!/usr/bin/env python3
"""Times whole training steps (forward, loss, backward, SGD) of one network in PyTorch, or passes of
inference, in float32 or with autocast to bfloat16, and prints one JSON line. The networks are those
of tests/golden/models.py; started by compare_pytorch, once for each measurement, so that what the
environment says of memory allocator and instruction set holds from the start."""
import argparse
import json
import os
import statistics
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "golden"))
sys.dont_write_bytecode = True

# The same rule as "layerwise bench": steps and seconds before counting, and of what is counted.
WARM_UP_STEPS, WARM_UP_S = 2, 1.0
LEAST_STEPS, MEASURED_S, MOST_S = 5, 3.0, 30.0


def status_bytes(field):
    """A line of /proc/self/status in bytes; 0 where there is none."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            for line in status:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def forget_peak():
    """Lets VmHWM begin at the size now; returns that size."""
    try:
        with open("/proc/self/clear_refs", "w", encoding="ascii") as refs:
            refs.write("5")
    except OSError:
        pass
    return status_bytes("VmRSS")


def timed(step, steps):
    """Milliseconds of each measured step. `steps`: how many, or 0 for as many as the rule says."""
    begin = time.perf_counter()
    done = 0
    while done < WARM_UP_STEPS or time.perf_counter() - begin < WARM_UP_S:
        step()
        done += 1
        if time.perf_counter() - begin > MOST_S / 2:
            break
    times = []
    measured = time.perf_counter()
    while True:
        start = time.perf_counter()
        step()
        now = time.perf_counter()
        times.append(1e3 * (now - start))
        if steps:
            if len(times) == steps:
                return times
        elif (len(times) >= LEAST_STEPS and now - measured >= MEASURED_S) or now - begin > MOST_S:
            return times


def optimizer_of(torch, parameters, fused):
    if fused:
        return torch.optim.SGD(parameters, lr=0.01, fused=True)
    return torch.optim.SGD(parameters, lr=0.01)


def measure(arguments):
    import torch
    import models

    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)  # as Layerwise does
    torch.manual_seed(42)
    channels_last = arguments.layout == "channels_last"
    shape = (arguments.batch, 1, arguments.size, arguments.size)
    images = torch.rand(*shape)
    labels = torch.randint(0, models.CLASSES, (arguments.batch,))
    before = forget_peak()
    network = models.build(arguments.network, arguments.size)
    if channels_last:
        network = network.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
    network.train(not arguments.inference)
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = optimizer_of(torch, network.parameters(), arguments.fused)

    def autocast():
        return torch.autocast("cpu", dtype=torch.bfloat16, enabled=arguments.precision == "bf16")

    def infer():
        with torch.inference_mode():
            return network(images)

    def train():
        optimizer.zero_grad()
        with autocast():
            loss = criterion(network(images), labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    if arguments.inference:
        # One context around all passes: weights are converted once, not in every pass.
        with autocast():
            times = timed(infer, arguments.steps)
    else:
        times = timed(train, arguments.steps)
    median = statistics.median(times)
    return {"network": arguments.network, "layout": arguments.layout, "batch": arguments.batch,
            "steps": len(times), "step_ms_median": median, "step_ms_min": min(times),
            "examples_per_second": 1e3 * arguments.batch / median,
            "peak_memory_bytes": max(0, status_bytes("VmHWM") - before),
            "torch": torch.__version__, "capability": torch.backends.cpu.get_cpu_capability(),
            "threads": torch.get_num_threads(),
            "configuration": torch.__config__.show()}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network")
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--layout", choices=("default", "channels_last"), default="default")
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32")
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--fused", action="store_true")
    parser.add_argument("--inference", action="store_true")
    print(json.dumps(measure(parser.parse_args())), flush=True)


if __name__ == "__main__":
    main()
