"""Passwords, personal tokens and the application's token: kept as hashes where that is possible, told by nobody."""

import json

import pytest

from kbtui.core.projects import credentials, users
from kbtui.core.values import passwords
from kbtui.errors import InvalidError, NotFoundError
from tests import sql

pytestmark = pytest.mark.usefixtures("board")


def test_a_password_is_checked_against_what_is_stored_for_it() -> None:
    stored = passwords.hash_password("correct horse")

    assert "correct horse" not in stored
    assert passwords.check_password("correct horse", stored)
    assert not passwords.check_password("correct horsf", stored)
    assert not passwords.check_password("", stored)


def test_two_hashes_of_one_password_differ() -> None:
    assert passwords.hash_password("secret1") != passwords.hash_password("secret1")


@pytest.mark.parametrize("password", ["", "short", "x" * 1025])
def test_a_password_too_short_or_too_long_is_refused(password: str) -> None:
    with pytest.raises(InvalidError, match="6 to 1,024"):
        passwords.hash_password(password)


@pytest.mark.parametrize("stored", [None, "", "plain", "scrypt$1$2", "bcrypt$a$b$c$d$e"])
def test_nothing_is_the_password_of_a_user_without_one(stored: str | None) -> None:
    assert not passwords.check_password("anything", stored)


def test_a_personal_token_is_known_by_its_hash_alone() -> None:
    token = credentials.make_personal_token(users.ADMIN_ID)

    stored = credentials.stored_credentials("admin")
    assert stored is not None
    assert token not in str(stored)
    assert passwords.check_token(token, stored[3])
    assert not passwords.check_token(token[:-1], stored[3])
    assert credentials.remove_personal_token(users.ADMIN_ID)
    assert not credentials.remove_personal_token(users.ADMIN_ID)


def test_the_application_token_stays_until_it_is_reset() -> None:
    first = credentials.api_token()

    assert len(first) == 64
    assert credentials.api_token() == first
    assert credentials.reset_api_token() != first
    assert credentials.api_token() != first


def test_an_inactive_user_has_no_credentials() -> None:
    user_id = users.add_user("mika")
    credentials.set_password(user_id, "correct horse")
    users.update_user(user_id, is_active=0)

    assert credentials.stored_credentials("mika") is None
    assert credentials.stored_credentials("nobody") is None


def test_a_password_can_be_taken_away() -> None:
    credentials.set_password(users.ADMIN_ID, "correct horse")
    credentials.set_password(users.ADMIN_ID, None)

    assert credentials.stored_credentials("admin") == (1, "app-admin", None, None)


def test_an_unknown_user_gets_no_password() -> None:
    with pytest.raises(NotFoundError):
        credentials.set_password(99, "correct horse")


def test_no_event_tells_a_secret() -> None:
    credentials.set_password(users.ADMIN_ID, "correct horse")
    token = credentials.make_personal_token(users.ADMIN_ID)

    told = json.dumps(sql.fetch_all("SELECT name, facts FROM events"))
    assert "user.change" in told
    assert "correct horse" not in told
    assert "scrypt" not in told
    assert token not in told
