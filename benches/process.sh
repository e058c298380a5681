#!/bin/sh
# Measures the cost of child processes in one run: opero, CPython, procspawn, and the threads of opero as reference.
# sh benches/process.sh
set -eu
cd "$(dirname "$0")/process"

cargo build --release --quiet
bench=${CARGO_TARGET_DIR:-target}/release/bench-process
echo '| pool of 4 | to its first result | 10,000 items of 8 bytes | 200 items of 1 MB |'
echo '|---|---|---|---|'
"$bench" process
"$bench" async_process
python3 pool.py
# It can hang.
timeout 60 "$bench" procspawn || echo ' no end within a minute |'
"$bench" thread
