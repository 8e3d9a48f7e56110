"""The OpenAPI document, made from the route table and the types it names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from parley.signaling.gateway.authorization import Access
from parley.signaling.gateway.routes import Route
from parley.signaling.schema.http import Problem

_SECURITY: dict[Access, list[dict[str, list[str]]]] = {
    Access.ANYONE: [],
    Access.ACCOUNT: [{"session": []}],
    Access.OPERATOR: [{"operator": []}],
}


def document(routes: Sequence[Route], version: str) -> dict[str, Any]:
    """OpenAPI 3.1 for these routes."""
    types: list[Any] = [Problem]
    for route in routes:
        types += [kind for kind in (route.request, route.response) if kind is not None]
    schemas, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    by_type = dict(zip(types, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(_plain(route.path), {})[route.method.lower()] = _operation(route, by_type)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Parley", "version": version},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "parley_session"},
                "operator": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _plain(path: str) -> str:
    """aiohttp's {name:regex} as OpenAPI's {name}."""
    return re.sub(r"\{(\w+):[^{}]*(?:\{[^{}]*\}[^{}]*)*\}", r"{\1}", path)


def _operation(route: Route, schemas: dict[Any, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": "Done" if route.response is None and not route.gives_file else "The answer"
    }
    if route.response is not None:
        answer["content"] = {"application/json": {"schema": schemas[route.response]}}
    problem = {"content": {"application/problem+json": {"schema": schemas[Problem]}}}
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "security": _SECURITY[route.access],
        "description": f"For {route.who}.",
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in re.findall(r"\{(\w+)", _plain(route.path))
        ]
        + [
            {"name": name, "in": "query", "required": False, "schema": {"type": "string"}, "description": meaning}
            for name, meaning in route.query.items()
        ],
        "responses": {str(route.status): answer, "default": {"description": "A problem (RFC 9457)", **problem}},
    }
    if route.gives_file:
        answer["content"] = {"application/octet-stream": {}}
    if route.takes_file:
        operation["requestBody"] = {"required": True, "content": {"application/octet-stream": {}}}
    if route.request is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schemas[route.request]}},
        }
    return operation
