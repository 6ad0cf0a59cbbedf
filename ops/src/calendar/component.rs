//! Components: what stands between a `BEGIN` and its `END`.

use crate::calendar::Fault;
use crate::calendar::line::Line;

const CALENDAR: &str = "VCALENDAR";
const EVENT: &str = "VEVENT";

/// A `VEVENT`, without the components inside it (an alarm has a `DURATION` of its own).
#[derive(Debug)]
pub(super) struct Component {
    /// The line of its `BEGIN`.
    pub(super) line: usize,
    /// Its properties, in the order of the file.
    pub(super) properties: Vec<Line>,
}

/// A component that is open: its name, and the line of its `BEGIN`.
struct Open {
    name: String,
    line: usize,
}

impl Component {
    /// The property of this name, which may stand here once at most.
    pub(super) fn single(&self, name: &str) -> Result<Option<&Line>, Fault> {
        let mut all = self.all(name);
        let first = all.next();
        match (first, all.next()) {
            (Some(first), Some(second)) => {
                Err(second.fault(format!("{name} is given twice; the first is on line {}", first.number)))
            }
            _ => Ok(first),
        }
    }

    /// The properties of this name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &Line> {
        self.properties.iter().filter(move |line| line.name == name)
    }
}

/// The events of a file, in its order. What other components there are, to-dos and time zones, is passed over.
pub(super) fn events(lines: impl Iterator<Item = Result<Line, Fault>>) -> Result<Vec<Component>, Fault> {
    let mut events: Vec<Component> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut is_calendar = false;
    for line in lines {
        if !is_calendar {
            is_calendar = line.as_ref().is_ok_and(|line| line.name == "BEGIN" && names(line) == CALENDAR);
            if !is_calendar {
                let number = line.map_or_else(|fault| fault.line, |line| line.number);
                return Err(not_a_calendar(number));
            }
        }
        let line = line?;
        match line.name.as_str() {
            "BEGIN" => {
                begin(&open, &line)?;
                let name = names(&line);
                if name == EVENT {
                    events.push(Component { line: line.number, properties: Vec::new() });
                }
                open.push(Open { name, line: line.number });
            }
            "END" => end(&mut open, &line)?,
            _ => match (open.last(), events.last_mut()) {
                (None, _) => {
                    return Err(line.fault("this stands outside of BEGIN:VCALENDAR and END:VCALENDAR"));
                }
                (Some(innermost), Some(event)) if innermost.name == EVENT => event.properties.push(line),
                (Some(_), _) => {}
            },
        }
    }
    match open.last() {
        None if is_calendar => Ok(events),
        None => Err(not_a_calendar(1)),
        Some(unclosed) => Err(unclosed.fault("before the file ends")),
    }
}

impl Open {
    fn fault(&self, when: &str) -> Fault {
        Fault::new(self.line, format!("the {} that begins here is not closed {when}", self.name))
    }
}

/// A calendar stands by itself, an event stands in a calendar, and the rest stands anywhere in one.
fn begin(open: &[Open], line: &Line) -> Result<(), Fault> {
    let name = names(line);
    match open.last() {
        None if name == CALENDAR => Ok(()),
        None => Err(line.fault(format!("{name} stands outside of BEGIN:VCALENDAR and END:VCALENDAR"))),
        Some(outer) if name == CALENDAR || (name == EVENT && outer.name != CALENDAR) => {
            Err(outer.fault(&format!("before {name} begins on line {}", line.number)))
        }
        Some(_) => Ok(()),
    }
}

fn end(open: &mut Vec<Open>, line: &Line) -> Result<(), Fault> {
    let name = names(line);
    match open.pop() {
        Some(innermost) if innermost.name == name => Ok(()),
        Some(innermost) if open.iter().any(|outer| outer.name == name) => {
            Err(innermost.fault(&format!("before {name} ends on line {}", line.number)))
        }
        _ => Err(line.fault(format!("{name} ends here and did not begin"))),
    }
}

/// The component that a `BEGIN` or an `END` names.
fn names(line: &Line) -> String {
    line.value.trim().to_ascii_uppercase()
}

fn not_a_calendar(line: usize) -> Fault {
    Fault::new(line, "this is no iCalendar file: it must begin with BEGIN:VCALENDAR")
}
