#!/usr/bin/env bash
# Checks the models beside this script with spin, exhaustively, each in a few sizes: one line each. Exit status 0
# only if the right models have no error and spin finds the error in each wrong one, and says nothing else.
# Usage: check.sh      (needs spin and gcc: apt-get install spin gcc)
set -euo pipefail

models=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for tool in spin gcc; do
    if ! command -v "$tool" >/dev/null; then
        echo "check.sh: $tool: command not found (apt-get install $tool)" >&2
        exit 1
    fi
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

failed=0
ok() { printf 'ok    %-34s %s\n' "$1" "$2"; }
bad() {
    printf 'FAIL  %-34s %s\n' "$1" "$2"
    sed 's/^/      | /' output
    failed=1
}

# search MODEL DEFINITIONS COMPILER_FLAGS PAN_FLAGS: spin's whole say goes to the file output.
search() {
    local -a definitions compiler_flags pan_flags
    read -ra definitions <<<"$2"
    read -ra compiler_flags <<<"$3"
    read -ra pan_flags <<<"$4"
    rm -rf "${work:?}/run"
    mkdir "$work/run"
    cd "$work/run"
    cp "$models/$1.pml" .
    {
        spin -a "${definitions[@]}" "$1.pml" &&
            gcc -w "${compiler_flags[@]}" -o pan pan.c &&
            ./pan -m100000 "${pan_flags[@]}"
    } >output 2>&1
}

# has REGEX: a line of the output matches.
has() { grep -Eq -- "$1" output; }

# unexpected: prints what pan says beyond the report of a complete search without errors.
unexpected() {
    local number='[0-9.e+]+' blank='[[:space:]]+'
    grep -Ev \
        -e '^$' \
        -e '^ltl ends: ' \
        -e '^\(Spin Version .*\)$' \
        -e "^$blank\+ Partial Order Reduction$" \
        -e '^Full statespace search for:$' \
        -e "^$blank(never claim|cycle checks|acceptance +cycles)${blank}[-+]" \
        -e "^$blank(assertion violations|invalid end states)${blank}[-+]" \
        -e "^State-vector $number byte, depth reached $number, errors: 0$" \
        -e "^ *$number (states, stored|states, matched|transitions \(=|atomic steps)" \
        -e "^hash conflicts: +$number \(resolved\)$" \
        -e '^Stats on memory usage \(in Megabytes\):$' \
        -e "^ *$number$blank(equivalent|actual|total actual) memory usage" \
        -e "^${blank}state-vector as stored = $number byte \+ $number byte overhead$" \
        -e "^ *$number${blank}memory used for hash table \(-w$number\)$" \
        -e "^ *$number${blank}memory used for DFS stack \(-m$number\)$" \
        -e '^unreached in (proctype|claim) ' \
        -e "^$blank(_spin_nvr\.tmp:|\(0 of $number states\))" \
        -e "^$blank\([12] of 6 states\)$" \
        -e "^pan: elapsed time $number seconds$" \
        -e "^pan: rate +$number states/second$" \
        output
}

# unreached: prints the statements of processes that no run reaches; only the end of an ltl claim may be one.
unreached() {
    awk '/^unreached in /{ process = $3 == "proctype"; next } process && !/\(0 of/' output | grep -Ev '^$|^pan: '
}

# right NAME MODEL DEFINITIONS COMPILER_FLAGS PAN_FLAGS PROPERTY...: no error, each property (a regex) was checked.
right() {
    local name=$1 property
    if ! search "$2" "$3" "$4" "$5"; then
        bad "$name" 'spin, gcc or pan failed'
        return
    fi
    for property in "${@:6}"; do
        if ! has "$property"; then
            bad "$name" "not checked: $property"
            return
        fi
    done
    if ! has '^Full statespace search for:$' || [ "$(grep -c 'errors: 0$' output)" != 1 ]; then
        bad "$name" 'no full search, or not without errors'
    elif unexpected >surprise; then
        bad "$name" "spin says: $(head -n 1 surprise)"
    elif ! has '^unreached in proctype ' || unreached >surprise; then
        bad "$name" "never reached: $(head -n 1 surprise)"
    elif [ -e "$2.pml.trail" ]; then
        bad "$name" 'there is a trail'
    else
        ok "$name" "no errors, $(awk '/states, stored/{ print $1; exit }' output) states"
    fi
}

# wrong NAME MODEL DEFINITIONS COMPILER_FLAGS PAN_FLAGS ERROR: spin finds one error, this one, and can replay it.
wrong() {
    local name=$1 error=$6
    local -a definitions
    read -ra definitions <<<"$3"
    if ! search "$2" "$3" "$4" "$5"; then
        bad "$name" 'spin, gcc or pan failed'
    elif ! grep -Fq "pan:1: $error (at depth " output || [ "$(grep -c 'errors: 1$' output)" != 1 ]; then
        bad "$name" "spin did not find: $error"
    elif ! has '^Full statespace search for:$' || [ "$(grep -c '^pan:[0-9]*:' output)" != 1 ]; then
        bad "$name" 'spin said something unexpected'
    elif ! spin -t -p "${definitions[@]}" "$2.pml" >trail 2>&1 || ! grep -q '^spin: trail ends after' trail; then
        bad "$name" 'the counterexample cannot be replayed'
    else
        ok "$name" "found: $error, after $(awk '/^spin: trail ends after/{ print $5 }' trail) steps"
    fi
}

safety='-DSAFETY -DNOCLAIM'
shortest='-DSAFETY -DNOCLAIM -DBFS' # breadth first: the shortest counterexample
asserts='^[[:space:]]assertion violations[[:space:]]+\+'
deadlocks='^[[:space:]]invalid end states[[:space:]]+\+'
fair='^[[:space:]]acceptance +cycles[[:space:]]+\+ \(fairness enabled\)'
claim='^[[:space:]]never claim[[:space:]]+\+ \(ends\)'

echo '# the right models: spin must find nothing'
for n in 2 3 4; do
    sizes="-DN=$n -DITEMS=$((2 * n + 1))"
    right "ring $n: each once, in order" ring "$sizes" "$safety" '' "$asserts"
    right "ring $n: no deadlock" ring "$sizes -DBLOCK" "$safety" '' "$asserts" "$deadlocks"
    right "ring $n: both end (fair)" ring "$sizes" '' '-a -f' "$fair" "$claim"
    right "ring $n, futex: no lost wake" futex "$sizes" "$safety" '' "$asserts" "$deadlocks"
    right "ring $n, futex, wake at last: same" futex "$sizes -DLAZY" "$safety" '' "$asserts" "$deadlocks"
    right "two producers $n, in turn" race "-DN=$n -DEACH=3 -DMUTEX" "$safety" '' "$asserts" "$deadlocks"
done
for m in 0 1 4; do
    right "written $m+end: whole, each once" written "-DMESSAGES=$m" "$safety" '' "$asserts"
    right "written $m+end: no deadlock" written "-DMESSAGES=$m -DBLOCK" "$safety" '' "$asserts" "$deadlocks"
    right "written $m+end: both end (fair)" written "-DMESSAGES=$m" '' '-a -f' "$fair" "$claim"
done
for m in 2 3 5; do
    right "message $m: whole, never empty" message "-DMESSAGES=$m" "$safety" '' "$asserts" "$deadlocks"
done

echo '# the wrong ones: spin must find the error'
for n in 2 3 4; do
    wrong "two producers $n, race" race "-DN=$n" "$shortest" '' 'assertion violated (arrived==(2*1))'
done
wrong 'ring: in before the item' ring '-DSWAP' "$shortest" '' 'assertion violated (next_consumed.mtext==(arrived+1))'
wrong 'ring: without fairness' ring '' '' '-a' 'acceptance cycle'
wrong 'written: before the text' written '-DSWAP' "$shortest" '' 'assertion violated (message[0]==(arrived+1))'
wrong 'written: end looked for late' written '-DMESSAGES=1 -DSLIDE' "$shortest" '' 'assertion violated (arrived==(1+1))'
wrong 'message: not checked after the copy' message '-DONCE' "$shortest" '' 'assertion violated (first_copy==rest_copy)'
wrong 'message: no fence after the NUL' message '-DNOFENCE' "$shortest" '' 'assertion violated (first_copy==rest_copy)'
wrong 'futex: no fence' futex '-DN=2 -DITEMS=2 -DSWAP' "$shortest" '' 'invalid end state'
wrong 'futex: the waker clears the flag' futex '-DN=2 -DITEMS=3 -DCLEAR' "$shortest" '' 'invalid end state'

if [ "$failed" != 0 ]; then
    echo 'check.sh: FAILED'
    exit 1
fi
echo 'check.sh: all as it must be'
