/** What the simulated phone can do that makes sense now. */
import type { ClienteView, LoginStep, PhoneAction, SessionView } from '$lib/wire';

export interface PhoneGroup {
  group: 'link' | 'use' | 'break';
  actions: PhoneAction[];
}

const BREAKS: PhoneAction[] = ['crash_page', 'outdated_version'];

const LINKS: Record<LoginStep, PhoneAction[]> = {
  waiting: ['rotate'],
  code: ['scan', 'type_code', 'rotate', 'idle', 'ask_passkey'],
  idle: ['rotate'],
  linking: [],
  passkey: ['confirm_passkey'],
};

export function phoneActions({ session }: ClienteView): PhoneGroup[] {
  return groups(session).filter(({ actions }) => actions.length > 0);
}

function groups(session: SessionView): PhoneGroup[] {
  switch (session.state) {
    case 'QR_REQUIRED':
      return [
        { group: 'link', actions: LINKS[session.login_step ?? 'waiting'] ?? [] },
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
      return [{ group: 'break', actions: ['restore_network', ...BREAKS] }];
    default:
      return [];
  }
}
