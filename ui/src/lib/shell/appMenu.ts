/** What is about the whole program. A new entry is one line here; the menu and the palette both show it. */
import CircleQuestionMark from '@lucide/svelte/icons/circle-question-mark';
import Download from '@lucide/svelte/icons/download';
import FolderInput from '@lucide/svelte/icons/folder-input';
import Keyboard from '@lucide/svelte/icons/keyboard';
import PackageOpen from '@lucide/svelte/icons/package-open';
import Play from '@lucide/svelte/icons/play';
import RotateCcw from '@lucide/svelte/icons/rotate-ccw';
import SettingsIcon from '@lucide/svelte/icons/settings';
import Square from '@lucide/svelte/icons/square';
import SquareCheck from '@lucide/svelte/icons/square-check';
import Upload from '@lucide/svelte/icons/upload';
import type { Component } from 'svelte';
import { t } from '$lib/i18n/i18n.svelte';
import { applicable, type BulkAction } from '$lib/model/bulk';
import type { Desk, MenuItem } from '$lib/model/desk.svelte';

interface Entry {
  label(desk: Desk): string;
  icon: Component;
  disabled?(desk: Desk): boolean;
  run(desk: Desk): void;
}

const none = (desk: Desk) => desk.room.clientes.size === 0;

const ENTRIES: readonly Entry[] = [
  all('start', Play),
  all('stop', Square),
  all('restart', RotateCcw),
  {
    label: () => t('select.begin'),
    icon: SquareCheck,
    disabled: none,
    run: (desk) => (desk.selection.choosing = true),
  },
  { label: () => t('import.open'), icon: Upload, run: (desk) => (desk.dialog = { kind: 'import' }) },
  {
    label: () => t('old.open'),
    icon: FolderInput,
    run: (desk) => (desk.dialog = { kind: 'oldLogins' }),
  },
  {
    label: () => t('export.open'),
    icon: Download,
    disabled: none,
    run: (desk) => (desk.dialog = { kind: 'export' }),
  },
  {
    label: () => t('bundle.open'),
    icon: PackageOpen,
    run: (desk) => (desk.dialog = { kind: 'bundle', cliente: null }),
  },
  {
    label: () => t('help.legend'),
    icon: CircleQuestionMark,
    run: (desk) => (desk.dialog = { kind: 'legend' }),
  },
  { label: () => t('shortcuts.open'), icon: Keyboard, run: (desk) => (desk.dialog = { kind: 'shortcuts' }) },
  {
    label: () => t('header.settings'),
    icon: SettingsIcon,
    run: (desk) => (desk.dialog = { kind: 'settings' }),
  },
];

function all(action: BulkAction & ('start' | 'stop' | 'restart'), icon: Component): Entry {
  const count = (desk: Desk) => applicable(action, desk.room.clientes.values()).length;
  return {
    label: (desk) => t(`bulk.all.${action}`, { n: count(desk) }),
    icon,
    disabled: (desk) => count(desk) === 0 || desk.working,
    run: (desk) => desk.askAll(action),
  };
}

export function appMenu(desk: Desk): MenuItem[] {
  return ENTRIES.map(({ label, icon, disabled, run }) => ({
    label: label(desk),
    icon,
    disabled: disabled?.(desk) ?? false,
    run: () => run(desk),
  }));
}
