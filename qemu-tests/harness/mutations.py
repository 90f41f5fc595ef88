# SPDX-License-Identifier: Apache-2.0
"""Documents with one thing changed by lot: a key or value mistyped, gone, doubled or in a wrong place."""

import copy
import random
from pathlib import Path
from typing import Any, Iterator, List, Tuple

import yaml

VALUES: List[Any] = [None, True, False, 0, -1, 5, 3.5, "", "x", "a b", "10s", "64m", "1g", "80",
                     "80:80", "yes", "no", [], {}, ["a"], {"a": "b"}, [1], [None], "0644", 420,
                     "${X}", "${X:-d}", "$$y"]


def _places(value: Any, path: Tuple = ()) -> Iterator[Tuple]:
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else \
        enumerate(value) if isinstance(value, list) else ()
    for key, below in items:
        yield from _places(below, (*path, key))


def _at(document: Any, path: Tuple) -> Any:
    for key in path:
        document = document[key]
    return document


def _mistype(word: str, lot: random.Random) -> str:
    at = lot.randrange(max(len(word) - 1, 1))
    return lot.choice([word[:at] + word[at + 1:], word[:at] + word[at + 1:at + 2] + word[at:at + 1] +
                       word[at + 2:], word[:at] + lot.choice("abcxyz") + word[at:],
                       word[:at] + lot.choice("abcxyz") + word[at + 1:]])


def mutated(source: Path, seed: int) -> Tuple[str, str]:
    """(the document's text, what was done to it)."""
    lot = random.Random(seed)
    document = copy.deepcopy(yaml.safe_load(source.read_text()))
    places = list(_places(document))
    while True:
        path = lot.choice(places)
        parent, name = _at(document, path[:-1]), ".".join(map(str, path))
        kind = lot.choice(["key", "value", "value", "gone", "twice", "moved"])
        if kind == "value":
            parent[path[-1]] = lot.choice(VALUES)
            what = f"{name} = {parent[path[-1]]!r}"
        elif kind == "gone":
            parent.pop(path[-1])
            what = f"without {name}"
        elif kind == "twice" and isinstance(parent, list):
            parent.append(copy.deepcopy(parent[path[-1]]))
            what = f"{name} twice"
        elif kind == "key" and isinstance(parent, dict):
            key = _mistype(str(path[-1]), lot)
            if not key or key in parent:
                continue
            members = [(key if old == path[-1] else old, value) for old, value in parent.items()]
            parent.clear()
            parent.update(members)
            what = f"{name} as {key}"
        elif kind == "moved" and isinstance(parent, dict):
            other = lot.choice(places)
            if not isinstance(other[-1], str) or other[-1] in parent:
                continue
            parent[other[-1]] = copy.deepcopy(_at(document, other))
            what = f"{'.'.join(map(str, other))} beside {name}"
        else:
            continue
        return yaml.safe_dump(document, sort_keys=False), what
