/** What the simulated phone can do that makes sense now. */
import type { ClienteView, PhoneAction } from '$lib/wire';

export interface PhoneGroup {
  group: 'link' | 'use' | 'break';
  actions: PhoneAction[];
}

const BREAKS: PhoneAction[] = ['crash_page', 'outdated_version'];

export function phoneActions({ session }: ClienteView): PhoneGroup[] {
  switch (session.state) {
    case 'QR_REQUIRED':
      return [
        { group: 'link', actions: session.qr ? ['scan', 'rotate', 'idle', 'ask_passkey'] : ['rotate'] },
        { group: 'break', actions: BREAKS },
      ];
    case 'READY':
      return [
        { group: 'use', actions: ['message', 'fail_next_send'] },
        { group: 'break', actions: ['drop_network', 'log_out', 'conflict', 'ban', ...BREAKS] },
      ];
    case 'DISCONNECTED_RECOVERABLE':
      return [
        { group: 'use', actions: ['restore_network'] },
        { group: 'break', actions: ['log_out', 'ban'] },
      ];
    case 'INITIALIZING':
    case 'RECONNECTING':
      return [{ group: 'break', actions: BREAKS }];
    default:
      return [];
  }
}
