/** What can be done to many clientes at once, and which of those that are chosen it makes sense for. */
import Moon from '@lucide/svelte/icons/moon';
import Play from '@lucide/svelte/icons/play';
import RotateCcw from '@lucide/svelte/icons/rotate-ccw';
import Square from '@lucide/svelte/icons/square';
import Trash from '@lucide/svelte/icons/trash';
import type { Component } from 'svelte';
import type { Failure } from '$lib/backend/backend';
import type { ClienteView } from '$lib/wire';
import { aspectOf, mainAction } from './states';

export type BulkAction = 'start' | 'stop' | 'restart' | 'hibernate' | 'destroy';

interface Rule {
  icon: Component;
  /** What it ends is asked about first. */
  asks: boolean;
  applies(cliente: ClienteView): boolean;
}

export const BULK: Record<BulkAction, Rule> = {
  start: { icon: Play, asks: false, applies: (it) => mainAction(it) !== 'stop' },
  stop: {
    icon: Square,
    asks: true,
    // What sleeps wakes with the next message, unless it is stopped.
    applies: (it) => mainAction(it) === 'stop' || aspectOf(it.session) === 'sleeping',
  },
  restart: { icon: RotateCcw, asks: true, applies: (it) => mainAction(it) === 'stop' },
  hibernate: { icon: Moon, asks: false, applies: (it) => it.session.state === 'READY' },
  destroy: { icon: Trash, asks: true, applies: () => true },
};

export const BULK_ACTIONS = Object.keys(BULK) as BulkAction[];

export function applicable(action: BulkAction, clientes: Iterable<ClienteView>): number[] {
  return [...clientes].filter(BULK[action].applies).map(({ id }) => id);
}

/** What came of one of many. */
export interface Outcome {
  id: number;
  /** As it was called when it was asked for: it may be gone now. */
  name: string;
  failure: Failure | null;
}

/** Runs a task for each, a few at a time, in their order. One that fails does not keep the others from their turn. */
export async function eachOf<T>(
  items: readonly T[],
  atOnce: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (;;) {
      const item = items[next++];
      if (item === undefined) return;
      await task(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
}
