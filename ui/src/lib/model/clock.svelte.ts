/**
 * The backend's time, told once a second. A page can run on a PC with another clock than the backend's, so everything
 * that counts down or says "ago" asks here.
 */
export class Clock {
  #offset = 0;
  /** ms since 1970, of the backend. */
  now = $state(Date.now());

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
