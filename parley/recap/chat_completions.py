"""A client of OpenAI-compatible chat completions that trusts nothing it gets: bounded, timed, retried, validated."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeVar

import aiohttp
import msgspec

from parley.recap.prompts import Answer, MapAnswer, Message, ReduceAnswer, schema

_BIGGEST = 2_000_000
"""Bytes of an answer that are read at most."""
_A = TypeVar("_A", MapAnswer, ReduceAnswer)


class LanguageModelError(Exception):
    """The language model gave nothing that can be used; str() says why, for the reader of the recap."""


class _Again(Exception):
    """This try failed, another may not."""


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Where the language model is. timeout and backoff are in seconds: of one request, and after the first failure."""

    endpoint: str
    """Base URL of the API, such as http://localhost:8080/v1."""
    model: str
    key: str = ""
    timeout: float = 60.0
    attempts: int = 3
    backoff: float = 1.0
    context: int = 8000
    """Tokens that a request and its answer may have together."""
    parallel: int = 4


class _Said(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Said
    finish_reason: str | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice]


class ChatCompletions:
    """An open connection to the endpoint, as an async context manager."""

    def __init__(self, settings: ModelSettings, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._settings = settings
        self._sleep = sleep
        self._formats = ["json_schema", "json_object", ""]
        """What the endpoint may know of response formats, the strictest first."""
        self._session: aiohttp.ClientSession | None = None
        self._slots = asyncio.Semaphore(max(1, settings.parallel))

    async def __aenter__(self) -> ChatCompletions:
        timeout = aiohttp.ClientTimeout(total=self._settings.timeout)
        headers = {"Authorization": f"Bearer {self._settings.key}"} if self._settings.key else {}
        self._session = aiohttp.ClientSession(timeout=timeout, headers=headers, cookie_jar=aiohttp.DummyCookieJar())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def ask(self, messages: Sequence[Message], kind: type[_A]) -> _A:
        """The model's answer, valid by its schema. Raises LanguageModelError when no try gave one."""
        reason = "it gave no answer"
        async with self._slots:
            for attempt in range(max(1, self._settings.attempts)):
                if attempt:
                    await self._sleep(self._settings.backoff * 2 ** (attempt - 1))
                try:
                    return _decoded(await self._complete(messages, kind), kind)
                except _Again as error:
                    reason = str(error)
        raise LanguageModelError(f"The language model can't be used: {reason}.")

    async def _complete(self, messages: Sequence[Message], kind: type[Answer]) -> str:
        """One request; steps down to a looser response format when the endpoint refuses a stricter one."""
        while True:
            form = self._formats[0]
            status, body = await self._post(self._request(messages, kind, form))
            if status == 400 and len(self._formats) > 1 and form == self._formats[0]:
                self._formats.pop(0)
                continue
            break
        if status in (401, 403):
            raise LanguageModelError(f"The language model can't be used: it refuses the key (status {status}).")
        if status in (404, 405):
            raise LanguageModelError(
                f"The language model can't be used: there is none at this address (status {status})."
            )
        if status != 200:
            raise _Again(f"it answered with status {status}")
        try:
            choices = msgspec.json.decode(body, type=_Completion).choices
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise _Again("its answer is no chat completion") from None
        if not choices or not choices[0].message.content:
            raise _Again("its answer is empty")
        if choices[0].finish_reason == "length":
            raise _Again("its answer was cut off")
        return choices[0].message.content

    def _request(self, messages: Sequence[Message], kind: type[Answer], form: str) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": self._settings.model, "messages": list(messages), "temperature": 0,
            "max_tokens": max(256, self._settings.context // 4),
        }  # fmt: skip
        if form == "json_schema":
            request["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": kind.__name__, "strict": True, "schema": schema(kind)},
            }
        elif form:
            request["response_format"] = {"type": form}
        if form != "json_schema":
            hint = "\nThe schema of the answer: " + json.dumps(schema(kind))
            first = {**messages[0], "content": messages[0]["content"] + hint}
            request["messages"] = [first, *messages[1:]]
        return request

    async def _post(self, request: dict[str, Any]) -> tuple[int, bytes]:
        if self._session is None:
            raise RuntimeError("use ChatCompletions as a context manager")
        url = self._settings.endpoint.rstrip("/") + "/chat/completions"
        try:
            async with self._session.post(url, json=request, allow_redirects=False) as response:
                body = bytearray()
                async for chunk in response.content.iter_chunked(65536):
                    body += chunk
                    if len(body) > _BIGGEST:
                        raise _Again("its answer is too long")
                return response.status, bytes(body)
        except TimeoutError:
            raise _Again(f"it didn't answer within {self._settings.timeout:g} seconds") from None
        except (aiohttp.InvalidURL, ValueError):
            raise LanguageModelError("The language model can't be used: its address is not valid.") from None
        except aiohttp.ClientError:
            raise _Again("it can't be reached") from None


def _decoded(content: str, kind: type[_A]) -> _A:
    text = content.strip()
    if text.startswith("```"):
        text = text.strip("`").removeprefix("json").strip()
    try:
        return msgspec.json.decode(text, type=kind, strict=True)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _Again("its answer doesn't keep to the schema") from None
