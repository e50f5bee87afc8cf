//! Clientes in the window: added, linked, used, restored.

use fantoccini::Locator;

use crate::desk::Desk;
use crate::desktop::Desktop;
use crate::support::{DEADLINE, Data, no_browser_left, processes_on};

#[tokio::test]
#[ignore = "needs a desktop: scripts/test window"]
async fn a_cliente_is_added_linked_used_and_destroyed_in_the_window() {
    let (desktop, data) = (Desktop::start(), Data::new());
    let desk = Desk::open(&desktop, &data).await;
    desk.see_text("Agrega un cliente").await;
    desk.press("Agregar cliente").await;
    desk.write("Nombre", "Ventas").await;
    desk.press("Agregar").await;

    desk.see_text("QR requerido").await;
    assert!(!processes_on(data.path()).is_empty());
    desk.scan("Ventas").await;
    desk.see_text("Conectado correctamente a WhatsApp").await;

    desk.press("Enviar prueba: Ventas").await;
    desk.write("Número", "+54 9 11 5555-1234").await;
    desk.write("Mensaje", "hola").await;
    desk.press("Enviar").await;
    desk.see_text("WhatsApp aceptó el mensaje").await;
    desk.press("Cerrar").await;

    desk.press("Más acciones de Ventas").await;
    desk.press("Destruir…").await;
    desk.see("dialog[open] input[type=checkbox]")
        .await
        .click()
        .await
        .unwrap();
    desk.press("Destruir y borrar").await;
    desk.see_text("Agrega un cliente").await;
    no_browser_left(&data);
    assert!(
        !data.path().join("profiles/1").exists(),
        "the saved login is still there"
    );
    desk.end(&data).await;
}

#[tokio::test]
#[ignore = "needs a desktop: scripts/test window"]
async fn a_session_is_restored_in_the_window_and_nothing_outlives_it() {
    let (desktop, data) = (Desktop::start(), Data::new());
    let desk = Desk::open(&desktop, &data).await;
    desk.press("Agregar cliente").await;
    desk.press("Agregar").await;
    desk.scan("Cliente 1").await;
    desk.see_text("Conectado correctamente a WhatsApp").await;
    desk.end(&data).await;
    no_browser_left(&data);

    let desk = Desk::open(&desktop, &data).await;
    desk.see_text("Conectado correctamente a WhatsApp").await;
    desk.end(&data).await;
    no_browser_left(&data);
}

#[tokio::test]
#[ignore = "needs a desktop: scripts/test window"]
async fn many_that_are_restored_are_counted_in_the_window() {
    let (desktop, data) = (Desktop::start(), Data::new());
    let desk = Desk::open(&desktop, &data).await;
    for number in 1..=2 {
        desk.press("Agregar cliente").await;
        desk.press("Agregar").await;
        desk.see_text("QR requerido").await;
        let name = format!("Cliente {number}");
        desk.press(&format!("Teléfono simulado: {name}")).await;
        desk.press("Escanear el QR").await;
        let path = format!("//article[@data-id='{number}'][@data-state='READY']");
        let waiting = desk.client.wait().at_most(DEADLINE);
        waiting.for_element(Locator::XPath(&path)).await.unwrap();
    }
    desk.end(&data).await;
    no_browser_left(&data);
    let desk = Desk::open(&desktop, &data).await;
    desk.see_text("2 listas").await;
    desk.end(&data).await;
    no_browser_left(&data);
}
