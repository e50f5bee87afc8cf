/** Light or dark: what was chosen, else what the system says, also when it changes its mind. */
import type { Theme } from '$lib/wire';

export function applyTheme(chosen: Theme | null): () => void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    document.documentElement.dataset.theme = chosen ?? (dark.matches ? 'dark' : 'light');
  };
  apply();
  dark.addEventListener('change', apply);
  return () => dark.removeEventListener('change', apply);
}
