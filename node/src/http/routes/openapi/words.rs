//! What the types do not say of the words.
//!
//! A request may leave out what has a default, and an answer shows everything and may get more: where both have the same type, the
//! document has two schemas of it, `Policy` as answers show it and `NewPolicy` as it may be wished for. What a merge patch leaves out stays as it is,
//! and has no default. A list refers to what it is a list of.

use utoipa::openapi::schema::{Object, Schema};
use utoipa::openapi::{OpenApi, Ref, RefOr};

/// What answers show whole and may add to, and what a request may leave parts of out and not add to.
const SHOWN: [&str; 10] =
    ["Inventory", "Line", "Policy", "Price", "Product", "Quota", "Sale", "Seats", "Units", "Waitlist"];
/// The requests that have it.
const ASKING: [&str; 4] = ["ChangeQuantity", "ChangeSlot", "CreateBooking", "CreateSlot"];
/// What the names of merge patches begin with.
const CHANGES: &str = "Change";
/// Lists, and of what they are.
const LISTS: [(&str, &str); 2] = [("List_Slot", "Slot"), ("List_Booking", "Booking")];

/// Says of the document's words what their types do not.
pub(crate) fn complete(document: &mut OpenApi) {
    let schemas = &mut document.components.as_mut().expect("there are words").schemas;
    let named = SHOWN.map(|name| (name, format!("New{name}")));
    for (name, wish) in named.into_iter().chain(ASKING.map(|name| (name, name.to_owned()))) {
        let wished = of_wishes(schemas.get(name).expect("a word of the contract"));
        schemas.insert(wish, wished);
    }
    for (name, schema) in schemas.iter_mut() {
        let RefOr::T(Schema::Object(schema)) = schema else { continue };
        let is_shown = SHOWN.contains(&name.as_str());
        if is_shown {
            schema.required = schema.properties.keys().cloned().collect();
            schema.additional_properties = None;
        }
        if is_shown || name.starts_with(CHANGES) {
            schema.properties.values_mut().for_each(forget_default);
        }
        let item = LISTS.iter().find(|(list, _)| list == name);
        if let (Some((_, item)), Some(RefOr::T(Schema::Array(items)))) =
            (item, schema.properties.get_mut("items"))
        {
            items.items = Ref::from_schema_name(*item).into();
        }
    }
}

/// The same schema, but that it refers to wishes.
fn of_wishes(schema: &RefOr<Schema>) -> RefOr<Schema> {
    let mut text = serde_json::to_string(schema).expect("a schema is JSON");
    for name in SHOWN {
        let [shown, wish] = ["", "New"].map(|prefix| format!("\"#/components/schemas/{prefix}{name}\""));
        text = text.replace(&shown, &wish);
    }
    serde_json::from_str(&text).expect("it was a schema")
}

fn forget_default(schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::Ref(reference) => reference.default = None,
        RefOr::T(Schema::Object(Object { default, .. })) => *default = None,
        RefOr::T(Schema::OneOf(one)) => one.default = None,
        RefOr::T(Schema::AllOf(all)) => all.default = None,
        RefOr::T(_) => {}
    }
}
