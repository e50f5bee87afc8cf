// Reads the screen where the page's modules cannot be hooked: enough to link an account and to see that it is linked.
import type { Push } from './signals';

const CODE =
  "div[data-ref], [data-testid='link-device-qr-code'][data-ref], [data-testid='link-device-qr-code'] [data-ref]";
const CHATS = '#pane-side, #side';
const LOADING = 'progress';

/** The page changes many times a second while it loads; one look covers them. ms */
const SETTLE = 100;

/** Follows the screen until told to stop. */
export function watchScreen(push: Push): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    timer = undefined;
    if (document.querySelector(CHATS)) {
      push({ type: 'screen', screen: 'chats', code: null });
      return;
    }
    const code = document.querySelector(CODE)?.getAttribute('data-ref');
    if (code) push({ type: 'screen', screen: 'code', code });
    else if (document.querySelector(LOADING)) push({ type: 'screen', screen: 'loading', code: null });
  };
  const observer = new MutationObserver(() => {
    timer ??= setTimeout(look, SETTLE);
  });
  observer.observe(document, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ['data-ref', 'id'],
  });
  look();
  return () => {
    observer.disconnect();
    clearTimeout(timer);
  };
}
