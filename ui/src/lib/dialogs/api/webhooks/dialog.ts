/** What can be opened of a webhook. */
export type WebhookDialog = 'edit' | 'secret' | 'letters' | 'remove';
