#!/usr/bin/env python3
"""Takes the rules that keep the operator right out of the code, one at a time: each has to make a seed of the simulation fail, else nothing tests it.

usage: rules.py [--seeds N] [NAME...]    in a copy of the checkout, which is built once and then a file at a time; default 14 seeds a scenario

A rule is a piece of text and what stands in its place without it. Prints a line a rule: the first scenario and seed that fails, or SURVIVES.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
RULES = {
    # the watch
    "a 410 leads to a new snapshot": ("src/api/watcher_failures.cc", "        RelistSoon(verdict.reason);", "        back_off(Phase::kBackoff);"),
    "a snapshot replaces what is known": ("src/cache/world.cc", "      Replace(event.kind);\n", ""),
    "a frame that is cut off is dropped": ("src/api/watch_stream.cc", "  const bool partial = splitter_.Finish();", "  (void)splitter_.Feed(\"\\n\", {[this](std::string_view line) { return OnLine(line); }, [](std::string_view) { return true; }});\n  const bool partial = splitter_.Finish();"),
    "bookmarks count": ("src/api/watcher_events.cc", "  Applied(resource_version);\n  return std::nullopt;\n}\n\nvoid Watcher::OnListBegin", "  return std::nullopt;\n}\n\nvoid Watcher::OnListBegin"),
    "only the end of the initial events completes a snapshot": ("src/api/watcher_events.cc", "    if (!initial_events_end) return std::nullopt;\n", "    (void)initial_events_end;\n"),
    "a stream that is silent is cut": ("src/api/watch_stream.cc", "  if (now - last_byte_ >= SilenceLimit()) {", "  if (false) {"),
    "pages of different states are no state": ("src/api/paged_list.cc", "  if (version != resource_version_) {", "  if (false) {"),
    "a denial is asked about again": ("src/api/watcher_failures.cc", "  Wait(Phase::kDenied, first ? soon : deny_backoff_.Next(now, *parts_.rng, verdict.retry_after));", "  Wait(Phase::kDenied, first ? std::chrono::hours(100) : std::chrono::hours(200));"),
    "a kind that is not found is looked for": ("src/api/watcher_failures.cc", "      parts_.host->RequestDiscovery();", ""),
    # the writer
    "writes carry the version that they replace": ("src/sinks/report/writer_requests.cc", "    head.resource_version = entry.observed->resource_version;\n", ""),
    "a write whose answer was lost is read again": ("src/sinks/report/writer_requests.cc", "      if (write) Count(WriteResult::kUnknown);\n      if (write) entry.uncertain = true;", "      if (write) Count(WriteResult::kUnknown);"),
    "what somebody edits is put back": ("src/sinks/report/writer.cc", "  entry.observed = std::move(seen);\n", "  entry.observed = std::move(seen);\n  if (entry.wanted) entry.observed->hash = entry.desired;\n"),
    "reports that outlive their subject are swept": ("src/sinks/report/writer_sweep.cc", "    sweep_queue_.push_back(key);", ""),
    "the report of what is no workload any more goes": ("src/wiring/replica.cc", "    return world.State(*kind) == SourceState::kLive && core.Knows(*kind, ns, owner.name);", "    return false;"),
    "the text of a namespace's report is kept": ("src/sinks/report/writer.cc", "    entry.settled = true;\n  }\n  Schedule(entry);", "    entry.settled = true;\n    entry.status.clear();\n  }\n  Schedule(entry);"),
    # the lease
    "only the holder writes": ("src/wiring/replica.h", "bool MayWrite() const { return elector_ == nullptr ? !options_.leader_elect : elector_->MayWrite(); }", "bool MayWrite() const { return true; }"),
    "a lease that is not renewed ends the right to write": ("src/wiring/leader.cc", "  return leading_ && acknowledged_ && clock_.Now() - *acknowledged_ < options_.renew_deadline;", "  return leading_;"),
    "a lost answer to a renewal is looked up": ("src/wiring/leader.cc", "    Confirm(sent, wanted, release);\n    return;\n  }\n  ScheduleTick();", "    SetLeading(false);\n  }\n  ScheduleTick();"),
    "the lease's time counts from when it was seen to change": ("src/wiring/leader.cc", "if (observed_ && clock_.Now() - *observed_ < duration) {", "if (false) {"),
    # what outlives a restart
    "evidence is restored": ("src/wiring/core.cc", "  engine_.Restore(record.subject, parsed.subject);", ""),
    "what happened is kept, though no verdict changes": ("src/wiring/core.cc", "      if (on_kept) on_kept(subject);", "      (void)subject;"),
    "a lost pod is kept": ("src/score/evidence.cc", "    if (!loss.Decided(now_seconds)) continue;", "    if (now_seconds != 0) continue;"),
}


def run(command, **more):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)


def failing(work, seed):
    """The scenarios that this seed makes fail; or that the program did not come to its end."""
    done = run(["build/dev/tests/sim", "--seed", str(seed)], cwd=work, timeout=1800)
    scenarios = set(re.findall(r"^(\w+) seed \d+:", done.stdout, re.M))
    return scenarios or ({"no scenario, but the program"} if done.returncode else set())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=14)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    chosen = {name: rule for name, rule in RULES.items() if not options.names or any(one in name for one in options.names)}
    missing = [name for name, (path, text, _) in chosen.items() if text not in (ROOT / path).read_text()]
    if missing:
        sys.exit("the code has no longer what these rules name: " + "; ".join(missing))
    work = pathlib.Path(tempfile.mkdtemp(prefix="seaworthy-rules."))
    os.environ.update(CCACHE_BASEDIR=str(work), CCACHE_NOHASHDIR="1")
    survived = 0
    try:
        subprocess.run(["git", "-C", str(ROOT), "archive", "--output", str(work / "tree.tar"), "HEAD"], check=True)
        subprocess.run(["tar", "-xf", "tree.tar"], cwd=work, check=True)
        configured = run(["cmake", "--preset", "dev"], cwd=work)
        if configured.returncode:
            sys.exit(configured.stdout[-2000:])
        build = ["ninja", "-C", "build/dev", "sim"]
        first = run(build, cwd=work)
        if first.returncode:
            sys.exit(first.stdout[-2000:])
        # What fails with all rules in place says nothing about any of them.
        anyway = {seed: failing(work, seed) for seed in range(1, options.seeds + 1)}
        for seed, scenarios in anyway.items():
            if scenarios:
                print(f"seed {seed} fails with all rules in place and is left out: {', '.join(sorted(scenarios))}", flush=True)
        for name, (path, text, instead) in chosen.items():
            file = work / path
            whole = file.read_text()
            file.write_text(whole.replace(text, instead, 1))
            try:
                built = run(build, cwd=work)
                if built.returncode:
                    print(f"DOES NOT BUILD  {name}\n{built.stdout[-600:]}", flush=True)
                    survived += 1
                    continue
                found = None
                # One seed after another over all scenarios, so that what is easy to find is found soon.
                for seed in range(1, options.seeds + 1):
                    new = failing(work, seed) - anyway[seed]
                    if new:
                        found = f"{min(new)} seed {seed}"
                        break
                if found is None:
                    survived += 1
                print(f"{'found' if found else 'SURVIVES':<9} {name}{': ' + found if found else ''}", flush=True)
            finally:
                file.write_text(whole)
    finally:
        shutil.rmtree(work)
    print(f"{len(chosen)} rules, {survived} not missed")
    sys.exit(1 if survived else 0)


main()
