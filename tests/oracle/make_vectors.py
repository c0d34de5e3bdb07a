"""Writes every vector file: `python make_vectors.py --out DIR`.

Files that this program no longer makes are removed from DIR, so that DIR can be compared with
the committed folder after a run.
"""

import argparse
import json
from pathlib import Path

import cases_bad
import cases_formats
import cases_host
import cases_random
import cases_rule
import cases_training
import cases_wire

BUILDERS = (cases_formats, cases_random, cases_rule, cases_host, cases_training, cases_wire,
            cases_bad)


def render(content):
    """Compact JSON: one line per key, and one line per case."""
    lines = []
    for key, value in content.items():
        if key in ("cases", "final"):
            rows = ",\n".join("  " + _compact(case) for case in value)
            lines.append(f"{_compact(key)}: [\n{rows}\n ]")
        else:
            lines.append(f"{_compact(key)}: {_compact(value)}")
    return "{\n " + ",\n ".join(lines) + "\n}\n"


def _compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True)


def render_all():
    """File name -> text of every vector file."""
    return {f"{name}.json": render(content)
            for builder in BUILDERS for name, content in builder.build().items()}


def write(folder):
    """All files; returns their number and total size."""
    made = render_all()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.json"):
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        (folder / name).write_bytes(text.encode("ascii"))
    return len(made), sum(map(len, made.values()))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the vector files")
    files, size = write(parser.parse_args().out)
    print(f"{files} files, {size} bytes")


if __name__ == "__main__":
    main()
