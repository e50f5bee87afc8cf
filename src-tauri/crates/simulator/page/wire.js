/** The line to the simulator: one WebSocket, opened again whenever it breaks. */

class Wire extends Emitter {
  /** @param {() => Promise<object>} hello what to say first, every time */
  constructor(hello) {
    super();
    this._hello = hello;
    /** @type {WebSocket | null} */
    this._socket = null;
    /** @type {Map<number, (answer: any) => void>} */
    this._requests = new Map();
    // An answer that outlives a reload must not find a request of the next load.
    this._lastRequest = Date.now() * 1000;
  }

  connect() {
    const socket = new WebSocket(`wss://${location.host}/ws`);
    socket.onopen = async () => {
      const hello = await this._hello();
      if (socket.readyState !== WebSocket.OPEN) return;
      socket.send(JSON.stringify(hello));
      this._socket = socket;
    };
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "reply") {
        this._requests.get(message.request)?.(message.answer);
        this._requests.delete(message.request);
      } else {
        this.trigger("message", message);
      }
    };
    socket.onclose = () => {
      this._socket = null;
      for (const answer of this._requests.values()) answer({ kind: "lost" });
      this._requests.clear();
      this.trigger("lost");
      setTimeout(() => this.connect(), settings.retryMs);
    };
  }

  /** Says something if anyone listens. */
  say(/** @type {object} */ message) {
    this._socket?.send(JSON.stringify(message));
    return this._socket !== null;
  }

  /** @returns {Promise<any>} the answer; `lost` if the line breaks first */
  request(/** @type {object} */ message) {
    const request = ++this._lastRequest;
    return new Promise((resolve) => {
      this._requests.set(request, resolve);
      if (!this.say({ ...message, request })) {
        this._requests.delete(request);
        resolve({ kind: "lost" });
      }
    });
  }
}
