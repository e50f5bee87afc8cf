//! The login code and its picture.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use qrcode::{EcLevel, QrCode};

/// What a QR says: whoever has it can link the account to a device, so it never prints.
#[derive(Clone, PartialEq, Eq)]
pub struct LoginCode(Arc<str>);

impl LoginCode {
    /// Wraps a code as the page gave it.
    pub fn new(code: &str) -> Self {
        Self(code.into())
    }

    /// The code itself. Never for a log.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LoginCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<login code>")
    }
}

/// A QR could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum QrError {
    /// The code does not fit into a QR.
    #[error("encode the QR: {0}")]
    Encode(#[from] qrcode::types::QrError),
    /// The picture could not be written.
    #[error("write the QR as PNG: {0}")]
    Png(#[from] png::EncodingError),
}

/// Side of the picture, px. Contract.
const SIDE: usize = 300;
/// Quiet zone, modules. Contract.
const MARGIN: usize = 2;

/// Draws a code as a PNG data URL: 300 px, level M, margin 2, one grey bit per pixel.
pub fn draw(code: &LoginCode) -> Result<Arc<str>, QrError> {
    let qr = QrCode::with_error_correction_level(code.reveal(), EcLevel::M)?;
    let modules = qr.width();
    let across = modules + 2 * MARGIN;
    // The largest QR has 177 modules, so every module gets at least one pixel.
    let side = SIDE;
    let row_bytes = side.div_ceil(8);
    let mut pixels = vec![0xff_u8; row_bytes * side];
    for y in 0..side {
        for x in 0..side {
            let (column, row) = (x * across / side, y * across / side);
            let inside = |at: usize| (MARGIN..MARGIN + modules).contains(&at);
            if inside(column)
                && inside(row)
                && qr[(column - MARGIN, row - MARGIN)] == qrcode::Color::Dark
            {
                pixels[y * row_bytes + x / 8] &= !(0x80 >> (x % 8));
            }
        }
    }

    let side = u32::try_from(side).unwrap_or(u32::MAX);
    let mut file = Vec::with_capacity(4096);
    let mut encoder = png::Encoder::new(&mut file, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(format!("data:image/png;base64,{}", STANDARD.encode(&file)).into())
}
