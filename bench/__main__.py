"""python -m bench NAME [--quick]: finds the measurement in the file of that name."""

import argparse
import importlib
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
for _path in (str(ROOT), str(ROOT / "src")):
    if _path not in sys.path:
        sys.path.insert(0, _path)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def names() -> list[str]:
    """The measurements: every file of this folder that says MEASURES."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return [file.stem for file in files if "\nMEASURES = " in file.read_text()]


def main(words: list[str]) -> int:
    """Runs one measurement and prints its report; the exit status says only whether it ran."""
    parser = argparse.ArgumentParser(prog="./bin/bench")
    parser.add_argument("name", choices=names())
    parser.add_argument("--quick", action="store_true", help="few rounds: to see that it runs")
    parser.add_argument(
        "--as-is", action="store_true", help="measure in the database of DATABASE_URL itself, not beside it"
    )
    asked = parser.parse_args(words)

    from bench.database import bench_database
    from bench.report import Report

    report = Report()
    with bench_database(as_is=asked.as_is), tempfile.TemporaryDirectory(prefix="portico-bench-") as files:
        os.environ["STORAGE_DIR"] = files
        import django

        django.setup()
        bench = importlib.import_module(f"bench.{asked.name}")
        print(f"{asked.name}: {bench.MEASURES}\n", flush=True)
        bench.run(report, quick=asked.quick)
    report.print()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
