/** English: what to do now where a cause, a step or a failed command asks for more than its state. Steps are one a line. */
import type { CauseTexts } from './catalogue';

export const causes: CauseTexts = {
  // Situations that are finer than a state.
  'help.offline.means': 'It failed for want of a connection, and waits for the network.',
  'help.offline.steps':
    'Open any web page on this computer: if it does not load, its internet is the problem.\nCheck the cable, the Wi-Fi or the router.\nWhen it is back, press “Restart now” or wait: it connects by itself.',
  'help.offline.itself':
    'It tries again and again, every five minutes at the slowest, until there is a network. The login is not lost.',
  'help.losing.means': 'WhatsApp’s page lost its connection a moment ago and is getting it back.',
  'help.losing.steps':
    'Wait a minute: it nearly always comes back by itself.\nIf it takes longer, check that this computer has internet.',
  'help.losing.itself':
    'It waits for it to come back; if it does not, it loads the page anew and tries again.',
  'help.reloading.means': 'WhatsApp’s page no longer worked as it should, and is being loaded anew.',
  'help.reloading.steps': 'Wait: it usually takes less than a minute.\nThe phone is not needed.',
  'help.reloading.itself':
    'It loads the page anew; if that is not enough, it opens the browser again. The login is kept.',
  'help.QR_number.means': 'WhatsApp waits for a phone to link this computer with a code of letters.',
  'help.QR_number.steps':
    'Write the number of the account, with its country code, and press “Get code”.\nOn the phone: WhatsApp → Menu → Linked devices → “Link with phone number instead”.\nType the code there; if it expires, ask for another.',
  'help.QR_number.itself': 'It shows the code that WhatsApp gives, and takes it away once it is of no use.',
  'help.QR_waiting.means': 'The QR code is on its way.',
  'help.QR_waiting.steps': 'Wait a few seconds until it appears.\nHave the phone of the account at hand.',
  'help.QR_waiting.itself': 'It asks WhatsApp for the code and shows it as soon as it comes.',
  'help.QR_idle.means': 'WhatsApp stopped renewing the code because nobody scanned it.',
  'help.QR_idle.steps': 'Have the phone of the account at hand.\nPress “Ask for another QR” and scan it.',
  'help.QR_idle.itself': 'It asks for a new code once; after that it waits until somebody does.',
  'help.QR_linking.means': 'The phone took the code, and WhatsApp is linking this computer.',
  'help.QR_linking.steps':
    'Leave WhatsApp open on the phone and do not lock it.\nWait: with many chats it can take a few minutes.',
  'help.QR_linking.itself':
    'It follows the copying of the chats. If that gets nowhere, it asks for a new code.',
  'help.QR_passkey.means': 'WhatsApp asks for the passkey of the account’s owner before it links.',
  'help.QR_passkey.steps':
    'Press “Show browser”: WhatsApp gives a new code.\nScan it again.\nConfirm the passkey in that window.',
  'help.QR_passkey_visible.steps':
    'Press “Bring browser to front” if you do not see its window.\nFollow what WhatsApp asks for there, and confirm the passkey.',
  'help.QR_passkey.itself':
    'It waits for as long as it takes. Once it is confirmed, the session connects by itself.',
  // Causes, in a state that somebody has to end.
  'help.reason.CLEANED_UP.steps':
    'Press “Start”.\nScan the QR code if one appears; with a saved login none does.',
  'help.reason.LOGIN_EXPIRED.steps':
    'Scan the code with the phone that has this account.\nIf nobody of yours removed it, look at the linked devices on that phone.',
  'help.reason.LOGGED_OUT.steps':
    'Press “Restart” and scan the QR code.\nUse the phone that has this account.\nIf nobody of yours removed it, look at the linked devices on that phone.',
  'help.reason.LOGGED_OUT_HERE.steps':
    'To use it again, press “Restart”.\nScan the QR code with the phone that has this account.',
  'help.reason.UNPAIRED.steps':
    'WhatsApp unlinks computers when the phone has been offline for about 14 days.\nConnect the phone to the internet and open WhatsApp on it.\nPress “Restart” and scan the code.',
  'help.reason.CONFLICT.steps':
    'WhatsApp Web of this account was opened in another browser or program.\nClose it there, so that it does not happen again.\nPress “Use here”.',
  'help.reason.BANNED.steps':
    'Open WhatsApp on the phone: if it counts down, the ban is for a time; wait until it is over.\nIf it does not, ask for a review there.\nWhen the phone works again, press “Restart”.',
  'help.reason.BLOCKED.steps':
    'Open WhatsApp on the phone and do what it asks for: it may want to verify the number again.\nWhen the phone works again, press “Restart”.',
  'help.reason.RESTRICTED.steps':
    'It is for a time: open WhatsApp on the phone and see how long it lasts.\nUntil then, do not write to new numbers and link no other computers.\nWhen it is over, press “Restart”.',
  'help.reason.TOS_BLOCK.steps':
    'Open WhatsApp on the phone and ask for a review.\nLook at what is sent: bulk messages, or to people who did not ask for them, are the usual cause.\nIf it is lifted, press “Restart”.',
  'help.reason.NETWORK_LOST.steps':
    'Open any web page on this computer: if it does not load, its internet is the problem.\nCheck the cable, the Wi-Fi or the router.\nWait: when the network is back it connects by itself, without a scan.',
  'help.reason.PROXYBLOCK.steps':
    'If you use a VPN or a proxy, try without.\nAsk whoever runs the network to allow web.whatsapp.com and whatsapp.net.\nWait: it tries again by itself.',
  'help.reason.PAGE_UNREACHABLE.steps':
    'Open web.whatsapp.com in another browser on this computer.\nIf it does not load, check the connection, the VPN or the firewall.\nWhen it loads, press “Restart”.',
  'help.reason.OUTDATED_VERSION.steps':
    'Update the browser and this program.\nClose the program and open it again.\nIf it does not start by itself, press “Restart”.',
  'help.reason.STORAGE_FAILED.steps':
    'Check that there is space on the disk.\nPress “Restart”.\nIf it happens again, create a “Support bundle” from the menu of the card and ask for help.',
  'help.reason.BROWSER_NOT_FOUND.steps':
    'Install Google Chrome, Chromium, Microsoft Edge or Brave.\nPress “Check again” in the notice above.\nPress “Restart” on the card.',
  'help.reason.SANDBOX_UNAVAILABLE.steps':
    'Run the program as an ordinary user, not as root.\nOn a server or in a container, whoever runs it has to allow user namespaces.\nPress “Restart”.',
  'help.reason.PROFILE_IN_USE.steps':
    'Another browser has the folder of this cliente open.\nClose it, or restart the computer if you cannot find it.\nPress “Restart”.',
  'help.reason.PROFILE_UNUSABLE.steps':
    'Check that there is space on the disk.\nCheck that your user may write into the data folder; Settings says which one it is.\nPress “Restart”.',
  'help.reason.LAUNCH_FAILED.steps':
    'Close programs that you do not use: there may be too little memory.\nPress “Restart”.\nIf it happens again, update or reinstall the browser.',
  'help.reason.KEEPS_FAILING.steps':
    'Close programs and tabs that you do not use: often there is too little memory.\nIn Settings, lower the most sessions at once.\nPress “Restart”.',
  'help.reason.INTERNAL_FAILURE.steps':
    'Press “Restart”.\nIf it happens again, create a “Support bundle” from the menu of the card and send it.',
  'help.reason.CAPACITY_REACHED.steps':
    'Stop a session that you do not use, or put it to sleep.\nOr raise the most sessions at once in Settings.\nPress “Restart”.',
  'help.reason.CALLS_FAILING.steps':
    'Wait a minute: it is tried again by itself.\nIf nothing changes, choose “Restart session” in the menu of the card.',
  'help.reason.BRIDGE_OUTDATED.steps':
    'Update this program: WhatsApp changed, and this version can no longer send.\nIf it is urgent, choose “Show browser” in the menu of the card and write there by hand.',
  // Commands that failed, where one line of advice is too little.
  'help.error.SEND_FAILED.steps':
    'Check the number: with country code and without leading zeros.\nOpen that chat on the phone and see whether the number uses WhatsApp.\nSend it again; if it still fails, restart the session from the menu of the card.',
  'help.error.PAIRING_REFUSED.steps':
    'Compare the number with the one that WhatsApp shows on the phone, in its settings.\nIf you have asked for several codes, wait a few minutes.\nIf it still gives none, scan the QR code.',
  'help.error.INSUFFICIENT_STORAGE.steps':
    'Empty the trash and delete large files that you do not use.\nWait a moment: the program notices by itself.\nStart the session again.',
  'help.error.STORE_UNAVAILABLE.steps':
    'Check that there is space on the disk.\nCheck that your user may write into the data folder; Settings says which one it is.\nClose the program and open it again.',
  'help.error.NO_WINDOW.steps':
    'Sit at the computer’s own screen: over a connection without a desktop it cannot be shown.\nInstall a whole Chromium, Chrome, Edge or Brave, not its version without a window.\nTry again.',
  'help.error.DELETE_FAILED.steps':
    'Close browsers, and backup or antivirus programs that use the data folder.\nTry again.\nIf it happens again, restart the computer and delete it then.',
  'help.error.PAGE_FAILED.steps':
    'Wait a minute and try again.\nIf it happens again, restart the session from the menu of the card.\nIf that does not help, see whether there is a newer version of this program.',
  'help.error.UNREACHABLE.steps':
    'See whether Session Manager is still running on its computer, and open it if not.\nReload this page.',
  'help.error.INTERNAL_ERROR.steps':
    'Try again.\nIf it happens again, close the program and open it again.\nIf it goes on, copy the details and send them to support with a support bundle.',
};
