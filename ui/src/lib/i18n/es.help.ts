/** Spanish: what each state means and what to do about it. Steps are one a line. */
export const help = {
  'help.open': '¿Qué hago ahora?',
  'help.of': '¿Qué hago ahora? {name}',
  'help.means': 'Qué significa',
  'help.steps': 'Qué hacer ahora',
  'help.itself': 'Qué hace el programa solo',
  'help.also': 'Además',
  'help.support': 'Si sigue igual después de esto, pide ayuda a soporte y cuéntale lo que dice el historial.',
  'help.legend': 'Ver todos los estados',
  'help.legend.title': 'Qué significan los estados',
  'help.legend.text':
    'Cada estado se reconoce por su palabra, su icono y su color. Las tarjetas que te necesitan van primero.',

  'help.NOT_INITIALIZED.means':
    'La cuenta está en la lista, pero su navegador está cerrado: no envía ni recibe.',
  'help.NOT_INITIALIZED.steps':
    'Pulsa «Iniciar» cuando la necesites.\nSi hay una vinculación guardada, se conecta sin escanear.',
  'help.NOT_INITIALIZED.itself': 'Nada: espera a que alguien la inicie.',

  'help.INITIALIZING.means':
    'Se está abriendo un navegador con WhatsApp Web por primera vez para esta cuenta.',
  'help.INITIALIZING.steps':
    'Espera: el código QR aparece en unos segundos.\nTen a mano el teléfono de la cuenta.',
  'help.INITIALIZING.itself':
    'Abre el navegador, carga WhatsApp y pide un código. Si no llega a ninguna parte, lo intenta una vez más.',

  'help.RECONNECTING.means': 'Hay una vinculación guardada y se está usando para volver a conectar.',
  'help.RECONNECTING.steps': 'Espera: suele tardar menos de un minuto.\nNo hace falta el teléfono.',
  'help.RECONNECTING.itself':
    'Carga WhatsApp con la vinculación guardada. Si ya no vale, muestra un código QR.',

  'help.QR_REQUIRED.means': 'WhatsApp espera que un teléfono vincule este equipo.',
  'help.QR_REQUIRED.steps':
    'En el teléfono: WhatsApp → Menú → Dispositivos vinculados → Vincular un dispositivo.\nApunta la cámara al código; con «Ampliar QR» se ve más grande.\nSi no puedes escanear, elige «Vincular con el número de teléfono».',
  'help.QR_REQUIRED.itself': 'Cambia el código cuando WhatsApp lo renueva y pone gris el que caducó.',

  'help.READY.means': 'La cuenta está vinculada y conectada: los mensajes salen y llegan.',
  'help.READY.steps': 'No hay nada que hacer.\nSi dudas, usa «Enviar prueba».',
  'help.READY.itself':
    'Vigila la conexión y que WhatsApp confirme lo que se envía; si algo falla, lo dice aquí y lo arregla si puede.',

  'help.AUTH_FAILURE.means': 'WhatsApp no aceptó la vinculación guardada de esta cuenta.',
  'help.AUTH_FAILURE.steps': 'Pulsa «Reiniciar».\nEscanea el código QR que aparece.',
  'help.AUTH_FAILURE.itself':
    'Conserva el cliente y su historial. No vuelve a intentarlo solo, porque daría lo mismo.',

  'help.DISCONNECTED_RECOVERABLE.means':
    'Se perdió la conexión con WhatsApp, pero la vinculación sigue siendo válida.',
  'help.DISCONNECTED_RECOVERABLE.steps':
    'Revisa que este equipo tenga internet.\nEspera: no cierres ni reinicies nada.',
  'help.DISCONNECTED_RECOVERABLE.itself':
    'Reintenta solo, varias veces. Al volver la red se conecta sin escanear.',

  'help.DISCONNECTED_LOGOUT.means': 'La cuenta ya no está vinculada a este equipo, o se abrió en otro lugar.',
  'help.DISCONNECTED_LOGOUT.steps':
    'Pulsa «Reiniciar» y escanea el código QR.\nSi se abrió en otro lugar, ciérrala allí primero.',
  'help.DISCONNECTED_LOGOUT.itself':
    'Al minuto cierra su navegador y deja todo listo para vincular de nuevo.',

  'help.DISCONNECTED_BANNED.means':
    'WhatsApp bloqueó, restringió o suspendió este número. No depende de este programa.',
  'help.DISCONNECTED_BANNED.steps':
    'Abre WhatsApp en el teléfono: dice el motivo y cuánto dura.\nPide allí la revisión, si la ofrece.\nNo vincules el número otra vez mientras tanto.',
  'help.DISCONNECTED_BANNED.itself': 'Cierra el navegador de la cuenta y no vuelve a intentarlo solo.',

  'help.ERROR.means': 'La sesión falló y hace falta que alguien haga algo.',
  'help.ERROR.steps': 'Lee el motivo de la tarjeta y haz lo que propone.\nPulsa «Reiniciar».',
  'help.ERROR.itself': 'Ya lo intentó por su cuenta, o el motivo no se arregla reintentando.',

  'help.restarting.means': 'La sesión falló, pero se está arreglando sola.',
  'help.restarting.steps': 'No hace falta hacer nada.\nSi tienes prisa, pulsa «Reiniciar ahora».',
  'help.restarting.itself':
    'Vuelve a abrir el navegador, hasta tres veces y cada vez con más pausa. La vinculación no se pierde.',

  'help.held.means': 'Queda tan poco espacio en el disco que se cerró para no dañar la vinculación.',
  'help.held.steps': 'Libera espacio en el disco.\nNo hace falta reiniciar nada.',
  'help.held.itself': 'Vuelve a abrir la sesión sola cuando hay espacio.',

  'help.sleeping.means':
    'Su navegador se cerró para dejar lugar a otras sesiones. Mientras duerme no le llegan mensajes.',
  'help.sleeping.steps':
    'Pulsa «Despertar» si la necesitas ahora.\nSi pasa mucho, sube el máximo de sesiones en Ajustes.',
  'help.sleeping.itself': 'La despierta al enviar un mensaje por ella. La vinculación se conserva.',

  'help.doubtful.means': 'La cuenta figura como conectada, pero hay señales de que los mensajes no salen.',
  'help.doubtful.steps':
    'Usa «Enviar prueba» y mira si llega.\nSi no llega, elige «Reiniciar sesión» en el menú de la tarjeta.',
  'help.doubtful.itself': 'Recarga la página una vez y comprueba los próximos envíos.',
} as const;
