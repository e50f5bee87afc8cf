/** Puts it together. */

/** What the simulator says is done in order, also when a step takes time. */
let heard = Promise.resolve();
wire.on("message", (/** @type {any} */ message) => {
  heard = heard.then(() => session.hear(message)).catch(reportError);
});
wire.on("lost", () => session.lost());
for (const collection of [Chats, Msgs]) collection.on("add change", () => view.refresh());

view.starting();
if (settings.exposeModules) exposeLoader();
identity
  .load()
  .then(async () => {
    const { account } = identity.current;
    if (account) {
      Conn.set({ connected: true, wid: myUser(), pushname: account.name });
      await resumeKept();
    }
    wire.connect();
  })
  .catch((error) => {
    BackendEventBus.trigger("storage_initialization_error");
    view.message("Storage failed", String(error));
  });
