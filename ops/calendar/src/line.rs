//! Content lines: unfolding, and the grammar of `NAME;PARAMETER=VALUE:VALUE` (RFC 5545, 3.1).

use std::str;

use crate::Fault;

/// One content line, unfolded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Where it begins in the file, from 1.
    pub(crate) number: usize,
    /// The property, in capitals.
    pub(crate) name: String,
    /// Its parameters: names in capitals, values without quotes.
    pub(crate) parameters: Vec<(String, String)>,
    /// All that follows the colon, escapes untouched.
    pub(crate) value: String,
}

/// A line that cannot be read. Whether that matters is for those to say who know which lines they need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slip {
    /// The property that it seems to be, in capitals.
    pub(crate) name: String,
    pub(crate) fault: Fault,
}

impl Line {
    /// The value of a parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Something is wrong here.
    pub(crate) fn fault(&self, problem: impl Into<String>) -> Fault {
        Fault::new(self.number, problem)
    }
}

/// The content lines of a file: a byte order mark and blank lines do not matter, nor whether lines end in CRLF or LF.
pub(crate) fn lines(bytes: &[u8]) -> impl Iterator<Item = Result<Line, Slip>> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut physical = bytes
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .zip(1..)
        .peekable();
    std::iter::from_fn(move || {
        let (first, number) = physical.by_ref().find(|(line, _)| !line.is_empty())?;
        // Unfolded as bytes: a fold may split a character.
        let mut whole = first.to_vec();
        while let Some((continued, _)) = physical.next_if(|(line, _)| is_continuation(line)) {
            whole.extend_from_slice(&continued[1..]);
        }
        Some(if is_continuation(first) {
            let problem = "a line that begins with a blank continues the one before, and there is none";
            Err(Slip { name: String::new(), fault: Fault::new(number, problem) })
        } else {
            parse(&whole, number)
                .map_err(|problem| Slip { name: seeming_name(&whole), fault: Fault::new(number, problem) })
        })
    })
}

fn is_continuation(line: &[u8]) -> bool {
    matches!(line.first(), Some(b' ' | b'\t'))
}

/// What a line begins with that could be a name.
fn seeming_name(whole: &[u8]) -> String {
    let name = whole.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-');
    name.map(|byte| char::from(byte.to_ascii_uppercase())).collect()
}

/// Takes an unfolded line apart.
fn parse(whole: &[u8], number: usize) -> Result<Line, String> {
    let text = str::from_utf8(whole).map_err(|_not_utf8| "the line is not UTF-8")?;
    if text.chars().any(|char| char.is_control() && char != '\t') {
        return Err("the line has a control character".to_owned());
    }
    let end = text
        .find([';', ':'])
        .ok_or("there is no colon, so this is no property (perhaps a folded line that lost its blank)")?;
    let name = text[..end].to_ascii_uppercase();
    if !is_name(&name) {
        return Err(format!("{:?} is no name of a property", &text[..end]));
    }
    let mut parameters = Vec::new();
    let mut rest = &text[end..];
    while let Some(parameter) = rest.strip_prefix(';') {
        let (name, value) = parameter.split_once('=').ok_or("a parameter has no \"=\"")?;
        if !is_name(name) {
            return Err(format!("{name:?} is no name of a parameter"));
        }
        let end = end_of_parameter(value).ok_or("a parameter does not end, or a quote is open")?;
        parameters.push((name.to_ascii_uppercase(), value[..end].replace('"', "")));
        rest = &value[end..];
    }
    let value = rest.strip_prefix(':').unwrap_or(rest).to_owned();
    Ok(Line { number, name, parameters, value })
}

/// Where the value of a parameter ends: at the first `;` or `:` that is not in quotes.
fn end_of_parameter(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.find(|char| {
        quoted ^= char == '"';
        !quoted && matches!(char, ';' | ':')
    })
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
