/** The sections of the gallery in their order; a section's name is also its anchor. */
export const SECTIONS = [
  'colours',
  'type',
  'buttons',
  'fields',
  'tabs',
  'messages',
  'banners',
  'badges',
  'qr',
  'pairing',
  'progress',
  'rows',
  'empty',
  'names',
  'dialogs',
  'cards',
] as const;
export type Section = (typeof SECTIONS)[number];
