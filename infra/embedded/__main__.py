"""python -m infra.embedded demo|test|bench|run: what the scripts in bin/ call."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Sequence

from infra.embedded import demo, throwaway
from infra.embedded.processes import Failed

COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "demo": demo.main,
    "test": throwaway.test,
    "bench": throwaway.bench,
    # run COMMAND …: any command with a database of its own in DATABASE_URL.
    "run": throwaway.run,
}


def main(words: Sequence[str]) -> int:
    """The exit status; what went wrong is said in words."""
    if not words or words[0] not in COMMANDS:
        print(f"usage: python -m infra.embedded {'|'.join(COMMANDS)} …", file=sys.stderr)
        return 2
    # Also before anything of ours listens for it, being asked to stop means clearing up first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        return COMMANDS[words[0]](words[1:])
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except Failed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    except PermissionError as error:
        print(
            f"\n{error}\nDoes var/ belong to somebody else (root, perhaps)? Give it back or delete it.",
            file=sys.stderr,
        )
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
