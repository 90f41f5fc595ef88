# SPDX-License-Identifier: Apache-2.0
"""Pods of several containers with their probes, hooks, ConfigMaps and Secrets; hooks and questions over the
network of Compose documents."""

import pytest

from harness import seeds
from harness.seeded import SOURCES, containers, machine, told_by

WAIT = "trap 'exit 0' TERM; while :; do sleep 0.1; done"


def document(app, folder, text):
    return machine(app, *seeds.fw_cfg(folder / "seed", text.encode()))


POD = """apiVersion: v1
kind: Pod
metadata: {name: site, labels: {app/tier: front}}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 20
  nodeSelector: {disk: ssd}
  securityContext: {runAsUser: 1000, runAsGroup: 1000, fsGroup: 2222, runAsNonRoot: true,
                    sysctls: [{name: net.core.somaxconn, value: "77"}]}
  initContainers:
  - name: prepare
    image: app:1
    command: [sh, -c, "umask 0; mkdir -p /work/www; echo '$(TEXT)' >/work/www/index.html; id -G; ls -ld /work/www"]
    env: [{name: WORD, value: hello}, {name: TEXT, value: "$(WORD) $$(WORD)"}]
    volumeMounts: [{name: work, mountPath: /work}]
  - name: server
    image: app:1
    restartPolicy: Always
    command: [sh, -c, "httpd -f -p 8080 -h /www & trap 'echo told to stop; exit 0' TERM; wait; wait"]
    ports: [{name: web, containerPort: 8080}]
    volumeMounts: [{name: work, mountPath: /www, subPath: www, readOnly: true}]
    securityContext: {readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
    startupProbe: {tcpSocket: {port: web}, periodSeconds: 1, failureThreshold: 60, timeoutSeconds: 10}
    readinessProbe: {httpGet: {path: /, port: web}, periodSeconds: 1, timeoutSeconds: 10}
    livenessProbe: {exec: {command: [test, -e, /www/index.html]}, periodSeconds: 1, timeoutSeconds: 10}
    lifecycle: {preStop: {exec: {command: [sh, -c, "echo before the signal"]}}}
  containers:
  - name: client
    image: app:1
    command: [sh, -c]
    args: ["wget -qO- http://127.0.0.1:8080/; echo $COLOUR $PASS $POD $TIER $NODE; ip -4 addr show eth0 | \
grep -c $ADDRESS/; cat /conf/colour /conf/sub/pass /one; ls /conf; stat -c %a:%g /conf/sub/pass; \
cat /proc/sys/net/core/somaxconn; hostname; touch /work/mine; stat -c %g /work/mine; exit 3"]
    env:
    - {name: COLOUR, valueFrom: {configMapKeyRef: {name: conf, key: colour}}}
    - {name: PASS, valueFrom: {secretKeyRef: {name: key, key: pass}}}
    - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
    - {name: TIER, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app/tier']"}}}
    - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
    - {name: ADDRESS, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
    volumeMounts:
    - {name: work, mountPath: /work}
    - {name: files, mountPath: /conf}
    - {name: conf, mountPath: /one, subPath: colour}
  volumes:
  - {name: work, emptyDir: {}}
  - {name: conf, configMap: {name: conf}}
  - name: files
    projected:
      defaultMode: 0400
      sources:
      - configMap: {name: conf}
      - secret: {name: key, items: [{key: pass, path: sub/pass}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: conf}
data: {colour: "red\\n"}
---
apiVersion: v1
kind: Secret
metadata: {name: key}
stringData: {pass: "open\\n"}
"""


def test_a_pod(app, tmp_path):
    """What runs before the others runs before them, what runs beside them ends with them; they share a
    network and a folder; values come from all over the file."""
    result = document(app, tmp_path, POD)
    found = containers(result)
    assert result.report["status"] == 3 and result.report["reason"] == "client exited with status 3", result
    groups, folder = result.output("prepare")
    assert groups == "1000 2222" and folder.startswith("drwxrws") and " 2222 " in folder, result
    assert result.output("client") == [
        "hello $(WORD)", "red open site front berth", "1", "red", "open", "red", "colour", "sub", "440:2222",
        "77", "site", "2222"], result
    assert found["server"]["health"]["status"] in ("starting", "healthy"), found["server"]
    assert result.output("server") == ["before the signal", "told to stop"], result
    said = [result.console.index(text) for text in (
        "9 run: prepare started", "prepare exited with status 0", "9 run: server started", "9 run: client started",
        "client exited with status 3", "stopping server with signal 15")]
    assert said == sorted(said), result
    assert "without a cluster this has no meaning: nodeSelector" in result.console, result


SMALL = b"""apiVersion: v1
kind: ConfigMap
metadata: {name: conf}
data: {word: hello}
---
apiVersion: v1
kind: Pod
metadata: {name: small}
spec:
  restartPolicy: Never
  initContainers: [{name: first, image: app:1, command: [echo, before]}]
  containers:
  - name: then
    image: app:1
    command: [sh, -c, "echo $(WORD); exit 6"]
    env: [{name: WORD, valueFrom: {configMapKeyRef: {name: conf, key: word}}}]
"""


@pytest.mark.parametrize("source", SOURCES)
def test_from_each_local_source(app, tmp_path, source):
    """A file with a Pod and what it names, whoever brings it."""
    result = told_by(source, app, tmp_path, SMALL)
    assert result.report["status"] == 6, result
    assert result.output("first") == ["before"] and result.output("then") == ["hello"], result


def test_deadline(app, tmp_path):
    """activeDeadlineSeconds: whatever runs then is stopped, and the status says why."""
    result = document(app, tmp_path, f"""apiVersion: v1
kind: Pod
metadata: {{name: web}}
spec:
  activeDeadlineSeconds: 2
  containers: [{{name: web, image: app:1, command: [sh, -c, "{WAIT}"]}}]
""")
    assert result.report["status"] == 124, result
    assert result.report["reason"] == "the deadline of 2 s has passed", result
    assert containers(result)["web"]["exit_status"] == 0, result


def test_memory_is_shared(app, tmp_path):
    """An emptyDir in memory is one for all containers of the Pod, with its limit, its group and its folders;
    a claim's volume has the group too."""
    result = document(app, tmp_path, """apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  restartPolicy: Never
  securityContext: {fsGroup: 2000, runAsUser: 1000}
  containers:
  - name: writer
    image: app:1
    command: [sh, -c, "stat -c %a:%g /m /c; touch /c/own && stat -c %g /c/own; df -k /m | tail -1 | tr -s ' ' | cut -d ' ' -f 1,2; echo word >/m/sub/new && \
mv /m/sub/new /m/sub/word; until test -e /m/sub/answer; do sleep 0.1; done; cat /m/sub/answer"]
    volumeMounts: [{name: m, mountPath: /m}, {name: c, mountPath: /c}]
  - name: reader
    image: app:1
    command: [sh, -c, "until test -e /q/word; do sleep 0.1; done; ls /q; cat /q/word | tee /q/new; stat -c %g /q/new; mv /q/new /q/answer"]
    volumeMounts: [{name: m, mountPath: /q, subPath: sub}]
  volumes: [{name: m, emptyDir: {medium: Memory, sizeLimit: 3Mi}}, {name: c, persistentVolumeClaim: {claimName: c}}]
""")
    assert result.report["status"] == 0, result
    assert result.output("writer") == ["2777:2000", "2775:2000", "2000", "tmpfs 3072", "word"], result
    assert result.output("reader") == ["word", "word", "2000"], result


def test_liveness(app, tmp_path):
    """A container that does not answer any more is stopped and started again, also by a policy that is about
    failures, and though it ends with status 0."""
    result = document(app, tmp_path, f"""apiVersion: v1
kind: Pod
metadata: {{name: web}}
spec:
  restartPolicy: OnFailure
  containers:
  - name: web
    image: app:1
    command: [sh, -c, "test -e /w/second && exit 0; touch /w/second; httpd -p 80; sleep 1.2; killall httpd; {WAIT}"]
    volumeMounts: [{{name: w, mountPath: /w}}]
    livenessProbe: {{httpGet: {{port: 80, path: /none}}, periodSeconds: 1, failureThreshold: 2, timeoutSeconds: 10,
                    initialDelaySeconds: 3}}
  volumes: [{{name: w, emptyDir: {{medium: ""}}}}]
""")
    found = containers(result)["web"]
    assert result.report["status"] == 0 and found["restarts"] == 1, result
    assert "web is unhealthy: its test has failed 2 times in a row; the last one got no good answer: " \
        "http://172.17.0.2:80/none: " in result.console, result
    assert "connect" in found["health"]["last_failure"], found


SERVER = "trap 'exit 0' TERM; mkdir -p /www/cgi-bin /www/dir /www/empty; \
echo ok | tee /www/index.html >/www/dir/index.html; cd /www/cgi-bin; printf '#!/bin/sh\\nsleep 9\\n' >slow; \
printf '#!/bin/sh\\necho Status: 302 Found; echo Location: /cgi-bin/loop; echo\\n' >loop; \
printf '#!/bin/sh\\necho Status: 302 Found; echo Location: http://192.0.2.1/; echo\\n' >away; \
chmod 755 *; httpd -f -p 80 -h /www & wait"


def test_answers(app, tmp_path):
    """What an answer of a server means, from the machine and from within a network that is the container's
    alone; other tests wait for that of the start."""
    def service(name, question, more=""):
        return f"""  {name}:
    image: app:1
    command: [sh, -c, "{SERVER}"]
    x-berth-startup: {{test: [X-BERTH-TCP, ":80"], interval: 200ms, timeout: 20s, retries: 1000}}
    healthcheck: {{test: {question}, interval: 200ms, timeout: 20s, retries: 1, {more}}}
"""
    names = ("good", "moved", "gone", "loop", "away", "bad", "alone", "slow", "twice")
    text = "services:\n" + service("good", "[X-BERTH-HTTP, 'http://:80/?x', 'X-Own: 1']") + \
        "".join(service(name, f"[X-BERTH-HTTP, 'http://:80{path}']") for name, path in (
            ("moved", "/dir"), ("gone", "/empty"), ("loop", "/cgi-bin/loop"), ("away", "/cgi-bin/away"))) + \
        service("bad", "[X-BERTH-HTTP, 'http://:80/none']") + \
        service("alone", "[X-BERTH-HTTP, 'http://:80']") + "    network_mode: none\n" + \
        service("slow", "[X-BERTH-HTTP, 'http://:80/cgi-bin/slow']").replace("timeout: 20s, retries: 1,", "timeout: 1500ms, retries: 1,") + \
        service("twice", "[X-BERTH-TCP, ':80']", "x-berth-successes: 2, x-berth-delay: 10ms") + """  end:
    image: app:1
    command: ["true"]
    depends_on:
""" + "".join(f"      {name}: {{condition: service_healthy, required: false}}\n" for name in names) + \
        "x-berth: {exit-code-from: end}\n"
    result = document(app, tmp_path, text)
    health = {name: item["health"] for name, item in containers(result).items() if item["health"]}
    assert result.report["status"] == 0, result
    assert {name: item["status"] for name, item in health.items()} == {
        "good": "healthy", "moved": "healthy", "gone": "unhealthy", "loop": "unhealthy", "away": "healthy", "bad": "unhealthy", "alone": "healthy", "slow": "unhealthy",
        "twice": "healthy"}, result
    assert "/none: status 404: " in health["bad"]["last_failure"] and health["bad"]["last_status"] == 1, health
    assert "/empty: status 404: " in health["gone"]["last_failure"], health
    assert "more than 10 redirects" in health["loop"]["last_failure"], health
    assert health["slow"]["last_failure"].startswith("took longer than 1500 ms"), health["slow"]
    assert health["twice"]["tests"] >= 2, health["twice"]
    assert result.console.index("good has started up") < result.console.index("good is healthy"), result


HOOKS = """services:
  web:
    image: app:1
    user: "1000"
    command: [sh, -c, "trap 'echo told; exit 0' TERM; while :; do sleep 0.1; done"]
    environment: {A: web}
    stop_grace_period: 20s
    post_start:
    - command: [sh, -c, 'echo "$$(id -u) $$A $$B $$(pwd) $$(grep -c 0000003fffffffff /proc/self/status)"; sleep 0.5; touch /done']
      user: root
      working_dir: /etc
      environment: [B=hook]
    - {command: echo second}
    pre_stop:
    - command: sh -c "echo before; sleep 0.3; echo after"
  later:
    image: app:1
    command: [sh, -c, "echo later; exit 4"]
    depends_on: [web]
x-berth: {exit-code-from: later}
"""


def test_hooks(app, tmp_path):
    """They run in the container as docker exec would, one after the other; who depends on it waits for those
    behind its start; the stop signal waits for those before the stop."""
    result = document(app, tmp_path, HOOKS)
    assert result.report["status"] == 4, result
    assert result.output("web") == ["0 web hook /etc 0", "second", "before", "after", "told"], result
    said = [result.console.index(text) for text in (
        "9 run: web started", "web | second", "9 run: later started", "web | before", "stopping web with signal")]
    assert said == sorted(said), result


def test_hooks_that_fail(app, tmp_path):
    """Behind the start: as with docker compose the start has failed. Before the stop: one line."""
    result = document(app, tmp_path, f"""services:
  web:
    image: app:1
    command: [sh, -c, "{WAIT}"]
    restart: always
    post_start: [{{command: [sh, -c, "echo broken; exit 9"]}}, {{command: [echo, never]}}]
  other: {{image: app:1, command: [sh, -c, "{WAIT}"], pre_stop: [{{command: [no-such-program]}}]}}
  later: {{image: app:1, command: [echo, never], depends_on: [web]}}
""")
    found = containers(result)
    assert result.report["status"] == 125, result
    assert result.report["reason"] == "web post_start[0] exited with status 9: broken", result
    assert found["web"]["error"] == "post_start[0] exited with status 9: broken"
    assert found["later"]["started"] is None and "never" not in result.console, result
    assert "10 supervise: other: pre_stop[0] could not be run: exec \"no-such-program\": " in result.console, result
    assert found["other"]["exit_status"] == 0, result


def test_hooks_that_hang(app, tmp_path):
    """A stop takes no longer than it may; a hook behind the start ends with its container."""
    result = document(app, tmp_path, f"""services:
  web:
    image: app:1
    command: [sh, -c, "{WAIT}"]
    stop_grace_period: 2s
    pre_stop: [{{command: [sleep, "1000"]}}]
  brief: {{image: app:1, command: [sleep, "1"], post_start: [{{command: [sleep, "1000"]}}]}}
  end: {{image: app:1, command: [sh, -c, "{WAIT}"], depends_on: [web]}}
x-berth: {{exit-code-from: end}}
""")
    found = containers(result)
    assert result.report["status"] == 0, result
    assert "10 supervise: web: pre_stop was not done within 2000 ms" in result.console, result
    assert found["web"]["exit_status"] == 0, "it had a moment for the signal"
    assert found["brief"]["exit_status"] == 125 and "post_start[0]" in found["brief"]["error"], result


def test_non_root(app, tmp_path):
    """An image whose user is root is not started where the Pod says that it must not be."""
    result = document(app, tmp_path, """apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  restartPolicy: Never
  securityContext: {runAsNonRoot: true}
  containers: [{name: web, image: app:1}]
""")
    assert result.report["status"] == 125, result
    assert 'its user "0" is root, and it says runAsNonRoot' in result.report["reason"], result
