/** The main button of a cliente, by what it does. */
import MonitorCheck from '@lucide/svelte/icons/monitor-check';
import Play from '@lucide/svelte/icons/play';
import RotateCcw from '@lucide/svelte/icons/rotate-ccw';
import Square from '@lucide/svelte/icons/square';
import Sunrise from '@lucide/svelte/icons/sunrise';
import type { mainAction } from '$lib/model/states';

export const MAIN = {
  start: { label: 'action.start', icon: Play, command: 'start', filled: true },
  wake: { label: 'action.wake', icon: Sunrise, command: 'start' },
  again: { label: 'action.again', icon: RotateCcw, command: 'start' },
  useHere: { label: 'action.useHere', icon: MonitorCheck, command: 'start' },
  stop: { label: 'action.stop', icon: Square, command: 'stop', filled: true },
} as const satisfies Record<
  ReturnType<typeof mainAction>,
  { label: string; icon: unknown; command: 'start' | 'stop'; filled?: boolean }
>;
