#!/usr/bin/env python3
"""The Kubernetes manifests fit each other and echod: kubernetes.py ECHOD MANIFESTS

Skipped (77) without python3-yaml."""
import re
import subprocess
import sys

try:
    import yaml
except ImportError:
    sys.exit(77)

echod, manifests = sys.argv[1:]
with open(manifests, encoding="utf-8") as file:
    found = {document["kind"]: document for document in yaml.safe_load_all(file)}
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
assert {port["targetPort"] for port in service["ports"]} == set(ports)
assert args["--listen"] == f":{ports['echo']}"
assert args["--metrics"] == f":{ports['metrics']}"
for probe in ("readinessProbe", "livenessProbe"):
    assert container[probe]["httpGet"]["port"] in ports, probe

drain = int(re.fullmatch(r"(\d+)s", args["--drain-timeout"])[1])
wait = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
assert wait + drain + 1 < pod["terminationGracePeriodSeconds"]
