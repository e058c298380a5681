#!/bin/sh
# Measures the compile time of opero: 200 uses compared with 200 functions under #[cached], one use of each shape, and the default
# dependencies compared with crates for the same work. Each time is the minimum of several rounds in which the contenders take
# turns. Instructions are counted once, by valgrind if it is installed, since they hardly vary.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
rounds=${1:-7}
uses=200

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export CARGO_INCREMENTAL=0
opero="opero = { path = \"$here\" }"

# Creates a library $1 with the dependencies $2 and the source from standard input.
library() {
    mkdir -p "$scratch/$1/src"
    {
        echo 'use std::fmt::Debug;'
        echo 'pub fn ask(model: &str, question: impl Debug) -> Result<String, String> {'
        echo '    if model == "a" { Err(model.to_string()) } else { Ok(format!("{question:?}")) }'
        echo '}'
        cat
    } >"$scratch/$1/src/lib.rs"
    printf '[package]\nname = "%s"\nversion = "0.0.0"\nedition = "2024"\n[dependencies]\n%s\n' "$1" "$2" \
        >"$scratch/$1/Cargo.toml"
    cargo fetch --quiet --manifest-path "$scratch/$1/Cargo.toml"
}

# Writes the template from standard input for each number from $1 to $2, in place of N.
repeat() {
    template=$(cat)
    for number in $(seq "$1" "$2"); do
        echo "$template" | sed "s/N/$number/"
    done
}

# Prints the milliseconds that a command takes.
milliseconds() {
    start=$(date +%s%N)
    "$@" >/dev/null
    echo $((($(date +%s%N) - start) / 1000000))
}

check() {
    touch "$scratch/$1/src/lib.rs"
    cargo check --quiet --manifest-path "$scratch/$1/Cargo.toml" --target-dir "$scratch/target"
}

build() {
    rm -rf "$scratch/cold"
    cargo build --quiet --manifest-path "$scratch/$1/Cargo.toml" --target-dir "$scratch/cold"
}

# Runs the action $1 for the contenders in turn, in $2 rounds, and writes the minimum of each to its file.
turns() {
    action=$1 count=$2
    shift 2
    for _ in $(seq "$count"); do
        for name in "$@"; do
            milliseconds "$action" "$name" >>"$scratch/$name.$action"
        done
    done
}

least() { sort -n "$scratch/$1" | head -n 1; }

library empty_opero "$opero" </dev/null
library empty_cached 'cached = "4"' </dev/null
library uses_cached 'cached = "4"' <<TEXT
use cached::macros::cached;
$(echo '#[cached] pub fn cached_N(question: u64) -> Result<String, String> { ask("b", question) }' | repeat 1 $uses)
TEXT
library uses_opero "$opero" <<TEXT
use opero::{Error, opero};
$(repeat 1 $((uses / 2)) <<'ITEM'
opero! { retries: 3, fallback: model in ["a", "b"] =>
    pub fn item_N(question: u64) -> Result<String, Error<String>> { ask(model, question) }
}
ITEM
repeat $((uses / 2 + 1)) $uses <<'EXPRESSION'
pub fn expression_N(question: u64) -> Result<String, Error<String>> {
    opero! { retries: 3, fallback: model in ["a", "b"] => ask(model, question) }
}
EXPRESSION
)
TEXT

libraries='empty_opero uses_opero empty_cached uses_cached'
for name in $libraries; do check "$name"; done
# shellcheck disable=SC2086 # a list of words
turns check "$rounds" $libraries

echo "cargo check, $uses uses, least of $rounds, in ms:"
awk -v uses=$uses -v opero="$(least uses_opero.check)" -v opero_empty="$(least empty_opero.check)" \
    -v cached="$(least uses_cached.check)" -v cached_empty="$(least empty_cached.check)" '
    function row(name, all, empty) {
        printf "  %-10s %5d, without the uses %4d: %.2f ms a use\n", name, all, empty, (all - empty) / uses
    }
    BEGIN {
        row("opero!", opero, opero_empty)
        row("#[cached]", cached, cached_empty)
        printf "  ratio %.2f, and %.2f with what an empty crate takes\n",
            (opero - opero_empty) / (cached - cached_empty), opero / cached
    }'

# Measures rustc for one use of each shape, without code generation: a library of `shape_uses` uses compared with an empty one. A
# shape is its name, a `|`, and a function.
shape_uses=20
ok='Result<String, Error<String>>'
canonical='retries: 3, cache: 60s, rate: 10/s, fallback: model in ["a", "b"]'
cat >"$scratch/shapes.txt" <<SHAPES
hand-written loop|pub fn f_N(q: u64) -> Result<String, String> { let (mut left, mut delay) = (3, Duration::from_millis(100)); loop { match ask("b", q) { Ok(value) => return Ok(value), Err(error) if left == 0 => return Err(error), Err(_) => { left -= 1; std::thread::sleep(delay); delay = delay.mul_f64(1.5); } } } }
#[cached]|#[cached] pub fn f_N(q: u64) -> Result<String, String> { ask("b", q) }
retries|pub fn f_N(q: u64) -> $ok { opero! { retries: 3 => ask("b", q) } }
fallback|pub fn f_N(q: u64) -> $ok { opero! { retries: 3, fallback: model in ["a", "b"] => ask(model, q) } }
cache|pub fn f_N(q: u64) -> $ok { opero! { cache: 60s => ask("b", q) } }
rate|pub fn f_N(q: u64) -> $ok { opero! { rate: 10/s => ask("b", q) } }
canonical line|pub fn f_N(q: u64) -> $ok { opero! { $canonical => ask(model, q) } }
async retries|pub async fn f_N(q: u64) -> $ok { opero! { retries: 3 => async { later("b", q).await } }.await }
async canonical line|pub async fn f_N(q: u64) -> $ok { opero! { $canonical => async { later(model, q).await } }.await }
SHAPES

# The dependencies, as Cargo passes them to rustc.
library shapes "$opero
cached = \"4\"" </dev/null
cargo build --quiet --manifest-path "$scratch/shapes/Cargo.toml" --target-dir "$scratch/shapes/target"
built=$scratch/shapes/target/debug/deps
# Not the proxy of rustup, which valgrind would count, too.
rustc=$(rustc --print sysroot)/bin/rustc

# Writes $2 uses of the function $1 to the file $3.
shape() {
    {
        echo '#![allow(unused_imports)]'
        echo 'use std::time::Duration;'
        # The empty library has the same imports, so they do not count.
        echo 'use cached::macros::cached;'
        echo 'use opero::{Error, opero};'
        echo 'pub fn ask(model: &str, q: u64) -> Result<String, String> {'
        echo '    if model == "a" { Err(model.to_string()) } else { Ok(q.to_string()) }'
        echo '}'
        echo 'pub async fn later(model: &str, q: u64) -> Result<String, String> { ask(model, q) }'
        for number in $(seq "$2"); do
            echo "$1" | sed "s/f_N/f_$number/"
        done
    } >"$3"
}

# Runs rustc on the file $1, under the command of the other arguments if there are any.
compile() {
    file=$1
    shift
    "$@" "$rustc" --edition 2024 --crate-type lib --crate-name shape --emit metadata --out-dir "$scratch" \
        -L "dependency=$built" --extern "opero=$(ls "$built"/libopero-*.rlib)" \
        --extern "cached=$(ls "$built"/libcached-*.rlib)" "$file"
}

# Prints the instructions of rustc for the file $1, in thousands.
kilo_instructions() {
    compile "$1" valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file=/dev/null 2>"$scratch/report" ||
        { cat "$scratch/report" >&2; exit 1; }
    awk '/I *refs:/ { gsub(",", "", $NF); printf "%d\n", $NF / 1000 }' "$scratch/report"
}

# Prints the minimum of the milliseconds that rustc takes for the file $1.
least_milliseconds() {
    for _ in $(seq "$rounds"); do milliseconds compile "$1"; done | sort -n | head -n 1
}

shape '' 0 "$scratch/none.rs"
none_ms=$(least_milliseconds "$scratch/none.rs")
if command -v valgrind >/dev/null; then
    none_instructions=$(kilo_instructions "$scratch/none.rs")
    echo "rustc, $shape_uses uses of each shape beside none, for one use:"
else
    none_instructions=
    echo "rustc, $shape_uses uses of each shape beside none, for one use (no valgrind here, so wall time alone):"
fi
while IFS='|' read -r name function; do
    shape "$function" "$shape_uses" "$scratch/some.rs"
    ms=$(least_milliseconds "$scratch/some.rs")
    instructions=
    if [ -n "$none_instructions" ]; then instructions=$(kilo_instructions "$scratch/some.rs"); fi
    awk -v name="$name" -v uses="$shape_uses" -v ms="$((ms - none_ms))" -v some="$instructions" \
        -v none="$none_instructions" 'BEGIN {
            printf "  %-22s %6.2f ms", name, ms / uses
            if (some != "") printf " %8d thousand instructions", (some - none) / uses
            printf "\n"
        }'
done <"$scratch/shapes.txt"

library tree_opero "$opero" </dev/null
library tree_others '
cached = "4"
backon = "1.6"
governor = "0.10"
rayon = "1.10"
tokio = { version = "1.44", features = ["rt-multi-thread", "time"] }' </dev/null
turns build 3 tree_opero tree_others

echo 'cargo build, cold, the whole tree, least of 3, in ms:'
awk -v opero="$(least tree_opero.build)" -v others="$(least tree_others.build)" 'BEGIN {
    printf "  opero %d, cached + backon + governor + rayon + tokio %d: ratio %.2f\n", opero, others, opero / others
}'
