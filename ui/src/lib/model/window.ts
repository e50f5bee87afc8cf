/** The browser of a cliente as a window: what there is to say, and what can be done. */
import type { SessionView } from '$lib/wire';
import { aspectOf } from './states';

/**
 * `opening` and `visible` say what there is; `wanted`: the account asked for a passkey before, and a scan without a window
 * would be in vain.
 */
export type WindowKind = 'hidden' | 'opening' | 'visible' | 'wanted';

export function windowOf(session: SessionView): WindowKind {
  if (session.visible) return session.browser === 'running' ? 'visible' : 'opening';
  const wanted = session.needs_window && session.state === 'QR_REQUIRED' && session.login_step !== 'passkey';
  return wanted ? 'wanted' : 'hidden';
}

/** Whether a window could be of use: banned or asleep, there is nothing to see. */
export function canShow(session: SessionView): boolean {
  return !['DISCONNECTED_BANNED', 'sleeping', 'held'].includes(aspectOf(session));
}
