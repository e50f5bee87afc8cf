/** What else can be done with a cliente. */
import AppWindow from '@lucide/svelte/icons/app-window';
import CircleQuestionMark from '@lucide/svelte/icons/circle-question-mark';
import ClockArrowLeft from '@lucide/svelte/icons/clock-arrow-left';
import EyeOff from '@lucide/svelte/icons/eye-off';
import LogOut from '@lucide/svelte/icons/log-out';
import Moon from '@lucide/svelte/icons/moon';
import PackageOpen from '@lucide/svelte/icons/package-open';
import Pencil from '@lucide/svelte/icons/pencil';
import RefreshCw from '@lucide/svelte/icons/refresh-cw';
import RotateCcw from '@lucide/svelte/icons/rotate-ccw';
import Square from '@lucide/svelte/icons/square';
import Trash from '@lucide/svelte/icons/trash';
import type { ClienteView } from '$lib/wire';
import { t } from '$lib/i18n/i18n.svelte';
import type { Desk, MenuItem } from '$lib/model/desk.svelte';
import { aspectOf, hasLogin, mainAction } from '$lib/model/states';
import { canShow } from '$lib/model/window';

export function cardMenu(desk: Desk, cliente: ClienteView): MenuItem[] {
  const { id, session } = cliente;
  const aspect = aspectOf(session);
  const busy = desk.room.busy(id);
  const open = (kind: 'edit' | 'timeline' | 'logOut' | 'destroy' | 'help') => () =>
    (desk.dialog = { kind, id });
  const items: (MenuItem | false)[] = [
    { label: t('action.edit'), icon: Pencil, run: open('edit') },
    { label: t('action.timeline'), icon: ClockArrowLeft, run: open('timeline') },
    { label: t('help.open'), icon: CircleQuestionMark, run: open('help') },
    session.state === 'QR_REQUIRED' && {
      label: t('action.newQr'),
      icon: RefreshCw,
      run: () => void desk.run('refresh_qr', { id }),
    },
    ...windowItems(desk, cliente),
    session.state === 'READY' && {
      label: t('action.hibernate'),
      icon: Moon,
      disabled: busy || session.visible,
      run: () => void desk.run('hibernate', { id }),
    },
    // What sleeps wakes with the next message, unless it is stopped.
    aspect === 'sleeping' && {
      label: t('action.stop'),
      icon: Square,
      disabled: busy,
      run: () => void desk.run('stop', { id }),
    },
    // One that is about to start again by itself has a button of its own for it.
    mainAction(cliente) === 'stop' &&
      !session.restart && {
        label: t('action.restart'),
        icon: RotateCcw,
        disabled: busy,
        run: () => void desk.run('restart', { id }),
      },
    // Where something is wrong, whoever helps needs to see it.
    aspect === 'ERROR' && {
      label: t('bundle.open'),
      icon: PackageOpen,
      run: () => (desk.dialog = { kind: 'bundle', cliente: id }),
    },
    hasLogin(cliente) && { label: t('action.logOut'), icon: LogOut, disabled: busy, run: open('logOut') },
    { label: t('action.destroy'), icon: Trash, danger: true, disabled: busy, run: open('destroy') },
  ];
  return items.filter((item) => item !== false);
}

/** To see its browser, and to see it no more. */
function windowItems(desk: Desk, { id, session }: ClienteView): (MenuItem | false)[] {
  const busy = desk.room.busy(id);
  return [
    (session.visible || canShow(session)) && {
      label: t(session.visible ? 'action.raiseBrowser' : 'action.showBrowser'),
      icon: AppWindow,
      disabled: busy,
      run: () => void desk.run('show_browser', { id }),
    },
    session.visible && {
      label: t('action.hideBrowser'),
      icon: EyeOff,
      disabled: busy,
      run: () => void desk.run('hide_browser', { id }),
    },
  ];
}
