/** Spanish: what a field or a part of the program is, in two short sentences. */
export const fields = {
  'field.about': 'Qué es: {name}',
  'field.id':
    'Un número que distingue a este cliente de los demás y no cambia nunca. Si no usas otro programa que lo pida, déjalo vacío.',
  'field.number':
    'El número de WhatsApp completo: código de país, área y línea, como +54 9 11 5555-1234 o +55 11 91234-5678. Espacios y guiones dan igual.',
  'field.api':
    'Una puerta para que otros programas de este equipo envíen mensajes y consulten estados. Si no conectas ningún programa, puedes apagarla.',
  'field.port':
    'El número de la puerta en este equipo; los programas conectados lo llevan en su dirección. Cámbialo solo si otro programa ya lo usa.',
  'field.key':
    'Una contraseña larga que un programa muestra en cada llamada, para que solo entren los tuyos. Dale una a cada programa: así puedes quitar una sin tocar las demás.',
  'field.origin':
    'La dirección de una página web, hasta el dominio, como https://panel.example.com. Los navegadores solo dejan usar la API a las páginas de esta lista.',
  'field.capacity':
    'Cada sesión en marcha abre un navegador y usa entre 150 y 400 MB de memoria. Las que no caben duermen y despiertan al enviar un mensaje.',
  'field.webhook':
    'Una dirección tuya a la que este programa avisa cuando pasa algo, sin que nadie pregunte. Sirve para un tablero, un CRM o una automatización.',
  'field.webhookUrl':
    'La dirección que te dio el programa que recibe los avisos, completa y con https:// delante. Cada aviso llega ahí como un POST en JSON.',
  'field.oldFolder':
    'El lugar donde el otro programa guarda sus vinculaciones, por ejemplo /opt/wpp o C:\\wpp. Ábrelo en el explorador de archivos y copia su ruta.',
} as const;
