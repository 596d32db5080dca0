"""Every fault that deliveries must survive, and the tests that inject it.

The list is complete on purpose: what is not in it is injected by nobody. Each test named here exists.
"""

import importlib
import time
from dataclasses import replace

import pytest

from kbtui.webhooks import endpoints
from kbtui.webhooks.engine import Engine
from kbtui.webhooks.listener import Behaviour, Listener
from tests import sql
from tests.webhooks.outgoing import ONCE, announce, attempts, deliver, deliveries, endpoint_row
from tests.webhooks.receivers import Receiver, silent_after

ATTEMPT = "tests.webhooks.test_attempt"
ANSWERS = "tests.webhooks.test_answers"
ENGINE = "tests.webhooks.test_engine"
URLS = "tests.webhooks.test_urls"
THREAD = "tests.webhooks.test_delivery"
OUTBOX = "tests.webhooks.test_outbox"
PROCESSES = "tests.webhooks.test_processes"
DATABASE = "tests.webhooks.test_database_faults"
LOAD = "tests.webhooks.test_load"
HERE = "tests.webhooks.test_faults"
CORE = "tests.core.test_database"
SCREEN = "tests.tui.test_faults"
TERMINAL = "tests.tui.test_faults_pty"

NO_ANSWER = (ATTEMPT, "test_no_proper_answer_is_a_failure_of_its_class")
BROKEN_BODY = (ATTEMPT, "test_a_2xx_counts_also_when_the_body_then_breaks_or_drips")
ANY_STATUS = (ENGINE, "test_each_answer_is_written_as_it_came")
BAD_URL = (URLS, "test_a_url_that_nothing_can_be_sent_to_is_refused_in_words")
STORED_URL = (HERE, "test_a_bad_url_in_the_database_fails_alone")
JOINED_URL = (URLS, "test_the_token_is_joined_as_kanboard_does_and_the_rest_stays_as_it_is")
CRASH = (PROCESSES, "test_processes_that_are_killed_again_and_again_lose_and_reorder_nothing")

FAULTS: dict[str, tuple[tuple[str, str], ...]] = {
    # The receiver
    "port closed": ((ATTEMPT, "test_a_closed_port_refuses"),),
    "accepts and closes": (NO_ANSWER,),
    "resets": (NO_ANSWER,),
    "resets in the middle of the body after 200": (BROKEN_BODY,),
    "never answers": (NO_ANSWER, (ENGINE, "test_no_answer_in_time_leaves_the_endpoint_alone")),
    "drips the head": (NO_ANSWER,),
    "drips the body": (BROKEN_BODY,),
    "204, 299": ((ATTEMPT, "test_a_2xx_is_delivered"), (ANSWERS, "test_any_2xx_is_a_delivery")),
    "500 to 504": (ANY_STATUS, (ANSWERS, "test_an_outage_leaves_the_endpoint_alone_for_a_minute")),
    "429 with seconds, date, junk": (
        (ANSWERS, "test_retry_after_pauses_the_endpoint_that_long_but_at_most_a_day"),
        (ANSWERS, "test_a_retry_after_that_is_junk_or_past_means_the_planned_step"),
        (HERE, "test_what_429_and_503_say_about_later_is_read_from_the_network"),
    ),
    "410": ((ENGINE, "test_410_stops_the_sending_and_tells_why"),),
    "400 to 422": (ANY_STATUS, (ENGINE, "test_three_refusals_let_the_next_event_pass")),
    "301, 307 elsewhere": ((ATTEMPT, "test_a_redirect_is_not_followed_and_shows_where_it_led"),),
    "status 999": (ANY_STATUS,),
    "103 then nothing": (NO_ANSWER,),
    "garbage instead of HTTP": (NO_ANSWER,),
    "a 1 MB header": (NO_ANSWER,),
    "a 200 MB body": ((ATTEMPT, "test_a_body_of_200_mb_is_read_only_at_its_beginning"),),
    "a gzip bomb": ((ATTEMPT, "test_a_gzip_bomb_is_not_unpacked"),),
    "NULs, ANSI escapes and markup in the answer": (
        (ATTEMPT, "test_an_answer_of_control_characters_and_markup_is_kept_as_it_is"),
        (SCREEN, "test_an_answer_of_control_characters_and_markup_is_shown_escaped"),
    ),
    "unknown CA": ((ATTEMPT, "test_an_unknown_authority_is_not_trusted"),),
    "wrong host": ((ATTEMPT, "test_a_certificate_for_another_host_is_not_accepted"),),
    "expired certificate": ((ATTEMPT, "test_an_expired_certificate_is_not_accepted"),),
    "a name that does not resolve": ((ATTEMPT, "test_a_name_that_does_not_resolve_is_said_to_be_so"),),
    "http://[::1": (BAD_URL, STORED_URL),
    "no scheme": (BAD_URL, STORED_URL),
    "ftp, file": (BAD_URL, STORED_URL),
    "port 99999": (BAD_URL, STORED_URL),
    "spaces": (BAD_URL, STORED_URL),
    "#fragment": (JOINED_URL, (HERE, "test_a_url_of_any_good_shape_is_asked_for_as_it_is")),
    "its own query": (JOINED_URL, (HERE, "test_a_url_of_any_good_shape_is_asked_for_as_it_is")),
    "user:password": (BAD_URL, STORED_URL),
    "non-ASCII host": ((ATTEMPT, "test_a_non_ascii_host_is_asked_for_by_its_ascii_name"),),
    "exactly 1.0 s and 1.1 s": (
        (HERE, "test_a_receiver_that_takes_a_second_or_a_little_more_is_waited_for"),
        ("tests.webhooks.test_health", "test_an_endpoint_is_slow_when_its_last_answer_took_more_than_a_second"),
        (SCREEN, "test_a_receiver_that_answers_too_late_is_shown_in_amber"),
    ),
    "one endpoint of three dead": (
        (ENGINE, "test_one_endpoint_of_three_being_dead_does_not_keep_the_others_waiting"),
        (ENGINE, "test_two_endpoints_of_three_that_hang_do_not_keep_the_third_waiting"),
    ),
    # The process
    "kill -9 before the change commits": (CRASH,),
    "kill -9 after the claim": (CRASH,),
    "kill -9 before the POST": (CRASH,),
    "kill -9 after the POST": (CRASH,),
    "kill -9 before the commit": (CRASH,),
    "kill -9 after the commit": (CRASH,),
    "SIGSTOP past the lease": (
        (PROCESSES, "test_a_process_that_is_suspended_past_its_lease_changes_nothing_when_it_goes_on"),
        (PROCESSES, "test_a_process_that_is_suspended_between_claim_and_post_sends_nothing_when_it_goes_on"),
        (OUTBOX, "test_a_process_that_was_suspended_past_its_lease_changes_nothing"),
    ),
    "two screens and a server on one file": (
        (TERMINAL, "test_two_screens_and_a_sender_on_one_file_send_everything_once_and_in_order"),
        (PROCESSES, "test_three_processes_on_one_board_send_each_event_once"),
    ),
    "quit with requests in flight": (
        (TERMINAL, "test_leaving_does_not_wait_for_receivers_that_never_answer"),
        (TERMINAL, "test_leaving_does_not_wait_for_a_test_event"),
        (THREAD, "test_a_request_that_hangs_is_given_back_uncounted_when_the_thread_stops"),
    ),
    "a worker that raises": (
        (SCREEN, "test_a_sender_that_breaks_is_said_in_red_and_started_again_while_the_screen_lives"),
        (THREAD, "test_a_worker_that_raises_is_started_again_and_says_so_meanwhile"),
        (THREAD, "test_a_result_that_cannot_be_written_does_not_take_others_with_it"),
    ),
    # The database
    "locked for 0.3 s, 10 s": (
        (TERMINAL, "test_a_key_press_on_a_locked_board_says_so_and_works_when_the_lock_is_gone"),
        (TERMINAL, "test_results_of_requests_wait_for_the_lock_and_the_screen_says_what_keeps_them"),
        (DATABASE, "test_no_result_is_lost_and_nothing_is_sent_twice_however_long_the_lock_is_held"),
    ),
    "locked for ever": (
        (TERMINAL, "test_nothing_typed_is_lost_while_the_board_is_locked"),
        (TERMINAL, "test_a_board_that_stays_locked_can_be_opened_and_left"),
        (TERMINAL, "test_a_board_is_left_while_its_requests_have_answers_that_cannot_be_written"),
        (THREAD, "test_a_database_that_stays_locked_does_not_keep_the_thread_from_stopping"),
    ),
    "disk full on the change": (
        (TERMINAL, "test_a_full_disk_takes_back_a_change_with_its_event_and_the_person_is_told"),
        (SCREEN, "test_a_full_database_takes_back_a_change_with_its_event_and_says_so"),
        (CORE, "test_a_full_disk_takes_back_the_change_with_its_event"),
        (CORE, "test_a_disk_that_is_really_full_is_said_to_be_and_keeps_what_it_has"),
    ),
    "disk full on the mark": (
        (TERMINAL, "test_results_that_find_no_room_are_written_when_there_is_some"),
        (DATABASE, "test_a_disk_that_is_full_when_results_come_loses_none_of_them"),
        (DATABASE, "test_a_claim_that_finds_no_room_is_made_later"),
        (THREAD, "test_a_full_disk_is_told_and_results_are_written_when_there_is_room_again"),
    ),
    "two processes migrating at once": ((CORE, "test_processes_that_make_the_same_file_at_once_all_succeed"),),
    "a file from a newer version": (
        (TERMINAL, "test_a_file_that_cannot_be_used_is_one_line_and_not_touched"),
        (CORE, "test_a_file_of_a_newer_version_is_refused_and_not_touched"),
    ),
    "a read-only file": (
        (TERMINAL, "test_a_read_only_file_is_one_line"),
        (CORE, "test_a_file_without_write_permission_is_said_to_be_read_only"),
        (CORE, "test_somebody_who_may_only_read_the_file_is_told_so"),
        (DATABASE, "test_a_database_that_can_only_be_read_is_told_and_sending_goes_on_when_it_can_be_written"),
    ),
    "a corrupted payload row": (
        (DATABASE, "test_an_event_that_is_damaged_is_given_up_and_nothing_waits_for_it"),
        (SCREEN, "test_a_damaged_event_does_not_hide_the_later_ones"),
    ),
    # The clock and the load
    "the clock goes back and forward by a day": (
        (ENGINE, "test_a_clock_that_is_set_back_delays_nothing"),
        (ENGINE, "test_a_clock_that_is_set_forward_does_not_end_leases_of_requests_under_way"),
        (HERE, "test_a_clock_that_jumps_a_day_while_requests_are_under_way_sends_nothing_twice"),
        (OUTBOX, "test_a_clock_that_was_set_back_strands_nothing"),
    ),
    "100,000 queued at start": (
        (LOAD, "test_a_hundred_thousand_that_wait_make_no_step_of_a_delivery_dearer"),
        (LOAD, "test_the_status_bar_looks_at_ten_thousand_of_a_hundred_thousand_at_most"),
        ("tests.bench.bench_load", "measure_starts"),
        ("tests.bench.bench_load", "measure_memory"),
    ),
    "100,000 for one task": ((LOAD, "test_a_hundred_thousand_that_wait_make_no_step_of_a_delivery_dearer"),),
    "1,000 changes in one transaction": (
        (LOAD, "test_a_thousand_changes_in_one_transaction_all_arrive_in_order"),
        (SCREEN, "test_more_events_at_once_than_the_feed_reads_at_once_are_all_shown"),
    ),
    "any order of all of them": (("tests.webhooks.test_outbox_machine", "TestOutboxMachine"),),
}
"""What can go wrong → where it does, on purpose: the module and the test, or what a bench measures."""


def test_every_fault_is_injected_by_a_test_that_exists() -> None:
    named = {(module, name) for tests in FAULTS.values() for module, name in tests}

    missing = [place for place in sorted(named) if not hasattr(importlib.import_module(place[0]), place[1])]

    assert missing == []


@pytest.mark.parametrize("seconds", [1.0, 1.1])
async def test_a_receiver_that_takes_a_second_or_a_little_more_is_waited_for(board: object, seconds: float) -> None:
    async with Listener(behaviour=Behaviour(delay=seconds)) as listener:
        endpoints.add_endpoint(listener.url)
        announce()
        (report,) = await deliver(replace(ONCE, deadline=10.0))

    assert (report.state, report.status, listener.count) == ("done", 200, 1)
    assert report.ms >= seconds * 1000
    assert endpoint_row()["failures"] == 0


BAD_URLS = (
    "http://[::1",
    "example.com/hook",
    "ftp://127.0.0.1/",
    "file:///etc/passwd",
    "http://127.0.0.1:99999/",
    "http://127.0.0.1/a b",
    "http://user:password@127.0.0.1/",
    "http://",
    "",
    "http://169.254.169.254/",
    "http://nowhere.invalid/",
)


@pytest.mark.parametrize("url", BAD_URLS)
async def test_a_bad_url_in_the_database_fails_alone(board: object, url: str) -> None:
    async with Listener() as listener:
        endpoints.add_endpoint("http://127.0.0.1:9/", name="Bad")
        endpoints.add_endpoint(listener.url, name="Good")
        sql.execute("UPDATE endpoints SET url = ? WHERE id = 1", (url,))
        for task_id in range(3):
            announce(task_id)

        await deliver(replace(ONCE, deadline=5.0))

    assert [row["endpoint_id"] for row in deliveries("done")] == [2, 2, 2]
    assert {row["last_error"] for row in deliveries("ready")} <= {"url", "blocked", "dns"}
    assert all(row["detail"][-1] in ".?" for row in attempts() if row["endpoint_id"] == 1)


@pytest.mark.parametrize(
    ("end", "asked"),
    [
        ("/hook?a=b&c=%20", "/hook?a=b&c=%20&token="),
        ("/hook#fragment", "/hook?token="),
        ("/hook?a=b#fragment", "/hook?a=b&token="),
        ("/straße?ü=ö", "/stra%C3%9Fe?%C3%BC=%C3%B6&token="),
        ("", "/?token="),
        ("/hook?", "/hook?&token="),
    ],
)
async def test_a_url_of_any_good_shape_is_asked_for_as_it_is(board: object, end: str, asked: str) -> None:
    async with Receiver(silent_after(b"HTTP/1.1 204 No Content\r\n\r\n")) as receiver:
        endpoints.add_endpoint(f"http://127.0.0.1:{receiver.port}{end}")
        announce()
        (report,) = await deliver(ONCE)

    assert report.state == "done"
    assert receiver.first_lines[0].startswith(f"POST {asked}")


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("later", "pause"),
    [("120", 120.0), ("{tomorrow}", 86400.0), ("99999999", 86400.0), ("soon", 0.0), ("-5", 0.0), ("0", 0.0)],
)
async def test_what_429_and_503_say_about_later_is_read_from_the_network(
    board: object, status: int, later: str, pause: float
) -> None:
    tomorrow = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 86400))
    headers = (("Retry-After", later.format(tomorrow=tomorrow)),)
    async with Listener(behaviour=Behaviour(status=status, headers=headers)) as listener:
        endpoints.add_endpoint(listener.url)
        announce()
        await deliver(ONCE)

    planned = ONCE.outage_pause if status == 503 and not pause else pause
    paused_for = endpoint_row()["paused_until"] - time.time() if planned else endpoint_row()["paused_until"]
    assert paused_for == pytest.approx(planned, abs=10)


@pytest.mark.parametrize("step", [86400.0, -86400.0], ids=["forward", "back"])
async def test_a_clock_that_jumps_a_day_while_requests_are_under_way_sends_nothing_twice(
    board: object, step: float
) -> None:
    shift = 0.0

    def now() -> float:
        return time.time() + shift

    def jump(report: object) -> None:
        nonlocal shift
        shift = step

    async with Listener(behaviour=Behaviour(delay=0.2)) as listener:
        endpoints.add_endpoint(listener.url)
        for number in range(8):
            announce(number % 4, title=f"{number}")
        first = Engine(replace(ONCE, deadline=10.0), on_attempt=jump, until_idle=True, now=now)
        await first.run()
        shift = 0.0
        await Engine(replace(ONCE, deadline=10.0), until_idle=True, now=now).run()

    told: dict[str, list[str]] = {}
    for received in listener.received:
        told.setdefault(received.payload["event_data"]["task_id"], []).append(received.payload["event_data"]["title"])
    assert listener.count == 8
    assert told == {"0": ["0", "4"], "1": ["1", "5"], "2": ["2", "6"], "3": ["3", "7"]}
