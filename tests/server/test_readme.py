"""The examples of the README, called on a real server."""

import base64
import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

from kbtui.core.projects import credentials, settings
from kbtui.core.tasks import tasks
from kbtui.server.thread import ServerThread
from tests.server.test_clients import official_client

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_task_url_of_the_readme_creates_a_task(server: ServerThread, project: int) -> None:
    (url,) = re.findall(r'curl "(http://127\.0\.0\.1:8080/\?controller=.*?)"', README)
    url = url.replace("http://127.0.0.1:8080", server.url).replace("$(kbtui webhook token)", settings.webhook_token())

    with urllib.request.urlopen(url, timeout=30) as answer:
        said = answer.read()

    (task,) = tasks.list_tasks(project)
    assert said == b"OK"
    assert (task.title, task.color_id) == ("From a script", "green")


def test_the_api_call_of_the_readme_creates_a_task(server: ServerThread, project: int) -> None:
    ((path, body),) = re.findall(r'"http://127\.0\.0\.1:8080(/jsonrpc\.php)".*?-d \'(.*?)\'', README, flags=re.DOTALL)
    login = base64.b64encode(f"jsonrpc:{credentials.api_token()}".encode()).decode()
    request = urllib.request.Request(server.url + path, data=body.encode(), headers={"Authorization": f"Basic {login}"})

    with urllib.request.urlopen(request, timeout=30) as answer:
        said = json.loads(answer.read())

    (task,) = tasks.list_tasks(project)
    assert said == {"jsonrpc": "2.0", "result": task.id, "id": 1}
    assert task.title == "From the API"


def test_the_python_example_of_the_readme_creates_and_moves_a_task(server: ServerThread, project: int) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    example = example.replace("http://127.0.0.1:8080", server.url)
    example = example.replace("the token that kbtui token shows", credentials.api_token())
    find = (  # the official client, for another package has a module of the same name
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('kanboard', {official_client().__file__!r})\n"
        "module = importlib.util.module_from_spec(spec)\nspec.loader.exec_module(module)\n"
        "sys.modules['kanboard'] = module\n"
    )

    ran = subprocess.run([sys.executable, "-c", find + example], capture_output=True, text=True, timeout=60)

    assert ran.returncode == 0, ran.stderr
    (task,) = tasks.list_tasks(project)
    assert (task.title, task.column_title) == ("From Python", "Done")
