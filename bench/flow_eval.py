"""Evaluation of the largest shipped flow per key, and a check of all flows: `python bench/flow_eval.py`."""

import json
import time
from statistics import median, quantiles

from deskapp.services.flow_files import PACK, check_flow, flow_paths, load_flow, run_tests

ROUNDS = 300


def main() -> None:
    """Print microseconds per evaluation (each key of each witness is one) and seconds for checking everything."""
    started, used = time.perf_counter(), time.process_time()
    files = [check_flow(path) for path in flow_paths([PACK])]
    tests = [result for file in files if file.compiled for result in run_tests(file.compiled)]
    wall, cpu = time.perf_counter() - started, time.process_time() - used
    largest = max(files, key=lambda file: len(file.flow.questions) if file.flow else 0).path.stem
    compiled = load_flow(PACK / f"{largest}.yaml")
    witnesses = json.loads((PACK / "_witness_cases.json").read_text("utf-8"))["flows"][largest]
    walls: list[float] = []
    cpus: list[float] = []
    for raw in witnesses.values():
        answers, so_far = compiled.read(raw), {}
        for id_, value in answers.items():
            so_far[id_] = value
            for _ in range(ROUNDS):
                before, used = time.perf_counter(), time.thread_time()
                compiled.evaluate(so_far)
                walls.append((time.perf_counter() - before) * 1e6)
                cpus.append((time.thread_time() - used) * 1e6)
    print(f"largest flow: {largest}, {len(compiled.flow.questions)} questions, {len(compiled.flow.outcomes)} outcomes")
    for name, times in (("wall", walls), ("CPU", cpus)):  # on a busy machine the wall's tail is the others' work
        p99 = quantiles(times, n=100)[98]
        print(f"evaluation per key, {name}: p50 {median(times):.0f} us, p99 {p99:.0f} us of 200 us, n = {len(times)}")
    found = sum(len(file.findings) for file in files)
    states = sum(file.exploration.states for file in files if file.exploration)
    print(
        f"check of {len(files)} flows, {len(tests)} tests: {wall:.2f} s (CPU {cpu:.2f} s) of 5 s, "
        f"{found} findings, {states} states"
    )


if __name__ == "__main__":
    main()
