//! Makes what was built of the pages (`pages/dist`, by `pages/build.mjs`) a part of the node: a table of assets, with what each is when
//! it is packed. Where nothing was built, the table is empty, and each page says so.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("pages");
    let (dist, target) = (folder.join("dist"), PathBuf::from(env::var("OUT_DIR")?).join("assets.rs"));
    let table = dist.join("table.json");
    let is_built = table.exists();
    // Every name has a hash of what is in it: where the table is the same, all of it is.
    println!("cargo::rerun-if-changed={}", if is_built { &table } else { &folder }.display());
    println!("cargo::rerun-if-changed=build.rs");
    let assets = if is_built { assets(&dist, &fs::read(&table)?)? } else { String::new() };
    let text = format!("pub(super) static BUILT: &[Asset] = &[{assets}];\n");
    if fs::read_to_string(&target).ok().as_ref() != Some(&text) {
        fs::write(target, text)?;
    }
    Ok(())
}

/// The rows of the table, as an expression of Rust.
fn assets(dist: &Path, table: &[u8]) -> Result<String, Box<dyn Error>> {
    let table: Value = serde_json::from_slice(table)?;
    let mut rows = String::new();
    for row in table["assets"].as_array().ok_or("the table has no assets")? {
        let text = |value: &Value| value.as_str().map(str::to_owned).ok_or("a row lacks something");
        let bytes = |coding: &str| -> Result<String, Box<dyn Error>> {
            let path = dist.join(text(&row["encodings"][coding])?);
            let path = path.to_str().ok_or("the folder's name is no text")?;
            Ok(format!("include_bytes!({path:?})"))
        };
        let (name, file, media_type) = (text(&row["name"])?, text(&row["file"])?, text(&row["type"])?);
        let (br, gzip, identity) = (bytes("br")?, bytes("gzip")?, bytes("identity")?);
        writeln!(
            rows,
            "Asset {{ name: {name:?}, file: {file:?}, media_type: {media_type:?}, br: {br}, gzip: {gzip}, identity: {identity} }},"
        )?;
    }
    Ok(rows)
}
