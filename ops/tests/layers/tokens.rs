//! Source as tokens: names, `::`, and single signs. Comments and literals are left out, since nothing is taken there.

/// One token, and its line from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) text: &'a str,
    pub(crate) line: usize,
}

impl Token<'_> {
    pub(crate) fn is_name(&self) -> bool {
        self.text.starts_with(|char: char| char.is_alphabetic() || char == '_')
    }
}

/// All tokens of a source.
pub(crate) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let (mut rest, mut line) = (source, 1);
    while let Some(first) = rest.chars().next() {
        let (len, is_token) = next(rest, first);
        let (text, after) = rest.split_at(len);
        if is_token {
            found.push(Token { text, line });
        }
        line += text.matches('\n').count();
        rest = after;
    }
    found
}

/// How long the next piece of source is, and whether it is a token.
fn next(rest: &str, first: char) -> (usize, bool) {
    if first.is_whitespace() {
        return (first.len_utf8(), false);
    }
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), false);
    }
    if rest.starts_with("/*") {
        return (block_comment(rest), false);
    }
    if let Some(len) = literal(rest) {
        return (len, false);
    }
    if first.is_alphabetic() || first == '_' {
        return (name_len(rest), true);
    }
    if first.is_ascii_digit() {
        return (name_len(rest), false);
    }
    if rest.starts_with("::") { (2, true) } else { (first.len_utf8(), true) }
}

fn name_len(rest: &str) -> usize {
    rest.find(|char: char| !(char.is_alphanumeric() || char == '_')).unwrap_or(rest.len())
}

/// Block comments are nested.
fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        let here = &rest.as_bytes()[at..];
        if here.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if here.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
        } else {
            at += 1;
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// How long a text, a character or a lifetime is that begins here, if one does.
fn literal(rest: &str) -> Option<usize> {
    let bare = rest.trim_start_matches(['b', 'c']);
    let prefix = rest.len() - bare.len();
    if prefix > 1 {
        return None;
    }
    if let Some(raw) = bare.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let text = raw.get(hashes..)?.strip_prefix('"')?;
        let end = format!("\"{}", "#".repeat(hashes));
        return Some(prefix + 1 + hashes + 1 + text.find(&end)? + end.len());
    }
    if let Some(text) = bare.strip_prefix('"') {
        return Some(prefix + 1 + closing(text, b'"')? + 1);
    }
    let quoted = bare.strip_prefix('\'')?;
    let mut chars = quoted.chars();
    let is_char = chars.next() == Some('\\') || chars.next() == Some('\'');
    Some(prefix + 1 + if is_char { closing(quoted, b'\'')? + 1 } else { name_len(quoted) })
}

/// Where a quote closes that is not escaped.
fn closing(text: &str, quote: u8) -> Option<usize> {
    let mut is_escaped = false;
    text.bytes().position(|byte| {
        let closes = byte == quote && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        closes
    })
}

#[test]
fn what_is_no_code_is_left_out() {
    for (source, want) in [
        ("a::b // c\n /* d /* e */ f */ g", &["a", "::", "b", "g"][..]),
        (
            r##"a("b \" c", r#"d " e"#, b"f", 'g', '\'', b'\\', h)"##,
            &["a", "(", ",", ",", ",", ",", ",", ",", "h", ")"],
        ),
        ("fn a<'b>(c: &'b D) -> 0x1f", &["fn", "a", "<", ">", "(", "c", ":", "&", "D", ")", "-", ">"]),
        ("bracket r cr rest", &["bracket", "r", "cr", "rest"]),
    ] {
        let found: Vec<_> = tokens(source).into_iter().map(|token| token.text).collect();
        assert_eq!(found, want, "{source}");
    }
    let lines: Vec<_> = tokens("a\n\"b\nc\"\nd").into_iter().map(|token| token.line).collect();
    assert_eq!(lines, [1, 4]);
}
