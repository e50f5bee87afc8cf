/** Which backend this page talks to. */
import type { Backend } from './backend';

export async function chooseBackend(): Promise<Backend> {
  if ('__TAURI_INTERNALS__' in window) {
    const { TauriBackend } = await import('./tauri');
    return new TauriBackend();
  }
  // The condition is a constant to the bundler: nothing of the fake is in a production build.
  if (import.meta.env.DEV && new URLSearchParams(location.search).has('fake')) {
    const { scene } = await import('./fake/scenes');
    return scene(new URLSearchParams(location.search));
  }
  const { HttpBackend } = await import('./http');
  return new HttpBackend();
}
