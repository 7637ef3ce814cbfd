#!/usr/bin/env python3
"""The comparisons with PyTorch and ONNX Runtime, with made-up programs in place of both sides: who is measured how, and
what the tables say. No PyTorch, no ONNX Runtime, no graphics card."""
import importlib.machinery
import importlib.util
import json
import os
import re
import stat
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
# Examples a second by what stands in the command; the first that is there.
PROGRAM = """#!{python}
import json, sys
words = sys.argv[1:]
if words[:1] == ["-c"]:
    sys.exit(0)
if words == ["--version"]:
    print("layerwise 1.2.3")
    sys.exit(0)
rates = {{"bench": 300, "max-autotune": 100, "reduce-overhead": 150, "channels_last": 50}}
rate = next((value for key, value in rates.items() if key in words), 20)
if "bench" in words and "bf16" in words:
    rate = 600
with open({log!r}, "a") as log:
    log.write(" ".join(words) + "\\n")
print(json.dumps({{"examples_per_second": rate, "steps": 3, "device": "cpu", "precision": "fp32",
    "peak_memory_bytes": 2 << 20, "planned_memory_bytes": 3 << 20, "torch": "9.9", "onnxruntime": "9.8", "threads": 2,
    "configuration": "", "capability": "none", "machine": {{"peak_gflops": 1, "copy_gb_s": 1}}}}))
"""
number = 0
failed = False


def result(name, problem):
    global number, failed
    number += 1
    failed = failed or bool(problem)
    print(f"{'not ok' if problem else 'ok'} {number} - {name}", flush=True)
    if problem:
        print(problem, file=sys.stderr)


def run(script, *options, environment=None):
    return subprocess.run([sys.executable, os.path.join(HERE, script), *options],
                          capture_output=True, text=True, check=False,
                          env={**os.environ, **(environment or {})})


def cells(text, network):
    """The cells of a network's row; [] where there is none."""
    return next(([cell.strip() for cell in line.strip("| ").split("|")]
                 for line in text.splitlines() if line.startswith(f"| {network} ")), [])


def same(found, expected):
    return "" if found == expected else f"found {found}, expected {expected}"


def test_processor(common, log):
    found = run("compare_pytorch", "lenet-bn", "nin", "--rounds", "2", *common)
    result("compare_pytorch writes a row a network",
           same(cells(found.stdout, "lenet-bn"),
                ["lenet-bn", "28×28", "256", "300", "20", "50", "**6.00**", "6.00 – 6.00", "2",
                 "2"]) or same(cells(found.stdout, "nin")[2:3], ["128"]) or
           same(found.returncode, 0))
    with open(log, encoding="utf-8") as commands:
        ours = [line for line in commands if line.startswith("bench ")]
    result("compare_pytorch measures Layerwise on the processor",
           "" if ours and all("--device cpu " in line for line in ours) else "".join(ours))
    found = run("compare_pytorch", "lenet-bn", "--rounds", "1", "--precision", "bf16", *common)
    result("compare_pytorch has float32 beside bfloat16",
           same(cells(found.stdout, "lenet-bn")[3:9],
                ["600", "300", "**2.00**", "20", "50", "**12.00**"]))
    found = run("compare_pytorch", "lenet-bn", "--rounds", "1", "--inference", *common)
    with open(log, encoding="utf-8") as commands:
        last = commands.read().splitlines()[-1]
    result("compare_pytorch measures inference",
           same(cells(found.stdout, "lenet-bn")[2:3], ["64"]) or
           ("" if "--inference" in last else last))


def test_runtime(common, log):
    found = run("compare_onnxruntime", "lenet-bn", "--rounds", "1", *common)
    result("compare_onnxruntime writes a row a network",
           same(cells(found.stdout, "lenet-bn"),
                ["lenet-bn", "28×28", "300", "20", "**15.00**", "15.00 – 15.00", "2", "2"]) or
           ("" if "ONNX Runtime 9.8," in found.stdout else found.stdout))
    with open(log, encoding="utf-8") as commands:
        train, export, ours, theirs = [line.split() for line in commands][-4:]
    result("compare_onnxruntime measures the file that Layerwise exported, both of inference",
           same([export[1], export[3]], [train[-1], theirs[1]]) or
           same([ours[1], ours[-1]], ["lenet-bn", "--inference"]) or
           same(theirs[2:4], ["--batch", "64"]))
    found = run("compare_onnxruntime", "lenet-bn", *common[:2], "--python", "/nowhere")
    result("compare_onnxruntime says where ONNX Runtime comes from",
           same(found.returncode, 1) or ("" if "run ./test once" in found.stderr else found.stderr))


def test_card(common, log):
    found = run("compare_pytorch_gpu", "lenet-bn", "--rounds", "1", "--device", "cpu", *common)
    result("compare_pytorch_gpu rehearses on the processor, beside the best of PyTorch's",
           same(cells(found.stdout, "lenet-bn"),
                ["lenet-bn", "28×28", "reduce-overhead", "256", "600", "20", "50", "150", "100",
                 "**4.00**", "4.00 – 4.00", "3", "2"]) or
           ("" if "A rehearsal" in found.stdout else found.stdout))
    with open(log, encoding="utf-8") as commands:
        measured = commands.read().splitlines()[-5:]
    modes = [re.search(r"--layout (\S+) .*--mode (\S+)", line).groups() for line in measured
             if "pytorch_step.py" in line]
    result("compare_pytorch_gpu asks for each of PyTorch's ways once",
           same(sorted(modes), sorted([("default", "eager"), ("channels_last", "eager"),
                                       ("channels_last", "reduce-overhead"),
                                       ("channels_last", "max-autotune")])))
    found = run("compare_pytorch_gpu", "lenet-bn", *common,
                environment={"CUDA_VISIBLE_DEVICES": ""})
    result("compare_pytorch_gpu refuses without a graphics card",
           same(found.returncode, 1) or
           ("" if re.search(r"no NVIDIA graphics card .*--device cpu", found.stderr, re.DOTALL)
            and found.stdout == "" else found.stderr))
    found = run("compare_pytorch_gpu", "resnet19", *common)
    result("an unknown network is wrong usage", same(found.returncode, 2))
    found = run("compare_pytorch_gpu", "lenet-bn", "--device", "cuda:x", *common)
    result("an unknown device is wrong usage, before PyTorch is fetched",
           same(found.returncode, 2) or
           ("" if "none of cuda, cuda:N" in found.stderr else found.stderr))


# What both sides printed on a card, of which there is none here: names and numbers are made up.
RECORDED = """{{"resnet18": {{
  "ours": [{{"examples_per_second": 1000, "device": "cuda", "precision": "bf16", "steps": 9,
             "planned_memory_bytes": 734003200}},
           {{"examples_per_second": 1200, "device": "cuda", "precision": "bf16", "steps": 9,
             "planned_memory_bytes": 734003200}}],
  "eager": [{torch}, {torch}], "graph": [{graph}, {graph}]}}}}"""
RECORDED_TORCH = """{{"examples_per_second": {rate}, "steps": 9, "torch": "2.15.0+cu132", "threads": 4,
  "configuration": "", "gpu": "A card", "capability": "9.0", "gpu_memory_bytes": 85899345920,
  "cuda": "13.2", "cudnn": 92600, "peak_memory_bytes": 1073741824}}"""


def test_recorded(common, folder):
    """The table of a card from recorded measurements, and what nvidia-smi says."""
    smi = os.path.join(folder, "nvidia-smi")
    with open(smi, "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\necho '580.95, 700.00 W, 1980 MHz'\n")
    os.chmod(smi, os.stat(smi).st_mode | stat.S_IXUSR)
    os.environ["PATH"] = folder + os.pathsep + os.environ["PATH"]
    os.environ["CUDA_VISIBLE_DEVICES"] = "GPU-a,GPU-b"
    loader = importlib.machinery.SourceFileLoader("compare_pytorch_gpu",
                                                  os.path.join(HERE, "compare_pytorch_gpu"))
    script = importlib.util.module_from_spec(
        importlib.util.spec_from_loader("compare_pytorch_gpu", loader))
    sys.argv = ["compare_pytorch_gpu", "resnet18", "--device", "cuda:1", "--rounds", "2", "--peers",
                "eager", "graph", *common]
    loader.exec_module(script)
    arguments = script.parse()
    recorded = json.loads(RECORDED.format(torch=RECORDED_TORCH.format(rate=400),
                                          graph=RECORDED_TORCH.format(rate=800)))
    text = script.table(arguments, recorded, "", 0)
    result("compare_pytorch_gpu has a card's facts and its table",
           same(cells(text, "resnet18"),
                ["resnet18", "96×96", "graph", "128", "1,100", "400", "800", "**1.38**",
                 "1.25 – 1.50", "700", "1,024"]) or
           next((f"no {words!r} in {text}" for words in
                 ("Graphics card: A card (compute capability 9.0, 80 GiB), driver 580.95, power "
                  "limit 700.00 W, highest clock 1980 MHz", "CUDA 13.2, cuDNN 92600, fused SGD",
                  "autocast to bfloat16", "device cuda, bf16", "once in ten steps")
                 if words not in text), ""))
    result("compare_pytorch_gpu measures the card that CUDA_VISIBLE_DEVICES names",
           same(script.card(arguments), "GPU-b"))


def main():
    with tempfile.TemporaryDirectory() as folder:
        program, log = os.path.join(folder, "program"), os.path.join(folder, "log")
        with open(program, "w", encoding="utf-8") as file:
            file.write(PROGRAM.format(python=sys.executable, log=log))
        os.chmod(program, os.stat(program).st_mode | stat.S_IXUSR)
        common = ["--layerwise", program, "--python", program]
        test_processor(common, log)
        test_runtime(common, log)
        test_card(common, log)
        test_recorded(common, folder)
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
