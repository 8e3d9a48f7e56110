import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { IceWatch } from "./ice-watch";

class FakeConnection extends EventTarget {
  connectionState: RTCPeerConnectionState = "new";

  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.dispatchEvent(new Event("connectionstatechange"));
  }
}

function watched() {
  const connection = new FakeConnection();
  const orders: string[] = [];
  const watch = new IceWatch(connection as unknown as RTCPeerConnection, {
    connected: (connected) => orders.push(connected ? "up" : "down"),
    restart: () => orders.push("restart"),
    rebuild: () => orders.push("rebuild"),
  });
  return { connection, orders, watch };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the watch over a transport", () => {
  it("lets a glitch pass", () => {
    const { connection, orders } = watched();
    connection.become("connected");
    connection.become("disconnected");
    vi.advanceTimersByTime(1_000);
    connection.become("connected");
    vi.advanceTimersByTime(60_000);
    expect(orders).toEqual(["up", "down", "up"]);
  });

  it("restarts ICE, then makes a new connection, until it works", () => {
    const { connection, orders } = watched();
    connection.become("connected");
    connection.become("disconnected");
    vi.advanceTimersByTime(60_000);
    expect(orders.slice(0, 6)).toEqual(["up", "down", "restart", "restart", "restart", "rebuild"]);
    const before = orders.length;
    connection.become("connected");
    vi.advanceTimersByTime(120_000);
    expect(orders.slice(before)).toEqual(["up"]);
  });

  it("repairs at once when the browser has given up", () => {
    const { connection, orders } = watched();
    connection.become("connected");
    connection.become("failed");
    vi.advanceTimersByTime(1);
    expect(orders).toEqual(["up", "down", "restart"]);
  });

  it("helps a connection that doesn't come about", () => {
    const { orders } = watched();
    vi.advanceTimersByTime(10_001);
    expect(orders).toEqual(["restart"]);
  });

  it("orders nothing after it was stopped", () => {
    const { connection, orders, watch } = watched();
    watch.stop();
    connection.become("failed");
    vi.advanceTimersByTime(60_000);
    expect(orders).toEqual([]);
  });
});
