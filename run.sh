#!/usr/bin/env bash
# Builds what is out of date and runs it. `./run.sh` alone says what there is.
set -uo pipefail

# The repository's folder, through any symbolic link to this script.
self=${BASH_SOURCE[0]}
while [[ -L $self ]]; do
    link=$(readlink -- "$self")
    [[ $link == /* || $self != */* ]] || link=${self%/*}/$link
    self=$link
done
[[ $self == /* ]] || self=$PWD/${self#./}
root=${self%/*}
bin=$root/bin

programs=(alg8-1-shmcon alg8-2-shmread alg8-3-shmwrite
    alg8-4-shmpthreadcon alg8-5-shmproducer alg8-6-shmconsumer
    tools/alg8-tools)
force= # build --force
split= # split: show the program in panes of tmux
no_test_ran=8 # the test runner's exit status where it has run none

# A newer SDK's new warnings are no reason to stop; CI looks at them.
lenient=(-p:TreatWarningsAsErrors=false -p:RunAnalyzers=false)

# NativeAOT needs a linker driver. ALG8_NATIVE=no builds for the .NET runtime all the same, in a quarter of the time.
linker=
if [[ ${ALG8_NATIVE:-} != no ]] && { command -v clang || command -v gcc; } >/dev/null; then linker=yes; fi

usage() {
    cat <<'END'
Algorithms 8-0 to 8-6: shared memory, System V and POSIX

  ./run.sh 8-0                      shmdata: sizes, offsets, constants
  ./run.sh 8-1 [PATHNAME]           shmcon: System V, starts 8-2 and 8-3
  ./run.sh 8-2 KEY                  shmread: the System V reader
  ./run.sh 8-3 KEY                  shmwrite: the System V writer
  ./run.sh 8-4 [FILENAME]           shmpthreadcon: POSIX, starts 8-5 and 8-6
  ./run.sh 8-5 FILENAME [MESSAGE]   shmproducer: the POSIX producer
  ./run.sh 8-6 FILENAME             shmconsumer: the POSIX consumer

  ./run.sh split 8-1|8-4 [NAME]     both sides and the memory, in panes of tmux
  ./run.sh watch [KEY|SHMID|NAME|PATHNAME]   a segment or an object, live

  ./run.sh build [--force]          build what is out of date into bin/
  ./run.sh test [OPTIONS]           build, then run all the tests
  ./run.sh stress [--seconds N]     sessions, kills and random arguments
  ./run.sh grade SUBMISSION ...     build and check lab submissions
  ./run.sh bench [--quick]          shared memory and message passing, measured
  ./run.sh limits                   ipcs -l, and what it means for shmget
  ./run.sh clean [--yes]            remove what killed runs left behind
  ./run.sh help                     this text

All the options of a program: ./run.sh 8-1 --help
END
}

say() { printf 'run.sh: %s\n' "$*" >&2; }

# A word to be copied into a shell: in quotes where it needs them, as the programs' own hints have it.
quoted() { if [[ $1 =~ ^[A-Za-z0-9_./:@%+,-]+$ ]]; then echo "$1"; else echo "${1@Q}"; fi; }

fail() {
    say "$@"
    exit 1
}

# ---- what is out of date ----

# Is bin/NAME missing, or a source newer? (A deleted source shows in the time of its folder.)
outdated() { # PROJECT
    local name=${1##*/}
    [[ -x $bin/$name && -e $bin/libMonoPosixHelper.so && -z $force ]] || return 0
    # It was built without a linker, and now there is one: build it again, as native code.
    [[ -e $bin/.$name.managed && -n $linker && -w $bin ]] && return 0
    [[ -n $(find "$root/alg8-0-shmdata" "$root/$1" "$root"/Directory.*.props "$root/global.json" \
        -newer "$bin/$name" -print -quit) ]]
}

find_outdated() { # PROJECT...: sets the array todo
    local project
    todo=()
    for project in "$@"; do
        if outdated "$project"; then todo+=("$project"); fi
    done
}

# ---- dotnet ----

# An SDK that Microsoft's script put into the home folder is often not in PATH.
find_dotnet() {
    if ! command -v dotnet >/dev/null; then PATH+=:${DOTNET_ROOT:-~/.dotnet}; fi
}

# Only called in subshells: the programs see nothing of this.
enter_dotnet() {
    export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en
    export DOTNET_GENERATE_ASPNET_CERTIFICATE=false DOTNET_ADD_GLOBAL_TOOLS_TO_PATH=false
    export DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=true
    # It sets the terminal's keypad mode, and never sets it back: not on a terminal whose terminfo has none.
    if [[ ${TERM:-dumb} != dumb ]]; then export TERM=ansi; fi
    export HOME=~           # it will not start without one
    cd -- "$root" || exit 1 # it looks for global.json from here
}

require_sdk() {
    local found
    find_dotnet
    if (enter_dotnet && dotnet --version) >/dev/null 2>&1; then return; fi
    found=$(dotnet --list-sdks 2>/dev/null | cut -d ' ' -f 1 | paste -s -d ' ')
    say "to build, the .NET 10 SDK is needed; found here: ${found:-none}"
    say "  Debian, Ubuntu:  sudo apt-get install dotnet-sdk-10.0"
    say "  Fedora:          sudo dnf install dotnet-sdk-10.0"
    fail "  elsewhere:       https://dotnet.microsoft.com/download/dotnet/10.0"
}

# NativeAOT's output and Mono.Posix's helper library are linked to glibc here.
require_glibc() {
    [[ $(ldd --version 2>&1) != musl* ]] || fail "this system's C library is musl, as on Alpine: the suite needs glibc (Debian, Ubuntu, Fedora ...)"
}

# Runs dotnet and shows what it printed only when it fails. It does not inherit the lock (9):
# its compiler server stays behind.
quietly() { # LOG ARGUMENTS...
    local log=$root/artifacts/$1.log
    if (enter_dotnet && dotnet "${@:2}") </dev/null >"$log" 2>&1 9>&-; then return; fi
    cat -- "$log" >&2
    return 1
}

# ---- building ----

# In one step: who runs the old file keeps it, and nobody ever sees half a file. The executable
# gets the time at which the build began, so that a source saved since then is newer.
install_file() { # FILE
    local new=$bin/.${1##*/}.new
    cp -- "$1" "$new" && chmod 755 "$new" && touch -r "$bin/.started" "$new" &&
        mv -f -- "$new" "$bin/${1##*/}"
}

build_one() { # PROJECT
    local name=${1##*/} started=$SECONDS helper=libMonoPosixHelper.so
    local output=$root/artifacts/publish/$name/release
    local -a options=("${lenient[@]}")
    [[ -n $linker ]] || options+=(-p:PublishAot=false -p:PublishSingleFile=true --no-self-contained)
    # An interrupted build leaves half a file that looks finished to the next one: start afresh.
    rm -rf -- "$root/artifacts"/{obj,bin,publish}/"$name"/release*
    if ! quietly "$name" publish "$1" -c Release --no-restore -o "$output" \
        -p:BuildProjectReferences=false "${options[@]}"; then
        say "$name could not be built"
        return 1
    fi
    cmp -s -- "$output/$helper" "$bin/$helper" || install_file "$output/$helper" || return
    if [[ -n $linker ]]; then rm -f -- "$bin/.$name.managed"; else : >"$bin/.$name.managed"; fi
    install_file "$output/$name" || return
    printf '  %-22s%3d s\n' "$name" $((SECONDS - started)) >&2
}

build() { # PROJECT...: those of them that are out of date
    find_outdated "$@"
    ((${#todo[@]})) || return 0
    require_glibc
    if ! { mkdir -p -- "$bin" "$root/artifacts" && : >>"$bin/.lock"; } 2>/dev/null; then
        fail "${todo[0]##*/} has to be built, but this folder is read-only: $root"
    fi
    require_sdk
    exec 9>>"$bin/.lock"
    if command -v flock >/dev/null && ! flock -n 9; then
        say "waiting for another build"
        flock 9
        find_outdated "$@"
    fi
    if ((${#todo[@]})); then build_todo; fi
    exec 9>&- # the program that runs next must not hold the lock
}

build_todo() {
    local library=alg8-0-shmdata
    local -a options=("${lenient[@]}")
    trap 'exit 130' INT TERM
    if [[ -z $linker ]]; then
        [[ ${ALG8_NATIVE:-} == no ]] || say "no clang or gcc here to link native code: building for the .NET runtime (starts more slowly)"
        options+=(-p:PublishAot=false)
    fi
    say "building ${#todo[@]} of ${#programs[@]} programs, some 10 s each"
    : >"$bin/.started"
    rm -rf -- "$root/artifacts"/{obj,bin}/"$library"/release*
    quietly restore restore Algorithms.sln --use-current-runtime "${options[@]}" ||
        fail "the packages could not be fetched"
    quietly "$library" build "$library" -c Release --no-restore "${options[@]}" ||
        fail "$library could not be built"
    printf '%s\0' "${todo[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -- "$self" build-one || exit 1
    trap - INT TERM
}

# ---- running ----

# Never returns: the program takes this process's place, with the caller's folder, files and signals.
run() { # NAME ARGUMENTS...
    export ALG8_RUN_SH=$0 # for its hints: how programs are called here
    use_runtime
    if [[ -n $split ]]; then
        build tools/alg8-tools
        exec "$root/tools/split/split" "$bin/$1" "${@:2}"
    fi
    exec "$bin/$1" "${@:2}"
}

# A program built for the .NET runtime looks for it in DOTNET_ROOT, not in PATH.
use_runtime() {
    local dotnet
    local -a managed=("$bin"/.*.managed)
    [[ -e ${managed[0]} && -z ${DOTNET_ROOT:-} ]] || return 0
    find_dotnet
    dotnet=$(readlink -f -- "$(command -v dotnet)") && export DOTNET_ROOT=${dotnet%/*}
}

# One build at a time, also of the tests: two runs side by side share its output, but not their reports.
run_tests() { # ARGUMENTS...
    local results status=0 report name failed
    local -A count=([total]=0 [passed]=0 [failed]=0 [errors]=0 [skipped]=0)
    mkdir -p -- "$root/artifacts"
    results=$(mktemp -d -- "$root/artifacts/test-results.XXXXXX") || fail "this folder cannot be written: $root/artifacts"
    trap 'rm -rf -- "$results"' EXIT
    use_runtime
    exec 9>>"$bin/.lock"
    if command -v flock >/dev/null; then flock 9; fi
    if ! quietly tests build tests; then
        say "the tests could not be built"
        echo "0 passed, 1 failed"
        exit 1
    fi
    exec 9>&-
    (enter_dotnet && exec dotnet test --project tests --no-build --results-directory "$results" \
        --report-xunit-xml --report-xunit-xml-filename report.xml "$@") || status=$?
    if report=$(grep -o -m 1 '<assembly [^>]*>' "$results/report.xml" 2>/dev/null); then
        for name in "${!count[@]}"; do
            if [[ $report =~ \ $name=\"([0-9]+)\" ]]; then count[$name]=${BASH_REMATCH[1]}; fi
        done
        mv -f -- "$results/report.xml" "$root/artifacts/test-report.xml"
    fi
    failed=$((count[failed] + count[errors]))
    if ((status == no_test_ran && !failed)); then
        # All of them were skipped, or the options leave none.
        if ((count[total])); then status=0; else say "no test fits these options"; fi
    elif ((status && !failed)); then
        say "the tests did not run to their end (exit status $status)"
        failed=1
    elif ((failed && !status)); then
        status=1
    fi
    printf '%d passed, %d failed' "${count[passed]}" "$failed"
    if ((count[skipped])); then printf ', %d skipped' "${count[skipped]}"; fi
    echo
    exit "$status"
}

# The user's name, fit to be part of a file's name; the user's number where there is none.
user_name() {
    local name='\u'
    name=${name@P}
    [[ $name =~ ^[A-Za-z0-9._-]+$ ]] || name=$UID
    echo "$name"
}

# Is this a folder, no link to one, in which only this user writes?
is_own_folder() { # FOLDER
    [[ $1 == /* && ! -L $1 && -d $1 && -O $1 && -w $1 && -z $(find "$1" -prune -perm /022) ]]
}

# Where a name may lie that others can guess: none of them can have put a link there. Sets own_folder, empty if there is none.
find_own_folder() {
    own_folder=${XDG_RUNTIME_DIR:-}
    own_folder=${own_folder%/}
    if is_own_folder "$own_folder"; then return; fi
    own_folder=${TMPDIR:-/tmp}
    own_folder=${own_folder%/}/alg8-$(user_name)
    mkdir -m 700 -- "$own_folder" 2>/dev/null
    if ! is_own_folder "$own_folder"; then
        if (($# == 0)); then
            say "no folder of yours alone for the file of the key: $own_folder cannot be made, is a link, is another user's, or others may write to it"
            fail "name a file yourself: $(quoted "$0") 8-1 PATHNAME"
        fi
        own_folder=
    fi
}

# How many letters of a word are missing, too many, wrong, or in the place of their neighbour.
mistakes() { # TYPED NAME: sets the variable wrong
    local i j most least
    local -a row=() last=() before
    for ((i = 0; i <= ${#1}; i++)); do
        before=("${last[@]}") last=("${row[@]}") row=("$i")
        for ((j = 1; j <= ${#2}; j++)); do
            if ((i == 0)); then
                row[j]=$j
                continue
            fi
            least=$((last[j - 1])) most=$(((last[j] < row[j - 1] ? last[j] : row[j - 1]) + 1))
            if [[ ${1:i-1:1} != "${2:j-1:1}" ]]; then ((++least)); fi
            row[j]=$((least < most ? least : most))
            if ((i > 1 && j > 1 && before[j - 2] < row[j])) && [[ ${1:i-2:2} == "${2:j-1:1}${2:j-2:1}" ]]; then
                row[j]=$((before[j - 2] + 1))
            fi
        done
    done
    wrong=${row[-1]}
}

# What somebody may have meant: the names that begin with the word, or else the nearest ones.
did_you_mean() { # WORD
    local typed=${1#-} name wrong least list
    local -a near=() names=("${programs[@]::6}")
    typed=${typed#-}
    names+=("${names[@]#alg8-[1-6]-}" 8-{0..6} split watch build test stress grade bench limits clean help)
    least=$((${#typed} < 4 ? ${#typed} / 2 : 2))
    for name in "${names[@]}"; do
        if ((${#typed} > 1)) && [[ $name == "$typed"* ]]; then near+=("$name"); fi
    done
    if ((!${#near[@]})); then
        for name in "${names[@]}"; do
            mistakes "$typed" "$name"
            if ((wrong < least)); then near=() least=$wrong; fi
            if ((wrong == least)); then near+=("$name"); fi
        done
    fi
    if ((${#near[@]})); then
        list=$(printf ' or %s' "${near[@]}")
        echo "did you mean${list# or}?"
    else
        echo "$(quoted "$0") help lists those that there are"
    fi
}

# ---- commands ----

command=${1:-help}
shift $(($# > 0))
case $command in
8-0 | alg8-0-shmdata | shmdata)
    set -- header "$@"
    command=alg8-tools
    ;;
bench)
    build "${programs[@]}"
    set -- bench --twins "$root/tools/bench/twins" "$@"
    command=alg8-tools
    ;;
grade)
    build "${programs[@]}"
    set -- grade "$@"
    command=alg8-tools
    ;;
stress)
    build "${programs[@]}"
    set -- stress "$@"
    command=alg8-tools
    ;;
limits | clean | watch)
    set -- "$command" "$@"
    command=alg8-tools
    ;;
split)
    split=yes
    command=${1:-}
    case $command in
    8-1 | 8-4) ;;
    "" | -h | --help) exec "$root/tools/split/split" ;;
    *) fail "split: 8-1 and 8-4 can be split, '$command' cannot" ;;
    esac
    shift
    if [[ ${1:-} == -h || ${1:-} == --help ]]; then exec "$root/tools/split/split"; fi
    ;;
build)
    case ${1:-} in
    "") ;;
    --force) force=yes ;;
    *) fail "build: '$1' means nothing here; --force builds everything again" ;;
    esac
    build "${programs[@]}"
    ((${#todo[@]})) || echo "everything is up to date"
    exit
    ;;
build-one) # build starts several of these, side by side
    trap 'exit 130' INT TERM
    build_one "$1"
    exit
    ;;
test)
    (build "${programs[@]}") && run_tests "$@"
    echo "0 passed, 1 failed"
    exit 1
    ;;
help | --help | -h)
    usage
    exit
    ;;
esac

for program in "${programs[@]}"; do
    name=${program##*/}
    case $command in
    "${name:3:3}" | "$name" | "${name##*-}") ;; # 8-1, alg8-1-shmcon, shmcon
    *) continue ;;
    esac
    ALG8_USUAL_NAME= # where the command line has none
    case $name in
    *-shmcon)
        build "${programs[@]:0:3}"
        find_own_folder "$@"
        ALG8_USUAL_NAME=${own_folder:+$own_folder/alg8-1}
        ;;
    *-shmpthreadcon)
        build "${programs[@]:3:3}"
        ALG8_USUAL_NAME=alg8-4-$(user_name)
        ;;
    *) build "$program" ;;
    esac
    export ALG8_USUAL_NAME
    run "$name" "$@"
done

fail "no program or command is called ${command@Q}; $(did_you_mean "$command")"
