//! Which parts a backup has, and whether they are those of one cluster and go on where those before them end.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::frame::Head;

/// The file in a backup's folder that says what is in it; written last.
pub const MANIFEST: &str = "manifest.json";
/// The version of what the manifest says.
pub const VERSION: u32 = 1;
/// Which parts a backup has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`VERSION`].
    pub version: u32,
    /// Its number among the backups of one folder, from 1 on, which is the name of its folder.
    pub number: u32,
    /// The one before it that has what it leaves out.
    pub base: Option<u32>,
    /// When it was begun, by the clock of whoever made it, in milliseconds since 1970.
    pub began_ms: u64,
    /// The cluster's number.
    pub cluster: String,
    /// One part a group, by number.
    pub parts: Vec<Part>,
    /// Whether what two groups know of each other was compared. Each part is of an index of its own, so it need not fit together; as long
    /// as nobody has compared it, this is null.
    pub pairs_compared_ms: Option<u64>,
}

/// A part as a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Which group.
    pub group: u32,
    /// The file's name.
    pub file: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// SHA-256 of it: 64 hexadecimal digits.
    pub sha256: String,
    /// As in its head.
    pub saved: u64,
    /// As in its head.
    pub index: u64,
    /// As in its head.
    pub digest: Option<String>,
    /// As in its head.
    pub since: Option<u64>,
}

impl Manifest {
    /// Whether every group is in it once, and goes on where that of the backup before it ends: what is wrong, if not.
    ///
    /// # Errors
    ///
    /// What is wrong.
    pub fn check(&self, before: Option<&Self>) -> Result<(), String> {
        let groups: BTreeSet<u32> = self.parts.iter().map(|part| part.group).collect();
        let are_all =
            groups.len() == self.parts.len() && (0..).zip(&groups).all(|(place, group)| place == *group);
        if groups.is_empty() || !are_all {
            return Err("it does not have every group once".to_owned());
        }
        if let Some(before) = before.filter(|before| before.cluster != self.cluster) {
            return Err(format!(
                "it is of cluster {}, and the backup before it of cluster {}: two backups are mixed up",
                self.cluster, before.cluster
            ));
        }
        for Part { group, since, .. } in &self.parts {
            let part = before.map(|before| before.parts.iter().find(|part| part.group == *group));
            if part == Some(None) || *since != part.flatten().map(|part| part.saved) {
                return Err(format!("group {group} does not go on where the backup before it ends"));
            }
        }
        Ok(())
    }

    /// Whether a part begins with what stands here of it.
    #[must_use]
    pub fn names(&self, part: &Part, head: &Head) -> bool {
        let Part { group, saved, index, digest, since, .. } = part;
        let said = (&self.cluster, group, saved, index, digest, since);
        let found = (&head.cluster, &head.group, &head.saved, &head.index, &head.digest, &head.since);
        said == found && usize::try_from(head.groups) == Ok(self.parts.len())
    }
}

/// Bytes as a manifest writes them: two hexadecimal digits each.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_in_two_digits_each() {
        assert_eq!(hex(&[0, 9, 0xAB, 0xFF]), "0009abff");
        assert_eq!(hex(&[]), "");
    }

    fn manifest(number: u32, parts: &[(u32, Option<u64>)]) -> Manifest {
        let part = |&(group, since): &(u32, Option<u64>)| Part {
            group,
            file: format!("group-{group}.box"),
            bytes: 1,
            sha256: "x".to_owned(),
            saved: 8,
            index: 9,
            digest: None,
            since,
        };
        Manifest {
            version: VERSION,
            number,
            base: None,
            began_ms: 1,
            cluster: "7".to_owned(),
            parts: parts.iter().map(part).collect(),
            pairs_compared_ms: None,
        }
    }

    #[test]
    fn a_backup_has_every_group_and_goes_on_where_another_ends() {
        let whole = manifest(1, &[(0, None), (1, None)]);
        let behind = manifest(2, &[(0, Some(8)), (1, Some(8))]);
        let other = Manifest { cluster: "8".to_owned(), ..whole.clone() };
        for (manifest, before, says) in [
            (&whole, None, None),
            (&behind, Some(&whole), None),
            (&manifest(1, &[(1, None), (0, None)]), None, None),
            (&manifest(1, &[]), None, Some("every group once")),
            (&manifest(1, &[(0, None), (0, None)]), None, Some("every group once")),
            (&manifest(1, &[(0, None), (2, None)]), None, Some("every group once")),
            (&manifest(1, &[(1, None)]), None, Some("every group once")),
            (&behind, None, Some("group 0 does not go on")),
            (&whole, Some(&whole), Some("group 0 does not go on")),
            (&manifest(2, &[(0, Some(8)), (1, Some(9))]), Some(&whole), Some("group 1 does not go on")),
            (&behind, Some(&manifest(1, &[(0, None)])), Some("group 1 does not go on")),
            (&behind, Some(&other), Some("of cluster 7, and the backup before it of cluster 8")),
        ] {
            match (manifest.check(before), says) {
                (found, None) => assert_eq!(found, Ok(()), "{manifest:?}"),
                (found, Some(says)) => assert!(found.is_err_and(|why| why.contains(says)), "{says}"),
            }
        }
        let text = serde_json::to_string(&behind).expect("JSON");
        let part = |group| {
            format!(
                r#"{{"group":{group},"file":"group-{group}.box","bytes":1,"sha256":"x","saved":8,"index":9,"digest":null,"since":8}}"#
            )
        };
        let want = format!(
            r#"{{"version":1,"number":2,"base":null,"began_ms":1,"cluster":"7","parts":[{},{}],"pairs_compared_ms":null}}"#,
            part(0),
            part(1)
        );
        assert_eq!(text, want, "these words are for ever");
    }
}
