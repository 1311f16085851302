#!/bin/sh
# The first process of a user namespace, with mounts and System V segments of its own: what only it may do, it does here, before
# anything of a submission is there; then it becomes bwrap, which takes away the rest.
# Usage: sh -c THIS sh ROOT UID MEGABYTES COMMAND...
set -eu
root=$1 uid=$2 size=$3
shift 3

# A submission that signals everybody must not end the one who watches it.
trap '' HUP INT QUIT TERM USR1 USR2 ALRM XCPU VTALRM PROF

# One file system for all that a submission may write into, so that one limit is for all of it.
mount -t tmpfs -o "nosuid,nodev,size=${size}m,nr_inodes=20000,mode=755" alg8 "$root"
cd "$root"
mkdir -p work shm tmp/alg8
chmod 1777 shm tmp
chown "$uid:$uid" work tmp/alg8

# What lies in the kernel for it; where the kernel does not let us, Ground counts the segments.
limit() { # FILE VALUE
    { echo "$2" >"/proc/sys/kernel/$1"; } 2>/dev/null || :
}
limit shmall $((size * 64)) # pages: a quarter of all
limit shmmni 256
limit msgmni 32
limit sem '250 8000 32 32'
{ echo 1000 >/proc/self/oom_score_adj; } 2>/dev/null || :

exec "$@"
