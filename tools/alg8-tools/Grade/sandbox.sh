#!/bin/sh
# The first process of new namespaces (mount, IPC, PID, network): makes a small read-only file system with
# the tools of this machine and nothing of its users, and becomes the half of `grade` that works inside.
# Usage: sh sandbox.sh ROOT UID MEGABYTES SUITE ARCHIVE DOTNET PACKAGES COMMAND...   (- for what there is not)
set -eu
root=$1 uid=$2 size=$3 suite=$4 archive=$5 dotnet=$6 packages=$7
shift 7

# A submission that signals everybody must not end the one who watches it.
trap '' HUP INT QUIT TERM USR1 USR2 ALRM XCPU VTALRM PROF

own_tmpfs() { # OPTIONS FOLDER
    mount -t tmpfs -o "nosuid,nodev,size=${size}m,nr_inodes=20000,$1" alg8 "$2"
}

read_only() { # WHAT FOLDER
    mount -o rbind,ro,nosuid,nodev "$1" "$2"
}

mount --make-rprivate /
own_tmpfs mode=755 "$root"
cd "$root"

for folder in usr bin sbin lib lib32 lib64 libx32 etc opt nix gnu; do
    if [ -L "/$folder" ]; then
        cp -P "/$folder" "$folder"
    elif [ -d "/$folder" ]; then
        mkdir "$folder"
        read_only "/$folder" "$folder"
    fi
done

mkdir -p alg8/suite dev/shm proc tmp work old
for device in null zero full random urandom; do
    : >"dev/$device"
    mount --bind "/dev/$device" "dev/$device"
done
ln -s /proc/self/fd dev/fd
mount -t proc -o nosuid,nodev,noexec proc proc
own_tmpfs mode=1777 tmp
own_tmpfs mode=1777 dev/shm
own_tmpfs "mode=755,uid=$uid,gid=$uid" work
mkdir tmp/alg8

read_only "$suite" alg8/suite
: >alg8/archive
read_only "$archive" alg8/archive
if [ "$dotnet" != - ] && [ ! -e ".$dotnet" ]; then
    mkdir -p ".$dotnet"
    read_only "$dotnet" ".$dotnet"
fi
if [ "$packages" != - ]; then
    mkdir alg8/packages
    read_only "$packages" alg8/packages
fi

# All its segments together; where the kernel does not let us, /proc/sys has to do.
{ echo $((size * 256)) >/proc/sys/kernel/shmall; } 2>/dev/null || :
{ echo 1000 >/proc/self/oom_score_adj; } 2>/dev/null || :

pivot_root . old
umount -l /old
rmdir /old
mount -o remount,bind,ro /
cd /work
exec "$@"
