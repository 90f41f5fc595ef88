#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs inside a container and prints what it sees, one "key: value" a line.

fact() {
    echo "$1: $2"
}

fact pid $$
fact user "$(id -u):$(id -g)"
fact groups "$(id -G)"
fact directory "$(pwd)"
fact home "$HOME"
fact path "$PATH"
fact arguments "$#:$*"
fact environment "$(env | grep -E '^(FROM|A|B)_' | sort | tr '\n' ';')"
fact hostname "$(hostname)"
fact hosts "$(grep -c . /etc/hosts) $(grep -c "$(hostname)" /etc/hosts)"
fact resolver "$(grep -c '^nameserver' /etc/resolv.conf)"
fact descriptors "$(for fd in $(ls /proc/1/fd); do printf '%s ' "$fd"; done)"
fact processes "$(set -- /proc/[0-9]*; echo $#)"
grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/1/status | sed 's/:\t/: /'
fact cgroup "$(cat /proc/self/cgroup)"
for file in memory.max memory.swap.max pids.max cpu.max; do
    fact "$file" "$(cat /sys/fs/cgroup/$file 2>&1)"
done
fact root-type "$(awk '$2 == "/" { print $3 }' /proc/mounts | tail -n 1)"
for place in /proc /sys /dev /dev/pts /dev/shm /dev/mqueue /sys/fs/cgroup; do
    fact "mount $place" "$(awk -v p=$place '$2 == p { print $3, $4 }' /proc/mounts | tail -n 1)"
done
for place in /proc/bus /proc/fs /proc/irq /proc/sys /proc/sysrq-trigger; do
    fact "read-only $place" "$(awk -v p=$place '$2 == p { print $4 }' /proc/mounts |
        tail -n 1 | cut -d , -f 1)"
done
for place in /proc/kcore /proc/keys /proc/timer_list /proc/acpi /proc/interrupts /sys/firmware; do
    if [ ! -e $place ]; then
        value=absent
    elif [ -d $place ]; then
        value="$(ls -A $place | grep -c .) entries"
    else
        value="$(head -c 100 $place 2>/dev/null | wc -c) bytes"
    fi
    fact "masked $place" "$value"
done
for node in null zero full random urandom tty; do
    fact "node $node" "$(stat -c '%t:%T %a %F' /dev/$node)"
done
for link in fd stdin stdout stderr ptmx core; do
    fact "link $link" "$(readlink /dev/$link)"
done
fact devices "$(ls /dev | xargs)"
fact interfaces "$(for name in /sys/class/net/*/; do basename "$name"; done | xargs)"
fact address "$(ip -4 -o addr show scope global 2>/dev/null | awk '{ print $2, $4 }' | xargs)"
fact route "$(ip -4 route show 2>/dev/null | awk '$1 == "default" { print $3 }')"
echo written >/berth-test && fact writable "$(cat /berth-test)"
fact shm "$(echo x >/dev/shm/x && cat /dev/shm/x)"
echo "to standard error" >&2
fact end yes
