#!/bin/sh
# The first process of new namespaces (mount, IPC, PID, network): makes a small read-only file system with
# the tools of this machine and nothing of its users, and becomes the half of `grade` that works inside.
# Usage: sh sandbox.sh ROOT UID MEGABYTES SUITE ARCHIVE DOTNET PACKAGES COMMAND...   (- for what there is not)
set -eu
root=$1 uid=$2 size=$3 suite=$4 archive=$5 dotnet=$6 packages=$7
shift 7

# A submission that signals everybody must not end the one who watches it.
trap '' HUP INT QUIT TERM USR1 USR2 ALRM XCPU VTALRM PROF

tmpfs="nosuid,nodev,size=${size}m,nr_inodes=20000"
only_read=rbind,ro,nosuid,nodev

mount -t tmpfs -o "$tmpfs,mode=755" alg8 "$root"
cd "$root"

# All that is mounted stands in one fstab(5), for one mount: a process for each would take longer than the check itself.
escape() { # TEXT: sets escaped
    rest=$1 escaped=
    while [ -n "$rest" ]; do
        tail=${rest#?}
        case $rest in
        ' '*) escaped=$escaped'\040' ;;
        '	'*) escaped=$escaped'\011' ;;
        '
'*) escaped=$escaped'\012' ;;
        \\*) escaped=$escaped'\134' ;;
        *) escaped=$escaped${rest%"$tail"} ;;
        esac
        rest=$tail
    done
}

escape "$root"
base=$escaped

entry() { # WHAT FOLDER TYPE OPTIONS; the folder, below the root, is a plain name
    escape "$1"
    printf '%s %s/%s %s %s\n' "$escaped" "$base" "$2" "$3" "$4" >>fstab
}

read_only() { # WHAT FOLDER
    entry "$1" "$2" none "$only_read"
}

links=
folders='alg8/suite dev/shm proc tmp work old'
for folder in usr bin sbin lib lib32 lib64 libx32 etc opt nix gnu; do
    if [ -L "/$folder" ]; then
        links="$links /$folder"
    elif [ -d "/$folder" ]; then
        folders="$folders $folder"
        read_only "/$folder" "$folder"
    fi
done
if [ "$packages" != - ]; then
    folders="$folders alg8/packages"
    read_only "$packages" alg8/packages
fi

# shellcheck disable=SC2086 # words
mkdir -p $folders
# shellcheck disable=SC2086
[ -z "$links" ] || cp -P $links .
for device in null zero full random urandom; do
    : >"dev/$device"
    entry "/dev/$device" "dev/$device" none bind
done
ln -s /proc/self/fd dev/fd
: >alg8/archive
entry proc proc proc nosuid,nodev,noexec
entry alg8 tmp tmpfs "$tmpfs,mode=1777"
entry alg8 dev/shm tmpfs "$tmpfs,mode=1777"
entry alg8 work tmpfs "$tmpfs,mode=755,uid=$uid,gid=$uid"
read_only "$suite" alg8/suite
read_only "$archive" alg8/archive
mount -a -T fstab
rm fstab
if [ "$dotnet" != - ] && [ ! -e ".$dotnet" ]; then
    mkdir -p ".$dotnet"
    mount -o "$only_read" "$dotnet" ".$dotnet"
fi
mkdir tmp/alg8

# All its segments together; where the kernel does not let us, /proc/sys has to do.
{ echo $((size * 256)) >/proc/sys/kernel/shmall; } 2>/dev/null || :
{ echo 1000 >/proc/self/oom_score_adj; } 2>/dev/null || :

pivot_root . old
umount -l /old
rmdir /old
mount -o remount,bind,ro /
cd /work
exec "$@"
