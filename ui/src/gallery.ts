/**
 * The control room on a fake backend that the page's owner scripts as `window.fake`, or with `?parts` every component in
 * every state. Never part of a production build.
 */
import { mount } from 'svelte';
import './app.css';
import { Failure } from '$lib/backend/backend';
import { scene } from '$lib/backend/fake/scenes';
import Room from '$lib/shell/Room.svelte';
import Gallery from './gallery/Gallery.svelte';

const target = document.querySelector('#app');
if (!target) throw new Error('the page has no #app');
const query = new URLSearchParams(location.search);
if (query.has('parts')) mount(Gallery, { target });
else {
  const backend = scene(query);
  Object.assign(window, { fake: backend, Failure });
  mount(Room, { target, props: { backend } });
}
