"""``kbtui listen``: a receiver to develop against."""

import asyncio
import json
import signal
import time
from argparse import Namespace

from kbtui.cli.output import Answer, counted, print_json, print_note, print_text
from kbtui.config import Settings
from kbtui.errors import InvalidError
from kbtui.webhooks.listener import Behaviour, Listener, Received


def listen(arguments: Namespace, settings: Settings) -> Answer:
    """Receive until Ctrl+C or SIGTERM; print each delivery, with ``--json`` as one document on one line."""
    count = asyncio.run(_receive(arguments))
    return Answer(f"{counted(count, 'delivery', 'deliveries')} received.", None)


async def _receive(arguments: Namespace) -> int:
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()

    def print_received(received: Received) -> None:
        try:
            if arguments.json:
                print_json(received.as_dict(), indent=None)
            else:
                print_text(_describe(received))
        except OSError as error:  # whoever was reading is gone: that is not the sender's business
            if not over.done():
                over.set_exception(error)

    def end() -> None:
        if not over.done():
            over.set_result(None)

    listener = Listener(
        host=arguments.host,
        port=arguments.port,
        token=arguments.token,
        behaviour=Behaviour(status=arguments.status, delay=arguments.delay),
        on_received=print_received,
    )
    try:
        await listener.start()
    except UnicodeError as error:  # what the resolver says of a name that cannot be one
        raise InvalidError(f'"{arguments.host}" is no address to listen on.') from error
    try:
        loop.add_signal_handler(signal.SIGTERM, end)
        say = print_note if arguments.json else print_text
        say(f"Listening on {listener.url}; Ctrl+C ends it.")
        await over
    finally:
        await listener.stop()
    return listener.count


def _describe(received: Received) -> str:
    clock = time.strftime("%H:%M:%S", time.localtime(received.time))
    head = f"{clock}  {received.event_name or f'{received.method} {received.path}'}  answered {received.status}"
    faults = ["the token is wrong"] if received.token_is_right is False else []
    faults += [received.signature] if received.signature else []
    payload = received.payload
    body = (
        received.body.decode("utf-8", "replace")
        if payload is None
        else json.dumps(payload, indent=2, ensure_ascii=False)
    )
    return "\n".join(part for part in ("; ".join([head, *faults]), received.webhook_id, body) if part)
