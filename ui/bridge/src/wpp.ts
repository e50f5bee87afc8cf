// The part of wa-js that is used here.

export interface Id {
  _serialized?: string;
  user?: string;
  toString(): string;
}

/** The id of a message. */
export interface Key extends Id {
  id?: string;
  fromMe?: boolean;
  remote?: Id;
}

/** A message as the page has it. */
export interface Message {
  id: Key;
  ack?: number;
  type?: string;
  body?: unknown;
  caption?: unknown;
  t?: number;
  /** It came in, or was sent, since the page was loaded. */
  isNewMsg?: boolean;
  on(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
}

export interface Messages {
  getModelsArray(): Message[];
  remove(message: Message): unknown;
  on(event: string, listener: (message: Message) => void): unknown;
}

export interface Chat {
  id: Id;
  msgs?: Messages;
}

export interface AuthCode {
  ref?: string;
  fullCode?: string;
}

/** What became of messages: 1 the server has them, 2 a device, 3 they were read; less for those on their way. */
export interface AckChange {
  ack?: number;
  ids?: Key[];
}

export interface SendResult {
  id?: string;
  ack?: number;
  sendMsgResult?: { messageSendResult?: string } | string | null;
}

export interface Wpp {
  version?: string;
  isInjected?: boolean;
  loader: { onInjected(listener: () => void, delay?: number): void };
  on(event: string, listener: (...values: never[]) => void): unknown;
  off(event: string, listener: () => void): unknown;
  conn: {
    getStreamData(): { mode?: string; info?: string };
    getAuthCode(): Promise<AuthCode | null>;
    getHistorySyncProgress(): { progress: number | null; inProgress: boolean };
    getMyUserId(): Id | undefined;
    isAuthenticated(): boolean;
    isIdle(): boolean;
    refreshQR(): Promise<AuthCode | null>;
    genLinkDeviceCodeForPhoneNumber(phone: string, push?: boolean): Promise<string>;
    logout(): Promise<boolean>;
    setKeepAlive?(enable?: boolean): boolean;
  };
  chat: {
    get(id: string): Chat | undefined;
    find(id: string): Promise<Chat>;
    generateMessageID(chat: string): Promise<Key>;
    getMessageById(id: string): Promise<Message>;
    sendTextMessage(chat: string, text: string, options: object): Promise<SendResult>;
    sendFileMessage(chat: string, file: File, options: object): Promise<SendResult>;
  };
  contact: { queryExists(id: string): Promise<{ wid: Id } | null> };
  profile: { getMyProfileName(): string | undefined };
  whatsapp: {
    Conn?: { pushname?: string };
    MsgStore?: Messages;
    WidFactory?: { createWid(id: string): Id };
    lidPnCache?: { getPhoneNumber(id: Id): Id | undefined };
    functions?: { queryWidExists?(id: Id): Promise<{ wid: Id } | null> };
    Socket?: { state?: string; on(event: string, listener: () => void): unknown };
    NetworkStatus?: { checkOnline(options: { signal: AbortSignal }): Promise<unknown> };
  };
}

/** An id as text: those of wa-js carry it, others print it. */
export function written(id: Id): string {
  return id._serialized ?? id.toString();
}

/** The message of ours with this key, whatever its chat is called, if the page has loaded it. */
export function loaded(api: Wpp, key: string): Message | undefined {
  const all = attempt(() => api.whatsapp.MsgStore?.getModelsArray()) ?? [];
  return all.findLast(({ id }) => id?.id === key && id.fromMe === true);
}

/** wa-js as it is now, if it loaded at all. */
export function wpp(): Wpp | undefined {
  return (globalThis as { WPP?: Wpp }).WPP;
}

/** A value, or undefined where asking for it throws: wa-js reads the page's modules lazily. */
export function attempt<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
