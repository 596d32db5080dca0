"""The program as a whole, most of it as a process of its own."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kbtui.cli import runner
from kbtui.cli.commands import build_parser
from kbtui.cli.parser import CommandParser, LaterParser
from kbtui.core.db import database
from kbtui.core.db.notice import Tell
from kbtui.webhooks.listener import Behaviour
from tests import sql
from tests.cli.conftest import Receiver, Run
from tests.patience import PATIENCE

KBTUI = [sys.executable, "-m", "kbtui"]


def process(*argv: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run kbtui in a process of its own."""
    return subprocess.run([*KBTUI, *argv], capture_output=True, text=True, timeout=PATIENCE, check=False, **options)


def all_parsers(parser: CommandParser) -> list[CommandParser]:
    """Return a parser and all those below it."""
    below = [
        each.build()
        for action in parser._actions
        if isinstance(action.choices, dict)
        for each in action.choices.values()
        if isinstance(each, LaterParser)
    ]
    return [parser, *(each for child in below for each in all_parsers(child))]


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_import_neither_screen_nor_network_nor_database(option: str) -> None:
    program = (
        "import sys; from kbtui.cli import main; status = main(sys.argv[1:]);"
        "heavy = {'textual', 'rich', 'httpx', 'peewee', 'asyncio'} & {name.partition('.')[0] for name in sys.modules};"
        "print('heavy:', sorted(heavy), 'status:', status)"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program, option], capture_output=True, text=True, timeout=PATIENCE, check=True
    )

    assert ran.stdout.endswith("heavy: [] status: 0\n")


def test_a_command_without_screen_and_network_imports_neither() -> None:
    program = (
        "import sys; from kbtui.cli import main; main(['task', 'add', 'One']); main(['task', 'list']);"
        "print(sorted({'textual', 'rich', 'httpx'} & set(sys.modules)))"
    )

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE, check=True)

    assert ran.stdout.endswith("\n[]\n")


def test_every_command_has_help_and_a_function_that_is_there() -> None:
    for parser in all_parsers(build_parser()):
        assert parser.description, parser.prog
        has_commands = any(isinstance(action.choices, dict) for action in parser._actions)
        assert callable(parser.get_default("perform")) or has_commands, parser.prog


def test_a_command_imports_the_module_of_no_other_one() -> None:
    program = (
        "import sys; from kbtui.cli import main; main(['task', 'add', 'One']);"
        "print(sorted({'links', 'files', 'webhooks', 'deliveries', 'serve', 'screen', 'rows', 'users', 'listen'}"
        " & {name.rpartition('.')[2] for name in sys.modules if name.startswith('kbtui.cli.')}))"
    )

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE, check=True)

    assert ran.stdout.endswith("\n[]\n")


def test_only_the_parsers_of_the_command_that_is_given_are_built(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []
    build = LaterParser.build

    def note(later: LaterParser) -> CommandParser:
        parser = build(later)
        built.append(parser.prog)
        return parser

    monkeypatch.setattr(LaterParser, "build", note)

    run("task", "list")

    assert built == ["kbtui task", "kbtui task list"]


def test_every_command_takes_the_common_options() -> None:
    for parser in all_parsers(build_parser()):
        assert {"--json", "--database", "--config", "--no-deliver"} <= set(parser._option_string_actions), parser.prog


def test_common_options_stand_before_or_after_the_command(run: Run, tmp_path: Path) -> None:
    first, second = tmp_path / "first.db", tmp_path / "second.db"

    assert run("--database", str(first), "task", "add", "One").status == 0
    assert run("task", "--database", str(second), "add", "Two").status == 0

    assert run("task", "list", "--json", "--database", str(first)).document[0]["title"] == "One"
    assert run("--json", "task", "list", "--database", str(second)).document[0]["title"] == "Two"


@pytest.mark.parametrize(
    "argv",
    [
        ["nonsense"],
        ["task"],
        ["task", "add"],
        ["task", "add", "One", "--score", "many"],
        ["task", "list", "--status", "lost"],
        ["task", "sho", "1"],
        ["task", "list", "--proj", "1"],
        ["listen", "--port", "70000"],
        ["listen", "--status", "99"],
        ["listen", "--host", " "],
        ["listen", "--delay", "-1"],
        ["swimlane", "edit", "1", "--active", "maybe"],
        ["deliveries", "list", "--state", "lost"],
    ],
)
def test_wrong_usage_ends_with_2_and_shows_the_usage(run: Run, argv: list[str]) -> None:
    ran = run(*argv)

    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("usage: kbtui")


def test_what_a_terminal_would_obey_is_written_out_in_errors(run: Run) -> None:
    for argv in (["\x1b[2J"], ["task", "list", "\x1b[2J"], ["task", "show", "\x1b[2J\nx"], ["task", "show", "\udcff"]):
        assert "\x1b" not in run(*argv).err
    assert run("task", "show", "a\nb").err.count("\n") == 1


def test_a_failure_with_json_is_a_document_and_one_line(run: Run) -> None:
    ran = run("task", "show", "99", "--json")

    assert ran.status == 1
    assert ran.document == {"error": "There is no task #99."}
    assert ran.err == "kbtui: There is no task #99.\n"


ODD = ["", " ", "#", "0", "-1", "9" * 30, "9" * 5000, "³", "٣", "\x1b[2J\n", "\udcff", "%s", "' OR 1 --", "💥"]


@pytest.mark.parametrize(
    "command",
    [
        *(f"{noun} remove" for noun in ("project", "column", "swimlane", "category", "user")),
        *(f"task {action}" for action in ("show", "close", "open", "duplicate", "remove")),
        *("task move --column 1", "task edit --title New", "task list --project", "task list --column"),
        *("task add One --swimlane", "task add One --category x --project", "task add One --assignee #"),
        *("webhook remove", "webhook test", "webhook edit --name New", "webhook add http://127.0.0.1:9/ --project x"),
        *("webhook show", "webhook pause", "webhook resume", "webhook secret", "webhook edit --deadline 5"),
        *("deliveries show", "deliveries resend", "deliveries skip", "deliveries list --endpoint"),
        "task add One --due x",
    ],
)
def test_odd_words_for_a_row_are_one_line_of_refusal(ok: Callable[..., str], run: Run, command: str) -> None:
    ok("project", "add", "Website")

    dashes = [] if command.split()[-1].startswith("--") else ["--"]
    for odd in ODD:
        ran = run(*command.split(), *dashes, odd)
        assert ran.status in (1, 2), odd
        assert ran.out == ""
        assert ran.status == 2 or (ran.err.startswith("kbtui: ") and ran.err.count("\n") == 1)
        assert "\x1b" not in ran.err


def test_a_bad_configuration_is_one_line_that_names_it(refusal: Callable[..., str], tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("mouse = 3")

    assert f"{config}, line 1: mouse must be true or false" in refusal("task", "list", "--config", str(config))
    assert "There is no configuration file" in refusal("task", "list", "--config", str(tmp_path / "none.toml"))


def test_a_board_needs_a_terminal(refusal: Callable[..., str]) -> None:
    assert "needs a terminal" in refusal()
    assert "needs a terminal" in refusal("demo")


def test_as_a_process_it_ends_with_the_same_statuses() -> None:
    assert process("--version").returncode == 0
    assert process("task", "add", "One").returncode == 0
    failed = process("task", "show", "99")
    assert (failed.returncode, failed.stdout, failed.stderr) == (1, "", "kbtui: There is no task #99.\n")
    assert process("task").returncode == 2


def test_a_reader_that_leaves_early_ends_it_quietly(ok: Callable[..., str]) -> None:
    for number in range(40):
        ok("task", "add", f"Task {number} {'x' * 180}")

    for argv in ("task list", "task list --json", "--help", "task show 1"):
        shell = f"{sys.executable} -m kbtui {argv} | true; echo ${{PIPESTATUS[0]}}"
        ran = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, timeout=PATIENCE, check=True)
        assert (ran.stdout, ran.stderr) == ("0\n", ""), argv


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_output_that_cannot_be_written_is_said_in_one_line(ok: Callable[..., str]) -> None:
    ok("task", "add", "One")

    with Path("/dev/full").open("w") as full:
        ran = subprocess.run([*KBTUI, "task", "list"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)

    assert ran.returncode == 1
    assert ran.stderr == "kbtui: The answer cannot be written: No space left on device.\n"


def test_an_encoding_that_lacks_a_character_gets_it_written_out(ok: Callable[..., str]) -> None:
    ok("task", "add", "漢字")
    environ = {**os.environ, "PYTHONIOENCODING": "ascii"}

    assert "\\u6f22\\u5b57" in process("task", "list", env=environ).stdout
    assert json.loads(process("task", "list", "--json", env=environ).stdout)[0]["title"] == "漢字"


def test_two_processes_that_add_at_once_both_succeed() -> None:
    both = [subprocess.Popen([*KBTUI, "task", "add", title], stdout=subprocess.DEVNULL) for title in ("One", "Two")]

    assert [each.wait(PATIENCE) for each in both] == [0, 0]
    assert len(json.loads(process("task", "list", "--json").stdout)) == 2


def test_listen_prints_each_delivery_until_it_is_interrupted(ok: Callable[..., str]) -> None:
    token = ok("webhook", "token").strip()
    listening = subprocess.Popen(
        [*KBTUI, "listen", "--port", "0", "--token", token, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert listening.stdout is not None
    assert listening.stderr is not None
    url = listening.stderr.readline().split()[2].rstrip(";")
    ok("webhook", "add", url)

    sent = process("task", "add", "One")
    received = json.loads(listening.stdout.readline())
    listening.send_signal(signal.SIGINT)
    rest = listening.communicate(timeout=PATIENCE)

    assert (sent.returncode, sent.stderr) == (0, "")
    assert (received["event_name"], received["token"], received["status"]) == ("task.create", "right", 200)
    assert received["payload"]["event_data"]["title"] == "One"
    assert token not in json.dumps(received)
    assert (listening.returncode, rest) == (130, ("", ""))


def test_listen_ends_quietly_once_nobody_reads(ok: Callable[..., str]) -> None:
    listening = subprocess.Popen(
        [*KBTUI, "listen", "--port", "0", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert listening.stdout is not None
    assert listening.stderr is not None
    url = listening.stderr.readline().split()[2].rstrip(";")
    ok("webhook", "add", url)
    listening.stdout.close()

    ok("webhook", "test", "1")

    assert listening.wait(PATIENCE) == 0
    assert listening.stderr.read() == ""
    listening.stderr.close()


def test_listen_refuses_another_token_and_ends_on_sigterm(ok: Callable[..., str], run: Run) -> None:
    listening = subprocess.Popen(
        [*KBTUI, "listen", "--port", "0", "--token", "other"], stdout=subprocess.PIPE, text=True
    )
    assert listening.stdout is not None
    url = listening.stdout.readline().split()[2].rstrip(";")
    ok("webhook", "add", url)

    assert run("webhook", "test", "1", "--json").document["status"] == 401
    listening.send_signal(signal.SIGTERM)
    out, _ = listening.communicate(timeout=PATIENCE)

    assert "answered 401; the token is wrong" in out
    assert out.endswith("1 delivery received.\n")
    assert listening.returncode == 0


def test_listen_on_a_port_that_is_taken_is_one_line(refusal: Callable[..., str], receiver: Receiver) -> None:
    assert "Cannot listen on 127.0.0.1 port" in refusal("listen", "--port", str(receiver.listener.port))


@pytest.mark.parametrize("host", ["\udcff", "a..b", "x" * 70])
def test_an_address_that_is_none_is_one_line(refusal: Callable[..., str], host: str) -> None:
    assert "is no address to listen on" in refusal("listen", "--host", host)


def test_deliver_sends_until_it_is_interrupted(ok: Callable[..., str], run: Run, receiver: Receiver) -> None:
    ok("webhook", "add", receiver.url)
    delivering = subprocess.Popen([*KBTUI, "deliver"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert delivering.stdout is not None
    assert delivering.stdout.readline() == "Sending what is due; Ctrl+C ends it.\n"

    assert run("task", "add", "One", "--no-deliver").status == 0
    assert "task.create to " in delivering.stdout.readline()
    delivering.send_signal(signal.SIGINT)
    out, err = delivering.communicate(timeout=PATIENCE)

    assert (delivering.returncode, out, err) == (130, "1 delivery sent, 0 left queued.\n", "")
    assert receiver.names == ["task.create"]


def test_ctrl_c_while_sending_leaves_no_traceback_and_keeps_the_change(
    ok: Callable[..., str], answer: Callable[..., Any]
) -> None:
    with Receiver(Behaviour(hang=True)) as hanging:
        ok("webhook", "add", hanging.url)
        adding = subprocess.Popen(
            [*KBTUI, "task", "add", "One"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert adding.stdout is not None
        assert adding.stdout.readline().startswith('Added task #1 "One"')
        adding.send_signal(signal.SIGINT)
        rest = adding.communicate(timeout=PATIENCE)

    assert (adding.returncode, rest) == (130, ("", ""))
    assert [task["title"] for task in answer("task", "list")] == ["One"]
    assert answer("deliveries", "list")[0]["state"] in ("ready", "sending")


def corrupt(path: Path) -> None:
    """Damage what is behind the header of a database."""
    content = bytearray(path.read_bytes())
    content[100:8192] = b"\xff" * (8192 - 100)
    path.write_bytes(content)


def test_a_damaged_database_is_one_line(
    refusal: Callable[..., str], ok: Callable[..., str], database_file: Path
) -> None:
    ok("task", "add", "One")
    corrupt(database_file)

    for argv in (["task", "list"], ["task", "add", "Two"], ["webhook", "list"], ["deliver", "--once"]):
        assert "is damaged or is no kbtui database" in refusal(*argv)


def test_a_file_that_is_no_database_is_one_line(refusal: Callable[..., str], database_file: Path) -> None:
    database_file.write_text("This is a letter, not a board. " * 100)

    assert "is damaged or is no kbtui database" in refusal("task", "list")
    assert database_file.read_text().startswith("This is a letter")


def test_a_newer_database_is_one_line(refusal: Callable[..., str], ok: Callable[..., str], database_file: Path) -> None:
    ok("task", "add", "One")
    with sqlite3.connect(database_file) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()

    assert "was written by a newer kbtui" in refusal("task", "list")


def test_a_locked_database_is_one_line_and_nothing_is_lost(
    refusal: Callable[..., str], ok: Callable[..., str], database_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ok("task", "add", "One")
    monkeypatch.setattr(runner, "BUSY_SECONDS", 0.05)
    other = sqlite3.connect(database_file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    assert "is locked by another program; nothing was changed. Try again." in refusal("task", "close", "1")
    assert "One" in ok("task", "list"), "reading goes on"

    other.execute("ROLLBACK")
    other.close()
    assert ok("task", "close", "1") == 'Closed task #1 "One".\n'


def test_a_full_disk_is_one_line_and_nothing_is_lost(
    refusal: Callable[..., str], ok: Callable[..., str], answer: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    ok("task", "add", "One")
    connect = database.connect

    def connect_to_full(path: Path, *, busy_timeout: float, tell: Tell) -> None:
        connect(path, busy_timeout=busy_timeout, tell=tell)
        sql.execute("PRAGMA max_page_count = 1")

    with monkeypatch.context() as full:
        full.setattr(database, "connect", connect_to_full)
        assert "No room is left for" in refusal("task", "add", "Two", "--description", "x" * 100_000)

    assert [task["title"] for task in answer("task", "list")] == ["One"]


@pytest.fixture
def read_only_board(ok: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Make a board that may be read but not written; root, who may write everywhere, becomes somebody else."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kbtui.db"
        (Path(folder) / "config.toml").write_text("")
        monkeypatch.setenv("KBTUI_CONFIG", f"{folder}/config.toml")
        ok("task", "add", "One", "--database", str(path))
        for each in Path(folder).iterdir():
            each.chmod(0o444)
        Path(folder).chmod(0o555)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)
        try:
            yield path
        finally:
            os.seteuid(user)
            Path(folder).chmod(0o755)


def test_a_read_only_database_is_one_line(refusal: Callable[..., str], read_only_board: Path) -> None:
    for argv in (["task", "add", "Two"], ["task", "close", "1"], ["webhook", "token"]):
        assert "cannot be written; check the permissions" in refusal(*argv, "--database", str(read_only_board))


def test_a_folder_that_cannot_be_written_is_one_line(refusal: Callable[..., str], read_only_board: Path) -> None:
    new = read_only_board.with_name("new.db")

    assert "cannot be opened; check that its folder exists and can be written" in refusal(
        "task", "list", "--database", str(new)
    )


def test_a_folder_that_cannot_be_made_is_one_line(refusal: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert "cannot be made" in refusal("task", "list", "--database", str(tmp_path / "file" / "kbtui.db"))
    assert "cannot be opened" in refusal("task", "list", "--database", str(tmp_path))


@pytest.mark.parametrize(
    "url", ["postgresql://user@host/board", "mysql://host/board", "sqlite:///board.db", "redis://", "x://host/board"]
)
def test_a_database_url_that_cannot_be_served_is_one_line_and_nothing_is_made(
    refusal: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.rglob("*"))

    for argv in (["task", "list"], ["task", "add", "One"], ["deliver", "--once"]):
        assert "give the path of a file" in refusal("--database", url, *argv)

    assert set(tmp_path.rglob("*")) == before
