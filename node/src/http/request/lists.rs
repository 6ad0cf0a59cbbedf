//! Lists in bodies: where one may stand.

use serde::Serialize;
use serde_json::Value;

use super::brackets::brackets;

/// Whether lists stand in a body only where what was read of it has lists: what serde would take for a struct's fields in order
/// is refused. Most bodies have none.
pub(crate) fn has_its_lists<T: Serialize>(body: &[u8], read: &T) -> bool {
    // That no such byte is there is seen much faster than that it stands in texts alone.
    if !body.contains(&b'[') || !brackets(body).any(|(bracket, _depth)| bracket == b'[') {
        return true;
    }
    let body = serde_json::from_slice::<Value>(body).expect("it was read before");
    let read = serde_json::to_value(read).expect("a body is JSON");
    lists_match(&body, &read)
}

fn lists_match(body: &Value, read: &Value) -> bool {
    match (body, read) {
        (Value::Array(body), Value::Array(read)) => {
            body.iter().zip(read).all(|(body, read)| lists_match(body, read))
        }
        (Value::Array(_), _) => false,
        (Value::Object(body), read) => {
            body.iter().all(|(name, body)| lists_match(body, read.get(name).unwrap_or(&Value::Null)))
        }
        (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_), _) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_stands_for_a_list_and_for_nothing_else() {
        let refused = [
            r#"{"inventory":[]}"#,
            r#"{"policy":[]}"#,
            r#"{"policy":{"waitlist":[7]}}"#,
            r#"{"sale":[null,null]}"#,
        ];
        for text in refused {
            let read = serde_json::from_str::<api::slot::ChangeSlot>(text);
            assert!(!read.is_ok_and(|read| has_its_lists(text.as_bytes(), &read)), "{text}");
        }
        for (text, want) in [
            (r#"{"quantity":1}"#, true),
            (r#"{"seats":["a/[/1","b"]}"#, true),
            (r#"{"seats":[]}"#, true),
            (r#"{"quantity":1,"best":{"categories":["a"],"sections":[]}}"#, true),
            (r#"{"quantity":1,"best":[["a"],"must",0,[]]}"#, false),
            (r#"{"quantity":1,"best":[["a"]]}"#, false),
        ] {
            let read = serde_json::from_str::<api::booking::CreateBooking>(text);
            assert_eq!(read.is_ok_and(|read| has_its_lists(text.as_bytes(), &read)), want, "{text}");
        }
    }
}
