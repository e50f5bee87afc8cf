import type { UpdateTexts } from './catalogue';

/** English: newer versions of the program. */
export const updates: UpdateTexts = {
  'updates.title': 'Updates',
  'updates.wanted': 'Look for new versions',
  'updates.wanted.text':
    "Once a day the program's site is asked for the latest version. Nothing about your clientes is sent. Switched off, nobody is asked.",
  'updates.way.packages':
    "This copy was installed by the system's package manager and is updated with it: install the package of the new version. Your data stays.",
  'updates.way.headless':
    'Without a window the program does not replace itself: install the new version and start it again. Your data stays.',
  'updates.way.nobody': 'This copy does not look for new versions: it was built without a site to ask.',
  'updates.check': 'Look now',
  'updates.checking': 'Looking…',
  'updates.latest': 'You have the latest version.',
  'updates.latest.at': 'Asked {when}.',
  'updates.available': 'Version {version} is available.',
  'updates.notes': "What's new",
  'updates.install': 'Install and restart',
  'updates.install.text': 'Sessions are closed in order and come back by themselves, without another scan.',
  'updates.install.again': 'Try again',
  'updates.downloading': 'Downloading version {version}',
  'updates.received': '{received} of {total}',
  'updates.installing': 'Installing version {version}. The program restarts in a moment.',
  'updates.failure.OFFLINE': "The program's site could not be reached. Check the connection and try again.",
  'updates.failure.BAD_ANSWER': "The program's site answered something that makes no sense. Try again later.",
  'updates.failure.NOT_FOR_THIS_SYSTEM': 'There is a new version, but not for this system.',
  'updates.failure.NOT_SIGNED':
    'What arrived is not signed by the people who make the program, so it was not installed. If this happens again, download the new version by hand.',
  'updates.failure.NOT_WRITABLE':
    'The program could not be replaced: no permission or no room in its folder. The version before stays.',
  'updates.failure.FAILED': 'The update failed. The log has the details.',
  'banner.update.title': 'There is a new version',
  'banner.update.text': '{version} is ready to be installed from the settings.',
  'banner.update.open': 'Open settings',
  'banner.update.later': 'Later',
};
