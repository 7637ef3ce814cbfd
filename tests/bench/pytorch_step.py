#!/usr/bin/env python3
"""Times whole training steps (forward, loss, backward, SGD) of one network in PyTorch, or passes of
inference, in float32 or with autocast to bfloat16, on the processor or a graphics card, and prints one
JSON line. The networks are those of tests/golden/models.py; started by compare_pytorch and
compare_pytorch_gpu, once for each measurement, so that what the environment says of memory allocator
and instruction set holds from the start, and no measurement finds another's memory."""
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
# Steps between two waits for a graphics card.
CHUNK = 10
# Modes of torch.compile; on a graphics card both use CUDA graphs.
COMPILED = ("reduce-overhead", "max-autotune")


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


def timed(step, steps, chunk=1, settle=None):
    """Milliseconds of each measured step. `steps`: how many, or 0 for as many as the rule says. A
    graphics card works on while the program goes on: `settle` waits for it, once in `chunk` steps,
    whose mean is what is measured."""
    def once():
        for _ in range(chunk):
            step()
        if settle:
            settle()

    begin = time.perf_counter()
    done = 0
    while done < WARM_UP_STEPS or time.perf_counter() - begin < WARM_UP_S:
        once()
        done += 1
        if time.perf_counter() - begin > MOST_S / 2:
            break
    times = []
    measured = time.perf_counter()
    while True:
        start = time.perf_counter()
        once()
        now = time.perf_counter()
        times.append(1e3 * (now - start) / chunk)
        if steps:
            if len(times) == steps:
                return times
        elif (len(times) >= LEAST_STEPS and now - measured >= MEASURED_S) or now - begin > MOST_S:
            return times


def optimizer_of(torch, parameters, fused):
    if fused:
        return torch.optim.SGD(parameters, lr=0.01, fused=True)
    return torch.optim.SGD(parameters, lr=0.01)


def captured(torch, train):
    """A whole training step as one CUDA graph (PyTorch's manual, "CUDA Graphs: whole-network
    capture"): some steps on another stream first, so that all memory is there."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            train()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        train()
    return graph.replay


def set_precision(torch, arguments):
    """TF32 where it is asked for, exact float32 else; bfloat16 is autocast's."""
    torch.backends.cuda.matmul.allow_tf32 = arguments.precision == "tf32"
    torch.backends.cudnn.allow_tf32 = arguments.precision == "tf32"
    torch.backends.cudnn.benchmark = True  # algorithms by timing, as Layerwise chooses them


def training_step(torch, arguments, network, images, labels):
    """One step as a function, and what it costs nothing to look at: the loss of the last one."""
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = optimizer_of(torch, network.parameters(), arguments.fused)
    last = {}

    def loss_of():
        with torch.autocast(arguments.device, dtype=torch.bfloat16,
                            enabled=arguments.precision == "bf16"):
            return criterion(network(images), labels)

    if arguments.mode in COMPILED:
        loss_of = torch.compile(loss_of, mode=arguments.mode)

    def train():
        if arguments.mode in COMPILED and arguments.device == "cuda":
            torch.compiler.cudagraph_mark_step_begin()
        optimizer.zero_grad()
        last["loss"] = loss_of()
        last["loss"].backward()
        optimizer.step()

    return (captured(torch, train) if arguments.mode == "graph" else train), last


def device_facts(torch, device):
    if device != "cuda":
        return {"capability": torch.backends.cpu.get_cpu_capability()}
    properties = torch.cuda.get_device_properties(0)
    return {"gpu": properties.name, "capability": f"{properties.major}.{properties.minor}",
            "gpu_memory_bytes": properties.total_memory, "cuda": torch.version.cuda,
            "cudnn": torch.backends.cudnn.version(),
            "peak_memory_bytes": torch.cuda.max_memory_reserved()}


def measure(arguments):
    import torch
    import models

    on_card = arguments.device == "cuda"
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)  # as Layerwise does
    torch.manual_seed(42)
    if on_card:
        set_precision(torch, arguments)
    layout = {"memory_format": torch.channels_last} if arguments.layout == "channels_last" else {}
    shape = (arguments.batch, 1, arguments.size, arguments.size)
    images = torch.rand(*shape).to(arguments.device)
    labels = torch.randint(0, models.CLASSES, (arguments.batch,)).to(arguments.device)
    before = forget_peak()
    network = models.build(arguments.network, arguments.size).to(arguments.device)
    if layout:
        network = network.to(**layout)
        images = images.to(**layout)
    network.train(not arguments.inference)

    def infer():
        with torch.inference_mode():
            return network(images)

    if arguments.inference:
        # One context around all passes: weights are converted once, not in every pass.
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=arguments.precision == "bf16"):
            times = timed(infer, arguments.steps)
    else:
        train, last = training_step(torch, arguments, network, images, labels)

        def settle():
            if on_card:
                torch.cuda.synchronize()
            last["loss"].item()

        times = timed(train, arguments.steps, 1 if arguments.steps or not on_card else CHUNK,
                      settle)
    median = statistics.median(times)
    return {"network": arguments.network, "layout": arguments.layout, "mode": arguments.mode,
            "batch": arguments.batch, "steps": len(times), "step_ms_median": median,
            "step_ms_min": min(times), "examples_per_second": 1e3 * arguments.batch / median,
            "peak_memory_bytes": max(0, status_bytes("VmHWM") - before),
            "torch": torch.__version__, "threads": torch.get_num_threads(),
            "configuration": torch.__config__.show(), **device_facts(torch, arguments.device)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network")
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--layout", choices=("default", "channels_last"), default="default")
    parser.add_argument("--precision", choices=("fp32", "tf32", "bf16"), default="fp32")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--mode", choices=("eager", "graph", *COMPILED), default="eager",
                        help="graph: the whole step as one CUDA graph; else torch.compile's modes")
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--fused", action="store_true")
    parser.add_argument("--inference", action="store_true")
    print(json.dumps(measure(parser.parse_args())), flush=True)


if __name__ == "__main__":
    main()
