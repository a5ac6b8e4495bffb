"""Prints, of the plans that auto_explain has logged, the longest one of each statement that claims or settles."""

import re
import sys

WANTED = {
    "claim: jobs of a lane": re.compile(r"set state = 'running'"),
    "claim: the next lane": re.compile(r"for update of l skip locked"),
    "settle: the jobs' rows": re.compile(r"with gone as"),
    "settle: the tenant's outcomes": re.compile(r"insert into outcomes"),
}
ENTRY = re.compile(r"duration: ([\d.]+) ms  plan:\n(.*?)(?=\n\d{4}-\d\d-\d\d |\Z)", re.S)

longest = {}
with open(sys.argv[1], encoding="utf-8", errors="replace") as log:
    for millis, text in ENTRY.findall(log.read()):
        for name, statement in WANTED.items():
            if statement.search(text) and float(millis) > longest.get(name, (0, ""))[0]:
                longest[name] = (float(millis), text)
for name in WANTED:
    if name in longest:
        millis, text = longest[name]
        plan = re.search(r"^\s*(?:Update|Delete|Insert|Limit|LockRows|GroupAggregate|HashAggregate|CTE|Sort|Aggregate).*", text, re.M | re.S)
        print(f"\n{name}: {millis} ms\n{plan.group(0) if plan else text}")
