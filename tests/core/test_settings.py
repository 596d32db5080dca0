import re
import threading
from pathlib import Path

import pytest

from kbtui.core.db import database
from kbtui.core.projects import settings

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
