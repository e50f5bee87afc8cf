import { mount } from 'svelte';
import './app.css';
import { chooseBackend } from '$lib/backend/choose';
import Room from '$lib/shell/Room.svelte';

const target = document.querySelector('#app');
if (!target) throw new Error('the page has no #app');
mount(Room, { target, props: { backend: await chooseBackend() } });
