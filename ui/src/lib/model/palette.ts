/** What the palette offers for some words. */
import Monitor from '@lucide/svelte/icons/monitor';
import Moon from '@lucide/svelte/icons/moon';
import Plus from '@lucide/svelte/icons/plus';
import Cable from '@lucide/svelte/icons/cable';
import Crosshair from '@lucide/svelte/icons/crosshair';
import Languages from '@lucide/svelte/icons/languages';
import Sun from '@lucide/svelte/icons/sun';
import type { Component } from 'svelte';
import { cardMenu } from '$lib/card/cardMenu';
import { MAIN } from '$lib/card/mainButton';
import { LANGUAGES, setLanguage, t } from '$lib/i18n/i18n.svelte';
import { badge, nameOf, phoneNumber } from '$lib/i18n/names';
import { appMenu } from '$lib/shell/appMenu';
import type { ClienteView } from '$lib/wire';
import type { Desk, MenuItem } from './desk.svelte';
import { matches, plain } from './order';
import { aspectOf, mainAction } from './states';

export interface Choice {
  key: string;
  label: string;
  detail: string;
  icon?: Component;
  danger?: boolean;
  /** A cliente opens what can be done with it. */
  cliente?: number;
  run?(): void;
}

/** More than these, and more words are quicker than looking. */
const MOST = 40;

/** Actions of the program and clientes, those whose words begin so first. */
export function find(desk: Desk, text: string): Choice[] {
  const actions = general(desk).filter(({ label }) => says(label, text));
  const clientes = [...desk.room.clientes.values()]
    .filter((it) => matches(it, { text, show: 'all' }))
    .sort((a, b) => begins(b, text) - begins(a, text) || a.id - b.id)
    .map(choiceOf);
  // Who types nothing looks for what to do; who types looks for somebody more often.
  return (text.trim() ? [...clientes, ...actions] : [...actions, ...clientes]).slice(0, MOST);
}

/** What can be done with one cliente. */
export function findFor(desk: Desk, cliente: ClienteView, text: string): Choice[] {
  const { id, session } = cliente;
  const main = MAIN[mainAction(cliente)];
  const items: MenuItem[] = [
    { label: t('palette.show'), icon: Crosshair, run: () => showCard(id) },
    { label: t(main.label), icon: main.icon, run: () => void desk.run(main.command, { id }) },
    ...cardMenu(desk, cliente),
  ];
  if (session.can_send)
    items.push({ label: t('action.send'), run: () => (desk.dialog = { kind: 'send', id }) });
  if (session.state === 'QR_REQUIRED')
    items.push({ label: t('action.enlarge'), run: () => (desk.dialog = { kind: 'qr', id }) });
  return items.filter(({ disabled, label }) => !disabled && says(label, text)).map(asChoice);
}

function general(desk: Desk): Choice[] {
  const theme = (wanted: 'light' | 'dark' | null) => () =>
    void desk.run('update_settings', { theme: wanted });
  const items: MenuItem[] = [
    { label: t('header.add'), icon: Plus, run: () => (desk.dialog = { kind: 'add' }) },
    ...appMenu(desk),
    { label: t('api.title'), icon: Cable, run: () => desk.openApi() },
    { label: t('header.theme.light'), icon: Sun, run: theme('light') },
    { label: t('header.theme.dark'), icon: Moon, run: theme('dark') },
    { label: t('header.theme.system'), icon: Monitor, run: theme(null) },
    ...LANGUAGES.map((code) => ({
      label: `${t('header.language')}: ${new Intl.DisplayNames(code, { type: 'language' }).of(code)}`,
      icon: Languages,
      run: () => {
        setLanguage(code);
        void desk.run('update_settings', { language: code });
      },
    })),
  ];
  return items.filter(({ disabled }) => !disabled).map(asChoice);
}

function asChoice({ label, icon, danger, run }: MenuItem): Choice {
  return { key: label, label, detail: '', run, ...(icon && { icon }), ...(danger && { danger }) };
}

function choiceOf(cliente: ClienteView): Choice {
  const { id, account, session } = cliente;
  const detail = [t('card.id', { id }), account && phoneNumber(account.number), badge(aspectOf(session))];
  return {
    key: `cliente ${id}`,
    label: nameOf(cliente),
    detail: detail.filter(Boolean).join(' · '),
    cliente: id,
  };
}

const begins = ({ name }: ClienteView, text: string) => Number(plain(name).startsWith(plain(text)));

function says(label: string, text: string): boolean {
  const said = plain(label);
  return plain(text)
    .split(/\s+/)
    .every((word) => said.includes(word));
}

function showCard(id: number): void {
  const place = document.querySelector<HTMLElement>(`[data-cliente="${id}"]`);
  place?.scrollIntoView({ block: 'center' });
  place?.querySelector<HTMLElement>('[aria-haspopup=menu]')?.focus({ preventScroll: true });
}
