/** The life of a QR, in the backend's time. */
import type { QrView } from '$lib/wire';

export interface Life {
  /** Whole life, ms. */
  total: number;
  /** What has passed of it, ms; never more than all. */
  passed: number;
  /** Seconds left, rounded up: 0 only when it is over. */
  seconds: number;
  expired: boolean;
}

export function lifeOf(qr: QrView, now: number): Life {
  const total = Math.max(1, qr.expires_at - qr.issued_at);
  const left = Math.max(0, qr.expires_at - now);
  return {
    total,
    passed: Math.min(total, Math.max(0, now - qr.issued_at)),
    seconds: Math.ceil(left / 1000),
    expired: left === 0,
  };
}
