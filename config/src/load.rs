//! Lays the layers over each other and remembers where every value came from.

use std::collections::BTreeMap;
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
use crate::sections::{Config, Listen, PeerTls, Tls};

/// What the name of every variable begins with.
const VARIABLE_PREFIX: &str = "BOXOFFICE_";
/// What joins a section and its key in the name of a variable.
const VARIABLE_JOINT: &str = "__";
/// The sections in the order of the manual.
const SECTIONS: [&str; 6] = ["node", "listen", "cluster", "auth", "rate_limit", "limits"];

/// What stands between the name of a list of tables and a key of its first one.
const LISTED: &str = ".0.";

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
    /// What is in force. Relative files of keys and certificates have become paths that start at the folder of the file that
    /// names them.
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
    /// Whether a setting may be another one while the node runs; all others take a restart.
    #[must_use]
    pub fn changes_at_once(setting: &str) -> bool {
        ["rate_limit.", "auth.keys."].iter().any(|begin| setting.starts_with(begin))
            || ["listen.cors_origins", "listen.trusted_proxies"].contains(&setting)
    }

    /// Loads the defaults, then `file`, then the environment of this process, then `overrides`, and checks the whole.
    ///
    /// Without a file, only the environment and the flags can give the key that is needed.
    pub fn load(file: Option<&Path>, overrides: &Overrides) -> Result<Loaded, Error> {
        Self::load_with(file, env::vars_os(), overrides)
    }

    /// The name of every setting that there is, in the order of the manual: `listen.client`; `auth.keys.0.id` for a key's.
    #[must_use]
    pub fn settings() -> Vec<String> {
        let full = Value::serialize(Self::full()).expect("a configuration is what figment takes");
        let tables = full.into_dict().unwrap_or_default();
        let mut settings = Vec::new();
        for (section, value) in SECTIONS.iter().filter_map(|section| tables.get_key_value(*section)) {
            each_leaf(section.clone(), value, &mut |setting, _value| settings.push(setting));
        }
        assert_eq!(tables.len(), SECTIONS.len(), "a section is not in the order of the manual");
        settings
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
        if let Some(folder) = folder(&layers, "auth.keys") {
            for key in &mut config.auth.keys {
                for path in [&mut key.secret_file, &mut key.jwks_file].into_iter().flatten() {
                    *path = folder.join(&path);
                }
            }
        }
        let Listen { tls, peer_tls, .. } = &mut config.listen;
        let tls = tls.iter_mut().flat_map(|Tls { certificate_file, key_file }| {
            [("listen.tls.certificate_file", certificate_file), ("listen.tls.key_file", key_file)]
        });
        let peer_tls = peer_tls.iter_mut().flat_map(|PeerTls { ca_file, certificate_file, key_file }| {
            [
                ("listen.peer_tls.ca_file", ca_file),
                ("listen.peer_tls.certificate_file", certificate_file),
                ("listen.peer_tls.key_file", key_file),
            ]
        });
        for (name, path) in tls.chain(peer_tls) {
            if let Some(folder) = folder(&layers, name) {
                *path = folder.join(&path);
            }
        }
        Ok(Loaded { config, layers })
    }
}

impl Loaded {
    /// The settings that are others in `now`.
    #[must_use]
    pub fn changed(&self, now: &Self) -> Vec<String> {
        let values = |loaded: &Self| -> BTreeMap<String, String> {
            loaded.explain().into_iter().map(|Setting { key, value, .. }| (key, value)).collect()
        };
        let (before, after) = (values(self), values(now));
        let keys = before.keys().chain(after.keys().filter(|key| !before.contains_key(*key)));
        let is_another = |key: &&String| before.get(*key) != after.get(*key);
        keys.filter(is_another).cloned().collect()
    }

    /// Every value that is in force and where it came from, in the order of the manual. What something else puts out of force
    /// is not among them.
    ///
    /// There is no secret among them: a configuration only names the files that hold one.
    #[must_use]
    pub fn explain(&self) -> Vec<Setting> {
        let mut settings = Vec::new();
        for section in SECTIONS {
            let Ok(value) = self.layers.find_value(section) else { continue };
            each_leaf(section.to_owned(), &value, &mut |key, leaf| {
                if self.config.obeys(&key) {
                    let source = self.layers.get_metadata(leaf.tag()).map_or_else(String::new, place);
                    settings.push(Setting { key, value: shown(leaf), source });
                }
            });
        }
        settings
    }
}

/// Visits everything that is no table, by its name; the items of a list of tables are numbered.
fn each_leaf(name: String, value: &Value, visit: &mut impl FnMut(String, &Value)) {
    if let Value::Dict(_, dict) = value {
        for (key, inner) in dict {
            each_leaf(format!("{name}.{key}"), inner, visit);
        }
    } else if let Value::Array(_, items) = value
        && items.iter().any(|item| item.as_dict().is_some())
    {
        for (position, inner) in items.iter().enumerate() {
            each_leaf(format!("{name}.{position}"), inner, visit);
        }
    } else {
        visit(name, value);
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
        let known = known_variables();
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

/// The variable of every setting; a list of tables has one.
fn known_variables() -> Vec<String> {
    let settings = Config::settings();
    let known = settings.iter().map(|setting| setting.split(LISTED).next().unwrap_or_default());
    known
        .map(|setting| {
            format!("{VARIABLE_PREFIX}{}", setting.replace('.', VARIABLE_JOINT).to_ascii_uppercase())
        })
        .collect()
}

/// The folder of the file that says what a setting is; none where a variable does.
fn folder(layers: &Figment, setting: &str) -> Option<PathBuf> {
    let value = layers.find_value(setting).ok()?;
    let file = layers.get_metadata(value.tag())?.source.as_ref()?.file_path()?;
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
