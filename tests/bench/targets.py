"""What the board has to reach, and the table that shows how near it is."""

from collections.abc import Mapping
from dataclasses import dataclass

BARE = "bare"
HANGING = " hanging"
FLAT = " in one swimlane"


@dataclass(frozen=True, slots=True)
class Row:
    """One program's results: milliseconds by what was measured, and its peak memory in MiB."""

    name: str
    medians: Mapping[str, float]
    p95s: Mapping[str, float]
    peak: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target, and what was reached."""

    target: str
    reached: float
    limit: float

    @property
    def met(self) -> bool:
        """Whether the target is met."""
        return self.reached <= self.limit

    def __str__(self) -> str:
        return f"{'met' if self.met else 'MISSED'}: {self.target}: {self.reached:.2f} (at most {self.limit:g})"


def table(rows: Mapping[str, Row]) -> str:
    """Return the results as a Markdown table; the ratios are to the bare program's key press and start."""
    bare = rows[BARE]
    lines = [
        "| tasks | cursor | × bare | move | × bare | start | × bare | peak MiB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows.values():
        cells = [_name(row.name)]
        for what, against in (("cursor", "cursor"), ("move", "cursor"), ("start", "start")):
            if what in row.medians:
                median = row.medians[what]
                cells += [f"{median:.1f} ({row.p95s[what]:.1f})", f"{median / bare.medians[against]:.2f}"]
            else:
                cells += ["", ""]
        lines.append(f"| {' | '.join(cells)} | {row.peak:.0f} |")
    return "\n".join(lines) + "\n"


def _name(name: str) -> str:
    if name == BARE:
        return "bare Textual program"
    if name.endswith(HANGING):
        return f"{int(name.removesuffix(HANGING)):,}, receiver hangs"
    size = name.removesuffix(FLAT)
    return f"{int(size):,}{name.removeprefix(size)}"


def judge(rows: Mapping[str, Row]) -> list[Verdict]:
    """Return each target with what was reached, the worst of the sizes it is about."""
    bare = rows[BARE]
    boards = [row for name, row in rows.items() if name != BARE]
    answering = {int(name): row for name, row in rows.items() if name.isdigit()}
    small, large = answering[min(answering)], answering[max(answering)]
    press = bare.medians["cursor"]
    verdicts = [
        Verdict("cursor, against the bare program's key", max(row.medians["cursor"] for row in boards) / press, 2),
        Verdict("move, against the bare program's key", max(row.medians["move"] for row in boards) / press, 4),
    ]
    if 500 in answering:
        verdicts.append(
            Verdict(
                "start at 500 tasks, against the bare one", answering[500].medians["start"] / bare.medians["start"], 2
            )
        )
    for what in ("cursor", "move"):
        target = f"{what} at {_name(large.name)} tasks, against {_name(small.name)}"
        verdicts.append(Verdict(target, large.medians[what] / small.medians[what], 1.5))
    verdicts.append(Verdict("peak memory, MiB", max(row.peak for row in boards), 120))
    for name, row in rows.items():
        if name.endswith(HANGING):
            usual = answering[int(name.removesuffix(HANGING))]
            for what in ("cursor", "move", "start"):
                target = f"{what} at {_name(name)}, against one that answers"
                verdicts.append(Verdict(target, row.medians[what] / usual.medians[what], 1.1))
            verdicts.append(Verdict(f"memory at {_name(name)}, against one that answers", row.peak / usual.peak, 1.1))
    return verdicts
