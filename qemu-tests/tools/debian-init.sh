#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The init of the machine that OCI runtimes are compared in (harness/debian.py). The folder that the
# workstation shares is /host: it runs /host/script, with the programs of /host/bin at hand, writes
# what that prints to /host/output and its status to /host/status, and turns the machine off.

export PATH=/usr/local/bin:/usr/sbin:/usr/bin HOME=/root LANG=C.UTF-8 TERM=xterm

set_up() {
    mount -t proc -o nosuid,nodev,noexec proc /proc
    mount -t sysfs -o nosuid,nodev,noexec sysfs /sys
    mount -t securityfs securityfs /sys/kernel/security 2>/dev/null # where the kernel has AppArmor
    mount -t devtmpfs -o mode=755 devtmpfs /dev 2>/dev/null
    mkdir -p /dev/pts /dev/shm /dev/mqueue
    mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
    mount -t tmpfs -o nosuid,nodev,mode=1777 shm /dev/shm
    mount -t mqueue mqueue /dev/mqueue
    mount -t tmpfs -o nosuid,nodev,mode=755 run /run
    mount -t cgroup2 -o nsdelegate cgroup2 /sys/fs/cgroup
    for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
        echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control
    done
    mount --make-rshared /
    ln -s /proc/self/fd /dev/fd
    ln -s fd/0 /dev/stdin
    ln -s fd/1 /dev/stdout
    ln -s fd/2 /dev/stderr
    hostname debian
    ip link set lo up
    ulimit -n 65536
    mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 host /host
    cp /host/bin/* /usr/local/bin/ 2>/dev/null
    for number in b c d e; do
        if [ -b "/dev/vd$number" ]; then
            mount -o ro "/dev/vd$number" "/suites/$number"
        fi
    done
}

if [ "$1" != again ]; then
    set_up
    exec tini -- "$0" again  # which also reaps what daemons leave
fi

cd /root || exit
/bin/sh /host/script >/host/output 2>&1 </dev/null
echo $? >/host/status
sync
busybox poweroff -f
