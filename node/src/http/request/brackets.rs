//! The brackets of JSON, without reading it.

/// Every opening bracket outside of strings, and how deep it leads.
pub(super) fn brackets(body: &[u8]) -> impl Iterator<Item = (u8, usize)> + '_ {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    body.iter().filter_map(move |byte| {
        match (quoted, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => quoted = !quoted,
            (false, b'[' | b'{') => {
                depth += 1;
                return Some((*byte, depth));
            }
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_of_strings() {
        for (text, want) in [("", 0), ("{}", 1), ("[[[", 3), (r#"{"a[[":"\"[["}"#, 1), ("[{}, {}, []]", 2)] {
            let deepest = brackets(text.as_bytes()).map(|(_, depth)| depth).max();
            assert_eq!(deepest.unwrap_or(0), want, "{text}");
        }
    }
}
