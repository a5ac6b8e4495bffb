#!/usr/bin/env python3
"""Are the dashboards what Grafana takes? Held against the types of grafana-foundation-sdk, field by field.

The SDK's own readers take any value for any field, and drop fields that they do not know: here each value is held against
the declared type, and each field that is written has to come back.
"""

import enum
import json
import pathlib
import sys
import types
import typing

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

HERE = pathlib.Path(__file__).parent


def faults(value, declared, place):
    """What is wrong with a value of a declared type, and below it."""
    origin, arguments = typing.get_origin(declared), typing.get_args(declared)
    if declared is typing.Any or declared is object:
        return []
    if origin in (typing.Union, types.UnionType):
        fitting = [one for one in arguments if isinstance(one, type) and one is type(value)]
        found = [faults(value, one, place) for one in fitting or arguments if value is None or one is not type(None)]
        return min(found, key=len)
    if origin is typing.Literal:
        return [] if value in arguments else [f"{place}: {value!r} is none of {arguments}"]
    if origin is list:
        if not isinstance(value, list):
            return [f"{place}: {value!r} is no list"]
        return [fault for at, one in enumerate(value) for fault in faults(one, arguments[0], f"{place}[{at}]")]
    if origin is dict:
        if not isinstance(value, dict):
            return [f"{place}: {value!r} is no object"]
        return [fault for key, one in value.items() for fault in faults(one, arguments[1], f"{place}.{key}")]
    if isinstance(declared, type) and issubclass(declared, enum.Enum):
        return [] if value in [one.value for one in declared] else [f"{place}: {value!r} is no {declared.__name__}"]
    if declared is float:
        return [] if isinstance(value, (int, float)) and not isinstance(value, bool) else [f"{place}: {value!r} is no number"]
    if declared in (int, str, bool, type(None)):
        is_one = isinstance(value, declared) and (declared is not int or not isinstance(value, bool))
        return [] if is_one else [f"{place}: {value!r} is no {declared.__name__}"]
    if isinstance(value, dict) and hasattr(declared, "from_json"):
        # The readers of the SDK leave some lists of objects as they are.
        value = declared.from_json(value)
    if not isinstance(value, declared):
        return [f"{place}: {type(value).__name__} is no {declared.__name__}"]
    return of_fields(value, place)


def of_fields(value, place):
    """Faults of an object of the SDK, by what its own class declares."""
    module = sys.modules[type(value).__module__].__dict__
    found = []
    for name, declared in typing.get_type_hints(type(value), module).items():
        found += faults(getattr(value, name), declared, f"{place}.{name}")
    for part in ("options", "targets"):
        below = getattr(value, part, None)
        for at, one in enumerate(below if isinstance(below, list) else [below]):
            if hasattr(type(one), "from_json"):
                found += of_fields(one, f"{place}.{part}[{at}]")
    return found


def lost(wanted, got, place):
    """Fields that are written and do not come back."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        found = [f"{place}.{key}: not known" for key in wanted if key not in got]
        return found + [fault for key in wanted if key in got for fault in lost(wanted[key], got[key], f"{place}.{key}")]
    if isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        return [fault for at, pair in enumerate(zip(wanted, got)) for fault in lost(*pair, f"{place}[{at}]")]
    return [] if wanted == got else [f"{place}: {wanted!r} became {got!r}"]


def main():
    register_default_plugins()
    wrong, panels = [], 0
    for path in sorted((HERE / "dashboards").glob("*.json")):
        wanted = json.loads(path.read_text())
        board = Dashboard.from_json(wanted)
        wrong += of_fields(board, path.name)
        wrong += lost(wanted, json.loads(JSONEncoder(sort_keys=True).encode(board)), path.name)
        panels += len(board.panels)
        for panel in wanted["panels"]:
            if not (panel["description"] and panel["fieldConfig"]["defaults"]["unit"]):
                wrong.append(f"{path.name}: {panel['title']}: a panel has a description and a unit")
    for fault in wrong:
        print(fault, file=sys.stderr)
    if wrong:
        sys.exit(1)
    print(f"{panels} panels are of the types that Grafana declares")


if __name__ == "__main__":
    main()
