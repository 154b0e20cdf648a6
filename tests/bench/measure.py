"""Runs processes and says what they took; small statistics; what machine this is."""
import math
import os
import platform
import resource
import signal
import statistics
import subprocess
import time


class Stat:
    """Runs of one figure: the median is quoted, the least and the most show the spread."""

    def __init__(self, values):
        self.values = [v for v in values if v is not None]

    def __bool__(self):
        return bool(self.values)

    @property
    def median(self):
        return statistics.median(self.values)

    def json(self):
        return {"median": self.median, "min": min(self.values), "max": max(self.values), "n": len(self.values)}


def once(value):
    return Stat([] if value is None else [value])


class Finished:
    def __init__(self, wall, cpu, peak_mib, code):
        self.wall, self.cpu, self.peak_mib, self.code = wall, cpu, peak_mib, code


def run(command, timeout=600, output=subprocess.DEVNULL, accept=(0, 1)):
    """One run from start to exit, by the kernel's own accounting. None when the time is up. The peak cannot read below this program's own."""
    begin = time.monotonic()
    process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        signal.signal(signal.SIGALRM, lambda *_: os.killpg(process.pid, signal.SIGKILL))
        signal.setitimer(signal.ITIMER_REAL, timeout)
        _, status, usage = os.wait4(process.pid, 0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    wall = time.monotonic() - begin
    process.returncode = code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGKILL and wall >= timeout:
        return None
    if code not in accept:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit {code}")
    return Finished(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, code)


def interleaved(commands, runs, **options):
    """{name: command} -> {name: [Finished]}: one run of each in turn, so that what disturbs the machine disturbs all."""
    results = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            done = run(command, **options)
            if done is not None:
                results[name].append(done)
    return results


def own_peak_mib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def status_mib(pid, field):
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024
    return 0.0


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def exponent(points):
    """Of figure ~ n^k, by least squares over the logarithms; points are (n, figure)."""
    points = [(math.log(n), math.log(v)) for n, v in points if v > 0]
    if len(points) < 2:
        return None
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)


def machine():
    model = memory = ""
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    with open("/proc/meminfo") as file:
        memory = f"{int(file.readline().split()[1]) / 1048576:.0f} GiB"
    return {"cpu": model, "cores": len(os.sched_getaffinity(0)), "memory": memory, "kernel": platform.release(), "load": load()}


def load():
    return [round(value, 2) for value in os.getloadavg()]
