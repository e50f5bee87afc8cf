/** The backend inside the same program, over Tauri's IPC. */
import { Channel, invoke } from '@tauri-apps/api/core';
import type { ControlEvent } from '$lib/wire';
import { Failure, type Backend, type Connection } from './backend';
import type { Args, CommandName, Result } from './commands';
import { keepOpen } from './line';

export class TauriBackend implements Backend {
  subscribe(
    onEvent: (event: ControlEvent) => void,
    onConnection: (connection: Connection) => void,
  ): () => void {
    return keepOpen(
      {
        open(deliver, onLost) {
          const channel = new Channel<ControlEvent>();
          channel.onmessage = deliver;
          invoke('subscribe', { channel }).catch(onLost);
          return { close: () => (channel.onmessage = () => undefined) };
        },
        check: () => this.call('snapshot', {}),
      },
      onEvent,
      onConnection,
    );
  }

  async call<K extends CommandName>(command: K, args: Args<K>): Promise<Result<K>> {
    try {
      return await invoke<Result<K>>(command, { args });
    } catch (thrown) {
      throw Failure.from(thrown);
    }
  }
}
