//! The UI's `wire.ts` is generated from the wire types. The committed file must be what would be generated now.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use session_api::commands;
use session_api::dto::{CommandError, ControlEvent};
use ts_rs::{Config, TS, TypeVisitor};

const HEAD: &str = "// Generated from the wire types in src-tauri/crates/api/src (dto.rs, commands.rs, calls.rs). Do not edit.\n\
                    // To write it anew: UPDATE_WIRE_TYPES=1 cargo test -p session-api --test wire_types\n";

/// Declarations by name: the order depends on nothing but the names.
struct Declarations {
    config: Config,
    found: BTreeMap<String, String>,
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        // Only derived types have a declaration of their own.
        if T::output_path().is_none() {
            return;
        }
        let name = T::ident(&self.config);
        if self.found.contains_key(&name) {
            return;
        }
        let docs = T::docs().unwrap_or_default();
        let declaration = format!("{docs}export {}", T::decl(&self.config));
        self.found.insert(name, tidy(&declaration));
        T::visit_dependencies(self);
    }
}

/// One field a line, and a remark of one line on one line: the generator writes them spread out.
fn tidy(declaration: &str) -> String {
    let mut tidy = String::new();
    let mut remark: Option<Vec<&str>> = None;
    let mut inside = false;
    for line in declaration.lines().map(str::trim) {
        let indent = if inside { "  " } else { "" };
        match (line, remark.as_mut()) {
            ("/**", _) => remark = Some(Vec::new()),
            ("*/", Some(lines)) => {
                let _ = writeln!(tidy, "{indent}/** {} */", lines.join(" "));
                remark = None;
            }
            (line, Some(lines)) => lines.push(line.trim_start_matches("* ")),
            (line, None) => {
                let (line, ends) = match line.strip_suffix(" };") {
                    Some(line) if inside => (line, true),
                    _ => (line, false),
                };
                let _ = writeln!(tidy, "{indent}{line}");
                if ends {
                    tidy.push_str("};\n");
                }
                inside = !ends && (inside || line.ends_with('{'));
            }
        }
    }
    tidy
}

fn generate() -> String {
    let mut types = Declarations {
        config: Config::new(),
        found: BTreeMap::new(),
    };
    // What commands take and answer, and what events carry; the rest follows from these.
    let config = Config::new();
    let commands = commands::typescript(&config, &mut types);
    types.visit::<ControlEvent>();
    types.visit::<CommandError>();
    let mut text = HEAD.to_owned();
    for declaration in types.found.values() {
        text.push('\n');
        text.push_str(declaration);
    }
    text.push('\n');
    text.push_str(&commands);
    text
}

#[test]
fn the_committed_types_are_the_generated_ones() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../ui/src/lib/wire.ts");
    let generated = generate();
    if std::env::var_os("UPDATE_WIRE_TYPES").is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    // A checkout on Windows may have turned the line ends.
    assert!(
        committed.replace("\r\n", "\n") == generated,
        "ui/src/lib/wire.ts is not what the wire types generate now; write it anew with\n    \
         UPDATE_WIRE_TYPES=1 cargo test -p session-api --test wire_types\nand look at the difference"
    );
}

#[test]
fn every_type_is_there() {
    let generated = generate();
    for name in [
        "AccountView",
        "ApiProblem",
        "ApiView",
        "AppView",
        "BrowserActivity",
        "BrowserView",
        "ClienteView",
        "ErrorCode",
        "Language",
        "LoginStep",
        "ProgressView",
        "QrView",
        "Reason",
        "SessionView",
        "SettingsView",
        "Stage",
        "StateName",
        "Theme",
        "Wanted",
    ] {
        assert!(
            generated.contains(&format!("export type {name} = ")),
            "{name}"
        );
    }
    assert!(
        !generated.contains("bigint"),
        "numbers on the wire are JavaScript numbers"
    );
}
