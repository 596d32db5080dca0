import re
import threading
from pathlib import Path

import pytest

from kbtui.core.db import database
from kbtui.core.projects import settings
from kbtui.errors import InvalidError

pytestmark = pytest.mark.usefixtures("board")


def test_a_setting_that_was_never_set_is_its_default() -> None:
    assert settings.get("default_columns") == ""
    assert settings.get("default_columns", "To do") == "To do"


def test_a_setting_keeps_the_last_value() -> None:
    settings.put("default_columns", "A, B")
    settings.put("default_columns", "C")

    assert settings.get("default_columns") == "C"


def test_the_token_is_made_once_and_is_64_hexadecimal_digits() -> None:
    token = settings.webhook_token()

    assert re.fullmatch(r"[0-9a-f]{64}", token)
    assert settings.webhook_token() == token


def test_a_reset_token_replaces_the_old_one() -> None:
    before = settings.webhook_token()

    after = settings.reset_webhook_token()

    assert after != before
    assert settings.webhook_token() == after


def test_two_that_ask_for_the_first_token_at_once_get_the_same(board: Path) -> None:
    tokens: set[str] = set()

    def ask() -> None:
        database.connect_thread()
        tokens.add(settings.webhook_token())
        database.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert tokens == {settings.webhook_token()}


def test_the_time_zone_is_the_computers_until_one_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    assert settings.time_zone() is None
    assert settings.time_zone_name() == "Europe/Berlin"

    settings.set_time_zone("Asia/Tokyo")
    assert str(settings.time_zone()) == settings.time_zone_name() == "Asia/Tokyo"
    with pytest.raises(InvalidError, match='There is no time zone "Mars"'):
        settings.set_time_zone("Mars")

    settings.set_time_zone("")
    assert settings.time_zone() is None
