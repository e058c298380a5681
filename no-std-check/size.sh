#!/bin/sh
# What one use of opero! with retries and fallback takes in the flash of a Cortex-M4, without an allocator and with one: the
# bytes of code of a program with it, beside those of the same program with a loop written by hand, with the request alone,
# and with a second use. An argument is the most that it may take beyond the loop. Where the toolchain lacks the target,
# RUSTC_BOOTSTRAP=1 and the source of the standard library build that, too.
set -eu
cd "$(dirname "$0")"
target=thumbv7em-none-eabihf

# The bytes of code of a program.
text() {
    arm-linux-gnueabihf-size -A "${CARGO_TARGET_DIR:-target}/$target/release/$1" | awk '$1 == ".text" { print $2 }'
}

# Weighs the programs with what features and crates they are to have.
weigh() {
    cargo build --quiet --release --features "$1" --target $target -Zbuild-std="$2" \
        --bin size_with --bin size_twice --bin size_by_hand --bin size_without
    with=$(text size_with)
    by_hand=$(text size_by_hand)
    echo "  .text: $with bytes with the macro, $by_hand with a loop by hand, $(text size_without) with the request alone"
    echo "  the macro: $((with - by_hand)) more than the loop, $((with - $(text size_without))) more than the request," \
        "$(($(text size_twice) - with)) for a second use"
    [ $((with - by_hand)) -le "${3:-$with}" ]
}

echo 'without an allocator:'
weigh board core "${1:-}"
echo 'with one:'
weigh board,alloc core,alloc "${1:-}"
