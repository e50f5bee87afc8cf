//! What the tray and the system's notifications say. The page's own texts are in `ui/src/lib/i18n`.

use session_api::dto::Language;

/// The texts of one language. `{n}` is a number, `{name}` a cliente, `{names}` several.
pub(crate) struct Texts {
    /// Shows the window.
    pub(crate) open: &'static str,
    /// Above the folders to choose from.
    pub(crate) old_folder: &'static str,
    /// Ends the program.
    pub(crate) quit: &'static str,
    /// Nobody is needed.
    pub(crate) calm: &'static str,
    /// One session needs somebody.
    pub(crate) one_needs: &'static str,
    /// Several do.
    pub(crate) many_need: &'static str,
    /// One is connected again.
    pub(crate) one_ready: &'static str,
    /// Several are.
    pub(crate) many_ready: &'static str,
    /// And some more than those named.
    pub(crate) and_more: &'static str,
    /// A cliente without a name.
    pub(crate) unnamed: &'static str,
    /// A code waits.
    pub(crate) qr: &'static str,
    /// Unlinked.
    pub(crate) unlinked: &'static str,
    /// Banned.
    pub(crate) banned: &'static str,
    /// The login was refused.
    pub(crate) refused: &'static str,
    /// A failure that does not mend itself.
    pub(crate) failed: &'static str,
    /// Connected, and something is wrong.
    pub(crate) doubtful: &'static str,
}

const ES: Texts = Texts {
    open: "Abrir Session Manager",
    old_folder: "Carpeta del otro programa",
    quit: "Salir",
    calm: "Nadie te necesita",
    one_needs: "Una sesión te necesita",
    many_need: "{n} sesiones te necesitan",
    one_ready: "{name} está conectado otra vez",
    many_ready: "{n} sesiones están conectadas otra vez",
    and_more: "{names} y {n} más",
    unnamed: "Cliente {n}",
    qr: "Hay que escanear un código QR.",
    unlinked: "La sesión se cerró en WhatsApp.",
    banned: "WhatsApp bloqueó la cuenta.",
    refused: "WhatsApp rechazó la vinculación.",
    failed: "Falló y no se arregla solo.",
    doubtful: "Está conectado, pero algo no anda bien.",
};

const EN: Texts = Texts {
    open: "Open Session Manager",
    old_folder: "Folder of the other program",
    quit: "Quit",
    calm: "Nobody needs you",
    one_needs: "One session needs you",
    many_need: "{n} sessions need you",
    one_ready: "{name} is connected again",
    many_ready: "{n} sessions are connected again",
    and_more: "{names} and {n} more",
    unnamed: "Cliente {n}",
    qr: "A QR code has to be scanned.",
    unlinked: "The session was closed at WhatsApp.",
    banned: "WhatsApp banned the account.",
    refused: "WhatsApp refused the login.",
    failed: "It failed and does not mend itself.",
    doubtful: "It is connected, but something is wrong.",
};

const PT: Texts = Texts {
    open: "Abrir o Session Manager",
    old_folder: "Pasta do outro programa",
    quit: "Sair",
    calm: "Ninguém precisa de você",
    one_needs: "Uma sessão precisa de você",
    many_need: "{n} sessões precisam de você",
    one_ready: "{name} está conectado de novo",
    many_ready: "{n} sessões estão conectadas de novo",
    and_more: "{names} e mais {n}",
    unnamed: "Cliente {n}",
    qr: "É preciso escanear um código QR.",
    unlinked: "A sessão foi encerrada no WhatsApp.",
    banned: "O WhatsApp bloqueou a conta.",
    refused: "O WhatsApp recusou o login salvo.",
    failed: "Falhou e não se resolve sozinha.",
    doubtful: "Está conectado, mas algo não vai bem.",
};

/// The texts in this language.
pub(crate) const fn texts(language: Language) -> &'static Texts {
    match language {
        Language::Es => &ES,
        Language::En => &EN,
        Language::Pt => &PT,
    }
}

/// The system's language, by the variables that say it; Spanish where they say none that there are texts for.
pub(crate) fn of_the_system() -> Language {
    let said = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(std::env::var_os)
        .find(|value| !value.is_empty());
    match said {
        Some(value) if value.to_string_lossy().starts_with("en") => Language::En,
        Some(value) if value.to_string_lossy().starts_with("pt") => Language::Pt,
        _ => Language::Es,
    }
}

/// Fills a text in.
pub(crate) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, behind)) = after.split_once('}') else {
            rest = &rest[before.len()..];
            break;
        };
        // What nobody gave stays to be seen.
        match values.iter().find(|(given, _)| *given == name) {
            Some((_, value)) => filled.push_str(value),
            None => {
                filled.push('{');
                filled.push_str(name);
                filled.push('}');
            }
        }
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Texts {
        fn all(&self) -> [&'static str; 16] {
            [
                self.open,
                self.old_folder,
                self.quit,
                self.calm,
                self.one_needs,
                self.many_need,
                self.one_ready,
                self.many_ready,
                self.and_more,
                self.unnamed,
                self.qr,
                self.unlinked,
                self.banned,
                self.refused,
                self.failed,
                self.doubtful,
            ]
        }
    }

    fn placeholders(text: &str) -> Vec<&str> {
        let mut found: Vec<_> = text
            .split('{')
            .skip(1)
            .map(|part| part.split('}').next().unwrap())
            .collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn every_language_says_everything_with_the_same_placeholders() {
        for other in [&EN, &PT] {
            for (es, text) in ES.all().into_iter().zip(other.all()) {
                assert!(!es.trim().is_empty() && !text.trim().is_empty());
                assert_eq!(placeholders(es), placeholders(text), "{es} / {text}");
            }
        }
    }

    #[test]
    fn what_is_filled_in_is_not_read_again() {
        assert_eq!(
            fill("{name}: {n}!", &[("name", "{n}"), ("n", "3")]),
            "{n}: 3!"
        );
        assert_eq!(fill("{other} {", &[]), "{other} {");
    }
}
