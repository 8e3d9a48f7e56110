"""What /metrics says, in Prometheus's text format: this gateway's own counters, and every media node's load."""

from __future__ import annotations

import time
from collections.abc import Iterable
from importlib.metadata import version

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from parley.signaling.directory import NodeDirectory
from parley.signaling.gateway.facts import FactWriter
from parley.signaling.gateway.job_metrics import JobMetrics
from parley.signaling.gateway.problems import Handler
from parley.signaling.gateway.room_links import RoomLinks

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class _Live(Collector):
    """Numbers that are read when somebody asks."""

    def __init__(self, directory: NodeDirectory, links: RoomLinks, facts: FactWriter) -> None:
        self._directory = directory
        self._links = links
        self._facts = facts

    def collect(self) -> Iterable[Metric]:
        yield InfoMetricFamily("parley", "This server", value={"version": version("parley")})
        yield GaugeMetricFamily("parley_gateway_sockets", "Sockets that stand in a room", value=len(self._links))
        yield GaugeMetricFamily("parley_gateway_facts_pending", "Facts not yet written", value=self._facts.pending)
        yield GaugeMetricFamily("parley_gateway_facts_dropped", "Facts that were lost", value=self._facts.dropped)
        nodes = self._directory.nodes
        yield GaugeMetricFamily("parley_media_nodes", "Media nodes that are alive", value=len(nodes))
        values: dict[str, GaugeMetricFamily] = {}
        for node in nodes:
            load = node.load
            numbers = {
                "rooms": load.rooms,
                "participants": load.participants,
                "consumers": load.consumers,
                "cpu": load.cpu,
                **load.metrics,
            }
            for name, value in numbers.items():
                family = values.get(name)
                if family is None:
                    text = f"{name.replace('_', ' ')} of a media node"
                    family = values[name] = GaugeMetricFamily(f"parley_media_{name}", text, labels=["node"])
                family.add_metric([node.node_id], value)
        yield from values.values()


class Metrics:
    """See the module."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, directory: NodeDirectory, links: RoomLinks, facts: FactWriter, jobs: JobMetrics) -> None:
        self._registry = CollectorRegistry()
        self._jobs = jobs
        self._registry.register(jobs)
        self._registry.register(_Live(directory, links, facts))
        self._requests = Counter(
            "parley_http_requests", "HTTP requests answered", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "parley_http_seconds", "Time to an answer", ["route"], registry=self._registry, buckets=BUCKETS
        )

    async def text(self) -> bytes:
        """Everything, as of now."""
        await self._jobs.refresh()
        return generate_latest(self._registry)

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count a request. By its route, never by its path: links are secrets, and anyone can make up paths."""
        started = time.monotonic()
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else "none"
        response = await handler(request)
        if not isinstance(response, web.WebSocketResponse):
            self._seconds.labels(route).observe(time.monotonic() - started)
        self._requests.labels(request.method, route, str(response.status)).inc()
        return response
