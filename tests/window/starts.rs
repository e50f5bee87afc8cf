//! A start while the program runs.

use crate::desk::{Desk, program_on, start_again};
use crate::desktop::Desktop;
use crate::support::Data;

#[tokio::test]
#[ignore = "needs a desktop: scripts/test window"]
async fn a_second_start_shows_the_first_and_ends() {
    let (desktop, data) = (Desktop::start(), Data::new());
    let desk = Desk::open(&desktop, &data).await;
    desk.see_text("Agrega un cliente").await;
    let second = start_again(&desktop, &data, &[]);
    assert!(second.status.success(), "{second:?}");
    let first = program_on(&data).unwrap();
    assert!(
        String::from_utf8_lossy(&second.stderr).contains(&format!("process {first}")),
        "{second:?}"
    );
    // It is there, and it answers.
    desk.press("Agregar cliente").await;
    desk.end(&data).await;
}

#[tokio::test]
#[ignore = "needs a desktop: scripts/test window"]
async fn a_second_start_by_the_system_leaves_the_window_as_it_is() {
    let (desktop, data) = (Desktop::start(), Data::new());
    let desk = Desk::open(&desktop, &data).await;
    desk.see_text("Agrega un cliente").await;
    let second = start_again(&desktop, &data, &["--minimized"]);
    assert!(second.status.success(), "{second:?}");
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(said.contains("stays as it is"), "{said}");
    desk.press("Agregar cliente").await;
    desk.end(&data).await;
}
