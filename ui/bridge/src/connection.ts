// Whether the page is connected.
import { attempt, type Wpp } from './wpp';

/** How long a call waits for a connection that is just coming back, ms. */
const RECONNECT = 5000;

export function connected(api: Wpp): boolean {
  const { mode, info } = attempt(() => api.conn.getStreamData()) ?? {};
  return mode === 'MAIN' && info === 'NORMAL';
}

export function becomesConnected(api: Wpp): Promise<boolean> {
  if (connected(api)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const finish = (result: boolean) => {
      clearTimeout(timer);
      api.off('conn.stream_info_changed', look);
      resolve(result);
    };
    const look = () => {
      if (connected(api)) finish(true);
    };
    const timer = setTimeout(finish, RECONNECT, false);
    api.on('conn.stream_info_changed', look);
  });
}
