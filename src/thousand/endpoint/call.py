"""One call: what is sent, and what every kind of answer and failure means. What servers say is hostile text."""

from __future__ import annotations

import asyncio
import json
import math
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpcore2

from thousand.endpoint.kept import textless
from thousand.endpoint.network import Network, proxy_for
from thousand.endpoint.replies import Prices, Question, Reply

LONGEST_WAIT = 120.0  # seconds before another attempt, whoever asks for them

_PASSING = {408, 409, 429}
_SHORTEST_SECRET = 8  # characters; a shorter key is a placeholder, and stands in many a text


class Failure(Exception):
    """A call that brought no answer.

    Attributes:
        reason: a sentence's worth. status: of the server's answer, if there was one.
        again: whether another attempt may do better. wait: seconds the server asks for before it.
        charged: whether the server may have charged for it all the same.
    """

    def __init__(
        self, reason: str, *, again: bool = True, wait: float | None = None, charged: bool = False, status: int | None = None
    ) -> None:
        super().__init__(reason)
        self.reason, self.again, self.wait, self.charged, self.status = reason, again, wait, charged, status


class Caller:
    """Makes calls to one model; to be entered in the event loop that uses it.

    Args:
        timeout: seconds for the whole of a call: a server that drips keeps any other limit from passing.
        secret: the key; sent to the server, and never part of what comes back from here.
    """

    def __init__(self, model: str, base_url: str, secret: str, timeout: float, prices: Prices | None) -> None:
        self._model, self._secret, self._timeout, self._prices = model, secret, timeout, prices
        self._url = httpcore2.URL(f"{base_url.rstrip('/')}/chat/completions")
        self._headers = [("Content-Type", "application/json"), ("Accept-Encoding", "identity"), ("User-Agent", "thousand")]
        if secret:
            self._headers.append(("Authorization", f"Bearer {secret}"))
        self._proxy, self._encryption = proxy_for(base_url), httpcore2.default_ssl_context()
        self._idle: list[httpcore2.AsyncConnectionPool] = []
        self._connections: list[httpcore2.AsyncConnectionPool] = []

    async def __aenter__(self) -> Caller:
        return self

    async def __aexit__(self, *_: object) -> None:
        for each in self._connections:
            await each.aclose()

    async def __call__(self, question: Question) -> Reply:
        """Ask.

        Raises:
            Failure: there was no answer.
        """
        started = time.monotonic()
        connection = self._idle.pop() if self._idle else self._connect()
        try:
            body = {"model": self._model, "messages": list(question.messages), **question.settings}
            content = json.dumps(body, ensure_ascii=False).encode()
            async with asyncio.timeout(self._timeout):  # it follows no redirect: another server was not named
                response = await connection.request("POST", self._url, headers=self._headers, content=content)
            if not 200 <= response.status < 300:
                raise self._refusal(response)
            answer = json.loads(response.content)
        except TimeoutError:
            raise Failure(f"no answer within {self._timeout:g} s", charged=True) from None
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.ProxyError) as error:
            unreached = isinstance(error, httpcore2.ConnectError | httpcore2.ProxyError)
            cause = self._plain(str(error)) or type(error).__name__
            raise Failure(f"the connection {'failed' if unreached else 'broke off'}: {cause}", charged=not unreached) from None
        except UnicodeEncodeError:
            raise Failure("the question is not valid Unicode", again=False, status=400) from None
        except (ValueError, RecursionError):
            raise Failure("the answer is not JSON", charged=True) from None
        finally:
            self._idle.append(connection)
        return self._read(answer, round(time.monotonic() - started, 3), question.key)

    def _connect(self) -> httpcore2.AsyncConnectionPool:
        """For one call at a time, and open until the next: a pool for all looks through all its connections at every call."""
        made = httpcore2.AsyncConnectionPool(self._encryption, self._proxy, max_connections=1, network_backend=Network())
        self._connections.append(made)
        return made

    def _read(self, answer: Any, seconds: float, key: str) -> Reply:
        if isinstance(answer, dict) and answer.get("error"):  # some servers say so with status 200
            raise Failure(f"the server says: {self._plain(_message(answer))}")
        try:
            choice = answer["choices"][0]
            said = choice["message"]
            content = said.get("content")
            text = self._spoken(said.get("refusal") if content is None else content)  # some servers set a refusal apart
            stop = self._spoken(choice.get("finish_reason"))
        except (LookupError, TypeError, AttributeError):
            raise Failure("the answer has no message", charged=True) from None
        prompt, completion = (_count(answer.get("usage"), name) for name in ("prompt_tokens", "completion_tokens"))
        cost = self._prices.of(prompt, completion) if self._prices and prompt is not None and completion is not None else None
        return Reply(text, textless(stop) if text is None else None, stop, prompt, completion, seconds, cost, key=key)

    def _refusal(self, response: httpcore2.Response) -> Failure:
        status, phrase = response.status, response.extensions.get("reason_phrase", b"").decode("utf-8", "replace")
        try:
            said = _message(json.loads(response.content))
        except (ValueError, RecursionError):
            said = response.content[:1000].decode("utf-8", "replace")
        said = "" if status == 401 else self._plain(said)  # servers quote a part of the key they refuse
        reason = self._plain(f"{status} {phrase}") + (f": {said}" if said else "")
        wait = _retry_after({name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers})
        if wait is not None and wait > LONGEST_WAIT:
            return Failure(f"{reason} (asks to wait {wait:,.0f} s)", again=False, status=status)
        return Failure(reason, again=status in _PASSING or status >= 500, wait=wait, status=status)

    def _spoken(self, text: Any) -> str | None:
        """Text as it can be written anywhere, without the key, should a server echo it."""
        if not isinstance(text, str):
            return None
        valid: str = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return valid.replace(self._secret, "[key]") if len(self._secret) >= _SHORTEST_SECRET else valid

    def _plain(self, text: str) -> str:
        return " ".join((self._spoken(text) or "").split())[:300].rstrip(".")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to wait: given in milliseconds, in seconds or as a date."""
    try:
        if (milliseconds := headers.get("retry-after-ms")) is not None:
            seconds = float(milliseconds) / 1000
        elif (value := headers.get("retry-after")) is None:
            return None
        elif re.fullmatch(r"\s*[0-9.]+\s*", value):
            seconds = float(value)
        else:
            seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) and seconds > 0 else None


def _message(answer: Any) -> str:
    """What a server's error says, in the forms that there are."""
    error = answer.get("error", answer) if isinstance(answer, dict) else answer
    found = (error.get("message") or error.get("detail") or error) if isinstance(error, dict) else error
    return found if isinstance(found, str) else json.dumps(found)[:1000]


def _count(usage: Any, name: str) -> int | None:
    value = usage.get(name) if isinstance(usage, dict) else None
    return value if type(value) is int and 0 <= value < 2**40 else None
