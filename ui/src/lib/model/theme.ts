/** How the room looks: what was chosen, else what the system says, also when it changes its mind. */
import type { Theme } from '$lib/wire';

/** Themes as `tokens.css` has them. High contrast is light or dark as the system is. */
export type Look = 'light' | 'dark' | 'contrast' | 'contrast-dark';

/** `contrast`: the system asks for more of it, or imposes colours of its own. */
export function lookFor(
  chosen: Theme | null,
  { dark, contrast }: { dark: boolean; contrast: boolean },
): Look {
  const theme = chosen ?? (contrast ? 'contrast' : dark ? 'dark' : 'light');
  return theme === 'contrast' && dark ? 'contrast-dark' : theme;
}

export function applyTheme(chosen: Theme | null): () => void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const contrast = [matchMedia('(prefers-contrast: more)'), matchMedia('(forced-colors: active)')];
  const apply = () => {
    document.documentElement.dataset.theme = lookFor(chosen, {
      dark: dark.matches,
      contrast: contrast.some(({ matches }) => matches),
    });
  };
  const queries = [dark, ...contrast];
  apply();
  for (const query of queries) query.addEventListener('change', apply);
  return () => {
    for (const query of queries) query.removeEventListener('change', apply);
  };
}
