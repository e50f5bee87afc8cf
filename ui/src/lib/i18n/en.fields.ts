/** English: what a field or a part of the program is, in two short sentences. */
import type { FieldTexts } from './catalogue';

export const fields: FieldTexts = {
  'field.about': 'What is this: {name}',
  'field.id':
    'A number that tells this cliente from the others and never changes. Unless another program asks for it, leave it empty.',
  'field.number':
    'The whole WhatsApp number: country code, area and line, such as +54 9 11 5555-1234 or +44 7700 900123. Spaces and dashes do not matter.',
  'field.api':
    'A door through which other programs on this computer send messages and look at states. If you connect no program, you can switch it off.',
  'field.port':
    'The number of the door on this computer; programs that connect have it in their address. Change it only if another program uses it already.',
  'field.key':
    'A long password that a program shows with every call, so that only yours get in. Give each program its own: then you can take one away and leave the others.',
  'field.origin':
    'The address of a web page up to its domain, such as https://panel.example.com. Browsers let only the pages on this list use the API.',
  'field.capacity':
    'Each session that runs opens a browser and takes 150 to 400 MB of memory. Those that do not fit sleep, and wake when a message is sent.',
  'field.webhook':
    'An address of yours that this program tells when something happens, without anybody asking. It serves a dashboard, a CRM or an automation.',
  'field.webhookUrl':
    'The address that the receiving program gave you, whole and with https:// in front. Each thing told arrives there as a POST in JSON.',
  'field.oldFolder':
    'The place where the other program keeps its logins, for example /opt/wpp or C:\\wpp. Open it in the file manager and copy its path.',
};
