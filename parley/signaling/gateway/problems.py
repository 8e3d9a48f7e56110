"""Every error of the HTTP side as problem details (RFC 9457), made in one place and without internals."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from http import HTTPStatus

import msgspec
from aiohttp import web
from sqlalchemy.exc import InterfaceError, OperationalError

from parley.signaling.schema.http import Problem

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ProblemCode(StrEnum):
    """What a program may tell errors apart by."""

    BAD_REQUEST = "bad_request"
    TERMS_REQUIRED = "terms_required"
    SIGN_IN_REQUIRED = "sign_in_required"
    BAD_CREDENTIALS = "bad_credentials"
    FORBIDDEN = "forbidden"
    CROSS_SITE = "cross_site"
    SIGN_UP_CLOSED = "sign_up_closed"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    EMAIL_TAKEN = "email_taken"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    UPGRADE_REQUIRED = "upgrade_required"
    RATE_LIMITED = "rate_limited"
    INTERNAL = "internal"
    UNAVAILABLE = "unavailable"


class ProblemError(Exception):
    """Raised anywhere below a handler; becomes the answer. `detail` is shown to people."""

    def __init__(self, status: int, code: ProblemCode, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})


def not_found(detail: str = "There is nothing at this address.") -> ProblemError:
    """404."""
    return ProblemError(404, ProblemCode.NOT_FOUND, detail)


def rate_limited(retry_after: float) -> ProblemError:
    """429; `retry_after` in seconds."""
    seconds = max(1, round(retry_after + 0.5))
    words = "in a moment" if seconds <= 2 else f"in {seconds} seconds"
    detail = f"Too many requests. Try again {words}."
    return ProblemError(429, ProblemCode.RATE_LIMITED, detail, {"Retry-After": str(seconds)})


def problem_response(problem: ProblemError) -> web.Response:
    """The answer for a problem."""
    body = Problem(
        type="about:blank",
        title=HTTPStatus(problem.status).phrase,
        status=problem.status,
        detail=problem.detail,
        code=problem.code,
    )
    return web.Response(
        status=problem.status,
        body=msgspec.json.encode(body),
        content_type="application/problem+json",
        headers={"Cache-Control": "no-store", **problem.headers},
    )


_HTTP_EXCEPTIONS: dict[int, tuple[ProblemCode, str]] = {
    404: (ProblemCode.NOT_FOUND, "There is nothing at this address."),
    405: (ProblemCode.METHOD_NOT_ALLOWED, "This address doesn't take that method."),
    413: (ProblemCode.TOO_LARGE, "The request is too large."),
    415: (ProblemCode.UNSUPPORTED_MEDIA_TYPE, "Send JSON: Content-Type: application/json."),
}


def _from_http_exception(error: web.HTTPException) -> ProblemError:
    code, detail = _HTTP_EXCEPTIONS.get(error.status, (ProblemCode.BAD_REQUEST, "The request can't be understood."))
    kept = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
    return ProblemError(error.status, code, detail, kept)


@web.middleware
async def problem_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever goes wrong below into a problem; what we didn't expect is logged and says nothing of itself."""
    try:
        return await handler(request)
    except ProblemError as problem:
        return problem_response(problem)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return problem_response(_from_http_exception(error))
    except ConnectionError:
        raise  # the client is gone: there is nobody to answer
    except (OperationalError, InterfaceError):
        log.exception("database failed", extra={"method": request.method, "path": request.path})
        detail = "The server can't reach its database right now. Try again in a moment."
        return problem_response(ProblemError(503, ProblemCode.UNAVAILABLE, detail, {"Retry-After": "2"}))
    except Exception:
        log.exception("request failed", extra={"method": request.method, "path": request.path})
        return problem_response(ProblemError(500, ProblemCode.INTERNAL, "Something went wrong on our side."))
