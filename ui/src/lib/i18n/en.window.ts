/** English: a cliente's browser as a window. */
import type { WindowTexts } from './catalogue';

export const window: WindowTexts = {
  'action.showBrowser': 'Show browser',
  'action.hideBrowser': 'Hide browser',
  'action.raiseBrowser': 'Bring browser to front',
  'window.visible': 'Browser visible',
  'window.hide': 'Hide',
  'window.opening': "Opening the browser's window…",
  'window.before':
    'WhatsApp asks for a passkey when this account is linked: show the browser before you scan.',
  'window.passkey':
    "The passkey can only be confirmed in the browser's window. Once it shows, WhatsApp gives a new code: scan it again and confirm there.",
  'window.passkey.visible': "Confirm it in the browser's window, which is open.",
  'announce.passkey': '{name}: WhatsApp asks for a passkey.',
  'announce.window.shown': '{name}: the browser is visible now.',
  'announce.window.hidden': '{name}: the browser is hidden.',
};
