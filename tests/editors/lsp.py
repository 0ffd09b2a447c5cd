"""A client of the YAML language server, as an editor is one: JSON-RPC over its standard input and output."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from tests.real import need

ROOT = Path(__file__).parents[2]
INSTALLED = ROOT / "data/real/editor/node_modules/.bin/yaml-language-server"
INSTALL = "run deploy/real/editor/install"

ANSWER_SECONDS_MAX = 60.0  # the first answer takes 2 s: it reads the schema; a shared machine takes longer
SETTINGS = {
    "yaml": {
        "schemaStore": {"enable": False},  # nothing is fetched
        "kubernetesCRDStore": {"enable": False},
        "validate": True,
        "completion": True,
        "hover": True,
    }
}

Plain = dict[str, Any]


def server() -> Path:
    """The program; without it the test is skipped by name, or fails under REQUIRE_REAL=1."""
    if not INSTALLED.exists():
        if os.environ.get("REQUIRE_REAL") == "1":
            pytest.fail(f"needs the real yaml-language-server, and REQUIRE_REAL=1 forbids to skip: {INSTALL}")
        pytest.skip(f"needs the real yaml-language-server: {INSTALL}")
    need("node")
    return INSTALLED


class Editor:
    """An editor with some files open.  ``diagnostics``: what the server last said of each."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        assert process.stdin is not None and process.stdout is not None
        self.folder = folder
        self._to: BinaryIO = process.stdin  # type: ignore[assignment]
        self._said: queue.Queue[Plain | None] = queue.Queue()
        self._number = 0
        self._versions: dict[str, int] = {}
        threading.Thread(target=self._read, args=(process.stdout,), daemon=True).start()
        self.ask("initialize", processId=os.getpid(), rootUri=folder.as_uri(), capabilities=CAPABILITIES)
        self._tell("initialized", {})
        self._tell("workspace/didChangeConfiguration", {"settings": SETTINGS})

    # -- what an editor does ---------------------------------------------------------------------------

    def problems(self, name: str, text: str) -> list[tuple[int, str]]:
        """Opens a file, or changes it, and gives line (from 1) and message of everything that is underlined."""
        uri = self._show(name, text)
        said = self._wait(
            lambda one: one.get("method") == "textDocument/publishDiagnostics" and self._is(one, uri)
        )
        return sorted(
            (one["range"]["start"]["line"] + 1, one["message"]) for one in said["params"]["diagnostics"]
        )

    def completions(self, name: str, text: str) -> list[str]:
        """What is offered where ``|`` stands in the text, in its order."""
        before = text[: text.index("|")]
        uri = self._show(name, text.replace("|", "", 1))
        place = {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}
        found = self.ask("textDocument/completion", textDocument={"uri": uri}, position=place)
        items = found["items"] if isinstance(found, dict) else found
        return [one["label"] for one in items]

    def hover(self, name: str, text: str) -> str:
        """What is shown at ``|``."""
        before = text[: text.index("|")]
        uri = self._show(name, text.replace("|", "", 1))
        place = {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}
        found = self.ask("textDocument/hover", textDocument={"uri": uri}, position=place)
        return str(found["contents"]["value"]) if found else ""

    def _show(self, name: str, text: str) -> str:
        uri = (self.folder / name).as_uri()
        version = self._versions[uri] = self._versions.get(uri, 0) + 1
        if version == 1:
            document = {"uri": uri, "languageId": "yaml", "version": version, "text": text}
            self._tell("textDocument/didOpen", {"textDocument": document})
        else:
            document = {"uri": uri, "version": version}
            self._tell(
                "textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]}
            )
        return uri

    def _is(self, said: Plain, uri: str) -> bool:
        """Whether diagnostics are those of the text that stands there now."""
        params = said["params"]
        return bool(
            params["uri"] == uri and params.get("version", self._versions[uri]) == self._versions[uri]
        )

    # -- the wire --------------------------------------------------------------------------------------

    def ask(self, method: str, **params: Any) -> Any:
        self._number += 1
        number = self._number
        self._send({"id": number, "method": method, "params": params})
        said = self._wait(lambda one: one.get("id") == number and "method" not in one)
        assert "error" not in said, said
        return said["result"]

    def _tell(self, method: str, params: Plain) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: Plain) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._to.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._to.flush()

    def _wait(self, wanted: Any) -> Plain:
        """The first message that is wanted; the server's own questions are answered meanwhile."""
        end = time.monotonic() + ANSWER_SECONDS_MAX
        while True:
            try:
                said = self._said.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                pytest.fail(f"no answer within {ANSWER_SECONDS_MAX:g} s")
            assert said is not None, "the server ended"
            if "id" in said and "method" in said:
                self._send({"id": said["id"], "result": self._answer(said)})
            if wanted(said):
                return said

    @staticmethod
    def _answer(asked: Plain) -> Any:
        if asked["method"] != "workspace/configuration":
            return None
        sections = [one.get("section") for one in asked["params"]["items"]]
        return [SETTINGS.get(section) for section in sections]

    def _read(self, stream: BinaryIO) -> None:
        """Messages into the queue, as they come; None at the end."""
        while header := stream.readline():
            length = int(header.split(b":")[1])
            while stream.readline().strip():
                pass  # further headers
            self._said.put(json.loads(stream.read(length)))
        self._said.put(None)


CAPABILITIES = {
    "textDocument": {
        "publishDiagnostics": {"versionSupport": True},
        "completion": {"completionItem": {"snippetSupport": False}},
        "hover": {"contentFormat": ["markdown"]},
    },
    "workspace": {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": True}},
}


@contextmanager
def editor(folder: Path) -> Iterator[Editor]:
    """An editor with its language server, ended afterwards."""
    process = subprocess.Popen(
        [str(server()), "--stdio"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
    )
    try:
        yield Editor(process, folder)
    finally:
        process.kill()
        process.wait(10)
