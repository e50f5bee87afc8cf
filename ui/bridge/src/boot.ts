// What the driver leaves for this script under a fixed name, for us to take and erase before the page runs.

export interface Boot {
  /** Name of the function that reaches the driver. */
  push: string;
  /** Name under which the driver will look for our calls. */
  api: string;
  /** How long the hooks may take before the screen is read instead, ms. */
  fallbackAfter: number;
  /** Whether messages that come in are passed on. */
  incoming: boolean;
}

const KEY = '__sessionBoot';

/** Takes the boot record, or undefined where this document is none of ours (frames, error pages). */
export function takeBoot(): Boot | undefined {
  const globals = globalThis as unknown as Record<string, unknown>;
  const boot = globals[KEY] as Boot | undefined;
  delete globals[KEY];
  return boot;
}
