/** English: who may call the local API, with which keys and from which web pages. */
import type { AccessTexts } from './catalogue';

export const access: AccessTexts = {
  'api.section.keys': 'Keys',
  'api.section.origins': 'Web pages',
  'api.use.key': 'Send a key in the header {header}.',

  'list.loading': 'Loading…',

  'keys.required': 'Callers need a key',
  'keys.required.on': 'Programs without a key are refused.',
  'keys.required.off':
    'At present your programs on this computer can call without a key. Once switched on, those that send none stop working at once.',
  'keys.required.none':
    'There is no key yet: every program is refused until you create one and put it into them.',
  'keys.required.forced.exposed': 'It cannot be switched off: other computers can reach the API.',
  'keys.required.forced.option':
    'It cannot be switched off here: an option that the program was started with asks for it.',
  'keys.list': 'Keys',
  'keys.count': { one: 'One key', other: '{n} keys' },
  'keys.add': 'Create key',
  'keys.empty': 'There are no keys yet',
  'keys.empty.text':
    'A key says which program is calling and what it may do. Give one to each program: then you see who calls, and can shut one out without touching the others.',
  'keys.scopes': 'May',
  'keys.created': 'Created',
  'keys.used': 'Last used',
  'keys.used.never': 'Never',
  'keys.id': 'Id',
  'keys.rotate': 'Rotate',
  'keys.rotate.of': 'Rotate {name}',
  'keys.revoke': 'Revoke',
  'keys.revoke.of': 'Revoke {name}',
  'keys.created.done': 'The key {name} was created.',
  'keys.rotated.done': 'The key {name} was rotated.',
  'keys.revoked.done': 'The key {name} was revoked.',

  'scope.read': 'Read',
  'scope.read.text': 'See states, QR codes and events. With the QR a phone can be linked.',
  'scope.send': 'Send',
  'scope.send.text': 'Send messages. It lets nothing be seen.',
  'scope.manage': 'Manage',
  'scope.manage.text': 'Everything: also start, stop and remove sessions, and change settings.',

  'keys.new.title': 'Create a key',
  'keys.new.name': 'Name',
  'keys.new.name.hint': 'That of the program that is going to use it.',
  'keys.new.name.placeholder': 'Sales dashboard',
  'keys.new.name.missing': 'Write a name.',
  'keys.new.name.invalid': 'Letters, digits, spaces and - _ . , up to 60.',
  'keys.new.name.taken': 'There is a key of this name already.',
  'keys.new.many': 'There are as many keys as there may be: revoke one that is not used.',
  'keys.new.scopes': 'What it may do',
  'keys.new.scopes.missing': 'Choose at least one.',
  'keys.new.submit': 'Create',
  'keys.new.busy': 'Creating…',

  'keys.rotate.title': 'Rotate the key {name}?',
  'keys.rotate.text':
    'It gets another secret, and the present one ends at once: programs that use it are refused, and their open connections cut, until you give them the new one.',
  'keys.rotate.busy': 'Rotating…',
  'keys.revoke.title': 'Revoke the key {name}?',
  'keys.revoke.text':
    'Programs that use it are refused at once, and their open connections cut. This cannot be undone.',
  'keys.revoke.optional': 'As long as keys are not asked for, they can go on calling without one.',
  'keys.revoke.busy': 'Revoking…',

  'keys.secret.title': 'Key {name}',
  'keys.secret.once': 'Copy it now: this is the only time that it is shown.',
  'keys.secret.text': 'Whoever has it can use it. Keep it like a password.',
  'keys.secret': 'Secret',
  'keys.secret.copy': 'Copy the key',
  'keys.secret.example': 'To try it in a terminal',
  'keys.secret.example.copy': 'Copy the command',
  'keys.secret.kept': 'I have kept it',
  'keys.secret.ask': 'You have not copied it, and it cannot be seen again. Close all the same?',
  'keys.secret.back': 'Go back',
  'keys.secret.leave': 'Close without copying',

  'origins.title': 'Web pages that may call',
  'origins.text':
    'A page that is open in a browser can use the API only if its origin is in this list. All others are refused; programs need not be here.',
  'origins.key': 'They need a key too.',
  'origins.empty': 'No page may call.',
  'origins.list': 'Allowed origins',
  'origins.fixed': 'Fixed',
  'origins.fixed.text':
    'It comes from an option or the environment that the program was started with: change it there.',
  'origins.add': 'Origin',
  'origins.add.hint': 'Protocol, name and port, with nothing after them. No wildcards.',
  'origins.add.placeholder': 'https://panel.example.com',
  'origins.add.submit': 'Allow',
  'origins.add.busy': 'Saving…',
  'origins.add.missing': 'Write an origin.',
  'origins.invalid': '“{origin}” is no origin. Write it like https://panel.example.com.',
  'origins.invalid.many': 'Those are too many: there can be up to 100.',
  'origins.known': 'It was in the list already.',
  'origins.remove': 'Remove',
  'origins.remove.of': 'Remove {origin}',
  'origins.added.done': { one: 'One origin was allowed.', other: '{n} origins were allowed.' },
  'origins.removed.done': '{origin} was removed: its pages cannot call any more.',
  'origins.undo': 'Undo',
};
