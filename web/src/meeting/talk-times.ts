/** How long each person has spoken: what the server said, and what went by since. Seconds; `now` on any one clock. */

export class TalkTimes {
  private readonly spoken = new Map<string, number>();
  private speaker: string | null = null;
  private since = 0;

  /** Begin anew with what the server counted. */
  reset(spoken: Iterable<readonly [string, number]>, speaker: string | null, now: number): void {
    this.spoken.clear();
    for (const [id, seconds] of spoken) this.spoken.set(id, seconds);
    this.speaker = speaker;
    this.since = now;
  }

  /** Somebody else speaks now, or nobody. */
  speaks(speaker: string | null, now: number): void {
    if (this.speaker !== null) this.spoken.set(this.speaker, this.seconds(this.speaker, now));
    this.speaker = speaker;
    this.since = now;
  }

  seconds(id: string, now: number): number {
    return (this.spoken.get(id) ?? 0) + (id === this.speaker ? now - this.since : 0);
  }
}
