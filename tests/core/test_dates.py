import time
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kbtui.core.values.dates import due_state, format_due, local_zone_name, parse_due, read_zone, write_due
from kbtui.errors import InvalidError

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(autouse=True)
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set the clock's zone to one with summer time."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def at(text: str) -> int:
    """Return a moment in Berlin as Unix seconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp())


NOW = at("2026-11-24 15:00")  # a Tuesday


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2027-01-31", "2027-01-31 00:00"),
        ("2026-07-01", "2026-07-01 00:00"),
        ("2027-01-31 14:30", "2027-01-31 14:30"),
        ("2027-01-31T09:05", "2027-01-31 09:05"),
        (" Today ", "2026-11-24 00:00"),
        ("tomorrow", "2026-11-25 00:00"),
        ("+3d", "2026-11-27 00:00"),
        ("+0d", "2026-11-24 00:00"),
        ("+2w", "2026-12-08 00:00"),
        ("wednesday", "2026-11-25 00:00"),
        ("Mon", "2026-11-30 00:00"),
        ("tuesday", "2026-12-01 00:00"),
    ],
)
def test_a_date_is_understood_in_local_time(text: str, meant: str) -> None:
    assert parse_due(text, NOW) == at(meant)


@pytest.mark.parametrize("text", ["", "  ", "none", "None"])
def test_nothing_is_no_date(text: str) -> None:
    assert parse_due(text, NOW) == 0


def test_days_ahead_cross_the_change_of_the_clocks_at_midnight() -> None:
    assert parse_due("+2d", at("2027-03-27 12:00")) == at("2027-03-29 00:00")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("soon", r'"soon" is no date; try 2027-01-31, '),
        ("24.11.2026", "is no date"),
        ("20261124", "is no date"),
        ("٢٠٢٦-١١-٢٤", "is no date"),
        ("+3x", "is no date"),
        ("-3d", "is no date"),
        ("2027-02-30", r'"2027-02-30" is no day of the calendar'),
        ("2027-01-31 24:00", "is no time of day"),
        ("2027-01-31 10:60", "is no time of day"),
        ("1969-01-01", "too long ago"),
        ("0000-00-00", "is no day of the calendar"),
    ],
)
def test_what_is_no_date_is_refused_in_words(text: str, complaint: str) -> None:
    with pytest.raises(InvalidError, match=complaint):
        parse_due(text, NOW)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-24 00:00", "today"),
        ("2026-11-24 18:30", "today 18:30"),
        ("2026-11-25 00:00", "tomorrow"),
        ("2026-11-23 00:00", "23 Nov"),
        ("2026-12-01 08:05", "1 Dec 08:05"),
        ("2027-11-24 00:00", "24 Nov 2027"),
    ],
)
def test_a_due_date_reads_as_a_person_would_say_it(moment: str, words: str) -> None:
    assert format_due(at(moment), NOW) == words


def test_no_due_date_reads_as_nothing() -> None:
    assert format_due(0, NOW) == write_due(0) == ""
    assert due_state(0, NOW) == "none"


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2026-11-23 00:00", "overdue"),
        ("2026-11-23 23:59", "overdue"),
        ("2026-11-24 00:00", "today"),
        ("2026-11-24 14:59", "overdue"),
        ("2026-11-24 15:01", "today"),
        ("2026-11-25 00:00", "later"),
    ],
)
def test_a_day_without_a_time_lasts_until_its_end(moment: str, state: str) -> None:
    assert due_state(at(moment), NOW) == state


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.datetimes(datetime(1971, 1, 1), datetime(9998, 1, 1)))  # noqa: DTZ001 - the zone is given below
def test_a_date_that_is_written_reads_back(moment: datetime) -> None:
    timestamp = int(moment.replace(second=0, microsecond=0, tzinfo=BERLIN, fold=0).timestamp())
    shown = write_due(timestamp)

    assert write_due(parse_due(shown, NOW)) == shown


def test_a_day_is_that_of_the_zone_that_is_asked_in() -> None:
    tokyo, honolulu = ZoneInfo("Asia/Tokyo"), ZoneInfo("Pacific/Honolulu")
    late = at("2026-11-24 23:30")  # the 25th in Tokyo, the 24th in Honolulu

    assert parse_due("today", late, tokyo) == int(datetime(2026, 11, 25, tzinfo=tokyo).timestamp())
    assert parse_due("today", late, honolulu) == int(datetime(2026, 11, 24, tzinfo=honolulu).timestamp())
    due = int(datetime(2026, 11, 24, 9, 30, tzinfo=tokyo).timestamp())
    assert write_due(due, tokyo) == "2026-11-24 09:30"
    assert format_due(due, late, tokyo) == "24 Nov 09:30"
    assert due_state(int(datetime(2026, 11, 24, tzinfo=tokyo).timestamp()), late, tokyo) == "overdue"
    assert due_state(int(datetime(2026, 11, 24, tzinfo=honolulu).timestamp()), late, honolulu) == "today"


def test_a_zone_that_is_none_is_refused_with_examples() -> None:
    for name in ("Mars/Base", "../etc/passwd", ""):
        with pytest.raises(InvalidError, match="write it as Europe/Berlin"):
            read_zone(name)


def test_the_computers_zone_has_a_name() -> None:
    assert local_zone_name() == "Europe/Berlin"
