/** Spanish: a cliente's browser as a window. */
export const window = {
  'action.showBrowser': 'Mostrar navegador',
  'action.hideBrowser': 'Ocultar navegador',
  'action.raiseBrowser': 'Traer navegador al frente',
  'window.visible': 'Navegador visible',
  'window.hide': 'Ocultar',
  'window.opening': 'Abriendo la ventana del navegador…',
  'window.before':
    'Al vincular esta cuenta, WhatsApp pide una llave de acceso: muestra el navegador antes de escanear.',
  'window.passkey':
    'La llave de acceso solo se puede confirmar en la ventana del navegador. Al mostrarla, WhatsApp da un código nuevo: escanéalo otra vez y confirma ahí.',
  'window.passkey.visible': 'Confírmala en la ventana del navegador, que está abierta.',
  'announce.passkey': '{name}: WhatsApp pide una llave de acceso.',
  'announce.window.shown': '{name}: el navegador ya está visible.',
  'announce.window.hidden': '{name}: el navegador quedó oculto.',
} as const;
