/**
 * Watches a transport and orders its repair: an ICE restart when it falters, a new connection when that didn't help.
 *
 * Browsers recover by themselves when the same path comes back; an ICE restart finds a new one (RFC 8445 section 9). Orders
 * are repeated, ever more slowly, until the transport works again.
 */

export interface IceWatchListener {
  connected: (connected: boolean) => void;
  restart: () => void;
  rebuild: () => void;
}

/** A glitch shorter than this repairs itself. */
const GLITCH_MS = 1_500;
const FIRST_RETRY_MS = 4_000;
const LONGEST_RETRY_MS = 15_000;
/** ICE restarts before a new connection is made. */
const RESTARTS = 3;
/** A first connection that takes longer than this needs help. */
const SETUP_MS = 10_000;

export class IceWatch {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;
  private wasConnected = false;
  private readonly onState = () => this.look();

  constructor(
    private readonly connection: Pick<
      RTCPeerConnection,
      "connectionState" | "addEventListener" | "removeEventListener"
    >,
    private readonly listener: IceWatchListener,
  ) {
    connection.addEventListener("connectionstatechange", this.onState);
    this.timer = setTimeout(() => this.order(), SETUP_MS);
  }

  /** Something says that the path is gone: don't wait for the browser to notice. */
  repairNow(): void {
    if (!this.wasConnected) return;
    this.attempts = 0;
    this.order();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.connection.removeEventListener("connectionstatechange", this.onState);
  }

  private look(): void {
    const state = this.connection.connectionState;
    if (state === "connected") {
      clearTimeout(this.timer);
      this.attempts = 0;
      this.wasConnected = true;
      this.listener.connected(true);
    } else if (state === "disconnected" || state === "failed") {
      this.listener.connected(false);
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.order(), state === "failed" ? 0 : GLITCH_MS);
    }
  }

  private order(): void {
    clearTimeout(this.timer);
    const pause = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.attempts);
    this.attempts += 1;
    this.timer = setTimeout(() => this.check(), pause);
    if (this.attempts % (RESTARTS + 1) === 0) this.listener.rebuild();
    else this.listener.restart();
  }

  private check(): void {
    if (this.connection.connectionState !== "connected") this.order();
  }
}
