#!/bin/sh
# Counts the instructions of a call with callgrind, as the difference between a run of N calls and one of 2N. So the start of the
# process and the first calls of a use do not count.
#
# Under valgrind every call is slow, and a slow use keeps reading the clock, so the clock is stopped here.
set -eu
cd "$(dirname "$0")"

calls=10000
# With features: sh benches/instructions.sh --features observe
binary=$(cargo bench --bench instructions --no-run --message-format=json "$@" 2>/dev/null |
    sed -n '/"name":"instructions"/s/.*"executable":"\([^"]*\)".*/\1/p')
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT
echo 'int clock_gettime(int clock, long time[2]) { time[0] = time[1] = 0; return 0; }' |
    cc -shared -fPIC -x c - -o "$scratch/still.so"

count() {
    LD_PRELOAD="$scratch/still.so" valgrind --tool=callgrind --callgrind-out-file=/dev/null "$binary" "$1" "$2" \
        2>"$scratch/report"
    sed -n 's/.*Collected *: *//p' "$scratch/report"
}

printf '%-24s %s\n' 'case' 'instructions per call'
for case in \
    blocking::plain blocking::by_hand blocking::opero blocking::opero_timed blocking::backon \
    future::plain future::by_hand future::opero future::backon \
    failing::by_hand failing::opero failing::backon
do
    once=$(count "$case" "$calls")
    twice=$(count "$case" "$((2 * calls))")
    printf '%-24s %s\n' "$case" "$(((twice - once + calls / 2) / calls))"
done
