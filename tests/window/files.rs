//! Files and folders of the person, by way of the system's own dialogs.

use std::fs;

use fantoccini::Locator;
use serde_json::json;

use crate::desk::{Desk, program_on};
use crate::desktop::{Desktop, ENTER, ESCAPE, Stand};
use crate::panel::Panel;
use crate::support::{Data, wait_for};

const FOLDERS: &str = "Carpeta del otro programa";
const MENU: &str = "Menú del programa";
const CHOOSE: &str = "Elegir carpeta…";

#[tokio::test]
#[ignore = "needs a desktop: scripts/test window"]
async fn a_folder_of_another_program_is_chosen_in_the_dialog_of_the_system() {
    let (desktop, data) = (Desktop::start(), Data::new());
    let panel = Panel::start(desktop.bus());
    let old = data.path().join("Otro programa");
    fs::create_dir_all(&old).unwrap();
    let desk = Desk::open(&desktop, &data).await;
    desk.press("Traer sesiones de otro programa…").await;
    desk.press(CHOOSE).await;
    desktop.see(FOLDERS, Stand::InFront);
    desktop.strike(&[ESCAPE]);
    desktop.see(FOLDERS, Stand::Nowhere);

    desk.press(CHOOSE).await;
    desktop.see(FOLDERS, Stand::InFront);
    // The first letter turns the list into a field, which takes a moment.
    desktop.write("/");
    desktop.stands_still();
    desktop.write(&old.display().to_string()[1..]);
    desktop.strike(&[ENTER]);
    desktop.see(FOLDERS, Stand::Nowhere);
    desk.see_text("En esta carpeta no hay sesiones").await;
    let field = Locator::XPath("//dialog[@open]//input[not(@type='checkbox')]");
    let field = desk.client.find(field).await.unwrap();
    let written = field.prop("value").await.unwrap();
    assert_eq!(written, Some(old.display().to_string()));

    // A dialog that is open keeps nobody from ending the program.
    desk.press(CHOOSE).await;
    desktop.see(FOLDERS, Stand::InFront);
    panel.press("Salir");
    wait_for("the program to end", || {
        program_on(&data).is_none().then_some(())
    });
}

#[tokio::test]
#[ignore = "needs a desktop: scripts/test window"]
async fn clientes_that_are_exported_are_a_new_file_among_the_downloads() {
    let (desktop, data) = (Desktop::start(), Data::new());
    let downloads = data.path().join("Descargas");
    fs::create_dir_all(data.path().join("no-config")).unwrap();
    let places = format!("XDG_DOWNLOAD_DIR=\"{}\"\n", downloads.display());
    fs::write(data.path().join("no-config/user-dirs.dirs"), places).unwrap();
    let desk = Desk::open(&desktop, &data).await;
    let new = json!({ "id": 7, "name": "Señal; y \"más\"", "note": "", "start": false });
    desk.command("add_cliente", new).await;
    desk.see("article").await;
    for count in 1..=2 {
        desk.press(MENU).await;
        desk.press("Exportar clientes…").await;
        desk.press("Exportar 1").await;
        let files = wait_for("the file", || {
            let all = fs::read_dir(&downloads).ok()?;
            let files: Vec<_> = all.map(|it| it.unwrap().path()).collect();
            (files.len() == count).then_some(files)
        });
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            assert!(
                text.contains("7;\"Señal; y \"\"más\"\"\""),
                "{file:?}: {text}"
            );
        }
    }
    desk.end(&data).await;
}
