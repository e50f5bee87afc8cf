/** Spanish: what to do now where a cause, a step or a failed command asks for more than its state. Steps are one a line. */
export const causes = {
  // Situations that are finer than a state.
  'help.offline.means': 'Falló por falta de conexión y espera a que haya red.',
  'help.offline.steps':
    'Abre una página cualquiera en este equipo: si no carga, el problema es su internet.\nRevisa el cable, el wifi o el router.\nCuando vuelva, pulsa «Reiniciar ahora» o espera: se conecta sola.',
  'help.offline.itself':
    'Lo intenta una y otra vez, como mucho cada cinco minutos, hasta que haya red. La vinculación no se pierde.',
  'help.losing.means': 'La página de WhatsApp perdió la conexión hace un momento y la está recuperando.',
  'help.losing.steps':
    'Espera un minuto: casi siempre vuelve sola.\nSi tarda más, revisa que este equipo tenga internet.',
  'help.losing.itself': 'Espera a que vuelva y, si no vuelve, recarga la página y reintenta.',
  'help.reloading.means': 'La página de WhatsApp dejó de funcionar bien y se está recargando.',
  'help.reloading.steps': 'Espera: suele tardar menos de un minuto.\nNo hace falta el teléfono.',
  'help.reloading.itself':
    'Recarga la página; si no alcanza, abre de nuevo el navegador. La vinculación se conserva.',
  'help.QR_number.means': 'WhatsApp espera que un teléfono vincule este equipo con un código de letras.',
  'help.QR_number.steps':
    'Escribe el número de la cuenta, con su código de país, y pulsa «Pedir código».\nEn el teléfono: WhatsApp → Menú → Dispositivos vinculados → «Vincular con el número de teléfono».\nEscribe allí el código; si caduca, pide otro.',
  'help.QR_number.itself': 'Muestra el código que da WhatsApp y lo quita cuando ya no sirve.',
  'help.QR_waiting.means': 'El código QR está en camino.',
  'help.QR_waiting.steps': 'Espera unos segundos a que aparezca.\nTen a mano el teléfono de la cuenta.',
  'help.QR_waiting.itself': 'Pide el código a WhatsApp y lo muestra en cuanto llega.',
  'help.QR_idle.means': 'WhatsApp dejó de renovar el código porque nadie lo escaneó.',
  'help.QR_idle.steps': 'Ten a mano el teléfono de la cuenta.\nPulsa «Pedir otro QR» y escanéalo.',
  'help.QR_idle.itself': 'Pide un código nuevo una vez; después espera a que alguien lo pida.',
  'help.QR_linking.means': 'El teléfono aceptó el código y WhatsApp está vinculando este equipo.',
  'help.QR_linking.steps':
    'Deja WhatsApp abierto en el teléfono y no lo bloquees.\nEspera: con muchos chats puede tardar unos minutos.',
  'help.QR_linking.itself': 'Sigue la copia de los chats. Si no avanza, pide un código nuevo.',
  'help.QR_passkey.means': 'WhatsApp pide la llave de acceso del dueño de la cuenta antes de vincular.',
  'help.QR_passkey.steps':
    'Pulsa «Mostrar navegador»: WhatsApp da un código nuevo.\nEscanéalo otra vez.\nConfirma la llave de acceso en esa ventana.',
  'help.QR_passkey_visible.steps':
    'Pulsa «Traer navegador al frente» si no ves su ventana.\nSigue allí lo que pide WhatsApp y confirma la llave de acceso.',
  'help.QR_passkey.itself': 'Espera sin límite. Al confirmarla, la sesión se conecta sola.',
  // Causes, in a state that somebody has to end.
  'help.reason.CLEANED_UP.steps':
    'Pulsa «Iniciar».\nEscanea el código QR si aparece; con una vinculación guardada no hace falta.',
  'help.reason.LOGIN_EXPIRED.steps':
    'Escanea el código con el teléfono que tiene esta cuenta.\nSi nadie de tu equipo la quitó, revisa en ese teléfono los dispositivos vinculados.',
  'help.reason.LOGGED_OUT.steps':
    'Pulsa «Reiniciar» y escanea el código QR.\nHazlo con el teléfono que tiene esta cuenta.\nSi nadie de tu equipo lo quitó, revisa en ese teléfono los dispositivos vinculados.',
  'help.reason.LOGGED_OUT_HERE.steps':
    'Si quieres volver a usarla, pulsa «Reiniciar».\nEscanea el código QR con el teléfono que tiene esta cuenta.',
  'help.reason.UNPAIRED.steps':
    'WhatsApp desvincula los equipos cuando el teléfono pasa unos 14 días sin conexión.\nConecta el teléfono a internet y abre WhatsApp en él.\nPulsa «Reiniciar» y escanea el código.',
  'help.reason.CONFLICT.steps':
    'WhatsApp Web de esta cuenta se abrió en otro navegador o programa.\nCiérralo allí para que no vuelva a pasar.\nPulsa «Usar aquí».',
  'help.reason.BANNED.steps':
    'Abre WhatsApp en el teléfono: si muestra una cuenta atrás, el bloqueo es temporal; espera a que termine.\nSi no la muestra, pide la revisión allí mismo.\nCuando el teléfono vuelva a funcionar, pulsa «Reiniciar».',
  'help.reason.BLOCKED.steps':
    'Abre WhatsApp en el teléfono y sigue lo que pide: puede querer verificar el número otra vez.\nCuando el teléfono vuelva a funcionar, pulsa «Reiniciar».',
  'help.reason.RESTRICTED.steps':
    'Es temporal: abre WhatsApp en el teléfono y mira cuánto falta.\nMientras dure, no escribas a números nuevos ni vincules otros equipos.\nCuando termine, pulsa «Reiniciar».',
  'help.reason.TOS_BLOCK.steps':
    'Abre WhatsApp en el teléfono y pide la revisión.\nRevisa qué se envía: los mensajes masivos, o a quien no los pidió, son la causa más común.\nSi lo levantan, pulsa «Reiniciar».',
  'help.reason.NETWORK_LOST.steps':
    'Abre una página cualquiera en este equipo: si no carga, el problema es su internet.\nRevisa el cable, el wifi o el router.\nEspera: al volver la red se conecta sola, sin escanear.',
  'help.reason.PROXYBLOCK.steps':
    'Si usas una VPN o un proxy, prueba sin ellos.\nPide a quien administra la red que permita web.whatsapp.com y whatsapp.net.\nEspera: se reintenta sola.',
  'help.reason.PAGE_UNREACHABLE.steps':
    'Abre web.whatsapp.com en otro navegador de este equipo.\nSi no carga, revisa la conexión, la VPN o el cortafuegos.\nCuando cargue, pulsa «Reiniciar».',
  'help.reason.OUTDATED_VERSION.steps':
    'Actualiza el navegador y este programa.\nCierra y vuelve a abrir el programa.\nSi no se inicia sola, pulsa «Reiniciar».',
  'help.reason.STORAGE_FAILED.steps':
    'Revisa que quede espacio en el disco.\nPulsa «Reiniciar».\nSi se repite, crea un «Paquete de soporte» desde el menú de la tarjeta y pide ayuda.',
  'help.reason.BROWSER_NOT_FOUND.steps':
    'Instala Google Chrome, Chromium, Microsoft Edge o Brave.\nPulsa «Comprobar de nuevo» en el aviso de arriba.\nPulsa «Reiniciar» en la tarjeta.',
  'help.reason.SANDBOX_UNAVAILABLE.steps':
    'Abre el programa con un usuario normal, no como root.\nSi es un servidor o un contenedor, quien lo administra tiene que permitir los espacios de nombres de usuario.\nPulsa «Reiniciar».',
  'help.reason.PROFILE_IN_USE.steps':
    'Otro navegador tiene abierta la carpeta de este cliente.\nCiérralo, o reinicia el equipo si no lo encuentras.\nPulsa «Reiniciar».',
  'help.reason.PROFILE_UNUSABLE.steps':
    'Revisa que quede espacio en el disco.\nRevisa que tu usuario pueda escribir en la carpeta de datos; Ajustes dice cuál es.\nPulsa «Reiniciar».',
  'help.reason.LAUNCH_FAILED.steps':
    'Cierra programas que no uses: puede faltar memoria.\nPulsa «Reiniciar».\nSi se repite, actualiza o reinstala el navegador.',
  'help.reason.KEEPS_FAILING.steps':
    'Cierra programas y pestañas que no uses: suele faltar memoria.\nEn Ajustes, baja el máximo de sesiones a la vez.\nPulsa «Reiniciar».',
  'help.reason.INTERNAL_FAILURE.steps':
    'Pulsa «Reiniciar».\nSi vuelve a pasar, crea un «Paquete de soporte» desde el menú de la tarjeta y envíalo.',
  'help.reason.CAPACITY_REACHED.steps':
    'Detén o pon en reposo una sesión que no uses.\nO sube el máximo de sesiones en Ajustes.\nPulsa «Reiniciar».',
  'help.reason.CALLS_FAILING.steps':
    'Espera un minuto: se prueba sola otra vez.\nSi sigue igual, elige «Reiniciar sesión» en el menú de la tarjeta.',
  'help.reason.BRIDGE_OUTDATED.steps':
    'Actualiza este programa: WhatsApp cambió y esta versión ya no puede enviar.\nSi es urgente, elige «Mostrar navegador» en el menú de la tarjeta y escribe allí a mano.',
  // Commands that failed, where one line of advice is too little.
  'help.error.SEND_FAILED.steps':
    'Comprueba el número: con código de país y sin ceros delante.\nAbre ese chat en el teléfono y mira si el número usa WhatsApp.\nEnvíalo de nuevo; si tampoco sale, reinicia la sesión desde el menú de la tarjeta.',
  'help.error.PAIRING_REFUSED.steps':
    'Compara el número con el que muestra WhatsApp en el teléfono, en Ajustes.\nSi ya pediste varios códigos, espera unos minutos.\nSi sigue sin darlo, escanea el código QR.',
  'help.error.INSUFFICIENT_STORAGE.steps':
    'Vacía la papelera y borra archivos grandes que no uses.\nEspera un momento: el programa lo nota solo.\nVuelve a iniciar la sesión.',
  'help.error.STORE_UNAVAILABLE.steps':
    'Revisa que quede espacio en el disco.\nRevisa que tu usuario pueda escribir en la carpeta de datos; Ajustes dice cuál es.\nCierra y vuelve a abrir el programa.',
  'help.error.NO_WINDOW.steps':
    'Usa el equipo con su pantalla: por una conexión sin escritorio no se puede mostrar.\nInstala un Chromium, Chrome, Edge o Brave completo, no su versión sin ventana.\nInténtalo de nuevo.',
  'help.error.DELETE_FAILED.steps':
    'Cierra los navegadores y los programas de copia o antivirus que usen la carpeta de datos.\nInténtalo de nuevo.\nSi se repite, reinicia el equipo y bórralo entonces.',
  'help.error.PAGE_FAILED.steps':
    'Espera un minuto e inténtalo otra vez.\nSi se repite, reinicia la sesión desde el menú de la tarjeta.\nSi tampoco así, mira si hay una versión nueva de este programa.',
  'help.error.UNREACHABLE.steps':
    'Mira si Session Manager sigue abierto en el equipo donde corre, y ábrelo si no.\nRecarga esta página.',
  'help.error.INTERNAL_ERROR.steps':
    'Inténtalo otra vez.\nSi se repite, cierra y vuelve a abrir el programa.\nSi sigue, copia los detalles y envíalos a soporte con un paquete de soporte.',
} as const;
