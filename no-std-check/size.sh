#!/bin/sh
# What one use of opero! with retries and fallback takes in the flash of a Cortex-M4: the bytes of code of a program with it,
# beside those of the same program with a loop written by hand, and with the request alone. An argument is the most that it
# may take beyond the loop. Where the toolchain lacks the target, RUSTC_BOOTSTRAP=1 and the source of the standard library
# build that, too.
set -eu
cd "$(dirname "$0")"
target=thumbv7em-none-eabihf
cargo build --quiet --release --features board --bin size_with --bin size_by_hand --bin size_without --target $target \
    -Zbuild-std=core,alloc

# The bytes of code of a program.
text() {
    arm-linux-gnueabihf-size -A "${CARGO_TARGET_DIR:-target}/$target/release/$1" | awk '$1 == ".text" { print $2 }'
}

with=$(text size_with)
by_hand=$(text size_by_hand)
without=$(text size_without)
echo ".text: $with bytes with the macro, $by_hand with a loop by hand, $without with the request alone"
echo "the macro: $((with - by_hand)) bytes more than the loop, $((with - without)) more than the request"
[ $((with - by_hand)) -le "${1:-$with}" ]
