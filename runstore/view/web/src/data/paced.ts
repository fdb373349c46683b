// What would be done too often is done now and then, and once more for what came last.

export class Paced {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private due = false;

  constructor(
    private readonly act: () => void,
    private readonly pace: number,
  ) {}

  /** Do it now if it wasn't done just before, else when its time has come. `urgent` waits for nothing. */
  call(urgent = false): void {
    if (this.timer !== undefined && !urgent) {
      this.due = true;
      return;
    }
    this.stop();
    this.act();
    if (this.pace > 0) this.timer = setTimeout(() => this.rested(), this.pace);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.due = false;
  }

  private rested(): void {
    this.timer = undefined;
    if (this.due) this.call();
  }
}
