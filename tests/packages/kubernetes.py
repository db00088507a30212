#!/usr/bin/env python3
"""The Kubernetes manifests fit each other and echod: kubernetes.py ECHOD FOLDER ECHOC

Skipped (77) without python3-yaml."""
import json
import os
import re
import subprocess
import sys
import tempfile
import time

try:
    import yaml
except ImportError:
    sys.exit(77)

echod, folder, echoc = sys.argv[1:]
found = {}
for name in "echod.yaml", "podmonitor.yaml", "load-job.yaml":
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        found.update({document["kind"]: document for document in yaml.safe_load_all(file)})
service = found["Service"]["spec"]
deployment = found["Deployment"]["spec"]
labels = deployment["template"]["metadata"]["labels"]
pod = deployment["template"]["spec"]
(container,) = pod["containers"]
args = dict(arg.split("=", 1) for arg in container["args"])
ports = {port["name"]: port["containerPort"] for port in container["ports"]}

check = subprocess.run([echod, *container["args"], "--check-config"], capture_output=True, text=True)
assert check.stdout == "ok\n", check.stderr

assert deployment["selector"]["matchLabels"] == labels
assert service["selector"] == labels
# Clients of the service cannot reach the metrics; Prometheus asks the pods.
assert [port["targetPort"] for port in service["ports"]] == ["echo"]
monitor = found["PodMonitor"]["spec"]
assert monitor["selector"]["matchLabels"].items() <= labels.items()
(endpoint,) = monitor["podMetricsEndpoints"]
assert endpoint["port"] in ports and endpoint["path"] == "/metrics"
assert {"targetLabel": "job", "replacement": "echod"} in endpoint["relabelings"]
assert args["--listen"] == f":{ports['echo']}"
assert args["--heartbeat"] == "0"
assert args["--metrics"] == f":{ports['metrics']}"
for probe in ("readinessProbe", "livenessProbe"):
    assert container[probe]["httpGet"]["port"] in ports, probe

drain = int(re.fullmatch(r"(\d+)s", args["--drain-timeout"])[1])
wait = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
assert wait + drain + 1 < pod["terminationGracePeriodSeconds"]

# Each pod of the job is one share of as many as there are completions, and all of them run at once:
# a pod that waited for another one's end would not be part of the same load.
job = found["Job"]["spec"]
assert job["completionMode"] == "Indexed"
assert job["completions"] == job["parallelism"]
# A pod that is started anew would measure something else, and its result would be a second one.
assert job["backoffLimit"] == 0
generator = job["template"]["spec"]
assert generator["restartPolicy"] == "Never"
(container,) = generator["containers"]
assert container["command"] == ["echoc"]
command, target, *options = container["args"]
assert command == "load" and target == f"{found['Service']['metadata']['name']}:7007"
values = dict(option.split("=", 1) for option in options if "=" in option)
assert values["--share"] == str(job["completions"])
assert values["--json"] == "-"
# The arguments as they are make what the job is for, but for the server, which is here.
results = []
with tempfile.TemporaryDirectory() as scratch:
    port = os.path.join(scratch, "port")
    server = subprocess.Popen([echod, "--listen=127.0.0.1:0", f"--port-file={port}"],
                              stderr=subprocess.DEVNULL)
    try:
        while not os.path.exists(port):
            assert server.poll() is None
            time.sleep(0.05)
        with open(port, encoding="utf-8") as file:
            address = file.readline().strip()
        short = [re.sub("^--duration=.*", "--duration=1s", option) for option in options]
        short = [re.sub("^--rate=.*", "--rate=100", option) for option in short]
        for index in range(job["completions"]):
            results.append(os.path.join(scratch, str(index)))
            with open(results[-1], "w", encoding="utf-8") as file:
                subprocess.run([echoc, "load", address, *short], stdout=file, check=True,
                               env={**os.environ, "JOB_COMPLETION_INDEX": str(index)})
        merged = subprocess.run([echoc, "merge", "--expect", str(len(results)), "--json", "-",
                                 *results], capture_output=True, text=True, check=True)
    finally:
        server.terminate()
        server.wait()
sent = json.loads(merged.stdout)
assert sent["connections"]["made"] == int(values["--connections"]), sent["connections"]
assert sent["messages"]["echoed"] == 100, sent["messages"]
