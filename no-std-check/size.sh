#!/bin/sh
# What one use of opero! with retries and fallback takes in the flash of a Cortex-M4: the bytes of code and constants of a
# program with it, beside those of the same program that makes the request once. An argument is the most that it may take.
# Where the toolchain lacks the target, RUSTC_BOOTSTRAP=1 and the source of the standard library build that, too.
set -eu
cd "$(dirname "$0")"
target=thumbv7em-none-eabihf
cargo build --quiet --release --features board --bin size_with --bin size_without --target $target -Zbuild-std=core,alloc

# The bytes of a section of a program.
bytes() {
    arm-linux-gnueabihf-size -A "${CARGO_TARGET_DIR:-target}/$target/release/$1" | awk -v section="$2" '$1 == section { print $2 }'
}

for section in .text .rodata; do
    echo "$section: $(bytes size_with $section) with, $(bytes size_without $section) without"
done
more=$(($(bytes size_with .text) - $(bytes size_without .text)))
echo "the macro: $more bytes of .text"
[ "$more" -le "${1:-$more}" ]
