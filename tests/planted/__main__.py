"""./bin/planted [--workers N] [--list] [WORD …]: plant each defect, one at a time, and see which test catches it.

Words choose defects by a part of their name, or by the number of their rule. The status is 1 if one was not caught.
"""

import argparse
import queue
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.planted.catalogue import DEFECTS
from tests.planted.copying import Copy, Outcome
from tests.planted.defect import Defect, NotThere

WORKERS = 2


def main(words: Sequence[str]) -> int:
    """The exit status: 0 when all were caught."""
    about = argparse.ArgumentParser(prog="./bin/planted", description=__doc__)
    about.add_argument("--workers", type=int, default=WORKERS)
    about.add_argument("--list", action="store_true", help="only say which there are")
    about.add_argument("words", nargs="*", metavar="WORD")
    asked = about.parse_args(words)
    chosen = [one for one in DEFECTS if not asked.words or any(_is_meant(one, word) for word in asked.words)]
    if asked.list or not chosen:
        print("\n".join(f"{one.rule:>4}  {one.what}" for one in chosen) or "No such defect.")
        return 0 if chosen else 2
    # Being asked to stop means clearing up first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="portico-planted-") as folder:
        copies = [Copy(Path(folder) / str(n)) for n in range(max(1, min(asked.workers, len(chosen))))]
        if not _are_sound(copies, chosen):
            return 1
        missed = _plant_all(copies, chosen)
    print(f"\n{len(chosen) - missed} of {len(chosen)} defects caught, in {time.monotonic() - began:.0f} s.")
    return 1 if missed else 0


def _is_meant(defect: Defect, word: str) -> bool:
    return word == str(defect.rule) if word.isdigit() else word.lower() in defect.what.lower()


def _are_sound(copies: Sequence[Copy], chosen: Sequence[Defect]) -> bool:
    """Whether the same tests pass without any defect: else their failing says nothing."""
    tests = sorted({test for one in chosen for test in one.caught_by})
    print(f"Without a defect: {len(tests)} tests …", flush=True)
    size = -(-len(tests) // len(copies))
    parts = [tests[n : n + size] for n in range(0, len(tests), size)]
    with ThreadPoolExecutor(len(parts)) as pool:
        outcomes = list(pool.map(lambda copy, part: copy.run(part), copies, parts))
    for broken in (one for one in outcomes if one.status != 0):
        print(broken.said[-4000:])
    if any(one.status != 0 for one in outcomes):
        print("They do not all pass without a defect: nothing was planted.")
    return all(one.status == 0 for one in outcomes)


def _plant_all(copies: Sequence[Copy], chosen: Sequence[Defect]) -> int:
    """How many were not caught; each is printed as soon as it is known."""
    waiting: queue.SimpleQueue[Defect] = queue.SimpleQueue()
    for one in chosen:
        waiting.put(one)
    results: list[bool] = []
    threads = [threading.Thread(target=_work, args=(copy, waiting, results), daemon=True) for copy in copies]
    print(f"{'rule':>4}  {'defect':<62}  caught by", flush=True)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(chosen) - sum(results)


def _work(copy: Copy, waiting: "queue.SimpleQueue[Defect]", results: list[bool]) -> None:
    while True:
        try:
            defect = waiting.get_nowait()
        except queue.Empty:
            return
        is_caught, words = _tried(copy, defect)
        results.append(is_caught)
        print(f"{defect.rule:>4}  {defect.what:<62}  {words}", flush=True)


def _tried(copy: Copy, defect: Defect) -> tuple[bool, str]:
    try:
        with copy.planted(defect):
            outcome = copy.run(defect.caught_by, defect.sql, in_agencies=defect.in_agencies)
    except NotThere as error:
        return False, f"NOT PLANTED: {error}"
    return outcome.is_caught, _words(outcome)


def _words(outcome: Outcome) -> str:
    if outcome.is_caught:
        return ", ".join(test.rpartition("::")[2] for test in outcome.failed)
    return (
        "NOT CAUGHT"
        if outcome.status == 0
        else f"NOT CAUGHT (pytest ended with {outcome.status}: {outcome.said[-600:]})"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
