/** The sections of the panel of the local API: a new one is a component and a line here. */
import type { Component } from 'svelte';
import Globe from '@lucide/svelte/icons/globe';
import KeyRound from '@lucide/svelte/icons/key-round';
import List from '@lucide/svelte/icons/list';
import Power from '@lucide/svelte/icons/power';
import Webhook from '@lucide/svelte/icons/webhook';
import type { Key } from '$lib/i18n/catalogue';
import type { AppView } from '$lib/wire';
import ApiCalls from './ApiCalls.svelte';
import ApiKeys from './ApiKeys.svelte';
import ApiOrigins from './ApiOrigins.svelte';
import ApiStatus from './ApiStatus.svelte';
import ApiWebhooks from './ApiWebhooks.svelte';

interface Section {
  id: string;
  label: Key;
  icon: Component;
  component: Component<{ app: AppView }>;
}

export const SECTIONS = [
  { id: 'status', label: 'api.section.status', icon: Power, component: ApiStatus },
  { id: 'calls', label: 'api.section.calls', icon: List, component: ApiCalls },
  { id: 'keys', label: 'api.section.keys', icon: KeyRound, component: ApiKeys },
  { id: 'origins', label: 'api.section.origins', icon: Globe, component: ApiOrigins },
  {
    id: 'webhooks',
    label: 'api.section.webhooks',
    icon: Webhook,
    component: ApiWebhooks as Component<{ app?: AppView }>,
  },
] as const satisfies readonly Section[];

export type SectionId = (typeof SECTIONS)[number]['id'];
