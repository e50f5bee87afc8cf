// What the page tells the driver. The shapes are read by `signals.rs`; change both together.

export type Signal =
  | { type: 'hello'; bridge: string }
  | { type: 'hooks'; ok: boolean }
  | { type: 'mode'; mode: string }
  | { type: 'info'; info: string }
  | { type: 'socket'; state: string }
  | { type: 'code'; code: string | null; idle: boolean }
  | { type: 'idle' }
  | { type: 'account'; number: string; name: string | null }
  | { type: 'progress'; percent: number | null }
  | { type: 'logoutReason'; reason: string }
  | { type: 'logout' }
  | { type: 'backend'; name: string }
  | { type: 'passkey' }
  | { type: 'acknowledged'; id: string; ack: number }
  | { type: 'incoming'; id: string; chat: string; kind: string; text: string | null; t: number | null }
  | { type: 'hidden'; messages: number }
  | { type: 'screen'; screen: 'loading' | 'code' | 'chats'; code: string | null };

export type Push = (signal: Signal) => void;

/** Things that happen, as opposed to things that are: these count every time. */
const HAPPENINGS = new Set<Signal['type']>([
  'idle',
  'logout',
  'passkey',
  'backend',
  'acknowledged',
  'incoming',
]);

/** Wraps the driver's function: what has not changed is not sent again, and a failure never reaches the page. */
export function pushThrough(deliver: (text: string) => void): Push {
  const sent = new Map<Signal['type'], string>();
  return (signal) => {
    try {
      const text = JSON.stringify(signal);
      if (!HAPPENINGS.has(signal.type)) {
        if (sent.get(signal.type) === text) return;
        sent.set(signal.type, text);
      }
      deliver(text);
    } catch {
      // The driver is gone; it will find out by itself.
    }
  };
}
