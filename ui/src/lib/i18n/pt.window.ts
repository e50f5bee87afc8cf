/** Brazilian Portuguese: a cliente's browser as a window. */
import type { WindowTexts } from './catalogue';

export const window: WindowTexts = {
  'action.showBrowser': 'Mostrar navegador',
  'action.hideBrowser': 'Ocultar navegador',
  'action.raiseBrowser': 'Trazer navegador para a frente',
  'window.visible': 'Navegador visível',
  'window.hide': 'Ocultar',
  'window.opening': 'Abrindo a janela do navegador…',
  'window.before':
    'Ao conectar esta conta, o WhatsApp pede uma chave de acesso: mostre o navegador antes de escanear.',
  'window.passkey':
    'A chave de acesso só pode ser confirmada na janela do navegador. Ao mostrá-la, o WhatsApp dá um código novo: escaneie-o de novo e confirme ali.',
  'window.passkey.visible': 'Confirme-a na janela do navegador, que está aberta.',
  'announce.passkey': '{name}: o WhatsApp pede uma chave de acesso.',
  'announce.window.shown': '{name}: o navegador já está visível.',
  'announce.window.hidden': '{name}: o navegador ficou oculto.',
};
