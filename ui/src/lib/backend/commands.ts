/** Every command of the control room: what it takes and what it answers. */
import type {
  AppView,
  ClienteView,
  NewCliente,
  OnClose,
  PhoneAction,
  Place,
  SentView,
  SettingsPatch,
  Snapshot,
  TimelineView,
} from '$lib/wire';

type Nothing = Record<string, never>;
type Id = { id: number };

export interface Commands {
  snapshot: { args: Nothing; result: Snapshot };
  add_cliente: { args: NewCliente; result: ClienteView };
  update_cliente: { args: Id & { name: string; note: string }; result: ClienteView };
  start: { args: Id; result: ClienteView };
  stop: { args: Id; result: ClienteView };
  restart: { args: Id; result: ClienteView };
  log_out: { args: Id; result: ClienteView };
  destroy: { args: Id & { forget: boolean }; result: null };
  refresh_qr: { args: Id; result: null };
  send_message: { args: Id & { to: string; text: string }; result: SentView };
  timeline: { args: Id & { limit: number }; result: TimelineView[] };
  update_settings: { args: SettingsPatch; result: AppView };
  find_browser: { args: Nothing; result: AppView };
  open_place: { args: { place: Place }; result: null };
  close_decided: { args: { choice: OnClose | null; remember: boolean }; result: null };
  demo_phone: { args: Id & { action: PhoneAction }; result: null };
}

export type CommandName = keyof Commands;
export type Args<K extends CommandName> = Commands[K]['args'];
export type Result<K extends CommandName> = Commands[K]['result'];
