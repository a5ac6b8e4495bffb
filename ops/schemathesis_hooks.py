"""What the description cannot say, so that schemathesis does not take it for a fault of the API."""

import json
import os

import schemathesis

# What the examples name, and what is named instead: a file that is there, and a host that nobody has (RFC 6761), so
# that nothing leaves the machine.
SHOWN = {
    "upload://0192f0c1-2345-7abc-8def-0123456789ab": os.environ["UPLOAD"],
    "https://example.com/hooks": "https://hooks.invalid/esteira",
}


# What names a thing in the answer to its making, where that is not `id`.
NAMES = {"/v1/tenants": "slug", "/v1/batches": "batch_id"}
# Where a thing is made, where that is not its collection.
MAKERS = {"/v1/batches": "/v1/jobs/batch"}


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """What the examples name is there, and what is made leads to what can be done with it."""
    text = json.dumps(raw_schema)
    for shown, there in SHOWN.items():
        text = text.replace(shown, there)
    raw_schema.update(json.loads(text))
    paths = raw_schema["paths"]
    for path, item in paths.items():
        collection, _, rest = path.partition("/{")
        made = paths.get(MAKERS.get(collection, collection), {}).get("post")
        if not rest or made is None:
            continue
        parameter = rest.partition("}")[0]
        name = NAMES.get(collection, "id")
        answer = next(made["responses"][status] for status in ("201", "202") if status in made["responses"])
        for operation in item.values():
            link = {"operationId": operation["operationId"], "parameters": {parameter: f"$response.body#/{name}"}}
            answer.setdefault("links", {})[operation["operationId"]] = link


@schemathesis.hook
def before_call(context, case, kwargs):
    """A whole number is written without a fraction: to JSON Schema 3.0 is an integer, and the API says that it is none."""
    case.body = whole(case.body)


def whole(value):
    if isinstance(value, dict):
        return {name: whole(part) for name, part in value.items()}
    if isinstance(value, list):
        return [whole(part) for part in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
