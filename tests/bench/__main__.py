"""`make bench`: ours and the alternatives, measured in turn in one run, and a table for each suite.

No test: how fast a machine is says nothing about whether the code is right.
"""

import argparse
import functools

from tests.bench import downloads, exports, imports

SUITES = ("imports", "exports", "downloads")


def main() -> None:
    """Runs the suites that were asked for."""
    options = _options()
    suites = {
        "imports": imports.suite,
        "exports": functools.partial(exports.suite, options.export_rows),
        "downloads": functools.partial(downloads.suite, options.download_rows),
    }
    for name in options.suites:
        print(suites[name](), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="How fast, and in how much memory.")
    parser.add_argument("suites", nargs="*", default=SUITES, choices=SUITES, help="all, if none is named")
    parser.add_argument("--export-rows", type=int, default=5_000_000, help="rows of an export, up to ten million")
    parser.add_argument("--download-rows", type=int, default=1_000_000, help="rows of a download, up to ten million")
    return parser.parse_args()


if __name__ == "__main__":
    main()
