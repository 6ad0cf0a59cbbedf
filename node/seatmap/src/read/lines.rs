//! CSV: `section,row,seats,category`, a line for what lies between two aisles. That is the list which promoters hand over.
//!
//! A further line of the same row begins after an aisle, wherever in the file it stands. Sections, rows and categories appear in the
//! order in which they are first named, and are called by their keys. Blanks around a field do not count, and a list of seats with a
//! comma in it stands in quotes: `stalls,A,"1-5,7",a`. Lines in which nothing stands are passed over. The format has no positions: what comes first is better.

use std::collections::BTreeMap;

use csv::{ReaderBuilder, StringRecord, Trim};

use crate::bounds::{BLOCK_SEATS_MAX, ROWS_MAX, SECTIONS_MAX};
use crate::draft::{Draft, RowDraft};
use crate::fault::{Error, Spot};
use crate::house::{Category, Seatmap};
use crate::number::read_item;

/// The first line.
const HEADER: [&str; 4] = ["section", "row", "seats", "category"];

/// What was read so far.
#[derive(Default)]
struct Lines {
    draft: Draft,
    sections: Vec<Section>,
    /// Which section, by key.
    indices: BTreeMap<String, usize>,
    row_count: usize,
}

/// A section in the making, and the line in which it was first named.
struct Section {
    line: u64,
    key: String,
    rows: Vec<(u64, String, RowDraft)>,
    /// Which row, by key.
    indices: BTreeMap<String, usize>,
}

impl Seatmap {
    /// Reads CSV. Its places are lines: [`Fault::pointer`](crate::Fault::pointer) is `#line=7`.
    pub fn from_csv(text: &[u8]) -> Result<Self, Error> {
        let not_csv =
            |error: &dyn std::fmt::Display| Error::Malformed(format!("the text is not CSV: {error}"));
        str::from_utf8(text).map_err(|error| not_csv(&error))?;
        let mut reader =
            ReaderBuilder::new().has_headers(false).flexible(true).trim(Trim::All).from_reader(text);
        let mut lines = Lines::default();
        let mut header = StringRecord::new();
        reader.read_record(&mut header).map_err(|error| not_csv(&error))?;
        if header != HEADER[..] {
            // What stands in the columns of another table is no fault of the lines.
            let detail = format_args!("must be the header {}", HEADER.join(","));
            lines.draft.faults.add(&Spot::Line(1), detail);
            return lines.draft.finish();
        }
        for record in reader.records() {
            let record = record.map_err(|error| not_csv(&error))?;
            let place = record.position().expect("a record that was read has a place");
            // The reader's place of a record is where it began to look for one: at empty lines before it, if there are any.
            let before = text[usize::try_from(place.byte()).expect("it is in the text")..].iter();
            let empty_lines = before.take_while(|byte| b"\r\n".contains(byte)).filter(|byte| **byte == b'\n');
            let line = place.line() + u64::try_from(empty_lines.count()).expect("a count fits");
            if !record.iter().all(str::is_empty) {
                lines.read(&record, line);
            }
            if lines.are_too_many() {
                break;
            }
        }
        lines.finish()
    }
}

impl Lines {
    fn read(&mut self, record: &StringRecord, line: u64) {
        let spot = Spot::Line(line);
        let fields: Vec<&str> = record.iter().collect();
        let [section, row, seats, category] = fields[..] else {
            let (have, want) = (fields.len(), HEADER.len());
            let detail =
                format_args!("must have {want} fields, not {have}: seats with a comma stand in quotes");
            return self.draft.faults.add(&spot, detail);
        };
        let category = self.category(&spot, category);
        let index = *self.indices.entry(section.to_owned()).or_insert(self.sections.len());
        if index == self.sections.len() {
            let (key, rows, indices) = (section.to_owned(), Vec::new(), BTreeMap::new());
            self.sections.push(Section { line, key, rows, indices });
        }
        let section = &mut self.sections[index];
        let index = *section.indices.entry(row.to_owned()).or_insert(section.rows.len());
        if index == section.rows.len() {
            section.rows.push((line, row.to_owned(), RowDraft::default()));
            self.row_count += 1;
        }
        let (_, _, row) = &mut section.rows[index];
        match read_item(seats, BLOCK_SEATS_MAX) {
            Ok(numbers) => self.draft.block(&spot, row, numbers, category),
            Err(detail) => {
                self.draft.faults.add(&spot, format_args!("must have seats between two aisles: {detail}"));
            }
        }
    }

    /// Whether there is one section or row more than there may be: it is told of, and those behind it would only take memory.
    fn are_too_many(&self) -> bool {
        SECTIONS_MAX < self.sections.len() || ROWS_MAX < self.row_count
    }

    /// The number of the category, which is there from the first time that it is named.
    fn category(&mut self, spot: &Spot<'_>, key: &str) -> u8 {
        if self.draft.category_number(key).is_none() {
            self.draft.category(spot, Category { key: key.to_owned(), name: key.to_owned() });
        }
        // A stand-in where there are too many.
        self.draft.category_number(key).unwrap_or_default()
    }

    fn finish(mut self) -> Result<Seatmap, Error> {
        if self.sections.is_empty() && self.draft.faults.len() == 0 {
            self.draft
                .faults
                .add(&Spot::Line(2), "must be there: a map has a section with a row with a seat");
        }
        for Section { line, key, rows, .. } in self.sections {
            self.draft.section(&Spot::Line(line), &key, key.clone());
            for (line, key, row) in rows {
                self.draft.row(&Spot::Line(line), &key, row);
            }
        }
        self.draft.finish()
    }
}
