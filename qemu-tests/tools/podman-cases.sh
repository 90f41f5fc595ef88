#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs in the machine of harness/debian.py: podman with the OCI runtime $1. Each case writes what
# test_180_podman.py looks at to /host/out/CASE, as "key: value" lines. podman takes seconds for each
# call where the processor is emulated: as few calls as possible.

runtime=$1
image=localhost/probe

p() {
    podman --runtime "$runtime" "$@"
}
start() { # NAME OPTIONS... -- COMMAND...: a container in the background
    p run -d --name "$@" >"/tmp/$1"
}
log_of() {
    cat "/var/lib/containers/storage/overlay-containers/$(cat "/tmp/$1")/userdata/ctr.log"
}
wait_for() { # NAME TEXT
    [ -s "/tmp/$1" ] || return
    for _ in $(seq 300); do
        log_of "$1" | grep -q "$2" && return
        sleep 0.1
    done
}
in_terminal() {
    script -qec "podman --runtime $runtime $1" /dev/null | tr -d '\r' | sed 's/\^@//g'
}
state() {
    p inspect -f '{{.State.Status}} {{.State.ExitCode}}' "$1"
}

case_run() {
    echo typed | p run --rm -i $image sh -c \
        'echo "output: $(cat)"; echo "errors: there" >&2; exit 7' 2>&1
    echo "status: $?"
    p run --rm $image /nonexistent
    echo "missing: $?"
    p run --rm $image /etc
    echo "directory: $?"
}

case_terminal() {
    in_terminal "run --rm -it $image sh -c 'echo \"tty: \$(tty)\"; stat -c \"owner: %u:%g\" \$(tty)
        [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo \"terminals: 3\"
        echo text >/dev/console && echo \"console: writable\"; exit 3'; echo status: \$?"
}

case_exec() {
    start exec --memory 64m -e FROM_RUN=1 --health-cmd 'test -e /tmp/well' \
        --health-interval disable $image sleep 1000
    echo typed | p exec -i -e MORE=2 -w /tmp --user alice exec sh -c '
        echo "input: $(cat)"; echo "environment: $FROM_RUN$MORE"; echo "directory: $(pwd)"
        echo "user: $(id -u):$(id -g)"; echo "first: $(tr "\0" " " </proc/1/cmdline)"
        echo "capabilities: $(grep CapEff /proc/self/status | cut -f2)"
        echo "memory: $(cat /sys/fs/cgroup/memory.max)"; exit 5'
    echo "status: $?"
    p exec exec /nonexistent
    echo "missing: $?"
    in_terminal "exec -it --privileged exec sh -c 'echo terminal: \$(tty)
        echo privileged: \$(grep CapEff /proc/self/status | cut -f2)'"
    echo "top: $(p top exec comm | tail -n 1)"
}

# With the container of case_exec.
case_healthcheck() {
    p healthcheck run exec >/dev/null
    echo "before: $?"
    p exec -d exec touch /tmp/well
    sleep 2
    p healthcheck run exec >/dev/null
    echo "after: $?"
    echo "health: $(p inspect -f '{{.State.Health.Status}}' exec)"
}

# With the container of case_exec.
case_stats() {
    echo "stats: $(p stats --no-stream --format '{{.PIDs}} {{.MemUsage}}' exec)"
    p update --memory 48m --pids-limit 33 exec >/dev/null
    p exec exec sh -c 'cd /sys/fs/cgroup; echo "updated: $(cat memory.max) $(cat pids.max)"'
    p rm -f -t 0 exec >/dev/null
    echo "removed: $?"
}

case_stop() {
    start polite $image sh -c 'trap "exit 9" TERM; echo first; echo second >&2; echo third
        while :; do sleep 0.2; done'
    start deaf $image sh -c 'trap "" TERM; echo third; while :; do sleep 0.2; done'
    wait_for polite third
    wait_for deaf third
    p stop -t 60 polite >/dev/null
    echo "polite: $(state polite)"
    p logs polite 2>/tmp/errors | sed 's/^/logs: /' | tail -n 1
    sed 's/^/logs-errors: /' /tmp/errors
    p stop -t 1 deaf >/dev/null 2>&1
    echo "deaf: $(state deaf)"
    p start polite >/dev/null
    echo "again: $(state polite)"
    p rm -f -t 0 polite deaf >/dev/null
}

case_kill() {
    start kill $image sh -c 'trap "echo got-it" USR1; echo ready
        while :; do cat /proc/uptime >/tmp/beat; sleep 0.1; done'
    wait_for kill ready
    p kill -s USR1 kill >/dev/null
    wait_for kill got-it
    log_of kill | grep -q got-it && echo "signal: handled"
    beat=/proc/$(p inspect -f '{{.State.Pid}}' kill)/root/tmp/beat
    p pause kill >/dev/null
    echo "paused: $(state kill)"
    before=$(cat "$beat")
    sleep 1
    [ "$before" = "$(cat "$beat")" ] && echo "frozen: yes"
    p unpause kill >/dev/null
    for _ in $(seq 100); do
        [ "$before" = "$(cat "$beat")" ] || break
        sleep 0.1
    done
    [ "$before" = "$(cat "$beat")" ] || echo "thawed: yes"
    p kill kill >/dev/null
    echo "killed: $(p wait kill)"
    p rm kill >/dev/null
}

case_options() {
    mkdir -p /root/volume
    echo data >/root/volume/file
    p run --rm --read-only --user alice --cap-drop all --cap-add net_raw --pids-limit 12 \
        --hostname there --ulimit nofile=100:200 --security-opt no-new-privileges \
        -v /root/volume:/volume:ro --tmpfs /scratch:size=1m --sysctl kernel.shmmax=12345 \
        --oom-score-adj 321 $image sh -c '
        touch /file 2>/dev/null || echo "read-only: refused"
        echo "user: $(id -u):$(id -g) $(id -G)"
        echo "capabilities: $(grep CapBnd /proc/self/status | cut -f2)"
        echo "no-new-privileges: $(grep NoNewPrivs /proc/self/status | cut -f2)"
        echo "hostname: $(hostname)"; echo "limit: $(ulimit -n)"
        echo "volume: $(cat /volume/file)"; touch /volume/x 2>/dev/null || echo "volume-write: refused"
        echo "tmpfs: $(grep " /scratch " /proc/mounts | cut -d" " -f3)"
        echo "sysctl: $(cat /proc/sys/kernel/shmmax)"; echo "oom: $(cat /proc/self/oom_score_adj)"
        echo "pids: $(cat /sys/fs/cgroup/pids.max)"
        (for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do sleep 3 & done) 2>&1 |
            grep -q -i fork && echo "forks: refused"'
    p run --rm --security-opt seccomp=/host/seccomp/profile.json --device /dev/vda:/dev/disk:r \
        --init $image sh -c '
        mkdir /tmp/x 2>/dev/null || echo "seccomp: refused"
        echo "filter: $(grep Seccomp: /proc/self/status | cut -f2)"
        head -c 1 /dev/disk >/dev/null && echo "device: read"
        (echo x >/dev/disk) 2>/dev/null || echo "device-write: refused"
        echo "init: $(tr "\0" " " </proc/1/cmdline | cut -d" " -f1)"'
    p run --rm --privileged --pid host $image sh -c '
        echo "privileged: $(grep CapEff /proc/self/status | cut -f2)"
        echo "first: $(cat /proc/1/comm)"'
    p run --rm --uidmap 0:100000:2000 --gidmap 0:100000:2000 $image sh -c 'touch /tmp/x && stat -c "owner: %u" /tmp/x
        awk "{ if (\$2 > 0) print \"userns: mapped\" }" /proc/self/uid_map'
}

case_left() {
    echo "containers: $(podman ps -aq | wc -l)"
    echo "groups: $(find /sys/fs/cgroup -type d -name 'libpod-*' | wc -l)"
    echo "runtime: $(p info -f '{{.Host.OCIRuntime.Path}}')"
}

mkdir -p /etc/containers/containers.conf.d
cat >/etc/containers/containers.conf.d/berth.conf <<END
[engine.runtimes]
berth-runtime = ["/usr/local/bin/berth-runtime"]
END
podman pull -q oci:/host/image:latest >/tmp/pulled &&
    podman tag "$(cat /tmp/pulled)" $image || exit 1
for case in run terminal exec healthcheck stats stop kill options left; do
    began=$(date +%s)
    "case_$case" >"/host/out/$case" 2>"/host/out/$case.errors"
    echo "seconds: $(($(date +%s) - began))" >>"/host/out/$case"
done
