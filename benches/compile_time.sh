#!/bin/sh
# What opero costs to compile: 200 uses beside 200 functions under #[cached], and the default tree beside the crates one
# would take for the same work. Each figure is the least of a few rounds in which the contenders take turns.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
rounds=${1:-7}
uses=200

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export CARGO_INCREMENTAL=0
opero="opero = { path = \"$here\" }"

# A library of the name $1 on the dependencies $2; its source comes from standard input.
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

# Writes the template of standard input for each number from $1 to $2, in the place of N.
repeat() {
    template=$(cat)
    for number in $(seq "$1" "$2"); do
        echo "$template" | sed "s/N/$number/"
    done
}

# The milliseconds that a command takes.
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

# Has the contenders after the action $1 and the number of rounds $2 take turns; the least of each is then in its file.
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
