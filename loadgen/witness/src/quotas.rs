//! Quotas kept: of some products together no more places are given out than there are, whoever adds it up, and what is shown as left
//! is what is left.

use std::collections::BTreeMap;

use api::slot::Slot;

use crate::case::SlotCase;
use crate::finding::Finding;
use crate::model::Model;
use crate::tariff::Tariff;

pub(crate) fn judge(slot: &SlotCase<'_>, finding: &mut Finding) {
    let mut readings = BTreeMap::<u64, Vec<&Slot>>::new();
    for read in slot.readings() {
        readings.entry(read.seq).or_default().push(read);
    }
    let mut model = Model::default();
    for record in slot.records() {
        model.apply(record);
        let Some(terms) = slot.terms_at(record.seq) else { continue };
        for quota in Tariff::of(terms, record.at).quotas() {
            finding.examine();
            let left = model.left(quota);
            if left < 0 {
                finding.fail(format!(
                    "{}: at seq {} ({}) {} places are given out of the quota {}, of {}",
                    terms.id,
                    record.seq,
                    record.at,
                    i128::from(quota.size) - left,
                    quota.key,
                    quota.size
                ));
            }
        }
        for read in readings.remove(&record.seq).unwrap_or_default() {
            judge_reading(&model, read, finding);
        }
    }
}

/// What a slot shows as left of its quotas.
fn judge_reading(model: &Model<'_>, read: &Slot, finding: &mut Finding) {
    let quotas = read.quotas.iter().flatten();
    let left: BTreeMap<&str, i128> = quotas.map(|quota| (quota.key.as_str(), model.left(quota))).collect();
    let told = read.counts.quotas.iter().flatten();
    let told: BTreeMap<&str, i128> = told.map(|(key, left)| (key.as_str(), i128::from(*left))).collect();
    finding.examine();
    if told != left {
        finding.fail(format!(
            "{} was read at seq {} with {told:?} left of quotas, which come to {left:?}",
            read.id, read.seq
        ));
    }
}
