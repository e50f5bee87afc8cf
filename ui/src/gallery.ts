/** The control room on a fake backend that the page's owner scripts as `window.fake`. Never part of a production build. */
import { mount } from 'svelte';
import './app.css';
import { Failure } from '$lib/backend/backend';
import { scene } from '$lib/backend/fake/scenes';
import Room from '$lib/shell/Room.svelte';

const target = document.querySelector('#app');
if (!target) throw new Error('the page has no #app');
const backend = scene(new URLSearchParams(location.search));
Object.assign(window, { fake: backend, Failure });
mount(Room, { target, props: { backend } });
