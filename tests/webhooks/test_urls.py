"""URLs as people type them, and what is asked for in the end."""

import pytest

from kbtui.errors import InvalidError
from kbtui.webhooks import urls


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("http://[::1", "no valid address"),
        ("http://[::1]x/", "no valid"),
        ("example.com/hook", "did you mean https://example.com/hook?"),
        ("//example.com/hook", "did you mean https://example.com/hook?"),
        ("localhost:8642", "did you mean https://localhost:8642?"),
        ("http:example.com", "did you mean"),
        ("ftp://example.com/", "not to ftp://"),
        ("file:///etc/passwd", "not to file://"),
        ("javascript://example.com/", "not to javascript://"),
        ("http://example.com:99999/", "port"),
        ("http://example.com:0/", "port"),
        ("http://example.com:-1/", "port"),
        ("http://example.com:http/", "port"),
        ("http://example.com/a b", "space"),
        ("http://exa mple.com/", "space"),
        ("http://example.com/a\u2003b", "space"),
        ("http://example.com/\x1b[31m", "control character"),
        ("http://example.com/\x00", "control character"),
        ("http://", "no host"),
        ("http:///hook", "no host"),
        ("http://:8080/", "no host"),
        ("http://user:secret@example.com/", "user name or password"),
        ("http://user@example.com/", "user name or password"),
        ("http://exa<mple.com/", "no valid name"),
        ("http://-example.com/", "no valid name"),
        ("http://example..com/", "no valid name"),
        (f"http://{'a' * 64}.com/", "no valid name"),
        (f"http://{'a.' * 130}com/", "no valid name"),
        ("http://example.com\\@evil.test/", "user name or password"),
        ("http://example.com\\evil/", "no valid name"),
        ("http://169.254.169.254/latest/meta-data", "link-local"),
        ("http://[fe80::1]/", "link-local"),
        ("http://[::ffff:169.254.169.254]/", "link-local"),
        ("http://0.0.0.0:8080/", "unspecified"),
        (f"http://example.com/{'x' * 2000}", "at most 2,000"),
    ],
)
def test_a_url_that_nothing_can_be_sent_to_is_refused_in_words(typed: str, reason: str) -> None:
    with pytest.raises(InvalidError) as refused:
        urls.check_url(typed)

    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("http://example.com", "http://example.com"),
        ("  https://example.com/hook\n", "https://example.com/hook"),
        ("HTTPS://EXAMPLE.com/Hook?A=B#Top", "https://example.com/Hook?A=B#Top"),
        ("http://127.0.0.1:8642/", "http://127.0.0.1:8642/"),
        ("http://[::1]:8642/x", "http://[::1]:8642/x"),
        ("http://web_hook.internal./", "http://web_hook.internal./"),
        ("http://bücher.example/straße", "http://bücher.example/straße"),
        ("http://EXAMPLE.com?Next=/Home", "http://example.com?Next=/Home"),
    ],
)
def test_a_url_is_kept_as_it_was_typed_but_for_the_case_of_its_host(typed: str, kept: str) -> None:
    assert urls.check_url(typed) == kept


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://example.com", "/?token=T"),
        ("http://example.com/hook", "/hook?token=T"),
        ("http://example.com/hook?", "/hook?&token=T"),
        ("http://example.com/hook?a=b&c=%20d+e", "/hook?a=b&c=%20d+e&token=T"),
        ("http://example.com/hook#top", "/hook?token=T"),
        ("http://example.com/hook?a=b#top?x", "/hook?a=b&token=T"),
        ("http://example.com/hook#top?x=y", "/hook?token=T"),
        ("http://example.com?a=b", "/?a=b&token=T"),
        ("http://example.com/%7Ename/;v=1/[x]'\"|?q={y}^`", "/%7Ename/;v=1/[x]'\"|?q={y}^`&token=T"),
        ("http://example.com/straße?ü=1", "/stra%C3%9Fe?%C3%BC=1&token=T"),
        ("http://example.com/hook?token=own", "/hook?token=own&token=T"),
    ],
)
def test_the_token_is_joined_as_kanboard_does_and_the_rest_stays_as_it_is(url: str, asked: str) -> None:
    assert urls.parse(url).with_token("T") == asked


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://example.com/secret?key=1", "http://example.com"),
        ("https://example.com:443/", "https://example.com"),
        ("https://example.com:8443/", "https://example.com:8443"),
        ("http://[::1]:80/", "http://[::1]"),
        ("nonsense", ""),
    ],
)
def test_only_scheme_host_and_port_of_a_url_are_shown(url: str, origin: str) -> None:
    assert urls.origin(url) == origin
