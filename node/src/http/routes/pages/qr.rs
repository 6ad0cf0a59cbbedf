//! A code that a camera reads, drawn into the page itself: nothing need be fetched, and it prints.

use std::fmt::Write as _;

use maud::{Markup, html};
use qrcode::{Color, EcLevel, QrCode};

/// What stays empty around it, in modules (ISO/IEC 18004).
const QUIET: usize = 4;

/// The code of a text, with what it is for who cannot see it; none where the text is too long for one.
pub(super) fn code(text: &str, label: &str) -> Option<Markup> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let (width, colors) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (y, row) in colors.chunks(width).enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
            write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET).expect("a text takes it");
        }
    }
    let side = width + 2 * QUIET;
    let view = format!("0 0 {side} {side}");
    Some(html! {
        svg class="qr" role="img" aria-label=(label) viewBox=(view) width="192" height="192" shape-rendering="crispEdges" {
            rect width="100%" height="100%" fill="#fff" {}
            path d=(path) fill="#000" {}
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_drawn_without_anything_that_a_policy_forbids() {
        let drawn = code("7Q4K2M9D bkg_x", "a \"code\"").expect("it is short").into_string();
        assert!(
            drawn.starts_with("<svg class=\"qr\" role=\"img\" aria-label=\"a &quot;code&quot;\""),
            "{drawn}"
        );
        assert!(!drawn.contains("style") && !drawn.contains("<script"), "{drawn}");
        // The corner of the first finder: seven dark modules side by side.
        assert!((4..11).all(|x| drawn.contains(&format!("M{x} 4h1v1h-1z"))), "{drawn}");
        assert!(code(&"x".repeat(9_000), "").is_none());
    }
}
