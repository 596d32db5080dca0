"""The examples of the README, called on a real server."""

import base64
import json
import re
import urllib.request
from pathlib import Path

from kbtui.core import credentials, settings, tasks
from kbtui.server.thread import ServerThread

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_task_url_of_the_readme_creates_a_task(server: ServerThread, project: int) -> None:
    (url,) = re.findall(r'curl "(http://127\.0\.0\.1:8080/\?controller=.*?)"', README)
    url = url.replace("http://127.0.0.1:8080", server.url).replace("$(kbtui webhook token)", settings.webhook_token())

    with urllib.request.urlopen(url, timeout=30) as answer:
        said = answer.read()

    (task,) = tasks.list_tasks(project)
    assert said == b"OK"
    assert (task["title"], task["color_id"]) == ("From a script", "green")


def test_the_api_call_of_the_readme_creates_a_task(server: ServerThread, project: int) -> None:
    ((path, body),) = re.findall(r'"http://127\.0\.0\.1:8080(/jsonrpc\.php)".*?-d \'(.*?)\'', README, flags=re.DOTALL)
    login = base64.b64encode(f"jsonrpc:{credentials.api_token()}".encode()).decode()
    request = urllib.request.Request(server.url + path, data=body.encode(), headers={"Authorization": f"Basic {login}"})

    with urllib.request.urlopen(request, timeout=30) as answer:
        said = json.loads(answer.read())

    (task,) = tasks.list_tasks(project)
    assert said == {"jsonrpc": "2.0", "result": task["id"], "id": 1}
    assert task["title"] == "From the API"
