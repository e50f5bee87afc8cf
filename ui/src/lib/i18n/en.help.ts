/** English: what each state means and what to do about it. Steps are one a line. */
import type { HelpTexts } from './catalogue';

export const help: HelpTexts = {
  'help.open': 'What do I do now?',
  'help.of': 'What do I do now? {name}',
  'help.means': 'What it means',
  'help.steps': 'What to do now',
  'help.itself': 'What the program does by itself',
  'help.also': 'Also',
  'help.support':
    'If nothing has changed after this, ask support for help and tell them what the history says.',
  'help.legend': 'See all states',
  'help.legend.title': 'What the states mean',
  'help.legend.text': 'Each state has its own word, icon and colour. Cards that need you come first.',

  'help.NOT_INITIALIZED.means':
    'The account is on the list, but its browser is closed: it neither sends nor receives.',
  'help.NOT_INITIALIZED.steps':
    'Press “Start” when you need it.\nWith a saved login it connects without a scan.',
  'help.NOT_INITIALIZED.itself': 'Nothing: it waits until somebody starts it.',

  'help.INITIALIZING.means':
    'A browser with WhatsApp Web is being opened for this account for the first time.',
  'help.INITIALIZING.steps':
    'Wait: the QR code appears within seconds.\nHave the phone of the account at hand.',
  'help.INITIALIZING.itself':
    'It opens the browser, loads WhatsApp and asks for a code. If that gets nowhere, it tries once more.',

  'help.RECONNECTING.means': 'There is a saved login, and it is being used to connect again.',
  'help.RECONNECTING.steps': 'Wait: it usually takes less than a minute.\nThe phone is not needed.',
  'help.RECONNECTING.itself':
    'It loads WhatsApp with the saved login. If that is no longer valid, a QR code appears.',

  'help.QR_REQUIRED.means': 'WhatsApp waits for a phone to link this computer.',
  'help.QR_REQUIRED.steps':
    'On the phone: WhatsApp → Menu → Linked devices → Link a device.\nPoint the camera at the code; “Enlarge QR” shows it larger.\nIf you cannot scan, choose “Link with phone number instead”.',
  'help.QR_REQUIRED.itself': 'It changes the code when WhatsApp renews it, and greys one that has expired.',

  'help.READY.means': 'The account is linked and connected: messages go out and come in.',
  'help.READY.steps': 'There is nothing to do.\nIf in doubt, use “Send test”.',
  'help.READY.itself':
    'It watches the connection, and that WhatsApp confirms what is sent; if something fails it says so here and mends what it can.',

  'help.AUTH_FAILURE.means': 'WhatsApp did not accept the saved login of this account.',
  'help.AUTH_FAILURE.steps': 'Press “Restart”.\nScan the QR code that appears.',
  'help.AUTH_FAILURE.itself':
    'It keeps the cliente and its history. It does not try again by itself, because the answer would be the same.',

  'help.DISCONNECTED_RECOVERABLE.means': 'The connection to WhatsApp was lost, but the login is still valid.',
  'help.DISCONNECTED_RECOVERABLE.steps':
    'Check that this computer has internet.\nWait: there is no need to close or restart anything.',
  'help.DISCONNECTED_RECOVERABLE.itself':
    'It tries again by itself, several times. When the network is back it connects without a scan.',

  'help.DISCONNECTED_LOGOUT.means':
    'The account is no longer linked to this computer, or was opened elsewhere.',
  'help.DISCONNECTED_LOGOUT.steps':
    'Press “Restart” and scan the QR code.\nIf it was opened elsewhere, close it there first.',
  'help.DISCONNECTED_LOGOUT.itself':
    'After a minute it closes the browser and leaves everything ready to link again.',

  'help.DISCONNECTED_BANNED.means':
    'WhatsApp banned, restricted or suspended this number. This program has no say in that.',
  'help.DISCONNECTED_BANNED.steps':
    'Open WhatsApp on the phone: it says why and for how long.\nAsk for a review there, if it is offered.\nDo not link the number again meanwhile.',
  'help.DISCONNECTED_BANNED.itself': 'It closes the account’s browser and does not try again by itself.',

  'help.ERROR.means': 'The session failed, and somebody has to do something.',
  'help.ERROR.steps': 'Read the cause on the card and do what it suggests.\nPress “Restart”.',
  'help.ERROR.itself': 'It has tried already, or the cause cannot be mended by trying again.',

  'help.restarting.means': 'The session failed, but is mending itself.',
  'help.restarting.steps': 'There is nothing to do.\nIf you are in a hurry, press “Restart now”.',
  'help.restarting.itself':
    'It opens the browser again, up to three times, with a longer pause each time. The login is not lost.',

  'help.held.means': 'There is so little space on the disk that it was closed to protect its login.',
  'help.held.steps': 'Free some space on the disk.\nNothing needs to be restarted.',
  'help.held.itself': 'It opens the session again by itself once there is space.',

  'help.sleeping.means':
    'Its browser was closed to make room for other sessions. While asleep it gets no messages.',
  'help.sleeping.steps':
    'Press “Wake” if you need it now.\nIf this happens often, raise the most sessions at once in Settings.',
  'help.sleeping.itself': 'It wakes up when a message is sent through it. The login is kept.',

  'help.doubtful.means': 'The account counts as connected, but there are signs that messages do not go out.',
  'help.doubtful.steps':
    'Use “Send test” and see whether it arrives.\nIf not, choose “Restart session” in the menu of the card.',
  'help.doubtful.itself': 'It loads the page anew once and checks the next messages.',
};
