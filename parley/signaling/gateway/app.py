"""The gateway process: puts the services together, serves HTTP and WebSockets, and says goodbye before it ends."""

from __future__ import annotations

import asyncio
import logging
import ssl

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from parley.signaling.child import Child, FatalError
from parley.signaling.directory import NodeDirectory
from parley.signaling.gateway.addresses import is_host
from parley.signaling.gateway.api import MAX_BODY_BYTES, Dispatcher
from parley.signaling.gateway.headers import SOURCE, add_security_headers
from parley.signaling.gateway.problems import Handler, ProblemCode, ProblemError, problem_middleware
from parley.signaling.gateway.route_table import ROUTES
from parley.signaling.gateway.services import Services
from parley.signaling.gateway.websocket import WebSocketRoute
from parley.signaling.open_database import open_database
from parley.signaling.tasks import Tasks
from parley.store.database import Database
from parley.store.secrets import load_secret
from parley.store.settings import Settings

log = logging.getLogger(__name__)

MAX_URL_BYTES = 4096
SHUTDOWN_SECONDS = 3.0
NODE_SECONDS = 15.0
"""How long the start waits for a media node before it says that it is ready without."""


def _is_ours(record: logging.LogRecord) -> bool:
    """Whether what aiohttp reports is for the operator: bytes from strangers that are no HTTP are not."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


_http_log = logging.getLogger("parley.signaling.gateway.http")
_http_log.addFilter(_is_ours)


def create_app(services: Services) -> web.Application:
    """The whole HTTP side."""

    @web.middleware
    async def source_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Settle once who asks and by which address."""
        request[SOURCE] = services.sources.of(request)
        return await handler(request)

    @web.middleware
    async def host_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        """A Host that is none would end up in links."""
        if not is_host(request[SOURCE].host):
            raise ProblemError(400, ProblemCode.BAD_REQUEST, "The request's Host header is not a host.")
        return await handler(request)

    app = web.Application(
        middlewares=[source_middleware, services.metrics.middleware, problem_middleware, host_middleware],
        client_max_size=MAX_BODY_BYTES,
        # Nothing is unpacked: routes refuse packed bodies (api.py), and what is no gzip is no error of ours.
        handler_args={"max_line_size": MAX_URL_BYTES, "logger": _http_log, "auto_decompress": False},
    )
    dispatcher = Dispatcher(services)
    for route in ROUTES:
        dispatcher.add(app, route)
    app.router.add_get("/api/ws", WebSocketRoute(services).handle)
    # Not below /api: there a method that no route takes is told so, and what no route has isn't the client's.
    app.router.add_get("/{path:(?!api(?:/|$)).*}", services.site_files.handle)
    app.on_response_prepare.append(add_security_headers)
    return app


def tls_context(settings: Settings) -> ssl.SSLContext | None:
    """HTTPS from certificate files, or None. Raises FatalError when they can't be used."""
    if settings.tls_certificate is None or settings.tls_key is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.tls_certificate, settings.tls_key)
    except (OSError, ssl.SSLError) as failure:
        raise FatalError(f"tls_certificate and tls_key can't be used: {failure.strerror or failure}.") from None
    return context


def url_of(settings: Settings, port: int) -> str:
    """Where an operator opens the server on this very machine."""
    if settings.public_url:
        return settings.public_url
    host = settings.host if settings.host not in ("", "0.0.0.0", "::") else "localhost"  # noqa: S104 - compared only
    return f"{'https' if settings.https else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


async def run_gateway(settings: Settings, child: Child) -> None:
    """Be a gateway until `child.stop`. Raises FatalError and OSError when it can't start."""
    context = tls_context(settings)
    try:
        secret = load_secret(settings.data_dir, settings.signing_secret.get_secret_value())
    except OSError as failure:
        raise FatalError(f"The data directory {settings.data_dir} can't be used: {failure.strerror}.") from None
    database = await open_database(settings)
    try:
        await _serve(settings, child, database, secret, context)
    finally:
        await database.close()


async def _serve(
    settings: Settings, child: Child, database: Database, secret: bytes, context: ssl.SSLContext | None
) -> None:
    directory = NodeDirectory(child.registry, child.rpc_secret)
    services = Services(settings, database, directory, secret)
    tasks = Tasks()
    tasks.spawn(services.facts.run(), "fact-writer")
    runner = web.AppRunner(create_app(services), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host or None, settings.port, ssl_context=context).start()
        await directory.start()
        await directory.first_node(NODE_SECONDS)
        child.ready(url_of(settings, settings.port))
        log.info("gateway serves on port %d", settings.port)
        await child.stop.wait()
        log.info("gateway stops", extra={"count": len(services.links)})
        await services.links.close()
    finally:
        await runner.cleanup()
        await _last_facts(services)
        await directory.close()
        await tasks.close()
        await services.close()


async def _last_facts(services: Services) -> None:
    try:
        async with asyncio.timeout(SHUTDOWN_SECONDS):
            await services.facts.flush()
    except TimeoutError:
        log.error("facts could not be written before the stop", extra={"count": services.facts.pending})
