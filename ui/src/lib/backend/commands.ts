/** The commands of the control room by name. */
import type { Commands } from '$lib/wire';

export type { Commands };
export type CommandName = keyof Commands;
export type Args<K extends CommandName> = Commands[K]['args'];
export type Result<K extends CommandName> = Commands[K]['result'];
