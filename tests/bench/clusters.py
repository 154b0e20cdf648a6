"""Clusters to measure on: a real control plane, or a synthetic API server where two cores cannot hold a real one; and what is run against them."""
import http.client
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import time
import urllib.parse
from pathlib import Path

import measure

ROOT = Path(__file__).resolve().parents[2]
LISTED = [
    "/api/v1/namespaces", "/api/v1/nodes", "/api/v1/pods", "/api/v1/services", "/api/v1/serviceaccounts", "/api/v1/persistentvolumes", "/api/v1/persistentvolumeclaims",
    "/api/v1/resourcequotas", "/api/v1/limitranges", "/apis/apps/v1/deployments", "/apis/apps/v1/statefulsets", "/apis/apps/v1/daemonsets", "/apis/apps/v1/replicasets",
    "/apis/batch/v1/jobs", "/apis/batch/v1/cronjobs", "/apis/policy/v1/poddisruptionbudgets", "/apis/autoscaling/v2/horizontalpodautoscalers", "/apis/networking.k8s.io/v1/ingresses",
    "/apis/networking.k8s.io/v1/networkpolicies", "/apis/discovery.k8s.io/v1/endpointslices", "/apis/storage.k8s.io/v1/storageclasses", "/apis/scheduling.k8s.io/v1/priorityclasses",
    "/apis/rbac.authorization.k8s.io/v1/rolebindings", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
]
# What the synthetic server has of kube-state-metrics' defaults; there it is asked for these alone.
KSM_RESOURCES = "cronjobs,daemonsets,deployments,horizontalpodautoscalers,ingresses,jobs,limitranges,namespaces,networkpolicies,nodes,persistentvolumeclaims,persistentvolumes," \
    "poddisruptionbudgets,pods,replicasets,resourcequotas,services,statefulsets,storageclasses"


class Tools:
    """Paths of the programs; `peers` is a search path."""

    def __init__(self, build, work, peers):
        self.build, self.work, self.peers = Path(build), Path(work), peers
        self.seaworthy = self.build / "seaworthy"
        self.generate = self.build / "tests" / "bench_generate"
        self.inner = self.build / "tests" / "bench_inner"
        self.control = self.build / "bench_control"

    def build_control(self):
        source = ROOT / "tests/bench/control"
        go = subprocess.run([ROOT / "tests/testbed/go.sh", source / "go.mod"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        subprocess.run([go, "build", "-trimpath", "-buildvcs=false", "-o", self.control, "."], cwd=source, check=True, env={**os.environ, "GOFLAGS": "", "GOWORK": "off", "CGO_ENABLED": "0"})

    def peer(self, name):
        return shutil.which(name, path=self.peers) if self.peers else shutil.which(name)

    def items(self, workloads, pods, nodes):
        path = self.work / f"cluster-{workloads}-{pods}-{nodes}.jsonl"
        if not path.exists():
            with open(path, "wb") as out:
                subprocess.run([self.generate, "cluster", str(workloads), str(pods), str(nodes)], stdout=out, check=True)
        return path


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(port, path, timeout=60):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


class Size:
    def __init__(self, workloads, pods, nodes, real):
        self.workloads, self.pods, self.nodes, self.real = workloads, pods, nodes, real

    def __str__(self):
        return f"{self.workloads:,} workloads, {self.pods:,} pods, {self.nodes:,} nodes, {'real' if self.real else 'synthetic'} API server"


class Cluster:
    """Up and filled. `admin`: flags of control for it; `kubeconfig`, `admin_kubeconfig`: the operator's and the peers'."""

    def __init__(self, tools, size, say):
        self.tools, self.size, self.say = tools, size, say
        self.state = self.server_process = None
        self.items = tools.items(size.workloads, size.pods, size.nodes)
        self.counts = {}
        with open(self.items) as file:
            for line in file:
                head = json.loads(line[: line.index(',"object"')] + "}")
                kind = head["collection"].rsplit("/", 1)[1]
                self.counts[kind] = self.counts.get(kind, 0) + head["copies"]

    def __enter__(self):
        begin = time.monotonic()
        try:
            self._real() if self.size.real else self._synthetic()
        except BaseException:
            self.__exit__()
            raise
        self.say(f"up and filled in {time.monotonic() - begin:.0f} s: {self.size}")
        return self

    def _real(self):
        environment = {**os.environ, "TB_ONLY": "api", "TB_AUDIT": "0", "TB_NODES": "0", "TB_WAIT": "180"}
        self.state = subprocess.run([ROOT / "tests/testbed/up.sh"], env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        values = subprocess.run(["bash", "-c", f'. {shlex.quote(self.state)}/env.sh && printf "%s\\n" "$SERVER" "$CA_FILE" "$KUBECONFIG" "$TB_BIN" "$(awk \'$2 == "apiserver" {{print $1}}\' "$TB_RUN/pids")"'],
                                check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
        self.server, ca, self.admin_kubeconfig, programs, self.server_pid = values
        pki = f"{self.state}/pki"
        self.admin = ["-server", self.server, "-ca", ca, "-cert", f"{pki}/admin.crt", "-key", f"{pki}/admin.key"]
        subprocess.run([f"{programs}/kubectl", "--kubeconfig", self.admin_kubeconfig, "apply", "--server-side", "-f", ROOT / "manifests/install.yaml", "-l", "app.kubernetes.io/component!=operator"],
                       check=True, stdout=subprocess.DEVNULL)
        self.kubeconfig = subprocess.run([ROOT / "tests/testbed/operator_kubeconfig.sh", self.state], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        self.control("load", "-nodes", self.size.nodes, self.items)

    def _synthetic(self):
        folder = self.tools.work / f"synthetic-{self.size.workloads}-{self.size.pods}-{time.monotonic_ns()}"
        folder.mkdir()
        # Its garbage collector is told to take memory rather than time: it stands in for a server on other machines.
        self.server_process = subprocess.Popen([self.tools.control, "serve", "-dir", folder, "-nodes", str(self.size.nodes), self.items], env={**os.environ, "GOGC": "400"}, start_new_session=True)
        self.server_pid = self.server_process.pid
        end = time.monotonic() + 300
        while not (folder / "server").exists():
            if self.server_process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the synthetic API server did not start")
            time.sleep(0.05)
        self.server = (folder / "server").read_text()
        self.kubeconfig = self.admin_kubeconfig = str(folder / "kubeconfig")
        self.admin = ["-server", self.server, "-ca", str(folder / "ca.crt")]

    def __exit__(self, *_):
        if self.state:
            subprocess.run([ROOT / "tests/testbed/down.sh", self.state], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if self.server_process:
            self.server_process.kill()
            self.server_process.wait()

    def control(self, command, *arguments):
        # connection flags come first; positional arguments last
        result = subprocess.run([self.tools.control, command, *self.admin, *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True)
        return json.loads(result.stdout)

    def expire(self):
        """All history is forgotten: every watcher has to list again."""
        import ssl
        where = urllib.parse.urlparse(self.server)
        connection = http.client.HTTPSConnection(where.hostname, where.port, context=ssl.create_default_context(cafile=self.admin[self.admin.index("-ca") + 1]))
        connection.request("GET", "/bench/expire")
        connection.getresponse().read()


class Process:
    """One that keeps running. Started at `begin`."""

    name = ""

    def _start(self, command, log):
        self.log = log
        self.begin = time.monotonic()
        with open(log, "ab") as out:
            self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def alive(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended by itself; {self.log}")

    def rss(self):
        return measure.status_mib(self.pid, "VmRSS")

    def peak(self):
        return measure.status_mib(self.pid, "VmHWM")

    def cpu(self):
        return measure.cpu_seconds(self.pid)

    def page(self):
        begin = time.monotonic()
        _, body = get(self.port, "/metrics")
        return time.monotonic() - begin, body


class Operator(Process):
    name = "seaworthy"
    family, label = "seaworthy_workload_score", "workload"

    def __init__(self, cluster, *flags):
        self.port, self.health, report = free_port(), free_port(), free_port()
        self._start([cluster.tools.seaworthy, "run", "--kubeconfig", cluster.kubeconfig, "--leader-elect=false", "--metrics-address", f"127.0.0.1:{self.port}", "--health-address", f"127.0.0.1:{self.health}",
                     "--report-address", f"127.0.0.1:{report}", *flags], cluster.tools.work / "operator.log")

    def complete(self, timeout=300):
        """Seconds from the start of the process until its metrics are complete."""
        end = self.begin + timeout
        while time.monotonic() < end:
            self.alive()
            try:
                if get(self.health, "/readyz")[0] == 200:
                    return time.monotonic() - self.begin
            except OSError:
                pass
            time.sleep(0.005)
        raise RuntimeError(f"not ready within {timeout} s; {self.log}")

    def value(self, prefix):
        """The sum of the series that begin so."""
        _, body = self.page()
        return sum(float(line.rsplit(b" ", 1)[1]) for line in body.splitlines() if line.startswith(prefix.encode()))

    def by_resource(self, name):
        _, body = self.page()
        found = {}
        for line in body.decode().splitlines():
            if line.startswith(name + "{"):
                found[line.split('resource="', 1)[1].split('"', 1)[0]] = float(line.rsplit(" ", 1)[1])
        return found


class KubeStateMetrics(Process):
    name = "kube-state-metrics"
    family, label = "kube_deployment_spec_replicas", "deployment"

    def __init__(self, cluster, program, *flags):
        self.port = free_port()
        self.cluster = cluster
        if not cluster.size.real and not flags:
            flags = ("--resources", KSM_RESOURCES)
        self._start([program, "--kubeconfig", cluster.admin_kubeconfig, "--host", "127.0.0.1", "--port", self.port, "--telemetry-host", "127.0.0.1", "--telemetry-port", free_port(), *flags],
                    cluster.tools.work / "kube-state-metrics.log")

    def complete(self, timeout=300, families=None):
        """Its first answers lack what it has not listed yet: complete is when all pods and Deployments are there."""
        wanted = families or {b"kube_pod_info{": self.cluster.counts.get("pods", 0), b"kube_deployment_created{": self.cluster.counts.get("deployments", 0)}
        end = self.begin + timeout
        while time.monotonic() < end:
            self.alive()
            try:
                _, body = self.page()
                if all(body.count(b"\n" + family) >= count for family, count in wanted.items()):
                    return time.monotonic() - self.begin
            except OSError:
                pass
            time.sleep(0.02)
        raise RuntimeError(f"not complete within {timeout} s; {self.log}")
