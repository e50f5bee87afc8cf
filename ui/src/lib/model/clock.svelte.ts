/** How far what is told coarsely may be behind, ms. */
const COARSE = 10_000;

/**
 * The backend's time, told once a second. A page can run on a PC with another clock than the backend's, so everything
 * that counts down or says "ago" asks here.
 */
export class Clock {
  #offset = 0;
  /** ms since 1970, of the backend. */
  now = $state(Date.now());
  /**
   * The same, told only every few seconds and to all at once. Words such as "3 min ago" change at as many moments as
   * there are of them, and each moment has the window painted.
   */
  coarse = $state(Date.now());
  /** The room is there to be looked at; `SeenClock` is for what is scrolled away. */
  readonly seen = true;

  /** Takes the backend's time from a snapshot. */
  set(backendNow: number): void {
    this.#offset = backendNow - Date.now();
    this.refresh();
  }

  /** The time at this very moment; reading it makes nothing redraw. */
  exact(): number {
    return Date.now() + this.#offset;
  }

  refresh(): void {
    this.now = this.exact();
    if (Math.abs(this.now - this.coarse) >= COARSE) this.coarse = this.now;
  }

  /** Starts ticking; returns how to stop. Nobody sees a page in the background: it looks again when it is shown. */
  run(): () => void {
    const shown = () => {
      if (document.visibilityState === 'visible') this.refresh();
    };
    const timer = setInterval(shown, 1000);
    document.addEventListener('visibilitychange', shown);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', shown);
    };
  }

  /** Looks at the time exactly at that moment, not at the next tick; returns how to give up. */
  wakeAt(time: number): () => void {
    const timer = setTimeout(() => this.refresh(), Math.max(0, time - this.exact()));
    return () => clearTimeout(timer);
  }
}

export const clock = new Clock();
