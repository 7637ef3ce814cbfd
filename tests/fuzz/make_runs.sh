#!/bin/sh
# Writes corpus/run, corpus/metrics and corpus/records with the program itself, beside what stands
# there by hand: "make_runs.sh PROGRAM". Of run.json the description of the graph, which is written
# for others and never read, is left out.
set -eu
program=$1
corpus=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)/corpus
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export XDG_DATA_HOME="$folder/data" XDG_CACHE_HOME="$folder/cache"

train () { # NAME MODEL OPTIONS…
  name=$1
  shift
  "$program" train "$@" --set width=0.0625 --set convolutions=1 --set hidden_layers=1 --input 1x8x8 \
    --data shapes --device reference --threads 1 --limit-test 8 --batch 16 --output "$folder/$name" \
    > /dev/null || true
  cp "$folder/$name/metrics.csv" "$corpus/metrics/$name"
}

mkdir -p "$corpus/run" "$corpus/metrics" "$corpus/records"
train plain lenet-bn --limit-train 16 --epochs 1
train adam lenet --limit-train 16 --epochs 1 --optimizer adam --patience 3 --augment book \
  --normalize data --schedule cosine --warmup-epochs 0.5
train diverged lenet-bn --limit-train 64 --epochs 2 --learning-rate 1e9 --weight-decay 1 --seed 3
train momentum lenet-bn --limit-train 64 --epochs 2 --momentum 0.9
python3 - "$folder" "$corpus/run" << 'END'
import json, sys
for name in ("plain", "adam", "diverged", "momentum"):
    with open(f"{sys.argv[1]}/{name}/run.json") as file:
        run = json.load(file)
    del run["graph"]
    with open(f"{sys.argv[2]}/{name}", "w") as file:
        json.dump(run, file, indent=0)
END
cp "$folder/plain/bn-history.safetensors" "$corpus/records/bn-history"
cp "$folder/plain/distributions.safetensors" "$corpus/records/distributions"
cp "$folder/momentum/health.safetensors" "$corpus/records/health"
cp "$folder/momentum/predictions.safetensors" "$corpus/records/predictions"
cp "$folder/diverged/health.safetensors" "$corpus/records/health-diverged"
cp "$folder/momentum/checkpoints/step-8.safetensors" "$corpus/records/checkpoint"
cp "$folder/momentum/snapshots/epoch-1.safetensors" "$corpus/records/snapshot"
