"""Evaluation of the largest shipped flow per key, and a check of all flows: `python bench/flow_eval.py`."""

import json
import time
from statistics import median, quantiles

from deskapp.services.flow_files import PACK, check_flow, flow_paths, load_flow, run_tests

ROUNDS = 300


def main() -> None:
    """Print microseconds per evaluation (each key of each witness is one) and seconds for checking everything."""
    started = time.perf_counter()
    files = [check_flow(path) for path in flow_paths([PACK])]
    tests = [result for file in files if file.compiled for result in run_tests(file.compiled)]
    seconds = time.perf_counter() - started
    largest = max(files, key=lambda file: len(file.flow.questions) if file.flow else 0).path.stem
    compiled = load_flow(PACK / f"{largest}.yaml")
    witnesses = json.loads((PACK / "_witness_cases.json").read_text("utf-8"))["flows"][largest]
    times = []
    for raw in witnesses.values():
        answers, so_far = compiled.read(raw), {}
        for id_, value in answers.items():
            so_far[id_] = value
            for _ in range(ROUNDS):
                before = time.perf_counter()
                compiled.evaluate(so_far)
                times.append((time.perf_counter() - before) * 1e6)
    percent = quantiles(times, n=100)
    print(f"largest flow: {largest}, {len(compiled.flow.questions)} questions, {len(compiled.flow.outcomes)} outcomes")
    print(f"evaluation per key: p50 {median(times):.0f} us, p99 {percent[98]:.0f} us of 200 us, n = {len(times)}")
    found = sum(len(file.findings) for file in files)
    states = sum(file.exploration.states for file in files if file.exploration)
    print(
        f"check of {len(files)} flows with {len(tests)} tests: {seconds:.2f} s of 5 s, {found} findings, {states} states"
    )


if __name__ == "__main__":
    main()
