#!/bin/sh
# Measures the flash that one use of opero! with retries and fallback takes on a Cortex-M4, with and without an allocator. It
# compares the code size of four programs: with the macro, with a loop by hand, with the request alone, and with a second use.
# With an argument it fails if the macro takes more bytes than that beyond the loop. If the toolchain lacks the target, set
# RUSTC_BOOTSTRAP=1 to build it from the source of the standard library.
set -eu
cd "$(dirname "$0")"
target=thumbv7em-none-eabihf

# Prints the code size of a program in bytes.
text() {
    arm-linux-gnueabihf-size -A "${CARGO_TARGET_DIR:-target}/$target/release/$1" | awk '$1 == ".text" { print $2 }'
}

# Builds and compares the programs. The arguments are cargo features.
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
