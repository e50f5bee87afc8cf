//! Pictures of a page in trouble, without what is private on it.
//!
//! Who has a login code can link the account, and who has a picture of the chats can read them, so neither may be on
//! it. A blur is not enough: large letters and the few modules of a QR outlive it. Instead, before the picture is taken:
//!
//! - everything that draws pictures is hidden (canvas, img, svg, video, frames, backgrounds), and so is every element
//!   that is known to hold a login code, and all that is in the chats: they are empty frames;
//! - text is made transparent everywhere, so that only the shapes of the page are left. It stays legible only where
//!   neither the driver nor the screen knows of a code or of chats: on a page that is still loading, or that says why
//!   it does not.
//!
//! Then the page is asked for the computed style of every element. Where one is not as it should be, or the page is
//! another one after the capture, there is no picture.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;
use session_core::ClienteId;
use session_core::ports::CallError;

use crate::page::PageLink;
use crate::profile::{make_private, spares::private_file};

/// How long the page may take to hide what is private.
const HIDE: Duration = Duration::from_secs(3);
/// How long the browser may take to draw the picture.
const CAPTURE: Duration = Duration::from_secs(5);
/// How long the page may take to show everything again.
const SHOW: Duration = Duration::from_secs(2);
/// When it does so by itself, should nobody ask it. Longer than the waits above, ms.
const SHOW_BY_ITSELF: u32 = 12_000;
/// How many pictures of a cliente are kept.
const KEPT: usize = 5;

/// Where a login code is.
const CODES: &str =
    "[data-ref],[data-link-code],[data-testid*='link-device' i],[aria-label*='scan' i]";
/// Where chats are. On the picture they are empty frames.
const CHATS: &str = "#side,#pane-side,#main";

const PICTURES: &str = "canvas,img,svg,video,picture,object,embed,iframe,[data-ref],\
    [data-link-code],[data-testid*='link-device' i]";

/// Hides what is private and says how much: `shapes` if text is hidden too, `text` if it is not. Nothing where that did
/// not work. `$…` are values.
const HIDE_SCRIPT: &str = r"(async () => {
  const [key, secret, codes, chats, pictures, until, byItself] = $VALUES;
  const selector = codes + ',' + chats;
  const inside = chats.split(',').map((one) => one + ' > *').join();
  if (Date.now() > until) return;
  const shapes = secret || document.querySelector(selector) !== null;
  const strong = ':not(#_#_)';
  const rule = (selectors, style) => selectors.split(',').map((one) => one + strong).join() + '{' + style + '}';
  const everything = ['', '::before', '::after', '::placeholder', '::marker'].map((part) => '*' + strong + part).join();
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    everything + '{background-image:none!important;transition:none!important;animation:none!important' +
    (shapes ? ';color:transparent!important;-webkit-text-fill-color:transparent!important;' +
      'text-shadow:none!important;-webkit-text-stroke:0!important;text-decoration-color:transparent!important' : '') +
    '}' + rule(pictures, 'visibility:hidden!important;opacity:0!important') +
    rule(inside, 'opacity:0!important') + rule(chats, 'outline:2px solid gray!important'));
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const show = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
  };
  setTimeout(show, byItself);
  const hidden = () => [...document.querySelectorAll('*')].every((element) => {
    const style = getComputedStyle(element);
    return !element.shadowRoot && style.backgroundImage === 'none' &&
      (!shapes || style.webkitTextFillColor === 'rgba(0, 0, 0, 0)') &&
      (!element.matches(pictures) || style.opacity === '0') &&
      (!element.matches(inside) || style.opacity === '0');
  });
  if (!hidden()) return show();
  Object.defineProperty(globalThis, key, { configurable: true, value: () => {
    delete globalThis[key];
    const whole = document.adoptedStyleSheets.includes(sheet) && hidden() &&
      (shapes || document.querySelector(selector) === null);
    show();
    return whole ? 'whole' : undefined;
  } });
  await new Promise((drawn) => {
    setTimeout(drawn, 300);
    requestAnimationFrame(() => requestAnimationFrame(drawn));
  });
  return shapes ? 'shapes' : 'text';
})()";

/// Takes a picture of the page, PNG. `key` is a name that nobody in the page knows.
pub(crate) async fn take(page: &PageLink, key: &str) -> Result<Vec<u8>, CallError> {
    let spoiled = || CallError::Unsupported("what is private could not be hidden".to_owned());
    let before = page.whereabouts();
    let until = now_ms().saturating_add(HIDE.as_millis());
    let values = json!([
        key,
        before.private,
        CODES,
        CHATS,
        PICTURES,
        u64::try_from(until).unwrap_or_default(),
        SHOW_BY_ITSELF
    ]);
    let hide = HIDE_SCRIPT.replacen("$VALUES", &values.to_string(), 1);
    let hidden = page.evaluate(hide, HIDE).await?.ok_or_else(spoiled)?;
    let picture = page.capture(CAPTURE).await;
    let show = format!("globalThis[{}]?.()", json!(key));
    let whole = page.evaluate(show, SHOW).await?;
    let after = page.whereabouts();
    if whole.is_none() || after.loads != before.loads || (after.private && hidden == "text") {
        return Err(spoiled());
    }
    picture
}

/// Writes a picture where only its owner can read it, and forgets the oldest ones of this cliente. Blocks.
pub(crate) fn keep(folder: &Path, cliente: ClienteId, picture: &[u8]) -> io::Result<()> {
    make_private(folder)?;
    let name = format!("{cliente}-{}.png", now_ms());
    private_file(&folder.join(name))?.write_all(picture)?;
    let mut known: Vec<(u64, String)> = fs::read_dir(folder)?
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let (owner, taken) = name.strip_suffix(".png")?.split_once('-')?;
            (owner == cliente.to_string()).then_some(())?;
            Some((taken.parse().ok()?, name))
        })
        .collect();
    known.sort();
    known[..known.len().saturating_sub(KEPT)]
        .iter()
        .try_for_each(|(_, name)| fs::remove_file(folder.join(name)))
}

fn now_ms() -> u128 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_pictures_of_each_cliente_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("diagnostics");
        let cliente = |id: u64| ClienteId::try_from(id).unwrap();
        make_private(&folder).unwrap();
        for name in [
            "1-100.png",
            "1-9.png",
            "1-20.png",
            "1-30.png",
            "1-40.png",
            "11-1.png",
            "1-x.png",
            "notes",
        ] {
            fs::write(folder.join(name), "").unwrap();
        }
        keep(&folder, cliente(1), b"picture").unwrap();
        let mut names: Vec<String> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let newest = names
            .iter()
            .position(|name| name.len() == "1-1234567890123.png".len())
            .unwrap();
        let newest = folder.join(names.remove(newest));
        assert_eq!(
            names,
            [
                "1-100.png",
                "1-20.png",
                "1-30.png",
                "1-40.png",
                "1-x.png",
                "11-1.png",
                "notes"
            ]
        );
        assert_eq!(fs::read(&newest).unwrap(), b"picture");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&newest), 0o600);
            assert_eq!(mode(&folder), 0o700);
        }
    }
}
