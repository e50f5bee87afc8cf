//! The number on the tray's icon, drawn here: a tray knows pictures only.

/// Digits of 3 × 5 dots, a row a number of three bits. The last one is a plus.
const DIGITS: [[u8; 5]; 11] = [
    [7, 5, 5, 5, 7],
    [2, 6, 2, 2, 7],
    [7, 1, 7, 4, 7],
    [7, 1, 7, 1, 7],
    [5, 5, 7, 1, 1],
    [7, 4, 7, 1, 7],
    [7, 4, 7, 5, 7],
    [7, 1, 2, 2, 2],
    [7, 5, 7, 5, 7],
    [7, 5, 7, 1, 7],
    [0, 2, 7, 2, 0],
];
const PLUS: usize = 10;
/// Dark enough for white digits.
const RED: [u8; 4] = [0xc6, 0x28, 0x28, 0xff];
/// Sets the badge off, on light panels and on dark ones.
const WHITE: [u8; 4] = [0xff; 4];

/// The picture with the count in its lower right corner: red with a white rim. Nothing is drawn for 0; from ten on it
/// says "9+". `rgba` is a row after a row, four bytes a dot.
pub(crate) fn draw(rgba: &mut [u8], width: usize, height: usize, count: usize) {
    if count == 0 || width < 16 || height < 16 || rgba.len() < width * height * 4 {
        return;
    }
    let glyphs: &[usize] = match count {
        1..=9 => &[count],
        _ => &[9, PLUS],
    };
    // A dot of a digit: of a picture of 32 dots, two.
    let dot = (width.min(height) / 16).max(1);
    let text = glyphs.len() * 4 * dot - dot;
    let radius = usize::midpoint(text.max(5 * dot), 5 * dot);
    let (right, bottom) = (width, height);
    let (x0, y0) = (
        right.saturating_sub(2 * radius),
        bottom.saturating_sub(2 * radius),
    );
    for y in y0..bottom {
        for x in x0..right {
            // Twice the distance from the middle, so that all stays whole.
            let far = |at: usize, from: usize| (2 * (at - from) + 1).abs_diff(2 * radius);
            let (dx, dy) = (far(x, x0), far(y, y0));
            let square = dx * dx + dy * dy;
            if square <= (2 * radius - 2 * dot).pow(2) {
                put(rgba, width, x, y, RED);
            } else if square <= (2 * radius).pow(2) {
                put(rgba, width, x, y, WHITE);
            }
        }
    }
    let (left, top) = (x0 + radius - text / 2, y0 + radius - 5 * dot / 2);
    for (place, glyph) in glyphs.iter().enumerate() {
        for (row, bits) in DIGITS[*glyph].iter().enumerate() {
            for column in (0..3).filter(|column| bits & (4 >> column) != 0) {
                for (y, x) in (0..dot * dot).map(|at| (at / dot, at % dot)) {
                    let x = left + (place * 4 + column) * dot + x;
                    put(rgba, width, x, top + row * dot + y, WHITE);
                }
            }
        }
    }
}

fn put(rgba: &mut [u8], width: usize, x: usize, y: usize, color: [u8; 4]) {
    let at = (y * width + x) * 4;
    if x < width
        && let Some(place) = rgba.get_mut(at..at + 4)
    {
        place.copy_from_slice(&color);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(side: usize, count: usize) -> Vec<u8> {
        let mut rgba = vec![0; side * side * 4];
        draw(&mut rgba, side, side, count);
        rgba
    }

    #[test]
    fn every_count_looks_different_and_none_leaves_the_icon_alone() {
        for side in [22, 32, 64] {
            assert!(drawn(side, 0).iter().all(|byte| *byte == 0));
            let pictures: Vec<_> = (1..=10).map(|count| drawn(side, count)).collect();
            for (index, picture) in pictures.iter().enumerate() {
                assert!(!pictures[..index].contains(picture), "{side}: {index}");
                let red = picture.chunks(4).filter(|dot| *dot == RED).count();
                let white = picture.chunks(4).filter(|dot| *dot == WHITE).count();
                assert!(red > 30 && white > 20, "{side}: {red} {white}");
                // The upper left, by which the program is known, stays.
                assert_eq!(picture[..4], [0; 4]);
            }
            assert_eq!(drawn(side, 10), drawn(side, 400));
        }
    }

    #[test]
    fn a_picture_too_small_or_cut_off_is_left_alone() {
        let mut short = vec![0; 40];
        draw(&mut short, 32, 32, 3);
        assert!(short.iter().all(|byte| *byte == 0));
        assert!(drawn(8, 3).iter().all(|byte| *byte == 0));
    }
}
