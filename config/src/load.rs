//! Lays the layers over each other and remembers where every value came from.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use figment::error::Kind;
use figment::providers::{Format, Toml};
use figment::util::nest;
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};

use crate::error::Error;
use crate::sections::Config;

/// What the name of every variable begins with.
const VARIABLE_PREFIX: &str = "BOXOFFICE_";
/// What joins a section and its key in the name of a variable.
const VARIABLE_JOINT: &str = "__";
/// The sections in the order of the manual.
const SECTIONS: [&str; 5] = ["node", "listen", "cluster", "auth", "rate_limit"];

/// What the flags of the command line decide over everything else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `node.data`.
    pub data: Option<PathBuf>,
    /// `listen.client`.
    pub client: Option<SocketAddr>,
    /// `listen.admin`.
    pub admin: Option<SocketAddr>,
    /// `listen.peer`.
    pub peer: Option<SocketAddr>,
}

/// A configuration that was checked, and where it came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What is in force. Relative key files have become paths that start at the folder of the file that names them.
    pub config: Config,
    layers: Figment,
}

/// One value that is in force, for a person to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The key with its section: `listen.client`; `auth.keys.0.id` for a key's.
    pub key: String,
    /// The value as TOML would write it; `none` where there is none.
    pub value: String,
    /// Where it came from: `default`, a file, a variable, or `flag`.
    pub source: String,
}

impl Config {
    /// Loads the defaults, then `file`, then the environment of this process, then `overrides`, and checks the whole.
    ///
    /// Without a file, only the environment and the flags can give the key that is needed.
    pub fn load(file: Option<&Path>, overrides: &Overrides) -> Result<Loaded, Error> {
        Self::load_with(file, env::vars_os(), overrides)
    }

    /// [`Config::load`] with these `variables` for the environment.
    pub fn load_with(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
        overrides: &Overrides,
    ) -> Result<Loaded, Error> {
        let mut layers = Figment::from(Layer::defaults()?);
        if let Some(path) = file {
            // figment takes a file that is not there for an empty one.
            fs::File::open(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
            layers = layers.merge(Toml::file_exact(path));
        }
        for variable in Layer::variables(variables)? {
            layers = layers.merge(variable);
        }
        layers = layers.merge(Layer::flags(overrides)?);
        let mut config: Config = layers.extract().map_err(|error| Error::from_figment(&error))?;
        config.check()?;
        if let Some(folder) = key_folder(&layers) {
            for key in &mut config.auth.keys {
                for path in [&mut key.secret_file, &mut key.jwks_file].into_iter().flatten() {
                    *path = folder.join(&path);
                }
            }
        }
        Ok(Loaded { config, layers })
    }
}

impl Loaded {
    /// Every value that is in force and where it came from, in the order of the manual.
    ///
    /// There is no secret among them: a configuration only names the files that hold one.
    #[must_use]
    pub fn explain(&self) -> Vec<Setting> {
        let mut settings = Vec::new();
        for section in SECTIONS {
            if let Ok(value) = self.layers.find_value(section) {
                self.explain_value(section.to_owned(), &value, &mut settings);
            }
        }
        settings
    }

    fn explain_value(&self, key: String, value: &Value, settings: &mut Vec<Setting>) {
        if let Value::Dict(_, dict) = value {
            for (name, inner) in dict {
                self.explain_value(format!("{key}.{name}"), inner, settings);
            }
        } else if let Value::Array(_, items) = value
            && items.iter().any(|item| item.as_dict().is_some())
        {
            for (position, inner) in items.iter().enumerate() {
                self.explain_value(format!("{key}.{position}"), inner, settings);
            }
        } else {
            let source = self.layers.get_metadata(value.tag()).map_or_else(String::new, place);
            settings.push(Setting { key, value: shown(value), source });
        }
    }
}

/// One layer that is not a file: what it is called, and what it says.
struct Layer {
    name: String,
    values: Dict,
}

impl Layer {
    fn defaults() -> Result<Self, Error> {
        let values = Value::serialize(Config::default()).map_err(|error| Error::from_figment(&error))?;
        Ok(Self { name: "default".to_owned(), values: values.into_dict().unwrap_or_default() })
    }

    /// A layer for each variable, so that each is named where it is at fault.
    fn variables(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Result<Vec<Self>, Error> {
        let known = known_variables()?;
        let mut layers = Vec::new();
        for (name, value) in variables {
            let Some(name) = name.to_str() else { continue };
            let Some(path) = name.strip_prefix(VARIABLE_PREFIX) else { continue };
            if !path.contains(VARIABLE_JOINT) {
                // Not a setting: the log filter is none, and orchestrators put their own beside it. Close is refused.
                match known.iter().find(|known| known.replace(VARIABLE_JOINT, "_") == name) {
                    Some(meant) => return Err(Error::Variable { found: name.into(), meant: meant.clone() }),
                    None => continue,
                }
            }
            let value = value.to_str().ok_or_else(|| Error::NotUnicode(name.to_owned()))?;
            let Ok(value): Result<Value, _> = value.parse();
            let path = path.to_ascii_lowercase().replace(VARIABLE_JOINT, ".");
            layers.push(Self {
                name: name.to_owned(),
                values: nest(&path, value).into_dict().unwrap_or_default(),
            });
        }
        Ok(layers)
    }

    fn flags(overrides: &Overrides) -> Result<Self, Error> {
        let Overrides { data, client, admin, peer } = overrides;
        let mut node = Dict::new();
        if let Some(data) = data {
            node.insert(
                "data".to_owned(),
                Value::serialize(data).map_err(|error| Error::from_figment(&error))?,
            );
        }
        let mut listen = Dict::new();
        for (key, address) in [("client", client), ("admin", admin), ("peer", peer)] {
            if let Some(address) = address {
                listen.insert(key.to_owned(), Value::from(address.to_string()));
            }
        }
        let values = [("node".to_owned(), node.into()), ("listen".to_owned(), listen.into())].into();
        Ok(Self { name: "flag".to_owned(), values })
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok([(Profile::Default, self.values.clone())].into())
    }
}

impl Error {
    /// The first fault that figment found, with the key and the place, and without its profiles.
    fn from_figment(error: &figment::Error) -> Self {
        let place = error.metadata.as_ref().map_or_else(|| "the configuration".to_owned(), place);
        let mut path = error.path.clone();
        let fault = if let Kind::UnknownField(name, known) = &error.kind {
            if path.last() != Some(name) {
                path.push(name.clone());
            }
            format!("unknown key; known are {}", known.join(", "))
        } else if let Kind::UnknownVariant(name, known) = &error.kind {
            format!("unknown value {name:?}; known are {}", known.join(", "))
        } else {
            error.kind.to_string()
        };
        let reason = if path.is_empty() { fault } else { format!("{}: {fault}", path.join(".")) };
        Self::Layer { reason, place }
    }
}

/// The variable of every key that has a default, `auth.keys` among them.
fn known_variables() -> Result<Vec<String>, Error> {
    let mut known = Vec::new();
    for (section, keys) in Layer::defaults()?.values {
        for key in keys.as_dict().into_iter().flat_map(Map::keys) {
            let variable = format!("{section}{VARIABLE_JOINT}{key}").to_ascii_uppercase();
            known.push(format!("{VARIABLE_PREFIX}{variable}"));
        }
    }
    Ok(known)
}

/// The folder of the file that names the keys; none where a variable does.
fn key_folder(layers: &Figment) -> Option<PathBuf> {
    let keys = layers.find_value("auth.keys").ok()?;
    let file = layers.get_metadata(keys.tag())?.source.as_ref()?.file_path()?;
    Some(file.parent()?.to_owned())
}

/// A layer as a person knows it.
fn place(metadata: &Metadata) -> String {
    match metadata.source.as_ref().and_then(figment::Source::file_path) {
        Some(path) => path.display().to_string(),
        None => metadata.name.to_string(),
    }
}

/// A value that is no table, as TOML would write it.
fn shown(value: &Value) -> String {
    match value {
        Value::String(_, text) => format!("{text:?}"),
        Value::Char(_, one) => format!("{:?}", one.to_string()),
        Value::Bool(_, flag) => flag.to_string(),
        Value::Num(_, number) => match (number.to_u128(), number.to_i128()) {
            (Some(unsigned), _) => unsigned.to_string(),
            (None, Some(signed)) => signed.to_string(),
            (None, None) => number.to_f64().unwrap_or_default().to_string(),
        },
        Value::Empty(..) => "none".to_owned(),
        Value::Dict(_, dict) => {
            let inner: Vec<String> =
                dict.iter().map(|(key, value)| format!("{key} = {}", shown(value))).collect();
            format!("{{ {} }}", inner.join(", "))
        }
        Value::Array(_, items) => {
            let inner: Vec<String> = items.iter().map(shown).collect();
            format!("[{}]", inner.join(", "))
        }
    }
}
