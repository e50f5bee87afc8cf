/** The sections of the panel of the local API: a new one is a component and a line here. */
import type { Component } from 'svelte';
import List from '@lucide/svelte/icons/list';
import Power from '@lucide/svelte/icons/power';
import type { Key } from '$lib/i18n/catalogue';
import type { AppView } from '$lib/wire';
import ApiCalls from './ApiCalls.svelte';
import ApiStatus from './ApiStatus.svelte';

interface Section {
  id: string;
  label: Key;
  icon: Component;
  component: Component<{ app: AppView }>;
}

export const SECTIONS = [
  { id: 'status', label: 'api.section.status', icon: Power, component: ApiStatus },
  { id: 'calls', label: 'api.section.calls', icon: List, component: ApiCalls },
] as const satisfies readonly Section[];

export type SectionId = (typeof SECTIONS)[number]['id'];
