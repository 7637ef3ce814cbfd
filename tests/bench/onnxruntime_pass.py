#!/usr/bin/env python3
"""Times passes of an ONNX file in ONNX Runtime on the processor and prints one JSON line; started by
compare_onnxruntime, once for each measurement."""
import argparse
import json
import statistics
import sys

sys.dont_write_bytecode = True

from pytorch_step import forget_peak, status_bytes, timed  # noqa: E402 (PyTorch is not imported)


def measure(arguments):
    import numpy
    import onnxruntime

    before = forget_peak()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = arguments.threads
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(arguments.file, options,
                                           providers=["CPUExecutionProvider"])
    given = session.get_inputs()[0]
    images = numpy.random.default_rng(42).random((arguments.batch, *given.shape[1:]),
                                                 dtype=numpy.float32)
    names = [output.name for output in session.get_outputs()]
    times = timed(lambda: session.run(names, {given.name: images}), arguments.steps)
    median = statistics.median(times)
    return {"batch": arguments.batch, "steps": len(times), "step_ms_median": median,
            "step_ms_min": min(times), "examples_per_second": 1e3 * arguments.batch / median,
            "peak_memory_bytes": max(0, status_bytes("VmHWM") - before),
            "onnxruntime": onnxruntime.__version__}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--steps", type=int, default=0)
    print(json.dumps(measure(parser.parse_args())), flush=True)


if __name__ == "__main__":
    main()
