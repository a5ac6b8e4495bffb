"""Random cron texts, zones and starts: five instants of each by Esteira and by croniter, and why they differ where they do."""

import json
import random
import re
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from croniter import CroniterBadDateError, croniter

ZONES = ["UTC", "America/Sao_Paulo", "America/New_York", "America/Havana", "America/Santiago", "Europe/Berlin",
         "Europe/Lisbon", "Europe/London", "Asia/Kolkata", "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Auckland"]
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
DAYS = "sun mon tue wed thu fri sat".split()
NAMED = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"]


def one(low, high, names):
    """A number, or now and then its name."""
    number = random.randint(low, high)
    if names and random.random() < 0.3:
        return names[(number - low) % len(names)]
    return str(number)


def item(low, high, names):
    kind = random.random()
    if kind < 0.5:
        return one(low, high, names)
    first = random.randint(low, high)
    last = random.randint(first, high)
    if kind < 0.7:
        return f"{first}-{last}"
    # A step beyond its range names the range's first number only, which croniter refuses.
    if kind < 0.85 and last > first:
        return f"{first}-{last}/{random.randint(1, last - first)}"
    return f"*/{random.randint(1, (high - low + 1) // 2)}"


def field(low, high, names=(), star=0.4):
    if random.random() < star:
        return "*"
    return ",".join(item(low, high, names) for _ in range(random.choice([1, 1, 1, 2, 3])))


def text():
    if random.random() < 0.02:
        return random.choice(NAMED)
    fields = [field(0, 59, star=0.2), field(0, 23), field(1, 31, star=0.6), field(1, 12, MONTHS, 0.7),
              field(0, 7, DAYS, 0.6)]
    if random.random() < 0.2:
        fields.insert(0, field(0, 59, star=0.3))
    return " ".join(fields)


def ours(program, cases):
    lines = "".join(f"{cron}\t{zone}\t{int(start.timestamp())}\n" for cron, zone, start in cases)
    answers = subprocess.run([program], input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
    return [None if answer.startswith("-") else [int(second) for second in answer.split()] for answer in answers]


def theirs(cron, zone, start, day_or=True):
    try:
        local = start.astimezone(ZoneInfo(zone))
        steps = croniter(cron, local, second_at_beginning=True, day_or=day_or, max_years_between_matches=30)
        return [int(steps.get_next(datetime).timestamp()) for _ in range(5)]
    except CroniterBadDateError:
        return None


def changes(zone, seconds, start):
    """Whether the zone's clocks change between the start and the last instant, or a day around."""
    day, end = start - timedelta(days=1), datetime.fromtimestamp(max(seconds), timezone.utc) + timedelta(days=1)
    offsets = set()
    while day < end and len(offsets) < 2:
        offsets.add(day.astimezone(ZoneInfo(zone)).utcoffset())
        day += timedelta(hours=12)
    return len(offsets) > 1


def why(program, cron, zone, start, mine, other):
    """The rule that the two do not share; None where there is none."""
    fields = cron.split()
    if len(fields) >= 5:
        month_day, week_day = fields[-3], fields[-1]
        restricted = month_day != "*" and week_day != "*"
        starred = month_day.startswith("*") or week_day.startswith("*")
        # crontab(5): a field that begins with * does not restrict, so that both have to match. croniter goes by `*` alone.
        if restricted and starred and theirs(cron, zone, start, day_or=False) == mine:
            return "star_with_step"
        if restricted and starred and theirs(cron, "UTC", start, day_or=False) == ours(program, [(cron, "UTC", start)])[0]:
            return "star_with_step_and_clock_change" if mine and changes(zone, mine, start) else None
        # A list that names every day, `1,*/1`, restricts by the letter of crontab(5); croniter takes it for `*`.
        day_fields = (len(fields) - 3, len(fields) - 1)
        whole = [("*" if at in day_fields and "*/1" in part.split(",") else part) for at, part in enumerate(fields)]
        if whole != fields and ours(program, [(" ".join(whole), zone, start)])[0] == other:
            return "every_day_in_a_list"
    if mine and other and zone != "UTC":
        same_dialect = ours(program, [(cron, "UTC", start)])[0] == theirs(cron, "UTC", start)
        # croniter has rules of its own for local times that do not exist or come twice.
        if same_dialect and changes(zone, mine + other, start):
            return "clock_change"
    return None


def main():
    program, texts, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    random.seed(seed)
    begin = datetime(2025, 1, 1, tzinfo=timezone.utc)
    cases = [(text(), random.choice(ZONES), begin + timedelta(seconds=random.randrange(4 * 365 * 86400)))
             for _ in range(texts)]
    counts, unexplained = Counter(), []
    for (cron, zone, start), mine in zip(cases, ours(program, cases), strict=True):
        other = theirs(cron, zone, start)
        if mine == other:
            counts["equal" if mine else "never_by_both"] += 1
            continue
        reason = why(program, cron, zone, start, mine, other)
        if reason is None:
            # `23-23` is 23 by crontab(5); croniter takes it for a range that goes round, which is all hours.
            plain = re.sub(r"\b(\d+)-\1\b(?!/)", r"\1", cron)
            if plain != cron:
                other = theirs(plain, zone, start)
                rest = "" if mine == other else why(program, plain, zone, start, mine, other)
                reason = rest if rest is None else f"range_of_one_and_{rest}" if rest else "range_of_one"
        counts[reason or "unexplained"] += 1
        if reason is None:
            unexplained.append((cron, zone, start.isoformat(), mine, other))
    for case in unexplained[:20]:
        print("unexplained:", *case, file=sys.stderr)
    print(json.dumps({"bench": "cron", "texts": texts, **counts}))
    sys.exit(1 if unexplained else 0)


main()
