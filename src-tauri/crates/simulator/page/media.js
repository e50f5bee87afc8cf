/** Files: how they become messages, and where their bytes go. */

/** Holds the bytes of a file, so that nobody copies them by accident. */
class OpaqueData {
  /** @param {Blob} blob @param {string} type */
  constructor(blob, type) {
    this._blob = blob;
    this._type = type;
    this.released = false;
  }

  static async createFromData(/** @type {any} */ data, type = data.type) {
    return new OpaqueData(data instanceof Blob ? data : new Blob([data], { type }), type);
  }

  type() {
    return this._type;
  }

  size() {
    return this._blob.size;
  }

  url() {
    this._url ??= URL.createObjectURL(this._blob);
    return this._url;
  }

  formData() {
    return this._blob;
  }

  forceToBlob() {
    return this._blob;
  }

  retain() {}

  autorelease() {
    if (this._url) URL.revokeObjectURL(this._url);
    this._url = undefined;
  }

  autoreleaseWhenPromiseCompletes(/** @type {Promise<any>} */ promise) {
    void promise.finally(() => this.autorelease()).catch(() => {});
  }

  throwIfReleased() {
    if (this.released) throw new Error("the data was released");
  }
}

class MediaDataModel extends Model {
  static defaults = {
    type: undefined,
    mimetype: undefined,
    filename: undefined,
    size: undefined,
    filehash: undefined,
    mediaBlob: undefined,
    mediaStage: "INIT",
    preview: undefined,
    renderableUrl: undefined,
    duration: undefined,
    fullWidth: undefined,
    fullHeight: undefined,
    isGif: false,
    directPath: undefined,
  };
}
Object.defineProperty(MediaDataModel.prototype, "proxyName", { value: "media-data" });

/** What is known of a file, whoever sends it. */
class MediaObject {
  contentInfo = {};

  constructor(/** @type {string} */ filehash) {
    this.filehash = filehash;
  }

  consolidate(/** @type {Record<string, any>} */ known) {
    Object.assign(this, known);
  }
}

/** @type {Map<string, any>} */
const mediaObjects = new Map();

/** @param {string} filehash */
function getOrCreateMediaObject(filehash) {
  let object = mediaObjects.get(filehash);
  if (!object) mediaObjects.set(filehash, (object = new MediaObject(filehash)));
  return object;
}

/** @param {string} mime @param {any} options */
function kindOf(mime, { isPtt, asDocument, asSticker }) {
  if (asDocument) return "document";
  if (asSticker) return "sticker";
  const [major] = mime.split("/");
  if (major === "audio") return isPtt ? "ptt" : "audio";
  return major === "image" || major === "video" ? major : "document";
}

/** @param {{ file: Blob, maxDimensions: number[] }} data */
async function generateVideoThumbsAndDuration({ file, maxDimensions }) {
  const video = document.createElement("video");
  video.muted = true;
  video.src = URL.createObjectURL(file);
  try {
    await new Promise((resolve, reject) => {
      video.onloadedmetadata = resolve;
      video.onerror = () => reject(new Error("MEDIA_ERR_SRC_NOT_SUPPORTED"));
    });
    const { duration, videoWidth: fullWidth, videoHeight: fullHeight } = video;
    return {
      duration,
      thumbs: maxDimensions.map((size) => ({ url: "", width: size, height: size, fullWidth, fullHeight })),
    };
  } finally {
    URL.revokeObjectURL(video.src);
  }
}

/** Finds out what has to be known of a file before it can be sent. @param {OpaqueData} data @param {any} options */
async function prepare(data, options) {
  const blob = data.forceToBlob();
  const type = kindOf(data.type(), options);
  const hash = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  const facts = /** @type {Record<string, any>} */ ({});
  if (type === "image") {
    const { width, height } = await createImageBitmap(blob);
    Object.assign(facts, { fullWidth: width, fullHeight: height, preview: "/9j/4AAQSkZJRgABAQ==" });
  } else if (type === "video") {
    const about = { file: blob, maxDimensions: [100, 480], debugHint: "prep", throwOnBlack: false };
    const { duration, thumbs } = await requireModule("WAWebGenerateVideoThumbs").generateVideoThumbsAndDuration(about);
    Object.assign(facts, { duration, fullWidth: thumbs[0].fullWidth, fullHeight: thumbs[0].fullHeight });
  }
  return new MediaDataModel({
    ...facts,
    ...options.precomputedFields,
    type,
    mimetype: data.type(),
    filename: blob instanceof File ? blob.name : undefined,
    size: blob.size,
    filehash: encodeB64(hash),
    mediaBlob: data,
    isGif: Boolean(options.asGif),
    mediaStage: "PREPARED",
  });
}

class MediaPrep {
  /** @param {string} type @param {Promise<any>} preparing */
  constructor(type, preparing) {
    this.type = type;
    this._preparing = preparing;
    this.mediaData = undefined;
    // Whoever waits for it hears of it.
    preparing.then(
      (data) => (this.mediaData = data),
      () => {},
    );
  }

  waitForPrep() {
    return this._preparing;
  }

  async sendToChat(/** @type {{ chat: any, options: any }} */ { chat, options }) {
    const data = await this.waitForPrep();
    const { type, mimetype, size, filehash, preview } = data;
    const { filename = data.get("filename") } = options.productMsgOptions ?? {};
    const values = { ...options.productMsgOptions, type, mimetype, size, filehash, filename, body: preview };
    const msg = addOutgoing(chat, { ...values, caption: options.caption });
    await kept.put(chat, msg);
    const mediaObject = getOrCreateMediaObject(filehash);
    mediaObject.consolidate(data.serialize());
    try {
      await untilReady();
      const { mediaEntry } = await requireModule("WAWebMediaMmsV4Upload").uploadMedia({ mimetype, mediaObject, mediaType: type });
      msg.set({ directPath: mediaEntry.directPath });
    } catch {
      msg.set({ ack: -1 });
      await kept.put(chat, msg);
      return { messageSendResult: "ERROR_UPLOAD", t: null, count: null };
    }
    await kept.put(chat, msg);
    return transmit(chat, msg);
  }
}

/** @param {OpaqueData} data @param {any} options */
function prepRawMedia(data, options = {}) {
  return new MediaPrep(kindOf(data.type(), options), prepare(data, options));
}

/** @param {{ mimetype: string, mediaObject: any, mediaType: string }} file */
async function uploadMedia({ mediaObject }) {
  const answer = await fetch("/media", { method: "POST", body: mediaObject.mediaBlob.forceToBlob() });
  if (!answer.ok) throw new Error("the upload failed");
  const { path } = await answer.json();
  const nothing = /** @type {any} */ (undefined);
  return {
    mediaEntry: {
      mmsUrl: `https://${location.host}${path}`,
      directPath: path,
      mediaKey: encodeB64(crypto.getRandomValues(new Uint8Array(32))),
      mediaKeyTimestamp: Math.floor(Date.now() / 1000),
      encFilehash: mediaObject.filehash,
      uploadHash: mediaObject.filehash,
      sidecar: nothing,
      firstFrameSidecar: nothing,
      deprecatedMms3Url: nothing,
    },
  };
}

/** What the server is told of a message's file; nothing of a text. @param {any} msg */
function mediaOf(msg) {
  const { directPath: path, type, mimetype, filename, caption } = msg.attributes;
  if (!path) return null;
  return { path, kind: type, mime: mimetype ?? "", name: filename ?? null, caption: caption ?? null };
}

/** @type {Map<string, any>} */
const blobCache = new Map();

defineValue("WAWebMediaOpaqueData", () => OpaqueData);
defineModule("WAWebMediaDataModel", () => ({ MediaDataModel }));
defineModule("WAWebPrepRawMedia", () => ({ prepRawMedia, MediaPrep, uploadProductImage: async () => {} }));
defineModule("WAWebMediaStorage", () => ({ getOrCreateMediaObject }));
defineModule("WAWebMediaMmsV4Upload", () => ({ uploadMedia, uploadUnencryptedMedia: uploadMedia }));
defineModule("WAWebGenerateVideoThumbs", () => ({ generateVideoThumbsAndDuration }));
defineModule("WAWebProcessRawSticker", () => ({
  processRawSticker: async (/** @type {OpaqueData} */ data) => ({ type: "sticker", mediaBlob: data, mimetype: data.type() }),
  isAnimatedWebp: () => false,
}));
defineModule("WAWebMmsMediaTypes", () => ({
  msgToMediaType: (/** @type {{ type: string }} */ { type }) => type,
  castToV4: (/** @type {string} */ type) => type,
}));
defineModule("WAWebMediaDataUtils", () => ({ shouldUseMediaCache: () => false }));
defineModule("WAWebMediaInMemoryBlobCache", () => ({
  InMemoryMediaBlobCache: {
    put: (/** @type {string} */ hash, /** @type {any} */ blob) => void blobCache.set(hash, blob),
    get: (/** @type {string} */ hash) => blobCache.get(hash),
  },
}));
defineModule("WAWebMediaGatingUtils", () => ({
  getUploadLimit: (/** @type {string} */ type) => (type === "document" ? 2048 : 100) * 1024 * 1024,
}));
