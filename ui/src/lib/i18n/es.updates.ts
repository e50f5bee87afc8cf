/** Spanish: newer versions of the program. */
export const updates = {
  'updates.title': 'Actualizaciones',
  'updates.wanted': 'Buscar versiones nuevas',
  'updates.wanted.text':
    'Una vez al día se pregunta al sitio del programa por la última versión. No se envía nada de tus clientes. Apagado, no se pregunta a nadie.',
  'updates.way.packages':
    'Esta copia se instaló con el gestor de paquetes del sistema y se actualiza con él: instala el paquete de la versión nueva. Tus datos se conservan.',
  'updates.way.headless':
    'Sin ventana, el programa no se reemplaza a sí mismo: instala la versión nueva y vuelve a iniciarlo. Tus datos se conservan.',
  'updates.way.nobody': 'Esta copia no busca versiones nuevas: se compiló sin un sitio donde preguntar.',
  'updates.check': 'Buscar ahora',
  'updates.checking': 'Buscando…',
  'updates.latest': 'Tienes la última versión.',
  'updates.latest.at': 'Consultado {when}.',
  'updates.available': 'La versión {version} está disponible.',
  'updates.notes': 'Qué trae',
  'updates.install': 'Instalar y reiniciar',
  'updates.install.text': 'Las sesiones se cierran en orden y vuelven solas, sin escanear de nuevo.',
  'updates.install.again': 'Intentar de nuevo',
  'updates.downloading': 'Descargando la versión {version}',
  'updates.received': '{received} de {total}',
  'updates.installing': 'Instalando la versión {version}. El programa se reinicia en un momento.',
  'updates.failure.OFFLINE':
    'No se pudo llegar al sitio del programa. Revisa la conexión e inténtalo de nuevo.',
  'updates.failure.BAD_ANSWER':
    'El sitio del programa respondió algo que no se entiende. Inténtalo más tarde.',
  'updates.failure.NOT_FOR_THIS_SYSTEM': 'Hay una versión nueva, pero no para este sistema.',
  'updates.failure.NOT_SIGNED':
    'Lo que llegó no lleva la firma de quienes hacen el programa, así que no se instaló. Si se repite, descarga la versión nueva a mano.',
  'updates.failure.NOT_WRITABLE':
    'No se pudo reemplazar el programa: falta permiso o espacio en su carpeta. Sigue la versión de antes.',
  'updates.failure.FAILED': 'No se pudo actualizar. El registro tiene los detalles.',
  'banner.update.title': 'Hay una versión nueva',
  'banner.update.text': 'La {version} está lista para instalar desde los ajustes.',
  'banner.update.open': 'Abrir ajustes',
  'banner.update.later': 'Más tarde',
} as const;
