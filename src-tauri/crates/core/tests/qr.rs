//! The drawn QR, read back with another library.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use session_core::{LoginCode, draw};

#[test]
fn the_picture_reads_back_as_the_code_and_has_the_contract_s_size() {
    let text = format!(
        "2@{},{},{},{}",
        "A".repeat(88),
        "B".repeat(44),
        "C".repeat(44),
        "D".repeat(44)
    );
    let url = draw(&LoginCode::new(&text)).unwrap();
    let file = STANDARD
        .decode(url.strip_prefix("data:image/png;base64,").unwrap())
        .unwrap();
    let mut reader = {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
        decoder.set_transformations(png::Transformations::EXPAND);
        decoder.read_info().unwrap()
    };
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((frame.width, frame.height), (300, 300));

    // Version 10 has 57 modules: with two of margin on each side, a module is 300/61 px.
    let white = |from: usize, to: usize| {
        (from..to).all(|y| pixels[y * 300..][..300].iter().all(|&pixel| pixel == 255))
    };
    assert!(
        white(0, 9) && white(291, 300),
        "no quiet zone of two modules"
    );
    assert!(!white(9, 12), "a quiet zone of more than two modules");

    let mut image =
        rqrr::PreparedImage::prepare_from_greyscale(300, 300, |x, y| pixels[y * 300 + x]);
    let grids = image.detect_grids();
    let (_, read) = grids
        .first()
        .expect("no QR in the picture")
        .decode()
        .unwrap();
    assert_eq!(read, text);
}

#[test]
fn a_code_too_long_for_a_qr_is_an_error() {
    assert!(draw(&LoginCode::new(&"x".repeat(5000))).is_err());
}
