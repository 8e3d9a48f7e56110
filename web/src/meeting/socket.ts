/** One WebSocket that speaks JSON and notices when it is dead: silence beyond what was agreed closes it. */

import { type ServerMessage, PROTOCOL_VERSION } from "../protocol.generated";

export interface SocketListener {
  opened: () => void;
  message: (message: ServerMessage) => void;
  /** Once, whether the server, the network or the watchdog ended it; not after close(). */
  lost: () => void;
}

/** What of the browser's WebSocket is used here. */
export type OpenWebSocket = (url: string, protocol: string) => WebSocket;

export const openWebSocket: OpenWebSocket = (url, protocol) => new WebSocket(url, protocol);

/** Where the meeting's WebSocket is. */
export function webSocketUrl(): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/ws`;
}

export class Socket {
  private readonly socket: WebSocket;
  private watchdog: ReturnType<typeof setTimeout> | undefined;
  private over = false;

  /** patience: milliseconds of silence, also before it is open, that mean it is dead. */
  constructor(
    url: string,
    private readonly listener: SocketListener,
    private patience: number,
    open: OpenWebSocket = openWebSocket,
  ) {
    this.socket = open(url, `parley.${PROTOCOL_VERSION}`);
    this.socket.onopen = () => {
      if (!this.over) listener.opened();
    };
    this.socket.onmessage = (event: MessageEvent<unknown>) => this.receive(event.data);
    this.socket.onclose = () => this.lose();
    this.socket.onerror = () => undefined; // a close follows
    this.watch();
  }

  /** Messages come at least this often from now on, in milliseconds. */
  expectEvery(patience: number): void {
    this.patience = patience;
    this.watch();
  }

  /** The next message comes within this many milliseconds, or the socket is dead. */
  expectWithin(patience: number): void {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.lose(), patience);
  }

  send(text: string): void {
    if (this.socket.readyState === 1) this.socket.send(text);
  }

  close(): void {
    this.over = true;
    clearTimeout(this.watchdog);
    this.socket.close();
  }

  private watch(): void {
    this.expectWithin(this.patience);
  }

  private lose(): void {
    if (this.over) return;
    this.close();
    this.listener.lost();
  }

  private receive(data: unknown): void {
    if (this.over) return;
    this.watch();
    let message: ServerMessage;
    try {
      message = JSON.parse(String(data)) as ServerMessage;
    } catch {
      this.lose(); // nothing of ours: a proxy in between, or half a server
      return;
    }
    this.listener.message(message);
  }
}
